//! The segments at the end of adjacency and prefix SIDs, RFC 9085 sections 2.2 and 2.3.
//!
//! Wire format: with flags V and L set labels of three octets, with neither indexes of four. With
//! one of them, or where less than a segment is left, the octets are kept.

use std::fmt;

use crate::bgp::attribute::pieces::{Piece, Pieces};
use crate::json;
use crate::text::Error;
use crate::wire::{Reader, Writer};

use super::shape::{Bits, Flags};
use super::words;

/// Labels or indexes, and what is neither.
#[derive(Debug, Default)]
pub(super) struct Sids {
    numbers: Vec<u32>,
    undecoded: Box<[u8]>,
}

/// What the flags say of each segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Three octets.
    Label,
    /// Four octets.
    Index,
    /// The flags contradict each other.
    Neither,
}

impl Form {
    /// By the flags V and L.
    pub(super) fn of<B: Bits>(flags: &Flags<B>) -> Self {
        match (flags.has("V"), flags.has("L")) {
            (true, true) => Self::Label,
            (false, false) => Self::Index,
            _ => Self::Neither,
        }
    }

    /// The largest number.
    fn largest(self) -> Option<u32> {
        match self {
            Self::Label => Some(0xff_ffff),
            Self::Index => Some(u32::MAX),
            Self::Neither => None,
        }
    }
}

impl Sids {
    /// Reads everything to the end.
    pub(super) fn read(reader: &mut Reader<'_>, form: Form) -> Self {
        let mut numbers = Vec::new();
        loop {
            let number = match form {
                Form::Label => reader.u24(""),
                Form::Index => reader.u32(""),
                Form::Neither => break,
            };
            match number {
                Ok(number) => numbers.push(number),
                Err(_) => break,
            }
        }
        Self { numbers, undecoded: reader.rest().into() }
    }

    /// Writes them as they were read.
    pub(super) fn pack(&self, writer: &mut Writer<'_>, form: Form) {
        for number in &self.numbers {
            match form {
                Form::Label => writer.u24(*number),
                Form::Index | Form::Neither => writer.u32(*number),
            }
        }
        writer.bytes(&self.undecoded);
    }

    /// Writes the list of numbers.
    pub(super) fn json(&self, json: &mut json::Writer<'_>) {
        json.tight_list(|list| self.numbers.iter().for_each(|n| list.element().number(*n)));
    }

    /// Writes the list of what was not understood.
    pub(super) fn undecoded_json(&self, json: &mut json::Writer<'_>) {
        json.tight_list(|list| {
            if !self.undecoded.is_empty() {
                list.element().hex(&self.undecoded);
            }
        });
    }

    /// Its words, with a space before each.
    pub(super) fn show(&self, undecoded: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(" sids ")?;
        words::show(f, &self.numbers)?;
        if self.undecoded.is_empty() {
            return Ok(());
        }
        write!(f, " {undecoded} {}", words::Octets(&self.undecoded))
    }
}

/// Segments being read: their form is known when all the words were.
#[derive(Debug, Default)]
pub(super) struct Reading<'a> {
    numbers: Vec<u32>,
    undecoded: Vec<u8>,
    /// The last key.
    at: Option<Piece<'a>>,
}

impl<'a> Reading<'a> {
    /// Reads the words after `sids` or the key of what was not understood.
    pub(super) fn parse(
        &mut self,
        key: &Piece<'a>,
        pieces: &mut Pieces<'_, 'a>,
    ) -> Result<(), Error> {
        self.at = Some(key.clone());
        words::list(pieces, |pieces| {
            if key.text() == "sids" {
                self.numbers.push(pieces.number("a number of 32 bits")?);
            } else {
                self.undecoded.extend(words::octets(pieces)?);
            }
            Ok(())
        })
    }

    /// The segments, if flags V and L go with them.
    pub(super) fn finish(self, form: Form) -> Result<Sids, Error> {
        let Self { numbers, undecoded, at } = self;
        let fits = |number: &u32| form.largest().is_some_and(|largest| *number <= largest);
        match at.filter(|_| !numbers.iter().all(fits)) {
            None => Ok(Sids { numbers, undecoded: undecoded.into() }),
            Some(key) => {
                Err(key.fault("do not go with the flags: V and L for labels, none for indexes"))
            }
        }
    }
}
