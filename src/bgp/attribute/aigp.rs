//! AIGP, RFC 7311: the metric of the path inside the ASes of one administration.
//!
//! Wire format: TLVs of type, length (header included) and value; type 1 holds the metric, 64
//! bits, and the first of them counts. Sent on internal sessions and where it is enabled, taken
//! only where it is enabled.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// The metric of the path inside the ASes of one administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Aigp(pub u64);

impl Aigp {
    const TYPE: u8 = 1;
    const LENGTH: u16 = 11;
    const HEADER: usize = 3;
}

impl Element for Aigp {
    const NAME: &'static str = "aigp";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let what = Self::NAME;
        let mut metric = None;
        while !reader.is_empty() {
            let kind = reader.u8(what)?;
            let length = reader.u16(what)?;
            let got = usize::from(length);
            let value = got.checked_sub(Self::HEADER).ok_or(Malformed::Length { what, got })?;
            let mut value = reader.sub(what, value)?;
            if kind == Self::TYPE && metric.is_none() {
                if length != Self::LENGTH {
                    return Err(Malformed::Length { what, got });
                }
                metric = Some(value.u64(what)?);
            }
        }
        metric.map(Self).ok_or(Malformed::Short { what })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u8(Self::TYPE);
        writer.u16(Self::LENGTH);
        writer.u64(self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Policy for Aigp {
    const FLAGS: Flags = Flags::OPTIONAL;
    // RFC 7311 section 3.2.
    const ON_FAULT: OnFault = OnFault::Discard;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;

    fn sent(negotiated: &Negotiated) -> bool {
        negotiated.aigp || negotiated.is_internal()
    }

    fn accepted(negotiated: &Negotiated) -> bool {
        negotiated.aigp
    }
}

impl FromText for Aigp {
    const SYNTAX: &'static str = "aigp <64 bits number, decimal or 0x…>";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.number_or_hex("a number of 64 bits").map(Self)
    }
}

impl fmt::Display for Aigp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_as, refuse, refuse_texts};
    use super::*;

    #[test]
    fn three_faces() {
        let (shown, hex) = ("0x00000000000003e8", "01000b00000000000003e8");
        check::<Aigp>(shown, hex, "\"0x00000000000003e8\"");
        check_as::<Aigp>("1000", shown, hex, "\"0x00000000000003e8\"");
        check_as::<Aigp>("0x3E8", shown, hex, "\"0x00000000000003e8\"");
    }

    #[test]
    fn other_tlvs_are_passed_over() {
        let bytes = crate::wire::from_hex("02000500ff01000b00000000000003e8").unwrap();
        let aigp = Aigp::unpack(&mut Reader::new(&bytes), &Negotiated::wide());
        assert_eq!(aigp, Ok(Aigp(1000)));
    }

    #[test]
    fn anything_else_is_refused() {
        let what = "aigp";
        refuse::<Aigp>("01000a000000000003e8", Malformed::Length { what, got: 10 });
        refuse::<Aigp>("010002", Malformed::Length { what, got: 2 });
        refuse::<Aigp>("01000b000000000000", Malformed::Short { what });
        refuse::<Aigp>("02000500ff", Malformed::Short { what });
        refuse_texts::<Aigp>(&["18446744073709551616", "-1", "0x", "x"]);
    }
}
