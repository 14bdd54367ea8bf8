//! Four-octet AS numbers, RFC 6793 section 3.
//!
//! Wire format: the AS number in 32 bits; 16 bits are understood as well.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::protocol::Asn;
use crate::wire::{Malformed, Reader, Writer};

/// The AS number of the speaker, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asn4(pub Asn);

impl Element for Asn4 {
    const NAME: &'static str = "asn4";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let asn = match reader.len() {
            2 => u32::from(reader.u16(Self::NAME)?),
            4 => reader.u32(Self::NAME)?,
            got => return Err(Malformed::Length { what: Self::NAME, got }),
        };
        Ok(Self(Asn(asn)))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(self.0.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string(Self::NAME);
            object.field("asn4").number(self.0.0);
        });
    }
}

impl fmt::Display for Asn4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "asn4({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};

    #[test]
    fn four_octets() {
        check(65, "0000fdf2", "asn4(65010)", r#"{ "name": "asn4", "asn4": 65010 }"#);
        refuse(65, "00fdfc");
        refuse(65, "");
        refuse(65, "0000fdf200");
    }
}
