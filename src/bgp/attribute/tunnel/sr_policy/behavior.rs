//! SRv6 endpoint behavior and SID structure, RFC 9830 section 2.4.4.2.4: what a router does at a
//! SID, and how the SID is made.
//!
//! Wire format: the behavior, two reserved octets, the lengths of locator block, locator node,
//! function and argument.

use std::fmt;

use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// What a router does at a SID, and how the SID is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndpointBehavior {
    /// IANA: SRv6 Endpoint Behaviors.
    pub behavior: u16,
    reserved: u16,
    /// Bits of locator block, locator node, function and argument.
    pub lengths: [u8; 4],
}

impl EndpointBehavior {
    /// The word before it.
    pub(super) const WORD: &'static str = "endpoint-behavior";
    const KEYS: [&'static str; 4] = ["lb-length", "ln-length", "fun-length", "arg-length"];

    /// Reads the words behind `endpoint-behavior`.
    pub(super) fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let behavior = tokens.number_or_hex("a behavior of 16 bits")?;
        let mut lengths = [0; 4];
        for length in &mut lengths {
            *length = tokens.number("a length of 8 bits")?;
        }
        Ok(Self { behavior, reserved: 0, lengths })
    }

    pub(super) fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        Ok(Self {
            behavior: reader.u16(what)?,
            reserved: reader.u16(what)?,
            lengths: reader.array(what)?,
        })
    }

    pub(super) fn pack(&self, writer: &mut Writer<'_>) {
        writer.u16(self.behavior);
        writer.u16(self.reserved);
        writer.bytes(&self.lengths);
    }

    /// Writes the members of the object it is shown in.
    pub(super) fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("behavior").number(self.behavior);
        for (key, bits) in Self::KEYS.iter().zip(self.lengths) {
            object.field(key).number(bits);
        }
    }
}

impl fmt::Display for EndpointBehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:#x}", Self::WORD, self.behavior)?;
        self.lengths.iter().try_for_each(|bits| write!(f, " {bits}"))
    }
}
