//! Routes by command: to whom they go, what refuses them, and how they are shown.

use super::*;

#[test]
fn routes_go_to_the_peers_that_carry_their_family() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers[0].settings.families = vec![crate::protocol::Family::IPV6_UNICAST];
    assert_eq!(talk.say("announce route 10.0.0.0/24 next-hop 10.0.0.9"), ["done"]);
    assert_eq!(talk.table.asked().len(), 2);
    assert_eq!(
        talk.say("peer * announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1"),
        ["done"]
    );
    assert_eq!(talk.table.asked().len(), 3);
    let one = "neighbor 127.0.0.1 router-id 10.0.0.3 ";
    let several = "announce attributes med 1 next-hop 10.0.0.9 nlri 10.2.0.1/32 10.2.0.2/32";
    assert_eq!(talk.say(format!("{one}{several}")), ["done"]);
    assert_eq!(talk.table.asked().len(), 2);
    assert_eq!(talk.say(format!("{one}withdraw route 10.99.0.0/24")), ["done"]);
    assert_eq!(talk.table.asked().len(), 1);
}

#[test]
fn a_route_that_cannot_be_read_announces_nothing() {
    let mut four = Talk::new(Dialect::V4);
    let mut six = Talk::new(Dialect::V6);
    for (line, reason) in [
        ("announce route 10.0.19.0/24", "announce requires nexthop: 10.0.19.0/24"),
        ("announce route nonsense", "Could not parse route: route nonsense"),
        ("announce route", "Could not parse route: route"),
        (
            "announce  route 10.0.20.0/33   next-hop 10.0.0.9",
            "Could not parse route: route 10.0.20.0/33 next-hop 10.0.0.9",
        ),
        (
            "peer * announce route 10.85.0.0/24 next-hop 10.0.0.9 wibble",
            "Could not parse route: route 10.85.0.0/24 next-hop 10.0.0.9 wibble",
        ),
        ("announce attributes med 100 next-hop 10.0.0.9", ""),
        ("announce ipv4", ""),
    ] {
        assert_eq!(four.say(line), ["error"], "{line}");
        let told = six.say(line);
        match reason {
            "" => assert_eq!(told, ["error"], "{line}"),
            _ => assert_eq!(told, [format!("error: {reason}").as_str(), "error"], "{line}"),
        }
        assert_eq!(four.table.asked(), [""; 0], "{line}");
    }
    assert_eq!(four.say("announce route 10.0.0.0/24 next-hop 10.0.0.9"), ["done"]);
}

#[test]
fn a_synchronous_answer_waits_for_the_wire() {
    let mut talk = Talk::new(Dialect::V4);
    let route = "announce route 10.0.0.0/24 next-hop 10.0.0.9";
    assert_eq!(talk.say("enable-sync"), ["done"]);
    talk.table.peers[1].flushed = false;
    assert_eq!(talk.say(route), [""; 0], "a peer has yet to send it");
    assert_eq!(talk.say(format!("{route} async")), ["done"]);
    talk.table.peers[1].flushed = true;
    assert_eq!(talk.say(route), ["done"]);
    assert_eq!(talk.say("disable-sync"), ["done"]);
    talk.table.peers[1].flushed = false;
    assert_eq!(talk.say(route), ["done"]);
    assert_eq!(talk.say(format!("{route} sync")), [""; 0]);
}

#[test]
fn routes_are_shown_a_line_each() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers.truncate(1);
    talk.say("announce route 10.0.0.0/24 next-hop 10.0.0.9 med 5 community 65000:1");
    talk.say("announce route 2001:db8::/32 next-hop 2001:db8::1");
    assert_eq!(
        talk.say("show adj-rib out"),
        [
            "127.0.0.1 ipv4 unicast 10.0.0.0/24 next-hop 10.0.0.9",
            "127.0.0.1 ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1",
            "done"
        ]
    );
    let name = talk.table.peers[0].settings.name();
    assert_eq!(
        talk.say("show adj-rib out extensive")[0],
        format!("{name} ipv4 unicast 10.0.0.0/24 next-hop 10.0.0.9 med 5 community 65000:1")
    );
    assert_eq!(
        talk.say("show adj-rib out json"),
        [
            r#"{"127.0.0.1": {"routes": [{"prefix": "10.0.0.0/24", "family": "ipv4 unicast"}]}}"#,
            r#"{"127.0.0.1": {"routes": [{"prefix": "2001:db8::/32", "family": "ipv6 unicast"}]}}"#,
            "done"
        ]
    );
    assert_eq!(talk.say("show adj-rib out inet 127.0.0.1 extensive json").len(), 3);
    for empty in ["out flow", "out l2vpn", "out ipv4 unicast", "out 127.0.0.9", "in"] {
        assert_eq!(talk.say(format!("show adj-rib {empty}")), ["done"], "{empty}");
    }
    assert_eq!(talk.say("rib show out").len(), 3);
    talk.options.routes_format = crate::environment::RoutesFormat::V2;
    let lines = talk.say("show adj-rib out json");
    let value: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(value["peer"]["address"], "127.0.0.1");
    assert_eq!(value["route"]["nlri"]["prefix"], "10.0.0.0/24");
    assert_eq!(value["route"]["nlri"]["nexthop"], "10.0.0.9");
    assert_eq!(value["route"]["attributes"]["med"], 5);
}

#[test]
fn many_routes_take_several_steps_and_come_once_each() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers.truncate(2);
    talk.say("announce route 10.0.0.0/8 next-hop 10.0.0.9 split /21");
    let lines = talk.say("show adj-rib out");
    assert_eq!(lines.len(), 2 * 8192 + 1);
    let unique: std::collections::BTreeSet<_> = lines[..8192].iter().collect();
    assert_eq!(unique.len(), 8192);
}
