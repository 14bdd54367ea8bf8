//! Label-Index, RFC 8669 section 3.1: the place of the label in the range of each router.
//!
//! Wire format: one reserved octet, two octets of flags, an index of 32 bits.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// The place of the label in the range of each router.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelIndex(pub u32);

impl Element for LabelIndex {
    const NAME: &'static str = "sr-label-index";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        // Reserved octet and flags say nothing yet.
        reader.u24(Self::NAME)?;
        reader.u32(Self::NAME).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u24(0);
        writer.u32(self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.number(self.0);
    }
}

impl fmt::Display for LabelIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse};

    #[test]
    fn an_index() {
        received::<LabelIndex>("00000000000309", "777", "777");
        refuse::<LabelIndex>("000000000003", Malformed::Short { what: "sr-label-index" });
    }
}
