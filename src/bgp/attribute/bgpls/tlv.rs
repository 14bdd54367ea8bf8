//! What every TLV of link state has, and how the table of TLVs reaches it.
//!
//! Wire format: type and length of two octets each, and the value (RFC 9552 section 5.1). A TLV is
//! decoded to be checked and to be shown; what is kept and sent are its octets.

use std::fmt::{self, Write as _};

use crate::bgp::attribute::pieces::{Piece, Pieces};
use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// The faces of the value of a TLV. `Display` is its text, which [`Tlv::parse`] reads.
pub(super) trait Tlv: Sized + fmt::Display {
    /// Reads the value, up to the end of `reader`; `what` is its name.
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed>;

    /// Writes the value.
    fn pack(&self, writer: &mut Writer<'_>);

    /// Writes the value as JSON.
    fn json(&self, json: &mut json::Writer<'_>);

    /// Reads the words after the key.
    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error>;

    /// The type that the value is sent under, when it was written under the key of `listed`.
    fn code(&self, listed: u16) -> u16 {
        listed
    }

    /// Writes its members of an object: one, for all but a few.
    fn members(&self, key: &'static str, object: &mut json::Object<'_, '_>) {
        self.json(object.field(key));
    }
}

/// A line of the table of TLVs.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) code: u16,
    /// The JSON key, and the word.
    pub(super) name: &'static str,
    /// Whether it may stand more than once; JSON then has a list.
    pub(super) repeats: bool,
    check: fn(&[u8], &'static str) -> Result<(), Malformed>,
    members: fn(&[u8], &'static str, &mut json::Object<'_, '_>),
    json: fn(&[u8], &mut json::Writer<'_>),
    text: fn(&[u8], &mut String),
    read: fn(&mut Pieces<'_, '_>, u16, &mut Vec<u8>) -> Result<bool, Error>,
}

/// A TLV that stands once.
pub(super) const fn one<T: Tlv>(code: u16, name: &'static str) -> Entry {
    Entry {
        code,
        name,
        repeats: false,
        check: |value, what| decoded::<T>(value, what).map(drop),
        members: |value, key, object| {
            if let Ok(tlv) = decoded::<T>(value, key) {
                tlv.members(key, object);
            }
        },
        json: |value, json| match decoded::<T>(value, "") {
            Ok(tlv) => tlv.json(json),
            Err(_) => json.null(),
        },
        text: |value, out| {
            if let Ok(tlv) = decoded::<T>(value, "") {
                let written = write!(out, "{tlv}");
                debug_assert!(written.is_ok(), "a string takes everything");
            }
        },
        read: |pieces, listed, out| {
            let tlv = T::parse(pieces)?;
            let writer = &mut Writer::new(out);
            writer.u16(tlv.code(listed));
            Ok(writer.sized_u16(|writer| tlv.pack(writer)).is_ok())
        },
    }
}

/// A TLV that may stand more than once.
pub(super) const fn many<T: Tlv>(code: u16, name: &'static str) -> Entry {
    Entry { repeats: true, ..one::<T>(code, name) }
}

fn decoded<T: Tlv>(value: &[u8], what: &'static str) -> Result<T, Malformed> {
    let mut reader = Reader::new(value);
    let tlv = T::unpack(&mut reader, what)?;
    reader.done(what)?;
    Ok(tlv)
}

impl Entry {
    /// The line of a type.
    pub(super) fn of(table: &'static [Self], code: u16) -> Option<&'static Self> {
        let at = table.binary_search_by_key(&code, |entry| entry.code).ok()?;
        table.get(at)
    }

    /// Whether the value can be read.
    pub(super) fn check(&self, value: &[u8]) -> Result<(), Malformed> {
        (self.check)(value, self.name)
    }

    /// Its members, of a TLV that stands once.
    pub(super) fn members(&self, value: &[u8], object: &mut json::Object<'_, '_>) {
        (self.members)(value, self.name, object);
    }

    /// Its value as JSON.
    pub(super) fn json(&self, value: &[u8], json: &mut json::Writer<'_>) {
        (self.json)(value, json);
    }

    /// Reads the words after `key` and appends the whole TLV.
    pub(super) fn read(
        &self,
        key: &Piece<'_>,
        pieces: &mut Pieces<'_, '_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if (self.read)(pieces, self.code, out)? { Ok(()) } else { Err(too_long(key)) }
    }

    /// Its words, when they are read as these octets and no others.
    pub(super) fn words(&self, value: &[u8]) -> Option<String> {
        let mut words = String::new();
        (self.text)(value, &mut words);
        let mut back = Vec::with_capacity(value.len() + HEADER);
        let mut tokens = Tokens::line(&words);
        let mut pieces = Pieces::new(&mut tokens);
        let whole = (self.read)(&mut pieces, self.code, &mut back).ok()?;
        let used = pieces.is_drained() && tokens.is_done();
        let mut tlv = Vec::with_capacity(value.len() + HEADER);
        write(&mut tlv, self.code, value);
        (whole && used && back == tlv).then_some(words)
    }
}

/// The octets before a value.
const HEADER: usize = 4;

/// The fault of a key whose value is longer than its length can say.
#[cold]
pub(super) fn too_long(key: &Piece<'_>) -> Error {
    key.fault("is longer than a TLV can be")
}

/// Appends a TLV; false, and nothing, when the value is too long.
pub(in crate::bgp) fn write(out: &mut Vec<u8>, code: u16, value: &[u8]) -> bool {
    let start = out.len();
    let writer = &mut Writer::new(out);
    writer.u16(code);
    let written = writer.sized_u16(|writer| writer.bytes(value)).is_ok();
    if !written {
        writer.truncate(start);
    }
    written
}

/// The next TLV of `reader`: its type and its value.
pub(in crate::bgp) fn next<'a>(
    reader: &mut Reader<'a>,
    what: &'static str,
) -> Result<(u16, &'a [u8]), Malformed> {
    let code = reader.u16(what)?;
    let length = reader.u16(what)?;
    Ok((code, reader.take(what, usize::from(length))?))
}

/// The TLVs of octets that were checked.
pub(in crate::bgp) fn walk(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut reader = Reader::new(bytes);
    std::iter::from_fn(move || next(&mut reader, "").ok())
}
