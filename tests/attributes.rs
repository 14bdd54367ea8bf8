//! What a fault of each attribute costs (RFC 7606), and the places where ExaBGP is not followed.

#![cfg(test)]

mod support;

use exabgp::bgp::Negotiated;
use exabgp::bgp::attribute::{Announced, Attributes, Received, Verdict};
use exabgp::bgp::message::Notify;
use exabgp::json::{self, Dialect};
use exabgp::protocol::Asn;
use support::unhex;

const ORIGIN: &str = "40010100";
const AS_PATH: &str = "400200";
const NEXT_HOP: &str = "400304c6336407";
const PREFERENCE: &str = "40050400000064";

fn internal() -> Negotiated {
    Negotiated { aigp: true, ..Negotiated::wide() }
}

fn old() -> Negotiated {
    Negotiated { asn4: false, ..internal() }
}

/// Attributes as received with a route of IPv4 unicast.
fn received<T>(hex: &str, negotiated: &Negotiated, look: impl FnOnce(&Received<'_>) -> T) -> T {
    let octets = unhex(&hex.replace(' ', ""));
    let mut received = Attributes::unpack(&octets, negotiated);
    received.require(Announced::InNlri);
    look(&received)
}

/// Those that every route has, and `hex` behind them.
fn beside(hex: &str) -> String {
    format!("{ORIGIN}{AS_PATH}{NEXT_HOP}{PREFERENCE}{hex}")
}

fn json(received: &Received<'_>, dialect: Dialect) -> serde_json::Value {
    let mut out = Vec::new();
    json::Writer::new(&mut out, dialect).object(|object| received.attributes.json(object));
    serde_json::from_slice(&out).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cost {
    /// Nothing: the attribute is dropped, or its fault is none.
    Nothing,
    /// The attribute.
    Attribute,
    /// The routes of the message.
    Routes,
    /// The session, by a NOTIFICATION 3 of this subcode.
    Session(u8),
}

fn cost(received: &Received<'_>) -> Cost {
    match &received.verdict {
        Verdict::Keep => Cost::Nothing,
        Verdict::Discard(_) => Cost::Attribute,
        Verdict::Withdraw(_) => Cost::Routes,
        Verdict::Reset(notify) => {
            let subcode = (1..=11).find(|code| *notify == Notify::new(3, *code));
            Cost::Session(subcode.expect("a fault of UPDATE"))
        }
    }
}

fn costs(rows: &[(&str, String, Cost)]) {
    for (fault, hex, expected) in rows {
        assert_eq!(received(hex, &internal(), cost), *expected, "{fault}");
    }
}

#[test]
fn faults_of_what_every_route_has_cost_the_routes() {
    use Cost::{Nothing, Routes};
    costs(&[
        ("none", beside(""), Nothing),
        ("header overruns", beside("c008"), Routes),
        ("value overruns", beside("c00808fcbc0001"), Routes),
        ("long length overruns", beside("d00800"), Routes),
        ("ORIGIN length", format!("4001020000{AS_PATH}{NEXT_HOP}"), Routes),
        ("ORIGIN value", format!("40010103{AS_PATH}{NEXT_HOP}"), Routes),
        ("ORIGIN flags", format!("c0010100{AS_PATH}{NEXT_HOP}"), Routes),
        ("ORIGIN empty", format!("400100{AS_PATH}{NEXT_HOP}"), Routes),
        ("ORIGIN missing", format!("{AS_PATH}{NEXT_HOP}"), Routes),
        ("AS_PATH type", format!("{ORIGIN}40020605010000fcbc{NEXT_HOP}"), Routes),
        ("AS_PATH overrun", format!("{ORIGIN}40020602020000fcbc{NEXT_HOP}"), Routes),
        ("AS_PATH segment of none", format!("{ORIGIN}4002020200{NEXT_HOP}"), Routes),
        ("AS_PATH flags", format!("{ORIGIN}c00200{NEXT_HOP}"), Routes),
        ("AS_PATH missing", format!("{ORIGIN}{NEXT_HOP}"), Routes),
        ("NEXT_HOP length", format!("{ORIGIN}{AS_PATH}400305c633640700"), Routes),
        ("NEXT_HOP of IPv6", format!("{ORIGIN}{AS_PATH}40031020010db8{}", "00".repeat(12)), Routes),
        ("NEXT_HOP empty", format!("{ORIGIN}{AS_PATH}400300"), Routes),
        ("NEXT_HOP flags", format!("{ORIGIN}{AS_PATH}800304c6336407"), Routes),
        ("NEXT_HOP missing", format!("{ORIGIN}{AS_PATH}"), Routes),
        ("MED length", beside("800403000001"), Routes),
        ("MED flags", beside("40040400000001"), Routes),
        ("MED empty", beside("800400"), Routes),
        ("LOCAL_PREF length", format!("{ORIGIN}{AS_PATH}{NEXT_HOP}400503000001"), Routes),
        ("LOCAL_PREF flags", format!("{ORIGIN}{AS_PATH}{NEXT_HOP}80050400000001"), Routes),
    ]);
}

#[test]
fn faults_of_the_others_cost_what_rfc_7606_says() {
    use Cost::{Attribute, Nothing, Routes, Session};
    let zeroes = |count| "00".repeat(count);
    costs(&[
        ("ATOMIC_AGGREGATE length", beside("40060100"), Attribute),
        ("ATOMIC_AGGREGATE flags", beside("800600"), Attribute),
        ("ATOMIC_AGGREGATE empty", beside("400600"), Nothing),
        ("AGGREGATOR length", beside("c00706fcbcc0000221"), Attribute),
        ("AGGREGATOR empty", beside("c00700"), Attribute),
        ("AGGREGATOR flags", beside("8007080000fcbcc0000221"), Attribute),
        ("COMMUNITY length", beside("c00805fcbc000100"), Routes),
        ("COMMUNITY empty", beside("c00800"), Routes),
        ("COMMUNITY flags", beside("800804fcbc0001"), Routes),
        ("ORIGINATOR_ID length", beside("800903c00002"), Routes),
        ("ORIGINATOR_ID flags", beside("c00904c0000201"), Nothing),
        ("CLUSTER_LIST length", beside("800a05c000020100"), Routes),
        ("CLUSTER_LIST empty", beside("800a00"), Routes),
        ("EXTENDED_COMMUNITY length", beside("c010070002fcbc000000"), Routes),
        ("EXTENDED_COMMUNITY flags", beside("8010080002fcbc00000000"), Routes),
        ("PMSI length", beside("c0160400000000"), Routes),
        ("PMSI flags", beside("8016050000000000"), Nothing),
        ("TUNNEL_ENCAP truncated", beside("c01704000f00ff"), Routes),
        ("TUNNEL_ENCAP sub-TLV", beside("c01708000f00040c020000"), Routes),
        ("TUNNEL_ENCAP empty", beside("c01700"), Routes),
        ("TUNNEL_ENCAP flags", beside("80170400080000"), Nothing),
        ("IPV6_EXT_COMMUNITY length", beside(&format!("c01913{}", zeroes(19))), Routes),
        ("AIGP length", beside("801a0a01000a000000000003e8"), Attribute),
        ("AIGP empty", beside("801a00"), Attribute),
        ("LARGE_COMMUNITY length", beside(&format!("c0200b{}", zeroes(11))), Routes),
        ("LARGE_COMMUNITY empty", beside("c02000"), Routes),
        ("OTC length", beside("c0230300fde9"), Routes),
        ("OTC long", beside("c023050000fde900"), Routes),
        ("OTC empty", beside("c02300"), Routes),
        ("PREFIX_SID truncated", beside("c02806010007000000"), Attribute),
        ("PREFIX_SID index", beside("c02809010006000000000003"), Attribute),
        ("PREFIX_SID service", beside("c0280805000500010003 00"), Attribute),
        ("PREFIX_SID flags", beside("80280a01000700000000000309"), Attribute),
        ("unknown, well-known", beside("40630101"), Nothing),
        ("unknown, not transitive", beside("80630101"), Nothing),
        ("MP_REACH flags", beside("c00e0100"), Session(9)),
        ("MP_UNREACH flags", beside("c00f0100"), Session(9)),
        ("MP_REACH twice", beside("800e0100800e0100"), Session(1)),
        ("MP_UNREACH twice", beside("800f0100800f0100"), Session(1)),
        ("MED twice", beside("80040400000001 80040400000002"), Nothing),
        ("the strongest wins", beside("40060100 c00800 c00700"), Routes),
    ]);
    let as4_path = format!("{ORIGIN}40020402 01fcbc{NEXT_HOP}c011060205fa56ea01");
    assert_eq!(received(&as4_path, &old(), cost), Attribute);
    let external = Negotiated { peer_as: Asn(1), ..internal() };
    let from_outside = beside("800903c00002 800a05c000020100");
    assert_eq!(received(&from_outside, &external, cost), Attribute, "RFC 7606 section 7.9");
}

#[test]
fn a_dropped_attribute_leaves_the_others() {
    let hex = beside("80040400000007 c02806010007000000");
    received(&hex, &internal(), |received| {
        let expected = serde_json::json!({ "origin": "igp", "med": 7, "local-preference": 100 });
        assert_eq!(json(received, Dialect::V6), expected);
    });
}

#[test]
fn low_bits_of_flags_are_no_fault() {
    for flags in 0..16 {
        let hex = beside(&format!("8{flags:x}040400000007"));
        // The extended length is bit 0x10, none of these.
        assert_eq!(received(&hex, &internal(), cost), Cost::Nothing, "{flags}");
    }
}

#[test]
fn paths_are_merged_segment_by_segment() {
    // A sequence, a set, a sequence of old speakers, the last hops of which are wide.
    let hex = format!(
        "{ORIGIN}40020e 0201fcbc 0101fcbd 02025ba05ba0{NEXT_HOP}c0110a0202fa56ea01fa56ea02"
    );
    received(&hex, &old(), |received| {
        assert_eq!(
            json(received, Dialect::V6)["as-path"],
            serde_json::json!({
                "0": { "element": "as-sequence", "value": [64700] },
                "1": { "element": "as-set", "value": [64701] },
                "2": { "element": "as-sequence", "value": [4_200_000_001u32, 4_200_000_002u32] },
            })
        );
        assert_eq!(received.verdict, Verdict::Keep);
    });
}

#[test]
fn wide_targets_are_those_of_rfc_5668() {
    let strings = |hex: &str| {
        received(&beside(hex), &internal(), |received| {
            let json = json(received, Dialect::V4);
            let list = json["extended-community"].as_array().unwrap().clone();
            list.iter().map(|one| one["string"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        })
    };
    assert_eq!(strings("c010080202fa56ea01004d"), ["target:4200000001:77"]);
    assert_eq!(strings("c010088208fa56ea010015"), ["redirect:4200000001:21"]);
    assert_eq!(strings("c010084004fcbc47f42400"), ["bandwidth:64700:125000"]);
}

#[test]
fn services_are_told_by_their_numbers() {
    let hex = beside(
        "c02825 050022 00 01001e 00 20010db8000500000000000000000000 00 0048 00 \
         010006 401810001040",
    );
    for dialect in [Dialect::V4, Dialect::V6] {
        received(&hex, &internal(), |received| {
            let service = &json(received, dialect)["bgp-prefix-sid"]["l3-service"][0];
            assert_eq!(service["sid"], "2001:db8:5::");
            assert_eq!(service["endpoint_behavior"], 0x48);
            assert_eq!(service["structure"]["transposition-offset"], 64);
        });
    }
}
