//! Link-local next hop, draft-ietf-idr-linklocal-capability.
//!
//! Wire format: no value; one that is there is not looked at.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// A next hop may be a link-local address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkLocalNextHop;

impl Element for LinkLocalNextHop {
    const NAME: &'static str = "link-local-nexthop";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.rest();
        Ok(Self)
    }

    fn pack(&self, _: &mut Writer<'_>, _: &Negotiated) {}

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| object.field("name").string(Self::NAME));
    }
}

impl fmt::Display for LinkLocalNextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("link-local nexthop")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn no_value() {
        check(77, "", "link-local nexthop", r#"{ "name": "link-local-nexthop" }"#);
    }
}
