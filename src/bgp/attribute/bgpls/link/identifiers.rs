//! Link Local/Remote Identifiers, RFC 9552 section 5.2.2: two numbers of 32 bits.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// How each end calls the link.
#[derive(Debug)]
pub(in super::super) struct Identifiers {
    local: u32,
    remote: u32,
}

impl Tlv for Identifiers {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        Ok(Self { local: reader.u32(what)?, remote: reader.u32(what)? })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u32(self.local);
        writer.u32(self.remote);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            object.field("local-id").number(self.local);
            object.field("remote-id").number(self.remote);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut read = Self { local: 0, remote: 0 };
        words::group(pieces, |key, pieces| {
            match key.text() {
                "local-id" => read.local = pieces.number("a number of 32 bits")?,
                "remote-id" => read.remote = pieces.number("a number of 32 bits")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(read)
    }
}

impl fmt::Display for Identifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( local-id {} remote-id {} )", self.local, self.remote)
    }
}
