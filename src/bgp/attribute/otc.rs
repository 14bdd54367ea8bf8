//! Only to Customer, RFC 9234: the AS that said that a route may go to customers only, so that it
//! never leaks to a provider or a peer.
//!
//! Wire format: an AS number of four octets. ExaBGP has no decoder for it: in JSON it keeps the
//! key and the octets that consumers know.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::protocol::Asn;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::unknown::Digits;
use super::{Flags, OnFault, Policy};

/// The AS that said that a route may go to customers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OnlyToCustomer(pub Asn);

impl Element for OnlyToCustomer {
    const NAME: &'static str = "otc";
    const KEY: &'static str = "attribute-0x23-0xE0";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.u32(Self::NAME).map(|asn| Self(Asn(asn)))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(self.0.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(&Digits(&self.0.0.to_be_bytes()));
    }
}

impl Policy for OnlyToCustomer {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    // RFC 9234 section 5.
    const ON_FAULT: OnFault = OnFault::Withdraw;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;
}

impl FromText for OnlyToCustomer {
    const SYNTAX: &'static str = "otc <AS number>";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        Asn::parse(tokens).map(Self)
    }
}

impl fmt::Display for OnlyToCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuse, refuse_texts};
    use super::*;

    #[test]
    fn three_faces() {
        check::<OnlyToCustomer>("65001", "0000fde9", "\"0x0000fde9\"");
        check::<OnlyToCustomer>("4200000001", "fa56ea01", "\"0xfa56ea01\"");
    }

    #[test]
    fn anything_else_is_refused() {
        refuse::<OnlyToCustomer>("00fde9", Malformed::Short { what: "otc" });
        refuse::<OnlyToCustomer>("0000fde900", Malformed::Trailing { what: "otc", left: 1 });
        refuse_texts::<OnlyToCustomer>(&["4294967296", "x", ""]);
    }
}
