//! MPLS labels as NLRI carry them, RFC 8277 section 2.
//!
//! Wire format: 20 bits of label, 3 of traffic class, 1 that marks the bottom of the stack. A
//! withdrawn route may carry 0x800000 or 0 in place of a stack.

use std::fmt;

use crate::text::{Error, Tokens};
use crate::wire::Writer;

/// An entry of a label stack: its 24 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(u32);

impl Label {
    /// The largest label: 20 bits.
    pub const MAX: u32 = 0xf_ffff;
    /// The octets of an entry.
    pub const OCTETS: usize = 3;
    /// Marks the end of the stack.
    const BOTTOM: u32 = 1;
    /// Stands for a stack in a withdrawn route (RFC 3107).
    const WITHDRAWN: u32 = 0x80_0000;

    /// A label; `None` when it has more than 20 bits.
    pub fn new(label: u32) -> Option<Self> {
        (label <= Self::MAX).then_some(Self(label << 4))
    }

    /// The three octets of an entry.
    pub fn from_octets([a, b, c]: [u8; 3]) -> Self {
        Self(u32::from_be_bytes([0, a, b, c]))
    }

    /// The label without traffic class and bottom bit.
    pub fn value(self) -> u32 {
        self.0 >> 4
    }

    /// All 24 bits.
    pub fn raw(self) -> u32 {
        self.0
    }

    /// The same label at the bottom of a stack.
    pub fn at_bottom(self) -> Self {
        Self(self.0 | Self::BOTTOM)
    }

    /// Whether a stack ends with this entry.
    pub fn ends(self) -> bool {
        self.0 & Self::BOTTOM != 0 || self.0 == Self::WITHDRAWN || self.0 == 0
    }

    /// Reads `300`, or `[ 300 301 ]`: the outermost first. The last is the bottom of the stack,
    /// unless all 24 bits of it are given: `0x0012c0`.
    pub fn parse_stack(tokens: &mut Tokens<'_>) -> Result<Vec<Self>, Error> {
        let mut stack = Vec::new();
        let mut bottom = 0;
        tokens.list(|tokens| {
            let word = tokens.word("a label")?;
            let label = match word.strip_prefix("0x") {
                Some(digits)
                    if digits.len() == 6 && digits.bytes().all(|d| d.is_ascii_hexdigit()) =>
                {
                    u32::from_str_radix(digits, 16).ok().map(Self)
                }
                _ if word.bytes().all(|digit| digit.is_ascii_digit()) => {
                    word.parse().ok().and_then(Self::new)
                }
                _ => None,
            };
            bottom = if word.starts_with("0x") { 0 } else { Self::BOTTOM };
            stack.push(label.ok_or_else(|| {
                word.fault("is not a label").syntax("label 0-1048575 or label [ 0-1048575 … ]")
            })?);
            Ok(())
        })?;
        if let Some(Self(last)) = stack.last_mut() {
            *last |= bottom;
        }
        Ok(stack)
    }

    /// Appends what [`Label::parse_stack`] reads back to the same 24 bits.
    pub fn stack_words(stack: &[Self], out: &mut String) {
        let open = if stack.len() == 1 { "" } else { "[ " };
        out.push_str(open);
        for (index, label) in stack.iter().enumerate() {
            let bottom = if index + 1 == stack.len() { Self::BOTTOM } else { 0 };
            let plain = label.0 == label.value() << 4 | bottom;
            let word = if plain { label.to_string() } else { format!("0x{:06x}", label.0) };
            out.push_str(&word);
            out.push_str(if open.is_empty() { "" } else { " " });
        }
        out.push_str(if open.is_empty() { "" } else { "]" });
    }

    /// Writes a stack as it is.
    pub fn pack_stack(stack: &[Self], writer: &mut Writer<'_>) {
        stack.iter().for_each(|label| writer.u24(label.0));
    }
}

/// The label alone.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_has_the_bottom_bit() {
        let stack = Label::parse_stack(&mut Tokens::line("[ 300 301 ]")).unwrap();
        let mut out = Vec::new();
        Label::pack_stack(&stack, &mut Writer::new(&mut out));
        assert_eq!(out, [0, 0x12, 0xc0, 0, 0x12, 0xd1]);
        let mut words = String::new();
        Label::stack_words(&stack, &mut words);
        assert_eq!(words, "[ 300 301 ]");
        assert!(!Label::from_octets([0, 0x12, 0xc0]).ends());
        assert!(Label::from_octets([0, 0x12, 0xd1]).ends());
        assert_eq!(Label::from_octets([0, 0x12, 0xd1]).value(), 301);
    }

    #[test]
    fn every_stack_is_said_again() {
        for octets in [[0, 0x12, 0xc0], [0, 0x12, 0xc1], [0x80, 0, 0], [0, 0, 0], [0, 0, 0x1f]] {
            for others in [&[][..], &[Label(0x10)], &[Label(0x12), Label(0x20)]] {
                let stack: Vec<Label> =
                    others.iter().copied().chain([Label::from_octets(octets)]).collect();
                let mut words = String::new();
                Label::stack_words(&stack, &mut words);
                assert_eq!(Label::parse_stack(&mut Tokens::line(&words)).unwrap(), stack);
            }
        }
    }

    #[test]
    fn twenty_bits() {
        assert!(Label::parse_stack(&mut Tokens::line("1048575")).is_ok());
        for bad in ["1048576", "-1", "+1", "x", "0x12", "0x+00001", "[ 1 x ]", "[ 1"] {
            assert!(Label::parse_stack(&mut Tokens::line(bad)).is_err(), "{bad}");
        }
    }
}
