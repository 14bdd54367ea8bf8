//! IPv6 address specific extended communities, RFC 5701: marks of twenty octets.
//!
//! Wire format: type and subtype, an IPv6 address, 16 bits. Sent in ascending order.

use std::fmt;
use std::net::Ipv6Addr;

use crate::bgp::attribute::{Flags, OnFault, Policy};
use crate::bgp::{Element, Negotiated};
use crate::json::{self, Dialect};
use crate::wire::{Hex, Malformed, Reader, Writer};

use super::{ascending, write_list};

/// One community of twenty octets. Ordered as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtendedCommunityV6(pub [u8; 20]);

impl ExtendedCommunityV6 {
    const REDIRECT_TO_ADDRESS: [u8; 2] = [0x00, 0x0c];
    const REDIRECT: [u8; 2] = [0x00, 0x02];

    /// Redirection of a flow to an address (draft-ietf-idr-flowspec-redirect-ip).
    pub fn redirect_to_address(address: Ipv6Addr, copy: bool) -> Self {
        Self::new(Self::REDIRECT_TO_ADDRESS, address, u16::from(copy))
    }

    /// Redirection of a flow to the VPN of a target.
    pub fn redirect(address: Ipv6Addr, number: u16) -> Self {
        Self::new(Self::REDIRECT, address, number)
    }

    fn new(kind: [u8; 2], address: Ipv6Addr, number: u16) -> Self {
        let mut octets = [0; 20];
        let parts = kind.into_iter().chain(address.octets()).chain(number.to_be_bytes());
        octets.iter_mut().zip(parts).for_each(|(place, octet)| *place = octet);
        Self(octets)
    }

    /// The number of 160 bits, in decimal.
    fn number(self) -> String {
        let (words, _) = self.0.as_chunks::<4>();
        let mut words: Vec<u64> = words.iter().map(|w| u32::from_be_bytes(*w).into()).collect();
        let mut groups = Vec::new();
        while words.iter().any(|word| *word != 0) {
            let mut rest = 0;
            for word in &mut words {
                let value = rest << 32 | *word;
                *word = value / 1_000_000_000;
                rest = value % 1_000_000_000;
            }
            groups.push(rest);
        }
        let first = groups.pop().unwrap_or(0).to_string();
        groups.iter().rev().fold(first, |text, group| format!("{text}{group:09}"))
    }
}

impl fmt::Display for ExtendedCommunityV6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [high, low, rest @ ..] = self.0;
        match ([high & 0x0f, low], rest.split_first_chunk::<16>()) {
            (Self::REDIRECT_TO_ADDRESS, Some((address, _))) => {
                write!(f, "redirect-to-nexthop-ietf {}", Ipv6Addr::from(*address))
            }
            _ => write!(f, "0x{}", Hex(&self.0)),
        }
    }
}

/// The IPv6 extended communities of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExtendedCommunitiesV6(Box<[ExtendedCommunityV6]>);

impl ExtendedCommunitiesV6 {
    /// In ascending order, duplicates kept.
    pub fn new(mut communities: Vec<ExtendedCommunityV6>) -> Self {
        communities.sort_unstable();
        Self(communities.into())
    }

    /// As received, or in ascending order when made here.
    pub fn iter(&self) -> std::slice::Iter<'_, ExtendedCommunityV6> {
        self.0.iter()
    }

    /// Adds those of another list.
    pub(in crate::bgp::attribute) fn merge(&mut self, more: &Self) {
        *self = Self::new([&*self.0, &*more.0].concat());
    }
}

impl Element for ExtendedCommunitiesV6 {
    const NAME: &'static str = "extended-community-ipv6";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octets = reader.rest();
        match octets.as_chunks::<20>() {
            (values, []) => Ok(Self(values.iter().copied().map(ExtendedCommunityV6).collect())),
            _ => Err(Malformed::Length { what: Self::NAME, got: octets.len() }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        ascending(&self.0, |community| writer.bytes(&community.0));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        let dialect = json.dialect;
        json.list(|list| {
            let mut element = |community: &ExtendedCommunityV6| {
                list.element().object(|object| {
                    object.field("value").raw(&community.number());
                    object.field("string").display(community);
                });
            };
            match dialect {
                Dialect::V4 => ascending(&self.0, element),
                Dialect::V6 => self.0.iter().for_each(&mut element),
            }
        });
    }
}

impl Policy for ExtendedCommunitiesV6 {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    const ON_FAULT: OnFault = OnFault::Withdraw;
}

impl fmt::Display for ExtendedCommunitiesV6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse};

    #[test]
    fn numbers_of_160_bits() {
        received::<ExtendedCommunitiesV6>(
            "000220010db80000000000000000000000771234",
            "0x000220010DB80000000000000000000000771234",
            "[ { \"value\": 47389442064591062288541496103088308197200436, \
             \"string\": \"0x000220010DB80000000000000000000000771234\" } ]",
        );
        assert_eq!(ExtendedCommunityV6([0; 20]).number(), "0");
        let gap = ExtendedCommunityV6::new([0, 0], Ipv6Addr::from_bits(0), 0);
        assert_eq!(gap.number(), "0");
        let mut octets = [0; 20];
        octets[12..].copy_from_slice(&1_000_000_000_000_000_007u64.to_be_bytes());
        assert_eq!(ExtendedCommunityV6(octets).number(), "1000000000000000007");
    }

    #[test]
    fn redirection() {
        let address = "2001:db8::77".parse().unwrap();
        received::<ExtendedCommunitiesV6>(
            "000c20010db80000000000000000000000770000",
            "redirect-to-nexthop-ietf 2001:db8::77",
            "[ { \"value\": 270396894049897293703898678829571923256999936, \
             \"string\": \"redirect-to-nexthop-ietf 2001:db8::77\" } ]",
        );
        let sent = ExtendedCommunityV6::redirect_to_address(address, false);
        assert_eq!(sent.to_string(), "redirect-to-nexthop-ietf 2001:db8::77");
        let what = "extended-community-ipv6";
        refuse::<ExtendedCommunitiesV6>(&"00".repeat(19), Malformed::Length { what, got: 19 });
    }
}
