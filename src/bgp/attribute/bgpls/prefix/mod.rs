//! TLVs of prefixes, RFC 9552 section 5.3.3 and what RFC 9085 and RFC 9514 add.

mod locator;
mod sid;

pub(super) use locator::Locator;
pub(super) use sid::PrefixSid;

use super::shape::Bits;

/// IGP Flags, RFC 9552 section 5.3.3.1.
#[derive(Debug)]
pub(super) struct IgpBits;

impl Bits for IgpBits {
    const NAMES: &'static [&'static str] = &["D", "N", "L", "P"];
}

/// Prefix Attribute Flags, RFC 9085 section 2.3.2.
#[derive(Debug)]
pub(super) struct AttributeBits;

impl Bits for AttributeBits {
    const NAMES: &'static [&'static str] = &["X", "R", "N"];
}
