//! NOTIFICATION, RFC 4271 section 4.5: the last word of a session.
//!
//! Wire format: code, subcode, data.

/// An error to tell the peer, or told by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    pub code: u8,
    pub subcode: u8,
    pub data: Vec<u8>,
}

impl Notify {
    /// A notification without data.
    pub fn new(code: u8, subcode: u8) -> Self {
        Self { code, subcode, data: Vec::new() }
    }
}
