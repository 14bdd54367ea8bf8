//! Addresses: of either family, the length tells which.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// An address.
#[derive(Debug)]
pub(in super::super) struct Address(IpAddr);

impl Tlv for Address {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        match reader.len() {
            4 => Ok(Self(Ipv4Addr::from(reader.array(what)?).into())),
            16 => Ok(Self(Ipv6Addr::from(reader.array(what)?).into())),
            got => Err(Malformed::Length { what, got }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        match self.0 {
            IpAddr::V4(v4) => writer.bytes(&v4.octets()),
            IpAddr::V6(v6) => writer.bytes(&v6.octets()),
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.address(self.0);
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        words::address(pieces, "an IP address").map(Self)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A router identifier: IPv4 under type `V4`, IPv6 under the next one.
#[derive(Debug)]
pub(in super::super) struct RouterId<const V4: u16>(Address);

impl<const V4: u16> Tlv for RouterId<V4> {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        Address::unpack(reader, what).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.0.pack(writer);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        self.0.json(json);
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        Address::parse(pieces).map(Self)
    }

    fn code(&self, _: u16) -> u16 {
        V4 + u16::from(self.0.0.is_ipv6())
    }
}

impl<const V4: u16> fmt::Display for RouterId<V4> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
