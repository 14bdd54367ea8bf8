//! The types of NLRI that are known, RFC 9552 section 5.2 and RFC 9514 section 6.

/// What a route is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Link,
    PrefixV4,
    PrefixV6,
    Srv6Sid,
}

/// Each with its type and its name.
pub(super) const KINDS: [(Kind, u16, &str); 5] = [
    (Kind::Node, 1, "bgpls-node"),
    (Kind::Link, 2, "bgpls-link"),
    (Kind::PrefixV4, 3, "bgpls-prefix-v4"),
    (Kind::PrefixV6, 4, "bgpls-prefix-v6"),
    (Kind::Srv6Sid, 6, "bgpls-srv6sid"),
];

impl Kind {
    /// By the type on the wire.
    pub(super) fn of(code: u16) -> Option<Self> {
        KINDS.iter().find(|(_, listed, _)| *listed == code).map(|(kind, _, _)| *kind)
    }

    /// By its name.
    pub(super) fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, _, listed)| *listed == name).map(|(kind, _, _)| *kind)
    }

    /// The type on the wire, and the name.
    pub(super) fn told(self) -> (u16, &'static str) {
        let line = KINDS.iter().find(|(kind, _, _)| *kind == self);
        line.map_or((0, ""), |(_, code, name)| (*code, *name))
    }

    /// Whether it is about a prefix.
    pub(super) fn is_prefix(self) -> bool {
        matches!(self, Self::PrefixV4 | Self::PrefixV6)
    }
}

/// The word of a protocol, RFC 9552 section 5.2.
pub(super) const PROTOCOLS: [(&str, u8); 7] = [
    ("isis_l1", 1),
    ("isis_l2", 2),
    ("ospf_v2", 3),
    ("direct", 4),
    ("static", 5),
    ("ospfv3", 6),
    ("freertr", 227),
];
