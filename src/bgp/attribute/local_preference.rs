//! LOCAL_PREF, RFC 4271 section 5.1.5: the degree of preference inside one AS.
//!
//! Wire format: a 32-bit number, the higher the better. Sent on internal sessions only.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// The degree of preference inside one AS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalPreference(pub u32);

impl LocalPreference {
    /// What is sent where nothing else was asked for.
    pub const DEFAULT: Self = Self(100);
}

impl Element for LocalPreference {
    const NAME: &'static str = "local-preference";

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

impl Policy for LocalPreference {
    const FLAGS: Flags = Flags::WELL_KNOWN;
    const ON_FAULT: OnFault = OnFault::Withdraw;

    fn on_fault(negotiated: &Negotiated) -> OnFault {
        // RFC 7606 section 7.5: an external peer has no say in it.
        if negotiated.is_internal() { OnFault::Withdraw } else { OnFault::Discard }
    }

    fn sent(negotiated: &Negotiated) -> bool {
        negotiated.is_internal()
    }
}

impl FromText for LocalPreference {
    const SYNTAX: &'static str = "local-preference <32 bits number>";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.number("a number below 4294967296").map(Self)
    }
}

impl fmt::Display for LocalPreference {
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
        check::<LocalPreference>("350", "0000015e", "350");
        check::<LocalPreference>("4294967295", "ffffffff", "4294967295");
    }

    #[test]
    fn anything_else_is_refused() {
        let what = "local-preference";
        refuse::<LocalPreference>("000064", Malformed::Short { what });
        refuse::<LocalPreference>("0000000064", Malformed::Trailing { what, left: 1 });
        refuse_texts::<LocalPreference>(&["4294967296", "x", ""]);
    }
}
