//! What a helper is told: JSON in both dialects, and text.

use serde_json::{Value, json};

use super::Stage;
use crate::support::wire::{self, Open, attribute};
use crate::support::{Daemon, Helper, IPV4, Link, Listener, neighbor};

const EVERYTHING: &str = "neighbor-changes; negotiated; fsm; signal;
        receive { parsed; open; update; notification; keepalive; refresh; }
        send { parsed; open; update; notification; keepalive; refresh; }";

fn update() -> Vec<u8> {
    let mut attributes = wire::attributes(&[65001, 65009], "10.0.0.2");
    attributes.extend(attribute(0x80, 4, &[0, 0, 0, 50]));
    attributes.extend(attribute(0xc0, 8, &[0xfd, 0xe9, 0, 1, 0xff, 0xff, 0xff, 1]));
    wire::update(&["10.7.0.0/16"], &attributes, &["10.1.0.0/24", "10.2.0.0/24"])
}

/// The event without what differs from run to run.
fn plain(mut event: Value) -> Value {
    let map = event.as_object_mut().expect("an object");
    for key in ["time", "host", "pid", "ppid", "counter"] {
        map.remove(key);
    }
    event
}

fn head(event: &Value) -> String {
    let neighbor = &event["neighbor"];
    let kind = event["type"].as_str().unwrap_or_default();
    match (neighbor["direction"].as_str(), neighbor["state"].as_str()) {
        (Some(direction), _) => format!("{direction} {kind}"),
        (None, Some(state)) => format!("{kind} {state}"),
        (None, None) => kind.to_owned(),
    }
}

#[test]
fn a_session_is_told_from_its_first_step_to_its_last() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api(EVERYTHING));
    let mut daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    peer.send(&update());
    peer.send(&wire::notification(6, 2, b"\x05hello"));
    peer.closed();

    let mut heads = Vec::new();
    let mut counter = 0;
    loop {
        let event = link.event();
        assert_eq!(event["exabgp"], "5.0.0");
        assert_eq!(event["pid"], daemon.pid());
        let count = event["counter"].as_u64().expect("a counter");
        assert!(count > counter, "{count} after {counter}");
        counter = count;
        heads.push(head(&event));
        if heads.last().is_some_and(|head| head == "state down") {
            break;
        }
    }
    let order = |wanted: &[&str]| {
        let mut rest = heads.iter();
        for want in wanted {
            assert!(rest.any(|head| head == want), "no '{want}' in its place in {heads:#?}");
        }
    };
    order(&[
        "fsm ACTIVE",
        "fsm IDLE",
        "state connected",
        "fsm CONNECT",
        "send open",
        "fsm OPENSENT",
        "receive open",
        "negotiated",
        "fsm OPENCONFIRM",
        "receive keepalive",
        "fsm ESTABLISHED",
        "state up",
        "send update",
        "receive update",
        "receive notification",
        "state down",
    ]);
    order(&["send open", "send keepalive", "state up"]);

    daemon.stop();
    let last = loop {
        let event = link.event();
        if event["notification"] == "shutdown" {
            break event;
        }
    };
    assert_eq!(last["type"], "notification");
    link.end();
}

#[test]
fn an_update_is_told_whole() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } =
        Stage::new("receive { parsed; update; }");
    peer.send(&update());
    let event = plain(link.event_at("/neighbor/message/update/announce", None));
    assert_eq!(
        event,
        json!({
            "exabgp": "5.0.0",
            "type": "update",
            "neighbor": {
                "address": { "local": "127.0.0.1", "peer": "127.0.0.1" },
                "asn": { "local": 65000, "peer": 65001 },
                "router-id": "10.0.0.1",
                "direction": "receive",
                "message": { "update": {
                    "attribute": {
                        "origin": "igp",
                        "as-path": { "0": { "element": "as-sequence", "value": [65001, 65009] } },
                        "med": 50,
                        "community": [[65001, 1], [65535, 65281]],
                    },
                    "announce": { "ipv4 unicast": { "10.0.0.2": [
                        { "nlri": "10.1.0.0/24" }, { "nlri": "10.2.0.0/24" },
                    ] } },
                    "withdraw": { "ipv4 unicast": [ { "nlri": "10.7.0.0/16" } ] },
                } },
            },
        })
    );
    peer.send(&wire::eor());
    let event = link.event_at("/neighbor/message/eor", None);
    assert_eq!(event["neighbor"]["message"]["eor"], json!({ "afi": "ipv4", "safi": "unicast" }));
}

#[test]
fn the_line_of_an_update_is_exact() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } =
        Stage::new("receive { parsed; update; }");
    peer.send(&wire::update(&[], &wire::attributes(&[65001], "10.0.0.9"), &["198.51.100.0/24"]));
    let line = link.event_line();
    let (envelope, rest) = line.split_once("\"type\":").unwrap();
    assert_eq!(
        rest,
        r#" "update", "neighbor": { "address": { "local": "127.0.0.1", "peer": "127.0.0.1" }, "asn": { "local": 65000, "peer": 65001 }, "router-id": "10.0.0.1" , "direction": "receive", "message": { "update": { "attribute": { "origin": "igp", "as-path": {"0": {"element": "as-sequence", "value": [65001]}} }, "announce": { "ipv4 unicast": { "10.0.0.9": [ { "nlri": "198.51.100.0/24" } ] } } } } } }"#
    );
    let keys: Vec<&str> = envelope.split('"').skip(1).step_by(2).collect();
    assert_eq!(keys[0..2], ["exabgp", "5.0.0"]);
    for spaced in ["\"host\" : \"", "\"pid\" : ", "\"ppid\" : ", "\"counter\": "] {
        assert!(envelope.contains(spaced), "{envelope}");
    }
}

#[test]
fn raw_and_consolidated_messages_are_told() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } =
        Stage::new("receive { packets; parsed; update; }");
    let bytes = wire::update(&["198.51.100.0/24"], &[], &[]);
    peer.send(&bytes);
    let packet = link.event();
    assert_eq!(
        packet["neighbor"]["message"],
        json!({
            "category": 2,
            "header": "0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001B02",
            "body": "0x000418C633640000",
        })
    );
    let parsed = link.event();
    assert!(parsed.pointer("/neighbor/message/update/withdraw").is_some(), "{parsed}");

    let Stage { daemon: _daemon, mut peer, mut link, .. } =
        Stage::new("receive { consolidate; update; }");
    peer.send(&bytes);
    let both = link.event();
    assert_eq!(both["header"], "0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001B02");
    assert_eq!(both["body"], "0x000418C633640000");
    assert!(both.pointer("/neighbor/message/update/withdraw").is_some(), "{both}");
}

#[test]
fn the_opens_and_what_was_agreed_are_told() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api("negotiated; receive { parsed; open; }"));
    let _daemon = Daemon::start(&format!("{}{}", helper.process(), neighbor(&listener, &rest)));
    let mut link = helper.accept();
    let _peer = listener.establish(&Open::ipv4().hold(90).with(6, &[]).with(2, &[]));
    let open = link.event_at("/neighbor/open", None);
    assert_eq!(
        open["neighbor"]["open"],
        json!({
            "version": 4,
            "asn": 65001,
            "hold_time": 90,
            "router_id": "10.0.0.2",
            "capabilities": {
                "1": { "name": "multiprotocol", "families": ["ipv4/unicast"] },
                "65": { "name": "asn4", "asn4": 65001 },
                "6": { "name": "extended-message", "size": 65535 },
                "2": { "name": "route-refresh", "variant": "RFC" },
            },
        })
    );
    let negotiated = link.event_at("/neighbor/negotiated", None);
    assert_eq!(
        negotiated["neighbor"]["negotiated"],
        json!({
            "message_size": 65535,
            "hold_time": 90,
            "asn4": true,
            "multisession": false,
            "operational": false,
            "refresh": "absent",
            "families": ["ipv4 unicast"],
            "nexthop": [],
            "add_path": { "send": [], "receive": [] },
        })
    );
}

#[test]
fn notifications_are_told_both_ways() {
    let Stage { daemon: _daemon, listener, mut peer, mut link, .. } =
        Stage::new("neighbor-changes; receive { parsed; notification; }");
    link.state("up");
    peer.send(&wire::notification(6, 2, b"\x05hello"));
    let event = link.event_at("/neighbor/notification", None);
    assert_eq!(
        event["neighbor"]["notification"],
        json!({
            "code": 6,
            "subcode": 2,
            "data": "0x53687574646F776E20436F6D6D756E69636174696F6E3A202268656C6C6F22",
            "message": "Shutdown Communication: \"hello\"",
        })
    );
    assert_eq!(link.state("down")["neighbor"]["reason"], "notification received (6,2)");
    let mut peer = listener.establish(&Open::ipv4());
    link.state("up");
    peer.send(&wire::raw_update(&[40, 1, 2, 3, 4, 5], &[], &[]));
    assert_eq!(peer.notified(), (3, 10));
    assert_eq!(link.state("down")["neighbor"]["reason"], "notification sent (3,10)");
}

#[test]
fn hostile_text_stays_inside_its_line() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } =
        Stage::new("neighbor-changes; receive { parsed; notification; }");
    link.state("up");
    let text = b"\"}\n\\\r\x00\xff\xc3\xa9\x1b";
    let mut data = vec![u8::try_from(text.len()).unwrap()];
    data.extend(text);
    peer.send(&wire::notification(6, 2, &data));
    // `event_at` fails on a line that is not ASCII or not JSON.
    link.event_at("/neighbor/notification", None);
    link.state("down");
}

#[test]
fn the_dialect_is_chosen_by_the_setting() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let rest = format!("{IPV4}{}", helper.api("neighbor-changes; receive { parsed; update; }"));
    let _daemon = Daemon::with(&format!("{}{}", helper.process(), neighbor(&listener, &rest)))
        .set("api.version", "6")
        .start();
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    assert_eq!(link.state("up")["exabgp"], "6.0.0");
    peer.send(&update());
    let event = link.event_at("/neighbor/message/update/announce", None);
    assert_eq!(event["neighbor"]["negotiated"]["families"], json!(["ipv4 unicast"]));
    let attributes = event.pointer("/neighbor/message/update/attribute").unwrap();
    assert!(attributes.get("next-hop").is_none(), "it is the key of the announce: {event}");
}

fn text_lines(link: &mut Link, until: &str) -> Vec<String> {
    let mut lines = Vec::new();
    while lines.last().is_none_or(|line| line != until) {
        lines.push(link.line());
    }
    lines
}

#[test]
fn the_text_encoder_writes_lines_for_people() {
    let helper = Helper::new("helper");
    let listener = Listener::new();
    let wishes = "neighbor-changes; receive { parsed; open; update; notification; keepalive; }";
    let rest = format!("{IPV4}{}", helper.api(wishes));
    let configuration =
        format!("{}{}", helper.process_with("encoder text;", ""), neighbor(&listener, &rest));
    let _daemon = Daemon::start(&configuration);
    let mut link = helper.accept();
    let mut peer = listener.establish(&Open::ipv4());
    peer.updates_until_eor();
    peer.send(&update());
    peer.send(&wire::notification(6, 4, &[]));
    let down = "neighbor 127.0.0.1 down - notification received (6,4)";
    let lines = text_lines(&mut link, down);
    let attributes = "origin igp as-path ( 65001 65009 ) med 50 community [ 65001:1 no-export ]";
    let expected = [
        "neighbor 127.0.0.1 connected".to_owned(),
        "neighbor 127.0.0.1 receive open version 4 asn 65001 hold_time 180 router_id 10.0.0.2 \
         capabilities [multiprotocol(ipv4 unicast), asn4(65001)]"
            .to_owned(),
        "neighbor 127.0.0.1 receive keepalive".to_owned(),
        "neighbor 127.0.0.1 up".to_owned(),
        "neighbor 127.0.0.1 receive update start".to_owned(),
        "neighbor 127.0.0.1 receive update withdrawn 10.7.0.0/16".to_owned(),
        format!(
            "neighbor 127.0.0.1 receive update announced 10.1.0.0/24 next-hop 10.0.0.2 {attributes}"
        ),
        format!(
            "neighbor 127.0.0.1 receive update announced 10.2.0.0/24 next-hop 10.0.0.2 {attributes}"
        ),
        "neighbor 127.0.0.1 receive update end".to_owned(),
        "neighbor 127.0.0.1 receive notification code 6 subcode 4 data 0x".to_owned(),
        down.to_owned(),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn nothing_is_told_that_was_not_asked_for() {
    let Stage { daemon: _daemon, mut peer, mut link, .. } = Stage::new("");
    peer.send(&update());
    peer.send(&wire::notification(6, 4, &[]));
    peer.closed();
    link.done("version");
    assert!(link.seen().iter().all(|line| !line.contains("neighbor")), "{:?}", link.seen());
}
