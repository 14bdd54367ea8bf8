//! Communities of an administrator and a number: route targets, route origins, records of targets,
//! redirection to a VPN. RFC 4360 sections 4 and 5, RFC 5668, RFC 8955 section 7.4.
//!
//! Wire format: two-octet AS and 32 bits; IPv4 address and 16 bits; four-octet AS and 16 bits.

use std::fmt;
use std::net::Ipv4Addr;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

const TARGET: u8 = 0x02;
const ORIGIN: u8 = 0x03;
const REDIRECT: u8 = 0x08;
const RECORD: u8 = 0x13;

const fn name(subtype: u8) -> &'static str {
    match subtype {
        TARGET => "target",
        ORIGIN => "origin",
        REDIRECT => "redirect",
        _ => "rtrecord",
    }
}

/// A two-octet AS and a number of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TwoOctetAs<const SUBTYPE: u8> {
    pub asn: u16,
    pub number: u32,
}

impl<const SUBTYPE: u8> Element for TwoOctetAs<SUBTYPE> {
    const NAME: &'static str = name(SUBTYPE);

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Ok(Self { asn: reader.u16(Self::NAME)?, number: reader.u32(Self::NAME)? })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u16(self.asn);
        writer.u32(self.number);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for TwoOctetAs<TARGET> {
    const TYPE: [u8; 2] = [0x00, TARGET];
}

impl Sent for TwoOctetAs<ORIGIN> {
    const TYPE: [u8; 2] = [0x00, ORIGIN];
}

impl Sent for TwoOctetAs<REDIRECT> {
    const TYPE: [u8; 2] = [0x80, REDIRECT];
}

impl Sent for TwoOctetAs<RECORD> {
    const TYPE: [u8; 2] = [0x00, RECORD];
}

impl<const SUBTYPE: u8> fmt::Display for TwoOctetAs<SUBTYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asn, number } = self;
        match SUBTYPE {
            ORIGIN => write!(f, "origin:{asn}:{}", Ipv4Addr::from_bits(*number)),
            _ => write!(f, "{}:{asn}:{number}", Self::NAME),
        }
    }
}

/// An IPv4 address and a number of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ipv4Specific<const SUBTYPE: u8> {
    pub address: Ipv4Addr,
    pub number: u16,
}

impl<const SUBTYPE: u8> Element for Ipv4Specific<SUBTYPE> {
    const NAME: &'static str = name(SUBTYPE);

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let address = Ipv4Addr::from(reader.array(Self::NAME)?);
        Ok(Self { address, number: reader.u16(Self::NAME)? })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&self.address.octets());
        writer.u16(self.number);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for Ipv4Specific<TARGET> {
    const TYPE: [u8; 2] = [0x01, TARGET];
}

impl Sent for Ipv4Specific<ORIGIN> {
    const TYPE: [u8; 2] = [0x01, ORIGIN];
}

/// Sent, but shown as octets: consumers of ExaBGP's events know no word for it.
impl Sent for Ipv4Specific<REDIRECT> {
    const TYPE: [u8; 2] = [0x81, REDIRECT];
}

impl Sent for Ipv4Specific<RECORD> {
    const TYPE: [u8; 2] = [0x01, RECORD];
}

impl<const SUBTYPE: u8> fmt::Display for Ipv4Specific<SUBTYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", Self::NAME, self.address, self.number)
    }
}

/// A four-octet AS and a number of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FourOctetAs<const SUBTYPE: u8> {
    pub asn: u32,
    pub number: u16,
}

impl<const SUBTYPE: u8> FourOctetAs<SUBTYPE> {
    /// What is read as this, and not as an AS of two octets.
    pub(super) fn words(&self) -> String {
        let mark = if u16::try_from(self.asn).is_ok() { "L" } else { "" };
        format!("{}:{}{mark}:{}", name(SUBTYPE), self.asn, self.number)
    }
}

impl<const SUBTYPE: u8> Element for FourOctetAs<SUBTYPE> {
    const NAME: &'static str = name(SUBTYPE);

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Ok(Self { asn: reader.u32(Self::NAME)?, number: reader.u16(Self::NAME)? })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(self.asn);
        writer.u16(self.number);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for FourOctetAs<TARGET> {
    const TYPE: [u8; 2] = [0x02, TARGET];
}

impl Sent for FourOctetAs<ORIGIN> {
    const TYPE: [u8; 2] = [0x02, ORIGIN];
}

impl Sent for FourOctetAs<REDIRECT> {
    const TYPE: [u8; 2] = [0x82, REDIRECT];
}

impl Sent for FourOctetAs<RECORD> {
    const TYPE: [u8; 2] = [0x02, RECORD];
}

impl<const SUBTYPE: u8> fmt::Display for FourOctetAs<SUBTYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", Self::NAME, self.asn, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse};

    #[test]
    fn three_administrators() {
        received::<TwoOctetAs<TARGET>>("fcbc00000384", "target:64700:900", "\"target:64700:900\"");
        received::<Ipv4Specific<ORIGIN>>(
            "c0000209004d",
            "origin:192.0.2.9:77",
            "\"origin:192.0.2.9:77\"",
        );
        received::<FourOctetAs<REDIRECT>>(
            "fa56ea010015",
            "redirect:4200000001:21",
            "\"redirect:4200000001:21\"",
        );
        refuse::<TwoOctetAs<TARGET>>("fcbc000003", Malformed::Short { what: "target" });
    }
}
