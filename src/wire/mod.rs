//! Bytes: a cursor that cannot overrun, a buffer with lengths patched afterwards.
//!
//! Knows no protocol. Every byte read or written by the program passes through here, so that
//! "no panic on hostile input" is a property of one small place.

mod hex;
mod malformed;
mod reader;
mod small;
mod writer;

pub use hex::{BadHex, Hex, from_hex, from_hex_into};
pub use malformed::{Malformed, TooLong};
pub use reader::Reader;
pub use small::Small;
pub use writer::Writer;
