//! What FlowSpec calls the fragments of a packet, by its bits: RFC 8955 section 4.2.2.12.

use super::Names;

/// The kinds of fragment, from the lowest bit on.
pub static FLAGS: Names = Names {
    shown: &[("dont-fragment", 1), ("is-fragment", 2), ("first-fragment", 4), ("last-fragment", 8)],
    read: &[],
};
