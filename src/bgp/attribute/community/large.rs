//! LARGE_COMMUNITY, RFC 8092: marks of three 32-bit numbers, the first an AS number.
//!
//! Wire format: numbers of 96 bits; sent in ascending order, each once.

use std::fmt;

use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Listed, Marks};

/// One large community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LargeCommunity(pub [u32; 3]);

impl LargeCommunity {
    fn from_text(text: &str) -> Option<Self> {
        if text.contains(':') {
            let mut parts = text.split(':').map(decimal::<u32>);
            let mut part = || parts.next().flatten();
            let value = [part()?, part()?, part()?];
            return parts.next().is_none().then_some(Self(value));
        }
        let whole = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => digits
                .bytes()
                .all(|digit| digit.is_ascii_hexdigit())
                .then(|| u128::from_str_radix(digits, 16).ok())??,
            None => decimal::<u128>(text)?,
        };
        let part = |shift: u32| u32::try_from(whole >> shift & u128::from(u32::MAX)).ok();
        (whole >> 96 == 0).then(|| Some(Self([part(64)?, part(32)?, part(0)?])))?
    }
}

/// Digits only.
fn decimal<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for LargeCommunity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.0;
        write!(f, "{a}:{b}:{c}")
    }
}

/// The large communities of a route, each once.
pub type LargeCommunities = Marks<LargeCommunity>;

impl Listed for LargeCommunity {
    const LIST: &'static str = "large-community";
    const SYNTAX: &'static str =
        "large-community [ <32 bits>:<32 bits>:<32 bits>|<96 bits>|0x<96 bits> … ]";
    const OCTETS: usize = 12;
    const ONCE: bool = true;

    fn unpack(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut number = || reader.u32(Self::LIST);
        Ok(Self([number()?, number()?, number()?]))
    }

    fn pack(self, writer: &mut Writer<'_>) {
        self.0.into_iter().for_each(|number| writer.u32(number));
    }

    fn json(self, json: &mut json::Writer<'_>) {
        let [a, b, c] = self.0;
        json.raw("[ ");
        json.number(a);
        json.raw(", ");
        json.number(b);
        // A blank before the second comma: consumers may compare lines.
        json.raw(" , ");
        json.number(c);
        json.raw(" ]");
    }

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("a large community")?;
        Self::from_text(&word).ok_or_else(|| word.fault("is not a large community"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{check, check_as, refuse, refuse_texts, rendered};
    use crate::bgp::{Element as _, Negotiated};
    use crate::json::Dialect;

    #[test]
    fn three_numbers_or_one() {
        let hex = "0000fcbc000000010000000200000000000000000000fcbc";
        check_as::<LargeCommunities>(
            "[ 64700:1:2 64700:1:2 ]",
            "64700:1:2",
            hex.get(..24).unwrap(),
            "[ [ 64700, 1 , 2 ] ]",
        );
        check::<LargeCommunities>(
            "[ 0:0:258 64700:5:6 ]",
            "0000000000000000000001020000fcbc0000000500000006",
            "[ [ 0, 0 , 258 ], [ 64700, 5 , 6 ] ]",
        );
        let seven = "000000000000000000000007";
        check_as::<LargeCommunities>("7", "0:0:7", seven, "[ [ 0, 0 , 7 ] ]");
        check_as::<LargeCommunities>("0x07", "0:0:7", seven, "[ [ 0, 0 , 7 ] ]");
    }

    #[test]
    fn anything_else_is_refused() {
        let what = "large-community";
        refuse::<LargeCommunities>(&"00".repeat(11), Malformed::Length { what, got: 11 });
        refuse_texts::<LargeCommunities>(&[
            "64496:1",
            "1:2:3:4",
            "4294967296:1:1",
            "x:1:1",
            "::",
            "0x1000000000000000000000000",
            "79228162514264337593543950336",
            "0x",
            "",
        ]);
    }

    #[test]
    fn duplicates_are_dropped_where_they_repeat() {
        let mut octets = Vec::new();
        for value in [[9, 1, 2], [9, 1, 2], [9, 0, 2]] {
            value.iter().for_each(|number: &u32| octets.extend(number.to_be_bytes()));
        }
        let found = LargeCommunities::unpack(&mut Reader::new(&octets), &Negotiated::wide());
        let found = found.unwrap();
        assert_eq!(rendered(&found, Dialect::V6), "[ [ 9, 1 , 2 ], [ 9, 0 , 2 ] ]");
        assert_eq!(rendered(&found, Dialect::V4), "[ [ 9, 0 , 2 ], [ 9, 1 , 2 ] ]");
    }
}
