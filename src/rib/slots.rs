//! Storage with stable numbers: slots in pages, so that growing a table moves nothing, and lists
//! threaded through the slots, so that order costs no allocation.

/// The number of a slot, or of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id(u32);

impl Id {
    /// No slot.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// Whether it names no slot.
    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The number, when it names a slot.
    pub(super) fn some(self) -> Option<Self> {
        (!self.is_none()).then_some(self)
    }

    fn place(self) -> (usize, usize) {
        let number = usize::try_from(self.0).unwrap_or(usize::MAX);
        (number / PAGE, number % PAGE)
    }
}

/// Slots in a page. The first page grows as it fills, as most tables are small.
const PAGE: usize = 1024;

/// A table of values whose numbers stay the same while they live.
#[derive(Debug)]
pub(super) struct Slots<T> {
    pages: Vec<Vec<Option<T>>>,
    free: Vec<Id>,
    used: usize,
}

impl<T> Slots<T> {
    /// An empty table.
    pub(super) fn new() -> Self {
        Self { pages: Vec::new(), free: Vec::new(), used: 0 }
    }

    /// Keeps a value. The number is none when four billion are kept already.
    pub(super) fn insert(&mut self, value: T) -> Id {
        self.used += 1;
        if let Some(id) = self.free.pop() {
            let (page, slot) = id.place();
            if let Some(slot) = self.pages.get_mut(page).and_then(|page| page.get_mut(slot)) {
                *slot = Some(value);
            }
            return id;
        }
        if self.pages.last().is_none_or(|page| page.len() == PAGE) {
            let capacity = if self.pages.is_empty() { 4 } else { PAGE };
            self.pages.push(Vec::with_capacity(capacity));
        }
        let before = (self.pages.len() - 1) * PAGE;
        let Some(page) = self.pages.last_mut() else { return Id::NONE };
        page.push(Some(value));
        u32::try_from(before + page.len() - 1).map_or(Id::NONE, Id)
    }

    /// The value of a number.
    #[inline]
    pub(super) fn get(&self, id: Id) -> Option<&T> {
        let (page, slot) = id.place();
        self.pages.get(page)?.get(slot)?.as_ref()
    }

    /// The value of a number, to change.
    #[inline]
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        let (page, slot) = id.place();
        self.pages.get_mut(page)?.get_mut(slot)?.as_mut()
    }

    /// Every value with its number, in the order of the numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Id, &T)> {
        let numbered = (0..=u32::MAX).zip(self.pages.iter().flatten());
        numbered.filter_map(|(number, slot)| Some((Id(number), slot.as_ref()?)))
    }

    /// The slots from a number on, used or not, each with the number behind it.
    pub(super) fn starting(&self, number: u32) -> impl Iterator<Item = (u32, Option<&T>)> {
        let (page, slot) = Id(number).place();
        let pages = self.pages.get(page..).unwrap_or_default();
        let behind = (number..u32::MAX).map(|number| number + 1);
        behind.zip(pages.iter().flatten().skip(slot).map(Option::as_ref))
    }

    /// Gives a value up; its number will name another.
    pub(super) fn remove(&mut self, id: Id) -> Option<T> {
        let (page, slot) = id.place();
        let value = self.pages.get_mut(page)?.get_mut(slot)?.take()?;
        self.used -= 1;
        if self.used == 0 && self.pages.len() > 1 {
            *self = Self::new();
        } else {
            self.free.push(id);
        }
        Some(value)
    }
}

/// How far a walk over a table has come. Slots keep their numbers, so that a route that stays
/// while others come and go is met once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The family, where the walk goes by families.
    pub(super) family: usize,
    pub(super) slot: u32,
}

/// The neighbors of a slot in a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    pub(super) before: Id,
    pub(super) after: Id,
}

impl Links {
    /// In no list, or alone in one.
    pub(super) const NONE: Self = Self { before: Id::NONE, after: Id::NONE };
}

/// Which of the lists that thread through a value is meant.
pub(super) trait Threaded<List> {
    /// The neighbors in that list.
    fn links(&mut self) -> &mut Links;
}

/// The ends of a list threaded through slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    pub(super) first: Id,
    pub(super) last: Id,
    pub(super) len: usize,
}

impl Chain {
    /// An empty list.
    pub(super) const EMPTY: Self = Self { first: Id::NONE, last: Id::NONE, len: 0 };

    /// Puts a slot, which is in no list of this kind, behind the last.
    pub(super) fn push<L, T: Threaded<L>>(&mut self, slots: &mut Slots<T>, id: Id) {
        self.insert_after(slots, self.last, id);
    }

    /// Puts a slot behind another of the list, or first when that is none.
    pub(super) fn insert_after<L, T: Threaded<L>>(
        &mut self,
        slots: &mut Slots<T>,
        before: Id,
        id: Id,
    ) {
        let after = match slots.get_mut(before) {
            Some(slot) => std::mem::replace(&mut slot.links().after, id),
            None => std::mem::replace(&mut self.first, id),
        };
        match slots.get_mut(after) {
            Some(slot) => slot.links().before = id,
            None => self.last = id,
        }
        if let Some(slot) = slots.get_mut(id) {
            *slot.links() = Links { before, after };
            self.len += 1;
        }
    }

    /// Takes a slot of the list out.
    pub(super) fn unlink<L, T: Threaded<L>>(&mut self, slots: &mut Slots<T>, id: Id) {
        let Some(slot) = slots.get_mut(id) else { return };
        let Links { before, after } = std::mem::replace(slot.links(), Links::NONE);
        match slots.get_mut(before) {
            Some(slot) => slot.links().after = after,
            None => self.first = after,
        }
        match slots.get_mut(after) {
            Some(slot) => slot.links().before = before,
            None => self.last = before,
        }
        self.len -= 1;
    }
}

impl Chain {
    /// Gives the first slots another order: `ids` are the first `ids.len()` of the list.
    pub(super) fn reorder_front<L, T: Threaded<L>>(
        &mut self,
        slots: &mut Slots<T>,
        ids: impl ExactSizeIterator<Item = Id>,
    ) {
        let mut rest = self.first;
        for _ in 0..ids.len() {
            rest = slots.get_mut(rest).map_or(Id::NONE, |slot| slot.links().after);
        }
        let mut before = Id::NONE;
        for id in ids {
            match slots.get_mut(before) {
                Some(slot) => slot.links().after = id,
                None => self.first = id,
            }
            if let Some(slot) = slots.get_mut(id) {
                *slot.links() = Links { before, after: rest };
            }
            before = id;
        }
        match slots.get_mut(rest) {
            Some(slot) => slot.links().before = before,
            None => self.last = before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Node(u32, Links);

    impl Threaded<()> for Node {
        fn links(&mut self) -> &mut Links {
            &mut self.1
        }
    }

    fn order(slots: &mut Slots<Node>, chain: Chain) -> Vec<u32> {
        let mut seen = Vec::new();
        let mut at = chain.first;
        while let Some(node) = slots.get_mut(at) {
            seen.push(node.0);
            at = node.1.after;
        }
        assert_eq!(seen.len(), chain.len);
        seen
    }

    #[test]
    fn a_chain_keeps_its_order() {
        let mut slots = Slots::new();
        let mut chain = Chain::EMPTY;
        let ids: Vec<Id> = (0..5).map(|n| slots.insert(Node(n, Links::NONE))).collect();
        ids.iter().for_each(|id| chain.push::<(), _>(&mut slots, *id));
        assert_eq!(order(&mut slots, chain), [0, 1, 2, 3, 4]);
        for gone in [ids[2], ids[0], ids[4]] {
            chain.unlink::<(), _>(&mut slots, gone);
        }
        assert_eq!(order(&mut slots, chain), [1, 3]);
        chain.insert_after::<(), _>(&mut slots, ids[1], ids[4]);
        chain.insert_after::<(), _>(&mut slots, Id::NONE, ids[0]);
        assert_eq!(order(&mut slots, chain), [0, 1, 4, 3]);
        chain.reorder_front::<(), _>(&mut slots, [ids[4], ids[0], ids[1]].into_iter());
        assert_eq!(order(&mut slots, chain), [4, 0, 1, 3]);
        chain.reorder_front::<(), _>(&mut slots, [ids[3], ids[1], ids[0], ids[4]].into_iter());
        assert_eq!(order(&mut slots, chain), [3, 1, 0, 4]);
        chain.unlink::<(), _>(&mut slots, ids[4]);
        chain.unlink::<(), _>(&mut slots, ids[3]);
        assert_eq!(order(&mut slots, chain), [1, 0]);
    }

    #[test]
    fn numbers_are_used_again_and_pages_do_not_move() {
        let mut slots = Slots::new();
        let ids: Vec<Id> = (0..5000u32).map(|n| slots.insert(n)).collect();
        assert_eq!(slots.used, 5000);
        assert!(ids.iter().zip(0..).all(|(id, n)| slots.get(*id) == Some(&n)));
        assert_eq!(slots.remove(ids[7]), Some(7));
        assert_eq!(slots.get(ids[7]), None);
        assert_eq!(slots.remove(ids[7]), None);
        assert_eq!(slots.insert(9), ids[7]);
        assert_eq!(slots.get(Id::NONE), None);
    }
}
