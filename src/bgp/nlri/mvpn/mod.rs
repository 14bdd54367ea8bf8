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
    syntax: "mcast-vpn source-ad|source-join|shared-join … next-hop <address>|self [<attribute> …]",
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
    const ON_FAULT: OnFault = OnFault::Reset;
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
                text::display(out, format_args!("mvpn:unknown:0x{}", Hex(&raw.bytes)))
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
