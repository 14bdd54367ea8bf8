//! What leaves Adj-RIB-Out: the socket pulls, and messages are made when they can go.
//!
//! In this order: routes asked for again, one message each; withdrawals; then what is announced,
//! by attributes, by family, in the order of the first announcement, with the End-of-RIB markers
//! behind the first of it. Inside a message NLRI are sorted by their bytes.

use std::rc::Rc;

use hashbrown::HashTable;

use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, NextHop};
use crate::bgp::message::keepalive;
use crate::bgp::message::refresh::{RouteRefresh, Subtype};
use crate::bgp::message::update::{self, Packed, Packing, Refusal, Sent};
use crate::bgp::negotiated::Refresh;
use crate::bgp::nlri::{self, Rule};
use crate::protocol::Family;

use super::group::Kind;
use super::outgoing::{InBatch, Opening, Outgoing, Slot, Table};
use super::refresh::{Cursor, Part};
use super::slots::{Id, Slots};

/// NLRI that are sorted at once: more of them leave in several sorted runs, so that the first
/// message of a large table need not wait for all of it.
const SORTED_MAX: usize = 16 * 1024;

/// How much may be written in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Messages at most.
    pub messages: usize,
    /// Octets after which no further message is started.
    pub octets: usize,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages of any kind.
    pub messages: usize,
    /// UPDATEs among them, End-of-RIB markers included.
    pub updates: usize,
    pub octets: usize,
    /// Whether something is left to be sent.
    pub more: bool,
}

/// Something that left, or could not.
#[derive(Debug)]
pub enum Event<'a> {
    /// An UPDATE; [`Sent::view`] tells what it says.
    Update(Sent<'a>),
    EndOfRib(Family, &'a [u8]),
    Refresh(RouteRefresh, &'a [u8]),
    Keepalive(&'a [u8]),
    /// A route that cannot be sent on this session, which goes on.
    Refused(&'a nlri::Packed, Refusal),
}

/// Hears of what leaves, before it does.
pub trait Observer {
    /// Something was written into the outbox, or refused.
    fn event(&mut self, event: Event<'_>);
}

/// Hears nothing.
impl Observer for () {
    fn event(&mut self, _: Event<'_>) {}
}

/// How many paths to a destination the peer has, of families for which it set a limit.
#[derive(Debug, Default)]
pub(super) struct Paths {
    counts: HashTable<(u64, u16)>,
}

impl Paths {
    /// Counts one more path, unless there are `limit` already.
    fn add(&mut self, destination: u64, limit: u16) -> bool {
        let same = |entry: &(u64, u16)| entry.0 == destination;
        match self.counts.find_mut(destination, same) {
            Some((_, count)) if *count >= limit => false,
            Some((_, count)) => {
                *count += 1;
                true
            }
            None => {
                self.counts.insert_unique(destination, (destination, 1), |entry| entry.0);
                limit > 0
            }
        }
    }

    fn remove(&mut self, destination: u64) {
        if let Ok(mut entry) = self.counts.find_entry(destination, |entry| entry.0 == destination) {
            match entry.get().1.checked_sub(1) {
                None | Some(0) => drop(entry.remove()),
                Some(left) => entry.get_mut().1 = left,
            }
        }
    }
}

/// A message being filled: where it goes, and who hears of it.
struct Out<'a> {
    negotiated: &'a Negotiated,
    outbox: &'a mut Vec<u8>,
    observer: &'a mut dyn Observer,
}

impl Outgoing {
    /// A session came up: every route that is wanted waits to be sent, and behind them the
    /// End-of-RIB markers of what was negotiated.
    pub fn established(&mut self, negotiated: &Negotiated) {
        self.is_up = true;
        self.opening = Opening::Waits;
        for table in 0..self.families.len() {
            let Some(of) = self.families.get(table) else { break };
            let (family, mut at) = (of.family, of.wanted.first);
            while let Some(slot) = self.slots.get(at) {
                let next = slot.next_wanted();
                if slot.batch.is_none()
                    && let Some(wanted) = slot.wanted.clone()
                {
                    self.enqueue(at, &wanted, family);
                }
                at = next;
            }
        }
        if self.options.manual_eor {
            return;
        }
        if negotiated.families.is_empty() {
            self.batches.mark(Kind::Keepalive);
        }
        for family in &negotiated.families {
            self.batches.mark(Kind::EndOfRib(*family));
        }
    }

    /// The session is gone: what waits to be sent is dropped, what is wanted is kept if
    /// `adj-rib-out` says so.
    pub fn lost(&mut self) {
        self.is_up = false;
        self.refreshes.clear();
        self.paths = Paths::default();
        self.scratch = Vec::new();
        for table in 0..self.families.len() {
            let Some(of) = self.families.get_mut(table) else { break };
            of.sorted = 0;
            let withdrawals = std::mem::take(&mut of.withdrawals);
            let mut at = of.wanted.first;
            for withdrawal in withdrawals {
                if let Some(slot) = self.slots.get_mut(withdrawal.slot) {
                    slot.withdrawing = false;
                    self.release(withdrawal.slot);
                }
            }
            while let Some(slot) = self.slots.get_mut(at) {
                let next = slot.next_wanted();
                slot.rest();
                if !self.options.keep {
                    self.forget(at);
                    self.release(at);
                }
                at = next;
            }
        }
        self.batches.clear();
        self.queued = 0;
    }

    /// Sends the routes of a family again, or of all, framed by markers where the session has
    /// enhanced refresh. Families that were not negotiated are left out.
    pub fn refresh(&mut self, family: Option<Family>, negotiated: &Negotiated) {
        if !self.options.keep || !self.is_up {
            return;
        }
        let framed = negotiated.refresh == Refresh::Enhanced;
        let asked = |known: &&Family| family.is_none_or(|family| family == **known);
        for family in negotiated.families.iter().filter(asked) {
            self.refreshes.request(*family, framed);
        }
    }

    /// Writes messages into `outbox` until the budget is spent or nothing waits.
    pub fn next(
        &mut self,
        negotiated: &Negotiated,
        outbox: &mut Vec<u8>,
        budget: Budget,
        observer: &mut dyn Observer,
    ) -> Progress {
        let start = outbox.len();
        let mut progress = Progress::default();
        let mut out = Out { negotiated, outbox, observer };
        while progress.messages < budget.messages && out.outbox.len() - start < budget.octets {
            let before = out.outbox.len();
            match self.step(&mut out) {
                Step::Idle => break,
                Step::Update if out.outbox.len() > before => {
                    progress.updates += 1;
                    progress.messages += 1;
                }
                Step::Other if out.outbox.len() > before => progress.messages += 1,
                // Nothing could be said: routes of a family that was not negotiated.
                Step::Update | Step::Other => {}
            }
        }
        progress.octets = out.outbox.len() - start;
        if self.opening == Opening::Began && self.is_drained() {
            self.opening = Opening::Over;
        }
        progress.more = self.has_pending();
        if !progress.more {
            self.scratch = Vec::new();
        }
        progress
    }

    fn step(&mut self, out: &mut Out<'_>) -> Step {
        if !self.is_up {
            return Step::Idle;
        }
        if let Some(part) = self.refreshes.next() {
            return match part {
                Part::Begin(family) | Part::End(family) => {
                    self.refreshes.done();
                    let begins = matches!(part, Part::Begin(_));
                    out.refresh(family, if begins { Subtype::Begin } else { Subtype::End })
                }
                Part::Routes(family, cursor) => {
                    self.opening = Opening::Over;
                    self.send_again(out, family, cursor)
                }
            };
        }
        let waits = |table: &Table| !table.withdrawals.is_empty();
        if let Some(table) = self.families.iter().position(waits) {
            return self.send_withdrawals(out, table);
        }
        let Some(id) = self.batches.first() else { return Step::Idle };
        let kind = self.batches.get(id).map(|batch| batch.kind.clone());
        match kind {
            Some(Kind::Routes(attributes, family)) => {
                self.opening = Opening::Over;
                self.send_batch(out, id, &attributes, family)
            }
            Some(Kind::EndOfRib(family)) => {
                self.batches.remove(id);
                out.end_of_rib(family)
            }
            Some(Kind::Keepalive) => {
                self.batches.remove(id);
                out.keepalive()
            }
            None => Step::Idle,
        }
    }

    /// One route of a family whose routes were asked for again.
    fn send_again(&mut self, out: &mut Out<'_>, family: Family, cursor: Option<Cursor>) -> Step {
        let first = || {
            let table = self.families.iter().find(|table| table.family == family)?;
            Some(Cursor { at: table.wanted.first, left: table.wanted.len })
        };
        let cursor = cursor.or_else(first).filter(|cursor| cursor.left > 0);
        let found = cursor.and_then(|cursor| Some((cursor, self.slots.get(cursor.at)?)));
        let (Some((Cursor { at, left }, slot)), Some(rule)) = (found, Rule::of(family)) else {
            self.refreshes.done();
            return Step::Update;
        };
        let wanted = slot.wanted.clone();
        self.refreshes.advance(Cursor { at: slot.next_wanted(), left: left - 1 });
        // One that is withdrawn first is announced behind the withdrawal.
        if let Some(attributes) = wanted.filter(|_| !slot.withdrawing) {
            self.dequeue(at);
            let packing = Packing::announce(out.outbox, out.negotiated, rule, &attributes);
            let packed = packing.and_then(|mut packing| {
                let limit = limit(out.negotiated, family);
                match self.push(&mut packing, at, limit) {
                    Pushed::Full => Err(packing.too_large()),
                    Pushed::Written | Pushed::Surplus => Ok(packing.finish()),
                }
            });
            match packed {
                Ok(packed) => out.announced(packed, family, attributes.next_hop()),
                Err(error) => self.refuse(out, at, error),
            }
        }
        Step::Update
    }

    /// One message of a batch.
    fn send_batch(
        &mut self,
        out: &mut Out<'_>,
        id: Id,
        attributes: &Rc<Attributes>,
        family: Family,
    ) -> Step {
        self.batches.close(id);
        let first = |rib: &Self| rib.batches.get(id).and_then(|batch| batch.routes.first.some());
        let Some(rule) = Rule::of(family).filter(|_| out.negotiated.has(family)) else {
            while let Some(at) = first(self) {
                self.drop_waiting(at);
            }
            return Step::Update;
        };
        let grouped = self.options.group && rule.grouped;
        if grouped {
            self.sort_batch(id, out.negotiated.sends_path_id(family));
        }
        let limit = limit(out.negotiated, family);
        let error = match Packing::announce(out.outbox, out.negotiated, rule, attributes) {
            Ok(mut packing) => {
                while let Some(at) = first(self) {
                    match self.push(&mut packing, at, limit) {
                        Pushed::Written if grouped => self.dequeue_sent(at),
                        Pushed::Written => {
                            self.dequeue_sent(at);
                            break;
                        }
                        Pushed::Surplus => self.drop_waiting(at),
                        Pushed::Full => break,
                    }
                }
                let error = packing.too_large();
                let packed = packing.finish();
                let nothing = packed.is_none();
                out.announced(packed, family, attributes.next_hop());
                nothing.then_some(error)
            }
            Err(error) => Some(error),
        };
        // What has no room in an empty message has none in any.
        if let (Some(error), Some(at)) = (error, first(self)) {
            self.refuse(out, at, error);
        }
        Step::Update
    }

    /// One message of withdrawals.
    fn send_withdrawals(&mut self, out: &mut Out<'_>, table: usize) -> Step {
        let Some(of) = self.families.get(table) else { return Step::Update };
        let family = of.family;
        let Some(rule) = Rule::of(family).filter(|_| out.negotiated.has(family)) else {
            while self.withdrawn(table, None) {}
            return Step::Update;
        };
        let grouped = self.options.group && rule.grouped;
        if grouped && rule.is_classic() {
            self.sort_withdrawals(table, out.negotiated.sends_path_id(family));
        }
        let front = |rib: &Self| {
            let front = rib.families.get(table)?.withdrawals.front()?;
            Some((front.slot, front.attributes.clone()))
        };
        let Some((first, attributes)) = front(self) else { return Step::Update };
        let limit = limit(out.negotiated, family);
        let started = Packing::withdraw(out.outbox, out.negotiated, rule, attributes.as_deref());
        let packed = started.and_then(|mut packing| {
            while let Some((at, other)) = front(self) {
                let together = match (&attributes, &other) {
                    (Some(one), Some(other)) => Rc::ptr_eq(one, other),
                    (one, other) => one.is_none() && other.is_none(),
                };
                let slot = self.slots.get(at).filter(|_| together);
                if !slot.is_some_and(|slot| packing.push(slot.nlri.path_id(), slot.nlri.bytes())) {
                    break;
                }
                self.withdrawn(table, limit);
                if !grouped {
                    break;
                }
            }
            let error = packing.too_large();
            packing.finish().ok_or(error)
        });
        match packed {
            Ok(packed) => out.withdrawn(&packed, family),
            Err(error) => {
                if let Some(slot) = self.slots.get(first) {
                    out.observer.event(Event::Refused(&slot.nlri, error));
                }
                self.withdrawn(table, None);
            }
        }
        Step::Update
    }

    /// The first withdrawal of a family is done with; false when there was none.
    fn withdrawn(&mut self, table: usize, limit: Option<u16>) -> bool {
        let Some(of) = self.families.get_mut(table) else { return false };
        let Some(withdrawal) = of.withdrawals.pop_front() else { return false };
        of.sorted = of.sorted.saturating_sub(1);
        if of.withdrawals.is_empty() {
            of.withdrawals = std::collections::VecDeque::new();
        }
        if let Some(slot) = self.slots.get_mut(withdrawal.slot) {
            slot.withdrawing = false;
            slot.renewed = false;
            if slot.sent.take().is_some() && limit.is_some() {
                let destination = self.index.hash(slot.nlri.destination());
                self.paths.remove(destination);
            }
        }
        self.release(withdrawal.slot);
        true
    }

    /// Writes a route into a message, unless the peer has as many paths to it as it wants.
    fn push(&mut self, packing: &mut Packing<'_>, at: Id, limit: Option<u16>) -> Pushed {
        let Some(slot) = self.slots.get_mut(at) else { return Pushed::Surplus };
        let counted = limit.filter(|_| slot.sent.is_none()).map(|limit| {
            let destination = self.index.hash(slot.nlri.destination());
            (destination, self.paths.add(destination, limit))
        });
        if let Some((_, false)) = counted {
            return Pushed::Surplus;
        }
        if packing.push(slot.nlri.path_id(), slot.nlri.bytes()) {
            slot.sent = slot.wanted.clone();
            slot.renewed = false;
            return Pushed::Written;
        }
        if let Some((destination, true)) = counted {
            self.paths.remove(destination);
        }
        Pushed::Full
    }

    /// A route left: it waits no more, and is kept if `adj-rib-out` says so.
    fn dequeue_sent(&mut self, at: Id) {
        if self.options.keep {
            self.dequeue(at);
        } else {
            self.forget(at);
            self.release(at);
        }
    }

    /// A route waits no more although it did not leave.
    fn drop_waiting(&mut self, at: Id) {
        self.dequeue_sent(at);
    }

    fn refuse(&mut self, out: &mut Out<'_>, at: Id, error: Refusal) {
        if let Some(slot) = self.slots.get(at) {
            out.observer.event(Event::Refused(&slot.nlri, error));
        }
        self.drop_waiting(at);
    }

    /// Puts the first routes of a batch, unless they are, in the order in which they leave.
    fn sort_batch(&mut self, id: Id, path_ids: bool) {
        let Some(batch) = self.batches.get_mut(id) else { return };
        let all = batch.routes.len;
        if batch.sorted > 0 || all < 2 {
            return;
        }
        let count = all.min(SORTED_MAX);
        self.scratch.clear();
        let mut at = batch.routes.first;
        while self.scratch.len() < count
            && let Some(slot) = self.slots.get_mut(at)
        {
            self.scratch.push((key(&slot.nlri, path_ids), at));
            // Of a batch sorted whole every slot is in the sorted part.
            slot.sorted = count < all;
            at = slot.next_in_batch();
        }
        batch.sorted = count;
        if sort(&mut self.scratch, &self.slots) {
            let ids = self.scratch.iter().map(|(_, id)| *id);
            batch.routes.reorder_front::<InBatch, _>(&mut self.slots, ids);
        }
    }

    /// Puts the first withdrawals of a family, which carry no attributes, in the order in which
    /// they leave.
    fn sort_withdrawals(&mut self, table: usize, path_ids: bool) {
        let Some(of) = self.families.get_mut(table) else { return };
        if of.sorted > 0 || of.withdrawals.len() < 2 {
            return;
        }
        self.scratch.clear();
        for withdrawal in of.withdrawals.iter().take(SORTED_MAX) {
            let nlri = self.slots.get(withdrawal.slot).map(|slot| key(&slot.nlri, path_ids));
            self.scratch.push((nlri.unwrap_or(0), withdrawal.slot));
        }
        of.sorted = self.scratch.len();
        if sort(&mut self.scratch, &self.slots) {
            for (withdrawal, (_, id)) in of.withdrawals.iter_mut().zip(&self.scratch) {
                withdrawal.slot = *id;
            }
        }
    }
}

impl Out<'_> {
    fn announced(&mut self, packed: Option<Packed>, family: Family, next_hop: NextHop) {
        if let Some(packed) = packed {
            self.update(&packed, family, next_hop, false);
        }
    }

    fn withdrawn(&mut self, packed: &Packed, family: Family) {
        self.update(packed, family, NextHop::None, true);
    }

    fn update(&mut self, packed: &Packed, family: Family, next_hop: NextHop, withdrawn: bool) {
        let octets = self.outbox.get(packed.start..).unwrap_or_default();
        let routes = self.outbox.get(packed.routes.clone()).unwrap_or_default();
        let sent = Sent { octets, family, withdrawn, next_hop, routes };
        self.observer.event(Event::Update(sent));
    }

    fn end_of_rib(&mut self, family: Family) -> Step {
        let start = self.outbox.len();
        if self.negotiated.has(family) {
            update::end_of_rib(self.outbox, family);
            let octets = self.outbox.get(start..).unwrap_or_default();
            self.observer.event(Event::EndOfRib(family, octets));
        }
        Step::Update
    }

    fn refresh(&mut self, family: Family, subtype: Subtype) -> Step {
        let start = self.outbox.len();
        let refresh = RouteRefresh { family, subtype };
        refresh.pack(self.outbox);
        let octets = self.outbox.get(start..).unwrap_or_default();
        self.observer.event(Event::Refresh(refresh, octets));
        Step::Other
    }

    fn keepalive(&mut self) -> Step {
        let start = self.outbox.len();
        keepalive::pack(self.outbox);
        let octets = self.outbox.get(start..).unwrap_or_default();
        self.observer.event(Event::Keepalive(octets));
        Step::Other
    }
}

/// What a step made.
enum Step {
    /// Nothing waits.
    Idle,
    /// An UPDATE, or nothing.
    Update,
    /// Another message.
    Other,
}

/// What became of a route that was to be written.
enum Pushed {
    Written,
    /// The peer wants no more paths to its destination.
    Surplus,
    /// The message has no room left.
    Full,
}

/// How many paths to a destination the peer wants, if it said so.
fn limit(negotiated: &Negotiated, family: Family) -> Option<u16> {
    let found = negotiated.paths_limit.iter().find(|(limited, _)| *limited == family);
    found.map(|(_, limit)| *limit)
}

/// The first sixteen octets as sent, as a number that sorts like them.
fn key(nlri: &nlri::Packed, path_ids: bool) -> u128 {
    let mut octets = [0; 16];
    let path_id = nlri.path_id().unwrap_or(0).to_be_bytes();
    let path_id = path_id.iter().filter(|_| path_ids);
    octets.iter_mut().zip(path_id.chain(nlri.bytes())).for_each(|(place, octet)| *place = *octet);
    u128::from_be_bytes(octets)
}

/// Sorts slots by the octets of their NLRI as sent; false when they were sorted already.
fn sort(keyed: &mut [(u128, Id)], slots: &Slots<Slot>) -> bool {
    // Equal beginnings: path identifiers are in them, so what is left is the bytes.
    let rest = |id: &Id| slots.get(*id).map(|slot| slot.nlri.bytes());
    let compare = |(one, a): &(u128, Id), (other, b): &(u128, Id)| {
        one.cmp(other).then_with(|| rest(a).cmp(&rest(b)))
    };
    if keyed.is_sorted_by(|one, other| compare(one, other).is_le()) {
        return false;
    }
    keyed.sort_unstable_by(compare);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::{Attribute, Interner};
    use crate::protocol::{Afi, Asn, Safi};
    use crate::rib::testing::{Words, drain, internal, outgoing, routes};
    use crate::rib::{Options, Route};

    const V4: Family = Family::IPV4_UNICAST;
    const V6: Family = Family::IPV6_UNICAST;

    /// What leaves for these routes, announced before the session comes up.
    fn leaves(negotiated: &Negotiated, texts: &[&str]) -> Vec<String> {
        let mut words = Words::default();
        let mut rib = outgoing();
        announce(&mut rib, &mut words, texts);
        rib.established(negotiated);
        routes(&mut rib, negotiated)
    }

    fn announce(rib: &mut Outgoing, words: &mut Words, texts: &[impl AsRef<str>]) {
        for text in texts {
            rib.announce(words.route(text.as_ref()));
        }
    }

    fn lengths(bodies: &[String]) -> Vec<usize> {
        bodies.iter().map(|body| 19 + body.len() / 2).collect()
    }

    fn split24(from: &str, count: u32) -> Vec<String> {
        let first = u32::from(from.parse::<std::net::Ipv4Addr>().unwrap());
        let address = |n| std::net::Ipv4Addr::from(first + n * 256);
        (0..count).map(|n| format!("{}/24 next-hop 198.51.100.7", address(n))).collect()
    }

    #[test]
    fn acceptance_vectors_of_single_routes() {
        let mpls = Family::new(Afi::IPV4, Safi::NLRI_MPLS);
        let vpn = Family::new(Afi::IPV4, Safi::MPLS_VPN);
        let vpn6 = Family::new(Afi::IPV6, Safi::MPLS_VPN);
        for (name, family, text, expected) in [
            (
                "A1",
                V4,
                "172.16.8.0/21 next-hop 198.51.100.7",
                "0000001540010100400200400304c63364074005040000006415ac1008",
            ),
            (
                "A64",
                Family::IPV4_MULTICAST,
                "232.1.0.0/16 next-hop 198.51.100.7",
                "0000002440010100400200400304c633640740050400000064800e0c00010204c63364070010e801",
            ),
            (
                "A77",
                V6,
                "2001:db8:77::/48 next-hop 2001:db8::1",
                "0000002d4001010040020040050400000064800e1c0002011020010db80000000000000000000000\
                 01003020010db80077",
            ),
            (
                "A83",
                V4,
                "172.16.8.0/21 next-hop 2001:db8::1",
                "0000002a4001010040020040050400000064800e190001011020010db80000000000000000000000\
                 010015ac1008",
            ),
            (
                "A84, as IPv4-mapped",
                V6,
                "2001:db8:77::/48 next-hop 192.0.2.1",
                "0000002d4001010040020040050400000064800e1c0002011000000000000000000000ffffc00002\
                 01003020010db80077",
            ),
            (
                "A91",
                mpls,
                "172.16.8.0/24 next-hop 198.51.100.7 label [ 300 301 ]",
                "0000002b40010100400200400304c633640740050400000064800e1300010404c633640700480012\
                 c00012d1ac1008",
            ),
            (
                "A102",
                vpn,
                "172.16.8.0/24 next-hop 198.51.100.7 rd 64700:12 label 300",
                "0000003840010100400200400304c633640740050400000064800e200001800c0000000000000000\
                 c633640700700012c10000fcbc0000000cac1008",
            ),
            (
                "A101, as IPv4-mapped",
                vpn6,
                "2001:db8:77::/48 next-hop 192.0.2.1 rd 64700:12 label 300",
                "000000404001010040020040050400000064800e2f00028018000000000000000000000000000000\
                 000000ffffc000020100880012c10000fcbc0000000c20010db80077",
            ),
        ] {
            assert_eq!(leaves(&internal(&[family]), &[text]), [expected], "{name}");
        }
    }

    #[test]
    fn path_identifiers_leave_where_negotiated() {
        let mut negotiated = internal(&[V4]);
        let texts = ["172.16.8.0/21 next-hop 198.51.100.7 path-information 1.2.3.4"];
        let attributes = "0000001540010100400200400304c633640740050400000064";
        assert_eq!(leaves(&negotiated, &texts), [format!("{attributes}15ac1008")]);
        negotiated.addpath_send.push(V4);
        assert_eq!(leaves(&negotiated, &texts), [format!("{attributes}0102030415ac1008")]);
        let without = ["172.16.8.0/21 next-hop 198.51.100.7"];
        assert_eq!(leaves(&negotiated, &without), [format!("{attributes}0000000015ac1008")]);
    }

    #[test]
    fn groups_are_by_attributes_and_sorted_inside() {
        let negotiated = internal(&[V4]);
        let attributes = "0000001540010100400200400304c633640740050400000064";
        assert_eq!(
            leaves(
                &negotiated,
                &[
                    "10.0.0.0/16 next-hop 198.51.100.7",
                    "10.0.0.0/8 next-hop 198.51.100.7",
                    "9.0.0.0/24 next-hop 198.51.100.7",
                ]
            ),
            [format!("{attributes}080a100a0018090000")],
            "A69"
        );
        assert_eq!(
            leaves(
                &negotiated,
                &[
                    "10.3.0.0/16 next-hop 198.51.100.7 med 1",
                    "10.1.0.0/16 next-hop 198.51.100.7 med 2",
                    "10.2.0.0/16 next-hop 198.51.100.7 med 1",
                ]
            ),
            [
                "0000001c40010100400200400304c63364078004040000000140050400000064100a02100a03",
                "0000001c40010100400200400304c63364078004040000000240050400000064100a01",
            ],
            "A68"
        );
        let six = ["2001:db8:2::/48 next-hop 2001:db8::1", "2001:db8:1::/48 next-hop 2001:db8::1"];
        assert_eq!(leaves(&internal(&[V6]), &six).len(), 2, "A70: never grouped");
    }

    #[test]
    fn messages_are_never_longer_than_negotiated() {
        let mut negotiated = internal(&[V4]);
        let texts = split24("10.0.0.0", 1024);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(lengths(&leaves(&negotiated, &texts)), [4140], "F521");
        negotiated.message_size = 4096;
        assert_eq!(lengths(&leaves(&negotiated, &texts)), [4096, 88], "F520");
        negotiated.addpath_send.push(V4);
        assert_eq!(lengths(&leaves(&negotiated, &texts)), [4092, 4092, 140], "F522");
    }

    #[test]
    fn withdrawals_are_packed() {
        let mut negotiated = internal(&[V4]);
        negotiated.message_size = 4096;
        let mut words = Words::default();
        let mut rib = outgoing();
        for text in split24("10.0.0.0", 1024).iter().rev() {
            rib.announce(words.route(text));
        }
        rib.established(&negotiated);
        drain(&mut rib, &negotiated);
        rib.clear(None);
        let bodies = routes(&mut rib, &negotiated);
        assert_eq!(lengths(&bodies), [4095, 47], "F523");
        assert!(bodies[0].starts_with("0fe8180a0000180a0001"), "sorted");
        assert!(rib.is_empty() && rib.slots.get(rib.batches.first().unwrap_or(Id::NONE)).is_none());
    }

    #[test]
    fn withdrawals_of_each_kind() {
        let six = "2001:db8:2::/48 next-hop 2001:db8::1";
        let mpls = "172.16.8.0/24 next-hop 198.51.100.7 label 300";
        let vpn = "172.16.8.0/24 next-hop 198.51.100.7 rd 64700:1 label 300";
        for (name, text, expected) in [
            ("A72", six, "0000000d800f0a0002013020010db80002"),
            (
                "A74",
                vpn,
                "0000002a40010100400200400304c633640740050400000064800f12000180700012c10000fcbc00\
                 000001ac1008",
            ),
            (
                "A75",
                mpls,
                "0000002240010100400200400304c633640740050400000064800f0a000104300012c1ac1008",
            ),
        ] {
            let mut words = Words::default();
            let route = words.route(text);
            let negotiated = internal(&[route.nlri.family()]);
            let mut rib = outgoing();
            rib.announce(route);
            rib.established(&negotiated);
            drain(&mut rib, &negotiated);
            rib.clear(None);
            assert_eq!(drain(&mut rib, &negotiated), [expected], "{name}");
        }
    }

    #[test]
    fn without_groups_each_route_is_a_message() {
        let negotiated = internal(&[V4]);
        let mut words = Words::default();
        let mut rib = Outgoing::new(Options { group: false, ..outgoing().options }, 7);
        announce(&mut rib, &mut words, &split24("10.0.0.0", 4));
        rib.established(&negotiated);
        assert_eq!(lengths(&routes(&mut rib, &negotiated)), [48, 48, 48, 48], "F524");
    }

    #[test]
    fn attributes_that_leave_no_room_are_refused() {
        let route = |octets: usize| {
            let mut words = Words::default();
            let hex = "00".repeat(octets);
            let text = format!("10.0.0.0/24 next-hop 198.51.100.7 attribute [ 0x63 0xc0 0x{hex} ]");
            words.route(&text)
        };
        let sent = |octets: usize, limit: usize| {
            let negotiated = Negotiated { message_size: limit, ..internal(&[V4]) };
            let mut rib = outgoing();
            rib.announce(route(octets));
            rib.established(&negotiated);
            let bodies = routes(&mut rib, &negotiated);
            if bodies == ["refused"] { Vec::new() } else { lengths(&bodies) }
        };
        assert_eq!(sent(4100, 4096), [0; 0], "F525");
        assert_eq!(sent(4100, 65535), [4152], "F526");
        assert_eq!(sent(4044, 4096), [4096], "F527");
        assert_eq!(sent(4045, 4096), [0; 0], "F528");
    }

    #[test]
    fn a_route_without_next_hop_is_refused() {
        let negotiated = internal(&[V4, V6]);
        for text in ["10.0.0.0/8 next-hop self", "2001:db8::/32 next-hop self", "10.0.0.0/8"] {
            assert_eq!(leaves(&negotiated, &[text]), ["refused"], "{text}");
        }
    }

    #[test]
    fn a_session_starts_with_everything_and_the_markers() {
        let negotiated = Negotiated { peer_as: Asn(65020), ..internal(&[V4, V6]) };
        let mut words = Words::default();
        let mut rib = outgoing();
        for text in [
            "172.16.8.0/24 next-hop 198.51.100.7",
            "172.16.9.0/24 next-hop 198.51.100.7 med 7",
            "2001:db8:77::/48 next-hop 2001:db8::1",
            "172.16.10.0/24 next-hop 198.51.100.7",
        ] {
            rib.announce(words.route(text));
        }
        let first = [
            "000000144001010040020602010000fdf2400304c633640718ac100818ac100a",
            "0000001b4001010040020602010000fdf2400304c63364078004040000000718ac1009",
            "0000002c4001010040020602010000fdf2800e1c0002011020010db8000000000000000000000001003020\
             010db80077",
            "00000000",
            "00000007900f0003000201",
        ];
        for _ in 0..3 {
            rib.established(&negotiated);
            assert_eq!(drain(&mut rib, &negotiated), first, "E483, E507");
            assert_eq!(drain(&mut rib, &negotiated), [""; 0]);
            rib.lost();
            assert!(!rib.has_pending());
        }
    }

    #[test]
    fn refresh_sends_each_route_alone_between_markers() {
        let mut negotiated = internal(&[V4, V6]);
        negotiated.refresh = Refresh::Enhanced;
        let mut words = Words::default();
        let mut rib = outgoing();
        for text in [
            "10.0.0.0/8 next-hop 198.51.100.7",
            "11.0.0.0/8 next-hop 198.51.100.7 med 7",
            "2001:db8:77::/48 next-hop 2001:db8::1",
            "12.0.0.0/8 next-hop 198.51.100.7",
        ] {
            rib.announce(words.route(text));
        }
        rib.established(&negotiated);
        drain(&mut rib, &negotiated);
        rib.refresh(Some(V4), &negotiated);
        let bodies = drain(&mut rib, &negotiated);
        assert_eq!(lengths(&bodies[1..4]), [46, 53, 46], "E498");
        assert_eq!((bodies[0].as_str(), bodies[4].as_str()), ("RR00010101", "RR00010201"));
        rib.refresh(None, &negotiated);
        assert_eq!(drain(&mut rib, &negotiated).len(), 8);
        rib.refresh(Some(Family::IPV4_MULTICAST), &negotiated);
        assert_eq!(drain(&mut rib, &negotiated), [""; 0], "E501");
        negotiated.refresh = Refresh::Normal;
        rib.refresh(Some(V6), &negotiated);
        assert_eq!(drain(&mut rib, &negotiated).len(), 1);
    }

    #[test]
    fn no_family_ends_the_first_batch_with_a_keepalive() {
        let mut words = Words::default();
        let mut rib = outgoing();
        rib.announce(words.route("10.0.0.0/8 next-hop 198.51.100.7"));
        rib.established(&internal(&[]));
        assert_eq!(drain(&mut rib, &internal(&[])), ["KA"], "E504");
    }

    #[test]
    fn markers_on_demand() {
        let mut words = Words::default();
        let mut rib = Outgoing::new(Options { manual_eor: true, ..outgoing().options }, 7);
        let negotiated = internal(&[V4, V6]);
        rib.announce(words.route("10.0.0.0/8 next-hop 198.51.100.7"));
        rib.established(&negotiated);
        rib.end_of_rib(V6);
        rib.announce(words.route("11.0.0.0/8 next-hop 198.51.100.7"));
        let bodies = drain(&mut rib, &negotiated);
        assert_eq!(bodies.len(), 3, "the marker stands between what came before and after it");
        assert_eq!(bodies[1], "00000007900f0003000201");
    }

    #[test]
    fn limited_paths() {
        let mut negotiated = internal(&[V4]);
        negotiated.addpath_send.push(V4);
        negotiated.paths_limit.push((V4, 2));
        let mut words = Words::default();
        let mut rib = outgoing();
        rib.established(&negotiated);
        drain(&mut rib, &negotiated);
        let path = |n: u8| format!("10.0.0.0/8 next-hop 198.51.100.7 path-information {n}");
        announce(&mut rib, &mut words, &[path(1), path(2), path(3)]);
        let attributes = "0000001540010100400200400304c633640740050400000064";
        let two = format!("{attributes}00000001080a00000002080a");
        assert_eq!(drain(&mut rib, &negotiated), [two]);
        let gone = words.route(&path(1));
        rib.withdraw(gone.nlri, &gone.attributes);
        assert_eq!(drain(&mut rib, &negotiated).len(), 1);
        rib.announce(words.route(&path(4)));
        assert_eq!(drain(&mut rib, &negotiated), [format!("{attributes}00000004080a")]);
    }

    #[test]
    fn a_table_larger_than_a_sorted_run_leaves_whole() {
        let negotiated = internal(&[V4]);
        let mut rib = outgoing();
        let mut builder = Attributes::builder();
        builder.set_next_hop(NextHop::Address("198.51.100.7".parse().unwrap()));
        builder.add(Attribute::Med(crate::bgp::attribute::Med(5)));
        let attributes = Interner::new().intern(builder.build());
        let run = u32::try_from(SORTED_MAX).unwrap();
        let count = run * 5 / 2;
        for n in (0..count).rev() {
            let [_, a, b, c] = n.to_be_bytes();
            let nlri = nlri::Packed::new(V4, None, &[32, 10, a, b, c]);
            rib.announce(Route { nlri, attributes: Rc::clone(&attributes) });
        }
        rib.established(&negotiated);
        let mut outbox = Vec::new();
        let budget = Budget { messages: 1, octets: usize::MAX };
        let mut messages = 0;
        while rib.next(&negotiated, &mut outbox, budget, &mut ()).more {
            messages += 1;
            // Routes of the sorted run and of the rest may go while the batch is leaving.
            if messages == 1 {
                for n in [0, 1, count - run, count / 2] {
                    let [_, a, b, c] = n.to_be_bytes();
                    let nlri = nlri::Packed::new(V4, None, &[32, 10, a, b, c]);
                    rib.withdraw(nlri, &attributes);
                }
            }
        }
        assert_eq!(rib.len(), usize::try_from(count).unwrap() - 4);
        assert!(messages <= 8, "{messages}");
        assert!(rib.scratch.capacity() == 0);
    }

    #[test]
    fn a_walk_meets_each_route_that_stays_once() {
        let mut words = Words::default();
        let mut rib = outgoing();
        let text = |n: u32| format!("10.0.{n}.0/24 next-hop 198.51.100.7");
        let six = |n: u32| format!("2001:db8:{n:x}::/48 next-hop 2001:db8::1");
        for n in 0..200 {
            rib.announce(words.route(&text(n)));
            rib.announce(words.route(&six(n)));
        }
        let (mut place, mut met) = (crate::rib::Place::default(), Vec::new());
        for step in 0.. {
            let most = 7 + step % 5;
            let ended = rib.visit(&mut place, most, |nlri, _| {
                met.push((nlri.family(), nlri.bytes().to_vec()));
                step % 3 > 0 || met.len() % 2 > 0
            });
            if ended {
                break;
            }
            // Those with an odd number leave, behind the walk and before it; others come.
            let n = u32::try_from(step).unwrap();
            if n < 100 {
                for gone in [text(199 - n * 2), six(n * 2 + 1)] {
                    let gone = words.route(&gone);
                    rib.withdraw(gone.nlri, &gone.attributes);
                }
                rib.announce(words.route(&format!("10.1.{n}.0/24 next-hop 198.51.100.7")));
            }
        }
        let stays = (0..200).step_by(2).flat_map(|n| [text(n), six(n)]);
        for text in stays {
            let nlri = words.route(&text).nlri;
            let found = met
                .iter()
                .filter(|(family, bytes)| *family == nlri.family() && **bytes == *nlri.bytes());
            assert_eq!(found.count(), 1, "{text}");
        }
        let families: Vec<Family> = met.iter().map(|(family, _)| *family).collect();
        assert!(families.is_sorted_by_key(|family| family.afi), "family by family");
    }

    #[test]
    fn what_is_withdrawn_with_the_first_routes_is_no_message() {
        let negotiated = internal(&[V4]);
        let mut words = Words::default();
        let mut rib = outgoing();
        rib.established(&negotiated);
        assert_eq!(drain(&mut rib, &negotiated).len(), 1, "the End-of-RIB");
        let mut route = |text| words.route(&format!("{text} next-hop 198.51.100.7"));
        let (kept, gone) = (route("10.0.0.0/25"), route("10.0.0.0/24"));
        rib.announce(gone.clone());
        rib.announce(kept);
        rib.withdraw(gone.nlri.clone(), &gone.attributes);
        assert_eq!(drain(&mut rib, &negotiated).len(), 1);
        // From now on it may be known from before.
        rib.announce(gone.clone());
        rib.withdraw(gone.nlri.clone(), &gone.attributes);
        assert_eq!(drain(&mut rib, &negotiated), ["0004180a00000000"]);
        // Alone it is no message either, and it is the end of the beginning.
        rib.lost();
        rib.clear(None);
        rib.established(&negotiated);
        drain(&mut rib, &negotiated);
        rib.withdraw(gone.nlri.clone(), &gone.attributes);
        assert!(rib.has_pending());
        assert!(drain(&mut rib, &negotiated).is_empty());
        rib.withdraw(gone.nlri.clone(), &gone.attributes);
        assert_eq!(drain(&mut rib, &negotiated), ["0004180a00000000"]);
    }
}
