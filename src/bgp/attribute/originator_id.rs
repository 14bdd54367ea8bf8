//! ORIGINATOR_ID, RFC 4456 section 8: who brought the route into the AS, as reflectors say.
//!
//! Wire format: a router identifier, four octets.

use std::fmt;
use std::net::Ipv4Addr;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// Who brought the route into the AS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OriginatorId(pub Ipv4Addr);

impl Element for OriginatorId {
    const NAME: &'static str = "originator-id";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.array(Self::NAME).map(|octets| Self(Ipv4Addr::from(octets)))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&self.0.octets());
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.ipv4(self.0);
    }
}

impl Policy for OriginatorId {
    const FLAGS: Flags = Flags::OPTIONAL;
    const ON_FAULT: OnFault = OnFault::Withdraw;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;

    fn on_fault(negotiated: &Negotiated) -> OnFault {
        // RFC 7606 section 7.9: an external peer has no say in it.
        if negotiated.is_internal() { OnFault::Withdraw } else { OnFault::Discard }
    }
}

impl FromText for OriginatorId {
    const SYNTAX: &'static str = "originator-id <IPv4 address>";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.ipv4().map(Self)
    }
}

impl fmt::Display for OriginatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuse, refuse_texts};
    use super::*;

    #[test]
    fn three_faces() {
        check::<OriginatorId>("192.0.2.200", "c00002c8", "\"192.0.2.200\"");
    }

    #[test]
    fn anything_else_is_refused() {
        refuse::<OriginatorId>("c00002", Malformed::Short { what: "originator-id" });
        refuse_texts::<OriginatorId>(&["::1", "192.0.2.700", "5", ""]);
    }
}
