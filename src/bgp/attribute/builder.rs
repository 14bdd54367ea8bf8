//! A set put together from words, or from attributes.
//!
//! An attribute said twice keeps what was said first, but for extended communities, which add up,
//! and the next hop, whose last word counts.

use std::rc::Rc;

use crate::bgp::FromText as _;
use crate::text::{Error, Tokens};

use super::{Attribute, Attributes, NextHop, Unknown, prefix_sid};

/// A set being put together.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    next_hop: NextHop,
    /// In the order of their codes, each code once.
    items: Vec<Attribute>,
}

const NEXT_HOP: &str = "next-hop";
const NEXT_HOP_SYNTAX: &str = "next-hop <IP address>|self";

/// The words that start an attribute.
pub(super) fn keywords() -> impl Iterator<Item = (&'static str, &'static str)> {
    let others = [
        (NEXT_HOP, NEXT_HOP_SYNTAX),
        (Unknown::NAME, Unknown::SYNTAX),
        (prefix_sid::SRV6, prefix_sid::SRV6_SYNTAX),
    ];
    others.into_iter().chain(Attribute::keywords())
}

impl Builder {
    /// Reads the words after `keyword`; `None` when it starts no attribute.
    pub fn parse(&mut self, keyword: &str, tokens: &mut Tokens<'_>) -> Option<Result<(), Error>> {
        let item = match keyword {
            NEXT_HOP => return Some(self.parse_next_hop(tokens)),
            Unknown::NAME => {
                let unknown = Unknown::parse(tokens).map_err(|e| e.syntax(Unknown::SYNTAX));
                unknown.map(Attribute::Unknown)
            }
            prefix_sid::SRV6 => {
                let service = prefix_sid::parse_srv6(tokens).map(Attribute::PrefixSid);
                service.map_err(|error| error.syntax(prefix_sid::SRV6_SYNTAX))
            }
            _ => Attribute::parse(keyword, tokens)?,
        };
        Some(item.map(|item| self.add(item)).map_err(|error| error.of(keyword)))
    }

    fn parse_next_hop(&mut self, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        let itself = tokens.peek().is_some_and(|word| word.eq_ignore_ascii_case("self"));
        self.next_hop = if itself {
            tokens.word(NEXT_HOP)?;
            NextHop::OurAddress
        } else {
            let address = tokens.address();
            NextHop::Address(address.map_err(|e| e.of(NEXT_HOP).syntax(NEXT_HOP_SYNTAX))?)
        };
        Ok(())
    }

    /// Adds an attribute, unless one of its code is there; extended communities add up.
    pub fn add(&mut self, item: Attribute) {
        match self.items.binary_search_by_key(&item.code(), Attribute::code) {
            Err(at) => self.items.insert(at, item),
            Ok(at) => match (self.items.get_mut(at), item) {
                (Some(Attribute::Extended(there)), Attribute::Extended(more)) => there.merge(&more),
                (Some(Attribute::ExtendedV6(there)), Attribute::ExtendedV6(more)) => {
                    there.merge(&more);
                }
                _ => {}
            },
        }
    }

    /// Says where packets go.
    pub fn set_next_hop(&mut self, next_hop: NextHop) {
        self.next_hop = next_hop;
    }

    /// Where packets go, as said so far.
    pub fn next_hop(&self) -> NextHop {
        self.next_hop
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.next_hop == NextHop::None
    }

    /// The set.
    pub fn build(self) -> Attributes {
        Attributes::new(self.next_hop, Rc::from(self.items))
    }
}
