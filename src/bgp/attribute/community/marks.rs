//! A list of marks of one size, as every attribute of communities is one.
//!
//! Wire format: the marks one behind the other, sent in ascending order. The order of reception is
//! kept for those who look.

use std::fmt;
use std::hash::Hash;

use crate::bgp::attribute::{Flags, OnFault, Policy};
use crate::bgp::{Element, FromText, Negotiated};
use crate::json::{self, Dialect};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// One mark. Ordered as sent.
pub trait Listed: Copy + fmt::Debug + fmt::Display + Ord + Hash {
    /// The keyword, and the JSON key, of the list.
    const LIST: &'static str;
    /// The syntax of the list.
    const SYNTAX: &'static str;
    /// How many octets it takes.
    const OCTETS: usize;
    /// Whether a list holds each mark once.
    const ONCE: bool = false;

    /// Reads [`Listed::OCTETS`] octets.
    fn unpack(reader: &mut Reader<'_>) -> Result<Self, Malformed>;
    /// Writes its octets.
    fn pack(self, writer: &mut Writer<'_>);
    /// Writes it as JSON.
    fn json(self, json: &mut json::Writer<'_>);
    /// Reads the words of one.
    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error>;
    /// The words that make it: those it is shown by, where a kind says nothing else.
    fn words(self) -> String {
        self.to_string()
    }
}

/// The marks of one kind that a route carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Marks<T>(Box<[T]>);

impl<T> Default for Marks<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<T: Listed> Marks<T> {
    /// In ascending order.
    pub fn new(mut marks: Vec<T>) -> Self {
        marks.sort_unstable();
        if T::ONCE {
            marks.dedup();
        }
        Self(marks.into())
    }

    /// As received, or in ascending order when made here.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// The keyword and the words that make the list.
    pub(in crate::bgp::attribute) fn words(&self) -> String {
        let mut text = format!("{} [", T::LIST);
        self.ascending(|mark| {
            text.push(' ');
            text.push_str(&mark.words());
        });
        text + " ]"
    }

    /// Adds those of another list.
    pub(in crate::bgp::attribute) fn merge(&mut self, more: &Self) {
        *self = Self::new([&*self.0, &*more.0].concat());
    }

    /// Calls `each` for every mark in ascending order; what is in order already is not copied.
    fn ascending(&self, each: impl FnMut(&T)) {
        if self.0.is_sorted() {
            self.0.iter().for_each(each);
        } else {
            let mut sorted = self.0.to_vec();
            sorted.sort_unstable();
            sorted.iter().for_each(each);
        }
    }
}

/// Keeps the first of each, in the order they came. The places are sorted, not looked for one by
/// one, as a peer chooses how many there are.
fn once<T: Listed>(found: Vec<T>) -> Vec<T> {
    if found.is_sorted_by(|a, b| a < b) {
        return found;
    }
    let mut places: Vec<(T, usize)> = found.into_iter().zip(0..).collect();
    places.sort_unstable();
    places.dedup_by_key(|(mark, _)| *mark);
    places.sort_unstable_by_key(|(_, place)| *place);
    places.into_iter().map(|(mark, _)| mark).collect()
}

impl<T: Listed> Element for Marks<T> {
    const NAME: &'static str = T::LIST;

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let got = reader.len();
        if !got.is_multiple_of(T::OCTETS) {
            return Err(Malformed::Length { what: Self::NAME, got });
        }
        let mut found = Vec::with_capacity(got / T::OCTETS);
        while !reader.is_empty() {
            found.push(T::unpack(reader)?);
        }
        Ok(Self(if T::ONCE { once(found) } else { found }.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        self.ascending(|mark| mark.pack(writer));
    }

    /// In ascending order in one dialect, as received in the other.
    fn json(&self, json: &mut json::Writer<'_>) {
        let dialect = json.dialect;
        json.list(|list| {
            let mut element = |mark: &T| mark.json(list.element());
            match dialect {
                Dialect::V4 => self.ascending(element),
                Dialect::V6 => self.0.iter().for_each(&mut element),
            }
        });
    }
}

impl<T: Listed> Policy for Marks<T> {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    const ON_FAULT: OnFault = OnFault::Withdraw;
}

impl<T: Listed> FromText for Marks<T> {
    const SYNTAX: &'static str = T::SYNTAX;

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut found = Vec::new();
        tokens.list(|tokens| {
            found.push(T::parse(tokens)?);
            Ok(())
        })?;
        Ok(Self::new(found))
    }
}

impl<T: Listed> fmt::Display for Marks<T> {
    /// `[ a b ]`, or `a` alone, in ascending order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = &*self.0 {
            return fmt::Display::fmt(only, f);
        }
        f.write_str("[ ")?;
        let mut result = Ok(());
        self.ascending(|mark| result = result.and_then(|()| write!(f, "{mark} ")));
        result.and_then(|()| f.write_str("]"))
    }
}
