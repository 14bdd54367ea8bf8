//! IPv6 address specific extended communities, RFC 5701: marks of twenty octets.
//!
//! Wire format: type and subtype, an IPv6 address, 16 bits. Sent in ascending order.

use std::fmt;
use std::net::Ipv6Addr;

use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

use super::extended::{RedirectToAddress, words};
use super::{Listed, Marks};

/// One community of twenty octets. Ordered as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtendedCommunityV6(pub [u8; 20]);

impl ExtendedCommunityV6 {
    const REDIRECT_TO_ADDRESS: [u8; 2] = [0x00, 0x0c];
    /// A route target, which redirects the traffic of a flow to its VPN.
    const REDIRECT: [u8; 2] = [0x00, 0x02];
    const ORIGIN: [u8; 2] = [0x00, 0x03];

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
    /// Words that are read as the same octets, or the octets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = Told(*self).to_string();
        let mut tokens = Tokens::line(&told);
        match Self::parse(&mut tokens) {
            Ok(read) if read == *self && tokens.is_done() => f.write_str(&told),
            _ => write!(f, "0x{}", Hex(&self.0)),
        }
    }
}

/// A community as JSON tells it, which is not all there is to it.
struct Told(ExtendedCommunityV6);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [high, low, rest @ .., last] = self.0.0;
        match ([high & 0x0f, low], rest.first_chunk::<16>()) {
            (ExtendedCommunityV6::REDIRECT_TO_ADDRESS, Some(address)) => {
                let address = Ipv6Addr::from(*address);
                if last & 1 == 0 {
                    write!(f, "{} {address}", RedirectToAddress::WORD)
                } else {
                    write!(f, "{} {address} (with copy)", RedirectToAddress::COPY)
                }
            }
            _ => write!(f, "0x{}", Hex(&self.0.0)),
        }
    }
}

/// The IPv6 extended communities of a route.
pub type ExtendedCommunitiesV6 = Marks<ExtendedCommunityV6>;

impl Listed for ExtendedCommunityV6 {
    const LIST: &'static str = "extended-community-ipv6";
    const SYNTAX: &'static str = concat!(
        "extended-community-ipv6 [ redirect-to-nexthop-ietf <IPv6 address>|",
        "copy-to-nexthop-ietf <IPv6 address>|target <IPv6 address> <16 bits>|",
        "origin <IPv6 address> <16 bits>|0x<160 bits> … ]"
    );
    const OCTETS: usize = 20;

    fn unpack(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array(Self::LIST).map(Self)
    }

    fn pack(self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0);
    }

    fn json(self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("value").raw(&self.number());
            object.field("string").display(&Told(self));
        });
    }

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("an IPv6 extended community")?;
        if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            let octets = from_hex(digits).ok().and_then(|octets| octets.try_into().ok());
            return octets
                .map(Self)
                .ok_or_else(|| word.fault("is not 0x and 40 hexadecimal digits"));
        }
        let kind = match &*word {
            RedirectToAddress::WORD => return Ok(Self::redirect_to_address(tokens.ipv6()?, false)),
            RedirectToAddress::COPY => {
                let address = tokens.ipv6()?;
                words::with_copy(tokens)?;
                return Ok(Self::redirect_to_address(address, true));
            }
            "target" => Self::REDIRECT,
            "origin" => Self::ORIGIN,
            _ => return Err(word.fault("is no known IPv6 extended community")),
        };
        Ok(Self::new(kind, tokens.ipv6()?, tokens.number("a number of 16 bits")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse, refuse_texts};

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

    #[test]
    fn words() {
        let one = |hex: &str| ExtendedCommunityV6(from_hex(hex).unwrap().try_into().unwrap());
        let list =
            |text: &str| crate::bgp::attribute::testing::parse::<ExtendedCommunitiesV6>(text);
        for (text, hex) in [
            ("redirect-to-nexthop-ietf 2001:db8::77", "000c20010db80000000000000000000000770000"),
            (
                "copy-to-nexthop-ietf 2001:db8::77 (with copy)",
                "000c20010db80000000000000000000000770001",
            ),
            ("copy-to-nexthop-ietf 2001:db8::77", "000c20010db80000000000000000000000770001"),
            ("target 2001:db8::77 4660", "000220010db80000000000000000000000771234"),
            ("origin 2001:db8::77 4660", "000320010db80000000000000000000000771234"),
            (
                "0x000B20010DB80000000000000000000000770000",
                "000b20010db80000000000000000000000770000",
            ),
        ] {
            assert_eq!(*list(text).unwrap().iter().next().unwrap(), one(hex), "{text}");
            let again = list(&one(hex).to_string()).unwrap();
            assert_eq!(*again.iter().next().unwrap(), one(hex), "{text}");
        }
        // What the words leave out is shown as octets.
        for hex in
            ["400c20010db80000000000000000000000770000", "000c20010db80000000000000000000000770002"]
        {
            assert_eq!(one(hex).to_string(), format!("0x{}", hex.to_ascii_uppercase()));
        }
        refuse_texts::<ExtendedCommunitiesV6>(&[
            "redirect-to-nexthop-ietf 192.0.2.1",
            "target 2001:db8::77",
            "target 2001:db8::77 65536",
            "0x0002",
            "wibble 2001:db8::77 1",
            "",
        ]);
    }
}
