//! IS-IS Area Identifier, RFC 9552 section 5.3.1.2.
//!
//! JSON has the octets as one number, in a string. Text has them as they are, since a number does
//! not tell how many zeroes stood before it; a number is read as well.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// An area: one to sixteen octets. ISO 10589 allows 13.
#[derive(Debug)]
pub(in super::super) struct Area(Box<[u8]>);

impl Area {
    const LONGEST: usize = 16;

    fn number(&self) -> u128 {
        self.0.iter().fold(0, |number, octet| number << 8 | u128::from(*octet))
    }
}

impl Tlv for Area {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        match reader.len() {
            1..=Self::LONGEST => Ok(Self(reader.rest().into())),
            got => Err(Malformed::Length { what, got }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(&self.number());
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let piece = pieces.next("an area")?;
        let octets = match piece.text().strip_prefix("0x") {
            Some(digits) => crate::wire::from_hex(digits).ok(),
            None => piece.number::<u128>().map(|number| {
                let octets = number.to_be_bytes();
                let zeroes = octets.iter().take_while(|octet| **octet == 0).count();
                octets.get(zeroes.min(octets.len() - 1)..).unwrap_or_default().to_vec()
            }),
        };
        match octets {
            Some(octets) if (1..=Self::LONGEST).contains(&octets.len()) => Ok(Self(octets.into())),
            _ => Err(piece.fault("is no area: a number, or 0x and one to sixteen octets")),
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::Octets(&self.0).fmt(f)
    }
}
