//! Adj-RIB-Out: what a peer shall have, what it has, and what waits in between.
//!
//! One slot a route: what is wanted, what was sent and where it waits are states of it. A newer
//! route replaces the one that waits, so that nothing superseded is ever sent; what the peer has
//! already is not sent again. The socket pulls (`sending.rs`).

use std::collections::VecDeque;
use std::rc::Rc;

use crate::bgp::attribute::Attributes;
use crate::bgp::nlri::{Identity, Packed, Shape};
use crate::protocol::Family;

use super::Route;
use super::group::{Batches, Kind};
use super::index::{Index, Keyed};
use super::refresh::Refreshes;
use super::sending::Paths;
use super::slots::{Chain, Id, Links, Place, Slots, Threaded};

/// What the settings of a neighbor say about its routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// `adj-rib-out`: routes are kept after they were sent.
    pub keep: bool,
    /// `group-updates`: routes with equal attributes share messages where their family may.
    pub group: bool,
    /// `manual-eor`: End-of-RIB markers are sent when asked for alone.
    pub manual_eor: bool,
}

/// What became of a route that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits to be sent.
    Queued,
    /// The peer has it, or will: nothing changed.
    Unchanged,
}

/// The routes of one peer, outgoing.
#[derive(Debug)]
pub struct Outgoing {
    pub(super) options: Options,
    pub(super) slots: Slots<Slot>,
    pub(super) index: Index,
    /// In the order in which each was used first.
    pub(super) families: Vec<Table>,
    pub(super) batches: Batches,
    pub(super) refreshes: Refreshes,
    pub(super) is_up: bool,
    pub(super) opening: Opening,
    /// Routes that are in a batch.
    pub(super) queued: usize,
    pub(super) paths: Paths,
    pub(super) scratch: Vec<(u128, Id)>,
}

/// The beginning of a session, up to its first route. The peer has none yet, so that what is
/// withdrawn together with the first announcements is no message, as in ExaBGP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Nothing was asked for.
    Waits,
    /// Something was withdrawn.
    Began,
    /// A route was sent, or would have been were it not for its withdrawal.
    Over,
}

/// The routes of a family.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) family: Family,
    /// Those wanted, in the order in which they were announced first.
    pub(super) wanted: Chain,
    /// Those to withdraw, in the order of request.
    pub(super) withdrawals: VecDeque<Withdrawal>,
    /// How many of the first withdrawals are in the order in which they leave.
    pub(super) sorted: usize,
}

/// A route to withdraw.
#[derive(Debug)]
pub(super) struct Withdrawal {
    pub(super) slot: Id,
    /// What families other than those of plain prefixes send beside the withdrawn route.
    pub(super) attributes: Option<Rc<Attributes>>,
}

/// A route in its states.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) nlri: Packed,
    /// What the peer shall have; none when it shall not have the route.
    pub(super) wanted: Option<Rc<Attributes>>,
    /// What the peer has, as far as we know.
    pub(super) sent: Option<Rc<Attributes>>,
    /// The peer has it with other bytes: its labels have changed since.
    pub(super) renewed: bool,
    /// In the routes of the family that are wanted.
    wanted_links: Links,
    /// In the routes of the batch.
    batch_links: Links,
    /// Where it waits, if it does.
    pub(super) batch: Id,
    /// Whether it is in the withdrawals of its family.
    pub(super) withdrawing: bool,
    /// Whether it is in the part of its batch that is sorted.
    pub(super) sorted: bool,
}

/// The list of the routes of a family that are wanted.
pub(super) struct InFamily;
/// The list of the routes of a batch.
pub(super) struct InBatch;

impl Threaded<InFamily> for Slot {
    fn links(&mut self) -> &mut Links {
        &mut self.wanted_links
    }
}

impl Threaded<InBatch> for Slot {
    fn links(&mut self) -> &mut Links {
        &mut self.batch_links
    }
}

impl Keyed for Slot {
    fn identity(&self) -> Identity<'_> {
        self.nlri.identity()
    }
}

impl Slot {
    /// The slot behind it in its family.
    pub(super) fn next_wanted(&self) -> Id {
        self.wanted_links.after
    }

    /// The slot behind it in its batch.
    pub(super) fn next_in_batch(&self) -> Id {
        self.batch_links.after
    }

    /// Forgets what the peer has, and where the slot waits: both are gone with the session.
    pub(super) fn rest(&mut self) {
        self.sent = None;
        self.renewed = false;
        self.batch = Id::NONE;
        self.batch_links = Links::NONE;
        self.sorted = false;
    }

    /// Whether nothing needs it.
    pub(super) fn is_idle(&self) -> bool {
        self.wanted.is_none() && !self.withdrawing
    }
}

impl Outgoing {
    /// No routes. `seed` must not be known to peers.
    pub fn new(options: Options, seed: u64) -> Self {
        Self {
            options,
            slots: Slots::new(),
            index: Index::new(seed),
            families: Vec::new(),
            batches: Batches::new(),
            refreshes: Refreshes::default(),
            is_up: false,
            opening: Opening::Waits,
            queued: 0,
            paths: Paths::default(),
            scratch: Vec::new(),
        }
    }

    /// Makes room for so many more routes at once: a table that is known beforehand is then
    /// filled without growing in steps.
    pub fn reserve(&mut self, additional: usize) {
        self.index.reserve(&self.slots, additional);
    }

    /// Wants the peer to have a route, in place of whatever it has for that destination and path.
    /// The next hop of its attributes is an address, not `self`.
    pub fn announce(&mut self, route: Route) -> Outcome {
        let Route { nlri, attributes } = route;
        let family = nlri.family();
        let hash = self.index.hash(nlri.identity());
        let id = match self.index.find(&self.slots, hash, nlri.identity()) {
            Some(id) => {
                self.renew(id, nlri);
                id
            }
            None => {
                let id = self.slots.insert(Slot::new(nlri));
                self.index.insert(&self.slots, hash, id);
                id
            }
        };
        let table = self.table(family);
        let Some(slot) = self.slots.get_mut(id) else { return Outcome::Unchanged };
        let before = slot.wanted.replace(Rc::clone(&attributes));
        match &before {
            Some(before)
                if same(before, &attributes)
                    && (slot.is_waiting() || slot.is_sent() || !self.is_up) =>
            {
                return Outcome::Unchanged;
            }
            Some(_) => {}
            None => {
                let wanted = self.families.get_mut(table).map(|table| &mut table.wanted);
                wanted.into_iter().for_each(|list| list.push::<InFamily, _>(&mut self.slots, id));
            }
        }
        self.dequeue(id);
        let Some(slot) = self.slots.get(id) else { return Outcome::Unchanged };
        if slot.is_sent() {
            return Outcome::Unchanged;
        }
        self.enqueue(id, &attributes, family);
        Outcome::Queued
    }

    /// Wants the peer not to have a route. The withdrawal is sent whether the peer has it or not,
    /// as it may have it from before, unless the first routes of the session are yet to leave;
    /// `attributes` go with it where the family has it so.
    pub fn withdraw(&mut self, nlri: Packed, attributes: &Rc<Attributes>) {
        let hash = self.index.hash(nlri.identity());
        let id = match self.index.find(&self.slots, hash, nlri.identity()) {
            Some(id) => id,
            None if !self.is_up => return,
            None => {
                let id = self.slots.insert(Slot::new(nlri));
                self.index.insert(&self.slots, hash, id);
                id
            }
        };
        self.withdraw_slot(id, attributes);
    }

    /// Withdraws every route that the peer has, of one family or of all, and forgets the others.
    pub fn clear(&mut self, family: Option<Family>) {
        for table in 0..self.families.len() {
            let Some(of) = self.families.get(table) else { return };
            if family.is_some_and(|family| family != of.family) {
                continue;
            }
            while let Some(id) = self.families.get(table).and_then(|t| t.wanted.first.some()) {
                let Some(slot) = self.slots.get(id) else { return };
                let Some(attributes) = slot.wanted.clone() else { return };
                if slot.sent.is_some() || slot.renewed {
                    self.withdraw_slot(id, &attributes);
                } else {
                    self.forget(id);
                    self.release(id);
                }
            }
        }
    }

    /// The routes of a configuration read again take the place of those it had before: what is
    /// gone is withdrawn, what is new or has changed is announced, everything else (announced by
    /// programs, or unchanged) stays as it is. Of a route given twice the last counts.
    pub fn replace(&mut self, old: &[Route], new: &[Route]) {
        let (gone, changed) = self.compare(old, new);
        for route in gone {
            let hash = self.index.hash(route.nlri.identity());
            if let Some(id) = self.index.find(&self.slots, hash, route.nlri.identity()) {
                self.withdraw_slot(id, &route.attributes);
            } else if !self.options.keep {
                self.withdraw(route.nlri.clone(), &route.attributes);
            }
        }
        self.reserve(changed.len());
        for route in changed {
            self.announce(route.clone());
        }
    }

    /// The routes of `old` that are not in `new`, and those of `new` that are not as in `old`.
    /// Of a route given twice the last counts.
    pub fn compare<'a>(
        &self,
        old: &'a [Route],
        new: &'a [Route],
    ) -> (Vec<&'a Route>, Vec<&'a Route>) {
        /// A route before, and where its successor is among those that changed.
        struct Before<'a> {
            route: &'a Route,
            is_kept: bool,
            place: Option<usize>,
        }
        let hash = |route: &Route| self.index.hash(route.nlri.identity());
        let mut before = hashbrown::HashTable::with_capacity(old.len());
        for route in old {
            let of = |before: &Before<'_>| before.route.nlri.identity() == route.nlri.identity();
            match before.find_mut(hash(route), of) {
                Some(before) => before.route = route,
                None => {
                    let entry = Before { route, is_kept: false, place: None };
                    before.insert_unique(hash(route), entry, |before| hash(before.route));
                }
            }
        }
        let mut changed = Vec::new();
        for route in new {
            let of = |before: &Before<'_>| before.route.nlri.identity() == route.nlri.identity();
            let Some(before) = before.find_mut(hash(route), of) else {
                changed.push(Some(route));
                continue;
            };
            before.is_kept = true;
            if let Some(earlier) = before.place.take().and_then(|place| changed.get_mut(place)) {
                *earlier = None;
            }
            let Route { nlri, attributes } = before.route;
            if *nlri != route.nlri || !same(attributes, &route.attributes) {
                before.place = Some(changed.len());
                changed.push(Some(route));
            }
        }
        let gone = old.iter().filter(|route| {
            let of = |before: &Before<'_>| std::ptr::eq(before.route, *route);
            before.find(hash(route), of).is_some_and(|before| !before.is_kept)
        });
        (gone.collect(), changed.into_iter().flatten().collect())
    }

    /// Queues the End-of-RIB marker of a family behind everything that waits.
    pub fn end_of_rib(&mut self, family: Family) {
        if self.is_up {
            self.batches.mark(Kind::EndOfRib(family));
        }
    }

    /// The routes wanted: by family in the order of first use, then in the order in which they
    /// were announced first.
    pub fn iter(&self) -> impl Iterator<Item = (&Packed, &Rc<Attributes>)> {
        self.families.iter().flat_map(|table| {
            let first = self.slots.get(table.wanted.first);
            let slots = std::iter::successors(first, |slot| self.slots.get(slot.next_wanted()));
            slots.filter_map(|slot| Some((&slot.nlri, slot.wanted.as_ref()?)))
        })
    }

    /// Shows the routes that are wanted from `place` on, family by family, until `show` answers
    /// false or so many slots have been looked at. True when the end has been reached.
    pub fn visit(
        &self,
        place: &mut Place,
        mut most: usize,
        mut show: impl FnMut(&Packed, &Rc<Attributes>) -> bool,
    ) -> bool {
        while let Some(table) = self.families.get(place.family) {
            let slots = self.slots.starting(place.slot);
            for (next, slot) in slots.take_while(|_| table.wanted.len > 0) {
                if most == 0 {
                    return false;
                }
                most -= 1;
                place.slot = next;
                let ours = slot.filter(|slot| slot.nlri.family() == table.family);
                if let Some(slot) = ours
                    && let Some(attributes) = &slot.wanted
                    && !show(&slot.nlri, attributes)
                {
                    return false;
                }
            }
            *place = Place { family: place.family + 1, slot: 0 };
        }
        true
    }

    /// The attributes wanted for a route.
    pub fn get(&self, nlri: &Packed) -> Option<&Rc<Attributes>> {
        let hash = self.index.hash(nlri.identity());
        let id = self.index.find(&self.slots, hash, nlri.identity())?;
        self.slots.get(id)?.wanted.as_ref()
    }

    /// How many routes are wanted, by family in the order of first use.
    pub fn counts(&self) -> impl Iterator<Item = (Family, usize)> {
        self.families.iter().map(|table| (table.family, table.wanted.len))
    }

    /// How many routes are wanted.
    pub fn len(&self) -> usize {
        self.families.iter().map(|table| table.wanted.len).sum()
    }

    /// Whether no route is wanted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many routes wait to be announced or withdrawn.
    pub fn waiting(&self) -> usize {
        self.queued + self.families.iter().map(|table| table.withdrawals.len()).sum::<usize>()
    }

    /// Whether something waits to be sent, or the end of the first routes to be noted.
    pub fn has_pending(&self) -> bool {
        self.is_up && (self.opening == Opening::Began || !self.is_drained())
    }

    /// Whether no message waits.
    pub(super) fn is_drained(&self) -> bool {
        self.batches.is_empty()
            && self.refreshes.is_empty()
            && self.families.iter().all(|table| table.withdrawals.is_empty())
    }

    /// The place of a family, made at first use.
    pub(super) fn table(&mut self, family: Family) -> usize {
        let known = self.families.iter().position(|table| table.family == family);
        known.unwrap_or_else(|| {
            let withdrawals = VecDeque::new();
            self.families.push(Table { family, wanted: Chain::EMPTY, withdrawals, sorted: 0 });
            self.families.len() - 1
        })
    }

    /// Puts a slot that does not wait behind the others of its batch.
    pub(super) fn enqueue(&mut self, id: Id, attributes: &Rc<Attributes>, family: Family) {
        let at = self.batches.join(attributes, family);
        if let Some(batch) = self.batches.get_mut(at) {
            batch.routes.push::<InBatch, _>(&mut self.slots, id);
            self.queued += 1;
        }
        if let Some(slot) = self.slots.get_mut(id) {
            slot.batch = at;
            slot.sorted = false;
        }
    }

    /// Takes a slot out of its batch, if it waits in one.
    pub(super) fn dequeue(&mut self, id: Id) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let at = std::mem::replace(&mut slot.batch, Id::NONE);
        let sorted = std::mem::replace(&mut slot.sorted, false);
        let Some(batch) = self.batches.get_mut(at) else { return };
        batch.sorted -= usize::from(sorted);
        batch.routes.unlink::<InBatch, _>(&mut self.slots, id);
        self.queued -= 1;
        if batch.routes.len == 0 {
            self.batches.remove(at);
        }
    }

    /// Gives up a slot that nothing needs.
    pub(super) fn release(&mut self, id: Id) {
        if self.slots.get(id).is_some_and(Slot::is_idle) {
            self.index.remove(&self.slots, id);
            drop(self.slots.remove(id));
        }
    }

    /// Takes a slot out of what is wanted, and out of its batch.
    pub(super) fn forget(&mut self, id: Id) {
        self.dequeue(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        if slot.wanted.take().is_some() {
            let after = slot.next_wanted();
            let family = slot.nlri.family();
            self.refreshes.skip(id, after);
            let table = self.table(family);
            let wanted = self.families.get_mut(table).map(|table| &mut table.wanted);
            wanted.into_iter().for_each(|list| list.unlink::<InFamily, _>(&mut self.slots, id));
        }
    }

    fn withdraw_slot(&mut self, id: Id, attributes: &Rc<Attributes>) {
        self.forget(id);
        if self.is_up && self.opening != Opening::Over {
            self.opening = Opening::Began;
        } else if self.is_up
            && let Some(slot) = self.slots.get_mut(id)
            && !std::mem::replace(&mut slot.withdrawing, true)
        {
            let family = slot.nlri.family();
            let plain = slot.nlri.shape() == Some(Shape::Inet);
            let attributes = (!plain).then(|| Rc::clone(attributes));
            let table = self.table(family);
            let withdrawals = self.families.get_mut(table).map(|table| &mut table.withdrawals);
            withdrawals.into_iter().for_each(|queue| {
                queue.push_back(Withdrawal { slot: id, attributes: attributes.clone() });
            });
        }
        self.release(id);
    }

    /// Takes over the bytes that do not count for the identity, when they differ: labels.
    fn renew(&mut self, id: Id, nlri: Packed) {
        if let Some(slot) = self.slots.get_mut(id)
            && slot.nlri != nlri
        {
            slot.nlri = nlri;
            slot.renewed |= slot.sent.take().is_some();
            self.dequeue(id);
        }
    }
}

impl Slot {
    fn new(nlri: Packed) -> Self {
        Self {
            nlri,
            wanted: None,
            sent: None,
            renewed: false,
            wanted_links: Links::NONE,
            batch_links: Links::NONE,
            batch: Id::NONE,
            withdrawing: false,
            sorted: false,
        }
    }

    fn is_waiting(&self) -> bool {
        !self.batch.is_none()
    }

    /// Whether the peer has what is wanted, and will not lose it.
    fn is_sent(&self) -> bool {
        match (&self.wanted, &self.sent) {
            (Some(wanted), Some(sent)) => !self.withdrawing && same(wanted, sent),
            _ => false,
        }
    }
}

/// Whether two sets are one: interned ones are by pointer.
pub(super) fn same(one: &Rc<Attributes>, other: &Rc<Attributes>) -> bool {
    Rc::ptr_eq(one, other) || one == other
}
