//! Originator SRGB, RFC 8669 section 3.2: the label ranges of the router that has the prefix.
//!
//! Wire format: two octets of flags, then ranges of a base and a size, 24 bits each.

use std::fmt;

use crate::bgp::attribute::pieces::Pieces;
use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// A run of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelRange {
    base: u32,
    size: u32,
}

impl LabelRange {
    const BITS: u32 = 24;

    /// Reads `( base,size )`.
    pub(super) fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        pieces.expect("(")?;
        let base = Self::number(pieces)?;
        pieces.accept(",")?;
        let size = Self::number(pieces)?;
        pieces.expect(")")?;
        Ok(Self { base, size })
    }

    fn number(pieces: &mut Pieces<'_, '_>) -> Result<u32, Error> {
        let piece = pieces.next("a number of 24 bits")?;
        let value = piece.number::<u32>().filter(|value| value >> Self::BITS == 0);
        value.ok_or_else(|| piece.fault("is not a number of 24 bits"))
    }
}

/// The label ranges of a router.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabelRanges(Box<[LabelRange]>);

impl LabelRanges {
    /// Reads `[ ( base,size ), … ]`.
    pub(super) fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut ranges = Vec::new();
        pieces.expect("[")?;
        while !pieces.accept("]")? {
            if !pieces.accept(",")? {
                ranges.push(LabelRange::parse(pieces)?);
            }
        }
        Ok(Self(ranges.into()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Element for LabelRanges {
    const NAME: &'static str = "sr-srgbs";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let what = Self::NAME;
        reader.u16(what)?;
        let mut ranges = Vec::with_capacity(reader.len() / 6);
        while !reader.is_empty() {
            ranges.push(LabelRange { base: reader.u24(what)?, size: reader.u24(what)? });
        }
        Ok(Self(ranges.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u16(0);
        for range in &self.0 {
            writer.u24(range.base);
            writer.u24(range.size);
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_list(|list| {
            for range in &self.0 {
                list.element().tight_list(|list| {
                    list.element().number(range.base);
                    list.element().number(range.size);
                });
            }
        });
    }
}

impl fmt::Display for LabelRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[ ")?;
        for (index, LabelRange { base, size }) in self.0.iter().enumerate() {
            write!(f, "{}( {base},{size} )", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(" ]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse};

    #[test]
    fn ranges() {
        received::<LabelRanges>("00000c3500000064", "[ ( 800000,100 ) ]", "[[800000, 100]]");
        refuse::<LabelRanges>("00000c35000000", Malformed::Short { what: "sr-srgbs" });
    }
}
