//! Prefixes of a VPN, RFC 4364 and RFC 4659.
//!
//! Wire format: the length in bits of all that follows, the label stack, the distinguisher, the
//! prefix.

use crate::protocol::{Afi, Distinguisher, Label, Prefix};
use crate::wire::{Malformed, Reader, Writer};

use super::walk::Parts;
use super::{Shape, label};

/// A prefix, the VPN it belongs to, and the labels to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpVpn {
    pub labels: Vec<Label>,
    pub distinguisher: Distinguisher,
    pub prefix: Prefix,
}

impl IpVpn {
    /// Reads the bytes of one NLRI.
    pub fn unpack(bytes: &[u8], afi: Afi) -> Result<Self, Malformed> {
        let parts = Parts::of(bytes, Shape::IpVpn, afi)?;
        Ok(Self {
            labels: label::stack(parts.labels),
            distinguisher: Distinguisher(
                Reader::new(parts.distinguisher).array("route distinguisher")?,
            ),
            prefix: label::prefix(parts, afi)?,
        })
    }

    /// Writes the bytes of one NLRI.
    pub fn pack(&self, writer: &mut Writer<'_>) {
        writer.u8(label::length(&self.labels, 64, self.prefix));
        Label::pack_stack(&self.labels, writer);
        writer.bytes(&self.distinguisher.0);
        self.prefix.pack_bits(writer);
    }
}
