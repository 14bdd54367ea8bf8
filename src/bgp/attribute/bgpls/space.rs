//! A space of TLVs: those of the attribute, and those inside a TLV.
//!
//! JSON: what repeats comes first, each key once with a list, then the others as received. Text:
//! every TLV as received, a key and its words. A TLV whose words would not give its octets back
//! (unassigned bits, a name that cannot be quoted) is told by its octets.

use std::fmt;

use crate::bgp::attribute::pieces::{Piece, Pieces};
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader};

use super::tlv::{self, Entry};
use super::words;

/// The TLVs that may stand somewhere.
#[derive(Debug)]
pub(super) struct Space {
    /// In the order of their types.
    pub(super) table: &'static [Entry],
    /// The key of a TLV that no line names, up to its type.
    pub(super) unknown: &'static str,
    /// What JSON has for those.
    pub(super) unknowns: Unknowns,
}

/// What JSON has for TLVs that no line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknowns {
    /// A list of octets.
    List,
    /// Octets; of several of one type the first.
    First,
}

/// The TLVs of one key: their type, and the value of each.
type Group<'a> = (u16, Vec<&'a [u8]>);

impl Space {
    /// Whether every TLV can be read, and those that stand once do.
    pub(super) fn check(&self, bytes: &[u8], what: &'static str) -> Result<(), Malformed> {
        debug_assert!(self.table.len() <= 128 && self.table.is_sorted_by_key(|entry| entry.code));
        let mut seen = 0u128;
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            let (code, value) = tlv::next(&mut reader, what)?;
            let Ok(at) = self.table.binary_search_by_key(&code, |entry| entry.code) else {
                continue;
            };
            let Some(entry) = self.table.get(at) else { continue };
            entry.check(value)?;
            let bit = 1u128 << at;
            // RFC 9552 section 5.3: not more than one instance, unless it says otherwise.
            if !entry.repeats && seen & bit != 0 {
                return Err(Malformed::Value { what: entry.name, got: code.into() });
            }
            seen |= bit;
        }
        Ok(())
    }

    /// Writes the members of octets that were checked.
    pub(super) fn members(&self, bytes: &[u8], object: &mut json::Object<'_, '_>) {
        for (code, values) in self.groups(bytes) {
            match Entry::of(self.table, code) {
                Some(entry) => {
                    let values = values.iter();
                    let json = object.field(entry.name);
                    json.tight_list(|list| values.for_each(|v| entry.json(v, list.element())));
                }
                None => {
                    let json = object.field(&format!("{}{code}", self.unknown));
                    match self.unknowns {
                        Unknowns::List => json.tight_list(|list| {
                            values.iter().for_each(|value| list.element().hex(value));
                        }),
                        Unknowns::First => json.hex(values.first().copied().unwrap_or_default()),
                    }
                }
            }
        }
        for (code, value) in tlv::walk(bytes) {
            if let Some(entry) = Entry::of(self.table, code).filter(|entry| !entry.repeats) {
                entry.members(value, object);
            }
        }
    }

    /// What repeats, by key, in the order in which the keys come. The work grows with the number
    /// of TLVs, not with its square: a peer chooses it.
    fn groups<'a>(&self, bytes: &'a [u8]) -> Vec<Group<'a>> {
        let mut places: Vec<(u16, usize, &[u8])> = Vec::new();
        for (at, (code, value)) in tlv::walk(bytes).enumerate() {
            match Entry::of(self.table, code) {
                Some(entry) if !entry.repeats => {}
                Some(entry) => places.push((self.first_of(entry), at, value)),
                None => places.push((code, at, value)),
            }
        }
        places.sort_unstable_by_key(|(code, at, _)| (*code, *at));
        let mut groups: Vec<(usize, Group<'_>)> = Vec::new();
        for (code, at, value) in places {
            match groups.last_mut() {
                Some((_, (last, values))) if *last == code => values.push(value),
                _ => groups.push((at, (code, vec![value]))),
            }
        }
        groups.sort_unstable_by_key(|(at, _)| *at);
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// The lowest type under the key of this one.
    fn first_of(&self, entry: &Entry) -> u16 {
        let first = self.table.iter().find(|other| other.name == entry.name);
        first.map_or(entry.code, |first| first.code)
    }

    /// Reads the words after `key` and appends what they say; false when it is no key of a TLV.
    pub(super) fn read(
        &self,
        key: &Piece<'_>,
        pieces: &mut Pieces<'_, '_>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Error> {
        if let Some(entry) = self.table.iter().find(|entry| entry.name == key.text()) {
            if entry.repeats {
                words::list(pieces, |pieces| entry.read(key, pieces, out))?;
            } else {
                entry.read(key, pieces, out)?;
            }
            return Ok(true);
        }
        let Some(digits) = key.text().strip_prefix(self.unknown) else { return Ok(false) };
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
        let code = plain.then(|| digits.parse().ok()).flatten();
        let code: u16 = code.ok_or_else(|| key.fault("does not end with a type of 16 bits"))?;
        words::list(pieces, |pieces| {
            let value = words::octets(pieces)?;
            if let Some(Err(fault)) = Entry::of(self.table, code).map(|entry| entry.check(&value)) {
                return Err(key.fault(&format!("does not hold what it must: {fault}")));
            }
            if tlv::write(out, code, &value) { Ok(()) } else { Err(tlv::too_long(key)) }
        })?;
        Ok(true)
    }

    /// The words of octets that were checked, a space before each key.
    pub(super) fn show(&self, bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tlv::walk(bytes).try_for_each(|(code, value)| {
            let entry = Entry::of(self.table, code);
            match entry.and_then(|entry| Some((entry.name, entry.words(value)?))) {
                Some((name, words)) => write!(f, " {name} {words}"),
                None => write!(f, " {}{code} {}", self.unknown, words::Octets(value)),
            }
        })
    }
}
