//! What every layout of NLRI has: its bytes, its JSON, its text, and the words it is written with.
//!
//! A layout is one file of this folder; `mod.rs` lists them, the family table says who uses which.

use std::fmt;

use super::{About, Identity, Packed};
use crate::bgp::attribute::Builder;
use crate::json;
use crate::protocol::{Family, Prefix};
use crate::text::{Error, Span, Tokens, Word};
use crate::wire::{Malformed, Reader, Writer};

/// The faces of NLRI that are laid out alike. Bytes are those of one NLRI, without path identifier.
pub trait Layout: Sized {
    /// What happens to an NLRI whose frame is whole and whose content is faulty.
    const ON_FAULT: OnFault = OnFault::Reset;
    /// How routes are written; `None` where prefixes are, by [`super::Draft`].
    const GRAMMAR: Option<&'static Grammar> = None;

    /// How many octets the NLRI at the start of `ahead` has. Frame faults are errors: nothing
    /// behind them can be read.
    fn extent(ahead: Reader<'_>, family: Family) -> Result<usize, Malformed>;

    /// Whether the content can be read; called once an NLRI received, so it allocates nothing.
    fn check(bytes: &[u8], family: Family) -> Result<(), Malformed>;

    /// Reads one NLRI.
    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed>;

    /// Writes one NLRI, as it was read.
    fn pack(&self, writer: &mut Writer<'_>);

    /// What tells the route from others: everything, unless the protocol leaves something out.
    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        Identity::whole(family, path_id, bytes)
    }

    /// Writes the members of its JSON object.
    fn members(&self, object: &mut json::Object<'_, '_>, about: &About);

    /// Appends its text, next hop included, as events and `show` tell it.
    fn text(&self, out: &mut Vec<u8>, about: &About);

    /// Appends the words that its grammar reads back to the same bytes, and the next hop: its
    /// text, unless that tells less or is told in another form.
    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        self.text(out, about);
    }

    /// The prefix that it is about, of layouts that have one in the usual sense.
    fn prefix(&self) -> Option<Prefix> {
        None
    }
}

/// What happens to an NLRI whose frame is whole and whose content is faulty (RFC 7606 5.3, 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFault {
    /// NOTIFICATION 3/10, Invalid Network Field.
    Reset,
    /// NOTIFICATION 3/5, Attribute Length Error: what peers of ExaBGP know for typed NLRI.
    ResetLength,
    /// It is passed over; the other routes of the message stand.
    Skip,
}

/// How routes of a layout are written in configurations and commands.
#[derive(Debug)]
pub struct Grammar {
    /// A whole route, for errors and help: `vpls endpoint <n> base <n> …`, without `announce`.
    pub syntax: &'static str,
    /// The words of the NLRI, each with its syntax; attributes have their own.
    pub words: &'static [(&'static str, &'static str)],
    /// Whether an announced route needs a next hop.
    pub needs_next_hop: bool,
    /// A route of which nothing was said. The family is the one that was named, if any word
    /// named one: the words may settle on its IPv4 or IPv6 sibling.
    pub start: fn(Family) -> Box<dyn Wording>,
}

/// What becomes of an attribute that is said of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Welcome {
    /// It is read.
    Read,
    /// It is read, with a warning: ExaBGP lets it stand and takes no notice of it.
    Warned,
    /// It is no word of these routes, nor was it ever.
    Refused,
}

impl Grammar {
    /// The route that words make in a family; `None` where they make none.
    pub fn read(&self, family: Family, words: &str) -> Option<Packed> {
        let mut tokens = Tokens::line(words);
        let mut attributes = Builder::default();
        let mut wording = (self.start)(family);
        while !tokens.is_done() {
            let word = tokens.word("a word").ok()?;
            wording.field(&word, &mut tokens, &mut attributes)?.ok()?;
        }
        wording.finish(&mut attributes, tokens.last()).ok()
    }
}

/// A route being put together from words.
pub trait Wording: fmt::Debug {
    /// Reads what follows `word`, up to and without the next keyword; `None` when the word is no
    /// field of the NLRI. Words that stand for an attribute (an action of FlowSpec) add it.
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        attributes: &mut Builder,
    ) -> Option<Result<(), Error>>;

    /// Whether an attribute may be said of the route, by its keyword. Every attribute may be
    /// said by its octets.
    fn welcome(&self, _: &str) -> Welcome {
        Welcome::Read
    }

    /// The route, when everything that it needs was said; `span` is the whole statement. What
    /// was gathered for an attribute that needs all the words is added here.
    fn finish(&mut self, attributes: &mut Builder, span: Span) -> Result<Packed, Error>;

    /// What was let through and is to be told; it is told once. Asked for behind `finish`.
    fn warnings(&mut self) -> Vec<Error> {
        Vec::new()
    }

    /// A copy, for a template that is continued more than once.
    fn boxed(&self) -> Box<dyn Wording>;
}

impl Clone for Box<dyn Wording> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}
