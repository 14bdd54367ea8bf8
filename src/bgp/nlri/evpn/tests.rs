//! Every type of route, both ways; what tells routes from each other; what is refused.

use super::{Evpn, KINDS};
use crate::bgp::nlri::testing::{check, parse, refuse, refuse_octets, shows, told};
use crate::bgp::nlri::{OnFault, Packed, Run};
use crate::wire::{Hex, from_hex};

/// A route of each type: its words, its octets, its JSON behind the octets.
const ROUTES: &[(&str, &str, &str)] = &[
    (
        "ethernet-ad rd 10.0.0.1:1 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 5 label 100",
        "011900010A00000100010011223344556677889900000005000641",
        r#""name": "Ethernet Auto-Discovery", "rd": "10.0.0.1:1", "esi": "00:11:22:33:44:55:66:77:88:99", "ethernet-tag": 5, "label": [ [100, 1601] ]"#,
    ),
    (
        "mac rd 10.0.0.1:1 esi - ethernet-tag 0 mac 00:15:5D:01:02:03 label 100",
        "022100010A000001000100000000000000000000000000003000155D01020300000641",
        r#""name": "MAC/IP advertisement", "rd": "10.0.0.1:1", "esi": "-", "ethernet-tag": 0, "mac": "00:15:5D:01:02:03", "label": [ [100, 1601] ]"#,
    ),
    (
        "mac rd 64700:12 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 5 mac 0A:0B:0C:0D:0E:0F ip 2001:db8::9 label [ 300 301 ]",
        "02340000FCBC0000000C0011223344556677889900000005300A0B0C0D0E0F8020010DB80000000000000000000000090012C00012D1",
        r#""name": "MAC/IP advertisement", "rd": "64700:12", "esi": "00:11:22:33:44:55:66:77:88:99", "ethernet-tag": 5, "mac": "0A:0B:0C:0D:0E:0F", "label": [ [300, 4800] ], "ip": "2001:db8::9""#,
    ),
    (
        "mac rd 64700:12 esi - ethernet-tag 5 mac 0A:0B:0C:0D:0E:0F ip 192.0.2.9 vni [ 70000 9 ]",
        "02280000FCBC0000000C0000000000000000000000000005300A0B0C0D0E0F20C0000209011170000009",
        r#""name": "MAC/IP advertisement", "rd": "64700:12", "esi": "-", "ethernet-tag": 5, "mac": "0A:0B:0C:0D:0E:0F", "label": [ [4375, 70000] ], "ip": "192.0.2.9""#,
    ),
    (
        "multicast rd 10.0.0.1:1 ethernet-tag 5 ip 10.0.0.7",
        "031100010A000001000100000005200A000007",
        r#""name": "Inclusive Multicast Ethernet Tag", "rd": "10.0.0.1:1", "ethernet-tag": 5, "ip": "10.0.0.7""#,
    ),
    (
        "ethernet-segment rd 10.0.0.1:1 esi 00:11:22:33:44:55:66:77:88:99 ip 2001:db8::7",
        "042300010A00000100010011223344556677889980 20010DB8000000000000000000000007",
        r#""name": "Ethernet Segment", "rd": "10.0.0.1:1", "esi": "00:11:22:33:44:55:66:77:88:99", "ip": "2001:db8::7""#,
    ),
    (
        "prefix rd 10.0.0.1:1 esi - ethernet-tag 5 ip 10.5.5.0 iplen 24 gateway 10.0.0.1 label 100",
        "052200010A00000100010000000000000000000000000005180A0505000A000001000641",
        r#""name": "IP Prefix Advertisement", "rd": "10.0.0.1:1", "esi": "-", "ethernet-tag": 5, "label": [ [100, 1601] ], "ip": "10.5.5.0", "iplen": 24, "gateway": "10.0.0.1""#,
    ),
    (
        "prefix rd 64700:12 esi - ethernet-tag 5 ip 2001:db8:77:: iplen 48 gateway :: vni 0",
        "053A0000FCBC0000000C00000000000000000000000000053020010DB800770000000000000000000000000000000000000000000000000000000000",
        r#""name": "IP Prefix Advertisement", "rd": "64700:12", "esi": "-", "ethernet-tag": 5, "label": [ [0] ], "ip": "2001:db8:77::", "iplen": 48, "gateway": "::""#,
    ),
];

#[test]
fn every_face_of_every_type() {
    for (words, hex, members) in ROUTES {
        let hex = hex.replace(' ', "");
        let [code, ..] = from_hex(&hex).unwrap()[..] else { panic!("{hex}") };
        let json =
            format!("{{ \"code\": {code}, \"parsed\": true, \"raw\": \"{hex}\", {members} }}");
        let text = format!("evpn {words}");
        check(words, Evpn::FAMILY, &hex, &json, [&text, &text]);
    }
    for kind in KINDS {
        let start = format!("{} ", kind.name);
        assert!(ROUTES.iter().any(|(words, ..)| words.starts_with(&start)), "{start}");
    }
}

#[test]
fn types_without_a_line_are_kept_by_their_octets() {
    let json = r#"{ "code": 9, "parsed": false, "raw": "0903AABBCC" }"#;
    let text = "evpn raw 0903AABBCC";
    check("raw 0903AABBCC", Evpn::FAMILY, "0903AABBCC", json, [text, text]);
    let json = r#"{ "code": 6, "parsed": false, "raw": "0600" }"#;
    shows("0600", Evpn::FAMILY, json, ["evpn raw 0600", "evpn raw 0600"]);
    // A type that is known may be given so as well.
    let (_, hex, _) = ROUTES[0];
    let (packed, _) = parse(&format!("raw 0x{hex}"), Evpn::FAMILY).unwrap();
    assert_eq!(Hex(packed.bytes()).to_string(), hex);
}

fn octets(words: &str) -> String {
    Hex(parse(words, Evpn::FAMILY).unwrap().0.bytes()).to_string()
}

#[test]
fn what_is_left_out_has_a_meaning() {
    for (short, whole) in [
        (
            "mac rd 1:1 mac 0a-0b-0c-0d-0e-0f vni 7",
            "mac rd 1:1 esi - ethernet-tag 0 mac 0A:0B:0C:0D:0E:0F vni 7",
        ),
        (
            "mac mac 0a:0b:0c:0d:0e:0f label 7 route-distinguisher 1:1",
            "mac rd 1:1 esi - ethernet-tag 0 mac 0A:0B:0C:0D:0E:0F label 7",
        ),
        ("multicast rd 1:1 ip 192.0.2.1", "multicast rd 1:1 ethernet-tag 0 ip 192.0.2.1"),
        (
            "ethernet-ad rd 1:1 esi 00:11:22:33:44:55:66:77:88:99",
            "ethernet-ad rd 1:1 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 0 vni 0",
        ),
        (
            "prefix rd 1:1 ip 10.0.0.0/8",
            "prefix rd 1:1 esi - ethernet-tag 0 ip 10.0.0.0 iplen 8 gateway 0.0.0.0 vni 0",
        ),
        (
            "prefix rd 1:1 iplen 32 ip 2001:db8::",
            "prefix rd 1:1 esi - ethernet-tag 0 ip 2001:db8:: iplen 32 gateway :: vni 0",
        ),
    ] {
        let hex = octets(short);
        assert_eq!(told(&from_hex(&hex).unwrap(), Evpn::FAMILY), whole);
        assert_eq!(octets(whole), hex);
    }
}

#[test]
fn labels_keep_all_their_bits() {
    for (value, raw) in [
        ("label 100", "000641"),
        ("vni 100", "000064"),
        ("vni 16777215", "FFFFFF"),
        ("label 1048575", "FFFFF1"),
        ("label [ 1 2 ]", "000010000021"),
        ("vni [ 1601 1601 ]", "000641000641"),
    ] {
        let words = format!("mac rd 1:1 esi - ethernet-tag 0 mac 00:00:00:00:00:01 {value}");
        let hex = octets(&words);
        assert!(hex.ends_with(raw), "{hex}");
        assert_eq!(told(&from_hex(&hex).unwrap(), Evpn::FAMILY), words);
    }
}

fn packed(words: &str) -> Packed {
    parse(words, Evpn::FAMILY).unwrap().0
}

/// RFC 7432 sections 7.1 and 7.2, RFC 9136 section 3.1.
#[test]
fn what_is_an_attribute_of_the_route_does_not_tell_it_from_others() {
    const ESI: &str = "00:11:22:33:44:55:66:77:88:99";
    let ad = |tag: u8, label: u8| {
        packed(&format!("ethernet-ad rd 1:1 esi {ESI} ethernet-tag {tag} label {label}"))
    };
    assert_eq!(ad(1, 1).identity(), ad(1, 2).identity());
    assert_ne!(ad(1, 1).identity(), ad(2, 1).identity());

    let mac = |rest: &str| packed(&format!("mac rd 1:1 mac 00:00:00:00:00:01 {rest}"));
    let one = mac("label 1");
    assert_eq!(one.identity(), mac("vni 9").identity());
    assert_eq!(one.identity(), mac(&format!("esi {ESI} label [ 3 4 ]")).identity());
    for other in ["label 1 ethernet-tag 1", "label 1 ip 0.0.0.0", "label 1 ip ::"] {
        assert_ne!(one.identity(), mac(other).identity(), "{other}");
    }
    let moved = packed("mac rd 1:2 mac 00:00:00:00:00:01 label 1");
    assert_ne!(one.identity(), moved.identity());
    assert_eq!(one.identity().hash(3), mac("vni 9").identity().hash(3));

    let prefix = |rest: &str| packed(&format!("prefix rd 1:1 {rest}"));
    let one = prefix("ip 10.0.0.0/8 vni 1");
    let same = prefix(&format!("ip 10.0.0.0/8 gateway 192.0.2.1 esi {ESI} label 2"));
    assert_eq!(one.identity(), same.identity());
    for other in ["ip 10.0.0.0/9 vni 1", "ip 11.0.0.0/8 vni 1", "ip 10.0.0.0/8 ethernet-tag 1"] {
        assert_ne!(one.identity(), prefix(other).identity(), "{other}");
    }
    assert_ne!(prefix("ip 0.0.0.0/0").identity(), prefix("ip ::/0").identity());
    assert_ne!(
        packed("multicast rd 1:1 ip 10.0.0.1").identity(),
        packed("multicast rd 1:1 ip 10.0.0.2").identity()
    );
    assert_ne!(packed("raw 0901AA").identity(), packed("raw 0901AB").identity());
    assert_ne!(packed("raw 0901AA").identity(), packed("raw 0A01AA").identity());
}

#[test]
fn words_that_make_no_route_are_refused() {
    refuse(
        Evpn::FAMILY,
        &[
            ("", "the evpn route has no type"),
            ("rd 1:1", "comes before the type"),
            ("mac rd 1:1 label 1", "evpn mac: it has no mac"),
            ("mac mac 00:00:00:00:00:01 label 1", "it has no rd"),
            ("mac rd 1:1 mac 00:00:00:00:00:01", "it has no label"),
            ("mac rd 1:1 mac 00:00:00:00:01", "mac: \"00:00:00:00:01\" is not 6 octets"),
            ("mac rd 1:1 mac 00:00:00:00:00:01:02", "is not 6 octets"),
            ("mac rd 1:1 mac -", "is not 6 octets"),
            ("mac rd 1:1 mac 0:0:0:0:0:1", "is not 6 octets"),
            ("mac rd 1:1 mac 00:00:00:00:00:01 label 1 ip 10.0.0.0/8", "without mask length"),
            ("mac rd 1:1 label [ 1 2 3 ]", "is a third label"),
            ("mac rd 1:1 label [ ]", "expected a label"),
            ("mac rd 1:1 label 1048576", "is not a label"),
            ("mac rd 1:1 vni 16777216", "is not a label"),
            ("mac rd 1:1 esi 00:11", "is not 10 octets"),
            ("mac rd 1:1 gateway 10.0.0.1", "is not said of a route of type mac"),
            ("multicast rd 1:1", "it has no ip"),
            ("multicast rd 1:1 vni 1", "is not said of a route of type multicast"),
            ("ethernet-segment rd 1:1 ip 10.0.0.1", "it has no esi"),
            ("ethernet-ad rd 1:1", "it has no esi"),
            ("ethernet-ad rd 1:1 esi - label [ 1 2 ]", "it has one label"),
            ("prefix rd 1:1 ip 10.0.0.0", "it has no iplen"),
            ("prefix rd 1:1 ip 10.0.0.0/33", "its iplen is longer than an address"),
            ("prefix rd 1:1 ip 10.0.0.0/", "has no mask length"),
            ("prefix rd 1:1 ip 10.0.0.0/8 gateway ::1", "are of different families"),
            ("prefix rd 1:1 ip 10.0.0.0/8 ethernet-tag 4294967296", "ethernet-tag: "),
            ("raw 09", "raw: \"09\" is not the hexadecimal form"),
            ("raw 0901", "is not the hexadecimal form"),
            ("raw 0901AABB", "is not the hexadecimal form"),
            ("raw 0301AA", "is not the hexadecimal form"),
        ],
    );
}

#[test]
fn octets_that_are_no_route_are_refused() {
    refuse_octets(
        Evpn::FAMILY,
        &[
            "02FFAABB",
            "02210000FCBC0000000C0000000000000000000000000005310A0B0C0D0E0F000012C1",
            "02210000FCBC0000000C0000000000000000000000000005300A0B0C0D0E0F180012C1",
            "022200010A000001000100000000000000000000000000003000155D0102030000064100",
            "031100010A000001000100000005210A000007",
            "030D00010A000001000100000005 00",
            "050400000000",
            "052200010A00000100010000000000000000000000000005210A0505000A000001000641",
            "011800010A0000010001001122334455667788990000000500 0641",
            "011A00010A0000010001001122334455667788990000000500064100",
        ]
        .map(|hex| hex.replace(' ', ""))
        .each_ref()
        .map(String::as_str),
    );
}

/// What is wrong inside is an attribute length error, what is wrong outside is no network field.
#[test]
fn the_notification_tells_the_frame_from_the_fields() {
    assert_eq!(<Evpn as crate::bgp::nlri::Layout>::ON_FAULT, OnFault::ResetLength);
    for (hex, subcode) in [("050400000000", 5), ("0505000000", 10), ("05", 10)] {
        let refused = Run::check(&from_hex(hex).unwrap(), Evpn::FAMILY, false).unwrap_err();
        assert_eq!(refused.subcode, subcode, "{hex}");
    }
}
