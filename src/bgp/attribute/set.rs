//! The attributes of a route as one immutable value, shared by every route that carries them.
//!
//! A set knows how it looks: its octets under one profile, its JSON in each dialect and its text
//! are made when first asked for, kept beside it, and dropped with it.

use std::borrow::Cow;
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
    /// In the dialect that was asked for first: its octet, then everything after the colon of the
    /// first key.
    json: OnceCell<Box<[u8]>>,
}

/// The octets of a set as sent under one profile.
#[derive(Debug)]
struct Packed {
    profile: Profile,
    field: NextHopField,
    octets: Result<Box<[u8]>, TooLong>,
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
        Self { next_hop, items, items_hash, packed: OnceCell::new(), json: OnceCell::new() }
    }

    /// The same attributes with another next hop.
    #[must_use]
    pub fn with_next_hop(&self, next_hop: NextHop) -> Self {
        Self {
            next_hop,
            items: Rc::clone(&self.items),
            items_hash: self.items_hash,
            packed: OnceCell::new(),
            json: OnceCell::new(),
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
    /// the defaults for what the set does not say. A set that is sent again is a copy. Nothing is
    /// written when a value is longer than any attribute.
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
            let start = writer.position();
            return pack::pack(self, writer, negotiated, field)
                .inspect_err(|_| writer.truncate(start));
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
        let Some(first) = self.items.iter().find(|item| shown(item)) else { return };
        let dialect = object.dialect();
        let kept = self.json.get_or_init(|| {
            let mut out = Vec::with_capacity(512);
            out.push(octet(dialect));
            self.members(dialect, &mut out);
            // A copy of the exact size: a buffer cut short would keep the room behind it.
            Box::from(out.as_slice())
        });
        let value = object.field(&key(first));
        match kept.split_first() {
            Some((spoken, rest)) if *spoken == octet(dialect) => value.raw_bytes(rest),
            _ => {
                let mut out = Vec::new();
                self.members(dialect, &mut out);
                value.raw_bytes(&out);
            }
        }
    }

    /// The first value, and behind it the other members with their keys.
    fn members(&self, dialect: Dialect, out: &mut Vec<u8>) {
        let json = &mut json::Writer::new(out, dialect);
        for (index, item) in self.items.iter().filter(|item| shown(item)).enumerate() {
            if index > 0 {
                json.raw(", ");
                json.string(&key(item));
                json.raw(": ");
            }
            item.json(json);
        }
    }

    /// The words of what events show: an empty AS_PATH is left out.
    pub fn told(&self) -> String {
        words(self.items.iter().filter(|item| shown(item)))
    }

    /// Whether the sets are one allocation but for the next hop, or equal.
    pub(super) fn same_items(&self, other: &Self) -> bool {
        self.items_hash == other.items_hash
            && (Rc::ptr_eq(&self.items, &other.items) || self.items == other.items)
    }

    /// Whether the set is made of these.
    pub(super) fn is(&self, items: &[Attribute], next_hop: NextHop) -> bool {
        self.next_hop == next_hop && *self.items == *items
    }

    /// The hash of this set with that next hop.
    pub(super) fn hash_with(&self, next_hop: NextHop) -> u64 {
        SEED.hash_one((self.items_hash, next_hop))
    }

    /// The hash that a set of these would have.
    pub(super) fn hash_of(items: &[Attribute], next_hop: NextHop) -> u64 {
        SEED.hash_one((SEED.hash_one(items), next_hop))
    }
}

/// Attributes as words.
fn words<'a>(items: impl Iterator<Item = &'a Attribute>) -> String {
    let mut text = String::with_capacity(64);
    for item in items {
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
    text
}

/// The octet that stands for a dialect.
fn octet(dialect: Dialect) -> u8 {
    match dialect {
        Dialect::V4 => 4,
        Dialect::V6 => 6,
    }
}

/// An empty path is sent, and not shown.
fn shown(item: &Attribute) -> bool {
    !matches!(item, Attribute::AsPath(path) if path.is_empty())
}

/// The JSON key.
fn key(item: &Attribute) -> Cow<'static, str> {
    match item {
        Attribute::Unknown(unknown) => Cow::Owned(unknown.key()),
        known => Cow::Borrowed(known.key().unwrap_or_default()),
    }
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
        f.write_str(&words(self.items.iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::set;
    use crate::protocol::Asn;

    fn json(set: &Attributes, dialect: Dialect) -> String {
        let mut out = Vec::new();
        json::Writer::new(&mut out, dialect).object(|object| {
            set.json(object);
            object.field("error").string("discard");
        });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn sets_are_small() {
        assert_eq!(size_of::<Attribute>(), 24);
        assert!(size_of::<Attributes>() <= 88, "{}", size_of::<Attributes>());
    }

    #[test]
    fn the_order_of_words_does_not_matter() {
        let one = set("med 5 next-hop 192.0.2.1 origin egp");
        let other = set("origin egp med 5 next-hop 192.0.2.1");
        assert_eq!(one, other);
        assert_eq!(one.hash_with(one.next_hop()), other.hash_with(other.next_hop()));
        assert_ne!(one, set("origin egp med 5 next-hop 192.0.2.2"));
        assert_ne!(one, set("origin egp med 6 next-hop 192.0.2.1"));
        assert_ne!(one, set("origin egp next-hop 192.0.2.1"));
    }

    #[test]
    fn text_is_in_the_order_of_the_codes() {
        let set = set(concat!(
            "attribute [ 0x99 0xe0 0x0102 ] large-community [ 65000:1:2 65000:3:4 ] next-hop self ",
            "extended-community target:65000:1 cluster-list 10.2.2.2 originator-id 10.1.1.1 ",
            "community [ no-export 65000:1 ] aggregator 65010:10.9.9.9 atomic-aggregate ",
            "local-preference 100 med 50 as-path [ 65001 ] ( 65002 65003 ) origin igp aigp 100"
        ));
        assert_eq!(
            set.to_string(),
            "origin igp as-path ( 65001 ) [ 65002 65003 ] med 50 local-preference 100 \
             atomic-aggregate aggregator ( 65010:10.9.9.9 ) community [ 65000:1 no-export ] \
             originator-id 10.1.1.1 cluster-list [ 10.2.2.2 ] extended-community target:65000:1 \
             aigp 0x0000000000000064 large-community [ 65000:1:2 65000:3:4 ] \
             attribute [ 0x99 0xE0 0x0102 ]"
        );
        assert_eq!(Attributes::default().to_string(), "");
    }

    #[test]
    fn members_are_in_the_order_of_the_codes() {
        let both = set("med 5 as-path [ ] origin igp atomic-aggregate");
        for dialect in [Dialect::V4, Dialect::V6, Dialect::V4] {
            assert_eq!(
                json(&both, dialect),
                r#"{ "origin": "igp", "med": 5, "atomic-aggregate": true, "error": "discard" }"#
            );
        }
        let unknown = set("attribute [ 0x99 0xe0 0x01ff ]");
        let expected = r#"{ "attribute-0x99-0xE0": "0x01ff", "error": "discard" }"#;
        assert_eq!(json(&unknown, Dialect::V6), expected);
        let hidden = set("as-path [ ] next-hop 192.0.2.1");
        assert!(!hidden.has_json());
        assert_eq!(json(&hidden, Dialect::V6), r#"{ "error": "discard" }"#);
    }

    #[test]
    fn what_was_made_for_one_profile_is_not_sent_on_another() {
        let set = set("next-hop 192.0.2.1 local-preference 7");
        let internal = Negotiated::wide();
        let external = Negotiated { peer_as: Asn(1), ..Negotiated::wide() };
        let packed = |negotiated: &Negotiated, field| {
            let mut out = Vec::new();
            set.pack(&mut Writer::new(&mut out), negotiated, field).unwrap();
            out
        };
        let inside = packed(&internal, NextHopField::Write);
        let outside = packed(&external, NextHopField::Write);
        let bare = packed(&internal, NextHopField::Skip);
        assert_eq!(packed(&internal, NextHopField::Write), inside);
        assert_eq!(packed(&external, NextHopField::Write), outside);
        assert_ne!(inside, outside);
        assert_eq!(bare.len(), inside.len() - 7);
    }
}
