//! Flags with names, the most significant bit first.
//!
//! JSON: each name with 0 or 1, and `RSV`, which is always 0. Text: the names of the bits that are
//! set, and the unnamed ones as a number: `[ O T 0x01 ]`.

use std::fmt;
use std::marker::PhantomData;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// The names of flags.
pub(in super::super) trait Bits {
    /// From the most significant bit on; a bit without a name has an empty one.
    const NAMES: &'static [&'static str];
    /// How many octets hold them: one or two.
    const OCTETS: usize = 1;
    /// Whether JSON ends with `RSV`.
    const RESERVED: bool = true;
}

/// Flags, whatever they are called.
pub(in super::super) struct Flags<B> {
    bits: u16,
    names: PhantomData<B>,
}

impl<B: Bits> Flags<B> {
    /// Reads as many octets as there are.
    pub(in super::super) fn read(
        reader: &mut Reader<'_>,
        what: &'static str,
    ) -> Result<Self, Malformed> {
        let bits =
            if B::OCTETS == 1 { u16::from(reader.u8(what)?) << 8 } else { reader.u16(what)? };
        Ok(Self { bits, names: PhantomData })
    }

    /// Whether the flag of that name is set.
    pub(in super::super) fn has(&self, name: &str) -> bool {
        Self::named().any(|(bit, called)| called == name && self.bits & bit != 0)
    }

    /// Each name with its bit.
    fn named() -> impl Iterator<Item = (u16, &'static str)> {
        let bits = (0..u16::BITS).map(|at| 0x8000 >> at);
        bits.zip(B::NAMES.iter().copied()).filter(|(_, name)| !name.is_empty())
    }

    /// How far the lowest bit on the wire is from the lowest one here.
    const SHIFT: u32 = if B::OCTETS == 1 { 8 } else { 0 };

    fn parse_one(pieces: &mut Pieces<'_, '_>) -> Result<u16, Error> {
        let piece = pieces.next("a flag")?;
        if let Some((bit, _)) = Self::named().find(|(_, name)| *name == piece.text()) {
            return Ok(bit);
        }
        let digits = piece.text().strip_prefix("0x").filter(|digits| !digits.starts_with('+'));
        let bits = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let bits = bits.and_then(|bits| Some((bits, bits.checked_shl(Self::SHIFT)?)));
        match bits {
            Some((bits, shifted)) if shifted >> Self::SHIFT == bits => Ok(shifted),
            _ => {
                let names: Vec<_> = Self::named().map(|(_, name)| name).collect();
                Err(piece.fault(&format!("is none of the flags {}", names.join(", "))))
            }
        }
    }
}

impl<B> Default for Flags<B> {
    fn default() -> Self {
        Self { bits: 0, names: PhantomData }
    }
}

impl<B> fmt::Debug for Flags<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flags({:#06x})", self.bits)
    }
}

impl<B: Bits> Tlv for Flags<B> {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        match reader.len() {
            length if length == B::OCTETS => Self::read(reader, what),
            got => Err(Malformed::Length { what, got }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        let [high, low] = self.bits.to_be_bytes();
        writer.u8(high);
        if B::OCTETS == 2 {
            writer.u8(low);
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            for (bit, name) in Self::named() {
                object.field(name).number(u8::from(self.bits & bit != 0));
            }
            if B::RESERVED {
                object.field("RSV").number(0u8);
            }
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut flags = Self::default();
        words::list(pieces, |pieces| {
            flags.bits |= Self::parse_one(pieces)?;
            Ok(())
        })?;
        Ok(flags)
    }
}

impl<B: Bits> fmt::Display for Flags<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unnamed = self.bits;
        f.write_str("[")?;
        for (bit, name) in Self::named().filter(|(bit, _)| self.bits & bit != 0) {
            unnamed &= !bit;
            if name.contains(' ') {
                write!(f, " \"{name}\"")?;
            } else {
                write!(f, " {name}")?;
            }
        }
        if unnamed != 0 {
            let digits = B::OCTETS * 2;
            write!(f, " 0x{:0digits$x}", unnamed >> Self::SHIFT)?;
        }
        f.write_str(" ]")
    }
}
