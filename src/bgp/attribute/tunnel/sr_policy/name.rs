//! Names, RFC 9830 sections 2.4.6 and 2.4.7: of a candidate path and of a policy.
//!
//! Wire format: a reserved octet, then text.

use std::fmt;

use crate::bgp::{Element, FromText, Negotiated};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// The name of a candidate path.
pub type CandidatePathName = Name<129>;
/// The name of a policy.
pub type PolicyName = Name<130>;

/// A name, by the type of its sub-TLV.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name<const CODE: u8>(Box<[u8]>);

impl<const CODE: u8> Element for Name<CODE> {
    const NAME: &'static str = match CODE {
        129 => "candidate-path-name",
        _ => "policy-name",
    };

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        reader.u8(Self::NAME)?;
        Ok(Self(reader.rest().into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u8(0);
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.string(&String::from_utf8_lossy(&self.0));
    }
}

impl<const CODE: u8> FromText for Name<CODE> {
    const SYNTAX: &'static str = match CODE {
        129 => "candidate-path-name <name>",
        _ => "policy-name <name>",
    };

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.word("a name").map(|word| Self(word.as_bytes().into()))
    }
}

impl<const CODE: u8> fmt::Display for Name<CODE> {
    /// In quotes where it is not one plain word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A line stays a line, whatever a peer sent.
        let name = String::from_utf8_lossy(&self.0).replace(char::is_control, "?");
        let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.:/".contains(&octet);
        let quote = if !name.is_empty() && name.bytes().all(plain) { "" } else { "\"" };
        write!(f, "{} {quote}{name}{quote}", Self::NAME)
    }
}
