//! Host name, draft-walton-bgp-hostname-capability.
//!
//! Wire format: length in 8 bits and host name, length in 8 bits and domain name, in UTF-8.

use std::fmt;

use crate::bgp::message::{Printable, cut};
use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

/// The longest name, in octets; longer ones are cut.
const NAME_MAX: usize = 64;

/// The names of a router. Without a host name the capability is not sent, but still shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HostName {
    pub host: Option<Box<str>>,
    pub domain: Option<Box<str>>,
}

impl Element for HostName {
    const NAME: &'static str = "hostname";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let host = utf8_behind_length(reader, "host name")?;
        let domain = utf8_behind_length(reader, "domain name")?;
        reader.rest();
        Ok(Self { host: Some(host.into()), domain: Some(domain.into()) })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        for name in [&self.host, &self.domain] {
            let name = name.as_deref().unwrap_or_default();
            let name = cut(name, NAME_MAX);
            let sized = writer.sized_u8(|writer| writer.bytes(name.as_bytes()));
            debug_assert!(sized.is_ok(), "cut to 64 octets");
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            for (key, name) in [("host-name", &self.host), ("domain-name", &self.domain)] {
                let json = object.field(key);
                match (name, json.dialect) {
                    (Some(name), _) => json.string(name),
                    (None, json::Dialect::V4) => json.null(),
                    (None, json::Dialect::V6) => json.string(""),
                }
            }
        });
    }
}

/// A UTF-8 text behind its length in one octet.
pub(super) fn utf8_behind_length<'a>(
    reader: &mut Reader<'a>,
    what: &'static str,
) -> Result<&'a str, Malformed> {
    let length = reader.u8(what)?;
    let octets = reader.take(what, usize::from(length))?;
    std::str::from_utf8(octets).map_err(|error| {
        let got = octets.get(error.valid_up_to()).copied().unwrap_or_default();
        Malformed::Value { what, got: got.into() }
    })
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = Printable(self.host.as_deref().unwrap_or("none"));
        let domain = Printable(self.domain.as_deref().unwrap_or("none"));
        write!(f, "hostname({host} {domain})")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};
    use super::*;

    #[test]
    fn two_names() {
        let json = r#"{ "host-name": "core1", "domain-name": "example.net" }"#;
        let hex = "05636f7265310b6578616d706c652e6e6574";
        check(73, hex, "hostname(core1 example.net)", json);
        let json = r#"{ "host-name": "core1", "domain-name": "" }"#;
        check(73, "05636f72653100", "hostname(core1 )", json);
        refuse(73, "0563");
        refuse(73, "05636f726531");
        refuse(73, "02fffe00");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let name = HostName { host: Some("é".repeat(40).into()), domain: None };
        let mut out = Vec::new();
        name.pack(&mut Writer::new(&mut out), &Negotiated::INITIAL);
        assert_eq!(out.len(), 66);
        let read = HostName::unpack(&mut Reader::new(&out), &Negotiated::INITIAL).unwrap();
        assert_eq!(read.host.as_deref(), Some("é".repeat(32).as_str()));
    }

    #[test]
    fn names_of_peers_stay_on_one_line() {
        let name = HostName { host: Some("a\nb".into()), domain: Some("".into()) };
        assert_eq!(name.to_string(), "hostname(a\\nb )");
    }
}
