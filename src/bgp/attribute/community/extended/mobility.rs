//! MAC mobility, RFC 7432 section 7.7: how often an address moved.
//!
//! Wire format: flags, one reserved octet, a sequence number of 32 bits.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// How often an address moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MacMobility {
    /// The address may not move.
    pub sticky: bool,
    pub sequence: u32,
}

impl Element for MacMobility {
    const NAME: &'static str = "mac-mobility";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let [flags, _] = reader.array(Self::NAME)?;
        Ok(Self { sticky: flags & 1 != 0, sequence: reader.u32(Self::NAME)? })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&[u8::from(self.sticky), 0]);
        writer.u32(self.sequence);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for MacMobility {
    const TYPE: [u8; 2] = [0x06, 0x00];
}

impl fmt::Display for MacMobility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mac-mobility:{}{}", self.sequence, if self.sticky { ":sticky" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::received;

    #[test]
    fn sticky_or_not() {
        received::<MacMobility>("000000000005", "mac-mobility:5", "\"mac-mobility:5\"");
        let sticky = "mac-mobility:5:sticky";
        received::<MacMobility>("010000000005", sticky, &format!("\"{sticky}\""));
    }
}
