//! Routes that are no prefixes: FlowSpec, VPLS, multicast VPN and the others, by the grammar of
//! their layout.

use super::words::Words;
use super::{Extra, Intent, RouteParser};
use crate::bgp::attribute::{Attributes, Builder, NextHop};
use crate::bgp::nlri::{Grammar, Welcome, Wording};
use crate::configuration::section::unknown_word;
use crate::protocol::Family;
use crate::rib::Route;
use crate::text::{Error, Span, Tokens, Word};

/// What was said of one such route so far.
#[derive(Clone, Debug)]
pub(in crate::configuration) struct Worded {
    grammar: &'static Grammar,
    wording: Box<dyn Wording>,
    pub(in crate::configuration) attributes: Builder,
    pub(in crate::configuration) extra: Extra,
}

impl Worded {
    /// A route of `family`, or of its sibling of the other address family, of which nothing was
    /// said.
    pub(in crate::configuration) fn new(grammar: &'static Grammar, family: Family) -> Self {
        Self {
            grammar,
            wording: (grammar.start)(family),
            attributes: Attributes::builder(),
            extra: Extra::default(),
        }
    }

    /// Reads the words after `word`: a field of the NLRI, an attribute, or a directive; `None`
    /// when it is none of them.
    pub(in crate::configuration) fn word(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
    ) -> Option<Result<(), Error>> {
        if let Some(read) = self.wording.field(word, tokens, &mut self.attributes) {
            return Some(read);
        }
        let welcome = self.wording.welcome(&word.text);
        if welcome != Welcome::Refused
            && let Some(read) = self.attributes.parse(&word.text, tokens)
        {
            if welcome == Welcome::Warned {
                let what = "is no word of this route for ExaBGP, which sends the route without";
                self.extra.warnings.push(word.fault(what));
            }
            return Some(read);
        }
        Words::common(&mut self.extra, &word.text, tokens)
    }

    /// Reads every word up to the end of the statement.
    fn all(&mut self, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        while !tokens.is_done() {
            let word = tokens.word("a keyword")?;
            let read = self.word(&word, tokens);
            read.unwrap_or_else(|| Err(unknown_word(&word, &self.names())))?;
        }
        Ok(())
    }

    /// Every word that is known here.
    pub(in crate::configuration) fn names(&self) -> Vec<&'static str> {
        let own = self.grammar.words.iter().map(|(name, _)| *name);
        let attributes = Attributes::keywords().map(|(name, _)| name);
        let attributes = attributes.filter(|name| self.wording.welcome(name) != Welcome::Refused);
        own.chain(attributes).chain(Words::COMMON.iter().copied()).collect()
    }

    /// Appends the route; `span` is the whole statement.
    pub(in crate::configuration) fn finish(
        mut self,
        parser: &mut RouteParser,
        intent: Intent,
        span: Span,
        routes: &mut Vec<Route>,
    ) -> Result<Extra, Error> {
        let nlri = self.wording.finish(&mut self.attributes, span)?;
        let attributes = parser.interner.intern(self.attributes.build());
        let needed = self.grammar.needs_next_hop && intent == Intent::Announce;
        if needed && attributes.next_hop() == NextHop::None {
            return Err(Error::new(span, "the route has no next-hop").syntax(self.grammar.syntax));
        }
        routes.push(Route { nlri, attributes });
        self.extra.warnings.append(&mut self.wording.warnings());
        Ok(self.extra)
    }
}

/// Reads the words of a statement up to its end, and appends its route.
pub(super) fn statement(
    parser: &mut RouteParser,
    (grammar, family): (&'static Grammar, Family),
    intent: Intent,
    tokens: &mut Tokens<'_>,
    routes: &mut Vec<Route>,
) -> Result<Extra, Error> {
    let start = tokens.span();
    let mut worded = Worded::new(grammar, family);
    worded.all(tokens).map_err(|error| error.syntax(grammar.syntax))?;
    worded.finish(parser, intent, start.to(tokens.last()), routes)
}
