//! Adj-RIB-In: what a peer announced and did not withdraw.
//!
//! A route is its NLRI, in sixteen octets for nearly every prefix, and a pointer to its
//! attributes; nothing is kept twice. Cleared when a session comes up.

use std::rc::Rc;

use crate::bgp::attribute::Attributes;
use crate::bgp::message::update::Update;
use crate::bgp::nlri::{Entry, Identity, Packed};
use crate::protocol::Family;

use super::index::{Index, Keyed};
use super::slots::{Id, Place, Slots};

/// The routes of one peer, incoming.
#[derive(Debug)]
pub struct Incoming {
    slots: Slots<Kept>,
    index: Index,
    /// How many routes there are of each family, in the order in which each was used first.
    families: Vec<(Family, usize)>,
    seed: u64,
}

/// A route.
#[derive(Debug)]
struct Kept {
    nlri: Compact,
    attributes: Rc<Attributes>,
}

/// An NLRI: short ones of known families without path identifier lie here.
#[derive(Debug)]
enum Compact {
    Short {
        /// The place in [`Family::KNOWN`].
        family: u8,
        length: u8,
        octets: [u8; SHORT],
    },
    Long(Box<Packed>),
}

/// The longest NLRI that is kept without allocation, in octets: an IPv6 prefix up to /96.
const SHORT: usize = 13;

impl Compact {
    fn new(family: Family, entry: Entry<'_>) -> Self {
        let place = Family::KNOWN.iter().position(|known| *known == family);
        let mut octets = [0; SHORT];
        let room = octets.get_mut(..entry.bytes.len()).filter(|_| entry.path_id.is_none());
        let numbers = (place.map(u8::try_from), u8::try_from(entry.bytes.len()));
        match (room, numbers) {
            (Some(room), (Some(Ok(family)), Ok(length))) => {
                room.copy_from_slice(entry.bytes);
                Self::Short { family, length, octets }
            }
            _ => Self::Long(Box::new(entry.pack(family))),
        }
    }

    fn family(&self) -> Family {
        match self {
            Self::Short { family, .. } => {
                let known = Family::KNOWN.get(usize::from(*family)).copied();
                known.unwrap_or(Family::IPV4_UNICAST)
            }
            Self::Long(packed) => packed.family(),
        }
    }

    fn path_id(&self) -> Option<u32> {
        match self {
            Self::Short { .. } => None,
            Self::Long(packed) => packed.path_id(),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, octets, .. } => {
                octets.get(..usize::from(*length)).unwrap_or_default()
            }
            Self::Long(packed) => packed.bytes(),
        }
    }

    fn packed(&self) -> Packed {
        Packed::new(self.family(), self.path_id(), self.bytes())
    }
}

impl Keyed for Kept {
    fn identity(&self) -> Identity<'_> {
        Identity::of(self.nlri.family(), self.nlri.path_id(), self.nlri.bytes())
    }
}

impl Incoming {
    /// No routes. `seed` must not be known to peers.
    pub fn new(seed: u64) -> Self {
        Self { slots: Slots::new(), index: Index::new(seed), families: Vec::new(), seed }
    }

    /// Takes over what an UPDATE says: withdrawals first.
    pub fn update(&mut self, update: &Update<'_>) {
        for run in update.withdrawn() {
            for entry in run {
                self.withdraw(run.family(), entry);
            }
        }
        for section in update.announced() {
            for entry in section.run {
                self.announce(section.run.family(), entry, &section.attributes);
            }
        }
    }

    /// Keeps a route, in place of the one it had to that destination by that path.
    fn announce(&mut self, family: Family, entry: Entry<'_>, attributes: &Rc<Attributes>) {
        let identity = Identity::of(family, entry.path_id, entry.bytes);
        let hash = self.index.hash(identity);
        if let Some(id) = self.index.find(&self.slots, hash, identity) {
            if let Some(kept) = self.slots.get_mut(id) {
                if kept.nlri.bytes() != entry.bytes {
                    kept.nlri = Compact::new(family, entry);
                }
                if !Rc::ptr_eq(&kept.attributes, attributes) {
                    kept.attributes = Rc::clone(attributes);
                }
            }
            return;
        }
        let nlri = Compact::new(family, entry);
        let id = self.slots.insert(Kept { nlri, attributes: Rc::clone(attributes) });
        self.index.insert(&self.slots, hash, id);
        match self.families.iter_mut().find(|(known, _)| *known == family) {
            Some((_, count)) => *count += 1,
            None => self.families.push((family, 1)),
        }
    }

    /// Forgets a route, if it is there.
    fn withdraw(&mut self, family: Family, entry: Entry<'_>) {
        let identity = Identity::of(family, entry.path_id, entry.bytes);
        let hash = self.index.hash(identity);
        if let Some(id) = self.index.find(&self.slots, hash, identity) {
            self.forget(id, family);
        }
    }

    fn forget(&mut self, id: Id, family: Family) {
        self.index.remove(&self.slots, id);
        drop(self.slots.remove(id));
        let counts = self.families.iter_mut().filter(|(known, _)| *known == family);
        counts.for_each(|(_, count)| *count = count.saturating_sub(1));
    }

    /// Forgets every route, of one family or of all.
    pub fn clear(&mut self, family: Option<Family>) {
        let Some(family) = family else {
            *self = Self::new(self.seed);
            return;
        };
        let of = |(id, kept): (Id, &Kept)| (kept.nlri.family() == family).then_some(id);
        let ids: Vec<Id> = self.slots.iter().filter_map(of).collect();
        for id in ids {
            self.forget(id, family);
        }
    }

    /// The routes, in the order in which they were announced first; one that comes takes the
    /// place of one that went.
    pub fn iter(&self) -> impl Iterator<Item = (Packed, &Rc<Attributes>)> {
        self.slots.iter().map(|(_, kept)| (kept.nlri.packed(), &kept.attributes))
    }

    /// Shows the routes from `place` on, until `show` answers false or so many slots have been
    /// looked at. True when the end has been reached.
    pub fn visit(
        &self,
        place: &mut Place,
        most: usize,
        mut show: impl FnMut(&Packed, &Rc<Attributes>) -> bool,
    ) -> bool {
        for (count, (next, kept)) in self.slots.starting(place.slot).enumerate() {
            if count == most {
                return false;
            }
            place.slot = next;
            if let Some(kept) = kept
                && !show(&kept.nlri.packed(), &kept.attributes)
            {
                return false;
            }
        }
        true
    }

    /// How many routes there are, by family in the order of first use.
    pub fn counts(&self) -> impl Iterator<Item = (Family, usize)> {
        self.families.iter().copied()
    }

    /// How many routes there are.
    pub fn len(&self) -> usize {
        self.families.iter().map(|(_, count)| count).sum()
    }

    /// Whether there is no route.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::Negotiated;
    use crate::bgp::attribute::Interner;
    use crate::rib::testing::internal;
    use crate::wire::from_hex;

    const ATTRIBUTES: &str = "0000001540010100400200400304c63364074005040000006";

    fn hear(rib: &mut Incoming, interner: &mut Interner, negotiated: &Negotiated, hex: &str) {
        let body = from_hex(hex).unwrap();
        rib.update(&Update::decode(&body, negotiated, interner).unwrap());
    }

    fn told(rib: &Incoming) -> Vec<String> {
        rib.iter().map(|(nlri, _)| format!("{nlri:?}")).collect()
    }

    #[test]
    fn routes_come_go_and_are_replaced() {
        let negotiated = internal(&[Family::IPV4_UNICAST, Family::IPV6_UNICAST]);
        let (mut rib, mut interner) = (Incoming::new(3), Interner::new());
        let mut hear = |rib: &mut Incoming, hex: &str| hear(rib, &mut interner, &negotiated, hex);
        hear(&mut rib, &format!("{ATTRIBUTES}418ac100818ac1009"));
        hear(
            &mut rib,
            "0000002d4001010040020040050400000064800e1c0002011020010db80000000000000000000000010030\
             20010db80077",
        );
        assert_eq!(rib.counts().map(|(_, count)| count).collect::<Vec<_>>(), [2, 1]);
        let first = Rc::clone(rib.iter().next().unwrap().1);
        hear(&mut rib, &format!("{ATTRIBUTES}518ac1008"));
        assert!(!Rc::ptr_eq(&first, rib.iter().next().unwrap().1));
        assert_eq!(rib.len(), 3);
        hear(&mut rib, "000418ac10080000");
        hear(&mut rib, "000418ac10080000");
        assert_eq!(told(&rib), ["ipv4 unicast 18AC1009", "ipv6 unicast 3020010DB80077"]);
        rib.clear(Some(Family::IPV4_UNICAST));
        assert_eq!(told(&rib), ["ipv6 unicast 3020010DB80077"]);
        rib.clear(None);
        assert!(rib.is_empty());
    }

    #[test]
    fn an_update_treated_as_withdrawn_withdraws() {
        let negotiated = internal(&[Family::IPV4_UNICAST]);
        let (mut rib, mut interner) = (Incoming::new(3), Interner::new());
        hear(&mut rib, &mut interner, &negotiated, &format!("{ATTRIBUTES}418ac1008"));
        assert_eq!(rib.len(), 1);
        let without_origin = "00000011400200400304c63364074005040000006418ac1008";
        hear(&mut rib, &mut interner, &negotiated, without_origin);
        assert!(rib.is_empty());
    }

    #[test]
    fn a_route_has_twenty_four_octets() {
        assert_eq!(size_of::<Option<Kept>>(), 24);
    }
}
