//! Autonomous system numbers, RFC 6793.
//!
//! Text: decimal, or two 16-bit halves with a dot (RFC 5396).

use std::fmt;

use crate::text::{Error, Tokens};

/// A four-octet AS number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Asn(pub u32);

impl Asn {
    /// AS_TRANS: stands for a number that does not fit two octets.
    pub const TRANS: Self = Self(23456);

    /// The two-octet form: the number itself, or AS_TRANS.
    pub fn two_octets(self) -> u16 {
        u16::try_from(self.0).unwrap_or(23456)
    }

    /// Whether the number needs four octets.
    pub fn is_wide(self) -> bool {
        u16::try_from(self.0).is_err()
    }

    /// Reads `65000` or `1.10`.
    pub fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("an AS number")?;
        Self::from_text(&word).ok_or_else(|| {
            word.fault("is not an AS number").syntax("0-4294967295, or high.low of 16 bits each")
        })
    }

    /// Reads `65000` or `1.10`; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        match text.split_once('.') {
            None => digits(text).map(Self),
            Some((high, low)) => {
                let high = u16::try_from(digits(high)?).ok()?;
                let low = u16::try_from(digits(low)?).ok()?;
                Some(Self(u32::from(high) << 16 | u32::from(low)))
            }
        }
    }
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Asn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations() {
        assert_eq!(Asn::from_text("65536"), Some(Asn(65536)));
        assert_eq!(Asn::from_text("1.10"), Some(Asn(65546)));
        for bad in ["", "-1", "+1", "65536.1", "1.2.3", "4294967296", "x", "AUTO"] {
            assert_eq!(Asn::from_text(bad), None, "{bad}");
        }
    }

    #[test]
    fn two_octets() {
        assert_eq!(Asn(65535).two_octets(), 65535);
        assert_eq!(Asn(65536).two_octets(), 23456);
        assert!(Asn(65536).is_wide());
    }
}
