//! UPDATE messages written straight into an outbox, lengths patched when their content is known.
//!
//! Wire format (RFC 4271 section 4.3): the lengths and content of withdrawn IPv4 routes, the
//! length and content of the attributes, IPv4 routes. Every other family is in MP_REACH or
//! MP_UNREACH (RFC 4760), behind all other attributes. No message is longer than negotiated: a
//! route for which there is no room starts the next one.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, NextHop, NextHopField, code};
use crate::bgp::nlri::{Rule, Shape};
use crate::protocol::Family;
use crate::wire::Writer;

const HEADER: [u8; 19] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0, 0, 2,
];

/// Optional, not transitive.
const OPTIONAL: u8 = 0x80;
/// The length has two octets.
const EXTENDED: u8 = 0x10;

/// Why a route can not be sent on a session: nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The message would have `length` octets or more, where `limit` were negotiated.
    TooLarge { length: usize, limit: usize },
    /// The family needs a next hop, and the route has none or one that is not known yet.
    NextHop,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { length, limit } => {
                write!(f, "a message of {length} octets or more is over the limit of {limit}")
            }
            Self::NextHop => f.write_str("the route has no next hop"),
        }
    }
}

impl std::error::Error for Refusal {}

/// A message being written: open until [`Packing::finish`].
#[derive(Debug)]
pub struct Packing<'a> {
    out: &'a mut Vec<u8>,
    /// Where the message starts.
    start: usize,
    /// Where it must end.
    end: usize,
    /// Where its routes start, path identifiers included.
    routes: usize,
    path_ids: bool,
    field: Field,
}

/// Where the routes of a message stand, and so which lengths are missing.
#[derive(Clone, Copy, Debug)]
enum Field {
    /// Behind the attributes.
    Nlri,
    /// At the front.
    Withdrawn,
    /// In an attribute that ends the message. Where the length of all attributes stands, where
    /// the attribute starts, and whether its own length has two octets.
    Attribute { all: usize, start: usize, wide: bool },
}

impl<'a> Packing<'a> {
    /// Starts a message that announces routes of `rule`'s family with `attributes`.
    pub fn announce(
        out: &'a mut Vec<u8>,
        negotiated: &Negotiated,
        rule: &Rule,
        attributes: &Attributes,
    ) -> Result<Self, Refusal> {
        let next_hop = attributes.next_hop();
        if next_hop.address().is_none() && !rule.allows_next_hop(0, negotiated) {
            return Err(Refusal::NextHop);
        }
        let mut packing = Self::new(out, negotiated, rule.family);
        let all = packing.open();
        if rule.is_plain(next_hop) {
            packing.attributes(attributes, negotiated, NextHopField::Write)?;
            packing.patch(all, packing.out.len() - all - 2);
            packing.field = Field::Nlri;
        } else {
            let repeats = rule.repeats_next_hop(negotiated);
            let field = if repeats { NextHopField::Write } else { NextHopField::Skip };
            packing.attributes(attributes, negotiated, field)?;
            packing.attribute(all, code::MP_REACH, rule.family);
            next_hop_octets(packing.out, negotiated, rule, next_hop);
            packing.out.push(0);
        }
        packing.routes = packing.out.len();
        Ok(packing)
    }

    /// Starts a message that withdraws routes of `rule`'s family. Routes that are not plain
    /// prefixes are withdrawn with `attributes`, as some peers expect.
    pub fn withdraw(
        out: &'a mut Vec<u8>,
        negotiated: &Negotiated,
        rule: &Rule,
        attributes: Option<&Attributes>,
    ) -> Result<Self, Refusal> {
        let mut packing = Self::new(out, negotiated, rule.family);
        if rule.is_classic() {
            packing.out.extend_from_slice(&[0, 0]);
            // The length of the attributes, which are none, comes last.
            packing.end = packing.end.saturating_sub(2);
            packing.field = Field::Withdrawn;
        } else {
            let all = packing.open();
            let plain = rule.shape == Shape::Inet;
            if let Some(attributes) = attributes.filter(|_| !plain) {
                let repeats = rule.repeats_next_hop(negotiated);
                let field = if repeats { NextHopField::Write } else { NextHopField::Skip };
                packing.attributes(attributes, negotiated, field)?;
            }
            packing.attribute(all, code::MP_UNREACH, rule.family);
        }
        packing.routes = packing.out.len();
        Ok(packing)
    }

    fn new(out: &'a mut Vec<u8>, negotiated: &Negotiated, family: Family) -> Self {
        let start = out.len();
        out.extend_from_slice(&HEADER);
        Self {
            start,
            end: start + negotiated.message_size,
            routes: 0,
            path_ids: negotiated.sends_path_id(family),
            field: Field::Nlri,
            out,
        }
    }

    /// No withdrawn routes, and a place for the length of the attributes.
    fn open(&mut self) -> usize {
        self.out.extend_from_slice(&[0; 4]);
        self.out.len() - 2
    }

    fn attributes(
        &mut self,
        attributes: &Attributes,
        negotiated: &Negotiated,
        field: NextHopField,
    ) -> Result<(), Refusal> {
        let packed = attributes.pack(&mut Writer::new(self.out), negotiated, field);
        let length = match packed {
            Ok(()) if self.out.len() < self.end => return Ok(()),
            Ok(()) => self.out.len() - self.start + 1,
            Err(error) => HEADER.len() + 4 + error.length,
        };
        self.out.truncate(self.start);
        Err(Refusal::TooLarge { length, limit: negotiated.message_size })
    }

    fn attribute(&mut self, all: usize, code: u8, family: Family) {
        self.field = Field::Attribute { all, start: self.out.len(), wide: false };
        let [high, low] = family.afi.0.to_be_bytes();
        self.out.extend_from_slice(&[OPTIONAL, code, 0, high, low, family.safi.0]);
    }

    /// Adds a route, given by its bytes without path identifier. False when there is no room:
    /// it belongs into the next message.
    pub fn push(&mut self, path_id: Option<u32>, nlri: &[u8]) -> bool {
        let path_id = self.path_ids.then(|| path_id.unwrap_or(0).to_be_bytes());
        let octets = path_id.map_or(0, |id| id.len()) + nlri.len();
        if !self.has_room(octets) {
            return false;
        }
        if let Some(path_id) = path_id {
            self.out.extend_from_slice(&path_id);
        }
        self.out.extend_from_slice(nlri);
        true
    }

    /// Whether so many octets still fit. Widens the length of the attribute when they need it.
    fn has_room(&mut self, octets: usize) -> bool {
        let length = self.out.len() + octets;
        if let Field::Attribute { all, start, wide: false } = self.field
            && length - start - 3 > usize::from(u8::MAX)
        {
            if length + 1 > self.end {
                return false;
            }
            self.out.insert(start + 2, 0);
            self.routes += 1;
            self.field = Field::Attribute { all, start, wide: true };
            return true;
        }
        length <= self.end
    }

    /// What to say of a route for which there is no room in a message without others.
    pub fn too_large(&self) -> Refusal {
        let limit = self.end - self.start;
        Refusal::TooLarge { length: limit + 1, limit }
    }

    /// Fills in the lengths. `None` when no route had room: nothing was written then. Otherwise
    /// where the message and its routes stand in the buffer.
    pub fn finish(mut self) -> Option<Packed> {
        let Self { start, routes, field, .. } = self;
        let end = self.out.len();
        if end == routes {
            self.out.truncate(start);
            return None;
        }
        match field {
            Field::Nlri => {}
            Field::Withdrawn => {
                self.patch(start + HEADER.len(), end - routes);
                self.out.extend_from_slice(&[0, 0]);
            }
            Field::Attribute { all, start, wide: true } => {
                self.out.get_mut(start).into_iter().for_each(|flags| *flags |= EXTENDED);
                self.patch(start + 2, end - start - 4);
                self.patch(all, end - all - 2);
            }
            Field::Attribute { all, start, wide: false } => {
                let length = u8::try_from(end - start - 3).unwrap_or(u8::MAX);
                self.out.get_mut(start + 2).into_iter().for_each(|octet| *octet = length);
                self.patch(all, end - all - 2);
            }
        }
        let length = self.out.len() - start;
        self.patch(start + 16, length);
        Some(Packed { start, length, routes: routes..end })
    }

    fn patch(&mut self, position: usize, length: usize) {
        let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        let patched = Writer::new(self.out).patch(position, &length);
        debug_assert!(patched, "the place of a length was written before");
    }
}

/// Where a finished message stands in its buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Where it starts.
    pub start: usize,
    /// Its length in octets, header included.
    pub length: usize,
    /// Where its routes are, path identifiers included.
    pub routes: std::ops::Range<usize>,
}

/// The next hop of MP_REACH behind its length.
fn next_hop_octets(out: &mut Vec<u8>, negotiated: &Negotiated, rule: &Rule, next_hop: NextHop) {
    let position = out.len();
    out.push(0);
    let distinguisher: &[u8] = if rule.has_distinguished_next_hop() { &[0; 8] } else { &[] };
    let mut address = |octets: &[u8]| {
        out.extend_from_slice(distinguisher);
        out.extend_from_slice(octets);
    };
    match next_hop {
        // Our address is put in place before a route gets here.
        NextHop::None | NextHop::OurAddress => {}
        NextHop::Address(IpAddr::V4(v4)) if rule.maps_next_hop(negotiated) => {
            address(&v4.to_ipv6_mapped().octets());
        }
        NextHop::Address(IpAddr::V4(v4)) => address(&v4.octets()),
        NextHop::Address(IpAddr::V6(v6)) => {
            address(&v6.octets());
            let beside = |_: &Ipv6Addr| rule.takes_link_local() && !v6.is_unicast_link_local();
            if let Some(local) = negotiated.link_local.filter(beside) {
                address(&local.octets());
            }
        }
        NextHop::WithLinkLocal(global, local) => {
            let both: [Ipv6Addr; 2] = [global, local];
            both.iter().for_each(|v6| address(&v6.octets()));
        }
    }
    let length = u8::try_from(out.len() - position - 1).unwrap_or(0);
    out.get_mut(position).into_iter().for_each(|octet| *octet = length);
}

/// Writes the End-of-RIB marker of a family (RFC 4724 section 2).
pub fn end_of_rib(out: &mut Vec<u8>, family: Family) {
    let start = out.len();
    out.extend_from_slice(&HEADER);
    if family == Family::IPV4_UNICAST {
        out.extend_from_slice(&[0; 4]);
    } else {
        let [high, low] = family.afi.0.to_be_bytes();
        out.extend_from_slice(&[0, 0, 0, 7, OPTIONAL | EXTENDED, code::MP_UNREACH, 0, 3]);
        out.extend_from_slice(&[high, low, family.safi.0]);
    }
    let length = u8::try_from(out.len() - start).unwrap_or(u8::MAX);
    out.get_mut(start + 17).into_iter().for_each(|octet| *octet = length);
}
