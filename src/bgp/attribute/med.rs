//! MULTI_EXIT_DISC, RFC 4271 section 5.1.4: which of several links to an AS is preferred.
//!
//! Wire format: a 32-bit number, the lower the better.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// The metric of a link to an AS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Med(pub u32);

impl Element for Med {
    const NAME: &'static str = "med";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.u32(Self::NAME).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.number(self.0);
    }
}

impl Policy for Med {
    const FLAGS: Flags = Flags::OPTIONAL;
    const ON_FAULT: OnFault = OnFault::Withdraw;
}

impl FromText for Med {
    const SYNTAX: &'static str = "med <32 bits number>";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.number("a number below 4294967296").map(Self)
    }
}

impl fmt::Display for Med {
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
        check::<Med>("4000000000", "ee6b2800", "4000000000");
        check::<Med>("0", "00000000", "0");
    }

    #[test]
    fn anything_else_is_refused() {
        refuse::<Med>("000001", Malformed::Short { what: "med" });
        refuse::<Med>("0000000001", Malformed::Trailing { what: "med", left: 1 });
        refuse_texts::<Med>(&["4294967296", "-1", "x", ""]);
    }
}
