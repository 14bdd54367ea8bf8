//! The life of a session: timers, states, loss and return, the end.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::support::daemon::SECOND;
use crate::support::wire::{self, Open};
use crate::support::{Daemon, IPV4, Listener, Stopwatch, neighbor};

const ROUTE: &str = "    static { route 10.0.0.0/24 next-hop 10.0.0.9; }\n";

#[test]
fn keepalives_come_every_third_of_the_hold_time() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.establish(&Open::ipv4().hold(3));
    assert!(peer.updates_until_eor().is_empty());
    peer.send(&wire::keepalive());
    let count = peer.only_keepalives(Duration::from_millis(2500));
    assert!((2..=3).contains(&count), "{count} in two and a half seconds");
}

#[test]
fn a_silent_peer_is_dropped_when_the_hold_time_is_over() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.establish(&Open::ipv4().hold(3));
    let start = Stopwatch::start();
    assert_eq!(peer.notification(), (4, 0, Vec::new()));
    let held = start.elapsed();
    assert!(held > Duration::from_millis(2800), "after {held:?}");
    assert!(held < 5 * SECOND, "after {held:?}");
}

#[test]
fn any_message_restarts_the_hold_timer() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.establish(&Open::ipv4().hold(3));
    peer.updates_until_eor();
    for _ in 0..3 {
        peer.only_keepalives(Duration::from_millis(1500));
        peer.send(&wire::eor());
    }
}

#[test]
fn hold_time_zero_means_no_timers() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.establish(&Open::ipv4().hold(0));
    peer.updates_until_eor();
    peer.send(&wire::keepalive());
    peer.send(&wire::keepalive());
    assert_eq!(peer.only_keepalives(SECOND), 0);
}

#[test]
fn a_peer_that_never_opens_is_dropped() {
    let listener = Listener::new();
    let _daemon = Daemon::with(&neighbor(&listener, IPV4)).set("bgp.openwait", "1").start();
    let mut peer = listener.accept();
    peer.their_open();
    let reason = peer.notified();
    assert!([(5, 1), (4, 0)].contains(&reason), "{reason:?}");
}

#[test]
fn messages_out_of_place_are_refused_by_state() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));

    let mut early = listener.accept();
    early.their_open();
    early.send(&wire::eor());
    assert_eq!(early.notified(), (5, 1), "an UPDATE before OPEN");

    let mut soon = listener.accept();
    soon.open(&Open::ipv4());
    soon.send(&wire::eor());
    assert_eq!(soon.notified(), (5, 2), "an UPDATE before KEEPALIVE");

    let mut again = listener.establish(&Open::ipv4());
    again.send(&Open::ipv4().bytes());
    assert_eq!(again.notified(), (5, 3), "a second OPEN");
}

#[test]
fn attempts_back_off() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut watch = Stopwatch::start();
    let mut gaps = Vec::new();
    for _ in 0..4 {
        drop(listener.accept());
        gaps.push(watch.lap());
    }
    // The delays are 0, 1 and 2 seconds after the first attempt.
    assert!(gaps[1] < Duration::from_millis(900), "{gaps:?}");
    for (gap, seconds) in [(gaps[2], 1), (gaps[3], 2)] {
        let delay = SECOND * seconds;
        assert!(gap > delay - SECOND / 5 && gap < delay + 2 * SECOND, "{gaps:?}");
    }
}

#[test]
fn a_lost_session_returns_at_once_with_its_routes() {
    let listener = Listener::new();
    let rest = format!("{IPV4}{ROUTE}");
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    for round in 0..3 {
        let start = Stopwatch::start();
        let mut peer = listener.establish(&Open::ipv4());
        assert!(round == 0 || start.elapsed() < SECOND, "after {:?}", start.elapsed());
        let updates = peer.updates_until_eor();
        assert_eq!(updates.len(), 1);
        assert_eq!(updates[0].announced, ["10.0.0.0/24"]);
    }
}

#[test]
fn a_notification_is_not_answered() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    peer.send(&wire::notification(6, 4, &[]));
    peer.closed();
    listener.establish(&Open::ipv4());
}

#[test]
fn the_program_ends_when_attempts_are_used_up() {
    let listener = Listener::new();
    let mut daemon = Daemon::with(&neighbor(&listener, IPV4)).set("tcp.attempts", "2").start();
    drop(listener.accept());
    drop(listener.accept());
    assert_eq!(daemon.finish().code(), Some(0));
    assert!(listener.accept_within(Duration::ZERO).is_none());
}

#[test]
fn the_end_of_the_program_is_announced() {
    let listener = Listener::new();
    let mut daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    daemon.signal(Signal::SIGTERM);
    assert_eq!(peer.notified(), (6, 2), "Administrative Shutdown");
    assert_eq!(daemon.finish().code(), Some(0));
}

#[test]
fn graceful_restart_ends_without_a_notification() {
    let listener = Listener::new();
    let rest = format!("{IPV4}    capability {{ graceful-restart 60; }}\n{ROUTE}");
    let mut daemon = Daemon::start(&neighbor(&listener, &rest));
    let graceful = [0x80, 60, 0, 1, 1, 0x80];
    let mut peer = listener.establish(&Open::ipv4().with(64, &graceful));
    assert_eq!(peer.theirs().capability(64), [[0x80, 60, 0, 1, 1, 0x80]]);
    assert_eq!(peer.updates_until_eor().len(), 1);
    daemon.signal(Signal::SIGTERM);
    peer.closed();
    assert_eq!(daemon.finish().code(), Some(0));
}

#[test]
fn many_sessions_live_side_by_side() {
    let listeners: Vec<Listener> =
        (0..40).map(|_| Listener::bind(crate::support::place::own_address())).collect();
    let rest = format!("{IPV4}{ROUTE}");
    let configuration: String =
        listeners.iter().map(|listener| neighbor(listener, &rest)).collect();
    let _daemon = Daemon::start(&configuration);
    let mut peers: Vec<_> =
        listeners.iter().map(|listener| listener.establish(&Open::ipv4())).collect();
    for peer in &mut peers {
        assert_eq!(peer.updates_until_eor().len(), 1);
    }
    // One leaves; nobody else notices.
    drop(peers.pop());
    for (peer, listener) in peers.iter_mut().zip(&listeners) {
        peer.send(&wire::notification(6, 4, &[]));
        peer.closed();
        assert_eq!(listener.establish(&Open::ipv4()).updates_until_eor().len(), 1);
    }
}
