//! Extended messages, RFC 8654 section 3: up to 65535 octets.
//!
//! Wire format: no value; one that is there is not looked at.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// Messages may be longer than 4096 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExtendedMessage;

impl Element for ExtendedMessage {
    const NAME: &'static str = "extended-message";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.rest();
        Ok(Self)
    }

    fn pack(&self, _: &mut Writer<'_>, _: &Negotiated) {}

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string(Self::NAME);
            object.field("size").number(65535u32);
        });
    }
}

impl fmt::Display for ExtendedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("extended message(65535)")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn no_value() {
        let json = r#"{ "name": "extended-message", "size": 65535 }"#;
        check(6, "", "extended message(65535)", json);
    }
}
