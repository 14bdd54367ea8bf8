//! Names: UTF-8 of at most 255 octets.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// A name. What is no UTF-8 in it is shown as replacement characters.
#[derive(Debug)]
pub(in super::super) struct Name(Box<[u8]>);

const LONGEST: usize = 255;

impl Tlv for Name {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        match reader.len() {
            0..=LONGEST => Ok(Self(reader.rest().into())),
            got => Err(Malformed::Length { what, got }),
        }
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.string(&String::from_utf8_lossy(&self.0));
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let piece = pieces.next("a name")?;
        if piece.text().len() > LONGEST {
            return Err(piece.fault("is longer than 255 octets"));
        }
        Ok(Self(piece.text().as_bytes().into()))
    }
}

impl fmt::Display for Name {
    /// As a word, or quoted; nothing when no quoted word can say it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = std::str::from_utf8(&self.0).unwrap_or("\\");
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '/');
        let sayable = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        if !text.is_empty() && text.chars().all(plain) {
            f.write_str(text)
        } else if text.chars().all(sayable) {
            write!(f, "\"{text}\"")
        } else {
            Ok(())
        }
    }
}
