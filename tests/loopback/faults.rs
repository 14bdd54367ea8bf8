//! Bytes that a peer should not have sent: the NOTIFICATION, or the gentler treatment of RFC 7606,
//! and never a consequence for another session.

use serde_json::Value;

use crate::support::wire::{self, Open, attribute};
use crate::support::{Daemon, Helper, IPV4, Listener, neighbor, place};

/// A header with these marker, length and type, and nothing behind it.
fn header(marker: u8, length: u16, kind: u8) -> Vec<u8> {
    let mut bytes = vec![marker; 16];
    bytes.extend(length.to_be_bytes());
    bytes.push(kind);
    bytes
}

/// An UPDATE that announces 10.9.0.0/24 with the usual attributes and these.
fn announcing(more: &[u8]) -> Vec<u8> {
    let mut attributes = wire::attributes(&[65001], "10.0.0.2");
    attributes.extend(more);
    wire::update(&[], &attributes, &["10.9.0.0/24"])
}

/// An UPDATE that announces 10.9.0.0/24 with these attributes alone.
fn only(attributes: &[&[u8]]) -> Vec<u8> {
    wire::update(&[], &attributes.concat(), &["10.9.0.0/24"])
}

const ORIGIN: &[u8] = &[0x40, 1, 1, 0];
const PATH: &[u8] = &[0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xe9];
const NEXT_HOP: &[u8] = &[0x40, 3, 4, 10, 0, 0, 2];

type Fatal = (&'static str, Vec<u8>, (u8, u8), Option<&'static [u8]>);

fn fatal() -> Vec<Fatal> {
    let reach = |value: &[u8]| only(&[ORIGIN, PATH, &attribute(0x80, 14, value)]);
    vec![
        ("a marker that is not all ones", header(0xfe, 19, 4), (1, 1), None),
        ("a length below 19", header(0xff, 18, 4), (1, 2), Some(&[0, 18])),
        ("a length above 4096", header(0xff, 4097, 2), (1, 2), Some(&[0x10, 1])),
        ("a KEEPALIVE with a body", header(0xff, 20, 4), (1, 2), Some(&[0, 20])),
        ("an UPDATE of 22 octets", header(0xff, 22, 2), (1, 2), Some(&[0, 22])),
        ("a ROUTE-REFRESH of 24 octets", header(0xff, 24, 5), (1, 2), Some(&[0, 24])),
        ("a NOTIFICATION of 20 octets", header(0xff, 20, 3), (1, 2), Some(&[0, 20])),
        ("an unknown type", header(0xff, 19, 9), (1, 3), Some(&[9])),
        ("type zero", header(0xff, 19, 0), (1, 3), Some(&[0])),
        (
            "withdrawn routes that overrun",
            wire::message(wire::UPDATE, &[0, 9, 24, 10, 0, 0, 0, 0]),
            (3, 1),
            None,
        ),
        (
            "attributes that overrun",
            wire::message(wire::UPDATE, &[0, 0, 0, 9, 0x40, 1, 1, 0]),
            (3, 1),
            None,
        ),
        (
            "a prefix of 33 bits",
            wire::raw_update(&[], &wire::attributes(&[65001], "10.0.0.2"), &[33, 10, 0, 0, 0, 0]),
            (3, 10),
            None,
        ),
        (
            "a prefix without its octets",
            wire::raw_update(&[], &wire::attributes(&[65001], "10.0.0.2"), &[24, 10]),
            (3, 10),
            None,
        ),
        (
            "a withdrawn prefix of 40 bits",
            wire::raw_update(&[40, 1, 2, 3, 4, 5], &[], &[]),
            (3, 10),
            None,
        ),
        (
            "a family that was not agreed",
            reach(&[
                0, 2, 1, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 32, 0x20,
                1, 0xd, 0xb8,
            ]),
            (3, 9),
            None,
        ),
        (
            "MP_REACH_NLRI twice",
            only(&[
                ORIGIN,
                PATH,
                &attribute(0x80, 14, &[0, 1, 1, 4, 10, 0, 0, 2, 0, 8, 10]),
                &attribute(0x80, 14, &[0, 1, 1, 4, 10, 0, 0, 2, 0, 8, 11]),
            ]),
            (3, 1),
            None,
        ),
    ]
}

#[test]
fn what_cannot_be_understood_ends_its_session_and_no_other() {
    let cases = fatal();
    let witness = Listener::new();
    let helper = Helper::new("watch");
    let watched = format!("{IPV4}{}", helper.api("receive { parsed; update; }"));
    let listeners: Vec<Listener> =
        cases.iter().map(|_| Listener::bind(place::own_address())).collect();
    let configuration: String = std::iter::once(helper.process())
        .chain(std::iter::once(neighbor(&witness, &watched)))
        .chain(listeners.iter().map(|listener| neighbor(listener, &watched)))
        .collect();
    let mut daemon = Daemon::start(&configuration);
    let mut link = helper.accept();
    let mut witness = witness.establish(&Open::ipv4());
    witness.updates_until_eor();

    for ((what, bytes, reason, data), listener) in cases.iter().zip(&listeners) {
        let mut peer = listener.establish(&Open::ipv4());
        peer.updates_until_eor();
        peer.send(bytes);
        let (code, subcode, found) = peer.notification();
        assert_eq!((code, subcode), *reason, "{what}");
        assert!(data.is_none_or(|data| data == found), "{what}: {found:?}");
    }

    witness.send(&announcing(&[]));
    link.event_at("/neighbor/message/update/announce/ipv4 unicast/10.0.0.2", None);
    daemon.lives();
}

/// Whether the prefix of an `update` event is announced or withdrawn.
fn verdict(event: &Value) -> &'static str {
    let update = &event["neighbor"]["message"]["update"];
    let announced = update.pointer("/announce/ipv4 unicast").is_some();
    let withdrawn = update.pointer("/withdraw/ipv4 unicast").is_some();
    match (announced, withdrawn) {
        (true, false) => "announced",
        (false, true) => "withdrawn",
        _ => "neither",
    }
}

#[test]
fn a_bad_attribute_costs_a_route_or_itself_but_not_the_session() {
    let long = [0_u8; 5];
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing wrong", announcing(&[]), "announced"),
        ("ORIGIN of value 3", only(&[&[0x40, 1, 1, 3], PATH, NEXT_HOP]), "withdrawn"),
        ("ORIGIN of two octets", only(&[&[0x40, 1, 2, 0, 0], PATH, NEXT_HOP]), "withdrawn"),
        (
            "AS_PATH with a segment of type 9",
            only(&[ORIGIN, &[0x40, 2, 6, 9, 1, 0, 0, 0xfd, 0xe9], NEXT_HOP]),
            "withdrawn",
        ),
        (
            "AS_PATH that ends in a segment",
            only(&[ORIGIN, &[0x40, 2, 5, 2, 1, 0, 0, 0xfd], NEXT_HOP]),
            "withdrawn",
        ),
        ("NEXT_HOP of three octets", only(&[ORIGIN, PATH, &[0x40, 3, 3, 10, 0, 0]]), "withdrawn"),
        ("ORIGIN that is missing", only(&[PATH, NEXT_HOP]), "withdrawn"),
        ("AS_PATH that is missing", only(&[ORIGIN, NEXT_HOP]), "withdrawn"),
        ("NEXT_HOP that is missing", only(&[ORIGIN, PATH]), "withdrawn"),
        ("MED of five octets", announcing(&attribute(0x80, 4, &long)), "withdrawn"),
        ("MED with the flags of ORIGIN", announcing(&attribute(0x40, 4, &[0; 4])), "withdrawn"),
        ("COMMUNITY of five octets", announcing(&attribute(0xc0, 8, &long)), "withdrawn"),
        ("EXTENDED COMMUNITIES of five", announcing(&attribute(0xc0, 16, &long)), "withdrawn"),
        ("LARGE_COMMUNITY of five", announcing(&attribute(0xc0, 32, &long)), "withdrawn"),
        ("an attribute that overruns", announcing(&[0xc0, 8, 200, 0]), "withdrawn"),
        ("AGGREGATOR of five octets", announcing(&attribute(0xc0, 7, &long)), "announced"),
        ("ATOMIC_AGGREGATE of five", announcing(&attribute(0x40, 6, &long)), "announced"),
        ("an attribute unknown to all", announcing(&attribute(0xc0, 0x99, &long)), "announced"),
        (
            "COMMUNITY twice",
            announcing(
                &[attribute(0xc0, 8, &[0, 1, 0, 2]), attribute(0xc0, 8, &[0, 3, 0, 4])].concat(),
            ),
            "announced",
        ),
    ];
    let listener = Listener::new();
    let helper = Helper::new("watch");
    let watched = format!("{IPV4}{}", helper.api("receive { parsed; update; }"));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &watched)));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    let mut wrong = Vec::new();
    for (what, bytes, expected) in cases {
        peer.send(&bytes);
        let event = link.event_at("/neighbor/message/update", None);
        let found = verdict(&event);
        if found != expected {
            wrong.push(format!("{what}: {found} instead of {expected}: {event}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn octets_may_come_one_by_one() {
    let listener = Listener::new();
    let helper = Helper::new("watch");
    let watched = format!("{IPV4}{}", helper.api("receive { parsed; update; }"));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &watched)));
    let mut link = helper.accept();
    let mut peer = listener.accept();
    peer.trickle(&Open::ipv4().bytes());
    peer.trickle(&wire::keepalive());
    peer.their_open();
    assert_eq!(peer.frame().kind, wire::KEEPALIVE);
    peer.updates_until_eor();
    let mut stream = announcing(&attribute(0x80, 4, &[0, 0, 0, 7]));
    stream.extend(wire::keepalive());
    stream.extend(wire::update(&["10.9.0.0/24"], &[], &[]));
    peer.trickle(&stream);
    let event = link.event_at("/neighbor/message/update/announce", None);
    assert_eq!(event.pointer("/neighbor/message/update/attribute/med"), Some(&7.into()));
    link.event_at("/neighbor/message/update/withdraw", None);
}

#[test]
fn many_messages_may_come_at_once() {
    const COUNT: u32 = 3000;
    let listener = Listener::new();
    let helper = Helper::new("watch");
    let watched = format!("{IPV4}{}", helper.api("receive { parsed; update; }"));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &watched)));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    let stream: Vec<u8> = (0..COUNT)
        .flat_map(|number| announcing(&attribute(0x80, 4, &number.to_be_bytes())))
        .collect();
    peer.send(&stream);
    for number in 0..COUNT {
        let event = link.event_at("/neighbor/message/update/attribute/med", None);
        assert_eq!(event["neighbor"]["message"]["update"]["attribute"]["med"], number);
    }
}

#[test]
fn extended_messages_are_taken_where_agreed() {
    let listener = Listener::new();
    let helper = Helper::new("watch");
    let watched = format!("{IPV4}{}", helper.api("receive { parsed; update; }"));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &watched)));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4().with(6, &[]));
    peer.updates_until_eor();
    let prefixes: Vec<u8> = (0..16_000_u32)
        .flat_map(|number| {
            let [_, _, high, low] = number.to_be_bytes();
            [24, 10, high, low]
        })
        .collect();
    let bytes = wire::raw_update(&[], &wire::attributes(&[65001], "10.0.0.2"), &prefixes);
    assert!(bytes.len() > 60_000);
    peer.send(&bytes);
    let event = link.event_at("/neighbor/message/update/announce", None);
    let found = event.pointer("/neighbor/message/update/announce/ipv4 unicast/10.0.0.2").unwrap();
    assert_eq!(found.as_array().unwrap().len(), 16_000);
    // One octet above the limit is a fault of the header.
    peer.send(&header(0xff, 18, 2));
    assert_eq!(peer.notified(), (1, 2));
}
