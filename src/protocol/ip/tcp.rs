//! The flags of TCP, by their bits: RFC 9293 section 3.1, RFC 3168, RFC 3540.

use super::Names;

/// The flags, from the lowest bit on.
pub static FLAGS: Names = Names {
    shown: &[
        ("fin", 1),
        ("syn", 2),
        ("rst", 4),
        ("push", 8),
        ("ack", 16),
        ("urg", 32),
        ("ece", 64),
        ("cwr", 128),
        ("ns", 256),
    ],
    read: &[("urgent", 32)],
};
