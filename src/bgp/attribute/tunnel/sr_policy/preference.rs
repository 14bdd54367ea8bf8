//! Preference and priority, RFC 9830 sections 2.4.1 and 2.4.5: which candidate path is taken, and
//! which policy is computed again first.
//!
//! Wire format: flags, a reserved octet and 32 bits; 8 bits and a reserved octet.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// How much a candidate path is wanted: the highest is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Preference(pub u32);

impl Element for Preference {
    const NAME: &'static str = "preference";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        // No flag is assigned.
        reader.u16(Self::NAME)?;
        reader.u32(Self::NAME).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u16(0);
        writer.u32(self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.number(self.0);
    }
}

impl FromText for Preference {
    const SYNTAX: &'static str = "preference <32 bits number>";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.number("a number below 4294967296").map(Self)
    }
}

impl fmt::Display for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Self::NAME, self.0)
    }
}

/// The order in which policies are computed again after a change: the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Priority(pub u8);

impl Element for Priority {
    const NAME: &'static str = "priority";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let priority = reader.u8(Self::NAME)?;
        reader.u8(Self::NAME)?;
        Ok(Self(priority))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&[self.0, 0]);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.number(self.0);
    }
}

impl FromText for Priority {
    const SYNTAX: &'static str = "priority <8 bits number>";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.number("a number below 256").map(Self)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Self::NAME, self.0)
    }
}
