//! The program and GoBGP, over the mobile user plane and policies of segment routing: what it
//! installed is what was announced, what it announces is what our events say, and what it passes
//! on from one of our sessions to another is told as it was said.
#![cfg(test)]

mod support;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};
use support::router::Gobgp;
use support::{Daemon, Helper, Link, place};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// GoBGP with the four families and these neighbors, each with its AS, waiting for their calls.
fn gobgp(neighbors: &[(IpAddr, u32)]) -> Option<Gobgp> {
    let address = place::own_address();
    let families: String = ["ipv4-mup", "ipv6-mup", "ipv4-srpolicy", "ipv6-srpolicy"]
        .iter()
        .map(|name| {
            format!(
                "  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n    \
                 afi-safi-name = \"{name}\"\n"
            )
        })
        .collect();
    let neighbors: String = neighbors
        .iter()
        .map(|(neighbor, asn)| {
            format!(
                "[[neighbors]]
  [neighbors.config]
    neighbor-address = \"{neighbor}\"
    peer-as = {asn}
  [neighbors.transport.config]
    passive-mode = true
    local-address = \"{address}\"
{families}"
            )
        })
        .collect();
    Gobgp::start(address, &neighbors)
}

/// The program's side: `routes` are sections.
fn section(gobgp: &Gobgp, (local, asn): (IpAddr, u32), helper: &Helper, routes: &str) -> String {
    format!(
        "{}neighbor {} {{
    router-id 10.0.{}.1; local-address {local}; local-as {asn}; peer-as 65001; connect {};
    family {{ ipv4 mup; ipv6 mup; ipv4 sr-policy; ipv6 sr-policy; }}
{}
{routes}
}}
",
        helper.process(),
        gobgp.address(),
        asn % 256,
        gobgp.port(),
        helper.api("neighbor-changes; receive { parsed; update; }"),
    )
}

/// The next event that announces or withdraws routes of a family: its update, and the first NLRI.
fn told(link: &mut Link, verb: &str, family: &str) -> (Value, Value) {
    loop {
        let event = link.event_at(&format!("/neighbor/message/update/{verb}"), None);
        let update = event["neighbor"]["message"]["update"].clone();
        let routes = match &update[verb][family] {
            Value::Null => continue,
            Value::Object(next_hops) => next_hops.values().next().unwrap().clone(),
            routes => routes.clone(),
        };
        return (update, routes[0].clone());
    }
}

/// A route of each type: its family, its words, what GoBGP calls it and holds of it.
const SESSIONS: &[(&str, &str, &str, &str)] = &[
    (
        "ipv4",
        "mup-isd 10.0.1.0/24 rd 100:100 next-hop 2001::1 extended-community [ target:10:10 ] \
         bgp-prefix-sid-srv6 ( l3-service 2001:db8:1:1:: 0x48 [64,24,16,0,0,0] )",
        "[type:isd][rd:100:100][prefix:10.0.1.0/24]",
        r#"{"prefix": "10.0.1.0/24"}"#,
    ),
    (
        "ipv4",
        "mup-dsd 10.0.0.1 rd 192.0.2.1:7 next-hop 2001::2 \
         extended-community [ target:10:10 mup:10:10 ]",
        "[type:dsd][rd:192.0.2.1:7][prefix:10.0.0.1]",
        r#"{"address": "10.0.0.1"}"#,
    ),
    (
        "ipv4",
        "mup-t1st 192.168.0.2/32 rd 100:100 teid 12345 qfi 9 endpoint 10.0.0.1 next-hop 10.0.0.2",
        "[type:t1st][rd:100:100][prefix:192.168.0.2/32]",
        r#"{"prefix": "192.168.0.2/32", "teid": 12345, "qfi": 9, "endpoint_address": "10.0.0.1"}"#,
    ),
    (
        "ipv4",
        "mup-t2st 10.0.0.1 rd 100:100 teid 12345/32 next-hop 10.0.0.2",
        "[type:t2st][rd:100:100][endpoint:10.0.0.1][teid:12345]",
        r#"{"endpoint_address": "10.0.0.1", "teid": 12345}"#,
    ),
    (
        "ipv6",
        "mup-isd 2001:db8:1::/48 rd 100:100 next-hop 10.0.0.2",
        "[type:isd][rd:100:100][prefix:2001:db8:1::/48]",
        r#"{"prefix": "2001:db8:1::/48"}"#,
    ),
    (
        "ipv6",
        "mup-dsd 2001:db8::50 rd 100:100 next-hop 2001::2",
        "[type:dsd][rd:100:100][prefix:2001:db8::50]",
        r#"{"address": "2001:db8::50"}"#,
    ),
    (
        "ipv6",
        "mup-t1st 2001:db8:9::9/128 rd 100:100 teid 1 qfi 63 endpoint 2001:db8::60 \
         next-hop 2001:db8::1",
        "[type:t1st][rd:100:100][prefix:2001:db8:9::9/128]",
        r#"{"teid": 1, "qfi": 63, "endpoint_address": "2001:db8::60"}"#,
    ),
    (
        "ipv6",
        "mup-t2st 2001:db8::60 rd 100:100 teid 4294967295/32 next-hop 2001:db8::1",
        "[type:t2st][rd:100:100][endpoint:2001:db8::60][teid:4294967295]",
        r#"{"endpoint_address": "2001:db8::60", "teid": 4294967295}"#,
    ),
];

#[test]
fn gobgp_installs_our_mobile_user_plane() {
    let Some(gobgp) = gobgp(&[(LOCAL, 65000)]) else { return };
    let helper = Helper::new("helper");
    let mut sections: HashMap<&str, String> = HashMap::new();
    for (afi, words, ..) in SESSIONS {
        *sections.entry(afi).or_default() += &format!("mup {words};\n");
    }
    let routes: String =
        sections.iter().map(|(afi, routes)| format!("{afi} {{\n{routes}}}\n")).collect();
    let routes = format!("announce {{\n{routes}}}");
    let _daemon = Daemon::start(&section(&gobgp, (LOCAL, 65000), &helper, &routes));
    let mut link = helper.accept();
    for (family, table) in [("ipv4", "ipv4-mup"), ("ipv6", "ipv6-mup")] {
        let of_family = || SESSIONS.iter().filter(|(afi, ..)| *afi == family);
        let mut names: Vec<&str> = of_family().map(|(_, _, name, _)| *name).collect();
        names.sort_unstable();
        gobgp.has(table, &names);
        let rib = gobgp.ask(&format!("global rib -a {table}"));
        for (_, words, name, held) in of_family() {
            let value = &rib[name][0]["nlri"]["value"];
            let held: serde_json::Map<String, Value> = serde_json::from_str(held).unwrap();
            for (key, expected) in held {
                assert_eq!(value[&key], expected, "{words}: {value}");
            }
        }
    }
    let next_hop = "[type:isd][rd:100:100][prefix:2001:db8:1::/48]";
    let shown = gobgp.ask("global rib -a ipv6-mup")[next_hop][0]["attrs"].to_string();
    let mapped = shown.contains("\"nexthop\":\"10.0.0.2\"") && !shown.contains("\"type\":3,");
    assert!(mapped, "GoBGP shows the mapped form as IPv4, and has no NEXT_HOP: {shown}");

    // A new tunnel of a session takes the place of the old one, and leaves with it.
    let session = "peer * announce ipv4 mup mup-t1st 192.168.0.2/32 rd 100:100 teid 7 qfi 9 \
                   endpoint 10.0.0.8 source 10.0.0.7 next-hop 10.0.0.2";
    link.state("up");
    link.done(session);
    support::until("the session moves", || {
        let name = "[type:t1st][rd:100:100][prefix:192.168.0.2/32]";
        let value = gobgp.ask("global rib -a ipv4-mup")[name][0]["nlri"]["value"].clone();
        (value["teid"] == 7 && value["endpoint_address"] == "10.0.0.8").then_some(())
    });
    for (afi, words, ..) in SESSIONS {
        link.done(&format!("peer * withdraw {afi} mup {words}"));
    }
    gobgp.has("ipv4-mup", &[]);
    gobgp.has("ipv6-mup", &[]);
}

#[test]
fn we_tell_what_gobgp_says_of_the_mobile_user_plane() {
    let Some(gobgp) = gobgp(&[(LOCAL, 65000)]) else { return };
    let helper = Helper::new("helper");
    let _daemon = Daemon::start(&section(&gobgp, (LOCAL, 65000), &helper, ""));
    let mut link = helper.accept();
    link.state("up");
    let srv6 = "prefix 2001:db8:1:1::/64 locator-node-length 24 function-length 16";
    for (family, words, expected) in [
        (
            "ipv4",
            format!("isd 10.0.0.0/24 rd 100:100 {srv6} behavior ENDM_GTP4E rt 10:10 nexthop 2001::2"),
            json!({"code": 1, "prefix_ip": "10.0.0.0", "prefix_ip_len": 24, "rd": "100:100"}),
        ),
        (
            "ipv4",
            "t1st 10.0.0.3/32 rd 100:100 rt 10:10 teid 12345 qfi 9 endpoint 10.0.0.1 nexthop 10.0.0.2"
                .to_owned(),
            json!({"code": 3, "prefix_ip": "10.0.0.3", "teid": "12345", "qfi": "9",
                   "endpoint_ip": "10.0.0.1", "endpoint_ip_len": 32, "source_ip": ""}),
        ),
        (
            "ipv4",
            "t2st 10.0.0.3 rd 100:100 rt 10:10 teid 12345 mup 10:10 nexthop 10.0.0.2".to_owned(),
            json!({"code": 4, "endpoint_ip": "10.0.0.3", "endpoint_len": 64, "teid": "12345"}),
        ),
        (
            "ipv6",
            "t1st 2001:db8::3/128 rd 100:100 rt 10:10 teid 12345 qfi 9 endpoint 2001:db8::1 \
             nexthop 2001:db8::2"
                .to_owned(),
            json!({"code": 3, "prefix_ip": "2001:db8::3", "endpoint_ip": "2001:db8::1"}),
        ),
        (
            "ipv6",
            "t2st 2001:db8::60 rd 100:100 rt 10:10 teid 5 mup 10:10 nexthop 2001:db8::2".to_owned(),
            json!({"code": 4, "endpoint_ip": "2001:db8::60", "endpoint_len": 160, "teid": "5"}),
        ),
    ] {
        let event = format!("{family} mup");
        gobgp.ask(&format!("global rib add -a {family}-mup {words}"));
        let (update, nlri) = told(&mut link, "announce", &event);
        for (key, expected) in expected.as_object().unwrap() {
            assert_eq!(&nlri[key], expected, "{words}: {nlri}");
        }
        let communities = update["attribute"]["extended-community"].to_string();
        assert!(communities.contains("target:10:10"), "{update}");
        if words.starts_with("isd") {
            let service = &update["attribute"]["bgp-prefix-sid"]["l3-service"][0];
            assert_eq!(service["sid"], "2001:db8:1:1::", "{update}");
            assert_eq!(service["endpoint_behavior"], 72, "{update}");
        }
        gobgp.ask(&format!("global rib del -a {family}-mup {words}"));
        let (_, gone) = told(&mut link, "withdraw", &event);
        assert_eq!(gone["raw"], nlri["raw"]);
    }
}

/// Policies with every kind of sub-TLV that GoBGP passes on.
const POLICIES: &[(&str, &str)] = &[
    (
        "ipv4 sr-policy",
        "distinguisher 1 color 100 endpoint 192.0.2.7 next-hop 192.0.2.9 preference 150 \
         priority 7 binding-sid mpls 24000 policy-name gold candidate-path-name main \
         segment-list weight 2 segment type-a mpls 16001 segment type-a mpls 16002 \
         segment-list weight 3 segment type-a mpls 16003",
    ),
    (
        "ipv6 sr-policy",
        "distinguisher 2 color 4294967295 endpoint 2001:db8::7 next-hop 2001:db8::9 \
         preference 50 segment-list weight 1 segment type-b srv6 2001:db8:5:: \
         endpoint-behavior 0x48 40 24 16 0",
    ),
];

#[test]
fn what_gobgp_passes_on_is_told_as_it_was_said() {
    let other = place::own_address();
    let Some(gobgp) = gobgp(&[(LOCAL, 65000), (other, 65002)]) else { return };
    let (speaker, listener) = (Helper::new("speaker"), Helper::new("listener"));
    let _listening = Daemon::start(&section(&gobgp, (other, 65002), &listener, ""));
    let mut heard = listener.accept();
    heard.state("up");
    let _speaking = Daemon::start(&section(&gobgp, (LOCAL, 65000), &speaker, ""));
    let mut said = speaker.accept();
    said.state("up");
    for (family, words) in POLICIES {
        said.done(&format!("peer * announce {family} {words}"));
        let (update, nlri) = told(&mut heard, "announce", family);
        for (key, place) in [("distinguisher", 1), ("color", 3), ("endpoint", 5)] {
            let word = words.split_whitespace().nth(place).unwrap();
            assert_eq!(nlri[key].to_string().trim_matches('"'), word, "{nlri}");
        }
        let policy = &update["attribute"]["tunnel-encap"]["sr-policy"];
        let lists = policy["segment-lists"].as_array().unwrap();
        assert_eq!(lists.len(), words.matches("segment-list").count(), "{update}");
        if *family == "ipv4 sr-policy" {
            assert_eq!(policy["preference"], 150, "{update}");
            assert_eq!(policy["priority"], 7, "{update}");
            assert_eq!(policy["binding-sid"], json!({"type": "mpls", "label": 24000}));
            assert_eq!(policy["policy-name"], "gold", "{update}");
            assert_eq!(lists[0]["weight"], 2, "{update}");
            assert_eq!(lists[0]["segments"][1]["label"], 16002, "{update}");
        } else {
            assert_eq!(lists[0]["segments"][0]["sid"], "2001:db8:5::", "{update}");
        }
        said.done(&format!("peer * withdraw {family} {words}"));
        let (_, gone) = told(&mut heard, "withdraw", family);
        assert_eq!(gone, nlri);
    }
}
