//! Operational messages, draft-ietf-idr-operational-message: a code only ExaBGP uses.
//!
//! Wire format: no value; one that is there is not looked at.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// OPERATIONAL messages are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operational;

impl Element for Operational {
    const NAME: &'static str = "operational";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.rest();
        Ok(Self)
    }

    fn pack(&self, _: &mut Writer<'_>, _: &Negotiated) {}

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| object.field("name").string(Self::NAME));
    }
}

impl fmt::Display for Operational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("operational")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn no_value() {
        check(185, "", "operational", r#"{ "name": "operational" }"#);
    }
}
