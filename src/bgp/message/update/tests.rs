//! The acceptance vectors of received UPDATEs, and the same bytes after an accident.

use serde_json::Value;

use super::{Lines, Packing, Update};
use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, Interner, NextHop};
use crate::bgp::message::Notify;
use crate::bgp::nlri::{Rule, Shape};
use crate::json::{Dialect, Writer};
use crate::protocol::{Afi, Asn, Family, Safi};
use crate::wire::{Hex, from_hex};

/// A session and a body received on it.
struct Case {
    told: Value,
    negotiated: Negotiated,
    body: Vec<u8>,
}

impl Case {
    fn new(told: Value) -> Self {
        let number = |key: &str| told[key].as_u64().and_then(|asn| u32::try_from(asn).ok());
        let named = told["families"].as_array().unwrap().iter();
        let families = named.flat_map(|name| match name.as_str().unwrap().split_once(' ') {
            Some((afi, safi)) => Family::from_names(afi, safi).into_iter().collect(),
            None => Family::KNOWN.to_vec(),
        });
        let mut negotiated = Negotiated {
            local_as: Asn(number("local-as").unwrap()),
            peer_as: Asn(number("peer-as").unwrap()),
            families: families.collect(),
            ..Negotiated::wide()
        };
        let settings = told["settings"].as_str().unwrap_or("");
        negotiated.asn4 = !settings.contains("asn4 disable");
        negotiated.aigp = settings.contains("aigp enable");
        if settings.contains("add-path send/receive") {
            negotiated.addpath_receive.clone_from(&negotiated.families);
        }
        if settings.contains("nexthop enable") {
            negotiated.nexthop.push((Family::IPV4_UNICAST, Afi::IPV6));
        }
        let body = from_hex(told["body"].as_str().unwrap()).unwrap();
        Self { told, negotiated, body }
    }

    /// Whether it is about what is read here: prefixes with generic attributes, and prefixes
    /// with labels.
    fn is_ours(&self) -> bool {
        let labelled = |family: &Family| {
            matches!(Rule::of(*family).unwrap().shape, Shape::Label | Shape::IpVpn)
        };
        let families = &self.negotiated.families;
        self.told["needs"] == "spine" || !families.is_empty() && families.iter().all(labelled)
    }

    fn json(&self, dialect: Dialect) -> Result<Value, Notify> {
        let update = Update::decode(&self.body, &self.negotiated, &mut Interner::new())?;
        Ok(json(&update, dialect, false))
    }

    fn name(&self) -> String {
        format!("{} {}", self.told["id"], self.told["title"])
    }

    fn expects_notify(&self, notify: &Notify) {
        let expected = serde_json::json!([notify.code, notify.subcode]);
        assert_eq!(self.told["notification"], expected, "{}", self.name());
        if let Some(data) = self.told["data"].as_str() {
            assert_eq!(notify.data, from_hex(data).unwrap(), "{}", self.name());
        }
    }
}

fn json(update: &Update<'_>, dialect: Dialect, compact: bool) -> Value {
    let mut out = Vec::new();
    update.json(&mut Writer::new(&mut out, dialect), compact);
    assert!(out.is_ascii());
    serde_json::from_slice(&out).unwrap()
}

fn cases(data: &str) -> impl Iterator<Item = Case> {
    let list: Vec<Value> = serde_json::from_str(data).unwrap();
    list.into_iter().map(Case::new)
}

const DECODE: &str = include_str!("../../../../qa/acceptance/wire-decode.json");
const MALFORMED: &str = include_str!("../../../../qa/acceptance/wire-malformed.json");

#[test]
fn acceptance_vectors_of_good_updates() {
    let mut seen = 0;
    for case in cases(DECODE).filter(Case::is_ours) {
        for (dialect, key) in [(Dialect::V4, "json4"), (Dialect::V6, "json6")] {
            match case.json(dialect) {
                Ok(mut value) => {
                    let own = &case.told[key];
                    let mut expected = if own.is_null() { &case.told["json"] } else { own }.clone();
                    for key in case.told["free"].as_array().into_iter().flatten() {
                        drop_members(&mut value, key.as_str().unwrap());
                        drop_members(&mut expected, key.as_str().unwrap());
                    }
                    assert_eq!(value, expected, "{} {dialect:?}", case.name());
                }
                Err(notify) => case.expects_notify(&notify),
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn acceptance_vectors_of_malformed_updates() {
    let mut seen = 0;
    for case in cases(MALFORMED).filter(Case::is_ours) {
        let reaction = case.told["reaction"].as_str().unwrap();
        match (case.json(Dialect::V6), reaction) {
            (Err(notify), "notification") => case.expects_notify(&notify),
            (Ok(value), "withdraw") => {
                let update = &value["update"];
                assert_eq!(update["withdraw"], case.told["withdraw"], "{}", case.name());
                assert!(update["announce"].is_null(), "{}", case.name());
                let error = update["attribute"]["error"].as_str().unwrap();
                assert!(error.starts_with("treat-as-withdraw"), "{}", case.name());
            }
            (Ok(mut value), "discard" | "accept" | "ignore") => {
                drop_members(&mut value, "error");
                let own = &case.told["json6"];
                let expected = if own.is_null() { &case.told["json"] } else { own };
                assert_eq!(&value, expected, "{}", case.name());
            }
            (Ok(_), "keep") => {}
            (got, _) => panic!("{}: {got:?}", case.name()),
        }
        seen += 1;
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn vectors_cut_and_flipped_are_read_or_refused() {
    let mut seen = 0;
    for mut case in cases(DECODE).chain(cases(MALFORMED)) {
        let body = case.body.clone();
        let cut = (0..body.len()).map(|length| body[..length].to_vec());
        let flipped = (0..body.len()).flat_map(|at| {
            [0x01, 0x80, 0xff].map(|bits| {
                let mut flipped = body.clone();
                flipped[at] ^= bits;
                flipped
            })
        });
        for hostile in cut.chain(flipped) {
            case.body = hostile;
            // What is read is valid JSON, or is refused; there is no third.
            drop(case.json(Dialect::V4));
            seen += 1;
        }
    }
    assert!(seen > 40_000, "{seen}");
}

fn drop_members(value: &mut Value, name: &str) {
    match value {
        Value::Object(members) => {
            members.remove(name);
            members.values_mut().for_each(|member| drop_members(member, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_members(item, name)),
        _ => {}
    }
}

#[test]
fn no_octet_is_trusted() {
    for case in cases(DECODE).chain(cases(MALFORMED)) {
        let mut interner = Interner::new();
        let mut look = |body: &[u8]| {
            if let Ok(update) = Update::decode(body, &case.negotiated, &mut interner) {
                json(&update, Dialect::V4, true);
                let lines = Lines { start: "", dialect: Dialect::V6, octets: None };
                update.text(&mut Vec::new(), &lines);
            }
        };
        for length in 0..case.body.len() {
            look(&case.body[..length]);
        }
        for at in 0..case.body.len() {
            let mut body = case.body.clone();
            for flip in [0x01, 0x10, 0x80, 0xff] {
                body[at] = case.body[at] ^ flip;
                look(&body);
            }
        }
    }
}

fn received(hex: &str, families: &[Family], check: impl FnOnce(&Update<'_>)) {
    let negotiated = Negotiated { families: families.to_vec(), ..Negotiated::wide() };
    let body = from_hex(hex).unwrap();
    check(&Update::decode(&body, &negotiated, &mut Interner::new()).unwrap());
}

fn lines(update: &Update<'_>, octets: Option<(&[u8], &[u8])>) -> String {
    let mut out = Vec::new();
    let lines = Lines { start: "neighbor 127.0.0.1 receive", dialect: Dialect::V4, octets };
    update.text(&mut out, &lines);
    String::from_utf8(out).unwrap()
}

#[test]
fn text_is_a_block_of_lines() {
    let body = "0003100a07001b4001010040020602010000fde9400504000000644003040a00000918c63364";
    received(body, &[Family::IPV4_UNICAST], |update| {
        assert_eq!(
            lines(update, Some((&[0xff, 2], &[1]))),
            "neighbor 127.0.0.1 receive update start\n\
             neighbor 127.0.0.1 receive update withdrawn 10.7.0.0/16\n\
             neighbor 127.0.0.1 receive update announced 198.51.100.0/24 next-hop 10.0.0.9 \
             origin igp as-path ( 65001 ) local-preference 100\n\
             \x20header 0xFF02 body 0x01\n\
             neighbor 127.0.0.1 receive update end\n"
        );
    });
    received("00000000", &[Family::IPV4_UNICAST], |update| {
        let text = lines(update, None);
        assert!(text.contains(" update route eor 1/1 (ipv4 unicast)\n"), "{text}");
    });
}

#[test]
fn the_compact_form_has_bare_prefixes() {
    let body = "0000001540010100400200400304c63364074005040000006418ac100818ac1009";
    received(body, &[Family::IPV4_UNICAST], |update| {
        let value = json(update, Dialect::V4, true);
        let expected = serde_json::json!({ "198.51.100.7": ["172.16.8.0/24", "172.16.9.0/24"] });
        assert_eq!(value["update"]["announce"]["ipv4 unicast"], expected);
    });
}

#[test]
fn one_family_is_one_member_wherever_its_routes_stand() {
    // 172.16.8.0/24 in the field, 172.16.9.0/24 in MP_REACH, with one next hop and with two.
    for (last, hops) in [("07", 1), ("08", 2)] {
        let body = format!(
            "0000002540010100400200400304c633640740050400000064800e0d00010104c63364{last}\
             0018ac100918ac1008"
        );
        received(&body, &[Family::IPV4_UNICAST], |update| {
            let value = json(update, Dialect::V6, false);
            let by_hop = value["update"]["announce"]["ipv4 unicast"].as_object().unwrap().clone();
            assert_eq!(by_hop.len(), hops);
            assert_eq!(by_hop.values().flat_map(|list| list.as_array().unwrap()).count(), 2);
        });
    }
}

#[test]
fn our_link_local_address_stands_beside_a_global_next_hop() {
    let next_hop = |family, next_hop: &str, local: Option<&str>| {
        let link_local = local.map(|text| text.parse().unwrap());
        let negotiated = Negotiated { link_local, ..Negotiated::wide() };
        let mut builder = Attributes::builder();
        builder.set_next_hop(NextHop::Address(next_hop.parse().unwrap()));
        let mut out = Vec::new();
        let rule = Rule::of(family).unwrap();
        let packing = Packing::announce(&mut out, &negotiated, rule, &builder.build());
        assert!(packing.is_ok());
        let hex = Hex(&out).to_string().to_ascii_lowercase();
        let (_, hop) =
            hex.split_once(if family.safi.0 == 1 { "000201" } else { "000280" }).unwrap();
        hop.to_owned()
    };
    let (global, local) = ("20010db8000000000000000000000001", "fe800000000000000000000000000007");
    let unicast = Family::IPV6_UNICAST;
    let ours = Some("fe80::7");
    assert_eq!(next_hop(unicast, "2001:db8::1", None), format!("10{global}00"));
    assert_eq!(next_hop(unicast, "2001:db8::1", ours), format!("20{global}{local}00"));
    assert_eq!(next_hop(unicast, "fe80::7", ours), format!("10{local}00"));
    let vpn = Family::new(unicast.afi, Safi::MPLS_VPN);
    assert_eq!(next_hop(vpn, "2001:db8::1", ours), format!("180000000000000000{global}00"));
}
