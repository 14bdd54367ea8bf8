//! One copy of each set, so that routes compare and group by pointer; and what was received
//! before, so that a block of attributes seen again is not decoded again.

use std::rc::Rc;

use hashbrown::HashTable;

use crate::bgp::Negotiated;
use crate::wire::Reader;

use super::memo::Key;
use super::receive::{self, Raw};
use super::{Attribute, Attributes, Flags, Memo, NextHop, Profile, Received, Verdict, code};

/// The sets in use, once each.
#[derive(Debug)]
pub struct Interner {
    sets: HashTable<Rc<Attributes>>,
    /// How many sets there may be before those nobody else holds are dropped.
    sweep_at: usize,
    received: Memo<(Rc<Attributes>, Verdict)>,
    /// Room for the items of a block being decoded.
    items: Vec<Attribute>,
}

impl Default for Interner {
    fn default() -> Self {
        Self::new()
    }
}

impl Interner {
    /// How many received blocks are remembered.
    const RECEIVED_MAX: usize = 1024;
    /// Fewer sets than this are never swept.
    const SWEEP_MIN: usize = 8192;

    /// Without any set.
    pub fn new() -> Self {
        Self {
            sets: HashTable::new(),
            sweep_at: Self::SWEEP_MIN,
            received: Memo::new(Self::RECEIVED_MAX),
            items: Vec::new(),
        }
    }

    /// The one copy of a set.
    pub fn intern(&mut self, set: Attributes) -> Rc<Attributes> {
        let hash = set.hash_with(set.next_hop());
        if let Some(known) = self.sets.find(hash, |known| **known == set) {
            return Rc::clone(known);
        }
        self.keep(hash, Rc::new(set))
    }

    /// The one copy of `set` with another next hop; no copy is made when it is known.
    pub fn with_next_hop(&mut self, set: &Rc<Attributes>, next_hop: NextHop) -> Rc<Attributes> {
        let hash = set.hash_with(next_hop);
        let known =
            self.sets.find(hash, |known| known.next_hop() == next_hop && known.same_items(set));
        match known {
            Some(known) => Rc::clone(known),
            None => self.keep(hash, Rc::new(set.with_next_hop(next_hop))),
        }
    }

    /// As [`Attributes::unpack`], with an interned set; the octets of an UPDATE like one of those
    /// before are recognised rather than decoded.
    pub fn receive<'a>(&mut self, bytes: &'a [u8], negotiated: &Negotiated) -> Received<'a> {
        let Some(block) = Block::scan(bytes) else {
            return self.decode(bytes, negotiated);
        };
        let key = Key::new(Profile::of(negotiated).received(), block.others);
        if let Some((attributes, verdict)) = self.received.get(&key) {
            return Received {
                attributes: Rc::clone(attributes),
                mp_reach: block.mp_reach,
                mp_unreach: block.mp_unreach,
                verdict: verdict.clone(),
            };
        }
        let received = self.decode(bytes, negotiated);
        let kept = (Rc::clone(&received.attributes), received.verdict.clone());
        self.received.insert(&key, kept);
        received
    }

    /// How many sets are held.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether no set is held.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Drops the sets nobody else holds, and what was remembered of received blocks.
    pub fn sweep(&mut self) {
        self.received.clear();
        self.sets.retain(|set| Rc::strong_count(set) > 1);
        self.sweep_at = self.sets.len().saturating_mul(2).max(Self::SWEEP_MIN);
        self.sets.shrink_to(self.sweep_at, hash_of);
    }

    fn decode<'a>(&mut self, bytes: &'a [u8], negotiated: &Negotiated) -> Received<'a> {
        let mut items = std::mem::take(&mut self.items);
        let decoded = receive::decode(bytes, negotiated, &mut items);
        let next_hop = decoded.next_hop;
        let hash = Attributes::hash_of(&items, next_hop);
        let set = match self.sets.find(hash, |known| known.is(&items, next_hop)) {
            Some(known) => Rc::clone(known),
            None => self.keep(hash, Rc::new(Attributes::new(next_hop, items.drain(..).collect()))),
        };
        items.clear();
        self.items = items;
        decoded.with(set)
    }

    fn keep(&mut self, hash: u64, set: Rc<Attributes>) -> Rc<Attributes> {
        if self.sets.len() >= self.sweep_at {
            self.sweep();
        }
        self.sets.insert_unique(hash, Rc::clone(&set), hash_of);
        set
    }
}

fn hash_of(set: &Rc<Attributes>) -> u64 {
    set.hash_with(set.next_hop())
}

/// A well-formed run of attributes, with MP_REACH and MP_UNREACH, whose octets differ from one
/// message to the next, set apart.
struct Block<'a> {
    /// What stands before, between and after them.
    others: [&'a [u8]; 3],
    mp_reach: Option<&'a [u8]>,
    mp_unreach: Option<&'a [u8]>,
}

impl<'a> Block<'a> {
    /// `None` when something is wrong with the lengths, or with either of the two attributes.
    fn scan(bytes: &'a [u8]) -> Option<Self> {
        let mut block = Self { others: [&[]; 3], mp_reach: None, mp_unreach: None };
        let mut reader = Reader::new(bytes);
        let mut run = bytes;
        let mut parts = block.others.iter_mut();
        while !reader.is_empty() {
            let before = reader.len();
            let raw = Raw::read(&mut reader).ok()?;
            let slot = match raw.code {
                code::MP_REACH => &mut block.mp_reach,
                code::MP_UNREACH => &mut block.mp_unreach,
                _ => continue,
            };
            if slot.is_some() || !raw.flags.agrees(Flags::OPTIONAL) {
                return None;
            }
            *slot = Some(raw.value);
            let part = run.get(..run.len() - before)?;
            if !part.is_empty() {
                *parts.next()? = part;
            }
            run = reader.remaining();
        }
        if !run.is_empty() {
            *parts.next()? = run;
        }
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::Med;
    use crate::wire::from_hex;

    fn with_med(med: u32) -> Attributes {
        let mut builder = Attributes::builder();
        builder.add(Attribute::Med(Med(med)));
        builder.build()
    }

    #[test]
    fn equal_sets_are_one() {
        let mut interner = Interner::new();
        let one = interner.intern(with_med(1));
        assert!(Rc::ptr_eq(&one, &interner.intern(with_med(1))));
        assert!(!Rc::ptr_eq(&one, &interner.intern(with_med(2))));
        let hop = NextHop::Address("192.0.2.1".parse().unwrap());
        let moved = interner.with_next_hop(&one, hop);
        assert!(Rc::ptr_eq(&moved, &interner.with_next_hop(&one, hop)));
        assert!(Rc::ptr_eq(&moved, &interner.intern(with_med(1).with_next_hop(hop))));
        assert!(Rc::ptr_eq(&one, &interner.with_next_hop(&moved, NextHop::None)));
        assert_eq!(interner.len(), 3);
    }

    #[test]
    fn sets_nobody_holds_are_dropped() {
        let mut interner = Interner::new();
        let held: Vec<_> = (0..100).map(|med| interner.intern(with_med(med))).collect();
        for med in 0..100_000 {
            interner.intern(with_med(med));
            assert!(interner.len() <= Interner::SWEEP_MIN);
        }
        interner.sweep();
        assert_eq!(interner.len(), held.len());
        for (med, set) in (0..).zip(&held) {
            assert!(Rc::ptr_eq(set, &interner.intern(with_med(med))));
        }
    }

    #[test]
    fn a_block_seen_before_is_recognised() {
        let mut interner = Interner::new();
        let negotiated = Negotiated::wide();
        let plain = from_hex("4001010040020040050400000064").unwrap();
        let reach = from_hex("800e050001010001").unwrap();
        let first = interner.receive(&plain, &negotiated).attributes;
        let joined = [&reach[..], &plain[..]].concat();
        let again = interner.receive(&joined, &negotiated);
        assert!(Rc::ptr_eq(&first, &again.attributes));
        assert_eq!(again.mp_reach, Some(&[0, 1, 1, 0, 1][..]));
        let split = [&plain[..4], &reach[..], &plain[4..]].concat();
        let third = interner.receive(&split, &negotiated);
        assert!(Rc::ptr_eq(&first, &third.attributes));
    }

    #[test]
    fn what_was_written_and_what_is_received_are_one() {
        let mut interner = Interner::new();
        let written = interner.intern(with_med(5));
        let bytes = from_hex("80040400000005").unwrap();
        let negotiated = Negotiated::wide();
        assert!(Rc::ptr_eq(&written, &interner.receive(&bytes, &negotiated).attributes));
        // The order on the wire is not the order of the set.
        let bytes = from_hex("80040400000005c0630101").unwrap();
        let first = interner.receive(&bytes, &negotiated).attributes;
        let bytes = from_hex("c063010180040400000005").unwrap();
        assert!(Rc::ptr_eq(&first, &interner.receive(&bytes, &negotiated).attributes));
        assert_eq!(*first, *Attributes::unpack(&bytes, &negotiated).attributes);
    }

    #[test]
    fn sessions_that_read_otherwise_do_not_share() {
        let mut interner = Interner::new();
        let bytes = from_hex("40010100400206020100010002").unwrap();
        let old = Negotiated { asn4: false, ..Negotiated::wide() };
        let wide = interner.receive(&bytes, &Negotiated::wide());
        assert_eq!(wide.verdict, Verdict::Keep);
        assert!(interner.receive(&bytes, &old).verdict.withdraws());
    }

    #[test]
    fn faults_are_remembered_with_the_block() {
        let mut interner = Interner::new();
        let bytes = from_hex("40010103400200").unwrap();
        let first = interner.receive(&bytes, &Negotiated::wide()).verdict;
        assert!(first.withdraws());
        assert_eq!(interner.receive(&bytes, &Negotiated::wide()).verdict, first);
    }
}
