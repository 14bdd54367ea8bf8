//! ORIGIN, RFC 4271 section 5.1.1: how the first speaker learned the route.
//!
//! Wire format: one octet, 0 to 2.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// How the first speaker learned the route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    #[default]
    Igp,
    Egp,
    Incomplete,
}

impl Origin {
    const ALL: [Self; 3] = [Self::Igp, Self::Egp, Self::Incomplete];

    fn word(self) -> &'static str {
        match self {
            Self::Igp => "igp",
            Self::Egp => "egp",
            Self::Incomplete => "incomplete",
        }
    }

    fn octet(self) -> u8 {
        match self {
            Self::Igp => 0,
            Self::Egp => 1,
            Self::Incomplete => 2,
        }
    }
}

impl Element for Origin {
    const NAME: &'static str = "origin";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octet = reader.u8(Self::NAME)?;
        Self::ALL
            .into_iter()
            .find(|origin| origin.octet() == octet)
            .ok_or_else(|| Malformed::Value { what: Self::NAME, got: u32::from(octet) })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u8(self.octet());
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.string(self.word());
    }
}

impl Policy for Origin {
    const FLAGS: Flags = Flags::WELL_KNOWN;
    const ON_FAULT: OnFault = OnFault::Withdraw;
}

impl FromText for Origin {
    const SYNTAX: &'static str = "origin igp|egp|incomplete";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("an origin")?;
        Self::ALL
            .into_iter()
            .find(|origin| word.eq_ignore_ascii_case(origin.word()))
            .ok_or_else(|| word.fault("is not igp, egp or incomplete"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_as, refuse, refuse_texts};
    use super::*;

    #[test]
    fn three_origins() {
        check::<Origin>("igp", "00", "\"igp\"");
        check_as::<Origin>("EGP", "egp", "01", "\"egp\"");
        check::<Origin>("incomplete", "02", "\"incomplete\"");
    }

    #[test]
    fn no_fourth() {
        refuse::<Origin>("03", Malformed::Value { what: "origin", got: 3 });
        refuse_texts::<Origin>(&["other", "", "0"]);
    }
}
