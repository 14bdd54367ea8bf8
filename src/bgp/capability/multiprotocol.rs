//! Multiprotocol extensions, RFC 4760 section 8: the families a speaker carries.
//!
//! Wire format: AFI in 16 bits, a reserved octet, SAFI in 8. One capability a family when sent;
//! all of an OPEN are one value here.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::wire::{Malformed, Reader, Writer};

/// Families, in the order of the OPEN, without repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MultiProtocol(pub Vec<Family>);

impl MultiProtocol {
    /// Adds the families of a repetition that are new.
    pub(super) fn merge(&mut self, other: &Self) {
        for family in &other.0 {
            if !self.0.contains(family) {
                self.0.push(*family);
            }
        }
    }
}

impl Element for MultiProtocol {
    const NAME: &'static str = "multiprotocol";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let afi = Afi(reader.u16(Self::NAME)?);
        reader.u8(Self::NAME)?;
        let safi = Safi(reader.u8(Self::NAME)?);
        // More than four octets were never refused by ExaBGP: they are not looked at.
        reader.rest();
        Ok(Self(vec![Family::new(afi, safi)]))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        for Family { afi, safi } in &self.0 {
            writer.u16(afi.0);
            writer.u8(0);
            writer.u8(safi.0);
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string(Self::NAME);
            object.field("families").list(|list| {
                for Family { afi, safi } in &self.0 {
                    list.element().display(&format_args!("{afi}/{safi}"));
                }
            });
        });
    }
}

impl fmt::Display for MultiProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("multiprotocol(")?;
        for (index, family) in self.0.iter().enumerate() {
            write!(f, "{}{family}", if index == 0 { "" } else { "," })?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};

    #[test]
    fn one_family() {
        let json = r#"{ "name": "multiprotocol", "families": [ "ipv6/unicast" ] }"#;
        check(1, "00020001", "multiprotocol(ipv6 unicast)", json);
        refuse(1, "000100");
    }
}
