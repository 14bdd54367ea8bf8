//! Multicast in VPNs, RFC 6514.
//!
//! Wire format: type, length in octets, value. Types that take part in discovery (1 to 4) are
//! kept by their octets when they cannot be read, as ExaBGP keeps them always; so are types
//! without a line.

mod channel;
mod inter_as;
mod intra_as;
mod leaf;
mod s_pmsi;
mod shared_join;
mod source_active;
mod source_join;

use super::typed::{self, RouteType, TypedWords, Types, route_types};
use super::{About, Grammar, Layout, OnFault, Opaque, text};
use crate::json::{self, Dialect};
use crate::protocol::Family;
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer};

pub use channel::Channel;
pub use inter_as::InterAs;
pub use intra_as::IntraAs;
pub use leaf::Leaf;
pub use s_pmsi::SPmsi;
pub use shared_join::SharedJoin;
pub use source_active::SourceActive;
pub use source_join::SourceJoin;

route_types! {
    /// Route types (IANA: BGP MCAST-VPN Route Types).
    pub enum MvpnRoute {
        /// Intra-AS I-PMSI A-D.
        1 => IntraAs(IntraAs),
        /// Inter-AS I-PMSI A-D.
        2 => InterAs(InterAs),
        /// S-PMSI A-D.
        3 => SPmsi(SPmsi),
        /// Leaf A-D.
        4 => Leaf(Leaf),
        /// Source Active A-D.
        5 => SourceActive(SourceActive),
        /// Shared Tree Join.
        6 => SharedJoin(SharedJoin),
        /// Source Tree Join.
        7 => SourceJoin(SourceJoin),
    }
}

/// A route of a multicast VPN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mvpn {
    Known(MvpnRoute),
    /// A route that is not read.
    Raw(Opaque),
}

/// What the family carries by its octets in JSON, whatever is read of it.
fn is_discovery(code: u8) -> bool {
    (1..=4).contains(&code)
}

static GRAMMAR: Grammar = Grammar {
    syntax: "mcast-vpn source-ad source <address> group <address> rd <distinguisher> \
             next-hop <address>|self [<attribute> <value> …], or mcast-vpn source-join source … \
             source-as <AS>, shared-join rp … source-as <AS>, intra-as-ad originator …, \
             inter-as-ad rd …, s-pmsi-ad source …|* …, leaf-ad route-key …, raw <octets>",
    words: MvpnRoute::WORDS,
    needs_next_hop: true,
    start: |family| Box::new(TypedWords::<Mvpn>::new(family)),
};

impl Types for Mvpn {
    fn parse(
        keyword: &str,
        tokens: &mut Tokens<'_>,
        family: Family,
    ) -> Option<Result<Vec<u8>, Error>> {
        let route = MvpnRoute::parse(keyword, tokens, family)?;
        Some(route.map(|route| Self::Known(route).bytes()))
    }
}

impl Mvpn {
    /// Code and body; the frame was found by [`Layout::extent`].
    fn split(bytes: &[u8]) -> Result<(u8, Reader<'_>), Malformed> {
        let mut reader = Reader::new(bytes);
        let code = reader.u8("NLRI")?;
        reader.u8("NLRI")?;
        Ok((code, reader))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(48);
        self.pack(&mut Writer::new(&mut bytes));
        bytes
    }
}

impl Layout for Mvpn {
    const ON_FAULT: OnFault = OnFault::ResetLength;
    const GRAMMAR: Option<&'static Grammar> = Some(&GRAMMAR);

    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        ahead.u8("NLRI")?;
        Ok(2 + usize::from(ahead.u8("NLRI")?))
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        let (code, body) = Self::split(bytes)?;
        if is_discovery(code) {
            return Ok(());
        }
        MvpnRoute::unpack(code, body, family).map_or(Ok(()), |read| read.map(drop))
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        let (code, body) = Self::split(bytes)?;
        let raw = || Self::Raw(Opaque::new(Some(u16::from(code)), bytes));
        match MvpnRoute::unpack(code, body, family) {
            Some(Ok(route)) => Ok(Self::Known(route)),
            Some(Err(fault)) if !is_discovery(code) => Err(fault),
            Some(Err(_)) | None => Ok(raw()),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Known(route) => {
                writer.u8(route.code());
                let sized = writer.sized_u8(|writer| route.pack(writer));
                debug_assert!(sized.is_ok(), "the words of a route keep it below 256 octets");
            }
            Self::Raw(raw) => raw.pack(writer),
        }
    }

    fn members(&self, object: &mut json::Object<'_, '_>, _: &About) {
        match self {
            Self::Known(route) if !is_discovery(route.code()) => {
                object.field("code").number(route.code());
                object.field("parsed").boolean(true);
                typed::raw_member(object, &self.bytes());
                object.field("name").string(route.name());
                route.members(object);
            }
            Self::Known(route) => {
                Opaque::new(Some(u16::from(route.code())), &self.bytes()).members(object);
            }
            Self::Raw(raw) => raw.members(object),
        }
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        match self {
            Self::Known(route) => {
                text::display(out, format_args!("mvpn:{}", route.brief(about.dialect)));
            }
            Self::Raw(raw) => {
                text::display(out, format_args!("mvpn:unknown:0x{}", Hex(&raw.bytes)));
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

#[cfg(test)]
mod tests {
    use super::super::testing::{check, parse, refuse, refuse_octets, shows, told};
    use super::*;
    use crate::protocol::{Afi, Safi};
    use crate::wire::from_hex;

    const V4: Family = Family::new(Afi::IPV4, Safi::MCAST_VPN);
    const V6: Family = Family::new(Afi::IPV6, Safi::MCAST_VPN);

    #[test]
    fn routes_of_customers() {
        check(
            "source-ad source 192.0.2.10 group 232.1.1.1 rd 64700:12",
            V4,
            "05120000FCBC0000000C20C000020A20E8010101",
            "{ \"code\": 5, \"parsed\": true, \"raw\": \"05120000FCBC0000000C20C000020A20E8010101\", \
             \"name\": \"Source Active A-D Route\", \"rd\": \"64700:12\", \
             \"source\": \"192.0.2.10\", \"group\": \"232.1.1.1\" }",
            ["mvpn:sourcead::64700:12:192.0.2.10:232.1.1.1"; 2],
        );
        check(
            "shared-join rp 192.0.2.10 group 232.1.1.1 rd 64700:12 source-as 64700",
            V4,
            "06160000FCBC0000000C0000FCBC20C000020A20E8010101",
            "{ \"code\": 6, \"parsed\": true, \
             \"raw\": \"06160000FCBC0000000C0000FCBC20C000020A20E8010101\", \
             \"name\": \"C-Multicast Shared Tree Join route\", \"rd\": \"64700:12\", \
             \"source-as\": \"64700\", \"source\": \"192.0.2.10\", \"group\": \"232.1.1.1\" }",
            ["mvpn:shared-join::64700:12:64700:192.0.2.10:232.1.1.1"; 2],
        );
        check(
            "source-join source fd12::2 group ff0e::1 rd 65000:99999 source-as 65000",
            V6,
            "072E0000FDE80001869F0000FDE880FD12000000000000000000000000000280FF0E0000000000000000\
             000000000001",
            "{ \"code\": 7, \"parsed\": true, \"raw\": \"072E0000FDE80001869F0000FDE880FD1200000000\
             0000000000000000000280FF0E0000000000000000000000000001\", \
             \"name\": \"C-Multicast Source Tree Join route\", \"rd\": \"65000:99999\", \
             \"source-as\": \"65000\", \"source\": \"fd12::2\", \"group\": \"ff0e::1\" }",
            ["mvpn:source-join::65000:99999:65000:fd12::2:ff0e::1"; 2],
        );
    }

    #[test]
    fn discovery_is_read_and_told_in_json_by_its_octets() {
        let json = |code: u8, hex: &str| {
            format!("{{ \"code\": {code}, \"parsed\": false, \"raw\": \"{hex}\" }}")
        };
        for (code, words, hex, text) in [
            (
                1,
                "intra-as-ad originator 192.0.2.1 rd 64700:12",
                "010C0000FCBC0000000CC0000201",
                "mvpn:intra-as-ad::64700:12:192.0.2.1",
            ),
            (
                2,
                "inter-as-ad rd 64700:12 source-as 64700",
                "020C0000FCBC0000000C0000FCBC",
                "mvpn:inter-as-ad::64700:12:64700",
            ),
            (
                3,
                "s-pmsi-ad source * group 232.1.1.1 originator 192.0.2.1 rd 64700:12",
                "03120000FCBC0000000C0020E8010101C0000201",
                "mvpn:s-pmsi-ad::64700:12:*:232.1.1.1:192.0.2.1",
            ),
            (
                3,
                "s-pmsi-ad source 192.0.2.9 group * originator 2001:db8::1 rd 64700:12",
                "031E0000FCBC0000000C20C00002090020010DB8000000000000000000000001",
                "mvpn:s-pmsi-ad::64700:12:192.0.2.9:*:2001:db8::1",
            ),
            (
                4,
                "leaf-ad route-key 0x010C0000FCBC0000000CC0000201 originator 192.0.2.2",
                "0412010C0000FCBC0000000CC0000201C0000202",
                "mvpn:leaf-ad::0x010C0000FCBC0000000CC0000201:192.0.2.2",
            ),
        ] {
            check(words, V4, hex, &json(code, hex), [text; 2]);
        }
        // What cannot be read is no fault, and nor is what is not known.
        for (code, hex) in [(1, "0103000000"), (3, "03090000FCBC0000000C21"), (9, "0902ABCD")] {
            let text = format!("mvpn:unknown:0x{hex}");
            shows(hex, V4, &json(code, hex), [&text; 2]);
            assert_eq!(told(&from_hex(hex).unwrap(), V4), format!("raw 0x{hex}"));
        }
    }

    #[test]
    fn lengths_of_joins_are_those_of_addresses() {
        refuse_octets(
            V4,
            &[
                "0503000000",
                "05120000FCBC0000000C1FC000020A20E8010101",
                "05110000FCBC0000000C20C000020A20E80101",
                "05130000FCBC0000000C20C000020A20E801010100",
                "051E0000FCBC0000000C20C000020A80FF0E0000000000000000000000000001",
                "06120000FCBC0000000C20C000020A20E8010101",
                "07",
                "0716",
            ],
        );
    }

    #[test]
    fn the_order_of_words_is_fixed() {
        refuse(
            V4,
            &[
                ("source-ad group 239.1.1.1 source 192.0.2.7 rd 1:1", "\"source\""),
                ("shared-join source 192.0.2.7 group 239.1.1.1 rd 1:1 source-as 1", "\"rp\""),
                ("source-ad source 2001:db8::1 group ff0e::1 rd 1:1", "no address of ipv4"),
                ("source-ad source 192.0.2.7 group 239.1.1.1 rd 1:1 source-as 1", "source-as"),
                ("source-ad source 192.0.2.7 group 239.1.1.1 rd 1", "not a route distinguisher"),
                ("source-ad source 192.0.2.7 group 239.1.1.1 rd 1:1 raw 0x0902ABCD", "another"),
                ("leaf-ad route-key 0x0102 originator 192.0.2.1", "one NLRI"),
                ("raw 0x0503000000", "ends too early"),
                ("raw 0x0902ABCD0902ABCD", "is not one NLRI"),
                ("raw 0x", "is not one NLRI"),
                ("raw zz", "is not octets"),
                ("med 5", "no type"),
            ],
        );
        assert!(parse("raw 0902ABCD", V4).is_ok(), "as JSON has it");
    }
}
