//! The attributes of a route as one immutable value, shared by every route that carries them.
//!
//! A set knows how it looks: its octets under one profile, its JSON in each dialect and its text
//! are made when first asked for, kept beside it, and dropped with it.

use std::cell::OnceCell;
use std::fmt::{self, Write as _};
use std::hash::{BuildHasher as _, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use std::sync::LazyLock;

use crate::bgp::Negotiated;
use crate::json::{self, Dialect};
use crate::wire::{TooLong, Writer};

use super::pack::{self, NextHopField, Profile};
use super::{Attribute, Builder};

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

impl NextHop {
    /// The address packets go to; the global one where there are two.
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::None | Self::OurAddress => None,
            Self::Address(address) => Some(address),
            Self::WithLinkLocal(global, _) => Some(IpAddr::V6(global)),
        }
    }
}

impl fmt::Display for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no-nexthop"),
            Self::Address(address) => address.fmt(f),
            Self::WithLinkLocal(global, _) => global.fmt(f),
            Self::OurAddress => f.write_str("self"),
        }
    }
}

/// Hashes depend on the process, as peers choose what is hashed.
pub(super) static SEED: LazyLock<hashbrown::DefaultHashBuilder> = LazyLock::new(Default::default);

/// A set of attributes, next hop included: immutable once built, compared by value when interned
/// and by pointer afterwards.
#[derive(Debug)]
pub struct Attributes {
    next_hop: NextHop,
    /// In the order of their codes, each code once.
    items: Rc<[Attribute]>,
    items_hash: u64,
    packed: OnceCell<Box<Packed>>,
    json: [OnceCell<Box<Members>>; 2],
    text: OnceCell<Box<str>>,
}

/// The octets of a set as sent under one profile.
#[derive(Debug)]
struct Packed {
    profile: Profile,
    field: NextHopField,
    octets: Result<Box<[u8]>, TooLong>,
}

/// The members of a set as JSON: the first key, then everything after its colon.
#[derive(Debug)]
struct Members {
    key: Box<str>,
    rest: Box<[u8]>,
}

impl Attributes {
    /// The words that start an attribute, each with its syntax.
    pub fn keywords() -> impl Iterator<Item = (&'static str, &'static str)> {
        super::builder::keywords()
    }

    /// A set to put together.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// From items in the order of their codes, each code once.
    pub(super) fn new(next_hop: NextHop, items: Rc<[Attribute]>) -> Self {
        debug_assert!(items.is_sorted_by(|a, b| a.code() < b.code()), "each code once, in order");
        let items_hash = SEED.hash_one(&items);
        Self {
            next_hop,
            items,
            items_hash,
            packed: OnceCell::new(),
            json: [const { OnceCell::new() }; 2],
            text: OnceCell::new(),
        }
    }

    /// The same attributes with another next hop.
    #[must_use]
    pub fn with_next_hop(&self, next_hop: NextHop) -> Self {
        Self {
            next_hop,
            items: Rc::clone(&self.items),
            items_hash: self.items_hash,
            packed: OnceCell::new(),
            json: [const { OnceCell::new() }; 2],
            text: OnceCell::new(),
        }
    }

    /// Where packets go.
    pub fn next_hop(&self) -> NextHop {
        self.next_hop
    }

    /// The attribute of a code.
    pub fn get(&self, code: u8) -> Option<&Attribute> {
        // A handful: a walk is faster than a search.
        self.items.iter().find(|item| item.code() == code)
    }

    /// The attributes in the order of their codes, without the next hop.
    pub fn iter(&self) -> std::slice::Iter<'_, Attribute> {
        self.items.iter()
    }

    /// Whether there is neither an attribute nor a next hop.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.next_hop == NextHop::None
    }

    /// The attributes as they leave on a session: everything but MP_REACH and MP_UNREACH, with
    /// the defaults for what the set does not say. A set that is sent again is a copy.
    pub fn pack(
        &self,
        writer: &mut Writer<'_>,
        negotiated: &Negotiated,
        field: NextHopField,
    ) -> Result<(), TooLong> {
        let profile = Profile::of(negotiated);
        let packed = self.packed.get_or_init(|| {
            let mut octets = Vec::with_capacity(64);
            let result = pack::pack(self, &mut Writer::new(&mut octets), negotiated, field);
            let octets = result.map(|()| octets.into_boxed_slice());
            Box::new(Packed { profile, field, octets })
        });
        if packed.profile != profile || packed.field != field {
            return pack::pack(self, writer, negotiated, field);
        }
        match &packed.octets {
            Ok(octets) => {
                writer.bytes(octets);
                Ok(())
            }
            Err(error) => Err(*error),
        }
    }

    /// Whether [`Attributes::json`] would write a member.
    pub fn has_json(&self) -> bool {
        self.items.iter().any(shown)
    }

    /// The members of the `attribute` object, in the order of the codes, next hop left out.
    pub fn json(&self, object: &mut json::Object<'_, '_>) {
        if !self.has_json() {
            return;
        }
        let dialect = object.dialect();
        let slot = match dialect {
            Dialect::V4 => &self.json[0],
            Dialect::V6 => &self.json[1],
        };
        let members = slot.get_or_init(|| Box::new(self.members(dialect)));
        object.field(&members.key).raw_bytes(&members.rest);
    }

    fn members(&self, dialect: Dialect) -> Members {
        let mut out = Vec::with_capacity(128);
        let mut first = None;
        for item in self.items.iter().filter(|item| shown(item)) {
            let key = match item {
                Attribute::Unknown(unknown) => unknown.key().into(),
                known => Box::<str>::from(known.key().unwrap_or_default()),
            };
            let json = &mut json::Writer::new(&mut out, dialect);
            match first {
                None => first = Some(key),
                Some(_) => {
                    json.raw(", ");
                    json.string(&key);
                    json.raw(": ");
                }
            }
            item.json(json);
        }
        Members { key: first.unwrap_or_default(), rest: out.into() }
    }

    fn words(&self) -> Box<str> {
        let mut text = String::with_capacity(64);
        for item in self.items.iter() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(item.name().unwrap_or(super::Unknown::NAME));
            let name = text.len();
            text.push(' ');
            let written = write!(text, "{item}");
            debug_assert!(written.is_ok(), "a string takes everything");
            if text.len() == name + 1 {
                text.truncate(name);
            }
        }
        text.into()
    }

    /// Whether the sets are one allocation but for the next hop, or equal.
    pub(super) fn same_items(&self, other: &Self) -> bool {
        self.items_hash == other.items_hash
            && (Rc::ptr_eq(&self.items, &other.items) || self.items == other.items)
    }

    /// The hash of this set with that next hop.
    pub(super) fn hash_with(&self, next_hop: NextHop) -> u64 {
        SEED.hash_one((self.items_hash, next_hop))
    }
}

/// An empty path is sent, and not shown.
fn shown(item: &Attribute) -> bool {
    !matches!(item, Attribute::AsPath(path) if path.is_empty())
}

impl Default for Attributes {
    fn default() -> Self {
        Self::new(NextHop::None, Rc::from([]))
    }
}

impl Clone for Attributes {
    fn clone(&self) -> Self {
        self.with_next_hop(self.next_hop)
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        self.next_hop == other.next_hop && self.same_items(other)
    }
}

impl Eq for Attributes {}

impl Hash for Attributes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.items_hash.hash(state);
        self.next_hop.hash(state);
    }
}

impl fmt::Display for Attributes {
    /// The words of every attribute but the next hop, which stands beside the prefix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.get_or_init(|| self.words()))
    }
}
