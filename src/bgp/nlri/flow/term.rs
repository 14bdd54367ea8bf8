//! One comparison of a component, RFC 8955 sections 4.2.1.1 and 4.2.1.2.
//!
//! Wire format: an operator octet: end of list, AND with the term before, the width of the value
//! in two bits (1, 2, 4 or 8 octets), a bit that is ignored, and what is compared: less, greater,
//! equal; or, of bits, not and match. Then the value.

use crate::wire::{Malformed, Reader, Writer};

const WHAT: &str = "FlowSpec operator";

const END: u8 = 0x80;
const AND: u8 = 0x40;

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// Both this and the term before must hold; else one of them.
    pub(super) and: bool,
    /// The low bits of the operator.
    pub(super) operator: u8,
    pub(super) value: u64,
}

/// How the operators of a kind of component are written: the text of each, by its bits.
pub(super) type Operators = &'static [(&'static str, u8)];

/// Of numbers. What begins with another comes before it.
pub(super) const NUMERIC: Operators =
    &[(">=", 3), ("<=", 5), ("!=", 6), (">", 2), ("<", 4), ("=", 1), ("true", 7), ("false", 0)];

/// Of bits: all of them, none, not all, any.
pub(super) const BITMASK: Operators = &[("!=", 3), ("!", 2), ("=", 1), ("", 0)];

/// Whether the value is compared at all: what is always or never true has none to speak of.
pub(super) fn compares(operators: Operators, operator: u8) -> bool {
    operators != NUMERIC || !matches!(operator, 0 | 7)
}

/// Terms as they are on the wire, up to the end of the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    reader: Reader<'a>,
    operators: Operators,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    First,
    More,
    Ended,
}

impl<'a> Terms<'a> {
    /// Terms that start where `reader` stands.
    pub(super) fn new(reader: Reader<'a>, operators: Operators) -> Self {
        Self { reader, operators, state: State::First }
    }

    /// What follows the terms that were read.
    pub(super) fn rest(self) -> Reader<'a> {
        self.reader
    }

    fn read(&mut self) -> Result<Term, Malformed> {
        let octet = self.reader.u8(WHAT)?;
        let octets = self.reader.take(WHAT, 1 << (octet >> 4 & 3))?;
        let value = octets.iter().fold(0, |value, octet| value << 8 | u64::from(*octet));
        // The AND of the first term is ignored, and so are the bits that no operator has.
        let and = octet & AND != 0 && self.state == State::More;
        let mask = if self.operators == NUMERIC { 7 } else { 3 };
        self.state = if octet & END != 0 { State::Ended } else { State::More };
        Ok(Term { and, operator: octet & mask, value })
    }
}

impl Iterator for Terms<'_> {
    type Item = Result<Term, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.state {
            State::Ended => None,
            State::First | State::More => {
                Some(self.read().inspect_err(|_| self.state = State::Ended))
            }
        }
    }
}

impl Term {
    /// Writes the term; `is_last` ends the list. The value takes as few octets as hold it.
    pub(super) fn pack(self, writer: &mut Writer<'_>, is_last: bool) {
        let octets = self.value.to_be_bytes();
        let (width, skipped) = match self.value {
            0..0x100 => (0, 7),
            0x100..0x1_0000 => (1, 6),
            0x1_0000..0x1_0000_0000 => (2, 4),
            0x1_0000_0000.. => (3, 0),
        };
        let end = if is_last { END } else { 0 };
        let and = if self.and { AND } else { 0 };
        writer.u8(end | and | width << 4 | self.operator);
        writer.bytes(octets.get(skipped..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::from_hex;

    fn read(hex: &str, operators: Operators) -> Result<Vec<Term>, Malformed> {
        let bytes = from_hex(hex).unwrap();
        Terms::new(Reader::new(&bytes), operators).collect()
    }

    #[test]
    fn values_of_every_width() {
        for (hex, value) in
            [("81ff", 255), ("910100", 256), ("a100010000", 65536), ("b10000000100000000", 1 << 32)]
        {
            let terms = read(hex, NUMERIC).unwrap();
            assert_eq!(terms, [Term { and: false, operator: 1, value }]);
            let mut out = Vec::new();
            terms[0].pack(&mut Writer::new(&mut out), true);
            assert_eq!(out, from_hex(hex).unwrap());
        }
        assert_eq!(read("910050", NUMERIC).unwrap()[0].value, 80);
    }

    #[test]
    fn bits_without_meaning_are_ignored() {
        let plain = Term { and: false, operator: 1, value: 6 };
        assert_eq!(read("8906", NUMERIC).unwrap(), [plain]);
        assert_eq!(read("c106", NUMERIC).unwrap(), [plain]);
        assert_eq!(read("8d06", BITMASK).unwrap(), [plain]);
        assert!(read("01064106c106", NUMERIC).unwrap()[1].and);
    }

    #[test]
    fn a_list_ends_or_is_at_fault() {
        for hex in ["", "01", "0150", "0150b1000000", "015081"] {
            assert!(read(hex, NUMERIC).is_err(), "{hex}");
        }
        let bytes = from_hex("8106ff").unwrap();
        let mut terms = Terms::new(Reader::new(&bytes), NUMERIC);
        assert_eq!(terms.by_ref().count(), 1);
        assert_eq!(terms.rest().remaining(), [0xff]);
    }
}
