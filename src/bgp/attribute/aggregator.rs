//! AGGREGATOR, RFC 4271 section 5.1.7: who summarised several routes into this one; and
//! AS4_AGGREGATOR, RFC 6793, which carries the number that two octets cannot hold.
//!
//! Wire format: an AS number, of two octets on sessions without four-octet AS numbers, and an
//! IPv4 address. AS4_AGGREGATOR always has four octets, and is only written beside AGGREGATOR.

use std::fmt;
use std::net::Ipv4Addr;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::protocol::Asn;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::pieces::Pieces;
use super::{Flags, OnFault, Policy};

/// Who summarised several routes into this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Aggregator {
    pub asn: Asn,
    pub address: Ipv4Addr,
}

impl Element for Aggregator {
    const NAME: &'static str = "aggregator";

    fn unpack(reader: &mut Reader<'_>, negotiated: &Negotiated) -> Result<Self, Malformed> {
        let asn = if negotiated.asn4 {
            reader.u32(Self::NAME)?
        } else {
            u32::from(reader.u16(Self::NAME)?)
        };
        Ok(Self { asn: Asn(asn), address: Ipv4Addr::from(reader.array(Self::NAME)?) })
    }

    fn pack(&self, writer: &mut Writer<'_>, negotiated: &Negotiated) {
        if negotiated.asn4 {
            writer.u32(self.asn.0);
        } else {
            writer.u16(self.asn.two_octets());
        }
        writer.bytes(&self.address.octets());
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(&format_args!("{}:{}", self.asn, self.address));
    }
}

impl Policy for Aggregator {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    const ON_FAULT: OnFault = OnFault::Discard;
}

impl FromText for Aggregator {
    const SYNTAX: &'static str = "aggregator ( <AS number>:<IPv4 address> )";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut pieces = Pieces::new(tokens);
        let bracketed = pieces.accept("(")?;
        let piece = pieces.next("an AS number and an address")?;
        let value = piece.text().split_once(':').and_then(|(asn, address)| {
            Some(Self { asn: Asn::from_text(asn)?, address: address.parse().ok()? })
        });
        let value =
            value.ok_or_else(|| piece.fault("is not an AS number, a colon and an IPv4 address"))?;
        if bracketed {
            pieces.expect(")")?;
        }
        pieces.done()?;
        Ok(value)
    }
}

impl fmt::Display for Aggregator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "( {}:{} )", self.asn, self.address)
    }
}

/// The aggregator as seen by speakers of four-octet AS numbers, through one that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct As4Aggregator(pub Aggregator);

impl Element for As4Aggregator {
    const NAME: &'static str = "as4-aggregator";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let asn = Asn(reader.u32(Self::NAME)?);
        Ok(Self(Aggregator { asn, address: Ipv4Addr::from(reader.array(Self::NAME)?) }))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(self.0.asn.0);
        writer.bytes(&self.0.address.octets());
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        self.0.json(json);
    }
}

impl Policy for As4Aggregator {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    const ON_FAULT: OnFault = OnFault::Discard;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;

    fn accepted(negotiated: &Negotiated) -> bool {
        !negotiated.asn4
    }
}

impl fmt::Display for As4Aggregator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_as, received, refuse, refuse_texts};
    use super::*;

    #[test]
    fn brackets_may_be_left_out_or_glued() {
        let (shown, hex, json) =
            ("( 64700:192.0.2.33 )", "0000fcbcc0000221", "\"64700:192.0.2.33\"");
        check::<Aggregator>(shown, hex, json);
        check_as::<Aggregator>("64700:192.0.2.33", shown, hex, json);
        check_as::<Aggregator>("(64700:192.0.2.33)", shown, hex, json);
        check_as::<Aggregator>("( 64700:192.0.2.33)", shown, hex, json);
    }

    #[test]
    fn anything_else_is_refused() {
        refuse::<Aggregator>("fcbcc0000221", Malformed::Short { what: "aggregator" });
        refuse_texts::<Aggregator>(&[
            "( 64496:192.0.2.7",
            "64496:192.0.2.7 )",
            "64496:192.0.2.7)",
            "64496",
            "64496:x",
            "()",
            "",
        ]);
    }

    #[test]
    fn old_sessions_hold_two_octets() {
        let old = Negotiated { asn4: false, ..Negotiated::wide() };
        let wide = Aggregator { asn: Asn(4_200_000_001), address: Ipv4Addr::new(192, 0, 2, 33) };
        let mut out = Vec::new();
        wide.pack(&mut Writer::new(&mut out), &old);
        assert_eq!(out, [0x5b, 0xa0, 192, 0, 2, 33]);
        let back = Aggregator::unpack(&mut Reader::new(&out), &old).unwrap();
        assert_eq!(back.asn, Asn::TRANS);
        received::<As4Aggregator>(
            "fa56ea01c0000221",
            "( 4200000001:192.0.2.33 )",
            "\"4200000001:192.0.2.33\"",
        );
    }
}
