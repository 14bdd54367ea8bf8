//! Delay, loss and variation of a link, RFC 8571.
//!
//! Wire format: words of 32 bits, of which the lowest 24 are the number; the highest bit of the
//! first tells that the value is out of its usual range.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// A number of 24 bits, and whether it is unusual.
#[derive(Clone, Copy, Debug, Default)]
struct Measure {
    number: u32,
    anomalous: bool,
}

const LARGEST: u32 = 0xff_ffff;
const ANOMALOUS: &str = "anomalous";

impl Measure {
    const ANOMALOUS: u32 = 0x8000_0000;

    fn read(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let word = reader.u32(what)?;
        Ok(Self { number: word & LARGEST, anomalous: word & Self::ANOMALOUS != 0 })
    }

    fn pack(self, writer: &mut Writer<'_>) {
        writer.u32(self.number | if self.anomalous { Self::ANOMALOUS } else { 0 });
    }
}

fn number(pieces: &mut Pieces<'_, '_>) -> Result<u32, Error> {
    let piece = pieces.next("a number of 24 bits")?;
    let number = piece.number().filter(|number| *number <= LARGEST);
    number.ok_or_else(|| piece.fault("is not a number of 24 bits"))
}

/// Unidirectional Link Delay: microseconds.
#[derive(Debug)]
pub(in super::super) struct Delay(Measure);

impl Tlv for Delay {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        Measure::read(reader, what).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.0.pack(writer);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            object.field("delay-us").number(self.0.number);
            object.field(ANOMALOUS).boolean(self.0.anomalous);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut measure = Measure::default();
        words::group(pieces, |key, pieces| {
            match key.text() {
                "delay-us" => measure.number = number(pieces)?,
                ANOMALOUS => measure.anomalous = words::boolean(pieces)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self(measure))
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( delay-us {} {ANOMALOUS} {} )", self.0.number, self.0.anomalous)
    }
}

/// Min/Max Unidirectional Link Delay: microseconds.
#[derive(Debug)]
pub(in super::super) struct DelayRange {
    least: Measure,
    most: u32,
}

impl Tlv for DelayRange {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let least = Measure::read(reader, what)?;
        Ok(Self { least, most: reader.u32(what)? & LARGEST })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.least.pack(writer);
        writer.u32(self.most);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            object.field("min-delay-us").number(self.least.number);
            object.field("max-delay-us").number(self.most);
            object.field(ANOMALOUS).boolean(self.least.anomalous);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut range = Self { least: Measure::default(), most: 0 };
        words::group(pieces, |key, pieces| {
            match key.text() {
                "min-delay-us" => range.least.number = number(pieces)?,
                "max-delay-us" => range.most = number(pieces)?,
                ANOMALOUS => range.least.anomalous = words::boolean(pieces)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(range)
    }
}

impl fmt::Display for DelayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least: Measure { number, anomalous }, most } = self;
        write!(f, "( min-delay-us {number} max-delay-us {most} {ANOMALOUS} {anomalous} )")
    }
}

/// Unidirectional Delay Variation: microseconds.
#[derive(Debug)]
pub(in super::super) struct Variation(u32);

impl Tlv for Variation {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        Ok(Self(reader.u32(what)? & LARGEST))
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u32(self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.number(self.0);
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        number(pieces).map(Self)
    }
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Unidirectional Link Loss: in steps of 0.000003 percent.
#[derive(Debug)]
pub(in super::super) struct Loss(Measure);

impl Loss {
    const STEP: f64 = 0.000_003;

    fn percent(&self) -> f64 {
        f64::from(self.0.number) * Self::STEP
    }

    /// The nearest number of steps, by halving: no float is cut to an integer.
    fn steps(percent: f64) -> Option<u32> {
        let wanted = percent / Self::STEP;
        if !(-0.5..f64::from(LARGEST) + 0.5).contains(&wanted) {
            return None;
        }
        let bits = (0..24).rev().map(|bit| 1u32 << bit);
        Some(bits.fold(
            0,
            |steps, bit| {
                if f64::from(steps | bit) <= wanted + 0.5 { steps | bit } else { steps }
            },
        ))
    }
}

impl Tlv for Loss {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        Measure::read(reader, what).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.0.pack(writer);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_object(|object| {
            object.field("loss-percent").float(self.percent());
            object.field(ANOMALOUS).boolean(self.0.anomalous);
        });
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut measure = Measure::default();
        words::group(pieces, |key, pieces| {
            match key.text() {
                "loss-percent" => {
                    let steps = Self::steps(words::real(pieces)?);
                    measure.number = steps.ok_or_else(|| key.fault("is above 50.331645"))?;
                }
                ANOMALOUS => measure.anomalous = words::boolean(pieces)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self(measure))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( loss-percent {:.6} {ANOMALOUS} {} )", self.percent(), self.0.anomalous)
    }
}
