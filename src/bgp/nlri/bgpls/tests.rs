//! Routes by their faces, what is wrong with octets and words, and octets of every kind.

use proptest::prelude::*;

use super::wording::{self, GRAMMAR};
use super::{BgpLs, Layout};
use crate::bgp::attribute::bgpls::tlv;
use crate::bgp::attribute::{Builder, NextHop};
use crate::bgp::nlri::{About, Packed};
use crate::json::{self, Dialect};
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Tokens};
use crate::wire::{Hex, from_hex};

const PLAIN: Family = Family::new(Afi::BGP_LS, Safi::BGP_LS);
const VPN: Family = Family::new(Afi::BGP_LS, Safi::BGP_LS_VPN);

fn parse(text: &str, family: Family) -> Result<Packed, Error> {
    let mut tokens = Tokens::line(text);
    let mut wording = (GRAMMAR.start)(family);
    let mut attributes = Builder::default();
    while !tokens.is_done() {
        let word = tokens.word("a word")?;
        let read = wording.field(&word, &mut tokens, &mut attributes);
        read.unwrap_or_else(|| Err(word.fault("is no word of the route")))?;
    }
    wording.finish(&mut attributes, tokens.last())
}

fn about(family: Family, dialect: Dialect) -> About {
    let next_hop = NextHop::Address("198.51.100.7".parse().unwrap());
    About { family, path_id: None, next_hop, dialect }
}

fn rendered(nlri: &BgpLs, family: Family, dialect: Dialect) -> String {
    let mut out = Vec::new();
    let about = about(family, dialect);
    json::Writer::new(&mut out, dialect).object(|object| nlri.members(object, &about));
    String::from_utf8(out).unwrap()
}

/// Words to octets, and octets to words and JSON.
fn check(family: Family, (hex, words, json): (&str, &str, &str)) {
    let hex = hex.replace(' ', "");
    assert_eq!(Hex(parse(words, family).unwrap().bytes()).to_string().to_lowercase(), hex);
    let bytes = from_hex(&hex).unwrap();
    let nlri = BgpLs::unpack(&bytes, family).unwrap();
    assert_eq!(rendered(&nlri, family, Dialect::V6), format!("{{ {json} }}"));
    let mut text = Vec::new();
    nlri.text(&mut text, &about(family, Dialect::V6));
    assert_eq!(String::from_utf8(text).unwrap(), format!("{words} next-hop 198.51.100.7"));
}

const NODE: &str = "0001 0027 02 0000000000000001 \
                    0100001a 02000004 0000fcbc 02010004 00000000 02030006 000000000001";

#[test]
fn a_node() {
    check(
        PLAIN,
        (
            NODE,
            "bgpls-node l3-routing-topology 1 protocol-id 2 node-descriptors ( \
         autonomous-system 64700 bgp-ls-identifier 0 router-id 000000000001 )",
            concat!(
                r#""ls-nlri-type": "bgpls-node", "l3-routing-topology": 1, "protocol-id": 2, "#,
                r#""node-descriptors": [ { "autonomous-system": 64700 }, "#,
                r#"{ "bgp-ls-identifier": "0" }, { "router-id": "000000000001" } ]"#
            ),
        ),
    );
}

/// The protocol, the descriptors of a node, their words and their JSON.
const ROUTERS: &[(&str, &str, &str, &str)] = &[
    (
        "01",
        "02030007 00000000000102",
        "router-id 00000000000102",
        r#"{ "router-id": "00000000000102", "psn": "2" }"#,
    ),
    (
        "01",
        "02030007 00000000000100",
        "router-id 00000000000100",
        r#"{ "router-id": "00000000000100" }"#,
    ),
    ("03", "02030004 c0000201", "router-id 192.0.2.1", r#"{ "router-id": "192.0.2.1" }"#),
    (
        "03",
        "02030008 c0000201 c0000202",
        "router-id 192.0.2.1 designated-router-id 192.0.2.2",
        r#"{ "router-id": "192.0.2.1", "designated-router-id": "192.0.2.2" }"#,
    ),
    // Direct and static: any of them. The reference confuses their numbers.
    ("04", "02030004 c0000201", "router-id 192.0.2.1", r#"{ "router-id": "192.0.2.1" }"#),
    ("04", "02030006 000000000001", "router-id 000000000001", r#"{ "router-id": "000000000001" }"#),
    (
        "05",
        "02030007 00000000000102",
        "router-id 00000000000102",
        r#"{ "router-id": "00000000000102", "psn": "2" }"#,
    ),
    (
        "05",
        "02030008 c0000201 c0000202",
        "router-id 192.0.2.1 designated-router-id 192.0.2.2",
        r#"{ "router-id": "192.0.2.1", "designated-router-id": "192.0.2.2" }"#,
    ),
    ("e3", "02030004 c0000201", "router-id 192.0.2.1", r#"{ "router-id": "192.0.2.1" }"#),
    // What is not known is kept; the reference ends the session for it.
    (
        "09",
        "02030002 0102",
        "generic-node-descriptor-515 0x0102",
        r#"{ "generic-node-descriptor-515": "0x0102" }"#,
    ),
    (
        "02",
        "02040004 c0000201",
        "generic-node-descriptor-516 0xc0000201",
        r#"{ "generic-node-descriptor-516": "0xC0000201" }"#,
    ),
    ("06", "02020004 00000000", "ospf-area-id 0.0.0.0", r#"{ "ospf-area-id": "0.0.0.0" }"#),
    (
        "06",
        "02020010 20010db8000000000000000000000001",
        "ospf-area-id 2001:db8::1",
        r#"{ "ospf-area-id": "2001:db8::1" }"#,
    ),
];

#[test]
fn a_node_by_what_each_protocol_calls_a_router() {
    for (protocol, router, words, json) in ROUTERS {
        let router = router.replace(' ', "");
        let inner = router.len() / 2;
        let hex =
            format!("0001{:04x}{protocol}00000000000000000100{inner:04x}{router}", 13 + inner);
        let number = u8::from_str_radix(protocol, 16).unwrap();
        let words = format!(
            "bgpls-node l3-routing-topology 0 protocol-id {number} node-descriptors ( {words} )"
        );
        let json = format!(
            "\"ls-nlri-type\": \"bgpls-node\", \"l3-routing-topology\": 0, \
             \"protocol-id\": {number}, \"node-descriptors\": [ {json} ]"
        );
        check(PLAIN, (&hex, &words, &json));
    }
}

#[test]
fn a_link() {
    check(
        PLAIN,
        (
            "0002 005f 02 0000000000000001 \
         0100001a 02000004 0000fcbc 02010004 00000000 02030006 000000000001 \
         01010012 02000004 0000fcbc 02030006 000000000002 \
         01020008 00000001 00000002 01030004 c0000201 01040004 c0000202 01070002 0002",
            "bgpls-link l3-routing-topology 1 protocol-id 2 local-node-descriptors ( \
         autonomous-system 64700 bgp-ls-identifier 0 router-id 000000000001 ) \
         remote-node-descriptors ( autonomous-system 64700 router-id 000000000002 ) \
         link-identifiers ( link-local-id 1 link-remote-id 2 ) interface-addresses 192.0.2.1 \
         neighbor-addresses 192.0.2.2 multi-topology-ids [ 2 ]",
            concat!(
                r#""ls-nlri-type": "bgpls-link", "l3-routing-topology": 1, "protocol-id": 2, "#,
                r#""local-node-descriptors": [ { "autonomous-system": 64700 }, "#,
                r#"{ "bgp-ls-identifier": "0" }, { "router-id": "000000000001" } ], "#,
                r#""remote-node-descriptors": [ { "autonomous-system": 64700 }, "#,
                r#"{ "router-id": "000000000002" } ], "interface-addresses": [ "192.0.2.1" ], "#,
                r#""neighbor-addresses": [ "192.0.2.2" ], "multi-topology-ids": [ 2 ], "#,
                r#""link-identifiers": [ { "link-local-id": 1, "link-remote-id": 2 } ]"#
            ),
        ),
    );
}

#[test]
fn a_link_of_addresses_and_what_is_not_known() {
    check(
        PLAIN,
        (
            "0002 0043 03 0000000000000000 01030004 c0000201 \
         01050010 20010db8000000000000000000000001 01060010 20010db8000000000000000000000002 \
         03e70001 aa 03e70001 bb",
            "bgpls-link l3-routing-topology 0 protocol-id 3 interface-addresses 192.0.2.1 \
         interface-addresses 2001:db8::1 neighbor-addresses 2001:db8::2 \
         generic-tlv-999 0xaa generic-tlv-999 0xbb",
            concat!(
                r#""ls-nlri-type": "bgpls-link", "l3-routing-topology": 0, "protocol-id": 3, "#,
                r#""local-node-descriptors": [ ], "remote-node-descriptors": [ ], "#,
                r#""interface-addresses": [ "192.0.2.1", "2001:db8::1" ], "#,
                r#""neighbor-addresses": [ "2001:db8::2" ], "multi-topology-ids": [ ], "#,
                r#""link-identifiers": [ ], "generic-tlv-999": ["0xAA", "0xBB"]"#
            ),
        ),
    );
}

#[test]
fn prefixes() {
    check(
        PLAIN,
        (
            "0003 0032 03 0000000000000001 \
         01000018 02000004 0000fcbc 02020004 00000000 02030004 c0000201 \
         01080001 01 01090004 18ac1008",
            "bgpls-prefix-v4 l3-routing-topology 1 protocol-id 3 node-descriptors ( \
         autonomous-system 64700 ospf-area-id 0.0.0.0 router-id 192.0.2.1 ) \
         ospf-route-type 1 ip-reach-prefix 172.16.8.0/24",
            concat!(
                r#""ls-nlri-type": "bgpls-prefix-v4", "l3-routing-topology": 1, "protocol-id": 3, "#,
                r#""node-descriptors": [ { "autonomous-system": 64700 }, "#,
                r#"{ "ospf-area-id": "0.0.0.0" }, { "router-id": "192.0.2.1" } ], "#,
                r#""ip-reachability-tlv": "172.16.8.0/24", "ip-reach-prefix": "172.16.8.0/24", "#,
                r#""ospf-route-type": 1"#
            ),
        ),
    );
    check(
        PLAIN,
        (
            "0004 002a 02 0000000000000000 0100000a 02030006 000000000001 01070004 0002 0003 \
         01090007 30 20010db80077",
            "bgpls-prefix-v6 l3-routing-topology 0 protocol-id 2 node-descriptors ( \
         router-id 000000000001 ) multi-topology-ids [ 2 3 ] ip-reach-prefix 2001:db8:77::/48",
            concat!(
                r#""ls-nlri-type": "bgpls-prefix-v6", "l3-routing-topology": 0, "protocol-id": 2, "#,
                r#""node-descriptors": [ { "router-id": "000000000001" } ], "#,
                r#""ip-reachability-tlv": "2001:db8:77::/48", "ip-reach-prefix": "2001:db8:77::/48", "#,
                r#""multi-topology-ids": [ 2 ]"#
            ),
        ),
    );
    // A default route, and one whose host bits are set.
    for (reach, words) in [("01090001 00", "0.0.0.0/0"), ("01090002 07 0b", "11.0.0.0/7")] {
        let reach = reach.replace(' ', "");
        let hex = format!("0003{:04x}020000000000000000{reach}", 9 + reach.len() / 2);
        let json = format!(
            "\"ls-nlri-type\": \"bgpls-prefix-v4\", \"l3-routing-topology\": 0, \
             \"protocol-id\": 2, \"node-descriptors\": [ ], \
             \"ip-reachability-tlv\": \"{words}\", \"ip-reach-prefix\": \"{words}\""
        );
        let words =
            format!("bgpls-prefix-v4 l3-routing-topology 0 protocol-id 2 ip-reach-prefix {words}");
        check(PLAIN, (&hex, &words, &json));
    }
}

#[test]
fn a_sid_of_srv6() {
    check(
        PLAIN,
        (
            "0006 0041 02 0000000000000001 \
         0100001a 02000004 0000fcbc 02010004 00000000 02030006 000000000001 \
         01070002 0002 02060010 20010db8000500000000000000000001",
            "bgpls-srv6sid l3-routing-topology 1 protocol-id 2 node-descriptors ( \
         autonomous-system 64700 bgp-ls-identifier 0 router-id 000000000001 ) \
         multi-topology-ids [ 2 ] srv6-sid 2001:db8:5::1",
            concat!(
                r#""ls-nlri-type": "bgpls-srv6sid", "l3-routing-topology": 1, "protocol-id": 2, "#,
                r#""node-descriptors": [ { "autonomous-system": 64700 }, "#,
                r#"{ "bgp-ls-identifier": "0" }, { "router-id": "000000000001" } ], "#,
                r#""srv6-sid-descriptors": {"multi-topology-ids": ["2"], "srv6-sid": "2001:db8:5::1"}"#
            ),
        ),
    );
}

#[test]
fn a_node_of_a_vpn() {
    check(
        VPN,
        (
            "0001 002f 0000fcbc0000000c 02 0000000000000001 \
         0100001a 02000004 0000fcbc 02010004 00000000 02030006 000000000001",
            "bgpls-node l3-routing-topology 1 protocol-id 2 rd 64700:12 node-descriptors ( \
         autonomous-system 64700 bgp-ls-identifier 0 router-id 000000000001 )",
            concat!(
                r#""ls-nlri-type": "bgpls-node", "l3-routing-topology": 1, "protocol-id": 2, "#,
                r#""node-descriptors": [ { "autonomous-system": 64700 }, "#,
                r#"{ "bgp-ls-identifier": "0" }, { "router-id": "000000000001" } ], "rd": "64700:12""#
            ),
        ),
    );
}

#[test]
fn what_words_cannot_say_is_told_by_octets() {
    for (hex, json) in [
        ("0009 0002 0102", r#""code": 9, "parsed": false, "raw": "000900020102""#),
        // Reserved bits of a topology, and octets beyond the length of a prefix.
        (
            "0003 0014 02 0000000000000000 01070002 f002 01090001 00",
            concat!(
                r#""ls-nlri-type": "bgpls-prefix-v4", "l3-routing-topology": 0, "protocol-id": 2, "#,
                r#""node-descriptors": [ ], "ip-reachability-tlv": "0.0.0.0/0", "#,
                r#""ip-reach-prefix": "0.0.0.0/0", "multi-topology-ids": [ 2 ]"#
            ),
        ),
        (
            "0003 0010 02 0000000000000000 01090003 08 0a01",
            concat!(
                r#""ls-nlri-type": "bgpls-prefix-v4", "l3-routing-topology": 0, "protocol-id": 2, "#,
                r#""node-descriptors": [ ], "ip-reachability-tlv": "10.1.0.0/8", "#,
                r#""ip-reach-prefix": "10.1.0.0/8""#
            ),
        ),
        // Descriptors out of order.
        (
            "0001 001d 02 0000000000000000 01000010 02010004 00000001 02000004 0000fcbc",
            concat!(
                r#""ls-nlri-type": "bgpls-node", "l3-routing-topology": 0, "protocol-id": 2, "#,
                r#""node-descriptors": [ { "bgp-ls-identifier": "1" }, "#,
                r#"{ "autonomous-system": 64700 } ]"#
            ),
        ),
    ] {
        let words = format!("raw 0x{}", hex.replace(' ', ""));
        check(PLAIN, (hex, &words, json));
    }
}

#[test]
fn the_next_hop_stands_inside_in_the_older_dialect() {
    let told = |hex: &str, dialect| {
        let bytes = from_hex(&hex.replace(' ', "")).unwrap();
        let nlri = BgpLs::unpack(&bytes, PLAIN).unwrap();
        rendered(&nlri, PLAIN, dialect).contains("\"nexthop\": \"198.51.100.7\"")
    };
    assert!(told(NODE, Dialect::V4));
    assert!(!told(NODE, Dialect::V6));
    assert!(!told("0002 0009 02 0000000000000001", Dialect::V4));
    assert!(!told("0009 0002 0102", Dialect::V4));
}

#[test]
fn words_are_read_as_people_write_them() {
    let node = parse("bgpls-node protocol-id 2 node-descriptors (router-id 0000.0000.0001)", PLAIN);
    for text in [
        "ls-nlri-type bgpls-node protocol-id isis_l2 node-descriptors ( router-id 000000000001 )",
        "node-descriptors ( router-id 0000.0000.0001 ) l3-routing-topology 0 protocol-id 2 bgpls-node",
        "bgpls-node protocol-id 2 local-node-descriptors ( router-id 00-00-00-00-00-01 )",
        "raw 0x00010017020000000000000000010000 0a02030006000000000001",
    ] {
        let text = text.replace("0000 0a", "00000a");
        assert_eq!(parse(&text, PLAIN).unwrap(), *node.as_ref().unwrap(), "{text}");
    }
    // Whatever the order of the words, descriptors leave in the order of their types.
    let sorted =
        "bgpls-link protocol-id 3 interface-addresses 192.0.2.1 neighbor-addresses 192.0.2.2";
    let turned = "bgpls-link neighbor-addresses [ 192.0.2.2 ] interface-addresses [ 192.0.2.1 ] protocol-id 3";
    assert_eq!(parse(sorted, PLAIN).unwrap(), parse(turned, PLAIN).unwrap());
    let psn = "bgpls-node protocol-id 2 node-descriptors ( router-id 000000000001 psn 2 )";
    let both = "bgpls-node protocol-id 2 node-descriptors ( router-id 00000000000102 psn 2 )";
    assert_eq!(parse(psn, PLAIN).unwrap(), parse(both, PLAIN).unwrap());
    let vpn = parse("bgpls-link protocol-id 3 rd 64700:12", VPN).unwrap();
    assert_eq!(vpn.family(), VPN);
    assert_eq!(Hex(vpn.bytes()).to_string(), "000200110000FCBC0000000C030000000000000000");
}

#[test]
fn what_is_no_route() {
    for (hex, family) in [
        ("0001 0008 02 00000000000000", PLAIN),
        // A node and a SID without their node, a node whose first descriptor is another one.
        ("0001 0009 02 0000000000000001", PLAIN),
        ("0006 0009 02 0000000000000001", PLAIN),
        ("0001 000e 02 0000000000000001 01080001 01", PLAIN),
        // A prefix that does not tell its prefix, or tells it wrongly.
        ("0003 0009 02 0000000000000001", PLAIN),
        ("0003 000d 02 0000000000000001 01090000", PLAIN),
        ("0003 000e 02 0000000000000001 01090001 21", PLAIN),
        ("0003 0013 02 0000000000000001 01090006 18 ac10080000", PLAIN),
        ("0004 000e 02 0000000000000001 01090001 81", PLAIN),
        // Lengths of descriptors.
        ("0001 0014 02 0000000000000001 01000007 02000003 00fcbc", PLAIN),
        ("0001 0014 02 0000000000000001 01000007 02010003 000000", PLAIN),
        ("0001 0014 02 0000000000000001 01000007 02020003 000000", PLAIN),
        ("0001 0014 02 0000000000000001 01000007 02030003 000000", PLAIN),
        ("0001 0015 03 0000000000000001 01000008 02030006 00000000", PLAIN),
        ("0002 0011 02 0000000000000001 01020004 00000001", PLAIN),
        ("0002 000f 02 0000000000000001 01030002 0a01", PLAIN),
        ("0002 000f 02 0000000000000001 01060002 0a01", PLAIN),
        ("0002 000e 02 0000000000000001 01070001 0a", PLAIN),
        ("0002 000c 02 0000000000000001 010300", PLAIN),
        ("0006 0013 02 0000000000000001 01000000 02060002 2001", PLAIN),
        // A distinguisher that is not whole.
        ("0001 0007 0000fcbc000000", VPN),
    ] {
        let bytes = from_hex(&hex.replace(' ', "")).unwrap();
        assert!(BgpLs::check(&bytes, family).is_err(), "{hex}");
        assert!(BgpLs::unpack(&bytes, family).is_err(), "{hex}");
    }
}

#[test]
fn words_that_are_no_route() {
    for text in [
        "",
        "bgpls-node",
        "bgpls-node protocol-id 2",
        "protocol-id 2 node-descriptors ( )",
        "bgpls-node protocol-id isis node-descriptors ( )",
        "bgpls-node protocol-id 256 node-descriptors ( )",
        "bgpls-stub protocol-id 2",
        "ls-nlri-type node",
        "bgpls-node protocol-id 2 node-descriptors",
        "bgpls-node protocol-id 2 node-descriptors ( wibble 1 )",
        "bgpls-node protocol-id 2 node-descriptors ( router-id 192.0.2.1 )",
        "bgpls-node protocol-id 3 node-descriptors ( router-id 000000000001 )",
        "bgpls-node protocol-id 2 node-descriptors ( router-id 00000000000102 psn 3 )",
        "bgpls-node protocol-id 2 node-descriptors ( router-id 000000000001 router-id 000000000002 )",
        "bgpls-node protocol-id 2 node-descriptors ( ) srv6-sid 2001:db8::1",
        "bgpls-node protocol-id 2 node-descriptors ( ) rd 1:1",
        "bgpls-prefix-v4 protocol-id 2",
        "bgpls-prefix-v4 protocol-id 2 ip-reach-prefix 10.0.0.0",
        "bgpls-prefix-v4 protocol-id 2 ip-reach-prefix 10.0.0.0/33",
        "bgpls-prefix-v4 protocol-id 2 ip-reach-prefix 2001:db8::/48",
        "bgpls-link protocol-id 2 multi-topology-ids 4096",
        "bgpls-link protocol-id 2 interface-addresses [ 192.0.2.1",
        "bgpls-link protocol-id 2 generic-tlv-x 0x00",
        "bgpls-link protocol-id 2 generic-tlv-259 0x00",
        "raw 0x00090002010203",
        "raw 0x000100",
        "raw 0x000900020102 bgpls-node",
    ] {
        assert!(parse(text, PLAIN).is_err(), "{text}");
    }
    assert!(parse("bgpls-link protocol-id 2", VPN).is_err());
}

/// Octets of a route through words and back; JSON is valid whatever they are.
fn through_words(bytes: &[u8], family: Family) {
    let Ok(nlri) = BgpLs::unpack(bytes, family) else { return };
    let words = wording::words(bytes, family == VPN);
    assert_eq!(parse(&words, family).unwrap().bytes(), bytes, "{words}");
    for dialect in [Dialect::V4, Dialect::V6] {
        let json = rendered(&nlri, family, dialect);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(value.is_object(), "{json}");
    }
}

#[test]
fn a_route_survives_cutting_and_flipping() {
    let bytes = from_hex(&NODE.replace(' ', "")).unwrap();
    for family in [PLAIN, VPN] {
        (0..bytes.len()).for_each(|length| through_words(&bytes[..length], family));
        for at in 0..bytes.len() {
            for flip in 1..=255 {
                let mut flipped = bytes.clone();
                flipped[at] ^= flip;
                through_words(&flipped, family);
            }
        }
    }
}

/// TLVs of some of the types, with values of some of the lengths.
fn descriptors(codes: Vec<u16>) -> impl Strategy<Value = Vec<u8>> {
    let lengths = proptest::sample::select(vec![0usize, 1, 2, 4, 5, 6, 7, 8, 16]);
    let value = lengths.prop_flat_map(|length| proptest::collection::vec(any::<u8>(), length));
    let one = (proptest::sample::select(codes), value);
    proptest::collection::vec(one, 0..6).prop_map(|tlvs| {
        let mut bytes = Vec::new();
        for (code, value) in &tlvs {
            assert!(tlv::write(&mut bytes, *code, value));
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_route_goes_through_words_and_back(
        code in proptest::sample::select(vec![1u16, 2, 3, 4, 5, 6]),
        protocol in proptest::sample::select(vec![1u8, 2, 3, 4, 5, 6, 9, 227]),
        identifier in any::<u64>(),
        node in descriptors(vec![512, 513, 514, 515, 516]),
        rest in descriptors(vec![257, 258, 259, 260, 261, 262, 263, 264, 265, 518, 999]),
        vpn in any::<bool>(),
    ) {
        let mut value = if vpn { vec![0, 0, 0xfc, 0xbc, 0, 0, 0, 12] } else { Vec::new() };
        value.push(protocol);
        value.extend(identifier.to_be_bytes());
        tlv::write(&mut value, 256, &node);
        value.extend(rest);
        let mut bytes = Vec::new();
        tlv::write(&mut bytes, code, &value);
        through_words(&bytes, if vpn { VPN } else { PLAIN });
    }
}
