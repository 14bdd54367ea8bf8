//! The mobile user plane, draft-ietf-bess-mup-safi.
//!
//! Wire format: architecture, type of two octets, length in octets, value. The types are those
//! of architecture 1, 3GPP 5G; routes of other architectures and types are kept by their octets.

mod direct;
mod interwork;
mod session_one;
mod session_two;

use std::net::{IpAddr, Ipv4Addr};

use super::typed::{self, RouteType, TypedWords, Types, route_types};
use super::{About, Grammar, Identity, Layout, Opaque, Welcome, text};
use crate::bgp::attribute::{Builder, NextHop};
use crate::json::{self, Dialect};
use crate::protocol::{Afi, Family, Prefix, PrefixError};
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer};

pub use direct::DirectSegment;
pub use interwork::InterworkSegment;
pub use session_one::SessionOne;
pub use session_two::SessionTwo;

route_types! {
    /// Route types of architecture 1 (IANA: BGP MUP Route Types).
    pub enum MupRoute {
        /// Interwork Segment Discovery.
        1 => InterworkSegment(InterworkSegment),
        /// Direct Segment Discovery.
        2 => DirectSegment(DirectSegment),
        /// Type 1 Session Transformed.
        3 => SessionOne(SessionOne),
        /// Type 2 Session Transformed.
        4 => SessionTwo(SessionTwo),
    }
}

/// A route of the mobile user plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mup {
    Known(MupRoute),
    /// A route that is not read.
    Raw(Opaque),
}

/// 3GPP 5G.
const ARCHITECTURE: u8 = 1;
/// Architecture, type and length.
const HEAD: usize = 4;

static GRAMMAR: Grammar = Grammar {
    syntax: "mup mup-isd <prefix> rd <distinguisher> next-hop <address>|self \
             [extended-community …] [bgp-prefix-sid-srv6 …], or mup mup-dsd <address> rd …, \
             mup-t1st <prefix> rd … teid <number> qfi <0-63> endpoint <address> \
             [source <address>], mup-t2st <address> rd … teid <number>/<bits>, raw <octets>",
    words: MupRoute::WORDS,
    needs_next_hop: true,
    start: |family| Box::new(TypedWords::<Mup>::new(family)),
};

impl Types for Mup {
    fn parse(
        keyword: &str,
        tokens: &mut Tokens<'_>,
        family: Family,
    ) -> Option<Result<Vec<u8>, Error>> {
        let route = MupRoute::parse(keyword, tokens, family)?;
        Some(route.map(|route| Self::Known(route).bytes()))
    }

    fn welcome(attribute: &str) -> Welcome {
        match attribute {
            "next-hop" | "extended-community" | "bgp-prefix-sid-srv6" | "attribute" => {
                Welcome::Read
            }
            _ => Welcome::Refused,
        }
    }

    /// Routes of IPv6 have a next hop of IPv6: the mapped form of one of IPv4, as ExaBGP sends it.
    fn settle(attributes: &mut Builder, family: Family) {
        if let (Afi::IPV6, NextHop::Address(IpAddr::V4(v4))) = (family.afi, attributes.next_hop()) {
            let mapped = Ipv4Addr::to_ipv6_mapped(&v4);
            attributes.set_next_hop(NextHop::Address(mapped.into()));
        }
    }
}

impl Mup {
    /// Architecture, type and body; the frame was found by [`Layout::extent`].
    fn split(bytes: &[u8]) -> Result<(u8, u16, Reader<'_>), Malformed> {
        let mut reader = Reader::new(bytes);
        let architecture = reader.u8("NLRI")?;
        let code = reader.u16("NLRI")?;
        reader.u8("NLRI")?;
        Ok((architecture, code, reader))
    }

    /// Reads the body; `None` when nothing is known of it.
    fn read(bytes: &[u8], family: Family) -> Option<Result<MupRoute, Malformed>> {
        match Self::split(bytes) {
            Ok((ARCHITECTURE, code, body)) => {
                MupRoute::unpack(u8::try_from(code).ok()?, body, family)
            }
            Ok(_) => None,
            Err(fault) => Some(Err(fault)),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        self.pack(&mut Writer::new(&mut bytes));
        bytes
    }
}

impl Layout for Mup {
    const GRAMMAR: Option<&'static Grammar> = Some(&GRAMMAR);

    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        ahead.take("NLRI", 3)?;
        Ok(HEAD + usize::from(ahead.u8("NLRI")?))
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        Self::read(bytes, family).map_or(Ok(()), |read| read.map(drop))
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        match Self::read(bytes, family) {
            Some(read) => read.map(Self::Known),
            None => {
                let (_, code, _) = Self::split(bytes)?;
                Ok(Self::Raw(Opaque::new(Some(code), bytes)))
            }
        }
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Known(route) => {
                writer.u8(ARCHITECTURE);
                writer.u16(u16::from(route.code()));
                let sized = writer.sized_u8(|writer| route.pack(writer));
                debug_assert!(sized.is_ok(), "no type has so much to say");
            }
            Self::Raw(raw) => raw.pack(writer),
        }
    }

    /// A session of type 1 is the distinguisher and the prefix: where its tunnel goes is no part
    /// of the key, so that a new tunnel replaces the old one.
    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        let key = match bytes.split_first_chunk::<HEAD>() {
            Some(([ARCHITECTURE, 0, session_one::CODE, _], body)) => session_one::key(body),
            _ => None,
        };
        match key {
            Some(key) => Identity::parts(family, path_id, session_one::CODE, [key, &[]]),
            None => Identity::whole(family, path_id, bytes),
        }
    }

    fn members(&self, object: &mut json::Object<'_, '_>, _: &About) {
        match self {
            Self::Known(route) => {
                object.field("name").string(route.name());
                object.field("arch").number(ARCHITECTURE);
                object.field("code").number(route.code());
                route.members(object);
                typed::raw_member(object, &self.bytes());
            }
            Self::Raw(Opaque { code, bytes }) => {
                object.field("arch").number(bytes.first().copied().unwrap_or(0));
                object.field("code").number(code.unwrap_or(0));
                typed::raw_member(object, bytes);
            }
        }
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        match self {
            Self::Known(route) => {
                text::display(out, format_args!("mup:{}", route.brief(about.dialect)));
            }
            Self::Raw(raw) => {
                text::display(out, format_args!("mup:unknown:0x{}", Hex(&raw.bytes)));
            }
        }
        if about.dialect == Dialect::V6 {
            text::next_hop(out, about.next_hop);
        }
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        let words = match self {
            Self::Known(route) => route.to_string(),
            Self::Raw(_) => String::new(),
        };
        typed::statement::<Self>(out, &self.bytes(), &words, about);
    }
}

/// The next word as a prefix of the family; bits beyond the mask are kept, as ExaBGP keeps them.
fn prefix(tokens: &mut Tokens<'_>, family: Family) -> Result<Prefix, Error> {
    let word = tokens.word("a prefix")?;
    let prefix = Prefix::from_text_lenient(&word).map_err(|error| {
        word.fault(match error {
            PrefixError::Length => "has a mask that is too long",
            PrefixError::Syntax | PrefixError::HostBits => "is not a prefix",
        })
    })?;
    if prefix.afi() == family.afi {
        return Ok(prefix);
    }
    Err(word.fault(&format!("is no prefix of {}", family.afi)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, parse, refuse, refuse_octets, shows, told};
    use super::super::{Packed, Rule};
    use super::*;
    use crate::protocol::Safi;
    use crate::wire::from_hex;

    const V4: Family = Family::new(Afi::IPV4, Safi::MUP);
    const V6: Family = Family::new(Afi::IPV6, Safi::MUP);

    #[test]
    fn segments() {
        check(
            "mup-isd 172.16.8.0/24 rd 64700:12",
            V4,
            "0100010C0000FCBC0000000C18AC1008",
            "{ \"name\": \"InterworkSegmentDiscoveryRoute\", \"arch\": 1, \"code\": 1, \
             \"prefix_ip_len\": 24, \"prefix_ip\": \"172.16.8.0\", \"rd\": \"64700:12\", \
             \"raw\": \"0100010C0000FCBC0000000C18AC1008\" }",
            ["mup:isd::64700:12:172.16.8.0/24"; 2],
        );
        check(
            "mup-dsd 2001:db8::50 rd 192.0.2.1:12",
            V6,
            "010002180001C0000201000C20010DB8000000000000000000000050",
            "{ \"name\": \"DirectSegmentDiscoveryRoute\", \"arch\": 1, \"code\": 2, \
             \"ip\": \"2001:db8::50\", \"rd\": \"192.0.2.1:12\", \
             \"raw\": \"010002180001C0000201000C20010DB8000000000000000000000050\" }",
            ["mup:dsd::192.0.2.1:12:2001:db8::50"; 2],
        );
    }

    #[test]
    fn sessions_with_and_without_source() {
        let json = |length: u8, source: &str, raw: &str| {
            format!(
                "{{ \"name\": \"Type1SessionTransformedRoute\", \"arch\": 1, \"code\": 3, \
                 \"prefix_ip_len\": 24, \"prefix_ip\": \"172.16.8.0\", \"teid\": \"4660\", \
                 \"qfi\": \"9\", \"rd\": \"64700:12\", \"endpoint_ip_len\": 32, \
                 \"endpoint_ip\": \"192.0.2.60\", \"source_ip_len\": {length}, \
                 \"source_ip\": \"{source}\", \"raw\": \"{raw}\" }}"
            )
        };
        let words = "mup-t1st 172.16.8.0/24 rd 64700:12 teid 4660 qfi 9 endpoint 192.0.2.60";
        let without = "010003160000FCBC0000000C18AC1008000012340920C000023C";
        let texts = [
            "mup:t1st::64700:12:172.16.8.0/24:4660:9:192.0.2.60/24",
            "mup:t1st::64700:12:172.16.8.0/24:4660:9:192.0.2.60/32",
        ];
        check(words, V4, without, &json(0, "", without), texts);
        // ExaBGP tells the source that is not there as b''.
        let empty = "010003170000FCBC0000000C18AC1008000012340920C000023C00";
        check(&format!("{words} source none"), V4, empty, &json(0, "", empty), texts);
        let with = "0100031B0000FCBC0000000C18AC1008000012340920C000023C20C000023D";
        let texts = texts.map(|text| format!("{text}:192.0.2.61/32"));
        check(
            &format!("{words} source 192.0.2.61"),
            V4,
            with,
            &json(32, "192.0.2.61", with),
            [&texts[0], &texts[1]],
        );
    }

    #[test]
    fn sessions_by_endpoint() {
        for (family, words, hex, length, endpoint, teid) in [
            (
                V4,
                "mup-t2st 192.0.2.60 rd 64700:12 teid 4660/32",
                "010004110000FCBC0000000C40C000023C00001234",
                64,
                "192.0.2.60",
                "4660",
            ),
            (
                V4,
                "mup-t2st 192.0.2.60 rd 64700:12 teid 18/16",
                "0100040F0000FCBC0000000C30C000023C0012",
                48,
                "192.0.2.60",
                "18",
            ),
            (
                V4,
                "mup-t2st 192.0.2.60 rd 64700:12 teid 0/0",
                "0100040D0000FCBC0000000C20C000023C",
                32,
                "192.0.2.60",
                "0",
            ),
            (
                V6,
                "mup-t2st 2001:db8::60 rd 64700:12 teid 5/3",
                "0100041A0000FCBC0000000C8320010DB800000000000000000000006005",
                131,
                "2001:db8::60",
                "5",
            ),
        ] {
            let json = format!(
                "{{ \"name\": \"Type2SessionTransformedRoute\", \"arch\": 1, \"code\": 4, \
                 \"endpoint_len\": {length}, \"endpoint_ip\": \"{endpoint}\", \
                 \"rd\": \"64700:12\", \"teid\": \"{teid}\", \"raw\": \"{hex}\" }}"
            );
            let text = format!("mup:t2st::64700:12:{length}:{endpoint}:{teid}:");
            check(words, family, hex, &json, [&text; 2]);
        }
    }

    #[test]
    fn what_no_words_say_is_said_by_octets() {
        let json = "{ \"arch\": 1, \"code\": 9, \"raw\": \"01000902ABCD\" }";
        shows("01000902ABCD", V4, json, ["mup:unknown:0x01000902ABCD"; 2]);
        let json = "{ \"arch\": 2, \"code\": 257, \"raw\": \"02010100\" }";
        shows("02010100", V6, json, ["mup:unknown:0x02010100"; 2]);
        for hex in [
            // A distinguisher of an unknown type, a flow identifier of 64, five bits in three.
            "0100010C0009FCBC0000000C18AC1008",
            "010003160000FCBC0000000C18AC1008000012344020C000023C",
            "0100040E0000FCBC0000000C23C000023C1F",
        ] {
            let words = told(&from_hex(hex).unwrap(), V4);
            let (packed, _) = parse(&words, V4).unwrap();
            assert_eq!(packed.bytes(), from_hex(hex).unwrap(), "{words}");
        }
    }

    #[test]
    fn where_a_tunnel_goes_does_not_make_a_session() {
        let session = |words: &str| parse(words, V4).unwrap().0;
        let one = session("mup-t1st 10.0.0.1/32 rd 1:1 teid 1 qfi 1 endpoint 192.0.2.1");
        let same =
            session("mup-t1st 10.0.0.1/32 rd 1:1 teid 2 qfi 2 endpoint 192.0.2.2 source 192.0.2.3");
        assert_eq!(one.identity(), same.identity());
        for other in [
            "mup-t1st 10.0.0.1/32 rd 1:2 teid 1 qfi 1 endpoint 192.0.2.1",
            "mup-t1st 10.0.0.2/32 rd 1:1 teid 1 qfi 1 endpoint 192.0.2.1",
            "mup-isd 10.0.0.1/32 rd 1:1",
            "mup-t2st 10.0.0.1 rd 1:1 teid 1/32",
        ] {
            assert_ne!(one.identity(), session(other).identity(), "{other}");
        }
        let second = |teid: &str| session(&format!("mup-t2st 10.0.0.1 rd 1:1 teid {teid}"));
        assert_ne!(second("1/32").identity(), second("2/32").identity());
        // Octets that are no session have an identity too.
        let short = Packed::new(V4, None, &[1, 0, 3, 2, 0, 0]);
        assert_ne!(short.identity(), one.identity());
    }

    #[test]
    fn faults_of_octets() {
        refuse_octets(
            V4,
            &[
                "0100010C",
                "010001FF00",
                "0100010C0000FCBC0000000C21AC100801",
                "0100010D0000FCBC0000000C18AC100800",
                "010002180000FCBC0000000C20010DB8000000000000000000000050",
                "0100040D0000FCBC0000000C1FC000023C",
                "010004120000FCBC0000000C41C000023C0000000001",
                "010004100000FCBC0000000C40C000023C001234",
                "010003160000FCBC0000000C18AC1008000012340921C000023C",
                "010003170000FCBC0000000C18AC1008000012340920C000023C20",
                "010003150000FCBC0000000C18AC1008000012340920C00002",
            ],
        );
    }

    #[test]
    fn faults_of_words() {
        refuse(
            V4,
            &[
                ("mup-wibble 192.0.2.7", "not known"),
                ("mup-isd 192.0.2.7/33 rd 1:1", "mask that is too long"),
                ("mup-isd 2001:db8::/32 rd 1:1", "no prefix of ipv4"),
                ("mup-isd 10.0.0.0/8", "\"rd\""),
                ("mup-dsd 2001:db8::1 rd 1:1", "no address of ipv4"),
                ("mup-t1st 10.0.0.0/8 rd 1:1 teid 7 qfi 64 endpoint 192.0.2.7", "0 to 63"),
                (
                    "mup-t1st 10.0.0.0/8 rd 1:1 teid 4294967296 qfi 1 endpoint 192.0.2.7",
                    "below 4294967296",
                ),
                ("mup-t2st 192.0.2.7 rd 1:1 teid 7", "length in bits"),
                ("mup-t2st 192.0.2.7 rd 1:1 teid 7/2", "does not fit"),
                ("mup-t2st 192.0.2.7 rd 1:1 teid 7/33", "longer than 32"),
                ("mup-t2st 192.0.2.7 rd 1:1 teid +7/32", "length in bits"),
                ("mup-t2st 192.0.2.7 rd 1:1 teid /", "length in bits"),
            ],
        );
        let grammar = Rule::of(V4).unwrap().shape.grammar().unwrap();
        let wording = (grammar.start)(V4);
        assert_eq!(wording.welcome("med"), Welcome::Refused);
        assert_eq!(wording.welcome("extended-community"), Welcome::Read);
    }

    #[test]
    fn next_hops_of_ipv6_are_ipv6() {
        let next_hop = |words: &str, family| parse(words, family).unwrap().1.next_hop();
        let address = |text: &str| NextHop::Address(text.parse().unwrap());
        let words = "mup-isd 2001:db8:1::/48 rd 1:1 next-hop 192.0.2.9";
        assert_eq!(next_hop(words, V6), address("::ffff:192.0.2.9"));
        let words = "mup-isd 10.0.0.0/8 rd 1:1 next-hop 192.0.2.9";
        assert_eq!(next_hop(words, V4), address("192.0.2.9"));
    }
}
