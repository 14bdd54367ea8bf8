//! Consistent hash sort order, draft-ietf-bess-service-chaining: the place in a load balancer.
//!
//! Wire format: a number of 32 bits, two reserved octets.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// The place of the route in a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SortOrder(pub u32);

impl Element for SortOrder {
    const NAME: &'static str = "consistentHashSortOrder";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let order = reader.u32(Self::NAME)?;
        reader.u16(Self::NAME)?;
        Ok(Self(order))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(self.0);
        writer.u16(0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for SortOrder {
    const TYPE: [u8; 2] = [0x03, 0x14];
}

impl fmt::Display for SortOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", Self::NAME, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::received;

    #[test]
    fn a_number() {
        let shown = "consistentHashSortOrder:7";
        received::<SortOrder>("000000070000", shown, &format!("\"{shown}\""));
    }
}
