//! Multisession, draft-ietf-idr-bgp-multisession section 4, and its code at Cisco.
//!
//! Wire format: an octet of flags, then the codes of the capabilities whose values tell sessions
//! apart. ExaBGP writes the flags and the code as two capabilities of one octet each, which reads
//! as no code at all: the same as multiprotocol alone.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// The codes that tell sessions apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MultiSession(pub Vec<u8>);

/// The same under the code that Cisco used before there was one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CiscoMultiSession(pub MultiSession);

impl MultiSession {
    /// The codes, sorted; none means multiprotocol.
    pub fn session_id(&self) -> Vec<u8> {
        let mut codes = if self.0.is_empty() { vec![MULTIPROTOCOL] } else { self.0.clone() };
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Adds the codes of a repetition that are new.
    pub(super) fn merge(&mut self, other: &Self) {
        for code in &other.0 {
            if !self.0.contains(code) {
                self.0.push(*code);
            }
        }
    }

    fn variant(&self, name: &str, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string("multisession");
            object.field("variant").string(name);
            object.field("capabilities").list(|list| {
                for code in &self.0 {
                    match super::Capability::KNOWN.iter().find(|(known, _)| known == code) {
                        Some((_, name)) => list.element().string(name),
                        None => list.element().display(code),
                    }
                }
            });
        });
    }
}

/// The code that tells sessions apart when none is said.
const MULTIPROTOCOL: u8 = 1;

impl Element for MultiSession {
    const NAME: &'static str = "multi-session";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let codes = reader.rest().get(1..).unwrap_or_default();
        Ok(Self(codes.to_vec()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u8(0);
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        self.variant("RFC", json);
    }
}

impl Element for CiscoMultiSession {
    // The spelling is the one that consumers know.
    const NAME: &'static str = "cisco-multi-sesion";

    fn unpack(reader: &mut Reader<'_>, negotiated: &Negotiated) -> Result<Self, Malformed> {
        MultiSession::unpack(reader, negotiated).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>, negotiated: &Negotiated) {
        self.0.pack(writer, negotiated);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        self.0.variant("Cisco", json);
    }
}

impl fmt::Display for MultiSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("multisession (rfc) ")?;
        codes(&self.0, f)
    }
}

impl fmt::Display for CiscoMultiSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("multisession ")?;
        codes(&self.0.0, f)
    }
}

fn codes(codes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, code) in codes.iter().enumerate() {
        write!(f, "{}{code}", if index == 0 { "" } else { " " })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn flags_then_codes() {
        let json = r#"{ "name": "multisession", "variant": "RFC", "capabilities": [ ] }"#;
        check(68, "00", "multisession (rfc) ", json);
        let json = concat!(
            r#"{ "name": "multisession", "variant": "Cisco", "#,
            r#""capabilities": [ "multiprotocol" ] }"#
        );
        check(131, "0001", "multisession 1", json);
    }

    #[test]
    fn no_code_means_multiprotocol() {
        assert_eq!(MultiSession::default().session_id(), [1]);
        assert_eq!(MultiSession(vec![2, 1, 2]).session_id(), [1, 2]);
    }
}
