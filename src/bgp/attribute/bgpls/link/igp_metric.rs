//! IGP Metric, RFC 9552 section 5.3.2.4: one octet for the small metrics of IS-IS, two for OSPF,
//! three for the wide metrics of IS-IS.
//!
//! Text: a number, which is sent in three octets, or hexadecimal digits, which say how many.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer, from_hex};

/// A metric and the octets it takes.
#[derive(Debug)]
pub(in super::super) struct IgpMetric(Box<[u8]>);

impl IgpMetric {
    const WIDE: usize = 3;

    fn number(&self) -> u32 {
        self.0.iter().fold(0, |number, octet| number << 8 | u32::from(*octet))
    }
}

impl Tlv for IgpMetric {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        match reader.len() {
            1..=Self::WIDE => Ok(Self(reader.rest().into())),
            got => Err(Malformed::Length { what, got }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.number(self.number());
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let piece = pieces.next("a metric")?;
        let octets: Option<Box<[u8]>> = match piece.text().strip_prefix("0x") {
            Some(digits) => from_hex(digits).ok().map(Into::into),
            None => piece.number::<u32>().and_then(|number| match number.to_be_bytes() {
                [0, wide @ ..] => Some(Box::from(wide)),
                _ => None,
            }),
        };
        let octets = octets.filter(|octets| (1..=Self::WIDE).contains(&octets.len()));
        octets.map(Self).ok_or_else(|| piece.fault("is no metric of one to three octets"))
    }
}

impl fmt::Display for IgpMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() == Self::WIDE {
            self.number().fmt(f)
        } else {
            words::Octets(&self.0).fmt(f)
        }
    }
}
