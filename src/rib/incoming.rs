//! Adj-RIB-In: what a peer announced and did not withdraw.
//!
//! A route is its packed NLRI and a pointer to its attributes; nothing is kept twice. Cleared when
//! a session comes up.

use std::rc::Rc;

use crate::bgp::attribute::Attributes;
use crate::bgp::message::update::Update;
use crate::bgp::nlri::{Entry, Identity, Packed};
use crate::protocol::Family;

use super::index::{Index, Keyed};
use super::slots::{Chain, Links, Slots, Threaded};

/// The routes of one peer, incoming.
#[derive(Debug)]
pub struct Incoming {
    slots: Slots<Kept>,
    index: Index,
    /// In the order in which each was used first.
    families: Vec<(Family, Chain)>,
    seed: u64,
}

/// A route.
#[derive(Debug)]
struct Kept {
    nlri: Packed,
    attributes: Rc<Attributes>,
    links: Links,
}

impl Threaded<()> for Kept {
    fn links(&mut self) -> &mut Links {
        &mut self.links
    }
}

impl Keyed for Kept {
    fn identity(&self) -> Identity<'_> {
        self.nlri.identity()
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
                    kept.nlri = entry.pack(family);
                }
                if !Rc::ptr_eq(&kept.attributes, attributes) {
                    kept.attributes = Rc::clone(attributes);
                }
            }
            return;
        }
        let nlri = entry.pack(family);
        let attributes = Rc::clone(attributes);
        let id = self.slots.insert(Kept { nlri, attributes, links: Links::NONE });
        self.index.insert(&self.slots, hash, id);
        let at = self.families.iter().position(|(known, _)| *known == family);
        let at = at.unwrap_or_else(|| {
            self.families.push((family, Chain::EMPTY));
            self.families.len() - 1
        });
        if let Some((_, chain)) = self.families.get_mut(at) {
            chain.push::<(), _>(&mut self.slots, id);
        }
    }

    /// Forgets a route, if it is there.
    fn withdraw(&mut self, family: Family, entry: Entry<'_>) {
        let identity = Identity::of(family, entry.path_id, entry.bytes);
        let hash = self.index.hash(identity);
        let Some(id) = self.index.find(&self.slots, hash, identity) else { return };
        self.index.remove(&self.slots, id);
        let chain = self.families.iter_mut().find(|(known, _)| *known == family);
        if let Some((_, chain)) = chain {
            chain.unlink::<(), _>(&mut self.slots, id);
        }
        drop(self.slots.remove(id));
    }

    /// Forgets every route, of one family or of all.
    pub fn clear(&mut self, family: Option<Family>) {
        let Some(family) = family else {
            *self = Self::new(self.seed);
            return;
        };
        let Some((_, chain)) = self.families.iter_mut().find(|(known, _)| *known == family) else {
            return;
        };
        while let Some(id) = chain.first.some() {
            self.index.remove(&self.slots, id);
            chain.unlink::<(), _>(&mut self.slots, id);
            drop(self.slots.remove(id));
        }
    }

    /// The routes: by family in the order of first use, then in the order in which they were
    /// announced first.
    pub fn iter(&self) -> impl Iterator<Item = (&Packed, &Rc<Attributes>)> {
        self.families.iter().flat_map(|(_, chain)| {
            let first = self.slots.get(chain.first);
            std::iter::successors(first, |kept| self.slots.get(kept.links.after))
                .map(|kept| (&kept.nlri, &kept.attributes))
        })
    }

    /// How many routes there are, by family in the order of first use.
    pub fn counts(&self) -> impl Iterator<Item = (Family, usize)> {
        self.families.iter().map(|(family, chain)| (*family, chain.len))
    }

    /// How many routes there are.
    pub fn len(&self) -> usize {
        self.families.iter().map(|(_, chain)| chain.len).sum()
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
    fn a_route_has_forty_eight_octets() {
        assert_eq!(size_of::<Option<Kept>>(), 48);
    }
}
