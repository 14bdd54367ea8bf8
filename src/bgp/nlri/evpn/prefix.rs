//! Type 5, IP prefix, RFC 9136: a prefix that is reached through the VPN.
//!
//! Wire format: distinguisher, segment, Ethernet tag, length of the prefix in bits, a whole
//! address, the address of a gateway, label. Both addresses are of IPv4 or both of IPv6, which the
//! length of the NLRI tells: 34 or 58 octets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::said::{self, Labels, Said, Segment};
use super::{RouteType, WHAT};
use crate::protocol::Distinguisher;
use crate::wire::{Malformed, Reader, Writer};

/// A prefix that is reached through the VPN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpPrefix {
    distinguisher: Distinguisher,
    segment: Segment,
    ethernet_tag: u32,
    /// At most the bits of the address.
    length: u8,
    ip: IpAddr,
    /// Of the family of the prefix; zeroes are no gateway.
    gateway: IpAddr,
    label: Labels,
}

/// The octets of a route to an IPv4 prefix.
const OCTETS_V4: usize = 34;

/// The octets of a route to an IPv6 prefix.
const OCTETS_V6: usize = 58;

/// Where the tag starts, behind the segment.
const TAG: usize = 18;

/// Where the prefix starts.
const PREFIX: usize = 23;

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl RouteType for IpPrefix {
    const NAME: &'static str = "prefix";
    const TITLE: &'static str = "IP Prefix Advertisement";
    const WORDS: &'static [&'static str] =
        &["esi", "ethernet-tag", "ip", "iplen", "gateway", "label"];

    fn unpack(value: &mut Reader<'_>) -> Result<Self, Malformed> {
        let octets = value.len();
        let address = |reader: &mut Reader<'_>| match octets {
            OCTETS_V4 => reader.array::<4>(WHAT).map(IpAddr::from),
            OCTETS_V6 => reader.array::<16>(WHAT).map(IpAddr::from),
            _ => Err(Malformed::Length { what: "EVPN IP prefix", got: octets }),
        };
        if octets != OCTETS_V4 && octets != OCTETS_V6 {
            return Err(Malformed::Length { what: "EVPN IP prefix", got: octets });
        }
        let route = Self {
            distinguisher: Distinguisher(value.array(WHAT)?),
            segment: Segment::unpack(value)?,
            ethernet_tag: value.u32(WHAT)?,
            length: value.u8(WHAT)?,
            ip: address(value)?,
            gateway: address(value)?,
            label: Labels::unpack(value)?,
        };
        let got = u32::from(route.length);
        let fits = route.length <= width(route.ip);
        fits.then_some(route).ok_or(Malformed::Value { what: "length of an EVPN IP prefix", got })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.bytes(&self.segment.0);
        writer.u32(self.ethernet_tag);
        writer.u8(self.length);
        said::pack_address(self.ip, writer);
        said::pack_address(self.gateway, writer);
        self.label.pack(writer);
    }

    fn said(&self) -> Said {
        Said {
            distinguisher: Some(self.distinguisher),
            segment: Some(self.segment),
            ethernet_tag: Some(self.ethernet_tag),
            ip: Some(self.ip),
            ip_length: Some(self.length),
            gateway: Some(self.gateway),
            labels: Some(self.label),
            ..Said::default()
        }
    }

    /// Without a gateway the next hop is the way; without a label the gateway or the segment is
    /// (section 3.2).
    fn build(said: &Said) -> Result<Self, &'static str> {
        let ip = said.ip.ok_or("it has no ip")?;
        let length = said.ip_length.ok_or("it has no iplen")?;
        if length > width(ip) {
            return Err("its iplen is longer than an address");
        }
        let none = match ip {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let gateway = said.gateway.unwrap_or(none);
        if gateway.is_ipv4() != ip.is_ipv4() {
            return Err("its ip and its gateway are of different families");
        }
        Ok(Self {
            distinguisher: said.distinguisher.ok_or("it has no rd")?,
            segment: said.segment.unwrap_or_default(),
            ethernet_tag: said.ethernet_tag.unwrap_or_default(),
            length,
            ip,
            gateway,
            label: said.labels.unwrap_or_default().single()?,
        })
    }

    /// The distinguisher, the tag and the prefix.
    fn key(value: &[u8]) -> Option<[&[u8]; 2]> {
        let octets = if value.len() == OCTETS_V4 { 4 } else { 16 };
        Some([value.get(..8)?, value.get(TAG..PREFIX + octets)?])
    }
}
