//! All timers: a hierarchical wheel of four levels of 64 slots, 10 ms a tick.
//!
//! A timer lies on the level of the highest group of six bits in which its tick differs from the
//! present tick: level 0 holds the next 0.64 s exactly, level 3 reaches 46 hours, and what is
//! farther waits in one slot beyond. Time passes by emptying the first occupied slot: on level 0
//! its timers fire, on the others they move down. An occupancy word a level finds that slot without
//! a scan, and each slot notes its soonest tick, so arming, cancelling, firing and asking for the
//! next deadline cost the same whatever is armed.
//!
//! A timer never fires early, and at most one tick late.

use std::time::{Duration, Instant};

use slab::Slab;

/// Resolution of the wheel.
pub const TICK: Duration = Duration::from_millis(10);

const TICK_MILLIS: u128 = TICK.as_millis();
const LEVELS: usize = 4;
const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_MASK: u64 = 63;
/// The slot of the timers that lie beyond the wheel.
const BEYOND: usize = LEVELS * SLOTS;
/// Ticks of one turn of the whole wheel, as a power of two.
const WHEEL_BITS: u32 = SLOT_BITS * 4;
const NIL: usize = usize::MAX;

/// Timers that carry a key of type `K`.
#[derive(Debug)]
pub struct Wheel<K: Copy> {
    origin: Instant,
    /// Every timer before this tick has fired.
    elapsed: u64,
    timers: Slab<Timer<K>>,
    slots: [Slot; BEYOND + 1],
    /// One bit a slot that is not empty.
    occupied: [u64; LEVELS],
    serial: u64,
}

/// Names an armed timer. It stays valid, and harmless, after the timer fired or was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerId {
    index: usize,
    serial: u64,
}

#[derive(Debug)]
struct Timer<K> {
    key: K,
    tick: u64,
    serial: u64,
    slot: usize,
    previous: usize,
    next: usize,
}

/// A doubly linked list of timers, in the order in which they came.
#[derive(Debug, Clone, Copy)]
struct Slot {
    first: usize,
    last: usize,
    /// No timer of the slot is due before this tick.
    soonest: u64,
}

const EMPTY: Slot = Slot { first: NIL, last: NIL, soonest: u64::MAX };

impl<K: Copy> Wheel<K> {
    /// A wheel without timers, whose time starts at `now`.
    pub fn new(now: Instant) -> Self {
        Self {
            origin: now,
            elapsed: 0,
            timers: Slab::new(),
            slots: [EMPTY; BEYOND + 1],
            occupied: [0; LEVELS],
            serial: 0,
        }
    }

    /// Arms a timer. A deadline that has passed fires at the next `fire`.
    pub fn arm(&mut self, deadline: Instant, key: K) -> TimerId {
        let tick = self.tick_at_or_after(deadline).max(self.elapsed);
        let serial = self.serial;
        self.serial += 1;
        let timer = Timer { key, tick, serial, slot: BEYOND, previous: NIL, next: NIL };
        let index = self.timers.insert(timer);
        self.link(index, tick);
        TimerId { index, serial }
    }

    /// Disarms a timer and returns its key; `None` when it fired or was cancelled before.
    pub fn cancel(&mut self, id: TimerId) -> Option<K> {
        let timer = self.timers.get(id.index)?;
        if timer.serial != id.serial {
            return None;
        }
        self.unlink(id.index);
        self.timers.try_remove(id.index).map(|timer| timer.key)
    }

    /// Appends the keys of the timers due at `now` to `due`, soonest first.
    pub fn fire(&mut self, now: Instant, due: &mut Vec<K>) {
        let present = self.tick_at_or_before(now);
        while let Some((slot, start)) = self.first_slot() {
            if start > present {
                break;
            }
            self.elapsed = self.elapsed.max(start);
            self.empty(slot, due);
        }
        self.elapsed = self.elapsed.max(present);
    }

    /// The moment before which nothing fires; `None` when no timer is armed.
    ///
    /// It is exact unless the soonest timer of its slot was cancelled; then it may come early, and
    /// the `fire` made at that moment puts it right.
    pub fn next_deadline(&self) -> Option<Instant> {
        let (slot, _) = self.first_slot()?;
        let ticks = self.slot(slot).soonest;
        let millis = u128::from(ticks).saturating_mul(TICK_MILLIS);
        let since = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
        self.origin.checked_add(since)
    }

    /// Number of armed timers.
    pub fn len(&self) -> usize {
        self.timers.len()
    }

    /// Whether no timer is armed.
    pub fn is_empty(&self) -> bool {
        self.timers.is_empty()
    }

    /// The first slot that holds a timer, and the tick at which time reaches it.
    fn first_slot(&self) -> Option<(usize, u64)> {
        for (level, occupied) in (0..).zip(&self.occupied) {
            if *occupied != 0 {
                // Every timer of this level shares the higher bits of `elapsed` and lies ahead, so
                // the lowest bit is the soonest, and lower levels come before higher ones.
                let slot_of_level = occupied.trailing_zeros();
                let shift = SLOT_BITS * level;
                let above = self.elapsed >> (shift + SLOT_BITS) << (shift + SLOT_BITS);
                let start = above | u64::from(slot_of_level) << shift;
                return Some((level as usize * SLOTS + slot_of_level as usize, start));
            }
        }
        let beyond = self.slot(BEYOND);
        (beyond.first != NIL).then(|| (BEYOND, ((self.elapsed >> WHEEL_BITS) + 1) << WHEEL_BITS))
    }

    /// Takes all timers from a slot: those due at the present tick fire, the others move down.
    fn empty(&mut self, slot: usize, due: &mut Vec<K>) {
        let mut index = self.slot(slot).first;
        *self.slot_mut(slot) = EMPTY;
        self.set_occupied(slot, false);
        while let Some(timer) = self.timers.get_mut(index) {
            let next = timer.next;
            let tick = timer.tick;
            if tick <= self.elapsed {
                due.push(timer.key);
                self.timers.remove(index);
            } else {
                timer.previous = NIL;
                timer.next = NIL;
                self.link(index, tick);
            }
            index = next;
        }
    }

    fn link(&mut self, index: usize, tick: u64) {
        let slot = self.slot_for(tick);
        let last = self.slot(slot).last;
        if let Some(timer) = self.timers.get_mut(index) {
            timer.slot = slot;
            timer.previous = last;
        }
        match self.timers.get_mut(last) {
            Some(timer) => timer.next = index,
            None => self.slot_mut(slot).first = index,
        }
        let list = self.slot_mut(slot);
        list.last = index;
        list.soonest = list.soonest.min(tick);
        self.set_occupied(slot, true);
    }

    fn unlink(&mut self, index: usize) {
        let Some(timer) = self.timers.get(index) else { return };
        let Timer { slot, previous, next, .. } = *timer;
        match self.timers.get_mut(previous) {
            Some(timer) => timer.next = next,
            None => self.slot_mut(slot).first = next,
        }
        match self.timers.get_mut(next) {
            Some(timer) => timer.previous = previous,
            None => self.slot_mut(slot).last = previous,
        }
        if self.slot(slot).first == NIL {
            *self.slot_mut(slot) = EMPTY;
            self.set_occupied(slot, false);
        }
    }

    fn slot_for(&self, tick: u64) -> usize {
        let differing = tick ^ self.elapsed;
        let highest = 63 - (differing | 1).leading_zeros();
        let level = highest / SLOT_BITS;
        if level as usize >= LEVELS {
            return BEYOND;
        }
        level as usize * SLOTS + (tick >> (SLOT_BITS * level) & SLOT_MASK) as usize
    }

    fn tick_at_or_after(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.origin);
        let nanos_per_tick = TICK.as_nanos();
        u64::try_from(since.as_nanos().div_ceil(nanos_per_tick)).unwrap_or(u64::MAX >> 1)
    }

    fn tick_at_or_before(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.origin);
        u64::try_from(since.as_millis() / TICK_MILLIS).unwrap_or(u64::MAX >> 1)
    }

    fn set_occupied(&mut self, slot: usize, occupied: bool) {
        // The slot beyond has no bit: its list says whether it is empty.
        if let Some(word) = self.occupied.get_mut(slot / SLOTS) {
            let bit = 1 << (slot % SLOTS);
            if occupied {
                *word |= bit;
            } else {
                *word &= !bit;
            }
        }
    }

    #[expect(clippy::indexing_slicing, reason = "slots are numbered below BEYOND + 1 here")]
    fn slot(&self, slot: usize) -> &Slot {
        &self.slots[slot]
    }

    #[expect(clippy::indexing_slicing, reason = "slots are numbered below BEYOND + 1 here")]
    fn slot_mut(&mut self, slot: usize) -> &mut Slot {
        &mut self.slots[slot]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::reactor::clock::Clock;

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn fired(wheel: &mut Wheel<u32>, now: Instant) -> Vec<u32> {
        let mut due = Vec::new();
        wheel.fire(now, &mut due);
        due
    }

    #[test]
    fn a_timer_fires_at_its_tick_and_not_before() {
        let start = Clock::new().now();
        let mut wheel = Wheel::new(start);
        wheel.arm(start + millis(95), 7);
        assert_eq!(wheel.next_deadline(), Some(start + millis(100)));
        assert_eq!(fired(&mut wheel, start + millis(94)), [0u32; 0]);
        assert_eq!(fired(&mut wheel, start + millis(99)), [0u32; 0]);
        assert_eq!(fired(&mut wheel, start + millis(100)), [7]);
        assert_eq!(wheel.next_deadline(), None);
        assert!(wheel.is_empty());
    }

    #[test]
    fn a_passed_deadline_fires_at_once() {
        let start = Clock::new().now();
        let mut wheel = Wheel::new(start);
        let later = start + millis(5000);
        assert_eq!(fired(&mut wheel, later), [0u32; 0]);
        wheel.arm(start + millis(10), 1);
        assert!(wheel.next_deadline().is_some_and(|deadline| deadline <= later));
        assert_eq!(fired(&mut wheel, later), [1]);
    }

    #[test]
    fn timers_of_one_tick_fire_in_the_order_of_arming() {
        let start = Clock::new().now();
        let mut wheel = Wheel::new(start);
        for key in 0..10 {
            wheel.arm(start + millis(50), key);
        }
        assert_eq!(fired(&mut wheel, start + millis(50)), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn the_next_deadline_is_exact_on_every_level() {
        let start = Clock::new().now();
        for delay_ms in [0, 10, 630, 640, 650, 40_960, 90_000, 2_621_440, 65_535_000, 167_772_160] {
            let mut wheel = Wheel::new(start);
            fired(&mut wheel, start + millis(12_340));
            let deadline = start + millis(12_340 + delay_ms);
            wheel.arm(deadline, 1);
            assert_eq!(wheel.next_deadline(), Some(deadline), "{delay_ms}");
            if delay_ms > 0 {
                assert_eq!(fired(&mut wheel, deadline - millis(10)), [0u32; 0]);
                assert_eq!(wheel.next_deadline(), Some(deadline), "{delay_ms}");
            }
            assert_eq!(fired(&mut wheel, deadline), [1], "{delay_ms}");
        }
    }

    #[test]
    fn timers_beyond_the_wheel_are_kept() {
        let start = Clock::new().now();
        let mut wheel = Wheel::new(start);
        let days = Duration::from_secs(5 * 86_400);
        wheel.arm(start + days, 5);
        wheel.arm(start + days * 2, 10);
        assert_eq!(wheel.next_deadline(), Some(start + days));
        assert_eq!(fired(&mut wheel, start + days - millis(10)), [0u32; 0]);
        assert_eq!(fired(&mut wheel, start + days), [5]);
        assert_eq!(fired(&mut wheel, start + days * 2), [10]);
    }

    #[test]
    fn a_cancelled_timer_does_not_fire_and_its_name_is_not_reused() {
        let start = Clock::new().now();
        let mut wheel = Wheel::new(start);
        let first = wheel.arm(start + millis(50), 1);
        assert_eq!(wheel.cancel(first), Some(1));
        assert_eq!(wheel.cancel(first), None);
        let second = wheel.arm(start + millis(50), 2);
        assert_eq!(wheel.cancel(first), None);
        assert_eq!(fired(&mut wheel, start + millis(50)), [2]);
        assert_eq!(wheel.cancel(second), None);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Arm(u64),
        Cancel(prop::sample::Index),
        Pass(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let delay = prop_oneof![0..1000u64, 0..100_000u64, 0..10_000_000u64, 0..1_000_000_000u64];
        prop_oneof![
            4 => delay.clone().prop_map(Step::Arm),
            1 => any::<prop::sample::Index>().prop_map(Step::Cancel),
            3 => delay.prop_map(Step::Pass),
        ]
    }

    proptest! {
        #[test]
        fn it_behaves_as_an_ordered_map(steps in prop::collection::vec(step(), 1..200)) {
            let start = Clock::new().now();
            let mut wheel = Wheel::new(start);
            // Tick and order of arming, to the key.
            let mut model: BTreeMap<(u64, u32), TimerId> = BTreeMap::new();
            let mut now_ms = 0;
            for (key, step) in (0u32..).zip(steps) {
                match step {
                    Step::Arm(delay_ms) => {
                        let deadline_ms = now_ms + delay_ms;
                        let id = wheel.arm(start + millis(deadline_ms), key);
                        model.insert((deadline_ms.div_ceil(10), key), id);
                    }
                    Step::Cancel(which) => {
                        if !model.is_empty() {
                            let at = which.index(model.len());
                            let (&place, &id) = model.iter().nth(at).expect("index is below");
                            model.remove(&place);
                            prop_assert_eq!(wheel.cancel(id), Some(place.1));
                        }
                    }
                    Step::Pass(delay_ms) => {
                        now_ms += delay_ms;
                        let present = now_ms / 10;
                        let later = model.split_off(&(present + 1, 0));
                        let mut expected: Vec<u32> = model.keys().map(|place| place.1).collect();
                        let mut due = fired(&mut wheel, start + millis(now_ms));
                        // Within one tick the order is not promised.
                        expected.sort_unstable();
                        due.sort_unstable();
                        prop_assert_eq!(due, expected);
                        model = later;
                    }
                }
                prop_assert_eq!(wheel.len(), model.len());
                let soonest = model.keys().next().map(|place| start + millis(place.0 * 10));
                match (wheel.next_deadline(), soonest) {
                    (None, None) => {}
                    // Early is allowed, after a cancellation; late never is.
                    (Some(deadline), Some(soonest)) => prop_assert!(deadline <= soonest),
                    (deadline, soonest) => prop_assert_eq!(deadline, soonest),
                }
            }
        }
    }
}
