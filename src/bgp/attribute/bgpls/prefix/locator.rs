//! SRv6 Locator, RFC 9514 section 5.1: flags, algorithm, two reserved octets, the metric, and TLVs
//! of which none is defined.

use std::fmt;

use crate::bgp::attribute::bgpls::SUB_TLVS;
use crate::bgp::attribute::bgpls::shape::{Bits, Flags};
use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

#[derive(Debug)]
struct LocatorBits;

impl Bits for LocatorBits {
    const NAMES: &'static [&'static str] = &["D"];
}

/// A locator under one algorithm.
#[derive(Debug)]
pub(in super::super) struct Locator {
    flags: Flags<LocatorBits>,
    algorithm: u8,
    metric: u32,
    tlvs: Vec<u8>,
}

impl Tlv for Locator {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let flags = Flags::read(reader, what)?;
        let algorithm = reader.u8(what)?;
        reader.u16(what)?;
        let metric = reader.u32(what)?;
        let tlvs = reader.rest();
        SUB_TLVS.check(tlvs, what)?;
        Ok(Self { flags, algorithm, metric, tlvs: tlvs.into() })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.flags.pack(writer);
        writer.u8(self.algorithm);
        writer.u16(0);
        writer.u32(self.metric);
        writer.bytes(&self.tlvs);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            self.flags.json(object.field("flags"));
            object.field("algorithm").number(self.algorithm);
            object.field("metric").number(self.metric);
            SUB_TLVS.members(&self.tlvs, object);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut read = Self { flags: Flags::default(), algorithm: 0, metric: 0, tlvs: Vec::new() };
        words::group(pieces, |key, pieces| {
            match key.text() {
                "flags" => read.flags = Flags::parse(pieces)?,
                "algorithm" => read.algorithm = pieces.number("a number of 8 bits")?,
                "metric" => read.metric = pieces.number("a number of 32 bits")?,
                _ => return SUB_TLVS.read(key, pieces, &mut read.tlvs),
            }
            Ok(true)
        })?;
        Ok(read)
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flags, algorithm, metric, tlvs } = self;
        write!(f, "( flags {flags} algorithm {algorithm} metric {metric}")?;
        SUB_TLVS.show(tlvs, f)?;
        f.write_str(" )")
    }
}
