//! The multicast source and group of a VPN's customer.
//!
//! Wire format (RFC 6514 section 4.5): each address behind its length in bits, 32 or 128.

use std::net::IpAddr;

use crate::bgp::nlri::typed::{self, address};
use crate::json;
use crate::protocol::Family;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// A source, or the rendezvous point of a shared tree, and a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    pub source: IpAddr,
    pub group: IpAddr,
}

impl Channel {
    /// Reads both, which are of the same kind.
    pub(super) fn unpack(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let source = typed::unpack_address(body, "multicast source")?;
        let group = typed::unpack_address(body, "multicast group")?;
        if source.is_ipv4() != group.is_ipv4() {
            let got = u32::from(typed::bits(group));
            return Err(Malformed::Value { what: "multicast group", got });
        }
        Ok(Self { source, group })
    }

    pub(super) fn pack(&self, writer: &mut Writer<'_>) {
        typed::pack_address(self.source, writer);
        typed::pack_address(self.group, writer);
    }

    pub(super) fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("source").address(self.source);
        object.field("group").address(self.group);
    }

    /// Reads `source IP group IP`; the first word is `name`.
    pub(super) fn parse(
        name: &str,
        tokens: &mut Tokens<'_>,
        family: Family,
    ) -> Result<Self, Error> {
        tokens.expect(name)?;
        let source = address(tokens, family)?;
        tokens.expect("group")?;
        Ok(Self { source, group: address(tokens, family)? })
    }
}
