//! Route distinguishers, RFC 4364 section 4.2.
//!
//! Wire format: a type in two octets, then six: AS and number (type 0: 2 + 4, type 2: 4 + 2) or
//! an IPv4 address and a number (type 1: 4 + 2).

use std::fmt;
use std::net::Ipv4Addr;

use super::Asn;
use crate::text::{Error, Tokens};
use crate::wire::{Hex, from_hex};

/// Eight octets that make the prefixes of a VPN its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Distinguisher(pub [u8; 8]);

impl Distinguisher {
    /// The octets of a distinguisher.
    pub const OCTETS: usize = 8;

    /// Reads `64700:12`, `192.0.2.5:12` or `4200000001:12`: types 0, 1 and 2; or the eight octets,
    /// `0x` and 16 digits.
    pub fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("a route distinguisher")?;
        Self::from_text(&word).ok_or_else(|| {
            word.fault("is not a route distinguisher").syntax("rd <AS>:<number> or <IPv4>:<number>")
        })
    }

    /// As [`Distinguisher::parse`], from a word alone.
    pub fn from_text(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix("0x") {
            return from_hex(digits).ok()?.try_into().ok().map(Self);
        }
        let (head, number) = text.split_once(':')?;
        let number = Asn::from_text(number).filter(|_| !number.contains('.'))?.0;
        if let Ok(address) = head.parse::<Ipv4Addr>() {
            return Self::with_short(1, address.octets(), number);
        }
        let asn = Asn::from_text(head)?;
        if asn.is_wide() {
            return Self::with_short(2, asn.0.to_be_bytes(), number);
        }
        let [a, b] = asn.two_octets().to_be_bytes();
        let [c, d, e, f] = number.to_be_bytes();
        Some(Self([0, 0, a, b, c, d, e, f]))
    }

    /// As a word that is read back to the same octets, which the usual one is not where a type
    /// was chosen that its numbers do not need.
    pub fn exact(self) -> Exact {
        Exact(self)
    }

    fn with_short(kind: u8, [a, b, c, d]: [u8; 4], number: u32) -> Option<Self> {
        let [e, f] = u16::try_from(number).ok()?.to_be_bytes();
        Some(Self([0, kind, a, b, c, d, e, f]))
    }
}

impl fmt::Display for Distinguisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [kind_high, kind, a, b, c, d, e, g] = self.0;
        let short = u16::from_be_bytes([e, g]);
        match (kind_high, kind) {
            (0, 0) => {
                let asn = u16::from_be_bytes([a, b]);
                write!(f, "{asn}:{}", u32::from_be_bytes([c, d, e, g]))
            }
            (0, 1) => write!(f, "{}:{short}", Ipv4Addr::new(a, b, c, d)),
            (0, 2) => write!(f, "{}:{short}", u32::from_be_bytes([a, b, c, d])),
            _ => write!(f, "0x{}", Hex(&self.0)),
        }
    }
}

/// A distinguisher that is told without loss.
#[derive(Clone, Copy, Debug)]
pub struct Exact(Distinguisher);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        if Distinguisher::from_text(&text) == Some(self.0) {
            return f.write_str(&text);
        }
        write!(f, "0x{}", Hex(&self.0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_types_both_ways() {
        for (text, hex) in [
            ("64700:12", "0000FCBC0000000C"),
            ("192.0.2.5:12", "0001C0000205000C"),
            ("4200000001:12", "0002FA56EA01000C"),
        ] {
            let rd = Distinguisher::from_text(text).unwrap();
            assert_eq!(Hex(&rd.0).to_string(), hex);
            assert_eq!(rd.to_string(), text);
        }
        let unknown = Distinguisher([0, 9, 0xfa, 0x56, 0xea, 1, 0, 0x0c]);
        assert_eq!(unknown.to_string(), "0x0009FA56EA01000C");
    }

    #[test]
    fn the_exact_form_is_read_back_to_the_same_octets() {
        for (octets, text) in [
            ([0, 0, 0xfc, 0xbc, 0, 0, 0, 12], "64700:12"),
            ([0, 2, 0, 0, 0xfc, 0xbc, 0, 12], "0x00020000FCBC000C"),
            ([0, 9, 1, 2, 3, 4, 5, 6], "0x0009010203040506"),
        ] {
            let rd = Distinguisher(octets);
            assert_eq!(rd.exact().to_string(), text);
            assert_eq!(Distinguisher::from_text(text), Some(rd));
        }
        assert_eq!(Distinguisher::from_text("0x00090102030405"), None);
    }

    #[test]
    fn numbers_fit_their_type() {
        for bad in ["1", "1:", ":1", "1:x", "192.0.2.5:65536", "65536:65536", "1:4294967296"] {
            assert_eq!(Distinguisher::from_text(bad), None, "{bad}");
        }
    }
}
