//! Link bandwidth, draft-ietf-idr-link-bandwidth.
//!
//! Wire format: two-octet AS, octets a second as an IEEE 754 single.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;
use super::traffic::Single;

/// The bandwidth of the link to the next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bandwidth {
    pub asn: u16,
    rate: Single,
}

impl Bandwidth {
    /// In octets a second.
    pub fn new(asn: u16, rate: f64) -> Self {
        Self { asn, rate: Single::new(rate) }
    }
}

impl Element for Bandwidth {
    const NAME: &'static str = "bandwidth";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Ok(Self { asn: reader.u16(Self::NAME)?, rate: Single::unpack(reader, Self::NAME)? })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u16(self.asn);
        self.rate.pack(writer);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for Bandwidth {
    const TYPE: [u8; 2] = [0x40, 0x04];
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bandwidth:{}:{}", self.asn, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse};

    #[test]
    fn a_single_of_octets_a_second() {
        let shown = "bandwidth:64700:125000";
        received::<Bandwidth>("fcbc47f42400", shown, &format!("\"{shown}\""));
        let what = "bandwidth";
        refuse::<Bandwidth>("fcbc7f800000", Malformed::Value { what, got: 0x7f80_0000 });
    }
}
