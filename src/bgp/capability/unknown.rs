//! A capability without a file here: its code and its octets, reported and never sent.

use std::fmt;

use crate::json;

/// Code and value as received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown {
    pub code: u8,
    bytes: Box<[u8]>,
}

impl Unknown {
    /// Keeps a copy of the value.
    pub fn new(code: u8, bytes: &[u8]) -> Self {
        Self { code, bytes: bytes.into() }
    }

    /// The value.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which part of the numbered space the code is in, as events have always called it.
    fn iana(&self) -> &'static str {
        match self.code {
            128.. => "reserved",
            70.. => "unassigned",
            _ => "unknown",
        }
    }

    /// Writes the value as JSON.
    pub fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string("unknown");
            object.field("iana").string(self.iana());
            object.field("value").number(self.code);
            object.field("raw").display(&crate::wire::Hex(&self.bytes));
        });
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.iana(), self.code)
    }
}
