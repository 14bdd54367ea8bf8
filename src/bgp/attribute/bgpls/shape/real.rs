//! Bandwidths: IEEE 754 numbers of 32 bits, in octets a second.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// A bandwidth.
#[derive(Debug)]
pub(in super::super) struct Real(f32);

impl Tlv for Real {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        reader.array(what).map(f32::from_be_bytes).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0.to_be_bytes());
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.float(self.0.into());
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        words::real(pieces).map(Self)
    }
}

impl fmt::Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The bandwidth of each of eight priorities.
#[derive(Debug)]
pub(in super::super) struct Reals([Real; 8]);

impl Tlv for Reals {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let mut reals = [const { Real(0.0) }; 8];
        for real in &mut reals {
            *real = Real::unpack(reader, what)?;
        }
        Ok(Self(reals))
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.0.iter().for_each(|real| real.pack(writer));
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_list(|list| self.0.iter().for_each(|real| real.json(list.element())));
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut reals = [const { Real(0.0) }; 8];
        pieces.expect("[")?;
        for real in &mut reals {
            pieces.accept(",")?;
            *real = Real::parse(pieces)?;
        }
        pieces.accept(",")?;
        pieces.expect("]")?;
        Ok(Self(reals))
    }
}

impl fmt::Display for Reals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::show(f, &self.0)
    }
}
