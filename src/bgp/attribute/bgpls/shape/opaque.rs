//! Octets whose meaning is somebody else's. JSON has the digits alone.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// Octets.
#[derive(Debug)]
pub(in super::super) struct Opaque(Box<[u8]>);

impl Tlv for Opaque {
    fn unpack(reader: &mut Reader<'_>, _: &'static str) -> Result<Self, Malformed> {
        Ok(Self(reader.rest().into()))
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(&words::Digits(&self.0));
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        words::octets(pieces).map(Self)
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::Octets(&self.0).fmt(f)
    }
}
