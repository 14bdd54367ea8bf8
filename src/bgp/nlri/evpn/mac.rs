//! Type 2, MAC/IP advertisement, RFC 7432 section 7.2: where an Ethernet address is, and which IP
//! address it has.
//!
//! Wire format: distinguisher, segment, Ethernet tag, 48 and six octets, length of the IP address
//! in bits (0, 32, 128) and its octets, one or two labels.

use std::net::IpAddr;

use super::said::{self, Labels, Mac, Said, Segment};
use super::{RouteType, WHAT};
use crate::protocol::{Distinguisher, Label};
use crate::wire::{Malformed, Reader, Writer};

/// Where an Ethernet address is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacIp {
    distinguisher: Distinguisher,
    segment: Segment,
    ethernet_tag: u32,
    mac: Mac,
    ip: Option<IpAddr>,
    labels: Labels,
}

/// The bits of a MAC address, the only length there is.
const MAC_BITS: u8 = 48;

impl RouteType for MacIp {
    const NAME: &'static str = "mac";
    const TITLE: &'static str = "MAC/IP advertisement";
    const WORDS: &'static [&'static str] = &["esi", "ethernet-tag", "mac", "ip", "label"];

    fn unpack(value: &mut Reader<'_>) -> Result<Self, Malformed> {
        let distinguisher = Distinguisher(value.array(WHAT)?);
        let segment = Segment::unpack(value)?;
        let ethernet_tag = value.u32(WHAT)?;
        let bits = value.u8(WHAT)?;
        if bits != MAC_BITS {
            let got = u32::from(bits);
            return Err(Malformed::Value { what: "length of an EVPN MAC address", got });
        }
        let mac = Mac(value.array(WHAT)?);
        let ip = said::address(value)?;
        let mut labels = Labels::unpack(value)?;
        if !value.is_empty() {
            labels.second = Some(Label::from_octets(value.array(WHAT)?));
        }
        Ok(Self { distinguisher, segment, ethernet_tag, mac, ip, labels })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.bytes(&self.segment.0);
        writer.u32(self.ethernet_tag);
        writer.u8(MAC_BITS);
        writer.bytes(&self.mac.0);
        match self.ip {
            Some(ip) => said::pack_sized(ip, writer),
            None => writer.u8(0),
        }
        self.labels.pack(writer);
    }

    fn said(&self) -> Said {
        Said {
            distinguisher: Some(self.distinguisher),
            segment: Some(self.segment),
            ethernet_tag: Some(self.ethernet_tag),
            mac: Some(self.mac),
            ip: self.ip,
            labels: Some(self.labels),
            ..Said::default()
        }
    }

    fn build(said: &Said) -> Result<Self, &'static str> {
        if said.ip_length.is_some() {
            return Err("its ip is an address without mask length");
        }
        Ok(Self {
            distinguisher: said.distinguisher.ok_or("it has no rd")?,
            segment: said.segment.unwrap_or_default(),
            ethernet_tag: said.ethernet_tag.unwrap_or_default(),
            mac: said.mac.ok_or("it has no mac")?,
            ip: said.ip,
            labels: said.labels.ok_or("it has no label")?,
        })
    }

    /// The distinguisher, and what stands between the segment and the labels.
    fn key(value: &[u8]) -> Option<[&[u8]; 2]> {
        let octets = usize::from(value.get(29)? / 8);
        Some([value.get(..8)?, value.get(18..30 + octets)?])
    }
}
