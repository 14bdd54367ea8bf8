//! Software version, draft-abraitis-bgp-version-capability.
//!
//! Wire format: length in 8 bits, then name and version in UTF-8.

use std::fmt;

use super::hostname::utf8_behind_length;
use crate::bgp::message::{Printable, cut};
use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// The longest version, in octets; longer ones are cut with dots at their end.
const VERSION_MAX: usize = 64;

/// What the speaker runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SoftwareVersion(pub Box<str>);

impl Element for SoftwareVersion {
    const NAME: &'static str = "software-version";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let version = utf8_behind_length(reader, "software version")?;
        reader.rest();
        Ok(Self(version.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        let whole = &self.0;
        let (kept, dots) = if whole.len() <= VERSION_MAX {
            (&**whole, "")
        } else {
            (cut(whole, VERSION_MAX - 3), "...")
        };
        let sized = writer.sized_u8(|writer| {
            writer.bytes(kept.as_bytes());
            writer.bytes(dots.as_bytes());
        });
        debug_assert!(sized.is_ok(), "cut to 64 octets");
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| object.field("software").string(&self.0));
    }
}

impl fmt::Display for SoftwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "software({})", Printable(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};
    use super::*;

    #[test]
    fn a_text_behind_its_length() {
        let json = r#"{ "software": "BIRD2.0" }"#;
        check(75, "0742495244322e30", "software(BIRD2.0)", json);
        refuse(75, "");
        refuse(75, "0742");
        refuse(75, "01ff");
    }

    #[test]
    fn long_versions_are_cut() {
        let version = SoftwareVersion("v".repeat(65).into());
        let mut out = Vec::new();
        version.pack(&mut Writer::new(&mut out), &Negotiated::INITIAL);
        assert_eq!(out.len(), 65);
        assert!(out.ends_with(b"v..."));
    }
}
