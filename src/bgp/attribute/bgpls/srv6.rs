//! What a SID in IPv6 is for and how it is made: Endpoint Behavior, RFC 9514 section 7.1, and SID
//! Structure, section 8.

use std::fmt;

use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

use super::shape::{Bits, Flags};
use super::tlv::Tlv;
use super::words;

/// No flag is defined.
#[derive(Debug)]
struct BehaviorBits;

impl Bits for BehaviorBits {
    const NAMES: &'static [&'static str] = &[];
}

/// Behavior in two octets, flags, algorithm.
#[derive(Debug)]
pub(super) struct EndpointBehavior {
    behavior: u16,
    flags: Flags<BehaviorBits>,
    algorithm: u8,
}

const BEHAVIOR: &str = "endpoint-behavior";

impl Tlv for EndpointBehavior {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let behavior = reader.u16(what)?;
        let flags = Flags::read(reader, what)?;
        Ok(Self { behavior, flags, algorithm: reader.u8(what)? })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u16(self.behavior);
        self.flags.pack(writer);
        writer.u8(self.algorithm);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            object.field(BEHAVIOR).number(self.behavior);
            object.field("flags").tight_list(|_| {});
            object.field("algorithm").number(self.algorithm);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut read = Self { behavior: 0, flags: Flags::default(), algorithm: 0 };
        words::group(pieces, |key, pieces| {
            match key.text() {
                BEHAVIOR => read.behavior = pieces.number_or_hex("a number of 16 bits")?,
                "flags" => read.flags = Flags::parse(pieces)?,
                "algorithm" => read.algorithm = pieces.number("a number of 8 bits")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(read)
    }
}

impl fmt::Display for EndpointBehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { behavior, flags, algorithm } = self;
        write!(f, "( {BEHAVIOR} {behavior} flags {flags} algorithm {algorithm} )")
    }
}

/// Four lengths in bits.
#[derive(Debug)]
pub(super) struct SidStructure([u8; 4]);

impl SidStructure {
    const KEYS: [&'static str; 4] = ["loc_block_len", "loc_node_len", "func_len", "arg_len"];
}

impl Tlv for SidStructure {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        reader.array(what).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            for (key, length) in Self::KEYS.iter().zip(self.0) {
                object.field(key).number(length);
            }
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut lengths = [0; 4];
        words::group(pieces, |key, pieces| {
            let mut places = Self::KEYS.iter().zip(&mut lengths);
            let Some((_, place)) = places.find(|(name, _)| **name == key.text()) else {
                return Ok(false);
            };
            *place = pieces.number("a number of 8 bits")?;
            Ok(true)
        })?;
        Ok(Self(lengths))
    }
}

impl fmt::Display for SidStructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        Self::KEYS.iter().zip(self.0).try_for_each(|(key, length)| write!(f, " {key} {length}"))?;
        f.write_str(" )")
    }
}
