//! The OPEN exchange: what the program proposes, and what it makes of our proposal.

use crate::support::wire::{self, Open, family};
use crate::support::{BOTH, Daemon, IPV4, Listener, hex, neighbor, neighbor_as};

#[test]
fn the_open_is_exact() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, BOTH));
    let open = listener.accept().frame();
    assert_eq!(
        open.hex(),
        "04fde800b40a0000011c\
         020601040001000102060104000200010206\
         41040000fde802020600"
    );
}

#[test]
fn a_version_that_is_reported_instead_is_told_to_peers() {
    let listener = Listener::new();
    let rest = format!("{IPV4}    capability {{ software-version enable; }}\n");
    let _daemon =
        Daemon::with(&neighbor(&listener, &rest)).variable("exabgp_version", "9.8.7-lab").start();
    let open = listener.accept().their_open();
    assert_eq!(open.capability(75), [b"\x10ExaBGP/9.8.7-lab"]);
}

#[test]
fn every_capability_has_its_place() {
    let listener = Listener::new();
    let rest = "
    host-name edge;
    domain-name example.net;
    family { ipv6 unicast; ipv4 unicast; }
    nexthop { ipv4 unicast ipv6; }
    capability {
        graceful-restart 120; add-path send/receive; route-refresh enable; operational enable;
    }";
    let _daemon = Daemon::start(&neighbor(&listener, rest));
    let open = listener.accept().their_open();
    let found: Vec<(u8, String)> =
        open.capabilities.iter().map(|(code, value)| (*code, hex(value))).collect();
    let expected = [
        (1, "00010001"),
        (1, "00020001"),
        (65, "0000fde8"),
        (5, "000100010002"),
        (69, "0001010300020103"),
        (64, "80780001018000020180"),
        (2, ""),
        (70, ""),
        (185, ""),
        (6, ""),
        (73, "04656467650b6578616d706c652e6e6574"),
    ];
    assert_eq!(found, expected.map(|(code, value)| (code, value.to_owned())));
}

#[test]
fn switches_take_capabilities_away() {
    let listener = Listener::new();
    let rest = "    family { ipv4 unicast; }
    capability { asn4 disable; extended-message disable; }";
    let _daemon = Daemon::start(&neighbor(&listener, rest));
    let open = listener.accept().their_open();
    assert_eq!(open.capabilities, [(1, family(1, 1))]);
}

#[test]
fn many_capabilities_take_the_extended_form() {
    let listener = Listener::new();
    let name = "a".repeat(60);
    let rest = format!(
        "    host-name {name};\n    domain-name {name};
    capability {{ graceful-restart 120; route-refresh enable; add-path send/receive; }}",
    );
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.accept();
    let body = peer.frame().body;
    let length = usize::from(u16::from_be_bytes([body[11], body[12]]));
    assert_eq!((body[9], body[10]), (255, 255), "RFC 9072 section 2");
    assert!(length >= 255);
    assert_eq!(body.len(), 13 + length);
    // The session works as any other.
    peer.send(&Open::ipv4().bytes());
    peer.send(&wire::keepalive());
    assert_eq!(peer.frame().kind, wire::KEEPALIVE);
}

#[test]
fn wide_as_numbers_are_as_trans_in_the_field() {
    let listener = Listener::new();
    let configuration = neighbor_as(&listener, 4_200_000_001, IPV4)
        .replace("local-as 65000", "local-as 4200000000");
    let _daemon = Daemon::start(&configuration);
    let mut peer = listener.accept();
    peer.establish(&Open::ipv4().asn(4_200_000_001));
    assert_eq!(peer.theirs().asn, 23456);
    assert_eq!(peer.theirs().capability(65), [4_200_000_000_u32.to_be_bytes()]);
}

#[test]
fn an_automatic_as_is_ours() {
    let listener = Listener::new();
    let configuration = neighbor(&listener, IPV4)
        .replace("local-as 65000", "local-as auto")
        .replace("peer-as 65001", "peer-as auto");
    let _daemon = Daemon::start(&configuration);
    let mut peer = listener.accept();
    peer.send(&Open::ipv4().asn(64512).bytes());
    let open = peer.their_open();
    assert_eq!((open.asn, open.capability(65)), (64512, vec![&64512_u32.to_be_bytes()[..]]));
    peer.send(&wire::keepalive());
    assert_eq!(peer.frame().kind, wire::KEEPALIVE);
}

#[test]
fn opens_that_cannot_be_accepted_are_refused_with_their_reason() {
    let base = Open::ipv4;
    let bad: Vec<(&str, Vec<u8>, (u8, u8))> = vec![
        ("another AS", base().asn(65009).bytes(), (2, 2)),
        ("no four-octet AS and AS_TRANS", base().asn(70000).bytes(), (2, 2)),
        ("identifier zero", base().id("0.0.0.0").bytes(), (2, 3)),
        ("hold time of one second", base().hold(1).bytes(), (2, 6)),
        ("hold time of two seconds", base().hold(2).bytes(), (2, 6)),
        ("version 3", Open { version: 3, ..base() }.bytes(), (2, 1)),
        ("an authentication parameter", parameter(1), (2, 5)),
        ("an unknown parameter", parameter(9), (2, 4)),
        ("capability that overruns", wire::message(wire::OPEN, &overrun()), (2, 0)),
    ];
    let listeners: Vec<Listener> =
        (0..bad.len()).map(|_| Listener::bind(crate::support::place::own_address())).collect();
    let configuration: String = listeners.iter().map(|listener| neighbor(listener, IPV4)).collect();
    let mut daemon = Daemon::start(&configuration);
    for ((what, bytes, reason), listener) in bad.iter().zip(&listeners) {
        let mut peer = listener.accept();
        peer.their_open();
        peer.send(bytes);
        assert_eq!(peer.notified(), *reason, "{what}");
    }
    daemon.lives();
}

/// An OPEN whose only parameter is of this type.
fn parameter(kind: u8) -> Vec<u8> {
    let mut body = Open { capabilities: Vec::new(), ..Open::ipv4() }.bytes().split_off(19);
    body.pop();
    body.extend([3, kind, 1, 0]);
    wire::message(wire::OPEN, &body)
}

/// The body of an OPEN whose capability says more octets than its parameter has.
fn overrun() -> Vec<u8> {
    let mut body = Open { capabilities: Vec::new(), ..Open::ipv4() }.bytes().split_off(19);
    body.pop();
    body.extend([6, 2, 4, 1, 9, 0, 1]);
    body
}

#[test]
fn the_same_identifier_inside_one_as_is_refused() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor_as(&listener, 65000, IPV4));
    let mut peer = listener.accept();
    peer.open(&Open::ipv4().asn(65000).id("10.0.0.1"));
    assert_eq!(peer.notified(), (2, 3));
}

#[test]
fn an_unsupported_version_is_told_ours() {
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, IPV4));
    let mut peer = listener.accept();
    peer.open(&Open { version: 5, ..Open::ipv4() });
    assert_eq!(peer.notification(), (2, 1, vec![0, 4]));
}
