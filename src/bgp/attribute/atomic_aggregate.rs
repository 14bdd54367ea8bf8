//! ATOMIC_AGGREGATE, RFC 4271 section 5.1.6: numbers were left out of the path.
//!
//! Wire format: nothing; being there is the value.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// Numbers were left out of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AtomicAggregate;

impl Element for AtomicAggregate {
    const NAME: &'static str = "atomic-aggregate";

    fn unpack(_: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Ok(Self)
    }

    fn pack(&self, _: &mut Writer<'_>, _: &Negotiated) {}

    fn json(&self, json: &mut json::Writer<'_>) {
        json.boolean(true);
    }
}

impl Policy for AtomicAggregate {
    const FLAGS: Flags = Flags::WELL_KNOWN;
    const ON_FAULT: OnFault = OnFault::Discard;
    const EMPTY_IS_VALID: bool = true;
}

impl FromText for AtomicAggregate {
    const SYNTAX: &'static str = "atomic-aggregate";

    fn parse(_: &mut Tokens<'_>) -> Result<Self, Error> {
        Ok(Self)
    }
}

impl fmt::Display for AtomicAggregate {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuse};
    use super::*;

    #[test]
    fn being_there_is_the_value() {
        check::<AtomicAggregate>("", "", "true");
        refuse::<AtomicAggregate>("01", Malformed::Trailing { what: "atomic-aggregate", left: 1 });
    }
}
