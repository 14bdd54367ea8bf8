//! The attributes of a route as one immutable value, shared by every route that carries them.

use std::net::{IpAddr, Ipv6Addr};

/// Where packets for a route go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NextHop {
    /// The family has none, or none was given.
    #[default]
    None,
    /// An address.
    Address(IpAddr),
    /// A global address and the link-local one beside it (RFC 2545).
    WithLinkLocal(Ipv6Addr, Ipv6Addr),
    /// `next-hop self`: our address of the session, put in place before the route is announced.
    OurAddress,
}

/// A set of attributes, next hop included: immutable once built, compared by value when interned
/// and by pointer afterwards.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    next_hop: NextHop,
}

impl Attributes {
    /// Where packets go.
    pub fn next_hop(&self) -> NextHop {
        self.next_hop
    }
}
