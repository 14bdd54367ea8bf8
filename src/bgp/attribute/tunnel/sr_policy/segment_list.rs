//! A segment list, RFC 9830 section 2.4.4: one path, and its share of the traffic.
//!
//! Wire format: a reserved octet, then sub-sub-TLVs of type, length (8 bits) and value: a weight,
//! and segments in the order of the path.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::segment::BOTTOM;
use super::{Opaque, Segment};

const WEIGHT: u8 = 9;

/// One path, and its share of the traffic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SegmentList {
    reserved: u8,
    parts: Vec<Part>,
}

/// What a segment list is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Flags and a reserved octet, of which none is assigned, and the share.
    Weight(u16, u32),
    Segment(Segment),
    Unknown(Opaque),
}

impl Part {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let what = SegmentList::NAME;
        let code = reader.u8(what)?;
        let length = reader.u8(what)?;
        let mut value = reader.sub(what, usize::from(length))?;
        let part = match code {
            WEIGHT => Self::Weight(value.u16(what)?, value.u32(what)?),
            code if Segment::is(code) => Self::Segment(Segment::unpack(code, &mut value)?),
            code => Self::Unknown(Opaque { code, value: value.rest().into() }),
        };
        value.done(what)?;
        Ok(part)
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        let (code, value): (u8, &dyn Fn(&mut Writer<'_>)) = match self {
            Self::Weight(flags, weight) => (WEIGHT, &|writer| {
                writer.u16(*flags);
                writer.u32(*weight);
            }),
            Self::Segment(segment) => (segment.code(), &|writer| segment.pack(writer)),
            Self::Unknown(octets) => (octets.code, &|writer| writer.bytes(octets.bytes())),
        };
        writer.u8(code);
        let sized = writer.sized_u8(value);
        debug_assert!(sized.is_ok(), "read from as many octets, or refused when written");
    }
}

impl SegmentList {
    /// What it is made of, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The share of the traffic, against that of the other lists: 1 when none is told.
    pub fn weight(&self) -> u32 {
        let weight = self.parts.iter().rev().find_map(|part| match part {
            Part::Weight(_, weight) => Some(*weight),
            Part::Segment(_) | Part::Unknown(_) => None,
        });
        weight.unwrap_or(1)
    }

    /// The path.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.parts.iter().filter_map(|part| match part {
            Part::Segment(segment) => Some(segment),
            Part::Weight(..) | Part::Unknown(_) => None,
        })
    }

    /// Marks the bottom of the label stack.
    fn mark_bottom(&mut self) {
        let last = self.parts.iter_mut().rev().find_map(|part| match part {
            Part::Segment(segment) => segment.entry(),
            Part::Weight(..) | Part::Unknown(_) => None,
        });
        if let Some(entry) = last {
            *entry |= BOTTOM;
        }
    }

    /// The path as ExaBGP tells it in text.
    pub(super) fn brief(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} weight {} [", Self::NAME, self.weight())?;
        for (index, segment) in self.segments().enumerate() {
            f.write_str(if index == 0 { "" } else { " " })?;
            segment.brief(f)?;
        }
        f.write_str("]")
    }
}

impl Element for SegmentList {
    const NAME: &'static str = "segment-list";
    const KEY: &'static str = "segment-lists";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let reserved = reader.u8(Self::NAME)?;
        let mut parts = Vec::new();
        while !reader.is_empty() {
            parts.push(Part::read(reader)?);
        }
        Ok(Self { reserved, parts })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u8(self.reserved);
        self.parts.iter().for_each(|part| part.pack(writer));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("weight").number(self.weight());
            let json = object.field("segments");
            json.list(|list| self.segments().for_each(|each| each.json(list.element())));
            for (index, part) in self.parts.iter().enumerate() {
                let Part::Unknown(octets) = part else { continue };
                let same = |before: &Part| {
                    matches!(before, Part::Unknown(before) if before.code == octets.code)
                };
                if !self.parts.iter().take(index).any(same) {
                    octets.json(object.field(&octets.key()));
                }
            }
        });
    }
}

impl FromText for SegmentList {
    const SYNTAX: &'static str = "segment-list weight <32 bits number> segment <type> … …";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut list = Self { reserved: 0, parts: Vec::new() };
        loop {
            if tokens.accept("weight") {
                list.parts.push(Part::Weight(0, tokens.number("a number below 4294967296")?));
            } else if tokens.accept("segment") {
                list.parts.push(Part::Segment(Segment::parse(tokens)?));
            } else {
                break;
            }
        }
        if list.parts.is_empty() {
            return Err(tokens.missing("weight or segment"));
        }
        list.mark_bottom();
        Ok(list)
    }
}

impl fmt::Display for SegmentList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::NAME)?;
        for part in &self.parts {
            match part {
                Part::Weight(_, weight) => write!(f, " weight {weight}")?,
                Part::Segment(segment) => write!(f, " {segment}")?,
                Part::Unknown(octets) => write!(f, " {octets}")?,
            }
        }
        Ok(())
    }
}
