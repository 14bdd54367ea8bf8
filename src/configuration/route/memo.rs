//! Texts of attributes that were read before, and the sets that they mean.

use std::hash::BuildHasher;
use std::rc::Rc;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::bgp::attribute::Attributes;

/// How many texts are remembered: more than a large configuration has, a few megabytes.
const TEXTS_MAX: usize = 1 << 17;

/// The longest text remembered, in octets: longer ones are rarely repeated.
const TEXT_MAX: usize = 2048;

/// A bounded memory. When it is full everything is forgotten: whatever is still in use comes
/// back at once.
#[derive(Debug, Default)]
pub(super) struct Memo {
    known: HashTable<(Box<str>, Rc<Attributes>)>,
    hasher: DefaultHashBuilder,
}

impl Memo {
    /// The set of a text.
    pub(super) fn get(&self, text: &str) -> Option<&Rc<Attributes>> {
        let hash = self.hasher.hash_one(text);
        self.known.find(hash, |(known, _)| **known == *text).map(|(_, attributes)| attributes)
    }

    /// Remembers the set of a text that is not known.
    pub(super) fn insert(&mut self, text: &str, attributes: Rc<Attributes>) {
        if text.len() > TEXT_MAX {
            return;
        }
        if self.known.len() >= TEXTS_MAX {
            self.known.clear();
        }
        let Self { known, hasher } = self;
        let hash = hasher.hash_one(text);
        known.insert_unique(hash, (text.into(), attributes), |(text, _)| hasher.hash_one(&**text));
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
