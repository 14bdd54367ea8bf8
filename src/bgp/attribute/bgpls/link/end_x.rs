//! SRv6 End.X SID and LAN End.X SID, RFC 9514 sections 4.1 and 4.2.
//!
//! Wire format: behavior in two octets, flags, algorithm, weight, a reserved octet, on a LAN the
//! neighbor (six octets of IS-IS, four of OSPF), the SID, and TLVs.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::bgp::attribute::bgpls::SUB_TLVS;
use crate::bgp::attribute::bgpls::shape::{Bits, Flags};
use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

#[derive(Debug)]
struct EndXBits;

impl Bits for EndXBits {
    const NAMES: &'static [&'static str] = &["B", "S", "P"];
}

/// The SID of an adjacency, whose neighbor is told in as many octets: none, four or six.
#[derive(Debug)]
pub(in super::super) struct EndX<const NEIGHBOR: usize> {
    flags: Flags<EndXBits>,
    neighbor: [u8; NEIGHBOR],
    behavior: u16,
    algorithm: u8,
    weight: u8,
    sid: Ipv6Addr,
    tlvs: Vec<u8>,
}

const NEIGHBOR_ID: &str = "neighbor-id";

/// A neighbor as it is told.
struct Neighbor<'a>(&'a [u8]);

impl fmt::Display for Neighbor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match <[u8; 4]>::try_from(self.0) {
            Ok(octets) => Ipv4Addr::from(octets).fmt(f),
            Err(_) => words::Digits(self.0).fmt(f),
        }
    }
}

/// Reads a neighbor.
fn neighbor<const N: usize>(pieces: &mut Pieces<'_, '_>) -> Result<[u8; N], Error> {
    if N != 4 {
        return words::identifier(pieces, "a system of six octets");
    }
    let mut octets = [0; N];
    let address: Ipv4Addr = words::address(pieces, "an IPv4 address")?;
    octets.iter_mut().zip(address.octets()).for_each(|(place, octet)| *place = octet);
    Ok(octets)
}

impl<const NEIGHBOR: usize> Tlv for EndX<NEIGHBOR> {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let behavior = reader.u16(what)?;
        let flags = Flags::read(reader, what)?;
        let algorithm = reader.u8(what)?;
        let weight = reader.u8(what)?;
        reader.u8(what)?;
        let neighbor = reader.array(what)?;
        let sid = Ipv6Addr::from(reader.array(what)?);
        let tlvs = reader.rest();
        SUB_TLVS.check(tlvs, what)?;
        Ok(Self { flags, neighbor, behavior, algorithm, weight, sid, tlvs: tlvs.into() })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u16(self.behavior);
        self.flags.pack(writer);
        writer.u8(self.algorithm);
        writer.u8(self.weight);
        writer.u8(0);
        writer.bytes(&self.neighbor);
        writer.bytes(&self.sid.octets());
        writer.bytes(&self.tlvs);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            self.flags.json(object.field("flags"));
            if NEIGHBOR > 0 {
                object.field(NEIGHBOR_ID).display(&Neighbor(&self.neighbor));
            }
            object.field("behavior").number(self.behavior);
            object.field("algorithm").number(self.algorithm);
            object.field("weight").number(self.weight);
            object.field("sid").ipv6(self.sid);
            SUB_TLVS.members(&self.tlvs, object);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut read = Self {
            flags: Flags::default(),
            neighbor: [0; NEIGHBOR],
            behavior: 0,
            algorithm: 0,
            weight: 0,
            sid: Ipv6Addr::UNSPECIFIED,
            tlvs: Vec::new(),
        };
        words::group(pieces, |key, pieces| {
            match key.text() {
                "flags" => read.flags = Flags::parse(pieces)?,
                NEIGHBOR_ID if NEIGHBOR > 0 => read.neighbor = neighbor(pieces)?,
                "behavior" => read.behavior = pieces.number_or_hex("a number of 16 bits")?,
                "algorithm" => read.algorithm = pieces.number("a number of 8 bits")?,
                "weight" => read.weight = pieces.number("a number of 8 bits")?,
                "sid" => read.sid = words::address(pieces, "an IPv6 address")?,
                _ => return SUB_TLVS.read(key, pieces, &mut read.tlvs),
            }
            Ok(true)
        })?;
        Ok(read)
    }
}

impl<const NEIGHBOR: usize> fmt::Display for EndX<NEIGHBOR> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flags, behavior, algorithm, weight, sid, .. } = self;
        write!(f, "( flags {flags}")?;
        if NEIGHBOR > 0 {
            write!(f, " {NEIGHBOR_ID} {}", Neighbor(&self.neighbor))?;
        }
        write!(f, " behavior {behavior} algorithm {algorithm} weight {weight} sid {sid}")?;
        SUB_TLVS.show(&self.tlvs, f)?;
        f.write_str(" )")
    }
}
