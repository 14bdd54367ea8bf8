//! SR Capabilities, RFC 9085 section 2.1.2: what a node does with segments in MPLS, and the ranges
//! that it set aside for them.
//!
//! Wire format: flags, a reserved octet, and for each range its size in three octets and a
//! SID/Label TLV: a label in three octets, or an index in four. JSON has two members.

use std::fmt;

use crate::bgp::attribute::bgpls::shape::{Bits, Flags};
use crate::bgp::attribute::bgpls::tlv::{self, Tlv};
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

#[derive(Debug)]
struct CapabilityBits;

impl Bits for CapabilityBits {
    const NAMES: &'static [&'static str] = &["I", "V"];
}

/// Where a range starts.
#[derive(Clone, Copy, Debug)]
enum Start {
    Label(u32),
    Index(u32),
}

/// The flags, and each range: its size and where it starts.
#[derive(Debug)]
pub(in super::super) struct SrCapabilities {
    flags: Flags<CapabilityBits>,
    ranges: Vec<(u32, Start)>,
}

const SID_LABEL: u16 = 1161;
const SIDS: &str = "sids";
/// The bits of a label in its three octets.
const LABEL: u32 = 0xf_ffff;
/// The largest number of three octets.
const RANGE: u32 = 0xff_ffff;

impl Start {
    fn value(self) -> u32 {
        match self {
            Self::Label(value) | Self::Index(value) => value,
        }
    }
}

impl SrCapabilities {
    fn ranges_json(&self, json: &mut json::Writer<'_>) {
        json.tight_list(|list| {
            for (size, start) in &self.ranges {
                list.element().tight_list(|pair| {
                    pair.element().number(*size);
                    pair.element().number(start.value());
                });
            }
        });
    }

    /// Reads `[ size label ]` or `[ size index n ]`.
    fn parse_range(pieces: &mut Pieces<'_, '_>) -> Result<(u32, Start), Error> {
        pieces.expect("[")?;
        let piece = pieces.next("the size of a range")?;
        let size = piece.number().filter(|size| *size <= RANGE);
        let size = size.ok_or_else(|| piece.fault("is not a number of 24 bits"))?;
        pieces.accept(",")?;
        let start = if pieces.accept("index")? {
            Start::Index(pieces.number("an index of 32 bits")?)
        } else {
            let label: u32 = pieces.number("a label or an index")?;
            if label <= LABEL { Start::Label(label) } else { Start::Index(label) }
        };
        pieces.expect("]")?;
        Ok((size, start))
    }
}

impl Tlv for SrCapabilities {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let flags = Flags::read(reader, what)?;
        reader.u8(what)?;
        let mut ranges = Vec::new();
        while !reader.is_empty() {
            let size = reader.u24(what)?;
            let (code, value) = tlv::next(reader, what)?;
            let mut sid = Reader::new(value);
            let start = match (code, value.len()) {
                (SID_LABEL, 3) => Start::Label(sid.u24(what)? & LABEL),
                (SID_LABEL, 4) => Start::Index(sid.u32(what)?),
                (SID_LABEL, got) => return Err(Malformed::Length { what, got }),
                (got, _) => return Err(Malformed::Value { what, got: got.into() }),
            };
            ranges.push((size, start));
        }
        Ok(Self { flags, ranges })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.flags.pack(writer);
        writer.u8(0);
        for (size, start) in &self.ranges {
            writer.u24(*size);
            writer.u16(SID_LABEL);
            match start {
                Start::Label(label) => {
                    writer.u16(3);
                    writer.u24(*label);
                }
                Start::Index(index) => {
                    writer.u16(4);
                    writer.u32(*index);
                }
            }
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        self.flags.json(json);
    }

    fn members(&self, key: &'static str, object: &mut json::Object<'_, '_>) {
        self.flags.json(object.field(key));
        self.ranges_json(object.field(SIDS));
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let flags = Flags::parse(pieces)?;
        let mut ranges = Vec::new();
        if pieces.accept(SIDS)? {
            pieces.expect("[")?;
            while !pieces.accept("]")? {
                if !pieces.accept(",")? {
                    ranges.push(Self::parse_range(pieces)?);
                }
            }
        }
        Ok(Self { flags, ranges })
    }
}

impl fmt::Display for SrCapabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {SIDS} [", self.flags)?;
        for (size, start) in &self.ranges {
            match start {
                Start::Index(index) if *index <= LABEL => write!(f, " [ {size} index {index} ]")?,
                start => write!(f, " [ {size} {} ]", start.value())?,
            }
        }
        f.write_str(" ]")
    }
}
