//! Protocols above IP, by the numbers of IANA: those that have a name here.

use super::Names;

/// What the protocol field of IPv4 and the next header of IPv6 hold.
pub static NAMES: Names = Names {
    shown: &[
        ("icmp", 1),
        ("igmp", 2),
        ("tcp", 6),
        ("egp", 8),
        ("udp", 17),
        ("rsvp", 46),
        ("gre", 47),
        ("esp", 50),
        ("ah", 51),
        ("ospf", 89),
        ("ipip", 94),
        ("pim", 103),
        ("sctp", 132),
    ],
    // Consumers know it by its number.
    read: &[("icmpv6", 58)],
};
