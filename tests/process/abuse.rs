//! Helpers that misbehave: they flood, never read, say nonsense. The sessions do not notice.

use std::fmt::Write;
use std::time::Duration;

use super::Stage;
use crate::support::wire::{self, Open, attribute};
use crate::support::{
    Daemon, Deadline, Helper, IPV4, Link, Listener, Peer, Stopwatch, neighbor, place,
};

fn answers(link: &mut Link, peer: &mut Peer) {
    link.done("announce route 10.99.0.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.99.0.0/24"]);
}

#[test]
fn a_flood_of_commands_is_done_to_the_last_one() {
    const COUNT: usize = 100_000;
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    let mut said = String::with_capacity(COUNT * 48);
    for number in 0..COUNT {
        let (high, middle, low) = (number >> 16, number >> 8 & 255, number & 255);
        writeln!(said, "announce route 10.{high}.{middle}.{low}/32 next-hop 10.0.0.9").unwrap();
    }
    link.raw(said.as_bytes());
    let mut announced = 0;
    while announced < COUNT {
        announced += peer.update().announced.len();
    }
    assert_eq!(announced, COUNT);
    for _ in 0..COUNT {
        assert_eq!(link.reply().verdict, "done");
    }
    answers(&mut link, &mut peer);
}

/// An UPDATE whose event is some hundred octets long.
fn update(number: u32) -> Vec<u8> {
    let mut attributes = wire::attributes(&[65001], "10.0.0.2");
    attributes.extend(attribute(0x80, 4, &number.to_be_bytes()));
    wire::update(&[], &attributes, &["10.1.0.0/24"])
}

#[test]
fn a_helper_that_never_reads_holds_nobody_else_up() {
    const COUNT: u32 = 6000;
    let (deaf, good) = (Helper::new("deaf"), Helper::new("good"));
    let (first, second) = (Listener::new(), Listener::bind(place::own_address()));
    let wishes = "receive { parsed; update; }";
    let configuration = format!(
        "{}{}{}{}",
        deaf.process_with("encoder json;", "deaf"),
        good.process(),
        neighbor(&first, &format!("{IPV4}{}", deaf.api(wishes))),
        neighbor(&second, &format!("{IPV4}{}", good.api(wishes))),
    );
    let mut daemon = Daemon::start(&configuration);
    let _deaf = deaf.accept();
    let mut link = good.accept();
    let mut loud = first.establish(&Open::ipv4().hold(3));
    let mut quiet = second.establish(&Open::ipv4().hold(3));
    loud.updates_until_eor();
    quiet.updates_until_eor();
    let stream: Vec<u8> = (0..COUNT).flat_map(update).collect();
    loud.send(&stream);
    // The other session, its helper and the timers of both go on.
    for number in 0..3 {
        quiet.send(&update(number));
        let event = link.event_at("/neighbor/message/update/attribute/med", None);
        assert_eq!(event["neighbor"]["message"]["update"]["attribute"]["med"], number);
        link.done(&format!("announce route 10.98.{number}.0/24 next-hop 10.0.0.9"));
        assert_eq!(quiet.update().announced, [format!("10.98.{number}.0/24")]);
        loud.send(&wire::keepalive());
        let heard = loud.only_keepalives(Duration::from_millis(1200));
        assert!(heard >= 1, "keepalives to the peer of the deaf helper");
    }
    daemon.lives();
}

/// The memory that the program has, in kilobytes.
fn resident(daemon: &Daemon) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_stopped_helper_hears_everything_in_order_when_it_goes_on() {
    const COUNT: u32 = 20_000;
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let wishes = helper.api("receive { parsed; update; }");
    let daemon = Daemon::start(&format!(
        "{}{}",
        helper.process(),
        neighbor(&listener, &format!("{IPV4}{wishes}"))
    ));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4().hold(3));
    peer.updates_until_eor();
    let before = resident(&daemon);
    let pid = nix::unistd::Pid::from_raw(i32::try_from(link.pid).expect("a process id"));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGSTOP).expect("a stopped helper");
    let stream: Vec<u8> = (0..COUNT).flat_map(update).collect();
    peer.send(&stream);
    daemon.logged("process reads slowly name=helper");
    // Longer than the hold time: what the peer says to hold it is not read now.
    for _ in 0..4 {
        peer.send(&wire::keepalive());
        assert!(peer.only_keepalives(Duration::from_millis(1200)) >= 1);
    }
    let grown = resident(&daemon).saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} kB more");
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGCONT).expect("a helper that goes on");
    for number in 0..COUNT {
        let event = link.event_at("/neighbor/message/update/attribute/med", None);
        assert_eq!(event["neighbor"]["message"]["update"]["attribute"]["med"], number);
    }
    answers(&mut link, &mut peer);
}

#[test]
fn a_helper_that_closed_its_input_is_no_harm() {
    let (closed, good) = (Helper::new("closed"), Helper::new("good"));
    let (first, second) = (Listener::new(), Listener::bind(place::own_address()));
    let wishes = "neighbor-changes; receive { parsed; update; }";
    let configuration = format!(
        "{}{}{}{}",
        closed.process_with("encoder json;", "closed"),
        good.process(),
        neighbor(&first, &format!("{IPV4}{}", closed.api(wishes))),
        neighbor(&second, &format!("{IPV4}{}", good.api(wishes))),
    );
    let mut daemon = Daemon::start(&configuration);
    let _closed = closed.accept();
    let mut link = good.accept();
    let mut first = first.establish(&Open::ipv4());
    first.updates_until_eor();
    let mut second = second.establish(&Open::ipv4());
    second.updates_until_eor();
    for number in 0..50 {
        first.offer(&update(number));
    }
    second.send(&update(7));
    link.event_at("/neighbor/message/update/attribute/med", None);
    answers(&mut link, &mut second);
    daemon.lives();
}

#[test]
fn octets_that_are_not_ascii_are_an_error_and_no_more() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    link.raw(b"\xff\xfe\x80announce route\xc3\xa9\n");
    assert_eq!(link.reply().verdict, "error");
    link.raw(b"announce route 10.0.0.0/24 next-hop \x0010.0.0.9\n");
    assert_eq!(link.reply().verdict, "error");
    answers(&mut link, &mut peer);
}

#[test]
fn a_line_without_end_is_an_error_and_no_more() {
    let Stage { mut daemon, helper, mut peer, mut link, .. } = Stage::new("");
    let mut line = vec![b'x'; 3 << 20];
    line.push(b'\n');
    // The helper may be told, or ended and started again.
    if !link.offer(&line) || link.try_line(Deadline::usual()).is_none() {
        link = helper.accept();
    }
    daemon.lives();
    while link.ask("version").verdict != "done" {}
    answers(&mut link, &mut peer);
}

#[test]
fn a_long_list_takes_no_time() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    let communities = "65000:1 ".repeat(100_000);
    let command =
        format!("announce route 10.0.0.0/24 next-hop 10.0.0.9 community [ {communities}]");
    let watch = Stopwatch::start();
    // 400,000 octets are more than an attribute has room for: refused, or kept and never sent.
    link.ask(&command);
    assert!(watch.elapsed() < Duration::from_secs(5), "{:?}", watch.elapsed());
    answers(&mut link, &mut peer);
}

#[test]
fn lines_may_come_in_pieces_and_in_odd_forms() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    for piece in "announce route 10.0.0.0/24 next-hop 10.0.0.9\n".as_bytes().chunks(3) {
        link.raw(piece);
    }
    assert_eq!(link.reply().verdict, "done");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    link.raw(b"\t announce   route\t10.0.1.0/24  next-hop 10.0.0.9 \r\n");
    assert_eq!(link.reply().verdict, "done");
    assert_eq!(peer.update().announced, ["10.0.1.0/24"]);
    link.raw(b"announce route 10.0.2.0/24 next-hop 10.0.0.9 as-path [65000,65001]\n");
    assert_eq!(link.reply().verdict, "done");
    assert_eq!(peer.update().attribute(2).as_deref(), Some("02020000fde80000fde9"));
    link.raw(b"\n");
    assert_eq!(link.reply().verdict, "done", "an empty line is a remark");
}

#[test]
fn a_helper_that_floods_leaves_the_others_their_turn() {
    let (loud, good) = (Helper::new("loud"), Helper::new("good"));
    let (first, second) = (Listener::new(), Listener::bind(place::own_address()));
    let configuration = format!(
        "{}{}{}{}",
        loud.process_with("encoder json;", "deaf"),
        good.process(),
        neighbor(&first, &format!("{IPV4}{}", loud.api(""))),
        neighbor(&second, &format!("{IPV4}{}", good.api(""))),
    );
    let mut daemon = Daemon::start(&configuration);
    let mut flood = loud.accept();
    let mut link = good.accept();
    let mut peer = second.establish(&Open::ipv4());
    peer.updates_until_eor();
    flood.raw("nonsense that is refused\n".repeat(4000).as_bytes());
    answers(&mut link, &mut peer);
    daemon.lives();
}
