//! LARGE_COMMUNITY, RFC 8092: marks of three 32-bit numbers, the first an AS number.
//!
//! Wire format: numbers of 96 bits; sent in ascending order, each once.

use std::fmt;

use crate::bgp::attribute::{Flags, OnFault, Policy};
use crate::bgp::{Element, FromText, Negotiated};
use crate::json::{self, Dialect};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{ascending, write_list};

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

    fn from_octets(octets: [u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = octets;
        let number = u32::from_be_bytes;
        Self([number([a, b, c, d]), number([e, f, g, h]), number([i, j, k, l])])
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LargeCommunities(Box<[LargeCommunity]>);

impl LargeCommunities {
    /// As received, or in ascending order when written.
    pub fn iter(&self) -> std::slice::Iter<'_, LargeCommunity> {
        self.0.iter()
    }
}

impl Element for LargeCommunities {
    const NAME: &'static str = "large-community";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octets = reader.rest();
        let (values, []) = octets.as_chunks::<12>() else {
            return Err(Malformed::Length { what: Self::NAME, got: octets.len() });
        };
        let found: Vec<_> = values.iter().map(|v| LargeCommunity::from_octets(*v)).collect();
        if found.is_sorted_by(|a, b| a < b) {
            return Ok(Self(found.into()));
        }
        // Duplicates go, the order of first appearance stays: the places are sorted, not looked
        // for one by one, as a peer chooses how many there are.
        let mut places: Vec<(LargeCommunity, usize)> = found.into_iter().zip(0..).collect();
        places.sort_unstable();
        places.dedup_by_key(|(value, _)| *value);
        places.sort_unstable_by_key(|(_, place)| *place);
        Ok(Self(places.into_iter().map(|(value, _)| value).collect()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        ascending(&self.0, |value| value.0.into_iter().for_each(|number| writer.u32(number)));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        let dialect = json.dialect;
        json.list(|list| {
            let mut element = |value: &LargeCommunity| {
                let [a, b, c] = value.0;
                let json = list.element();
                json.raw("[ ");
                json.number(a);
                json.raw(", ");
                json.number(b);
                // A blank before the second comma: consumers may compare lines.
                json.raw(" , ");
                json.number(c);
                json.raw(" ]");
            };
            match dialect {
                Dialect::V4 => ascending(&self.0, element),
                Dialect::V6 => self.0.iter().for_each(&mut element),
            }
        });
    }
}

impl Policy for LargeCommunities {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    const ON_FAULT: OnFault = OnFault::Withdraw;
}

impl FromText for LargeCommunities {
    const SYNTAX: &'static str =
        "large-community [ <32 bits>:<32 bits>:<32 bits>|<96 bits>|0x<96 bits> … ]";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut found = Vec::new();
        tokens.list(|tokens| {
            let word = tokens.word("a large community")?;
            match LargeCommunity::from_text(&word) {
                Some(value) => {
                    found.push(value);
                    Ok(())
                }
                None => Err(word.fault("is not a large community")),
            }
        })?;
        found.sort_unstable();
        found.dedup();
        Ok(Self(found.into()))
    }
}

impl fmt::Display for LargeCommunities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{check, check_as, refuse, refuse_texts, rendered};

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
