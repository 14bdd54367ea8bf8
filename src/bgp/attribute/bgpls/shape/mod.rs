//! Values of which several TLVs are made: a TLV of a known shape is a line of the table.

mod address;
mod flags;
mod name;
mod number;
mod opaque;
mod real;

pub(super) use address::{Address, RouterId};
pub(super) use flags::{Bits, Flags};
pub(super) use name::Name;
pub(super) use number::{LongTags, Number, Octets, Tags};
pub(super) use opaque::Opaque;
pub(super) use real::{Real, Reals};
