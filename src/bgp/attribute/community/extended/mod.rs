//! EXTENDED_COMMUNITIES, RFC 4360: marks of eight octets, whose first two say what the others are.
//!
//! Wire format: runs of eight octets, sent in ascending order. They are kept as octets and read
//! when somebody looks: most are only carried. A kind is a file here and a line in the registry.

mod bandwidth;
mod encapsulation;
mod interface_set;
mod layer2;
mod mobility;
mod mup;
mod next_hop;
mod sort_order;
mod target;
mod traffic;
mod words;

use std::fmt;

use crate::bgp::attribute::{Flags, OnFault, Policy};
use crate::bgp::{Element, FromText, Negotiated};
use crate::json::{self, Dialect};
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer};

use super::{ascending, write_list};

pub use bandwidth::Bandwidth;
pub use encapsulation::Encapsulation;
pub use interface_set::{Direction, InterfaceSet};
pub use layer2::Layer2Info;
pub use mobility::MacMobility;
pub use mup::MupSegment;
pub use next_hop::{RedirectToAddress, RedirectToNextHop};
pub use sort_order::SortOrder;
pub use target::{FourOctetAs, Ipv4Specific, TwoOctetAs};
pub use traffic::{Mark, PacketRate, Rate, TrafficAction};

crate::registry! {
    /// What an extended community can mean, by the low half of its type and its subtype: whether
    /// it is transitive, or of the experimental range, changes no layout.
    pub enum Meaning: u16, unknown Opaque {
        0x0002 => Target(TwoOctetAs<0x02>),
        0x0003 => Origin(TwoOctetAs<0x03>),
        0x0004 => Bandwidth(Bandwidth),
        0x0006 => Rate(Rate),
        0x0007 => TrafficAction(TrafficAction),
        0x0008 => Redirect(TwoOctetAs<0x08>),
        0x0009 => Mark(Mark),
        0x000a => Layer2Info(Layer2Info),
        0x000c => PacketRate(PacketRate),
        0x0013 => Record(TwoOctetAs<0x13>),
        0x0102 => TargetIpv4(Ipv4Specific<0x02>),
        0x0103 => OriginIpv4(Ipv4Specific<0x03>),
        0x010c => RedirectToAddress(RedirectToAddress),
        0x0113 => RecordIpv4(Ipv4Specific<0x13>),
        0x0202 => TargetAs4(FourOctetAs<0x02>),
        0x0203 => OriginAs4(FourOctetAs<0x03>),
        0x0213 => RecordAs4(FourOctetAs<0x13>),
        0x030c => Encapsulation(Encapsulation),
        0x0314 => SortOrder(SortOrder),
        0x0600 => MacMobility(MacMobility),
        0x0702 => InterfaceSet(InterfaceSet),
        0x0800 => RedirectToNextHop(RedirectToNextHop),
        0x0c00 => MupSegment(MupSegment),
    }
}

/// A community no line names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Opaque {
    code: u16,
    octets: [u8; 6],
}

impl Opaque {
    fn bytes(&self) -> &[u8] {
        &self.octets
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:04X}{}", self.code, Hex(&self.octets))
    }
}

/// A kind that can be sent: its six octets behind a type of its own.
pub trait Sent: Element {
    /// Type and subtype.
    const TYPE: [u8; 2];
}

/// One extended community. Ordered as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtendedCommunity(pub [u8; 8]);

impl ExtendedCommunity {
    /// From a kind.
    pub fn new<T: Sent>(value: &T) -> Self {
        let mut octets = Vec::with_capacity(8);
        octets.extend_from_slice(&T::TYPE);
        value.pack(&mut Writer::new(&mut octets), &Negotiated::wide());
        debug_assert_eq!(octets.len(), 8, "every kind has six octets");
        let mut whole = [0; 8];
        whole.iter_mut().zip(octets).for_each(|(place, octet)| *place = octet);
        Self(whole)
    }

    /// What it means.
    pub fn meaning(self) -> Meaning {
        let [high, low, rest @ ..] = self.0;
        let code = u16::from_be_bytes([high & 0x0f, low]);
        let mut reader = Reader::new(&rest);
        match Meaning::unpack(code, &mut reader, &Negotiated::wide()) {
            Some(Ok(known)) => known,
            // What makes no sense of its kind is shown as octets.
            _ => Meaning::Unknown(Opaque { code: u16::from_be_bytes([high, low]), octets: rest }),
        }
    }

    /// Whether it crosses the border of an AS (RFC 4360 section 2).
    pub fn is_transitive(self) -> bool {
        let [high, ..] = self.0;
        high & 0x40 == 0
    }

    fn json(self, json: &mut json::Writer<'_>) {
        let meaning = self.meaning();
        let dialect = json.dialect;
        json.object(|object| {
            object.field("value").number(u64::from_be_bytes(self.0));
            object.field("string").display(&meaning);
            if dialect == Dialect::V6 && matches!(meaning, Meaning::InterfaceSet(_)) {
                object.field("transitive").boolean(self.is_transitive());
            }
        });
    }
}

impl fmt::Display for ExtendedCommunity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.meaning().fmt(f)
    }
}

/// The extended communities of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExtendedCommunities(Box<[ExtendedCommunity]>);

impl ExtendedCommunities {
    /// In ascending order, duplicates kept.
    pub fn new(mut communities: Vec<ExtendedCommunity>) -> Self {
        communities.sort_unstable();
        Self(communities.into())
    }

    /// As received, or in ascending order when written.
    pub fn iter(&self) -> std::slice::Iter<'_, ExtendedCommunity> {
        self.0.iter()
    }

    /// Adds those of another list.
    pub(in crate::bgp::attribute) fn merge(&mut self, more: &Self) {
        *self = Self::new([&*self.0, &*more.0].concat());
    }
}

impl Element for ExtendedCommunities {
    const NAME: &'static str = "extended-community";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octets = reader.rest();
        match octets.as_chunks::<8>() {
            (values, []) => Ok(Self(values.iter().copied().map(ExtendedCommunity).collect())),
            _ => Err(Malformed::Length { what: Self::NAME, got: octets.len() }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        ascending(&self.0, |community| writer.bytes(&community.0));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        let dialect = json.dialect;
        json.list(|list| {
            let mut element = |community: &ExtendedCommunity| community.json(list.element());
            match dialect {
                Dialect::V4 => ascending(&self.0, element),
                Dialect::V6 => self.0.iter().for_each(&mut element),
            }
        });
    }
}

impl Policy for ExtendedCommunities {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    const ON_FAULT: OnFault = OnFault::Withdraw;
}

impl FromText for ExtendedCommunities {
    const SYNTAX: &'static str = concat!(
        "extended-community [ target:<AS or IPv4>:<number>|origin:<AS or IPv4>:<number>|",
        "redirect:<AS>:<number>|bandwidth:<AS>:<octets a second>|mup:<16 bits>:<32 bits>|",
        "l2info:<encapsulation>:<control>:<mtu>:<preference>|redirect-to-nexthop|0x<64 bits> … ]"
    );

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut found = Vec::new();
        tokens.list(|tokens| {
            let word = tokens.word("an extended community")?;
            found.push(words::read(&word).map_err(|what| word.fault(what))?);
            Ok(())
        })?;
        Ok(Self::new(found))
    }
}

impl fmt::Display for ExtendedCommunities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{check, check_as, parse, refuse, refuse_texts, rendered};
    use crate::wire::from_hex;

    /// What a community is shown as.
    fn shown(hex: &str) -> String {
        let octets = from_hex(hex).unwrap().try_into().unwrap();
        ExtendedCommunity(octets).to_string()
    }

    #[test]
    fn written_ones() {
        for (text, shown, hex, value) in [
            ("target:64700:900", "target:64700:900", "0002fcbc00000384", 840_834_337_473_412u64),
            ("64700:900", "target:64700:900", "0002fcbc00000384", 840_834_337_473_412),
        ] {
            let json = format!("[ {{ \"value\": {value}, \"string\": \"{shown}\" }} ]");
            check_as::<ExtendedCommunities>(text, shown, hex, &json);
        }
        for (text, hex) in [
            ("target:192.0.2.9:77", "0102c0000209004d"),
            ("target:4200000001:77", "0202fa56ea01004d"),
            ("target:64700L:77", "02020000fcbc004d"),
            ("origin:4200000001:77", "0203fa56ea01004d"),
            ("target4:71200:12000", "0102000116202ee0"),
            ("target:1000:10.10.10.10", "000203e80a0a0a0a"),
            ("origin:64700:900", "0003fcbc00000384"),
            ("origin:9000:9.9.9.9", "0003232809090909"),
            ("origin:192.0.2.9:77", "0103c0000209004d"),
            ("origin4:71100:11000", "0103000115bc2af8"),
            ("redirect:64700:4321", "8008fcbc000010e1"),
            ("l2info:19:2:1500:120", "800a130205dc0078"),
            ("bandwidth:64700:125000", "4004fcbc47f42400"),
            ("mup:10:20", "0c00000a00000014"),
            ("redirect-to-nexthop", "0800000000000000"),
            ("0x0002fde900000001", "0002fde900000001"),
            ("0x9005010203040506", "9005010203040506"),
        ] {
            let communities = parse::<ExtendedCommunities>(text).unwrap();
            let octets = communities.iter().next().unwrap().0;
            assert_eq!(Hex(&octets).to_string().to_ascii_lowercase(), hex, "{text}");
        }
    }

    #[test]
    fn lists_are_in_order() {
        check::<ExtendedCommunities>(
            "[ target:64700:1 target:64702:1 origin:64700:0.0.0.1 ]",
            "0002fcbc000000010002fcbe000000010003fcbc00000001",
            "[ { \"value\": 840834337472513, \"string\": \"target:64700:1\" }, \
             { \"value\": 840842927407105, \"string\": \"target:64702:1\" }, \
             { \"value\": 1122309314183169, \"string\": \"origin:64700:0.0.0.1\" } ]",
        );
    }

    #[test]
    fn received_ones() {
        for (hex, text) in [
            ("0202fa56ea01004d", "target:4200000001:77"),
            ("4002fcbc00000001", "target:64700:1"),
            ("0103c0000209004d", "origin:192.0.2.9:77"),
            ("0203fa56ea01004d", "origin:4200000001:77"),
            ("0013fcbc00000001", "rtrecord:64700:1"),
            ("4004fcbc47f42400", "bandwidth:64700:125000"),
            ("8006000046480000", "rate-limit:12800"),
            ("0006fde800000001", "rate-limit:0"),
            ("80060000c6480000", "rate-limit:0"),
            ("800600007fc00000", "0x800600007FC00000"),
            ("800c0000447a0000", "rate-limit:1000:packets"),
            ("8007000000000003", "action sample-terminal"),
            ("8008fcbc000010e1", "redirect:64700:4321"),
            ("8208fa56ea010015", "0x8208FA56EA010015"),
            ("800900000000002e", "mark 46"),
            ("800a130005dc006f", "l2info:19:0:1500:111"),
            ("010cc000024d0000", "redirect-to-nexthop-ietf 192.0.2.77"),
            ("010cc000024d0001", "copy-to-nexthop-ietf 192.0.2.77 (with copy)"),
            ("0800000000000000", "redirect-to-nexthop"),
            ("0800000000000001", "copy-to-nexthop"),
            ("030c000000000008", "encap:VXLAN"),
            ("030c00000000002a", "encap:encap:UNKNOWN-42"),
            ("0314000000070000", "consistentHashSortOrder:7"),
            ("0600010000000005", "mac-mobility:5:sticky"),
            ("0600000000000005", "mac-mobility:5"),
            ("07020000fcbc4009", "interface-set:input:64700:9"),
            ("0c00000a00000014", "mup:10:20"),
            ("9005010203040506", "0x9005010203040506"),
            ("810a0a0000010000", "0x810A0A0000010000"),
            ("06030a0102030405", "0x06030A0102030405"),
        ] {
            assert_eq!(shown(hex), text);
        }
    }

    #[test]
    fn one_dialect_tells_whether_an_interface_set_is_transitive() {
        let octets = from_hex("47020000fcbc4009").unwrap();
        let found = ExtendedCommunities::unpack(&mut Reader::new(&octets), &Negotiated::wide());
        let found = found.unwrap();
        assert!(rendered(&found, Dialect::V6).ends_with("\"transitive\": false } ]"));
        assert!(!rendered(&found, Dialect::V4).contains("transitive"));
    }

    #[test]
    fn received_order_is_kept_for_those_who_look() {
        let octets = from_hex("0002fcbc000000020002fcbc00000001").unwrap();
        let found = ExtendedCommunities::unpack(&mut Reader::new(&octets), &Negotiated::wide());
        let found = found.unwrap();
        let place = |json: String, text| json.find(text).unwrap();
        let v6 = rendered(&found, Dialect::V6);
        assert!(place(v6.clone(), "64700:2") < place(v6, "64700:1"));
        let v4 = rendered(&found, Dialect::V4);
        assert!(place(v4.clone(), "64700:2") > place(v4, "64700:1"));
    }

    #[test]
    fn anything_else_is_refused() {
        let what = "extended-community";
        refuse::<ExtendedCommunities>("0002fcbc000000", Malformed::Length { what, got: 7 });
        refuse_texts::<ExtendedCommunities>(&[
            "0x0002fbf0000064",
            "0x0002fbf00000006400",
            "0x0002fbf00000006g",
            "target:65550:65536",
            "target:64496:4294967296",
            "target:4294967296:1",
            "wibble:1:2",
            "target:1.10:5",
            "target:1:2:3",
            "target:x:1",
            "target:1:0x5",
            "target::1",
            "target:",
            "target",
            "l2info:256:0:0:0",
            "l2info:1:2:3",
            "redirect:65536:1",
            "mup:1:2:3",
            "bandwidth:65536:1",
            "1.2.3.4.5:1",
            "[ 1:1",
            "",
        ]);
    }
}
