//! TLVs of nodes, RFC 9552 section 5.3.1 and what RFC 9085 and RFC 9514 add.

mod area;
mod sr_capabilities;
mod srv6_capabilities;

pub(super) use area::Area;
pub(super) use sr_capabilities::SrCapabilities;
pub(super) use srv6_capabilities::Srv6Capabilities;

use super::shape::Bits;

/// Node Flag Bits, RFC 9552 section 5.3.1.1.
#[derive(Debug)]
pub(super) struct NodeBits;

impl Bits for NodeBits {
    const NAMES: &'static [&'static str] = &["O", "T", "E", "B", "R", "V"];
}
