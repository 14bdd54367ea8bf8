//! Encapsulation, RFC 9012 section 4.1: the kind of tunnel to the next hop.
//!
//! Wire format: four reserved octets, the tunnel type in 16 bits.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// The kind of tunnel to the next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Encapsulation(pub u16);

/// IANA: BGP Tunnel Encapsulation Attribute Tunnel Types, by the names that ExaBGP has for them.
const NAMES: &[(u16, &str)] = &[
    (0, "Default"),
    (1, "L2TPv3"),
    (2, "GRE"),
    (7, "IP-in-IP"),
    (8, "VXLAN"),
    (9, "NVGRE"),
    (10, "MPLS"),
    (12, "VXLAN-GPE"),
    (13, "MPLS-in-UDP"),
];

impl Encapsulation {
    /// By its name, in any case; `None` for anything else.
    pub fn from_name(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        found.map(|(number, _)| Self(*number))
    }
}

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

impl Sent for Encapsulation {
    const TYPE: [u8; 2] = [0x03, 0x0c];
}

impl fmt::Display for Encapsulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => write!(f, "encap:{name}"),
            // The word twice: consumers know it so.
            None => write!(f, "encap:encap:UNKNOWN-{}", self.0),
        }
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
