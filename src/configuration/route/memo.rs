//! Texts of attributes that were read before, and the sets that they mean.

use std::hash::BuildHasher;
use std::rc::Rc;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::bgp::attribute::Attributes;

/// How many texts are remembered: more than a large configuration has, a few megabytes.
const TEXTS_MAX: usize = 1 << 17;

/// The longest text remembered, in octets: longer ones are rarely repeated.
const TEXT_MAX: usize = 2048;

/// How much text is remembered, in octets.
const OCTETS_MAX: usize = 1 << 25;

/// A bounded memory. When it is full everything is forgotten: whatever is still in use comes
/// back at once. The texts stand one behind the other, so that forgetting them costs nothing.
#[derive(Debug, Default)]
pub(super) struct Memo {
    known: HashTable<Known>,
    texts: String,
    hasher: DefaultHashBuilder,
}

/// A text, by its place among the texts, and what it means.
#[derive(Debug)]
struct Known {
    hash: u64,
    start: u32,
    length: u32,
    attributes: Rc<Attributes>,
}

impl Known {
    fn text<'a>(&self, texts: &'a str) -> Option<&'a str> {
        let start = usize::try_from(self.start).ok()?;
        texts.get(start..start + usize::try_from(self.length).ok()?)
    }
}

impl Memo {
    /// The set of a text.
    pub(super) fn get(&self, text: &str) -> Option<&Rc<Attributes>> {
        let hash = self.hasher.hash_one(text);
        let same = |known: &Known| known.hash == hash && known.text(&self.texts) == Some(text);
        self.known.find(hash, same).map(|known| &known.attributes)
    }

    /// Remembers the set of a text that is not known.
    pub(super) fn insert(&mut self, text: &str, attributes: Rc<Attributes>) {
        if text.len() > TEXT_MAX {
            return;
        }
        if self.known.len() >= TEXTS_MAX || self.texts.len() + text.len() > OCTETS_MAX {
            self.known.clear();
            self.texts.clear();
        }
        let place = (u32::try_from(self.texts.len()), u32::try_from(text.len()));
        let (Ok(start), Ok(length)) = place else { return };
        self.texts.push_str(text);
        let hash = self.hasher.hash_one(text);
        let known = Known { hash, start, length, attributes };
        self.known.insert_unique(hash, known, |known| known.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_until_there_are_too_many() {
        let mut memo = Memo::default();
        let set = Rc::new(Attributes::builder().build());
        memo.insert(" med 5", Rc::clone(&set));
        assert!(memo.get(" med 5").is_some_and(|known| Rc::ptr_eq(known, &set)));
        assert!(memo.get(" med 55").is_none());
        memo.insert(&"x".repeat(TEXT_MAX + 1), Rc::clone(&set));
        assert!(memo.get(&"x".repeat(TEXT_MAX + 1)).is_none());
        for number in 0..TEXTS_MAX {
            memo.insert(&number.to_string(), Rc::clone(&set));
        }
        assert!(memo.get(" med 5").is_none());
        assert!(memo.known.len() <= TEXTS_MAX);
    }
}
