//! A rule being put together: its components in any order, and the bytes that they make.

use super::OCTETS_MAX;
use super::pattern::Pattern;
use super::term::Term;
use crate::protocol::Distinguisher;
use crate::wire::Writer;

/// What was said of a rule so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    pub(super) distinguisher: Option<Distinguisher>,
    /// What is said of each type, in the order in which it was said.
    said: Vec<(u8, Said)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Prefix(Pattern),
    Term(Term),
}

impl Rule {
    /// Adds a prefix; several of one type are alternatives.
    pub(super) fn add_pattern(&mut self, code: u8, pattern: Pattern) {
        self.said.push((code, Said::Prefix(pattern)));
    }

    /// Adds terms; those of one type are alternatives.
    pub(super) fn add_terms(&mut self, code: u8, terms: impl IntoIterator<Item = Term>) {
        self.said.extend(terms.into_iter().map(|term| (code, Said::Term(term))));
    }

    /// Whether nothing was said of traffic: such a rule would be one for all of it.
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// The components in ascending order of type, each type once but for prefixes.
    fn components(&self) -> Vec<u8> {
        let mut said = self.said.clone();
        said.sort_by_key(|(code, _)| *code);
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        let mut before = None;
        let mut said = said.into_iter().peekable();
        while let Some((code, item)) = said.next() {
            match item {
                Said::Prefix(pattern) => {
                    writer.u8(code);
                    pattern.pack(&mut writer);
                }
                Said::Term(term) => {
                    if before != Some(code) {
                        writer.u8(code);
                    }
                    let is_last = said.peek().is_none_or(|(next, _)| *next != code);
                    term.pack(&mut writer, is_last);
                }
            }
            before = Some(code);
        }
        bytes
    }

    /// The rule as it is sent; `None` when its length does not fit.
    pub(super) fn pack(&self) -> Option<Vec<u8>> {
        let components = self.components();
        let distinguisher = self.distinguisher.map(|distinguisher| distinguisher.0);
        let distinguisher = distinguisher.as_ref().map_or(&[][..], |octets| octets.as_slice());
        let length = distinguisher.len() + components.len();
        if length > OCTETS_MAX {
            return None;
        }
        let mut bytes = Vec::with_capacity(length + 2);
        let mut writer = Writer::new(&mut bytes);
        match u8::try_from(length) {
            Ok(short @ 0..0xf0) => writer.u8(short),
            _ => writer.u16(0xf000 | u16::try_from(length).ok()?),
        }
        writer.bytes(distinguisher);
        writer.bytes(&components);
        Some(bytes)
    }
}
