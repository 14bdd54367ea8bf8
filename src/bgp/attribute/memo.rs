//! What octets or words were found to mean, remembered for as long as there is room.
//!
//! A table of fixed size in which a newcomer takes the place of whoever had its slot: no growth,
//! no order to keep, and a run of equal questions costs one hash and one comparison each.

use std::hash::{BuildHasher as _, Hasher as _};

use super::set::SEED;

/// A bounded memory from keys, runs of octets with a tag, to values.
#[derive(Debug)]
pub struct Memo<V> {
    slots: Box<[Option<Entry<V>>]>,
}

#[derive(Debug)]
struct Entry<V> {
    hash: u64,
    key: Box<[u8]>,
    value: V,
}

/// A question: its hash is computed once, for asking and for remembering.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    hash: u64,
    tag: u8,
    parts: [&'a [u8]; 3],
}

impl<'a> Key<'a> {
    /// The octets `parts` one after the other, under `tag`: equal octets mean different things
    /// under different tags. A run cut elsewhere is another key.
    pub fn new(tag: u8, parts: [&'a [u8]; 3]) -> Self {
        let mut hasher = SEED.build_hasher();
        hasher.write_u8(tag);
        parts.iter().for_each(|part| hasher.write(part));
        Self { hash: hasher.finish(), tag, parts }
    }

    /// One run of octets.
    pub fn of(octets: &'a [u8]) -> Self {
        Self::new(0, [octets, &[], &[]])
    }

    fn is(&self, kept: &[u8]) -> bool {
        let Some((tag, mut rest)) = kept.split_first() else { return false };
        for part in self.parts {
            match rest.strip_prefix(part) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        *tag == self.tag && rest.is_empty()
    }

    fn kept(&self) -> Box<[u8]> {
        let length = 1 + self.parts.iter().map(|part| part.len()).sum::<usize>();
        let mut kept = Vec::with_capacity(length);
        kept.push(self.tag);
        self.parts.iter().for_each(|part| kept.extend_from_slice(part));
        kept.into()
    }
}

impl<V> Memo<V> {
    /// The longest key remembered, in octets: longer ones are rarely repeated.
    pub const KEY_MAX: usize = 4096;

    /// Room for `slots` values, rounded up to a power of two.
    pub fn new(slots: usize) -> Self {
        Self { slots: (0..slots.next_power_of_two()).map(|_| None).collect() }
    }

    /// The value remembered.
    pub fn get(&self, key: &Key<'_>) -> Option<&V> {
        let entry = self.slots.get(self.place(key))?.as_ref()?;
        (entry.hash == key.hash && key.is(&entry.key)).then_some(&entry.value)
    }

    /// Remembers a value in the place of whoever had its slot.
    pub fn insert(&mut self, key: &Key<'_>, value: V) {
        let place = self.place(key);
        if key.parts.iter().map(|part| part.len()).sum::<usize>() > Self::KEY_MAX {
            return;
        }
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = Some(Entry { hash: key.hash, key: key.kept(), value });
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slots.fill_with(|| None);
    }

    fn place(&self, key: &Key<'_>) -> usize {
        let [a, b, c, d, ..] = key.hash.to_be_bytes();
        let high = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(0);
        high & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_run_under_the_same_tag_is_the_key() {
        let mut memo = Memo::new(4);
        memo.insert(&Key::new(1, [b"ab", b"", b"c"]), 7);
        assert_eq!(memo.get(&Key::new(1, [b"ab", b"", b"c"])), Some(&7));
        assert_eq!(memo.get(&Key::new(2, [b"ab", b"", b"c"])), None);
        assert_eq!(memo.get(&Key::new(1, [b"ab", b"", b""])), None);
        assert_eq!(memo.get(&Key::new(1, [b"ab", b"", b"cd"])), None);
    }

    #[test]
    fn there_is_never_more_than_room_for() {
        let mut memo = Memo::new(3);
        for number in 0u32..100 {
            memo.insert(&Key::of(&number.to_be_bytes()), number);
            assert_eq!(memo.get(&Key::of(&number.to_be_bytes())), Some(&number));
        }
        assert_eq!(memo.slots.len(), 4);
        memo.insert(&Key::of(&[0; 5000]), 1);
        assert_eq!(memo.get(&Key::of(&[0; 5000])), None);
        memo.clear();
        assert!(memo.slots.iter().all(Option::is_none));
    }
}
