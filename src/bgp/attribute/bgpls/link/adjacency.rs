//! Adjacency SID and LAN Adjacency SID, RFC 9085 sections 2.2.1 and 2.2.2.
//!
//! Wire format: flags, weight, two reserved octets, on a LAN the neighbor, and segments. IS-IS
//! tells a neighbor by six octets, OSPF by four; the length of a single segment tells which.

use std::fmt;
use std::net::Ipv4Addr;

use crate::bgp::attribute::bgpls::shape::{Bits, Flags};
use crate::bgp::attribute::bgpls::sids::{Form, Reading, Sids};
use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

#[derive(Debug)]
struct AdjacencyBits;

impl Bits for AdjacencyBits {
    const NAMES: &'static [&'static str] = &["F", "B", "V", "L", "S", "P"];
}

/// The segment of an adjacency.
#[derive(Debug)]
pub(in super::super) struct Adjacency {
    flags: Flags<AdjacencyBits>,
    weight: u8,
    sids: Sids,
}

const UNDECODED: &str = "undecoded-sids";

impl Tlv for Adjacency {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let flags = Flags::read(reader, what)?;
        let weight = reader.u8(what)?;
        reader.u16(what)?;
        let sids = Sids::read(reader, Form::of(&flags));
        Ok(Self { flags, weight, sids })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.flags.pack(writer);
        writer.u8(self.weight);
        writer.u16(0);
        self.sids.pack(writer, Form::of(&self.flags));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            self.flags.json(object.field("flags"));
            self.sids.json(object.field("sids"));
            object.field("weight").number(self.weight);
            self.sids.undecoded_json(object.field(UNDECODED));
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let (mut flags, mut weight, mut sids) = (Flags::default(), 0, Reading::default());
        words::group(pieces, |key, pieces| {
            match key.text() {
                "flags" => flags = Flags::parse(pieces)?,
                "weight" => weight = pieces.number("a number of 8 bits")?,
                "sids" | UNDECODED => sids.parse(key, pieces)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { weight, sids: sids.finish(Form::of(&flags))?, flags })
    }
}

impl fmt::Display for Adjacency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( flags {} weight {}", self.flags, self.weight)?;
        self.sids.show(UNDECODED, f)?;
        f.write_str(" )")
    }
}

/// The segment of an adjacency on a LAN.
#[derive(Debug)]
pub(in super::super) struct LanAdjacency {
    flags: Flags<AdjacencyBits>,
    weight: u8,
    neighbor: Neighbor,
    sids: Sids,
}

/// Who is at the other end.
#[derive(Debug)]
enum Neighbor {
    System([u8; 6]),
    Router(Ipv4Addr),
}

impl Neighbor {
    const SYSTEM: &'static str = "system-id";
    const ROUTER: &'static str = "neighbor-id";

    /// Reads it, by what is left: of OSPF when one segment remains behind four octets.
    fn read(reader: &mut Reader<'_>, form: Form, what: &'static str) -> Result<Self, Malformed> {
        match (form, reader.len()) {
            (Form::Label, 7) | (Form::Index, 8) => {
                Ok(Self::Router(Ipv4Addr::from(reader.array(what)?)))
            }
            _ => reader.array(what).map(Self::System),
        }
    }
}

const LAN_UNDECODED: &str = "undecoded";

impl Tlv for LanAdjacency {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let flags = Flags::read(reader, what)?;
        let weight = reader.u8(what)?;
        reader.u16(what)?;
        let form = Form::of(&flags);
        let neighbor = Neighbor::read(reader, form, what)?;
        Ok(Self { flags, weight, neighbor, sids: Sids::read(reader, form) })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.flags.pack(writer);
        writer.u8(self.weight);
        writer.u16(0);
        match &self.neighbor {
            Neighbor::System(octets) => writer.bytes(octets),
            Neighbor::Router(address) => writer.bytes(&address.octets()),
        }
        self.sids.pack(writer, Form::of(&self.flags));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            self.flags.json(object.field("flags"));
            object.field("weight").number(self.weight);
            match &self.neighbor {
                Neighbor::System(octets) => {
                    object.field(Neighbor::SYSTEM).display(&words::Digits(octets));
                }
                Neighbor::Router(address) => object.field(Neighbor::ROUTER).ipv4(*address),
            }
            self.sids.json(object.field("sids"));
            self.sids.undecoded_json(object.field(LAN_UNDECODED));
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let (mut flags, mut weight, mut sids) = (Flags::default(), 0, Reading::default());
        let mut neighbor = Neighbor::System([0; 6]);
        words::group(pieces, |key, pieces| {
            match key.text() {
                "flags" => flags = Flags::parse(pieces)?,
                "weight" => weight = pieces.number("a number of 8 bits")?,
                Neighbor::SYSTEM => {
                    let octets = words::identifier(pieces, "a system of six octets")?;
                    neighbor = Neighbor::System(octets);
                }
                Neighbor::ROUTER => {
                    neighbor = Neighbor::Router(words::address(pieces, "an IPv4 address")?);
                }
                "sids" | LAN_UNDECODED => sids.parse(key, pieces)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { weight, neighbor, sids: sids.finish(Form::of(&flags))?, flags })
    }
}

impl fmt::Display for LanAdjacency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( flags {} weight {}", self.flags, self.weight)?;
        match &self.neighbor {
            Neighbor::System(octets) => {
                write!(f, " {} {}", Neighbor::SYSTEM, words::Digits(octets))?;
            }
            Neighbor::Router(address) => write!(f, " {} {address}", Neighbor::ROUTER)?,
        }
        self.sids.show(LAN_UNDECODED, f)?;
        f.write_str(" )")
    }
}
