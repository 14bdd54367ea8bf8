//! Types and codes of ICMP, by the numbers of IANA.

use super::Names;

/// The types.
pub static TYPES: Names = Names {
    shown: &[
        ("echo-reply", 0),
        ("unreachable", 3),
        ("redirect", 5),
        ("echo-request", 8),
        ("router-advertisement", 9),
        ("router-solicit", 10),
        ("time-exceeded", 11),
        ("parameter-problem", 12),
        ("timestamp", 13),
        ("timestamp-reply", 14),
        ("photuris", 40),
        ("experimental-mobility", 41),
        ("extended-echo-request", 42),
        ("extended-echo-reply", 43),
        ("experimental-one", 253),
        ("experimental-two", 254),
    ],
    read: &[],
};

/// The codes. What a code means depends on the type, so that none has a name to be shown by.
pub static CODES: Names = Names {
    shown: &[],
    read: &[
        // Of unreachable.
        ("network-unreachable", 0),
        ("host-unreachable", 1),
        ("protocol-unreachable", 2),
        ("port-unreachable", 3),
        ("fragmentation-needed", 4),
        ("source-route-failed", 5),
        ("destination-network-unknown", 6),
        ("destination-host-unknown", 7),
        ("source-host-isolated", 8),
        ("destination-network-prohibited", 9),
        ("destination-host-prohibited", 10),
        ("network-unreachable-for-tos", 11),
        ("host-unreachable-for-tos", 12),
        ("communication-prohibited-by-filtering", 13),
        ("host-precedence-violation", 14),
        ("precedence-cutoff-in-effect", 15),
        // Of redirect.
        ("redirect-for-network", 0),
        ("redirect-for-host", 1),
        ("redirect-for-tos-and-net", 2),
        ("redirect-for-tos-and-host", 3),
        // Of time-exceeded.
        ("ttl-eq-zero-during-transit", 0),
        ("ttl-eq-zero-during-reassembly", 1),
        // Of parameter-problem.
        ("required-option-missing", 1),
        ("ip-header-bad", 2),
    ],
};
