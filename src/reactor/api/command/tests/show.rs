//! What `show` shows: columns, keys and lines that programs have read for years.

use super::*;

#[test]
fn the_summary_has_a_line_a_peer() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers[1].state = State::Idle;
    talk.table.peers.truncate(2);
    let head = "Peer            AS        up/down state       |     #sent     #recvd";
    assert_eq!(
        talk.say("show neighbor summary"),
        [
            head,
            "127.0.0.1       65001     0:00:05 established           6          1",
            "127.0.0.1       65002        down idle                  6          1",
            "done"
        ]
    );
    assert_eq!(talk.say("show neighbor 127.0.0.9 summary"), [head, "done"]);
    assert_eq!(talk.say("peer 127.0.0.1 peer-as 65001 show summary").len(), 3);
    assert_eq!(talk.say("show neighbor").len(), 3);
}

#[test]
fn the_json_of_a_neighbor_has_its_keys_in_order() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers.truncate(1);
    talk.table.peers[0].settings.families.truncate(1);
    let expected = concat!(
        r#"[{"state": "up", "duration": 5, "fsm": "ESTABLISHED", "local": {"capabilities": "#,
        r#"{"asn4": true, "route-refresh": false, "multi-session": false, "operational": false, "#,
        r#""add-path": false, "extended-message": true, "graceful-restart": false}, "families": "#,
        r#"{"ipv4 unicast": true}, "add-path": {"ipv4 unicast": false}, "address": "127.0.0.1", "#,
        r#""as": 65000, "id": "10.0.0.2", "hold": 180}, "peer": {"capabilities": {"asn4": null, "#,
        r#""route-refresh": null, "multi-session": null, "operational": null, "add-path": null, "#,
        r#""extended-message": null, "graceful-restart": null}, "families": {"ipv4 unicast": "#,
        r#"null}, "add-path": {"ipv4 unicast": false}, "address": "127.0.0.1", "as": 65001, "#,
        r#""id": null, "hold": null}, "messages": {"sent": {"open": 1, "notification": 0, "#,
        r#""keepalive": 1, "update": 6, "refresh": 0, "total": 8}, "received": {"open": 1, "#,
        r#""notification": 0, "keepalive": 1, "update": 1, "refresh": 0, "total": 3}}, "#,
        r#""capabilities": [], "families": [], "add-path": {"ipv4 unicast": "disabled"}}]"#,
    );
    assert_eq!(talk.say("show neighbor json"), [expected, "done"]);
    assert_eq!(talk.say("show neighbor 127.0.0.9 json"), [expected, "done"]);
    assert_eq!(
        talk.say("peer list"),
        [r#"[{"peer-address": "127.0.0.1", "peer-as": 65001, "state": "ESTABLISHED"}]"#, "done"]
    );
}

#[test]
fn the_extensive_form_keeps_its_columns() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers.truncate(1);
    talk.table.peers[0].settings.families.truncate(1);
    let lines = talk.say("show neighbor extensive");
    for line in [
        "Neighbor 127.0.0.1",
        "    Session                       Local",
        "   local                      127.0.0.1                                ",
        "   state                    ESTABLISHED                                ",
        "   up for                       0:00:05                                ",
        "   AS                             65000           65001                ",
        "   ID                          10.0.0.2             n/a                ",
        "   asn4:                        enabled             n/a                ",
        "   ipv4 unicast:                enabled             n/a disabled       ",
        "   total:                             8               3                ",
    ] {
        assert!(lines.iter().any(|shown| shown == line), "{line:?} in {lines:#?}");
    }
}

#[test]
fn the_configuration_reads_like_one() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers.truncate(1);
    let lines = talk.say("show neighbor configuration");
    assert_eq!(lines[0], "neighbor 127.0.0.1 {");
    assert_eq!(lines[lines.len() - 2..], ["}", "done"]);
    for line in ["  local-as 65000;", "    processes [ p ];", "    ipv4 unicast;"] {
        assert!(lines.iter().any(|shown| shown == line), "{line}");
    }
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
