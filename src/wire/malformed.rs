//! What can be wrong with bytes, independent of any protocol.

use std::fmt;

/// A fault found while reading bytes. `what` names the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The bytes end before the field does.
    Short { what: &'static str },
    /// Bytes are left after the last field.
    Trailing { what: &'static str, left: usize },
    /// The length is not one the field may have.
    Length { what: &'static str, got: usize },
    /// The value is not one the field may have.
    Value { what: &'static str, got: u32 },
}

impl Malformed {
    /// The name of the field at fault.
    pub fn what(self) -> &'static str {
        match self {
            Self::Short { what }
            | Self::Trailing { what, .. }
            | Self::Length { what, .. }
            | Self::Value { what, .. } => what,
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Short { what } => write!(f, "{what}: ends too early"),
            Self::Trailing { what, left } => write!(f, "{what}: {left} octets too many"),
            Self::Length { what, got } => write!(f, "{what}: {got} octets is not a valid length"),
            Self::Value { what, got } => write!(f, "{what}: {got} is not a valid value"),
        }
    }
}

impl std::error::Error for Malformed {}

/// A length does not fit the field that must carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The length that was found, in octets.
    pub length: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets do not fit the length field", self.length)
    }
}

impl std::error::Error for TooLong {}
