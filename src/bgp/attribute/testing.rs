//! The questions every attribute is asked: text to octets, octets back, text and JSON from them.

use std::fmt::{Debug, Display};

use crate::bgp::{Element, FromText, Negotiated};
use crate::json::{self, Dialect};
use crate::text::Tokens;
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

use super::Attributes;

/// All faces of one value, whose text reads as it is written.
pub(super) fn check<T>(text: &str, hex: &str, json: &str)
where
    T: Element + FromText + Display + Debug + PartialEq,
{
    check_as::<T>(text, text, hex, json);
}

/// All faces of one value, shown otherwise than it was written.
pub(super) fn check_as<T>(text: &str, shown: &str, hex: &str, json: &str)
where
    T: Element + FromText + Display + Debug + PartialEq,
{
    let value = parse::<T>(text).unwrap();
    assert_eq!(packed(&value).to_ascii_lowercase(), hex, "{text}");
    received::<T>(hex, shown, json);
}

/// The faces of a value that nobody writes.
pub(super) fn received<T>(hex: &str, shown: &str, json: &str)
where
    T: Element + Display + Debug + PartialEq,
{
    let bytes = from_hex(hex).unwrap();
    let value = unpack::<T>(&bytes).unwrap();
    assert_eq!(packed(&value).to_ascii_lowercase(), hex);
    assert_eq!(value.to_string(), shown, "{hex}");
    assert_eq!(rendered(&value, Dialect::V6), json, "{hex}");
    // Nothing shorter or longer is taken for something it is not.
    for length in 0..bytes.len() {
        returns::<T>(&bytes[..length]);
    }
    returns::<T>(&[&bytes[..], &[0]].concat());
}

/// The exact fault of octets that are no `T`.
pub(super) fn refuse<T: Element + Debug>(hex: &str, fault: Malformed) {
    assert_eq!(unpack::<T>(&from_hex(hex).unwrap()).unwrap_err(), fault, "{hex}");
}

/// Texts that are no `T`.
pub(super) fn refuse_texts<T: FromText + Debug>(texts: &[&str]) {
    for text in texts {
        assert!(parse::<T>(text).is_err(), "{text}");
    }
}

/// Reads a whole text.
pub(super) fn parse<T: FromText>(text: &str) -> Result<T, crate::text::Error> {
    let mut tokens = Tokens::line(text);
    let value = T::parse(&mut tokens)?;
    match tokens.surplus()? {
        None => Ok(value),
        Some(span) => Err(crate::text::Error::new(span, "surplus")),
    }
}

/// The JSON of a value.
pub(super) fn rendered(value: &impl Element, dialect: Dialect) -> String {
    let mut out = Vec::new();
    value.json(&mut json::Writer::new(&mut out, dialect));
    String::from_utf8(out).unwrap()
}

fn packed(value: &impl Element) -> String {
    let mut out = Vec::new();
    value.pack(&mut Writer::new(&mut out), &Negotiated::wide());
    Hex(&out).to_string()
}

fn unpack<T: Element>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut reader = Reader::new(bytes);
    let value = T::unpack(&mut reader, &Negotiated::wide())?;
    reader.done(T::NAME)?;
    Ok(value)
}

fn returns<T: Element + Debug>(bytes: &[u8]) {
    if let Ok(value) = unpack::<T>(bytes) {
        assert_eq!(packed(&value), Hex(bytes).to_string(), "{value:?}");
    }
}

/// The set of a line of words.
pub(super) fn set(text: &str) -> Attributes {
    let mut tokens = Tokens::line(text);
    let mut builder = Attributes::builder();
    while !tokens.is_done() {
        let keyword = tokens.word("a keyword").unwrap();
        builder.parse(&keyword, &mut tokens).unwrap().unwrap();
    }
    builder.build()
}
