//! What the program answers when it is asked how things stand.

use serde_json::{Value, json};

use super::Stage;
use crate::support::wire;
use crate::support::{Daemon, Helper, IPV4, Listener, neighbor};

/// A session with one route each way.
fn stage() -> Stage {
    let mut stage = Stage::new("receive { parsed; update; }");
    stage.link.done("announce route 10.0.0.0/24 next-hop 10.0.0.9 med 5");
    stage.peer.update();
    stage.peer.send(&wire::update(
        &[],
        &wire::attributes(&[65001], "10.0.0.2"),
        &["198.51.100.0/24"],
    ));
    stage.link.event_at("/neighbor/message/update", None);
    stage
}

const NAME: &str = "neighbor 127.0.0.1 local-ip 127.0.0.1 local-as 65000 peer-as 65001 \
                    router-id 10.0.0.1 family-allowed in-open";

#[test]
fn the_ribs_are_shown_as_text() {
    let Stage { daemon: _daemon, mut link, peer: _peer, .. } = stage();
    assert_eq!(
        link.done("show adj-rib out"),
        ["127.0.0.1 ipv4 unicast 10.0.0.0/24 next-hop 10.0.0.9"]
    );
    assert_eq!(
        link.done("show adj-rib out extensive"),
        [format!("{NAME} ipv4 unicast 10.0.0.0/24 next-hop 10.0.0.9 med 5")]
    );
    assert_eq!(
        link.done("show adj-rib in"),
        ["127.0.0.1 ipv4 unicast 198.51.100.0/24 next-hop 10.0.0.2"]
    );
    assert!(link.done("show adj-rib out 127.0.0.99").is_empty());
    assert_eq!(link.done("show adj-rib out 127.0.0.1").len(), 1);
    assert_eq!(link.done("show adj-rib out inet").len(), 1);
    assert!(link.done("show adj-rib out flow").is_empty());
}

#[test]
fn the_ribs_are_shown_as_json() {
    let Stage { daemon: _daemon, mut link, peer: _peer, .. } = stage();
    let lines = link.done("show adj-rib out json");
    let shown: Value = serde_json::from_str(&lines.concat()).expect("JSON");
    assert_eq!(
        shown,
        json!({ "127.0.0.1": { "routes": [
            { "prefix": "10.0.0.0/24", "family": "ipv4 unicast" },
        ] } })
    );
}

#[test]
fn neighbors_are_shown_in_a_line_each() {
    let Stage { daemon: _daemon, mut link, peer: _peer, .. } = stage();
    let lines = link.done("show neighbor summary");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0], "Peer            AS        up/down state       |     #sent     #recvd");
    let words: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!(words[..2], ["127.0.0.1", "65001"]);
    assert_eq!(words[3], "established");
    assert_eq!(words[4], "2", "our route and the End-of-RIB: {lines:?}");
    assert_eq!(words[5], "1", "{lines:?}");
}

#[test]
fn neighbors_are_shown_at_length() {
    let Stage { daemon: _daemon, mut link, peer: _peer, .. } = stage();
    let lines = link.done("show neighbor extensive");
    let expected = [
        "Neighbor 127.0.0.1",
        "    Session                       Local",
        "   local                      127.0.0.1                                ",
        "   state                    ESTABLISHED                                ",
        "    Setup                         Local          Remote",
        "   AS                             65000           65001                ",
        "   ID                          10.0.0.1        10.0.0.2                ",
        "   hold-time                        180             180                ",
        "    Capability                    Local          Remote",
        "   asn4:                        enabled         enabled                ",
        "   extended-message:            enabled        disabled                ",
        "    Families                      Local          Remote        Add-Path",
        "   ipv4 unicast:                enabled         enabled disabled       ",
        "    Message Statistic              Sent        Received",
        "   open:                              1               1                ",
        "   update:                            2               1                ",
    ];
    let mut rest = lines.iter();
    for line in expected {
        assert!(rest.any(|other| other == line), "no '{line}' in its place in {lines:#?}");
    }
}

#[test]
fn neighbors_are_shown_as_json() {
    let Stage { daemon: _daemon, mut link, peer: _peer, .. } = stage();
    let lines = link.done("show neighbor json");
    assert_eq!(lines.len(), 1, "{lines:?}");
    let shown: Value = serde_json::from_str(&lines[0]).expect("JSON");
    let one = &shown[0];
    assert_eq!(one["state"], "up");
    assert_eq!(one["fsm"], "ESTABLISHED");
    assert_eq!(one["local"]["address"], "127.0.0.1");
    assert_eq!(one["local"]["as"], 65000);
    assert_eq!(one["local"]["id"], "10.0.0.1");
    assert_eq!(one["local"]["hold"], 180);
    assert_eq!(one["peer"]["as"], 65001);
    assert_eq!(one["peer"]["id"], "10.0.0.2");
    assert_eq!(one["local"]["capabilities"]["asn4"], true);
    assert_eq!(one["peer"]["capabilities"]["extended-message"], false);
    assert_eq!(one["local"]["families"], json!({ "ipv4 unicast": true }));
    assert_eq!(one["messages"]["sent"]["update"], 2);
    assert_eq!(one["messages"]["received"]["update"], 1);
}

#[test]
fn neighbors_are_shown_as_configuration() {
    let Stage { daemon: _daemon, mut link, peer: _peer, .. } = stage();
    let lines = link.done("show neighbor configuration");
    assert_eq!(lines[0].trim(), "neighbor 127.0.0.1 {");
    assert_eq!(lines.last().map(String::as_str), Some("}"));
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    for line in ["local-as 65000;", "peer-as 65001;", "router-id 10.0.0.1;", "hold-time 180;"] {
        assert!(trimmed.contains(&line), "no '{line}' in {lines:#?}");
    }
}

#[test]
fn a_neighbor_that_is_down_is_shown_too() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("    passive;\n{IPV4}{}", helper.api(""));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let mut link = helper.accept();
    let lines = link.done("show neighbor summary");
    let words: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!(words[..3], ["127.0.0.1", "65001", "down"]);
    let lines = link.done("show neighbor extensive");
    assert!(lines.iter().any(|line| line.trim_start().starts_with("down for")), "{lines:#?}");
    let shown: Value =
        serde_json::from_str(&link.done("show neighbor json").concat()).expect("JSON");
    assert_eq!(shown[0]["state"], "down");
    assert_eq!(shown[0]["peer"]["id"], Value::Null);
}

#[test]
fn a_table_of_many_routes_is_shown_whole() {
    const COUNT: usize = 5000;
    let mut stage = Stage::new("");
    let prefixes: Vec<String> =
        (0..COUNT).map(|number| format!("10.{}.{}.0/24", number / 256, number % 256)).collect();
    let command = format!("announce attributes next-hop 10.0.0.9 nlri {}", prefixes.join(" "));
    stage.link.done(&command);
    let mut announced = 0;
    while announced < COUNT {
        announced += stage.peer.update().announced.len();
    }
    let lines = stage.link.done("show adj-rib out");
    assert_eq!(lines.len(), COUNT);
    let expected = format!("127.0.0.1 ipv4 unicast {} next-hop 10.0.0.9", prefixes[COUNT - 1]);
    assert!(lines.contains(&expected));
}
