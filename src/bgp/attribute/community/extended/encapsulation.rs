//! Encapsulation, RFC 9012 section 4.1: the kind of tunnel to the next hop.
//!
//! Wire format: four reserved octets, the tunnel type in 16 bits.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// The kind of tunnel to the next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Encapsulation(pub u16);

impl Element for Encapsulation {
    const NAME: &'static str = "encap";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.u32(Self::NAME)?;
        reader.u16(Self::NAME).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(0);
        writer.u16(self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl fmt::Display for Encapsulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0 => "Default",
            1 => "L2TPv3",
            2 => "GRE",
            7 => "IP-in-IP",
            8 => "VXLAN",
            9 => "NVGRE",
            10 => "MPLS",
            12 => "VXLAN-GPE",
            13 => "MPLS-in-UDP",
            // The word twice: consumers know it so.
            other => return write!(f, "encap:encap:UNKNOWN-{other}"),
        };
        write!(f, "encap:{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::received;

    #[test]
    fn by_name_or_number() {
        received::<Encapsulation>("000000000008", "encap:VXLAN", "\"encap:VXLAN\"");
        let unknown = "encap:encap:UNKNOWN-42";
        received::<Encapsulation>("00000000002a", unknown, &format!("\"{unknown}\""));
    }
}
