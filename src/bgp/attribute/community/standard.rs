//! COMMUNITIES, RFC 1997: marks of 32 bits, the AS that gives them a meaning in the high half.
//!
//! Wire format: numbers of 32 bits; sent in ascending order, kept as received.

use std::fmt;

use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Listed, Marks};

/// One community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Community(pub u32);

/// Names of the IANA registry, each before the other words for it.
const NAMES: &[(&str, Community)] = &[
    ("no-export", Community(0xffff_ff01)),
    ("no_export", Community(0xffff_ff01)),
    ("no-advertise", Community(0xffff_ff02)),
    ("no_advertise", Community(0xffff_ff02)),
    ("no-export-subconfed", Community(0xffff_ff03)),
    ("no-peer", Community(0xffff_ff04)),
    ("nopeer", Community(0xffff_ff04)),
    ("blackhole", Community(0xffff_029a)),
];

impl Community {
    fn from_text(text: &str) -> Option<Self> {
        if let Some((high, low)) = text.split_once(':') {
            let half = |digits: &str| decimal(digits).and_then(|n| u16::try_from(n).ok());
            let (high, low) = (half(high)?, half(low)?);
            return Some(Self(u32::from(high) << 16 | u32::from(low)));
        }
        if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            return plain.then(|| u32::from_str_radix(digits, 16).ok().map(Self))?;
        }
        decimal(text).map(Self).or_else(|| {
            NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
        })
    }

    fn halves(self) -> [u16; 2] {
        let [a, b, c, d] = self.0.to_be_bytes();
        [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
    }
}

/// Digits only.
fn decimal(text: &str) -> Option<u32> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for Community {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(_, value)| value == self) {
            Some((name, _)) => f.write_str(name),
            None => {
                let [high, low] = self.halves();
                write!(f, "{high}:{low}")
            }
        }
    }
}

/// The communities of a route.
pub type Communities = Marks<Community>;

impl Listed for Community {
    const LIST: &'static str = "community";
    const SYNTAX: &'static str = concat!(
        "community [ <16 bits>:<16 bits>|<32 bits>|0x<32 bits>|",
        "no-export|no-advertise|no-export-subconfed|no-peer|blackhole … ]"
    );
    const OCTETS: usize = 4;

    fn unpack(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.u32(Self::LIST).map(Self)
    }

    fn pack(self, writer: &mut Writer<'_>) {
        writer.u32(self.0);
    }

    fn json(self, json: &mut json::Writer<'_>) {
        json.list(|list| self.halves().into_iter().for_each(|half| list.element().number(half)));
    }

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("a community")?;
        Self::from_text(&word).ok_or_else(|| word.fault("is not a community"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{check, check_as, parse, refuse, refuse_texts, rendered};
    use crate::bgp::{Element as _, Negotiated};
    use crate::json::Dialect;

    #[test]
    fn numbers() {
        check::<Communities>("64700:17", "fcbc0011", "[ [ 64700, 17 ] ]");
        let json = "[ [ 1, 1 ], [ 65000, 100 ] ]";
        check_as::<Communities>(
            "[ 0xFDE80064, 65537 ]",
            "[ 1:1 65000:100 ]",
            "00010001fde80064",
            json,
        );
        let twice = "[ [ 64700, 2 ], [ 64700, 2 ] ]";
        check::<Communities>("[ 64700:2 64700:2 ]", "fcbc0002fcbc0002", twice);
        check_as::<Communities>("4294967295", "65535:65535", "ffffffff", "[ [ 65535, 65535 ] ]");
    }

    #[test]
    fn names_in_any_case_and_spelling() {
        check_as::<Communities>(
            "[no-export NO-ADVERTISE no-export-subconfed nopeer blackhole]",
            "[ blackhole no-export no-advertise no-export-subconfed no-peer ]",
            "ffff029affffff01ffffff02ffffff03ffffff04",
            "[ [ 65535, 666 ], [ 65535, 65281 ], [ 65535, 65282 ], [ 65535, 65283 ], \
             [ 65535, 65284 ] ]",
        );
        assert_eq!(parse::<Communities>("no_export").unwrap().to_string(), "no-export");
        assert_eq!(parse::<Communities>("no_advertise").unwrap().to_string(), "no-advertise");
    }

    #[test]
    fn anything_else_is_refused() {
        refuse::<Communities>("fcbc000100", Malformed::Length { what: "community", got: 5 });
        refuse_texts::<Communities>(&[
            "4294967296",
            "65536:1",
            "1:65536",
            "64496:x",
            "64496:",
            ":1",
            "0x",
            "0x100000000",
            "graceful-shutdown",
            "[ 1:2",
            "",
        ]);
    }

    #[test]
    fn received_order_is_kept_for_those_who_look() {
        let octets = [255, 255, 255, 1, 0, 0, 0, 0];
        let found = Communities::unpack(&mut Reader::new(&octets), &Negotiated::wide()).unwrap();
        assert_eq!(rendered(&found, Dialect::V6), "[ [ 65535, 65281 ], [ 0, 0 ] ]");
        assert_eq!(rendered(&found, Dialect::V4), "[ [ 0, 0 ], [ 65535, 65281 ] ]");
        let mut out = Vec::new();
        found.pack(&mut Writer::new(&mut out), &Negotiated::wide());
        assert_eq!(out, [0, 0, 0, 0, 255, 255, 255, 1]);
    }
}
