//! Every TLV by its faces, what is wrong with octets and words, and octets of every kind through
//! text and back.

mod faces;

use proptest::prelude::*;

use faces::FACES;

use super::{LinkState, SPACE, TLVS, tlv};
use crate::bgp::attribute::testing::{
    check, check_as, parse, received, refuse, refuse_texts, rendered,
};
use crate::bgp::{Element as _, Negotiated};
use crate::json::Dialect;
use crate::text::{Source, Tokens};
use crate::wire::{Malformed, Reader, from_hex};

fn whole(words: &str) -> String {
    format!("( {words} )")
}

#[test]
fn every_tlv_by_its_faces() {
    for (hex, words, json) in FACES {
        check::<LinkState>(&whole(words), &hex.replace(' ', ""), &format!("{{ {json} }}"));
    }
    let seen = |code: &u16| {
        let mut tlvs = FACES.iter().map(|(hex, _, _)| from_hex(&hex.replace(' ', "")).unwrap());
        tlvs.any(|bytes| tlv::walk(&bytes).any(|(there, _)| there == *code))
    };
    let unseen: Vec<u16> = TLVS.iter().map(|entry| entry.code).filter(|code| !seen(code)).collect();
    // These have tests of their own below.
    assert_eq!(unseen, [1100, 1108]);
}

#[test]
fn what_repeats_comes_first_and_each_key_once() {
    let hex = "04020001720bb700010104040004c00002010bb7000102040300014904050010\
               20010db8000000000000000000000001";
    let shown = "( node-name r generic-lsid-2999 0x01 local-router-ids 192.0.2.1 \
                 generic-lsid-2999 0x02 area-ids 0x49 local-router-ids 2001:db8::1 )";
    let json = "{ \"generic-lsid-2999\": [\"0x01\", \"0x02\"], \
                \"local-router-ids\": [\"192.0.2.1\", \"2001:db8::1\"], \
                \"area-ids\": [\"73\"], \"node-name\": \"r\" }";
    check::<LinkState>(shown, hex, json);
    let lists = "( node-name r local-router-ids [ 192.0.2.1, 2001:db8::1 ] )";
    let one_by_one = "( node-name r local-router-ids 192.0.2.1 local-router-ids 2001:db8::1 )";
    assert_eq!(parse::<LinkState>(lists).unwrap(), parse::<LinkState>(one_by_one).unwrap());
}

#[test]
fn the_flag_o_of_srv6_capabilities_is_in_the_first_octet() {
    // The reference looks for 0x0040.
    let flags = |hex: &str| rendered(&unpacked(hex), Dialect::V4);
    assert_eq!(flags("040e000440000000"), r#"{ "srv6-capabilities": {"flags": {"O": 1}} }"#);
    assert_eq!(flags("040e000400400000"), r#"{ "srv6-capabilities": {"flags": {"O": 0}} }"#);
}

#[test]
fn a_lan_adjacency_is_shown_in_full() {
    // The reference has its flags alone. OSPF tells the neighbor in four octets.
    for (hex, words, told) in [
        (
            "044c000d300000000000000000020003eb",
            "flags [ V L ] weight 0 system-id 000000000002 sids [ 1003 ]",
            concat!(
                r#"{"F": 0, "B": 0, "V": 1, "L": 1, "S": 0, "P": 0, "RSV": 0}, "weight": 0, "#,
                r#""system-id": "000000000002", "sids": [1003], "undecoded": []"#
            ),
        ),
        (
            "044c000e00010000000000000002000003eb",
            "flags [ ] weight 1 system-id 000000000002 sids [ 1003 ]",
            concat!(
                r#"{"F": 0, "B": 0, "V": 0, "L": 0, "S": 0, "P": 0, "RSV": 0}, "weight": 1, "#,
                r#""system-id": "000000000002", "sids": [1003], "undecoded": []"#
            ),
        ),
        (
            "044c000b30000000c00002020003eb",
            "flags [ V L ] weight 0 neighbor-id 192.0.2.2 sids [ 1003 ]",
            concat!(
                r#"{"F": 0, "B": 0, "V": 1, "L": 1, "S": 0, "P": 0, "RSV": 0}, "weight": 0, "#,
                r#""neighbor-id": "192.0.2.2", "sids": [1003], "undecoded": []"#
            ),
        ),
        (
            "044c000b200000000000000000020a",
            "flags [ V ] weight 0 system-id 000000000002 sids [ ] undecoded 0x0a",
            concat!(
                r#"{"F": 0, "B": 0, "V": 1, "L": 0, "S": 0, "P": 0, "RSV": 0}, "weight": 0, "#,
                r#""system-id": "000000000002", "sids": [], "undecoded": ["0x0A"]"#
            ),
        ),
    ] {
        let json = format!("{{ \"sr-adj-lan-sids\": [{{\"flags\": {told}}}] }}");
        check::<LinkState>(&format!("( sr-adj-lan-sids ( {words} ) )"), hex, &json);
    }
    let dotted = "( sr-adj-lan-sids ( flags [ V L ] system-id 0000.0000.0002 sids 1003 ) )";
    let same = "( sr-adj-lan-sids ( sids [ 1003 ] flags [ V L ] system-id 000000000002 ) )";
    assert_eq!(parse::<LinkState>(dotted).unwrap(), parse::<LinkState>(same).unwrap());
}

#[test]
fn the_sid_of_an_ospf_lan_is_behind_the_neighbor() {
    // The reference reads it at octet 6, where the neighbor stands.
    let hex = "0454001a003920000100c000020220010db8000500000000000000000003";
    let shown = "( srv6-lan-endx-ospf ( flags [ P ] neighbor-id 192.0.2.2 behavior 57 algorithm 0 \
                 weight 1 sid 2001:db8:5::3 ) )";
    let json = "{ \"srv6-lan-endx-ospf\": [{\"flags\": {\"B\": 0, \"S\": 0, \"P\": 1, \"RSV\": 0}, \
                \"neighbor-id\": \"192.0.2.2\", \"behavior\": 57, \"algorithm\": 0, \"weight\": 1, \
                \"sid\": \"2001:db8:5::3\"}] }";
    check::<LinkState>(shown, hex, json);
}

#[test]
fn what_words_cannot_say_is_told_by_octets() {
    for (hex, shown, json) in [
        // Reserved octets, a number that is none, names with quotes and outside ASCII.
        (
            "044b00050000010000",
            "generic-lsid-1099 0x0000010000",
            concat!(
                r#""sr-adjs": [{"flags": {"F": 0, "B": 0, "V": 0, "L": 0, "S": 0, "P": 0, "RSV": 0}, "#,
                r#""sids": [], "weight": 0, "undecoded-sids": ["0x00"]}]"#
            ),
        ),
        ("044100047fc00000", "generic-lsid-1089 0x7fc00000", r#""maximum-link-bandwidth": null"#),
        ("044100047f800000", "generic-lsid-1089 0x7f800000", r#""maximum-link-bandwidth": null"#),
        ("04020003612262", "generic-lsid-1026 0x612262", r#""node-name": "a\"b""#),
        ("04020002c3a9", "generic-lsid-1026 0xc3a9", r#""node-name": "\u00e9""#),
        ("04020001ff", "generic-lsid-1026 0xff", r#""node-name": "\ufffd""#),
        ("040200015c", "generic-lsid-1026 0x5c", r#""node-name": "\\""#),
        (
            "04050004c0000201",
            "generic-lsid-1029 0xc0000201",
            r#""local-router-ids": ["192.0.2.1"]"#,
        ),
    ] {
        check::<LinkState>(&whole(shown), hex, &format!("{{ {json} }}"));
    }
}

#[test]
fn words_are_read_as_people_write_them() {
    for (text, shown) in [
        ("(node-name r1 igp-metric 10)", "( node-name r1 igp-metric 10 )"),
        ("( )", "( )"),
        ("( opaque abcd )", "( opaque 0xabcd )"),
        ("( area-ids 4784129 )", "( area-ids 0x490001 )"),
        ("( area-ids 0 )", "( area-ids 0x00 )"),
        ("( node-flags O )", "( node-flags [ O ] )"),
        ("( node-flags [O,T] )", "( node-flags [ O T ] )"),
        ("( node-flags 0x80 )", "( node-flags [ O ] )"),
        ("( igp-route-tags 7 )", "( igp-route-tags [ 7 ] )"),
        (
            "( sr-adjs [ ( flags [ V L ] sids [ 1 ] ), ( sids 2 ) ] )",
            "( sr-adjs ( flags [ V L ] weight 0 sids [ 1 ] ) sr-adjs ( flags [ ] weight 0 sids [ 2 ] ) )",
        ),
        ("( sr-capability-flags [ I ] )", "( sr-capability-flags [ I ] sids [ ] )"),
        (
            "( unidirectional-link-loss ( loss-percent 0.0003 ) )",
            "( unidirectional-link-loss ( loss-percent 0.000300 anomalous false ) )",
        ),
        ("( admin-group-mask 0xff )", "( admin-group-mask 255 )"),
        ("( generic-lsid-1026 0x7231 )", "( node-name r1 )"),
    ] {
        assert_eq!(parse::<LinkState>(text).unwrap().to_string(), shown, "{text}");
    }
}

#[test]
fn a_configuration_reads_parentheses_that_touch_words() {
    let source = Source::new("t", "(node-name r1 sr-adjs (flags [V L] sids [16]));");
    let mut tokens = Tokens::new(&source);
    let read = <LinkState as crate::bgp::FromText>::parse(&mut tokens).unwrap();
    assert_eq!(read.to_string(), "( node-name r1 sr-adjs ( flags [ V L ] weight 0 sids [ 16 ] ) )");
    assert!(tokens.is_done());
}

#[test]
fn what_is_no_attribute() {
    let what = "bgp-ls";
    refuse::<LinkState>("040000", Malformed::Short { what });
    refuse::<LinkState>("04000005c0", Malformed::Short { what });
    refuse::<LinkState>("04000001c004000001c0", Malformed::Value { what: "node-flags", got: 1024 });
    let short = |what| Malformed::Short { what };
    let length = |what, got| Malformed::Length { what, got };
    for (hex, fault) in [
        ("04000000", length("node-flags", 0)),
        ("04000002c000", length("node-flags", 2)),
        ("04030000", length("area-ids", 0)),
        ("040400050000000000", length("local-router-ids", 5)),
        ("040a000100", short("sr-capability-flags")),
        ("040a0003000000", short("sr-capability-flags")),
        ("040a000a00000003e8048a00030f4240", short("sr-capability-flags")),
        (
            "040a000c00000003e8048a0003 0f4240",
            Malformed::Value { what: "sr-capability-flags", got: 1162 },
        ),
        ("040a000b00000003e80489000200 0f", length("sr-capability-flags", 2)),
        ("040e0003000000", short("srv6-capabilities")),
        ("04400003000000", short("admin-group-mask")),
        ("044000050000000000", Malformed::Trailing { what: "admin-group-mask", left: 1 }),
        (
            "0443001c00000000000000000000000000000000000000000000000000000000",
            short("unreserved-bandwidth"),
        ),
        ("0445000100", length("link-protection-flags", 1)),
        ("04470000", length("igp-metric", 0)),
        ("0447000400000000", length("igp-metric", 4)),
        ("04480003000000", short("shared-risk-link-groups")),
        ("044b0003000000", short("sr-adjs")),
        ("044c0009000000000000000000", short("sr-adj-lan-sids")),
        ("045200150000000000000000000000000000000000000000 00", short("srv6-endx")),
        ("04520018 0000 00 00 00 00 00000000000000000000000000000000 04e4", short("srv6-endx")),
        (
            "04540019 00000000000000000000000000000000000000000000000000",
            short("srv6-lan-endx-ospf"),
        ),
        ("048600030000 00", short("sr-prefix-sids")),
        ("048a000700000000000000", short("srv6-locators")),
        ("04e20003000000", short("srv6-endpoint-behavior")),
        ("04e400050000000000", Malformed::Trailing { what: "srv6-sid-structure", left: 1 }),
    ] {
        refuse::<LinkState>(&hex.replace(' ', ""), fault);
    }
}

#[test]
fn words_that_are_no_attribute() {
    refuse_texts::<LinkState>(&[
        "",
        "(",
        "node-name r1",
        "( node-name )",
        "( wibble 1 )",
        "( node-name r1 node-name r2 )",
        "( node-flags [ X ] )",
        "( node-flags [ 0x100 ] )",
        "( mpls-mask [ 0x+1 ] )",
        "( te-metric 4294967296 )",
        "( te-metric -1 )",
        "( igp-metric 16777216 )",
        "( igp-metric 0x )",
        "( igp-metric 0x00000001 )",
        "( maximum-link-bandwidth inf )",
        "( maximum-link-bandwidth NaN )",
        "( unreserved-bandwidth [ 1 2 3 4 5 6 7 ] )",
        "( unreserved-bandwidth [ 1 2 3 4 5 6 7 8 9 ] )",
        "( area-ids 0x )",
        "( area-ids 0x0000000000000000000000000000000000 )",
        "( local-router-ids 192.0.2 )",
        "( opaque 0xabc )",
        "( sr-adjs ( sids [ 1 ] flags [ V ] ) )",
        "( sr-adjs ( sids [ 16777216 ] flags [ V L ] ) )",
        "( sr-adjs ( wibble 1 ) )",
        "( sr-adj-lan-sids ( system-id 0000 ) )",
        "( sr-capability-flags [ I ] sids [ [ 16777216 1 ] ] )",
        "( srv6-endx ( neighbor-id 192.0.2.1 ) )",
        "( srv6-endx ( srv6-sid-structure ( arg_len 1 ) srv6-sid-structure ( arg_len 1 ) ) )",
        "( unidirectional-link-delay ( delay-us 16777216 ) )",
        "( unidirectional-link-delay ( anomalous perhaps ) )",
        "( unidirectional-link-loss ( loss-percent 51 ) )",
        "( unidirectional-link-loss ( loss-percent -1 ) )",
        "( generic-lsid-65536 0x )",
        "( generic-lsid- 0x )",
        "( generic-lsid-1024 0xc000 )",
        "( node-name r1 ) )",
    ]);
    let long = format!("( node-name {} )", "x".repeat(256));
    let opaque = format!("( opaque 0x{} )", "00".repeat(65536));
    let together = format!("( opaque 0x{0} opaque-link 0x{0} )", "00".repeat(40000));
    refuse_texts::<LinkState>(&[&long, &opaque, &together]);
}

#[test]
fn many_tlvs_are_shown_in_time_that_grows_with_them() {
    let bytes: Vec<u8> = (2000u16..18000)
        .flat_map(|code| {
            let [high, low] = code.to_be_bytes();
            [high, low, 0, 0]
        })
        .collect();
    let read = LinkState::unpack(&mut Reader::new(&bytes), &Negotiated::wide()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&rendered(&read, Dialect::V4)).unwrap();
    assert_eq!(json.as_object().unwrap().len(), 16000);
}

fn unpacked(hex: &str) -> LinkState {
    let bytes = from_hex(hex).unwrap();
    LinkState::unpack(&mut Reader::new(&bytes), &Negotiated::wide()).unwrap()
}

/// Octets of an attribute through text and back; JSON is valid whatever they are.
fn through_text(bytes: &[u8]) {
    let Ok(read) = LinkState::unpack(&mut Reader::new(bytes), &Negotiated::wide()) else { return };
    let text = read.to_string();
    assert_eq!(parse::<LinkState>(&text).unwrap(), read, "{text}");
    for dialect in [Dialect::V4, Dialect::V6] {
        let json = rendered(&read, dialect);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(value.is_object(), "{json}");
        assert!(json.is_ascii());
    }
}

#[test]
fn every_face_survives_cutting_and_flipping() {
    for (hex, _, _) in FACES {
        let bytes = from_hex(&hex.replace(' ', "")).unwrap();
        (0..bytes.len()).for_each(|length| through_text(&bytes[..length]));
        for at in 0..bytes.len() {
            for flip in [0x01, 0x10, 0x80, 0xff] {
                let mut flipped = bytes.clone();
                flipped[at] ^= flip;
                through_text(&flipped);
            }
        }
    }
}

/// The value of a TLV of the table, as long as one can be.
fn value(code: u16) -> impl Strategy<Value = Vec<u8>> {
    let face = FACES.iter().find_map(|(hex, _, _)| {
        let bytes = from_hex(&hex.replace(' ', "")).unwrap();
        tlv::walk(&bytes).find(|(there, _)| *there == code).map(|(_, value)| value.to_vec())
    });
    let usual = face.unwrap_or_else(|| vec![0; 26]);
    let length = usual.len();
    prop_oneof![
        Just(usual),
        proptest::collection::vec(any::<u8>(), length),
        proptest::collection::vec(any::<u8>(), 0..48),
    ]
}

/// TLVs that are there, each with a value of its kind.
fn tlvs() -> impl Strategy<Value = Vec<(u16, Vec<u8>)>> {
    let codes: Vec<u16> = TLVS.iter().map(|entry| entry.code).chain([9, 3000]).collect();
    let one = proptest::sample::select(codes).prop_flat_map(|code| (Just(code), value(code)));
    proptest::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn any_attribute_goes_through_text_and_back(tlvs in tlvs()) {
        // Those that are valid by themselves, each that may stand once only the first time.
        let mut bytes = Vec::new();
        for (code, value) in tlvs {
            let length = bytes.len();
            tlv::write(&mut bytes, code, &value);
            if SPACE.check(&bytes, "").is_err() {
                bytes.truncate(length);
            }
        }
        through_text(&bytes);
    }

    #[test]
    fn any_octets_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        through_text(&bytes);
    }
}

#[test]
fn the_received_form_is_kept() {
    received::<LinkState>(
        "040e000440001234",
        "( generic-lsid-1038 0x40001234 )",
        r#"{ "srv6-capabilities": {"flags": {"O": 1}} }"#,
    );
    check_as::<LinkState>(
        "( igp-metric 5 )",
        "( igp-metric 5 )",
        "04470003000005",
        r#"{ "igp-metric": 5 }"#,
    );
}
