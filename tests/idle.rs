//! What the program costs when nothing happens, and after much has happened.
#![cfg(test)]

mod support;

use std::time::Duration;

use support::wire::{self, Open};
use support::{Daemon, Helper, IPV4, Listener, Peer, neighbor, place, until};

#[test]
fn an_idle_program_costs_nothing() {
    let helper = Helper::new("helper");
    let listeners: Vec<Listener> = (0..50).map(|_| Listener::bind(place::own_address())).collect();
    let rest = format!(
        "    listen {};\n{IPV4}{}",
        place::free_port([127, 0, 0, 1].into()),
        helper.api("neighbor-changes;")
    );
    let sections: String = listeners.iter().map(|listener| neighbor(listener, &rest)).collect();
    let daemon = Daemon::start(&format!("{}{sections}", helper.process()));
    let mut link = helper.accept();
    let mut peers: Vec<Peer> =
        listeners.iter().map(|listener| listener.establish(&Open::ipv4())).collect();
    for peer in &mut peers {
        peer.updates_until_eor();
    }
    link.done("version");
    assert_eq!(daemon.threads(), 1);
    let before = daemon.ticks();
    assert_eq!(peers[0].only_keepalives(Duration::from_secs(2)), 0);
    let spent = daemon.ticks() - before;
    assert_eq!(spent, 0, "hundredths of a second of processor time in two seconds");
}

#[test]
fn an_idle_program_without_sessions_costs_nothing() {
    let listener = Listener::new();
    let daemon = Daemon::start(&neighbor(&listener, &format!("    passive;\n{IPV4}")));
    assert!(listener.accept_within(Duration::from_millis(500)).is_none());
    let before = daemon.ticks();
    assert!(listener.accept_within(Duration::from_secs(2)).is_none());
    assert_eq!(daemon.ticks() - before, 0);
}

#[test]
fn descriptors_are_given_back() {
    let listener = Listener::new();
    let daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut first = listener.establish(&Open::ipv4());
    first.updates_until_eor();
    let before = daemon.descriptors();
    drop(first);
    for round in 0..50 {
        let mut peer = listener.establish(&Open::ipv4());
        peer.updates_until_eor();
        // Every way out: a NOTIFICATION of theirs, of ours, and none.
        match round % 3 {
            0 => peer.send(&wire::notification(6, 4, &[])),
            1 => peer.send(&[0; 19]),
            _ => {}
        }
    }
    let _last = listener.establish(&Open::ipv4());
    until("as many descriptors as before", || (daemon.descriptors() == before).then_some(()));
}

#[test]
fn refused_connections_leave_nothing_behind() {
    let door = place::free_port([127, 0, 0, 1].into());
    let friend = Listener::bind(place::own_address());
    let rest = format!("    passive;\n    listen {door};\n{IPV4}");
    let daemon = Daemon::start(&neighbor(&friend, &rest));
    let address = ([127, 0, 0, 1], door).into();
    let mut peer = Peer::connect(friend.ip(), address);
    peer.establish(&Open::ipv4());
    let before = daemon.descriptors();
    for _ in 0..50 {
        let mut stranger = Peer::connect(place::own_address(), address);
        assert_eq!(stranger.notified().0, 6);
    }
    until("as many descriptors as before", || (daemon.descriptors() == before).then_some(()));
}

#[test]
fn helpers_that_come_and_go_leave_nothing_behind() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api("neighbor-changes;"));
    let daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let mut link = helper.accept();
    // The session stays up, so that its socket is counted before and after.
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    let before = daemon.descriptors();
    for _ in 0..3 {
        drop(link);
        link = helper.accept();
        link.done("version");
    }
    until("no zombie", || (daemon.children() == [link.pid]).then_some(()));
    until("as many descriptors as before", || (daemon.descriptors() == before).then_some(()));
}
