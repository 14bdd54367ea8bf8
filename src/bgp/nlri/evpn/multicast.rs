//! Type 3, inclusive multicast Ethernet tag, RFC 7432 section 7.3: who wants what is for all.
//!
//! Wire format: distinguisher, Ethernet tag, length of the originator's address in bits (32, 128)
//! and its octets.

use std::net::IpAddr;

use super::said::{self, Said};
use super::{RouteType, WHAT};
use crate::protocol::Distinguisher;
use crate::wire::{Malformed, Reader, Writer};

/// A router that wants what is for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multicast {
    distinguisher: Distinguisher,
    ethernet_tag: u32,
    ip: IpAddr,
}

impl RouteType for Multicast {
    const NAME: &'static str = "multicast";
    const TITLE: &'static str = "Inclusive Multicast Ethernet Tag";
    const WORDS: &'static [&'static str] = &["ethernet-tag", "ip"];

    fn unpack(value: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(value.array(WHAT)?),
            ethernet_tag: value.u32(WHAT)?,
            ip: said::one_address(value)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.u32(self.ethernet_tag);
        said::pack_sized(self.ip, writer);
    }

    fn said(&self) -> Said {
        Said {
            distinguisher: Some(self.distinguisher),
            ethernet_tag: Some(self.ethernet_tag),
            ip: Some(self.ip),
            ..Said::default()
        }
    }

    fn build(said: &Said) -> Result<Self, &'static str> {
        if said.ip_length.is_some() {
            return Err("its ip is an address without mask length");
        }
        Ok(Self {
            distinguisher: said.distinguisher.ok_or("it has no rd")?,
            ethernet_tag: said.ethernet_tag.unwrap_or_default(),
            ip: said.ip.ok_or("it has no ip")?,
        })
    }

    /// Everything.
    fn key(value: &[u8]) -> Option<[&[u8]; 2]> {
        Some([value, &[]])
    }
}
