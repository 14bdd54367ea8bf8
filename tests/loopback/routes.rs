//! UPDATEs: what leaves for routes of the configuration, in which order and in how many messages.

use std::fmt::Write;
use std::net::Ipv6Addr;

use crate::support::wire::{self, Open, family};
use crate::support::{BOTH, Daemon, IPV4, Listener, neighbor, neighbor_as, place};

#[test]
fn routes_leave_grouped_and_sorted_then_the_end_of_rib() {
    let listener = Listener::new();
    let rest = format!(
        "{IPV4}    static {{
        route 10.0.1.0/24 next-hop 10.0.0.9 med 5;
        route 10.0.2.0/24 next-hop 10.0.0.9 community [ 65000:2 65000:1 ];
        route 10.0.0.0/24 next-hop 10.0.0.9 med 5;
        route 10.0.3.0/25 next-hop 10.0.0.8;
    }}"
    );
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.establish(&Open::ipv4());
    let path = "400206 0201 0000fde8";
    let expected = [
        format!("0000 001b 400101 00 {path} 400304 0a000009 800404 00000005 18 0a0000 18 0a0001"),
        format!("0000 001f 400101 00 {path} 400304 0a000009 c00808 fde80001 fde80002 18 0a0002"),
        format!("0000 0014 400101 00 {path} 400304 0a000008 19 0a000300"),
        "0000 0000".to_owned(),
    ];
    for update in expected {
        assert_eq!(peer.update_hex(), update.replace(' ', ""));
    }
}

#[test]
fn inside_one_as_the_path_is_empty_and_preference_is_sent() {
    let listener = Listener::new();
    let rest = format!("{IPV4}    static {{ route 10.0.0.0/24 next-hop self; }}");
    let _daemon = Daemon::start(&neighbor_as(&listener, 65000, &rest));
    let mut peer = listener.establish(&Open::ipv4().asn(65000));
    assert_eq!(peer.update_hex(), "00000015400101004002004003047f00000140050400000064180a0000");
}

#[test]
fn ipv6_routes_on_an_ipv6_session() {
    let listener = Listener::bind(Ipv6Addr::LOCALHOST);
    let rest = format!(
        "{BOTH}    static {{
        route 2001:db8:1::/48 next-hop 2001:db8::1;
        route 2001:db8:2::/48 next-hop self;
        route 10.0.0.0/24 next-hop 10.0.0.9;
    }}"
    );
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.establish(&Open::new(&[(2, 1), (1, 1)]));
    let first = peer.update();
    assert_eq!(first.announced, ["2001:db8:1::/48"]);
    assert_eq!(first.next_hop, Some("2001:db8::1".parse().unwrap()));
    assert_eq!(first.attribute(3), None, "an IPv6 next hop is not in NEXT_HOP");
    let second = peer.update();
    assert_eq!(second.announced, ["2001:db8:2::/48"]);
    assert_eq!(second.next_hop, Some(Ipv6Addr::LOCALHOST.into()));
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    // One End-of-RIB a family, in the order in which we offered them.
    assert_eq!(peer.update_hex(), "00000007900f0003000201");
    assert_eq!(peer.update_hex(), "00000000");
}

#[test]
fn a_family_that_was_not_agreed_is_not_sent() {
    let listener = Listener::new();
    let rest = format!(
        "{BOTH}    static {{
        route 2001:db8:1::/48 next-hop 2001:db8::1;
        route 10.0.0.0/24 next-hop 10.0.0.9;
    }}"
    );
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.establish(&Open::ipv4());
    let updates = peer.updates_until_eor();
    assert_eq!(updates.len(), 1);
    assert_eq!(updates[0].announced, ["10.0.0.0/24"]);
}

#[test]
fn path_identifiers_are_sent_where_they_were_agreed() {
    let listener = Listener::new();
    let rest = format!(
        "{IPV4}    capability {{ add-path send; }}\n    static {{
        route 10.0.0.0/24 next-hop 10.0.0.9 path-information 0.0.0.2;
        route 10.0.0.0/24 next-hop 10.0.0.9 path-information 0.0.0.1;
        route 10.0.1.0/24 next-hop 10.0.0.9 path-information 3;
        route 10.0.2.0/24 next-hop 10.0.0.9 med 1;
    }}"
    );
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.establish(&Open::ipv4().with(69, &[0, 1, 1, 1]));
    assert_eq!(
        peer.update_hex(),
        "000000144001010040020602010000fde84003040a000009\
         00000001180a000000000002180a000000000003180a0001"
    );
    assert_eq!(
        peer.update_hex(),
        "0000001b4001010040020602010000fde84003040a0000098004040000000100000000180a0002",
        "a route without an identifier has zero"
    );
}

#[test]
fn a_peer_of_two_octets_gets_as4_path() {
    let listener = Listener::new();
    let rest = format!(
        "{IPV4}    static {{ route 10.0.0.0/24 next-hop 10.0.0.9 as-path [ 70000 65002 ]; }}"
    );
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let open = Open { capabilities: vec![(1, family(1, 1))], ..Open::ipv4() };
    let mut peer = listener.establish(&open);
    let update = peer.update();
    assert_eq!(update.attribute(2).as_deref(), Some("02025ba0fdea"));
    assert_eq!(update.attribute(17).as_deref(), Some("0202000111700000fdea"));
}

#[test]
fn shared_attributes_share_messages() {
    let listeners = [Listener::new(), Listener::bind(place::own_address())];
    let mut rest = format!("{IPV4}    static {{\n");
    for number in 0..2000 {
        let (high, low) = (number / 256, number % 256);
        writeln!(rest, "        route 10.{high}.{low}.0/24 next-hop 10.0.0.9;").unwrap();
    }
    rest.push_str("    }\n");
    let configuration: String =
        listeners.iter().map(|listener| neighbor(listener, &rest)).collect();
    let _daemon = Daemon::start(&configuration);

    // 19 octets of header, 4 of lengths and 20 of attributes leave room for 1013 prefixes.
    let updates = listeners[0].establish(&Open::ipv4()).updates_until_eor();
    let counts: Vec<usize> = updates.iter().map(|update| update.announced.len()).collect();
    assert_eq!(counts, [1013, 987]);

    // Where extended messages were agreed one is enough.
    let updates = listeners[1].establish(&Open::ipv4().with(6, &[])).updates_until_eor();
    let counts: Vec<usize> = updates.iter().map(|update| update.announced.len()).collect();
    assert_eq!(counts, [2000]);
}

#[test]
fn without_grouping_each_route_has_its_message() {
    let listener = Listener::new();
    let rest = format!(
        "    group-updates false;\n{IPV4}    static {{
        route 10.0.0.0/24 next-hop 10.0.0.9;
        route 10.0.1.0/24 next-hop 10.0.0.9;
    }}"
    );
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let updates = listener.establish(&Open::ipv4()).updates_until_eor();
    let announced: Vec<_> = updates.into_iter().map(|update| update.announced).collect();
    assert_eq!(announced, [["10.0.0.0/24"], ["10.0.1.0/24"]]);
}

#[test]
fn a_refresh_brings_the_routes_again() {
    let rest = format!(
        "{BOTH}    capability {{ route-refresh enable; }}\n    static {{
        route 10.0.0.0/24 next-hop 10.0.0.9;
        route 2001:db8:1::/48 next-hop 2001:db8::1;
    }}"
    );
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.establish(&Open::new(&[(1, 1), (2, 1)]).with(2, &[]));
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    assert_eq!(peer.update().announced, ["2001:db8:1::/48"]);
    peer.update();
    peer.update();
    peer.send(&wire::refresh(2, 0, 1));
    assert_eq!(peer.update().announced, ["2001:db8:1::/48"], "only the family that was asked");
    // A begin and an end of the peer's own refresh ask for nothing.
    peer.send(&wire::refresh(1, 1, 1));
    peer.send(&wire::refresh(1, 2, 1));
    peer.send(&wire::refresh(1, 0, 1));
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
}

#[test]
fn an_enhanced_refresh_is_framed() {
    let rest = format!(
        "{IPV4}    capability {{ route-refresh enable; }}\n    static {{
        route 10.0.0.0/24 next-hop 10.0.0.9;
    }}"
    );
    let listener = Listener::new();
    let _daemon = Daemon::start(&neighbor(&listener, &rest));
    let mut peer = listener.establish(&Open::ipv4().with(2, &[]).with(70, &[]));
    assert_eq!(peer.updates_until_eor().len(), 1);
    peer.send(&wire::refresh(1, 0, 1));
    assert_eq!(peer.next().bytes(), wire::refresh(1, 1, 1), "BoRR");
    assert_eq!(peer.update().announced, ["10.0.0.0/24"]);
    assert_eq!(peer.next().bytes(), wire::refresh(1, 2, 1), "EoRR");
}

#[test]
fn a_peer_that_does_not_read_holds_nobody_up() {
    const SETS: usize = 8000;
    let slow = Listener::new();
    slow.shrink();
    let quick = Listener::bind(place::own_address());
    let mut rest = format!("{IPV4}    static {{\n");
    for number in 0..SETS {
        let (high, low) = (number / 256, number % 256);
        writeln!(rest, "        route 10.{high}.{low}.0/24 next-hop 10.0.0.9 med {number};")
            .unwrap();
    }
    rest.push_str("    }\n");
    let _daemon = Daemon::start(&format!("{}{}", neighbor(&slow, &rest), neighbor(&quick, &rest)));
    let mut sleeper = slow.accept();
    sleeper.open(&Open::ipv4());
    sleeper.send(&wire::keepalive());
    assert_eq!(quick.establish(&Open::ipv4()).updates_until_eor().len(), SETS);
    // What was not read is not lost, and is still in order.
    let updates = sleeper.updates_until_eor();
    let meds: Vec<String> = updates.iter().filter_map(|update| update.attribute(4)).collect();
    let expected: Vec<String> = (0..SETS).map(|number| format!("{number:08x}")).collect();
    assert_eq!(meds, expected);
}
