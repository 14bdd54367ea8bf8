//! MUP segment identifier, draft-mpmz-bess-mup-safi: the direct segment a route belongs to.
//!
//! Wire format: 16 bits and 32 bits.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// The direct segment a route belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MupSegment {
    pub high: u16,
    pub low: u32,
}

impl Element for MupSegment {
    const NAME: &'static str = "mup";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Ok(Self { high: reader.u16(Self::NAME)?, low: reader.u32(Self::NAME)? })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u16(self.high);
        writer.u32(self.low);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for MupSegment {
    const TYPE: [u8; 2] = [0x0c, 0x00];
}

impl fmt::Display for MupSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mup:{}:{}", self.high, self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::received;

    #[test]
    fn two_numbers() {
        received::<MupSegment>("000a00000014", "mup:10:20", "\"mup:10:20\"");
    }
}
