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
mod named;
mod next_hop;
mod sort_order;
mod target;
mod traffic;
pub(super) mod words;

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json::{self, Dialect};
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer};

use super::{Listed, Marks};

pub use bandwidth::Bandwidth;
pub use encapsulation::Encapsulation;
pub use interface_set::{Direction, InterfaceSet};
pub use layer2::Layer2Info;
pub use mobility::MacMobility;
pub use mup::MupSegment;
pub use named::Mac;
pub use next_hop::{RedirectToAddress, RedirectToNextHop};
pub use sort_order::SortOrder;
pub use target::{FourOctetAs, Ipv4Specific, TwoOctetAs};
pub use traffic::{Limit, Mark, PacketRate, Rate, TrafficAction};

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
        0x0208 => RedirectAs4(FourOctetAs<0x08>),
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

    /// The same community, kept inside an AS.
    #[must_use]
    pub fn not_transitive(self) -> Self {
        let [high, rest @ ..] = self.0;
        let mut octets = [high | 0x40; 8];
        octets.iter_mut().skip(1).zip(rest).for_each(|(place, octet)| *place = octet);
        Self(octets)
    }
}

impl fmt::Display for ExtendedCommunity {
    /// Words that are read as the same octets, or the octets. An AS of four octets that would fit
    /// two is told as ExaBGP does, without the `L` that [`ExtendedCommunity::words`] has for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = self.meaning();
        match meaning.wide() {
            Some(_) if self.is_transitive() => write!(f, "{meaning}"),
            _ => f.write_str(&self.words()),
        }
    }
}

impl ExtendedCommunity {
    /// Words that are read as the same octets; the octets where no others are.
    pub fn words(&self) -> String {
        let meaning = self.meaning();
        let told = match &meaning {
            Meaning::InterfaceSet(set) if !self.is_transitive() => set.not_transitive(),
            other => other.wide().unwrap_or_else(|| other.to_string()),
        };
        let mut tokens = Tokens::line(&told);
        match words::read(&mut tokens) {
            Ok(read) if read == *self && tokens.is_done() => told,
            _ => format!("0x{}", Hex(&self.0)),
        }
    }
}

impl Meaning {
    /// With the `L` of an AS of four octets, where it is one.
    fn wide(&self) -> Option<String> {
        match self {
            Self::TargetAs4(wide) => Some(wide.words()),
            Self::OriginAs4(wide) => Some(wide.words()),
            Self::RecordAs4(wide) => Some(wide.words()),
            Self::RedirectAs4(wide) => Some(wide.words()),
            _ => None,
        }
    }
}

/// The extended communities of a route.
pub type ExtendedCommunities = Marks<ExtendedCommunity>;

impl Listed for ExtendedCommunity {
    const LIST: &'static str = "extended-community";
    const SYNTAX: &'static str = words::SYNTAX;
    const OCTETS: usize = 8;

    fn unpack(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array(Self::LIST).map(Self)
    }

    fn pack(self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0);
    }

    /// The string is what ExaBGP's consumers know, even where it is not all there is to it.
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

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        words::read(tokens)
    }

    fn words(self) -> String {
        Self::words(&self)
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
        ExtendedCommunity(octets).meaning().to_string()
    }

    fn written(text: &str) -> ExtendedCommunity {
        *parse::<ExtendedCommunities>(text).unwrap().iter().next().unwrap()
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
            ("redirect:4200000001:21", "8208fa56ea010015"),
            ("redirect:64700L:21", "82080000fcbc0015"),
            ("redirect:10.0.0.1:12345", "81080a0000013039"),
            ("rtrecord:64700:1", "0013fcbc00000001"),
            ("rtrecord:192.0.2.9:77", "0113c0000209004d"),
            ("rtrecord:4200000001:77", "0213fa56ea01004d"),
            ("redirect-to-nexthop", "0800000000000000"),
            ("copy-to-nexthop", "0800000000000001"),
            ("redirect-to-nexthop-ietf 192.0.2.77", "010cc000024d0000"),
            ("redirect-to-nexthop-ietf:192.0.2.77", "010cc000024d0000"),
            ("copy-to-nexthop-ietf 192.0.2.77", "010cc000024d0001"),
            ("copy-to-nexthop-ietf 192.0.2.77 (with copy)", "010cc000024d0001"),
            ("rate-limit:12800", "8006000046480000"),
            ("rate-limit:12800:bytes", "8006000046480000"),
            ("rate-limit:1000:packets", "800c0000447a0000"),
            ("rate-limit:1000000000000", "800600005368d4a5"),
            ("action sample", "8007000000000002"),
            ("action:terminal", "8007000000000001"),
            ("mark 46", "800900000000002e"),
            ("mark:46", "800900000000002e"),
            ("interface-set:input:64700:9", "07020000fcbc4009"),
            ("interface-set:transitive:output:64700:9", "07020000fcbc8009"),
            ("interface-set:non-transitive:input-output:64700:9", "47020000fcbcc009"),
            ("encap:VXLAN", "030c000000000008"),
            ("encap:vxlan-gpe", "030c00000000000c"),
            ("encap:42", "030c00000000002a"),
            ("encap:encap:UNKNOWN-42", "030c00000000002a"),
            ("consistentHashSortOrder:7", "0314000000070000"),
            ("mac-mobility:5", "0600000000000005"),
            ("mac-mobility:5:sticky", "0600010000000005"),
            ("color:100", "030b000000000064"),
            ("color:16384:100", "030b400000000064"),
            ("default-gateway", "030d000000000000"),
            ("esi-label:300", "06010000000012c0"),
            ("esi-label:300:single-active", "06010100000012c0"),
            ("es-import:0a:01:02:03:04:05", "06020a0102030405"),
            ("router-mac:0A:01:02:03:04:05", "06030a0102030405"),
            ("0x0002fde900000001", "0002fde900000001"),
            ("0x9005010203040506", "9005010203040506"),
        ] {
            let octets = written(text).0;
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
            ("8208fa56ea010015", "redirect:4200000001:21"),
            ("81080a0000013039", "0x81080A0000013039"),
            ("030b000000000064", "0x030B000000000064"),
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
    fn what_is_shown_is_read_as_the_same_octets() {
        // Every kind, every other type with the same layout, and fillings that are unusual.
        let fillings = [
            [0; 6],
            [0xff; 6],
            [0, 0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0, 2],
            [1, 0, 0, 0, 0, 5],
            [0xfc, 0xbc, 0x47, 0xf4, 0x24, 0],
            [0, 0, 0x46, 0x48, 0, 0],
            [0, 0, 0x3f, 0x80, 0, 1],
            [0, 0, 0x80, 0, 0, 0],
            [0, 0, 0x7f, 0xc0, 0, 0],
            [0, 0, 0xfc, 0xbc, 0x40, 9],
            [0, 0, 0xfc, 0xbc, 0, 9],
            [0xc0, 0, 2, 77, 0, 0],
            [0xc0, 0, 2, 77, 0, 3],
            [0, 0, 0, 7, 0, 0],
        ];
        let others = [0x9005u16, 0x030b, 0x030d, 0x0601, 0x0602, 0x0603, 0x0304];
        let known = Meaning::KNOWN.iter().map(|(code, _)| *code);
        let mut told = 0;
        for code in known.chain(others) {
            let [high, low] = code.to_be_bytes();
            for high in (0..16).map(|range| range << 4 | high & 0x0f) {
                for filling in fillings {
                    let [a, b, c, d, e, f] = filling;
                    let community = ExtendedCommunity([high, low, a, b, c, d, e, f]);
                    let text = community.words();
                    assert_eq!(written(&text), community, "{text}");
                    let wide = community.meaning().wide().is_some();
                    assert!(wide || community.to_string() == text, "{community} is {text}");
                    told += usize::from(!text.starts_with("0x"));
                }
            }
        }
        assert!(told > 150, "{told} are told by more than their octets");
    }

    #[test]
    fn what_words_leave_out_is_shown_as_octets() {
        for (hex, text) in [
            ("4002fcbc00000001", "0x4002FCBC00000001"),
            ("030cffff00000008", "0x030CFFFF00000008"),
            ("0006fde800000001", "0x0006FDE800000001"),
            ("80060000c6480000", "0x80060000C6480000"),
            ("8007000000000000", "0x8007000000000000"),
            ("47020000fcbc4009", "interface-set:non-transitive:input:64700:9"),
            ("07020000fcbc0009", "0x07020000FCBC0009"),
            ("02020000fbf00064", "target:64496L:100"),
        ] {
            let octets = from_hex(hex).unwrap().try_into().unwrap();
            assert_eq!(ExtendedCommunity(octets).words(), text);
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
            "redirect:65536:65536",
            "mup:1:2:3",
            "bandwidth:65536:1",
            "1.2.3.4.5:1",
            "[ 1:1",
            "",
            "rate-limit:-1",
            "rate-limit:1e3",
            "rate-limit:1:2",
            "mark 256",
            "mark",
            "action",
            "action nothing",
            "redirect-to-nexthop:1",
            "redirect-to-nexthop-ietf 2001:db8::1",
            "copy-to-nexthop-ietf 192.0.2.77 (without copy)",
            "interface-set:sideways:1:1",
            "interface-set:input:1:16384",
            "encap:wibble",
            "encap:65536",
            "mac-mobility:5:stuck",
            "esi-label:1048576",
            "es-import:0a:01:02:03:04",
            "router-mac:0a:01:02:03:04:5",
            "router-mac:0a:01:02:03:04:+5",
            "default-gateway:1",
            "color:65536:1",
        ]);
    }
}
