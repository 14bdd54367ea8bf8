//! TLVs of links, RFC 9552 section 5.3.2 and what RFC 8571, RFC 9085 and RFC 9514 add.

mod adjacency;
mod delay;
mod end_x;
mod identifiers;
mod igp_metric;

pub(super) use adjacency::{Adjacency, LanAdjacency};
pub(super) use delay::{Delay, DelayRange, Loss, Variation};
pub(super) use end_x::EndX;
pub(super) use identifiers::Identifiers;
pub(super) use igp_metric::IgpMetric;

use super::shape::Bits;

/// Link Protection Type, RFC 5307 section 1.2. The names and the order are those that consumers
/// know.
#[derive(Debug)]
pub(super) struct ProtectionBits;

impl Bits for ProtectionBits {
    const NAMES: &'static [&'static str] =
        &["ExtraTrafic", "Unprotected", "Shared", "Dedicated 1:1", "Dedicated 1+1", "Enhanced"];
    const OCTETS: usize = 2;
}

/// MPLS Protocol Mask, RFC 9552 section 5.3.2.2.
#[derive(Debug)]
pub(super) struct MplsBits;

impl Bits for MplsBits {
    const NAMES: &'static [&'static str] = &["LDP", "RSVP-TE"];
}
