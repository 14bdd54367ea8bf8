//! Policies of segment routing, RFC 9830.
//!
//! Wire format: a length in bits, which says whether the endpoint is of the address family, 96 or
//! 192; a distinguisher (4), a color (4), the endpoint. What the policy is stands in the tunnel
//! encapsulation attribute, whose keywords are read here with the route.

use std::fmt;
use std::net::IpAddr;

use super::{About, Grammar, Layout, Packed, Welcome, Wording, text};
use crate::bgp::attribute::Builder;
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Span, Tokens, Word};
use crate::wire::{Malformed, Reader, Writer};

/// A candidate path of a policy: the policy is its color and endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SrPolicy {
    pub distinguisher: u32,
    pub color: u32,
    pub endpoint: IpAddr,
}

const WHAT: &str = "NLRI of sr-policy";
/// The bits of the distinguisher and the color.
const FIXED: u8 = 64;

const FIRST: &str = "distinguisher";
const SYNTAX: &str = "distinguisher <32 bits number> color <32 bits number> endpoint <address>";

static GRAMMAR: Grammar = Grammar {
    syntax: "sr-policy distinguisher <32 bits number> color <32 bits number> endpoint <address> \
             next-hop <address>|self [preference <n>] [priority <n>] [binding-sid …] \
             [srv6-binding-sid …] [policy-name <name>] [candidate-path-name <name>] \
             [segment-list weight <n> segment …]",
    words: &[(FIRST, SYNTAX)],
    needs_next_hop: true,
    start: |_| Box::new(Draft::default()),
};

impl Layout for SrPolicy {
    const GRAMMAR: Option<&'static Grammar> = Some(&GRAMMAR);

    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        Ok(1 + usize::from(ahead.u8(WHAT)?.div_ceil(8)))
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        Self::unpack(bytes, family).map(drop)
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let bits = reader.u8(WHAT)?;
        let distinguisher = reader.u32(WHAT)?;
        let color = reader.u32(WHAT)?;
        let endpoint = match (bits.wrapping_sub(FIXED), family.afi) {
            (32, Afi::IPV4) => IpAddr::from(reader.array::<4>(WHAT)?),
            (128, Afi::IPV6) => IpAddr::from(reader.array::<16>(WHAT)?),
            _ => return Err(Malformed::Value { what: WHAT, got: u32::from(bits) }),
        };
        reader.done(WHAT)?;
        Ok(Self { distinguisher, color, endpoint })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        let (bits, octets): (u8, &[u8]) = match &self.endpoint {
            IpAddr::V4(v4) => (32, &v4.octets()),
            IpAddr::V6(v6) => (128, &v6.octets()),
        };
        writer.u8(FIXED + bits);
        writer.u32(self.distinguisher);
        writer.u32(self.color);
        writer.bytes(octets);
    }

    fn members(&self, object: &mut json::Object<'_, '_>, _: &About) {
        object.field("distinguisher").number(self.distinguisher);
        object.field("color").number(self.color);
        object.field("endpoint").address(self.endpoint);
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        out.extend_from_slice(b"sr-policy ");
        self.statement(out, about);
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        text::display(out, format_args!("{self}"));
        text::next_hop(out, about.next_hop);
    }
}

impl fmt::Display for SrPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { distinguisher, color, endpoint } = self;
        write!(f, "{FIRST} {distinguisher} color {color} endpoint {endpoint}")
    }
}

/// A policy being put together; the attribute gathers the rest of it.
#[derive(Clone, Copy, Debug, Default)]
struct Draft(Option<SrPolicy>);

impl Draft {
    /// Reads what follows `distinguisher`: the order is fixed.
    fn read(&mut self, word: &Word<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        if self.0.is_some() {
            return Err(word.fault("comes a second time"));
        }
        let distinguisher = tokens.number("a distinguisher below 4294967296")?;
        tokens.expect("color")?;
        let color = tokens.number("a color below 4294967296")?;
        tokens.expect("endpoint")?;
        let endpoint = tokens.address()?;
        self.0 = Some(SrPolicy { distinguisher, color, endpoint });
        Ok(())
    }
}

impl Wording for Draft {
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        attributes: &mut Builder,
    ) -> Option<Result<(), Error>> {
        if word.text == FIRST {
            return Some(self.read(word, tokens).map_err(|error| error.of(FIRST).syntax(SYNTAX)));
        }
        attributes.parse_policy(&word.text, tokens)
    }

    fn welcome(&self, attribute: &str) -> Welcome {
        match attribute {
            "next-hop" | "attribute" => Welcome::Read,
            _ => Welcome::Warned,
        }
    }

    /// The endpoint decides the family, whichever was named.
    fn finish(&mut self, _: &mut Builder, span: Span) -> Result<Packed, Error> {
        let policy = self.0.ok_or_else(|| Error::new(span, "the route has no distinguisher"))?;
        let afi = if policy.endpoint.is_ipv4() { Afi::IPV4 } else { Afi::IPV6 };
        let mut bytes = Vec::with_capacity(32);
        policy.pack(&mut Writer::new(&mut bytes));
        Ok(Packed::new(Family::new(afi, Safi::SR_POLICY), None, &bytes))
    }

    fn boxed(&self) -> Box<dyn Wording> {
        Box::new(*self)
    }
}
