//! A configuration that is read again: exactly what differs happens, and nothing else.
#![cfg(test)]

mod support;

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use nix::sys::signal::Signal;
use support::wire::{self, Open};
use support::{BOTH, Daemon, Helper, IPV4, Listener, Peer, neighbor, place};

fn routes(list: &[(&str, u32)]) -> String {
    let mut text = "    static {\n".to_owned();
    for (prefix, med) in list {
        writeln!(text, "        route {prefix} next-hop 10.0.0.9 med {med};").unwrap();
    }
    text.push_str("    }\n");
    text
}

/// A session with these routes, and a helper that may command it.
fn with_helper(helper: &Helper, listener: &Listener, list: &[(&str, u32)]) -> String {
    let rest = format!("{IPV4}{}{}", helper.api(""), routes(list));
    format!("{}{}", helper.process(), neighbor(listener, &rest))
}

/// Every UPDATE until one announces the marker, a route that each new file ends with.
fn changes(peer: &mut Peer, marker: &str) -> (Vec<String>, Vec<String>) {
    let (mut announced, mut withdrawn) = (Vec::new(), Vec::new());
    loop {
        let update = peer.update();
        announced.extend(update.announced);
        withdrawn.extend(update.withdrawn);
        if announced.iter().any(|prefix| prefix == marker) {
            announced.retain(|prefix| prefix != marker);
            announced.sort();
            withdrawn.sort();
            return (announced, withdrawn);
        }
    }
}

#[test]
fn only_the_routes_that_differ_are_sent() {
    let listener = Listener::new();
    let configuration =
        |list: &[(&str, u32)]| neighbor(&listener, &format!("{IPV4}{}", routes(list)));
    let first = [("10.0.0.0/24", 1), ("10.0.1.0/24", 1), ("10.0.2.0/24", 1), ("10.0.3.0/24", 1)];
    let daemon = Daemon::start(&configuration(&first));
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();

    let second = [
        ("10.0.0.0/24", 1),
        ("10.0.1.0/24", 2),
        ("10.0.3.0/24", 1),
        ("10.0.4.0/24", 1),
        ("10.9.0.0/24", 9),
    ];
    daemon.reconfigure(&configuration(&second));
    daemon.signal(Signal::SIGUSR1);
    let mut withdrawn = Vec::new();
    let mut announced = Vec::new();
    while withdrawn.is_empty() || announced.len() < 3 {
        let update = peer.update();
        let med = update.attribute(4).unwrap_or_default();
        announced.extend(update.announced.into_iter().map(|prefix| (prefix, med.clone())));
        withdrawn.extend(update.withdrawn);
    }
    announced.sort();
    assert_eq!(
        announced,
        [("10.0.1.0/24", "00000002"), ("10.0.4.0/24", "00000001"), ("10.9.0.0/24", "00000009")]
            .map(|(prefix, med)| (prefix.to_owned(), med.to_owned()))
    );
    assert_eq!(withdrawn, ["10.0.2.0/24"]);
    assert_eq!(peer.only_keepalives(Duration::from_millis(300)), 0, "and nothing else");

    // The same file again changes nothing; the way back is as exact.
    daemon.signal(Signal::SIGUSR1);
    daemon.reconfigure(&configuration(&first));
    daemon.signal(Signal::SIGUSR1);
    let (mut announced, mut withdrawn) = (Vec::new(), Vec::new());
    while announced.len() < 2 || withdrawn.len() < 2 {
        let update = peer.update();
        announced.extend(update.announced);
        withdrawn.extend(update.withdrawn);
    }
    announced.sort();
    withdrawn.sort();
    assert_eq!(announced, ["10.0.1.0/24", "10.0.2.0/24"]);
    assert_eq!(withdrawn, ["10.0.4.0/24", "10.9.0.0/24"]);
}

#[test]
fn a_faulty_file_changes_nothing() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let configuration = |list: &[(&str, u32)]| with_helper(&helper, &listener, list);
    let mut daemon = Daemon::start(&configuration(&[("10.0.0.0/24", 1), ("10.0.1.0/24", 1)]));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    let faulty = configuration(&[("10.0.0.0/24", 1), ("10.0.2.0/24", 1)])
        .replace("local-as 65000", "local-as banana");
    for _ in 0..2 {
        daemon.reconfigure(&faulty);
        daemon.signal(Signal::SIGUSR1);
        daemon.logged("banana");
        link.done("announce route 10.8.0.0/24 next-hop 10.0.0.9");
    }
    assert_eq!(peer.update().announced, ["10.8.0.0/24"], "the first thing since");
    // The next good file is compared with what runs.
    daemon.reconfigure(&configuration(&[("10.0.0.0/24", 1), ("10.9.0.0/24", 1)]));
    daemon.signal(Signal::SIGUSR1);
    let (announced, withdrawn) = changes_with(&mut peer, 1, 1);
    assert_eq!((announced, withdrawn), (vec!["10.9.0.0/24".into()], vec!["10.0.1.0/24".into()]));
    link.done("announce route 10.8.1.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.8.1.0/24"]);
    daemon.lives();
}

/// UPDATEs until so many prefixes were announced and withdrawn.
fn changes_with(peer: &mut Peer, announced: usize, withdrawn: usize) -> (Vec<String>, Vec<String>) {
    let mut found = (Vec::new(), Vec::new());
    while found.0.len() < announced || found.1.len() < withdrawn {
        let update = peer.update();
        found.0.extend(update.announced);
        found.1.extend(update.withdrawn);
    }
    found.0.sort();
    found.1.sort();
    found
}

#[test]
fn neighbors_come_and_go() {
    let listeners: Vec<Listener> = (0..3).map(|_| Listener::bind(place::own_address())).collect();
    let section = |index: usize| {
        neighbor(&listeners[index], &format!("{IPV4}{}", routes(&[("10.0.0.0/24", 1)])))
    };
    let mut daemon = Daemon::start(&format!("{}{}", section(0), section(1)));
    let mut stays = listeners[0].establish(&Open::ipv4());
    let mut goes = listeners[1].establish(&Open::ipv4());
    stays.updates_until_eor();
    goes.updates_until_eor();
    daemon.reconfigure(&format!("{}{}", section(2), section(0)));
    daemon.signal(Signal::SIGUSR1);
    assert_eq!(goes.notified(), (6, 3), "Peer De-configured");
    let mut comes = listeners[2].establish(&Open::ipv4());
    assert_eq!(comes.updates_until_eor().len(), 1);
    assert_eq!(stays.only_keepalives(Duration::from_millis(200)), 0, "as if nothing had been");
    assert!(listeners[1].accept_within(Duration::ZERO).is_none(), "it is not called again");
    daemon.lives();
}

#[test]
fn a_changed_neighbor_is_opened_again() {
    let listener = Listener::new();
    let witness = Listener::bind(place::own_address());
    let section = |rest: &str| format!("{}{}", neighbor(&listener, rest), neighbor(&witness, IPV4));
    let daemon = Daemon::start(&section(IPV4));
    let mut peer = listener.establish(&Open::ipv4());
    let mut other = witness.establish(&Open::ipv4());
    peer.updates_until_eor();
    other.updates_until_eor();
    assert_eq!(peer.theirs().hold, 180);
    daemon.reconfigure(&section(&format!("    hold-time 90;\n{BOTH}")));
    daemon.signal(Signal::SIGUSR1);
    let (code, subcode) = peer.notified();
    assert!(code == 6 && [3, 4, 6].contains(&subcode), "{code}/{subcode}");
    let mut peer = listener.establish(&Open::ipv4());
    assert_eq!(peer.theirs().hold, 90);
    assert_eq!(peer.theirs().capability(1).len(), 2);
    peer.updates_until_eor();
    assert_eq!(other.only_keepalives(Duration::from_millis(200)), 0, "the other one is untouched");
}

#[test]
fn routes_of_helpers_outlive_a_reload() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let configuration = |list: &[(&str, u32)]| with_helper(&helper, &listener, list);
    let daemon = Daemon::start(&configuration(&[("10.0.0.0/24", 1)]));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    link.done("announce route 10.8.0.0/24 next-hop 10.0.0.9");
    peer.update();
    daemon.reconfigure(&configuration(&[("10.9.0.0/24", 1)]));
    daemon.signal(Signal::SIGUSR1);
    assert_eq!(
        changes_with(&mut peer, 1, 1),
        (vec!["10.9.0.0/24".to_owned()], vec!["10.0.0.0/24".to_owned()])
    );
    // Still the same helper, and its route still stands.
    let mut shown = link.done("show adj-rib out");
    shown.sort();
    assert_eq!(
        shown,
        [
            "127.0.0.1 ipv4 unicast 10.8.0.0/24 next-hop 10.0.0.9",
            "127.0.0.1 ipv4 unicast 10.9.0.0/24 next-hop 10.0.0.9",
        ]
    );
    assert!(helper.accept_within(Duration::ZERO).is_none(), "it was not started again");
}

#[test]
fn helpers_come_and_go() {
    let helpers = ["one", "two"].map(Helper::new);
    let listener = Listener::new();
    let configuration = |helper: &Helper| {
        format!("{}{}", helper.process(), neighbor(&listener, &format!("{IPV4}{}", helper.api(""))))
    };
    let daemon = Daemon::start(&configuration(&helpers[0]));
    let mut old = helpers[0].accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    daemon.reconfigure(&configuration(&helpers[1]));
    daemon.signal(Signal::SIGUSR1);
    let mut new = helpers[1].accept();
    old.end();
    new.done("announce route 10.8.0.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.8.0.0/24"], "the session stayed");
}

#[test]
fn a_reload_may_be_asked_by_a_helper() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let configuration = |list: &[(&str, u32)]| with_helper(&helper, &listener, list);
    let daemon = Daemon::start(&configuration(&[("10.0.0.0/24", 1)]));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    daemon.reconfigure(&configuration(&[("10.0.0.0/24", 1), ("10.0.1.0/24", 1)]));
    assert_eq!(link.done("reload"), ["reload in progress"]);
    assert_eq!(peer.update().announced, ["10.0.1.0/24"]);
}

#[test]
fn what_changes_while_a_session_is_down_is_not_announced_later() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let configuration = |list: &[(&str, u32)]| with_helper(&helper, &listener, list);
    let daemon = Daemon::start(&configuration(&[("10.0.0.0/24", 1), ("10.0.1.0/24", 1)]));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    assert_eq!(changes(&mut peer, "10.0.1.0/24").0, ["10.0.0.0/24"]);
    drop(peer);
    let mut waiting = listener.accept();
    waiting.their_open();
    daemon.reconfigure(&configuration(&[("10.0.1.0/24", 2), ("10.0.2.0/24", 2)]));
    link.done("reload");
    link.done("version");
    link.done("version");
    waiting.send(&Open::ipv4().bytes());
    waiting.send(&wire::keepalive());
    assert_eq!(waiting.frame().kind, wire::KEEPALIVE);
    let mut announced = Vec::new();
    while announced.len() < 2 {
        announced.extend(waiting.update().announced);
    }
    announced.sort();
    assert_eq!(announced, ["10.0.1.0/24", "10.0.2.0/24"]);
}

#[test]
fn a_large_reload_sends_the_changes_alone() {
    const COUNT: usize = 20_000;
    let listener = Listener::new();
    let configuration = |changed: usize| {
        let mut text = format!("{IPV4}    static {{\n");
        for number in 0..COUNT {
            let med = if number < changed { 2 } else { 1 };
            let (high, low) = (number / 256, number % 256);
            writeln!(text, "        route 10.{high}.{low}.0/24 next-hop 10.0.0.9 med {med};")
                .unwrap();
        }
        text.push_str("    }\n");
        neighbor(&listener, &text)
    };
    let daemon = Daemon::start(&configuration(0));
    let mut peer = listener.establish(&Open::ipv4());
    let first: usize = peer.updates_until_eor().iter().map(|update| update.announced.len()).sum();
    assert_eq!(first, COUNT);
    daemon.reconfigure(&configuration(200));
    daemon.signal(Signal::SIGUSR1);
    let (announced, withdrawn) = changes_with(&mut peer, 200, 0);
    assert_eq!((announced.len(), withdrawn.len()), (200, 0));
    assert_eq!(peer.only_keepalives(Duration::from_millis(200)), 0);
}

/// A range for which the program listens on `port` of 127.0.0.1.
fn range(port: u16, rest: &str) -> String {
    format!(
        "neighbor 127.64.0.0/10 {{ router-id 10.0.0.1; local-address 127.0.0.1; local-as 65000; \
         peer-as 65001; passive; listen {port};\n{IPV4}{rest} }}\n"
    )
}

#[test]
fn callers_of_a_range_follow_it() {
    let home = IpAddr::from([127, 0, 0, 1]);
    let door = SocketAddr::new(home, place::free_port(home));
    let configuration = |list: &[(&str, u32)]| range(door.port(), &routes(list));
    let daemon = Daemon::start(&configuration(&[("10.0.0.0/24", 1)]));
    let mut peers: Vec<Peer> = (0..2).map(|_| Peer::connect(place::own_address(), door)).collect();
    for peer in &mut peers {
        peer.establish(&Open::ipv4());
        peer.updates_until_eor();
    }
    daemon.reconfigure(&configuration(&[("10.9.0.0/24", 1)]));
    daemon.signal(Signal::SIGUSR1);
    for peer in &mut peers {
        let (announced, withdrawn) = changes_with(peer, 1, 1);
        assert_eq!((&*announced[0], &*withdrawn[0]), ("10.9.0.0/24", "10.0.0.0/24"));
    }
    daemon.reconfigure(&neighbor(&Listener::new(), IPV4));
    daemon.signal(Signal::SIGUSR1);
    for peer in &mut peers {
        assert_eq!(peer.notified(), (6, 3), "Peer De-configured");
    }
}

#[test]
fn a_file_that_is_gone_changes_nothing() {
    let listener = Listener::new();
    let configuration =
        |list: &[(&str, u32)]| neighbor(&listener, &format!("{IPV4}{}", routes(list)));
    let mut daemon = Daemon::start(&configuration(&[("10.0.0.0/24", 1)]));
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    std::fs::remove_file(daemon.place().join("exabgp.conf")).unwrap();
    daemon.signal(Signal::SIGUSR1);
    daemon.logged("file not found");
    daemon.reconfigure("");
    daemon.signal(Signal::SIGUSR1);
    daemon.logged("no data");
    daemon.reconfigure(&configuration(&[("10.0.0.0/24", 1), ("10.9.0.0/24", 1)]));
    daemon.signal(Signal::SIGUSR1);
    assert_eq!(peer.update().announced, ["10.9.0.0/24"]);
    daemon.lives();
}

#[test]
fn a_template_changes_those_that_inherit_it() {
    let listeners: Vec<Listener> = (0..3).map(|_| Listener::bind(place::own_address())).collect();
    let configuration = |list: &[(&str, u32)], rest: &str| {
        let section = |index: usize, rest: &str| neighbor(&listeners[index], rest);
        let inherit = format!("{IPV4}    inherit t;\n{rest}");
        let template = format!("template {{ neighbor t {{\n{}    }} }}\n", routes(list));
        let own = format!("{IPV4}{}", routes(&[("10.7.0.0/24", 7)]));
        template + &section(0, &inherit) + &section(1, &inherit) + &section(2, &own)
    };
    let daemon = Daemon::start(&configuration(&[("10.0.0.0/24", 1)], ""));
    let mut peers: Vec<Peer> =
        listeners.iter().map(|listener| listener.establish(&Open::ipv4())).collect();
    for peer in &mut peers {
        assert_eq!(peer.updates_until_eor().len(), 1);
    }
    // What is only said of a neighbor, and what helpers hear, ends no session.
    daemon.reconfigure(&configuration(&[("10.0.0.0/24", 2)], "    description \"new\";\n"));
    daemon.signal(Signal::SIGUSR1);
    for peer in &mut peers[..2] {
        let update = peer.update();
        assert_eq!(update.announced, ["10.0.0.0/24"]);
        assert_eq!(update.attribute(4).as_deref(), Some("00000002"));
    }
    assert_eq!(peers[2].only_keepalives(Duration::from_millis(200)), 0);
}

#[test]
fn a_key_that_left_the_file_is_no_longer_asked_for() {
    let home = IpAddr::from([127, 0, 0, 1]);
    let door = SocketAddr::new(home, place::free_port(home));
    let configuration = |rest: &str| range(door.port(), rest);
    let daemon = Daemon::start(&configuration("    md5-password secret;\n"));
    daemon.logged("listening on");
    let caller = place::own_address();
    assert!(Peer::dial(caller, door, Duration::from_millis(300)).is_none(), "an unsigned call");
    daemon.reconfigure(&configuration(""));
    daemon.signal(Signal::SIGUSR1);
    daemon.logged("reload: neighbors");
    let mut peer = Peer::connect(caller, door);
    peer.establish(&Open::ipv4());
    peer.updates_until_eor();
}

#[test]
fn without_a_key_in_the_kernel_one_neighbor_waits_and_the_others_go_on() {
    let listeners: Vec<Listener> = (0..2).map(|_| Listener::bind(place::own_address())).collect();
    let key = "    tcp-ao { keyid 1; algorithm hmac-sha-256; password secret; }\n";
    let with_key = neighbor(&listeners[0], &format!("{IPV4}{key}"));
    let mut daemon = Daemon::start(&format!("{with_key}{}", neighbor(&listeners[1], IPV4)));
    let mut peer = listeners[1].establish(&Open::ipv4());
    peer.updates_until_eor();
    // Signed or not at all: our listener has no key, so that no call of theirs may get through.
    assert!(listeners[0].accept_within(Duration::from_millis(300)).is_none());
    if daemon.log().contains("TCP-AO") {
        daemon.logged("this kernel has no TCP-AO");
    }
    daemon.lives();
}
