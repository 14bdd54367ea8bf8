//! A set put together from words, or from attributes.
//!
//! An attribute said twice keeps what was said first, but for extended communities, which add up,
//! and the next hop, whose last word counts.

use std::net::IpAddr;
use std::rc::Rc;

use crate::bgp::FromText as _;
use crate::text::{Error, Tokens};

use super::tunnel::sr_policy::PolicyBuilder;
use super::{Attribute, Attributes, NextHop, Unknown, prefix_sid};

/// A set being put together.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    next_hop: NextHop,
    /// In the order of their codes, each code once.
    items: Vec<Attribute>,
    policy: PolicyBuilder,
}

const NEXT_HOP: &str = "next-hop";
const NEXT_HOP_SYNTAX: &str = "next-hop <IP address>|self|[ <IPv6 address> <link-local address> ]";

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
                unknown.map(|unknown| Attribute::Unknown(Box::new(unknown)))
            }
            prefix_sid::SRV6 => {
                let service = prefix_sid::parse_srv6(tokens).map(Attribute::PrefixSid);
                service.map_err(|error| error.syntax(prefix_sid::SRV6_SYNTAX))
            }
            _ => Attribute::parse(keyword, tokens)?,
        };
        Some(item.map(|item| self.add(item)).map_err(|error| error.of(keyword)))
    }

    /// Reads the words after a keyword of the `sr-policy` statement, of those that follow its next
    /// hop (`preference`, `segment-list`, …: [`PolicyBuilder::keywords`]), and adds what they say
    /// to the tunnel encapsulation of the set; `None` when `keyword` is none of them.
    pub fn parse_policy(
        &mut self,
        keyword: &str,
        tokens: &mut Tokens<'_>,
    ) -> Option<Result<(), Error>> {
        self.policy.parse(keyword, tokens)
    }

    fn parse_next_hop(&mut self, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        let itself = tokens.peek().is_some_and(|word| word.eq_ignore_ascii_case("self"));
        self.next_hop = if itself {
            tokens.word(NEXT_HOP)?;
            NextHop::OurAddress
        } else if tokens.peek().is_some_and(|word| &*word.text == "[") {
            pair(tokens).map_err(|e| e.of(NEXT_HOP).syntax(NEXT_HOP_SYNTAX))?
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
        self.items.is_empty() && self.policy.is_empty() && self.next_hop == NextHop::None
    }

    /// The set.
    pub fn build(mut self) -> Attributes {
        if let Some(policy) = std::mem::take(&mut self.policy).build() {
            self.add(Attribute::TunnelEncapsulation(policy));
        }
        Attributes::new(self.next_hop, Rc::from(self.items))
    }
}

/// `[ 2001:db8::1 fe80::1 ]`: a global address and the link-local one beside it.
fn pair(tokens: &mut Tokens<'_>) -> Result<NextHop, Error> {
    let mut addresses = Vec::new();
    tokens.list(|tokens| {
        addresses.push(tokens.address()?);
        Ok(())
    })?;
    match addresses[..] {
        [IpAddr::V6(global), IpAddr::V6(local)] => Ok(NextHop::WithLinkLocal(global, local)),
        _ => Err(Error::new(tokens.last(), "two IPv6 addresses are expected")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::bgp::attribute::testing::set;

    #[test]
    fn the_first_word_counts_but_for_what_adds_up() {
        assert_eq!(set("med 1 med 2"), set("med 1"));
        assert_eq!(
            set("extended-community target:1:2 extended-community target:1:1"),
            set("extended-community [ target:1:1 target:1:2 ]")
        );
        assert_eq!(set("next-hop 192.0.2.1 next-hop SELF"), set("next-hop self"));
        assert_eq!(
            set("attribute [ 0x04 0x80 0x00000064 ] med 5"),
            set("attribute [ 0x04 0x80 0x00000064 ]")
        );
    }

    #[test]
    fn a_flag_takes_no_word() {
        assert_eq!(set("atomic-aggregate med 5"), set("med 5 atomic-aggregate"));
    }

    #[test]
    fn faults_name_the_keyword_and_its_syntax() {
        for (text, what, syntax) in [
            ("med x", "med: \"x\" is not a number below 4294967296", "med <32 bits number>"),
            ("next-hop nowhere", "next-hop: \"nowhere\" is not an IP address", NEXT_HOP_SYNTAX),
            ("attribute 1", "attribute: expected \"[\", found \"1\"", Unknown::SYNTAX),
            (
                "bgp-prefix-sid-srv6 ( l4-service ::1 )",
                "bgp-prefix-sid-srv6: \"l4-service\" is neither l3-service nor l2-service",
                prefix_sid::SRV6_SYNTAX,
            ),
        ] {
            let mut tokens = Tokens::line(text);
            let keyword = tokens.word("a keyword").unwrap();
            let error = Builder::default().parse(&keyword, &mut tokens).unwrap().unwrap_err();
            assert_eq!(error.what(), what);
            assert_eq!(error.expected(), Some(syntax));
        }
    }

    #[test]
    fn a_next_hop_may_be_a_pair() {
        let read = |text: &str| {
            let mut builder = Builder::default();
            builder.parse(NEXT_HOP, &mut Tokens::line(text)).unwrap().map(|()| builder.next_hop())
        };
        let pair =
            NextHop::WithLinkLocal("2001:db8::1".parse().unwrap(), "fe80::1".parse().unwrap());
        assert_eq!(read("[ 2001:db8::1 fe80::1 ]").unwrap(), pair);
        for bad in ["[ 2001:db8::1 ]", "[ 2001:db8::1 192.0.2.1 ]", "[ ]", "[ 2001:db8::1"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for word in ["label", "as4-path", "tunnel-encap", "wibble", "nexthop"] {
            let mut tokens = Tokens::line("1 2");
            assert!(Builder::default().parse(word, &mut tokens).is_none());
            assert_eq!(tokens.remaining(), "1 2");
        }
    }

    #[test]
    fn every_keyword_is_listed_once_and_read() {
        let mut seen = HashSet::new();
        for (keyword, syntax) in Attributes::keywords() {
            assert!(seen.insert(keyword), "{keyword} twice");
            assert!(syntax.starts_with(keyword), "{syntax}");
            assert!(Builder::default().parse(keyword, &mut Tokens::line("")).is_some());
        }
        assert_eq!(seen.len(), 20);
    }
}
