//! Rules by all their faces, rules made at random, and the places where ExaBGP is not followed.

use proptest::prelude::*;

use super::component::{KINDS, Values};
use super::pattern::Pattern;
use super::rule::Rule;
use super::term::{NUMERIC, Term};
use super::*;
use crate::bgp::attribute::NextHop;
use crate::bgp::nlri::testing::{about, check, parse, refuse, refuse_octets, shows, told};
use crate::bgp::nlri::{Nlri, Run};
use crate::protocol::Afi;
use crate::wire::{Hex, from_hex};

const FLOW4: Family = Family::new(Afi::IPV4, Safi::FLOW);
const FLOW6: Family = Family::new(Afi::IPV6, Safi::FLOW);
const VPN4: Family = Family::new(Afi::IPV4, Safi::FLOW_VPN);
const VPN6: Family = Family::new(Afi::IPV6, Safi::FLOW_VPN);

/// The octets of the rule that words make, and its family.
fn made(words: &str, family: Family) -> (String, Family) {
    let (packed, _) = parse(words, family).unwrap_or_else(|e| panic!("{words}: {e}"));
    (Hex(packed.bytes()).to_string(), packed.family())
}

#[test]
fn every_face_of_rules() {
    for (words, family, hex, json) in [
        (
            "destination-ipv4 172.16.8.0/24 source-ipv4 10.0.0.0/8 protocol =tcp \
             destination-port [ >1024&<2048 ]",
            FLOW4,
            "120118AC100802080A03810605120400D40800",
            r#""destination-ipv4": [ "172.16.8.0/24" ], "source-ipv4": [ "10.0.0.0/8" ], "protocol": [ "=tcp" ], "destination-port": [ ">1024&<2048" ]"#,
        ),
        (
            "port [ =80 !=443 ] icmp-type =echo-request icmp-code [ =1 =0 ] tcp-flags [ syn !ack ] \
             packet-length =100 dscp =46 fragment first-fragment",
            FLOW4,
            "1C040150 9601BB07810808010181000900028210 0A81640B812E0C8004",
            r#""port": [ "=80", "!=443" ], "icmp-type": [ "=echo-request" ], "icmp-code": [ "=1", "=0" ], "tcp-flags": [ "syn", "!ack" ], "packet-length": [ "=100" ], "dscp": [ "=46" ], "fragment": [ "first-fragment" ]"#,
        ),
        (
            "destination-ipv6 0:db8:9::/48/16 next-header =udp traffic-class =46 \
             flow-label [ =70000 =5 ]",
            FLOW6,
            "15013010 0DB8000903811 10B812E0D21000111708105",
            r#""destination-ipv6": [ "0:db8:9::/48/16" ], "next-header": [ "=udp" ], "traffic-class": [ "=46" ], "flow-label": [ "=70000", "=5" ]"#,
        ),
        (
            "source-ipv4 [ 10.0.0.0/8 192.0.2.0/25 ]",
            FLOW4,
            "0902080A0219C0000200",
            r#""source-ipv4": [ "10.0.0.0/8", "192.0.2.0/25" ]"#,
        ),
        (
            "port [ true&false0 false ]",
            FLOW4,
            "07040700400080 00",
            r#""port": [ "true&false0", "false" ]"#,
        ),
    ] {
        let hex = hex.replace(' ', "");
        let text = format!("flow {words}");
        let json = format!("{{ {json}, \"string\": \"{text}\" }}");
        check(words, family, &hex, &json, [&text, &text]);
    }
    for (family, name) in [(VPN4, "ipv4"), (VPN6, "ipv6")] {
        let prefix = if family == VPN4 { "10.3.3.0/24" } else { "2001:db8::/32/0" };
        let words = format!("destination-{name} {prefix} rd 65000:1");
        let json = format!(
            r#"{{ "destination-{name}": [ "{prefix}" ], "rd": "65000:1", "string": "flow {words}" }}"#
        );
        let (hex, _) = made(&words, family);
        let text = format!("flow {words}");
        check(&words, family, &hex, &json, [&text, &text]);
    }
}

#[test]
fn the_next_hop_is_told_in_the_rule_by_one_dialect() {
    let next_hop = NextHop::Address("192.0.2.77".parse().unwrap());
    let nlri = Nlri::unpack(&from_hex("050118AC1008").unwrap(), FLOW4).unwrap();
    for (dialect, expected) in [
        (
            Dialect::V4,
            r#"{ "destination-ipv4": [ "172.16.8.0/24" ], "next-hop": "192.0.2.77", "string": "flow destination-ipv4 172.16.8.0/24 next-hop 192.0.2.77" }"#,
        ),
        (
            Dialect::V6,
            r#"{ "destination-ipv4": [ "172.16.8.0/24" ], "string": "flow destination-ipv4 172.16.8.0/24" }"#,
        ),
    ] {
        let about = About { next_hop, ..about(FLOW4, dialect) };
        let mut out = Vec::new();
        json::Writer::new(&mut out, dialect).object(|object| nlri.members(object, &about));
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

#[test]
fn words_in_any_order_and_form_make_the_same_rule() {
    let expected = made("destination 10.0.0.0/24 protocol tcp port [ =80 =443 ]", FLOW4);
    for words in [
        "port [ 80 443 ] protocol =6 destination-ipv4 10.0.0.255/24",
        "port http protocol TCP port https destination 10.0.0.0/24",
        "route port 80 destination 10.0.0.0/24 port 443 protocol 0x6",
        "route { match { port 80; protocol tcp; destination 10.0.0.0/24; port 443; } then { discard; } }",
        "route name { then { } scope { } match { destination 10.0.0.0/24; protocol tcp } match { port [80 443]; } }",
    ] {
        assert_eq!(made(words, FLOW4), expected, "{words}");
    }
    assert_eq!(made("destination 10.0.0.0/24 rd 1:2", FLOW4).1, VPN4);
    assert_eq!(made("route { route-distinguisher 1:2; match { source ::/0; } }", FLOW4).1, VPN6);
    assert_eq!(made("port 80", FLOW6).1, FLOW6);
    assert_eq!(made("flow-label 5", FLOW4).1, FLOW6);
}

#[test]
fn a_rule_for_all_traffic_is_refused_and_so_is_what_would_widen_one() {
    refuse(
        FLOW4,
        &[
            ("discard", "all traffic"),
            ("route discard", "all traffic"),
            ("route { then { discard; } }", "all traffic"),
            ("route { }", "all traffic"),
            ("route { match { } }", "all traffic"),
            ("source nowhere", "\"nowhere\" has no mask"),
            ("source 10.0.0.0", "\"10.0.0.0\" has no mask"),
            ("source [ 10.0.0.0/8", "]"),
            ("source 10.0.0.0/8 destination ::/0", "IPv4 and IPv6"),
            ("source 10.0.0.0/8 flow-label 5", "IPv4 and IPv6"),
            ("route { match { source 10.0.0.0/8; }", "not closed"),
            ("route { match { banana 1; } }", "\"banana\""),
            ("route { match { discard; } }", "\"discard\""),
            ("route { then { port 80; } }", "\"port\""),
            ("route { source 10.0.0.0/8; }", "\"source\""),
            ("raw 0x00", "is not one NLRI"),
            ("raw 0x050118AC1008 port 80", "by words and by octets"),
        ],
    );
    refuse(FLOW6, &[("source 10.0.0.0/8", "of ipv6 has a prefix of IPv4")]);
    refuse(VPN4, &[("source 10.0.0.0/8", "needs rd")]);
}

#[test]
fn what_is_let_through_is_told() {
    for (words, what) in [
        ("source-ipv4 2001:db8::/48", "is not of the IP version"),
        ("source 2001:db8::/48 protocol tcp", "the other IP version"),
        ("next-header tcp", "the other IP version"),
        ("port 80&", "joins nothing"),
        ("port 80 rate-limit 1000", "very low"),
        ("port 80 rate-limit 2000000000000", "highest rate"),
        ("port 80 rate-limit 99999999999999999999999", "highest rate"),
        ("route { match { port >1&<9 =80; } }", "\"=80\" is ignored"),
    ] {
        let mut wording = (words::GRAMMAR.start)(FLOW4);
        let mut attributes = crate::bgp::attribute::Attributes::builder();
        let mut tokens = crate::text::Tokens::line(words);
        while !tokens.is_done() {
            let word = tokens.word("a word").unwrap();
            wording.field(&word, &mut tokens, &mut attributes).unwrap().unwrap();
        }
        wording.finish(&mut attributes, crate::text::Span::default()).unwrap();
        let told = wording.warnings();
        assert!(matches!(told.as_slice(), [one] if one.what().contains(what)), "{words}: {told:?}");
        assert!(wording.warnings().is_empty(), "told once");
    }
}

#[test]
fn several_actions_add_up() {
    let (_, attributes) = parse(
        "port 80 discard mark 10 action sample redirect 64700:5 redirect 4200000001:5 \
         redirect-to-nexthop-ietf 192.0.2.1 redirect [2001:db8::5]:77 copy 192.0.2.7 \
         interface-set [ input:64700:9 non-transitive:output:64700:10 ] rate-limit 1000 packets",
        FLOW4,
    )
    .unwrap();
    let set = attributes.build();
    assert_eq!(set.next_hop(), NextHop::Address("192.0.2.7".parse().unwrap()));
    let text = set.to_string();
    for action in [
        "rate-limit:0",
        "mark 10",
        "action sample",
        "redirect:64700:5",
        "redirect:4200000001:5",
        "redirect-to-nexthop-ietf 192.0.2.1",
        "copy-to-nexthop",
        "interface-set:input:64700:9",
        "rate-limit:1000:packets",
    ] {
        assert!(text.contains(action), "{action}: {text}");
    }
    let (_, attributes) = parse("port 80 redirect [2001:db8::5]", FLOW6).unwrap();
    let next_hop = NextHop::Address("2001:db8::5".parse().unwrap());
    assert_eq!(attributes.build().next_hop(), next_hop);
}

/// Do not copy: the second octet of a long length read as if it were the third.
#[test]
fn lengths_of_two_octets() {
    let ports = |count: usize| format!("port [ {}]", "=1000 ".repeat(count));
    for (words, start) in [
        (ports(79), "EE04"),
        (format!("destination 10.0.0.0/16 {}", ports(78)), "EF01"),
        (ports(80), "F0F104"),
        (ports(85), "F10004"),
        (format!("dscp 1 {}", ports(1363)), "FFFD04"),
    ] {
        let (hex, family) = made(&words, FLOW4);
        assert!(hex.starts_with(start), "{hex}");
        let bytes = from_hex(&hex).unwrap();
        let twice = [bytes.as_slice(), bytes.as_slice()].concat();
        let run = Run::check(&twice, family, false).unwrap();
        assert!(run.entries().all(|entry| entry.bytes == bytes));
        assert_eq!(made(&told(&bytes, family), family).0, hex);
    }
    refuse(FLOW4, &[(&format!("dscp [ 1 2 ] {}", ports(1364)), "over 4095 octets")]);
    // A length that does not need its second octet is kept.
    shows(
        "F0050118AC1008",
        FLOW4,
        r#"{ "destination-ipv4": [ "172.16.8.0/24" ], "string": "flow destination-ipv4 172.16.8.0/24" }"#,
        ["flow destination-ipv4 172.16.8.0/24"; 2],
    );
}

/// Do not copy: the bits before the offset sent, and expected.
#[test]
fn the_bits_before_an_offset_are_not_sent() {
    assert_eq!(made("destination 2001:db8:9::/48/16", FLOW6).0, "070130100DB80009");
    assert_eq!(made("source ::1/128/120", FLOW6).0, "0402807801");
    let run = from_hex("0901301020010db80009").unwrap();
    assert!(!Run::check(&run, FLOW6, false).unwrap().has_entries());
}

/// Do not copy: a rule without components announced as one for all traffic.
#[test]
fn rules_that_cannot_be_read_are_passed_over() {
    let good = "050118AC1008";
    for (bad, family) in [
        ("00", FLOW4),
        ("F000", FLOW4),
        ("080118AC10081F8101", FLOW4),
        ("080118AC1008040150", FLOW4),
        ("06048150038106", FLOW4),
        ("06038106038111", FLOW4),
        ("0403910106", FLOW4),
        ("0603A100000106", FLOW4),
        ("030D8105", FLOW4),
        ("0600000000000000", VPN4),
        ("080000FDE800000001", VPN4),
    ] {
        let bytes = from_hex(&format!("{bad}{good}")).unwrap();
        match Run::check(&bytes, family, false) {
            Ok(run) if family == FLOW4 => {
                let left: Vec<String> =
                    run.entries().map(|entry| Hex(entry.bytes).to_string()).collect();
                assert_eq!(left, [good], "{bad}");
            }
            Ok(run) => assert!(!run.has_entries(), "{bad}"),
            Err(fault) => panic!("{bad}: {fault}"),
        }
    }
    refuse_octets(FLOW4, &["F1", "0F0118AC1008", "01"]);
}

fn term(values: Values, largest: u64) -> impl Strategy<Value = Term> {
    let operators: u8 = if matches!(values, Values::Bits(..)) { 4 } else { 8 };
    (any::<bool>(), 0..operators, 0..=largest).prop_map(|(and, operator, value)| Term {
        and,
        operator,
        value,
    })
}

fn pattern(afi: Afi) -> BoxedStrategy<Pattern> {
    let text = if afi == Afi::IPV4 {
        (any::<[u8; 4]>(), 0..=32u8)
            .prop_map(|(octets, length)| format!("{}/{length}", std::net::Ipv4Addr::from(octets)))
            .boxed()
    } else {
        (any::<[u8; 16]>(), 0..=128u8, any::<u8>())
            .prop_map(|(octets, length, offset)| {
                let offset = offset.checked_rem(length).unwrap_or(0);
                format!("{}/{length}/{offset}", std::net::Ipv6Addr::from(octets))
            })
            .boxed()
    };
    text.prop_map(|text| Pattern::from_text(&text).unwrap()).boxed()
}

/// What is said of one type.
type Said = (u8, Vec<Pattern>, Vec<Term>);

/// A rule of any components, and its family.
fn rules() -> impl Strategy<Value = (Family, Rule)> {
    let afi = prop_oneof![Just(Afi::IPV4), Just(Afi::IPV6)];
    (afi, proptest::option::of(any::<[u8; 8]>())).prop_flat_map(|(afi, distinguisher)| {
        let known = KINDS.iter().filter(|kind| !kind.name(afi).is_empty());
        let components: Vec<BoxedStrategy<Said>> = known
            .map(|kind| {
                let code = kind.code;
                let largest = match kind.values {
                    // What has no name of a bit that counts is not told.
                    Values::Bits(_, [v4, v6]) => {
                        if afi == Afi::IPV4 {
                            v4
                        } else {
                            v6
                        }
                    }
                    _ => kind.written_max(Some(afi)),
                };
                let is_bits = matches!(kind.values, Values::Bits(..));
                let mask = if is_bits { largest } else { u64::MAX };
                let terms = proptest::collection::vec(term(kind.values, largest), 1..5).prop_map(
                    move |terms| {
                        let masked = terms.into_iter().map(|t| Term { value: t.value & mask, ..t });
                        masked.collect::<Vec<Term>>()
                    },
                );
                if kind.values == Values::Prefix {
                    let patterns = proptest::collection::vec(pattern(afi), 1..3);
                    patterns.prop_map(move |patterns| (code, patterns, Vec::new())).boxed()
                } else {
                    terms.prop_map(move |terms| (code, Vec::new(), terms)).boxed()
                }
            })
            .collect();
        let some = proptest::collection::vec(proptest::strategy::Union::new(components), 1..9);
        some.prop_map(move |components| {
            let mut rule = Rule::default();
            rule.distinguisher = distinguisher.map(Distinguisher);
            for (code, patterns, terms) in components {
                patterns.into_iter().for_each(|pattern| rule.add_pattern(code, pattern));
                rule.add_terms(code, terms);
            }
            let safi = if distinguisher.is_some() { Safi::FLOW_VPN } else { Safi::FLOW };
            (Family::new(afi, safi), rule)
        })
    })
}

proptest! {
    /// Octets, words, JSON and its text, and octets again.
    #[test]
    fn rules_return_from_every_face((family, rule) in rules()) {
        let bytes = rule.pack().unwrap();
        prop_assert!(Flow::check(&bytes, family).is_ok());
        let words = told(&bytes, family);
        let (packed, _) = parse(&words, family).unwrap();
        prop_assert_eq!(packed.bytes(), bytes.as_slice(), "{}", words);

        let nlri = Nlri::unpack(&bytes, family).unwrap();
        for dialect in [Dialect::V4, Dialect::V6] {
            let mut out = Vec::new();
            let about = about(family, dialect);
            json::Writer::new(&mut out, dialect).object(|object| nlri.members(object, &about));
            let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
            let mut text = Vec::new();
            nlri.text(&mut text, &about);
            prop_assert_eq!(value["string"].as_str().unwrap().as_bytes(), text.as_slice());
        }
    }

    /// Anything at all is refused, or read and told by words that make it.
    #[test]
    fn any_octets(octets in proptest::collection::vec(any::<u8>(), 0..40), six in any::<bool>()) {
        let family = if six { FLOW6 } else { FLOW4 };
        let mut bytes = vec![u8::try_from(octets.len()).unwrap()];
        bytes.extend_from_slice(&octets);
        if Flow::check(&bytes, family).is_ok() {
            let words = told(&bytes, family);
            let (packed, _) = parse(&words, family).unwrap();
            prop_assert_eq!(packed.bytes(), bytes.as_slice(), "{}", words);
        }
    }
}

#[test]
fn the_grammar_lists_every_word_that_it_reads() {
    let listed = |word: &str| words::GRAMMAR.words.iter().any(|(name, _)| *name == word);
    for kind in &KINDS {
        for afi in [Afi::IPV4, Afi::IPV6] {
            assert!(kind.name(afi).is_empty() || listed(kind.name(afi)));
        }
    }
    for action in &action::ACTIONS {
        let syntax = words::GRAMMAR.words.iter().find(|(name, _)| *name == action.name);
        assert_eq!(syntax, Some(&(action.name, action.syntax)));
    }
    for (word, syntax) in words::GRAMMAR.words {
        assert!(*word == "route" || part(word).is_some(), "{word}");
        assert!(syntax.starts_with(word), "{syntax}");
    }
    assert_eq!(part("wibble"), None);
    assert_eq!(NUMERIC.len(), 8);
}
