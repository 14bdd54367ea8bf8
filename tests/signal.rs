//! Signals: the orderly end, and the restarts.
#![cfg(test)]

mod support;

use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use support::wire::Open;
use support::{Daemon, Helper, IPV4, Listener, neighbor, until};

#[test]
fn every_signal_of_the_end_is_orderly() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let helper = Helper::new("helper");
        let listener = Listener::new();
        let rest = format!("{IPV4}{}", helper.api(""));
        let mut daemon =
            Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
        let mut link = helper.accept();
        let mut peer = listener.establish(&Open::ipv4());
        peer.updates_until_eor();
        daemon.signal(signal);
        assert_eq!(peer.notified(), (6, 2), "{signal}");
        assert_eq!(daemon.finish().code(), Some(0), "{signal}");
        link.end();
    }
}

#[test]
fn the_pid_file_lives_as_long_as_the_program() {
    let listener = Listener::new();
    let starting = Daemon::with(&neighbor(&listener, IPV4));
    let path = starting.place().join("pid");
    let mut daemon = starting.set("daemon.pid", path.display().to_string()).start();
    listener.establish(&Open::ipv4()).updates_until_eor();
    let text = fs::read_to_string(&path).expect("the pid file");
    assert_eq!(text.trim(), daemon.pid().to_string());
    assert_eq!(daemon.stop(), Some(0));
    assert!(!path.exists(), "the pid file is left behind");
}

#[test]
fn a_stale_pid_file_is_taken_over_and_a_living_one_is_not() {
    let listener = Listener::new();
    let starting = Daemon::with(&neighbor(&listener, IPV4));
    let path = starting.place().file("pid", format!("999999999{}", "\n".repeat(40)));
    let mut first = starting.set("daemon.pid", path.display().to_string()).start();
    listener.establish(&Open::ipv4()).updates_until_eor();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.len() < 20, "the old content is gone: {text:?}");
    assert_eq!(text.trim(), first.pid().to_string());
    let mut second = Daemon::with(&neighbor(&listener, IPV4))
        .set("daemon.pid", path.display().to_string())
        .start();
    assert_eq!(second.finish().code(), Some(1));
    assert!(second.log().contains(&path.display().to_string()), "{}", second.log());
    assert_eq!(fs::read_to_string(&path).unwrap().trim(), first.pid().to_string());
    first.lives();
}

#[test]
fn an_alarm_opens_every_session_again() {
    let listener = Listener::new();
    let rest = format!("{IPV4}    static {{ route 10.0.0.0/24 next-hop 10.0.0.9; }}\n");
    let mut daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.establish(&Open::ipv4());
    assert_eq!(peer.updates_until_eor().len(), 1);
    daemon.signal(Signal::SIGALRM);
    assert_eq!(peer.notified().0, 6);
    assert_eq!(listener.establish(&Open::ipv4()).updates_until_eor().len(), 1);
    daemon.lives();
}

#[test]
fn the_second_user_signal_starts_changed_helpers_again() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api(""));
    let section = neighbor(&listener, &rest);
    let daemon = Daemon::start(&format!("{}{section}", helper.process()));
    let mut old = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();

    // The first one leaves a helper whose definition changed as it is.
    daemon.reconfigure(&format!("{}{section}", helper.process_with("encoder text;", "")));
    daemon.signal(Signal::SIGUSR1);
    assert!(helper.accept_within(Duration::from_millis(500)).is_none());
    old.done("version");

    daemon.reconfigure(&format!("{}{section}", helper.process_with("encoder json;", "again")));
    daemon.signal(Signal::SIGUSR2);
    let mut new = helper.accept();
    old.end();
    new.done("announce route 10.0.0.0/24 next-hop 10.0.0.9");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"], "the session stayed");
}

#[test]
fn helpers_that_ask_for_signals_are_told() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api("signal;"));
    let daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let mut link = helper.accept();
    listener.establish(&Open::ipv4()).updates_until_eor();
    daemon.signal(Signal::SIGUSR1);
    let event = link.event_at("/type", Some("signal"));
    assert_eq!(event["neighbor"]["code"], "10");
    assert_eq!(event["neighbor"]["name"], "SIGUSR1");
}

#[test]
fn a_signal_before_the_start_is_over_is_not_lost() {
    let listener = Listener::new();
    let mut text = "    family { ipv4 unicast; }\n    static {\n".to_owned();
    for number in 0..3000 {
        text.push_str(&format!(
            "        route 10.{}.{}.0/24 next-hop 10.0.0.9;\n",
            number / 256,
            number % 256
        ));
    }
    text.push_str("    }\n");
    let mut daemon = Daemon::start(&neighbor(&listener, &text));
    // HUP, INT, USR1, USR2, ALRM and TERM: the handlers are in place one after the other.
    let wanted = [1, 2, 10, 12, 14, 15].iter().fold(0_u64, |mask, number| mask | 1 << (number - 1));
    until("the program catches signals", || {
        let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        let mask = u64::from_str_radix(caught.trim(), 16).ok()?;
        (mask & wanted == wanted).then_some(())
    });
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn closed_pipes_do_not_kill_it() {
    let listener = Listener::new();
    let mut daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    daemon.signal(Signal::SIGPIPE);
    assert_eq!(peer.only_keepalives(Duration::from_millis(200)), 0);
    daemon.lives();
}
