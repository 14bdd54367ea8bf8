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
    syntax: "mup mup-isd|mup-dsd|mup-t1st|mup-t2st … next-hop <address> [extended-community …] [bgp-prefix-sid-srv6 …]",
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
            Self::Raw(raw) => text::display(out, format_args!("mup:unknown:0x{}", Hex(&raw.bytes))),
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
