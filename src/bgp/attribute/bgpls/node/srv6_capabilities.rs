//! SRv6 Capabilities, RFC 9514 section 3.1: flags of two octets, of which the second is O, and two
//! reserved octets.

use std::fmt;

use crate::bgp::attribute::bgpls::shape::{Bits, Flags};
use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

#[derive(Debug)]
struct CapabilityBits;

impl Bits for CapabilityBits {
    const NAMES: &'static [&'static str] = &["", "O"];
    const OCTETS: usize = 2;
    const RESERVED: bool = false;
}

/// What a node does with segments in IPv6.
#[derive(Debug)]
pub(in super::super) struct Srv6Capabilities(Flags<CapabilityBits>);

impl Tlv for Srv6Capabilities {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let flags = Flags::read(reader, what)?;
        reader.u16(what)?;
        Ok(Self(flags))
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.0.pack(writer);
        writer.u16(0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| self.0.json(object.field("flags")));
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut flags = Flags::default();
        words::group(pieces, |key, pieces| {
            let known = key.text() == "flags";
            if known {
                flags = Flags::parse(pieces)?;
            }
            Ok(known)
        })?;
        Ok(Self(flags))
    }
}

impl fmt::Display for Srv6Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( flags {} )", self.0)
    }
}
