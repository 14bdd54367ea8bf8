//! What waits to be sent, in the order in which it leaves: routes that share attributes and
//! family are one batch, batches that share attributes stand together, and markers stand between.
//!
//! A batch is open while routes may join it. It is closed when it starts to leave, or when a
//! marker is put behind it: what comes later makes a new batch further back.

use std::rc::Rc;

use hashbrown::HashTable;

use crate::bgp::attribute::Attributes;
use crate::protocol::Family;

use super::slots::{Chain, Id, Links, Slots, Threaded};

/// The list of all batches, in the order in which they leave.
pub(super) struct Order;

/// Routes with one set of attributes and one family, or a marker.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) kind: Kind,
    /// The slots of the routes, in their order.
    pub(super) routes: Chain,
    /// How many of the first are in the order in which they leave.
    pub(super) sorted: usize,
    is_open: bool,
    links: Links,
}

/// What a batch is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Routes(Rc<Attributes>, Family),
    /// The End-of-RIB marker of a family.
    EndOfRib(Family),
    /// Ends the first batch when no family was negotiated.
    Keepalive,
}

impl Threaded<Order> for Batch {
    fn links(&mut self) -> &mut Links {
        &mut self.links
    }
}

/// Everything that waits.
#[derive(Debug)]
pub(super) struct Batches {
    batches: Slots<Batch>,
    order: Chain,
    /// The first open batch of each set of attributes, by pointer.
    open: HashTable<Id>,
}

impl Batches {
    /// Nothing waits.
    pub(super) fn new() -> Self {
        Self { batches: Slots::new(), order: Chain::EMPTY, open: HashTable::new() }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.order.len == 0
    }

    /// The batch that leaves next.
    pub(super) fn first(&self) -> Option<Id> {
        self.order.first.some()
    }

    /// A batch.
    pub(super) fn get(&self, id: Id) -> Option<&Batch> {
        self.batches.get(id)
    }

    /// A batch, to change its routes.
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Batch> {
        self.batches.get_mut(id)
    }

    /// The open batch of these attributes and this family, made if there is none: behind the
    /// others of its attributes, or last.
    pub(super) fn join(&mut self, attributes: &Rc<Attributes>, family: Family) -> Id {
        let hash = hash(attributes);
        let Some(first) = self.find(hash, attributes) else {
            let id = self.add(Kind::Routes(Rc::clone(attributes), family), self.order.last, true);
            self.insert(hash, id);
            return id;
        };
        let mut last = first;
        loop {
            match self.batches.get(last) {
                Some(batch) if batch.family() == Some(family) => return last,
                Some(batch) => match self.same_set(batch.links.after, attributes) {
                    Some(next) => last = next,
                    None => break,
                },
                None => break,
            }
        }
        self.add(Kind::Routes(Rc::clone(attributes), family), last, true)
    }

    /// Puts a marker behind everything that waits.
    pub(super) fn mark(&mut self, kind: Kind) {
        self.close_all();
        self.add(kind, self.order.last, false);
    }

    /// Lets no more routes join a batch.
    pub(super) fn close(&mut self, id: Id) {
        let Some(batch) = self.batches.get_mut(id) else { return };
        if !std::mem::replace(&mut batch.is_open, false) {
            return;
        }
        let after = batch.links.after;
        let Kind::Routes(attributes, _) = &batch.kind else { return };
        let attributes = Rc::clone(attributes);
        let hash = hash(&attributes);
        if let Ok(mut entry) = self.open.find_entry(hash, |other| *other == id) {
            match same_set(&self.batches, after, &attributes) {
                Some(next) => *entry.get_mut() = next,
                None => drop(entry.remove()),
            }
        }
    }

    /// Takes an empty batch or a marker out.
    pub(super) fn remove(&mut self, id: Id) {
        self.close(id);
        self.order.unlink::<Order, _>(&mut self.batches, id);
        drop(self.batches.remove(id));
        if self.order.len == 0 && self.open.capacity() > 1024 {
            self.open = HashTable::new();
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    fn close_all(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let mut at = self.order.first;
        while let Some(batch) = self.batches.get_mut(at) {
            batch.is_open = false;
            at = batch.links.after;
        }
        self.open.clear();
    }

    fn add(&mut self, kind: Kind, before: Id, is_open: bool) -> Id {
        let routes = Chain::EMPTY;
        let id =
            self.batches.insert(Batch { kind, routes, sorted: 0, is_open, links: Links::NONE });
        self.order.insert_after::<Order, _>(&mut self.batches, before, id);
        id
    }

    fn find(&self, hash: u64, attributes: &Rc<Attributes>) -> Option<Id> {
        let same = |id: &Id| self.batches.get(*id).is_some_and(|batch| batch.is_of(attributes));
        self.open.find(hash, same).copied()
    }

    fn insert(&mut self, hash: u64, id: Id) {
        let batches = &self.batches;
        self.open.insert_unique(hash, id, |id| match batches.get(*id) {
            Some(Batch { kind: Kind::Routes(attributes, _), .. }) => self::hash(attributes),
            _ => 0,
        });
    }

    fn same_set(&self, id: Id, attributes: &Rc<Attributes>) -> Option<Id> {
        same_set(&self.batches, id, attributes)
    }
}

impl Batch {
    fn family(&self) -> Option<Family> {
        match self.kind {
            Kind::Routes(_, family) => Some(family),
            Kind::EndOfRib(_) | Kind::Keepalive => None,
        }
    }

    fn is_of(&self, attributes: &Rc<Attributes>) -> bool {
        matches!(&self.kind, Kind::Routes(own, _) if Rc::ptr_eq(own, attributes))
    }
}

/// The batch, when it is open and of these attributes.
fn same_set(batches: &Slots<Batch>, id: Id, attributes: &Rc<Attributes>) -> Option<Id> {
    batches.get(id).filter(|batch| batch.is_open && batch.is_of(attributes)).map(|_| id)
}

/// Sets are interned: one address, one set. Peers do not choose addresses.
fn hash(attributes: &Rc<Attributes>) -> u64 {
    let address = u64::try_from(Rc::as_ptr(attributes).addr()).unwrap_or(0);
    let product = address.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(batches: &mut Batches) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(id) = batches.first() {
            told.push(match &batches.get(id).unwrap().kind {
                Kind::Routes(_, family) => format!("{family} {id:?}"),
                Kind::EndOfRib(family) => format!("end of {family}"),
                Kind::Keepalive => "keepalive".to_owned(),
            });
            batches.remove(id);
        }
        assert!(batches.is_empty() && batches.open.is_empty());
        told
    }

    #[test]
    fn families_of_a_set_stand_together() {
        let (one, two) = (Rc::new(Attributes::default()), Rc::new(Attributes::default()));
        let mut batches = Batches::new();
        let a = batches.join(&one, Family::IPV4_UNICAST);
        let b = batches.join(&two, Family::IPV4_UNICAST);
        let c = batches.join(&one, Family::IPV4_MULTICAST);
        assert_eq!(batches.join(&one, Family::IPV4_UNICAST), a);
        assert_eq!(batches.join(&one, Family::IPV4_MULTICAST), c);
        assert_eq!(batches.join(&two, Family::IPV4_UNICAST), b);
        let unicast = Family::IPV4_UNICAST;
        let expected = [
            format!("{unicast} {a:?}"),
            format!("ipv4 multicast {c:?}"),
            format!("{unicast} {b:?}"),
        ];
        assert_eq!(order(&mut batches), expected);
    }

    #[test]
    fn a_closed_batch_is_joined_no_more() {
        let one = Rc::new(Attributes::default());
        let mut batches = Batches::new();
        let a = batches.join(&one, Family::IPV4_UNICAST);
        let b = batches.join(&one, Family::IPV4_MULTICAST);
        batches.close(a);
        assert_eq!(batches.join(&one, Family::IPV4_MULTICAST), b);
        assert_ne!(batches.join(&one, Family::IPV4_UNICAST), a);
        batches.mark(Kind::EndOfRib(Family::IPV4_UNICAST));
        assert_ne!(batches.join(&one, Family::IPV4_MULTICAST), b);
        assert_eq!(order(&mut batches).len(), 5);
    }
}
