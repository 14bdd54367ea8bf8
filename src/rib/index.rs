//! From the identity of an NLRI to its slot: a table of numbers that compares through the slots,
//! so that no key is kept twice.

use hashbrown::HashTable;

use crate::bgp::nlri::Identity;

use super::slots::{Id, Slots};

/// A slot that can be found by its NLRI.
pub(super) trait Keyed {
    /// What tells its route from others.
    fn identity(&self) -> Identity<'_>;
}

/// The index over a table of slots.
#[derive(Debug)]
pub(super) struct Index {
    table: HashTable<Id>,
    seed: u64,
}

impl Index {
    /// An empty index. Peers choose what is hashed: the seed must be unknown to them.
    pub(super) fn new(seed: u64) -> Self {
        Self { table: HashTable::new(), seed }
    }

    /// The hash to find and insert by.
    pub(super) fn hash(&self, identity: Identity<'_>) -> u64 {
        identity.hash(self.seed)
    }

    /// The slot of a route.
    pub(super) fn find<T: Keyed>(
        &self,
        slots: &Slots<T>,
        hash: u64,
        identity: Identity<'_>,
    ) -> Option<Id> {
        let same = |id: &Id| slots.get(*id).is_some_and(|slot| slot.identity() == identity);
        self.table.find(hash, same).copied()
    }

    /// Adds a slot whose route is not in the index.
    pub(super) fn insert<T: Keyed>(&mut self, slots: &Slots<T>, hash: u64, id: Id) {
        let seed = self.seed;
        self.table.insert_unique(hash, id, |id| {
            slots.get(*id).map_or(0, |slot| slot.identity().hash(seed))
        });
    }

    /// Makes room for so many more slots at once.
    pub(super) fn reserve<T: Keyed>(&mut self, slots: &Slots<T>, additional: usize) {
        let seed = self.seed;
        let hash = |id: &Id| slots.get(*id).map_or(0, |slot| slot.identity().hash(seed));
        self.table.reserve(additional, hash);
    }

    /// Forgets a slot that is still there.
    pub(super) fn remove<T: Keyed>(&mut self, slots: &Slots<T>, id: Id) {
        let Some(slot) = slots.get(id) else { return };
        let hash = self.hash(slot.identity());
        if let Ok(entry) = self.table.find_entry(hash, |other| *other == id) {
            entry.remove();
        }
        if self.table.is_empty() && self.table.capacity() > 1024 {
            self.table = HashTable::new();
        }
    }
}
