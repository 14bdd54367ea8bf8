//! An attribute that no decoder knows, or that was written octet by octet.
//!
//! Text: `attribute [ 0xCODE 0xFLAGS 0xDATA ]`. JSON: a key made of code and flags, and the
//! octets. It takes the place of its code in a set, whatever that code means.

use std::fmt;

use crate::bgp::FromText;
use crate::json;
use crate::text::{Error, Tokens, Word};
use crate::wire::from_hex;

use super::Flags;

/// Code, flags and value as they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown {
    pub code: u8,
    pub flags: Flags,
    pub value: Box<[u8]>,
}

impl Unknown {
    /// The word in configurations and commands.
    pub const NAME: &'static str = "attribute";

    /// As kept when received: marked as passed on without being understood.
    pub fn received(code: u8, flags: Flags, value: &[u8]) -> Self {
        Self { code, flags: Flags(flags.0 | Flags::PARTIAL), value: value.into() }
    }

    /// The value.
    pub fn bytes(&self) -> &[u8] {
        &self.value
    }

    /// The JSON key.
    pub fn key(&self) -> String {
        format!("attribute-0x{:02X}-0x{:02X}", self.code, self.flags.0)
    }

    /// Writes the value as JSON.
    pub fn json(&self, json: &mut json::Writer<'_>) {
        json.display(&Digits(&self.value));
    }
}

impl FromText for Unknown {
    const SYNTAX: &'static str = "attribute [ 0x<code> 0x<flags> 0x<value> ]";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        tokens.expect("[")?;
        let code = octet(&tokens.word("the code of the attribute")?)?;
        let flags = octet(&tokens.word("the flags of the attribute")?)?;
        let word = tokens.word("the value of the attribute")?;
        let value = octets(&word)?;
        if u16::try_from(value.len()).is_err() {
            return Err(word.fault("is longer than an attribute can be"));
        }
        tokens.expect("]")?;
        Ok(Self { code, flags: Flags(flags), value: value.into() })
    }
}

fn octet(word: &Word<'_>) -> Result<u8, Error> {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    digits
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        .ok_or_else(|| word.fault("is not an octet in hexadecimal, 0x00 to 0xff"))
}

fn octets(word: &Word<'_>) -> Result<Vec<u8>, Error> {
    word.strip_prefix("0x")
        .or_else(|| word.strip_prefix("0X"))
        .and_then(|digits| from_hex(digits).ok())
        .ok_or_else(|| word.fault("is not 0x and pairs of hexadecimal digits"))
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[ 0x{:02X} 0x{:02X} {} ]", self.code, self.flags.0, Digits(&self.value))
    }
}

/// `0x` and lower-case digits.
#[derive(Debug)]
pub(super) struct Digits<'a>(pub(super) &'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octet_by_octet() {
        let text = "[ 0x99 0xC0 0x0a0b ]";
        let unknown = Unknown::parse(&mut Tokens::line(text)).unwrap();
        let value = Box::from([0x0a, 0x0b]);
        assert_eq!(unknown, Unknown { code: 0x99, flags: Flags(0xc0), value });
        assert_eq!(unknown.to_string(), text);
        assert_eq!(Unknown::parse(&mut Tokens::line("[0x99 0xc0 0x]")).unwrap().value.len(), 0);
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "0x99",
            "[ 153 0xc0 0x01 ]",
            "[ 0x99 0xc0 0x012 ]",
            "[ 0x199 0xc0 0x01 ]",
            "[ 0x99 0xc0 0x0g ]",
            "[ 0x99 0xc0 0x01",
            "[ 0x99 0xc0 ]",
            "[ 0x 0xc0 0x01 ]",
        ] {
            assert!(Unknown::parse(&mut Tokens::line(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_was_not_understood_is_marked() {
        let unknown = Unknown::received(0x63, Flags(0xcf), &[1]);
        assert_eq!(unknown.key(), "attribute-0x63-0xEF");
    }
}
