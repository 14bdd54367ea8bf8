//! Prefix-SID, RFC 9085 section 2.3.1: flags, algorithm, two reserved octets, and segments.

use std::fmt;

use crate::bgp::attribute::bgpls::shape::{Bits, Flags};
use crate::bgp::attribute::bgpls::sids::{Form, Reading, Sids};
use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

#[derive(Debug)]
struct SidBits;

impl Bits for SidBits {
    const NAMES: &'static [&'static str] = &["R", "N", "P", "E", "V", "L"];
}

/// The segment of a prefix under one algorithm.
#[derive(Debug)]
pub(in super::super) struct PrefixSid {
    flags: Flags<SidBits>,
    algorithm: u8,
    sids: Sids,
}

const FLAGS: &str = "sr-prefix-flags";
const UNDECODED: &str = "undecoded-sids";
const ALGORITHM: &str = "sr-algorithm";

impl Tlv for PrefixSid {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let flags = Flags::read(reader, what)?;
        let algorithm = reader.u8(what)?;
        reader.u16(what)?;
        let sids = Sids::read(reader, Form::of(&flags));
        Ok(Self { flags, algorithm, sids })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.flags.pack(writer);
        writer.u8(self.algorithm);
        writer.u16(0);
        self.sids.pack(writer, Form::of(&self.flags));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            self.flags.json(object.field(FLAGS));
            self.sids.json(object.field("sids"));
            self.sids.undecoded_json(object.field(UNDECODED));
            object.field(ALGORITHM).number(self.algorithm);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let (mut flags, mut algorithm, mut sids) = (Flags::default(), 0, Reading::default());
        words::group(pieces, |key, pieces| {
            match key.text() {
                FLAGS => flags = Flags::parse(pieces)?,
                ALGORITHM => algorithm = pieces.number("a number of 8 bits")?,
                "sids" | UNDECODED => sids.parse(key, pieces)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { algorithm, sids: sids.finish(Form::of(&flags))?, flags })
    }
}

impl fmt::Display for PrefixSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( {FLAGS} {}", self.flags)?;
        self.sids.show(UNDECODED, f)?;
        write!(f, " {ALGORITHM} {} )", self.algorithm)
    }
}
