//! FlowSpec rules, RFC 8955 and RFC 8956: what traffic is like.
//!
//! Wire format: the length in octets of what follows, one octet below 240, else two of which the
//! first four bits are set; in VPNs a route distinguisher; components in ascending order of
//! type, one at least: a rule without would be one for all traffic. A rule is kept by its bytes
//! and read when somebody looks, without a copy.

mod action;
mod component;
mod expression;
mod pattern;
mod rule;
mod term;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

use super::{About, Grammar, Identity, Layout, OnFault, text};
use crate::json::{self, Dialect};
use crate::protocol::{Distinguisher, Family, Safi};
use crate::wire::{Malformed, Reader, Writer};

use component::{Component, Components};

pub use words::{Part, part};

const WHAT: &str = "FlowSpec rule";

/// The longest rule that its length field can tell of, in octets.
const OCTETS_MAX: usize = 0x0fff;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    family: Family,
    /// As received: its length, its distinguisher, its components.
    bytes: Box<[u8]>,
}

/// How many octets the length field has, and what it holds.
fn length(mut ahead: Reader<'_>) -> Result<(usize, usize), Malformed> {
    Ok(match ahead.u8(WHAT)? {
        short @ 0..0xf0 => (1, usize::from(short)),
        high => {
            let low = ahead.u8(WHAT)?;
            (2, usize::from(u16::from_be_bytes([high & 0x0f, low])))
        }
    })
}

/// The distinguisher, in a VPN, and the components of the rule that `bytes` hold.
fn split(bytes: &[u8], family: Family) -> Result<(Option<Distinguisher>, Reader<'_>), Malformed> {
    let mut reader = Reader::new(bytes);
    let (field, _) = length(reader)?;
    reader.take(WHAT, field)?;
    let distinguisher = if family.safi == Safi::FLOW_VPN {
        Some(Distinguisher(reader.array("route distinguisher")?))
    } else {
        None
    };
    Ok((distinguisher, reader))
}

impl Flow {
    fn components(&self) -> Components<'_> {
        let rest = split(&self.bytes, self.family).map(|(_, rest)| rest);
        Components::new(rest.unwrap_or_else(|_| Reader::new(&[])), self.family.afi)
    }

    fn distinguisher(&self) -> Option<Distinguisher> {
        split(&self.bytes, self.family).ok()?.0
    }

    /// The components of one type, one behind the other: there may be several prefixes.
    fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let mut rest = self.components();
        std::iter::from_fn(move || {
            let start = rest.clone();
            let first = rest.next()?.ok()?;
            let mut count = 1;
            loop {
                let mut ahead = rest.clone();
                match ahead.next() {
                    Some(Ok(more)) if more.code() == first.code() => rest = ahead,
                    _ => break,
                }
                count += 1;
            }
            Some(Group { first, components: start, count })
        })
    }
}

/// What is said of one type.
struct Group<'a> {
    first: Component<'a>,
    components: Components<'a>,
    count: usize,
}

impl<'a> Group<'a> {
    /// What traffic may be like, one at least of it.
    fn alternatives(&self) -> impl Iterator<Item = component::Alternative<'a>> + use<'a> {
        let components = self.components.clone().take(self.count);
        components.filter_map(Result::ok).flat_map(Component::alternatives)
    }
}

/// ` port =80`, ` port [ >1024&<2048 =8080 ]`.
impl fmt::Display for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " {}", self.first.name())?;
        let mut alternatives = self.alternatives();
        match (alternatives.next(), alternatives.next()) {
            (Some(only), None) if only.is_simple() => write!(f, " {only}"),
            _ => {
                f.write_str(" [")?;
                self.alternatives().try_for_each(|alternative| write!(f, " {alternative}"))?;
                f.write_str(" ]")
            }
        }
    }
}

/// A rule as its text tells it: `flow destination-ipv4 10.0.0.0/24 port =80 rd 65000:1`.
struct Told<'a>(&'a Flow);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.groups().try_for_each(|group| group.fmt(f))?;
        match self.0.distinguisher() {
            Some(distinguisher) => write!(f, " rd {distinguisher}"),
            None => Ok(()),
        }
    }
}

impl Layout for Flow {
    // RFC 8955 section 10: a rule that cannot be read is ignored.
    const ON_FAULT: OnFault = OnFault::Skip;
    const GRAMMAR: Option<&'static Grammar> = Some(&words::GRAMMAR);

    fn extent(ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        length(ahead).map(|(field, octets)| field + octets)
    }

    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed> {
        let (_, rest) = split(bytes, family)?;
        if rest.is_empty() {
            return Err(Malformed::Length { what: WHAT, got: 0 });
        }
        Components::new(rest, family.afi).try_for_each(|component| component.map(drop))
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        Self::check(bytes, family)?;
        Ok(Self { family, bytes: bytes.into() })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.bytes);
    }

    /// The length may be written in two forms, and does not count.
    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        let field = length(Reader::new(bytes)).map_or(0, |(field, _)| field);
        Identity::whole(family, path_id, bytes.get(field..).unwrap_or(bytes))
    }

    fn members(&self, object: &mut json::Object<'_, '_>, about: &About) {
        for group in self.groups() {
            object.field(group.first.name()).list(|list| {
                for alternative in group.alternatives() {
                    list.element().display(&alternative);
                }
            });
        }
        if let Some(distinguisher) = self.distinguisher() {
            object.field("rd").display(&distinguisher);
        }
        // Only consumers of 5.0 find the next hop in the rule.
        let next_hop = about.next_hop.address().filter(|_| about.dialect == Dialect::V4);
        let rule = Told(self);
        match next_hop {
            Some(next_hop) => {
                object.field("next-hop").address(next_hop);
                object.field("string").display(&format_args!("flow{rule} next-hop {next_hop}"));
            }
            None => object.field("string").display(&format_args!("flow{rule}")),
        }
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        text::display(out, format_args!("flow{}", Told(self)));
        text::next_hop(out, about.next_hop);
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        words::statement(self, out);
        text::next_hop(out, about.next_hop);
    }
}
