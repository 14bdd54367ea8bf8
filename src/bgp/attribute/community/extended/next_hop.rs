//! Redirection of a flow to an address: the next hop of the route (draft-simpson-idr-flowspec-
//! redirect), or one in the community itself (draft-ietf-idr-flowspec-redirect-ip).
//!
//! Wire format: an IPv4 address or nothing, and a last bit which says that a copy is redirected.

use std::fmt;
use std::net::Ipv4Addr;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// To the next hop of the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RedirectToNextHop {
    pub copy: bool,
}

impl RedirectToNextHop {
    /// The word in configurations.
    pub const WORD: &'static str = "redirect-to-nexthop";
    /// The word when a copy is redirected.
    pub(super) const COPY: &'static str = "copy-to-nexthop";
}

impl Element for RedirectToNextHop {
    const NAME: &'static str = Self::WORD;

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let [.., last] = reader.array::<6>(Self::NAME)?;
        Ok(Self { copy: last & 1 != 0 })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&[0, 0, 0, 0, 0, u8::from(self.copy)]);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for RedirectToNextHop {
    const TYPE: [u8; 2] = [0x08, 0x00];
}

impl fmt::Display for RedirectToNextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.copy { Self::COPY } else { Self::WORD })
    }
}

/// To an IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RedirectToAddress {
    pub address: Ipv4Addr,
    pub copy: bool,
}

impl RedirectToAddress {
    /// The word in configurations.
    pub const WORD: &'static str = "redirect-to-nexthop-ietf";
    /// The word when a copy is redirected.
    pub(in super::super) const COPY: &'static str = "copy-to-nexthop-ietf";
}

impl Element for RedirectToAddress {
    const NAME: &'static str = Self::WORD;

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let address = Ipv4Addr::from(reader.array(Self::NAME)?);
        let [_, last] = reader.array(Self::NAME)?;
        Ok(Self { address, copy: last & 1 != 0 })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&self.address.octets());
        writer.u16(u16::from(self.copy));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for RedirectToAddress {
    const TYPE: [u8; 2] = [0x01, 0x0c];
}

impl fmt::Display for RedirectToAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.copy {
            write!(f, "{} {} (with copy)", Self::COPY, self.address)
        } else {
            write!(f, "{} {}", Self::WORD, self.address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::received;

    #[test]
    fn to_the_next_hop_or_an_address() {
        let word = RedirectToNextHop::WORD;
        received::<RedirectToNextHop>("000000000000", word, &format!("\"{word}\""));
        let copy = "copy-to-nexthop-ietf 192.0.2.77 (with copy)";
        received::<RedirectToAddress>("c000024d0001", copy, &format!("\"{copy}\""));
    }
}
