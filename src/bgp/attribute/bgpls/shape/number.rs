//! Numbers of 32 bits, and lists of numbers of 8, 32 and 64.

use std::fmt;

use crate::bgp::attribute::bgpls::tlv::Tlv;
use crate::bgp::attribute::bgpls::words;
use crate::bgp::attribute::pieces::Pieces;
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader, Writer};

/// A number.
#[derive(Debug)]
pub(in super::super) struct Number(u32);

impl Tlv for Number {
    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        reader.u32(what).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u32(self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.number(self.0);
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        pieces.number_or_hex("a number of 32 bits").map(Self)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A list of numbers, one type for each size.
macro_rules! numbers {
    ($( $(#[$doc:meta])* $name:ident: $int:ty, $what:literal; )*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub(in super::super) struct $name(Vec<$int>);

        impl Tlv for $name {
            fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
                let mut numbers = Vec::with_capacity(reader.len() / size_of::<$int>());
                while !reader.is_empty() {
                    numbers.push(<$int>::from_be_bytes(reader.array(what)?));
                }
                Ok(Self(numbers))
            }

            fn pack(&self, writer: &mut Writer<'_>) {
                self.0.iter().for_each(|number| writer.bytes(&number.to_be_bytes()));
            }

            fn json(&self, json: &mut json::Writer<'_>) {
                json.tight_list(|list| self.0.iter().for_each(|n| list.element().number(*n)));
            }

            fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
                let mut numbers = Vec::new();
                words::list(pieces, |pieces| {
                    numbers.push(pieces.number($what)?);
                    Ok(())
                })?;
                Ok(Self(numbers))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                words::show(f, &self.0)
            }
        }
    )* };
}

numbers! {
    /// Octets, each a number of its own.
    Octets: u8, "a number of 8 bits";
    /// Tags or groups.
    Tags: u32, "a number of 32 bits";
    /// Extended tags.
    LongTags: u64, "a number of 64 bits";
}
