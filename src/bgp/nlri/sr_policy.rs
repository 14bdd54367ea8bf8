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

#[cfg(test)]
mod tests {
    use super::super::testing::{check, parse, refuse, refuse_octets};
    use super::*;
    use crate::bgp::attribute::Attribute;

    const V4: Family = Family::new(Afi::IPV4, Safi::SR_POLICY);
    const V6: Family = Family::new(Afi::IPV6, Safi::SR_POLICY);

    #[test]
    fn policies_of_both_families() {
        check(
            "distinguisher 1 color 200 endpoint 192.0.2.9",
            V4,
            "6000000001000000C8C0000209",
            "{ \"distinguisher\": 1, \"color\": 200, \"endpoint\": \"192.0.2.9\" }",
            ["sr-policy distinguisher 1 color 200 endpoint 192.0.2.9"; 2],
        );
        check(
            "distinguisher 0 color 4294967295 endpoint 2001:db8::9",
            V6,
            "C000000000FFFFFFFF20010DB8000000000000000000000009",
            "{ \"distinguisher\": 0, \"color\": 4294967295, \"endpoint\": \"2001:db8::9\" }",
            ["sr-policy distinguisher 0 color 4294967295 endpoint 2001:db8::9"; 2],
        );
    }

    #[test]
    fn the_endpoint_decides_the_family() {
        let (packed, _) = parse("distinguisher 1 color 2 endpoint ::1", V4).unwrap();
        assert_eq!(packed.family(), V6);
    }

    #[test]
    fn what_the_policy_is_becomes_an_attribute() {
        let words = "distinguisher 1 color 2 endpoint 192.0.2.9 next-hop 192.0.2.1 preference 150";
        let (_, attributes) = parse(words, V4).unwrap();
        let set = attributes.build();
        assert!(set.iter().any(|item| matches!(item, Attribute::TunnelEncapsulation(_))));
    }

    #[test]
    fn lengths_are_those_of_the_family() {
        refuse_octets(
            V4,
            &[
                "5800000001000000C8C00002",
                "6000000001000000C8C00002",
                "6100000001000000C8C000020900",
                "C000000001000000C820010DB8000000000000000000000009",
                "00",
            ],
        );
        refuse_octets(V6, &["6000000001000000C8C0000209"]);
    }

    #[test]
    fn the_order_of_words_is_fixed() {
        refuse(
            V4,
            &[
                ("color 100 distinguisher 1 endpoint 192.0.2.7", "not known"),
                ("distinguisher 4294967296 color 1 endpoint 192.0.2.7", "distinguisher"),
                ("distinguisher 1 color 1", "\"endpoint\""),
                (
                    "distinguisher 1 color 1 endpoint 192.0.2.7 distinguisher 2 color 1 endpoint ::",
                    "second time",
                ),
                ("preference 5", "no distinguisher"),
            ],
        );
    }
}
