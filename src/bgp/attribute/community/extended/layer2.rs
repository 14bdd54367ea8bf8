//! Layer-2 information, RFC 4761 section 3.2.4: how frames are carried to a site.
//!
//! Wire format: encapsulation, control flags, MTU, preference.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// How frames are carried to a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layer2Info {
    pub encapsulation: u8,
    pub control: u8,
    /// Octets.
    pub mtu: u16,
    pub preference: u16,
}

impl Element for Layer2Info {
    const NAME: &'static str = "l2info";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Ok(Self {
            encapsulation: reader.u8(Self::NAME)?,
            control: reader.u8(Self::NAME)?,
            mtu: reader.u16(Self::NAME)?,
            preference: reader.u16(Self::NAME)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u8(self.encapsulation);
        writer.u8(self.control);
        writer.u16(self.mtu);
        writer.u16(self.preference);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for Layer2Info {
    const TYPE: [u8; 2] = [0x80, 0x0a];
}

impl fmt::Display for Layer2Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encapsulation, control, mtu, preference } = self;
        write!(f, "l2info:{encapsulation}:{control}:{mtu}:{preference}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::received;

    #[test]
    fn four_fields() {
        let shown = "l2info:19:2:1500:120";
        received::<Layer2Info>("130205dc0078", shown, &format!("\"{shown}\""));
    }
}
