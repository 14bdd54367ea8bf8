//! Type 4, Ethernet segment, RFC 7432 section 7.4: who is attached to a segment.
//!
//! Wire format: distinguisher, segment, length of the originator's address in bits (32, 128) and
//! its octets.

use std::net::IpAddr;

use super::said::{self, Said, Segment};
use super::{RouteType, WHAT};
use crate::protocol::Distinguisher;
use crate::wire::{Malformed, Reader, Writer};

/// A router that is attached to a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EthernetSegment {
    distinguisher: Distinguisher,
    segment: Segment,
    ip: IpAddr,
}

impl RouteType for EthernetSegment {
    const NAME: &'static str = "ethernet-segment";
    const TITLE: &'static str = "Ethernet Segment";
    const WORDS: &'static [&'static str] = &["esi", "ip"];

    fn unpack(value: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(value.array(WHAT)?),
            segment: Segment::unpack(value)?,
            ip: said::one_address(value)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.bytes(&self.segment.0);
        said::pack_sized(self.ip, writer);
    }

    fn said(&self) -> Said {
        Said {
            distinguisher: Some(self.distinguisher),
            segment: Some(self.segment),
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
            segment: said.segment.ok_or("it has no esi")?,
            ip: said.ip.ok_or("it has no ip")?,
        })
    }

    /// Everything.
    fn key(value: &[u8]) -> Option<[&[u8]; 2]> {
        Some([value, &[]])
    }
}
