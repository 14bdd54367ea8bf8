//! A rule from words: what traffic is like and what is done with it.
//!
//! The words stand one behind the other, `destination 10.0.0.0/24 port =80 discard`, or, behind
//! `route`, in a block of `match`, `scope` and `then`. Whether the rule is one of IPv4 or of IPv6
//! is told by its prefixes, else by the family that was named.

use std::fmt::{self, Write as _};

use super::action::{ACTIONS, Action, SCOPE, Target};
use super::component::{Kind, Values};
use super::pattern::Pattern;
use super::rule::Rule;
use super::{Flow, OCTETS_MAX, expression};
use crate::bgp::attribute::Builder;
use crate::bgp::nlri::typed::{RAW, RAW_SYNTAX, raw};
use crate::bgp::nlri::{Grammar, Layout as _, Packed, Wording, text};
use crate::protocol::{Afi, Distinguisher, Family, Safi};
use crate::text::{Error, Lexeme, Span, Tokens, Word};
use crate::wire::Hex;

const SYNTAX: &str = "flow [rd <distinguisher>] <component> <value> … [<action> …]";
const BLOCK: &str = "route { [rd <distinguisher>;] match { … } scope { … } then { … } }";

pub(super) static GRAMMAR: Grammar = Grammar {
    syntax: SYNTAX,
    words: &[
        ("route", BLOCK),
        ("rd", "rd <AS>:<number>|<IPv4>:<number>"),
        ("route-distinguisher", "route-distinguisher <AS>:<number>|<IPv4>:<number>"),
        ("destination", "destination <address>/<length>[/<offset>]"),
        ("destination-ipv4", "destination-ipv4 <address>/<length>"),
        ("destination-ipv6", "destination-ipv6 <address>/<length>[/<offset>]"),
        ("source", "source <address>/<length>[/<offset>]"),
        ("source-ipv4", "source-ipv4 <address>/<length>"),
        ("source-ipv6", "source-ipv6 <address>/<length>[/<offset>]"),
        ("protocol", "protocol [ [=|>|>=|<|<=|!=]<name or 8 bits>[&…] … ]"),
        ("next-header", "next-header [ [=|>|>=|<|<=|!=]<name or 8 bits>[&…] … ]"),
        ("port", "port [ [=|>|>=|<|<=|!=]<service or 16 bits>[&…] … ]"),
        ("destination-port", "destination-port [ [=|>|>=|<|<=|!=]<service or 16 bits>[&…] … ]"),
        ("source-port", "source-port [ [=|>|>=|<|<=|!=]<service or 16 bits>[&…] … ]"),
        ("icmp-type", "icmp-type [ [=|>|>=|<|<=|!=]<name or 8 bits>[&…] … ]"),
        ("icmp-code", "icmp-code [ [=|>|>=|<|<=|!=]<name or 8 bits>[&…] … ]"),
        ("tcp-flags", "tcp-flags [ [=|!|!=]<flag>[+<flag>…][&…] … ]"),
        ("packet-length", "packet-length [ [=|>|>=|<|<=|!=]<16 bits>[&…] … ]"),
        ("dscp", "dscp [ [=|>|>=|<|<=|!=]<6 bits>[&…] … ]"),
        ("traffic-class", "traffic-class [ [=|>|>=|<|<=|!=]<8 bits>[&…] … ]"),
        ("fragment", "fragment [ [=|!|!=]<kind>[+<kind>…][&…] … ]"),
        ("flow-label", "flow-label [ [=|>|>=|<|<=|!=]<20 bits>[&…] … ]"),
        (RAW, RAW_SYNTAX),
        ("interface-set", SCOPE.syntax),
        ("accept", "accept"),
        ("discard", "discard"),
        ("rate-limit", "rate-limit <number> [bytes|packets]"),
        ("redirect", "redirect <AS>:<number>|<IP address>|[<IPv6>]:<number>"),
        ("redirect-to-nexthop", "redirect-to-nexthop"),
        ("redirect-to-nexthop-ietf", "redirect-to-nexthop-ietf <IP address>"),
        ("copy", "copy <IP address>"),
        ("mark", "mark <0 to 63>"),
        ("action", "action sample|terminal|sample-terminal"),
    ],
    needs_next_hop: false,
    start: |family| Box::new(Draft::new(family)),
};

/// The parts of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What stands in the block itself: the distinguisher.
    Route,
    Match,
    Scope,
    Then,
}

/// The part of a block in which a word stands; `None` when it is none of the grammar.
pub fn part(word: &str) -> Option<Part> {
    match word {
        "rd" | "route-distinguisher" => Some(Part::Route),
        RAW => Some(Part::Match),
        _ if word == SCOPE.name => Some(Part::Scope),
        _ if Kind::from_word(word).is_some() => Some(Part::Match),
        _ => action(word).map(|_| Part::Then),
    }
}

fn action(word: &str) -> Option<&'static Action> {
    ACTIONS.iter().chain([&SCOPE]).find(|action| action.name == word)
}

/// A rule of which some words were read.
#[derive(Clone, Debug)]
struct Draft {
    named: Family,
    /// The address family that is settled, and the word that did it.
    settled: Option<(Afi, Span)>,
    /// Words of one address family that settle nothing: they mean the same in the other.
    partial: Vec<(Afi, Error)>,
    rule: Rule,
    /// The rule given by its octets.
    raw: Option<Vec<u8>>,
    is_started: bool,
    warnings: Vec<Error>,
}

impl Draft {
    fn new(named: Family) -> Self {
        Self {
            named,
            settled: None,
            partial: Vec::new(),
            rule: Rule::default(),
            raw: None,
            is_started: false,
            warnings: Vec::new(),
        }
    }

    /// Reads what follows a word of the grammar.
    fn word(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        attributes: &mut Builder,
    ) -> Option<Result<(), Error>> {
        let read = match &*word.text {
            "rd" | "route-distinguisher" => Distinguisher::parse(tokens)
                .map(|distinguisher| self.rule.distinguisher = Some(distinguisher)),
            RAW => raw(tokens, self.named).map(|bytes| self.raw = Some(bytes)),
            name => match (Kind::from_word(name), action(name)) {
                (Some((kind, afi)), _) => self.component((kind, afi), word, tokens),
                (None, Some(action)) => {
                    let warnings = &mut self.warnings;
                    let read = (action.read)(&mut Target { attributes, warnings }, tokens);
                    read.map_err(|error| error.syntax(action.syntax))
                }
                (None, None) => return None,
            },
        };
        let syntax = GRAMMAR.words.iter().find(|(name, _)| *name == word.text);
        let syntax = syntax.map_or("", |(_, syntax)| syntax);
        Some(read.map_err(|error| error.of(&word.text).syntax(syntax)))
    }

    fn component(
        &mut self,
        (kind, afi): (&'static Kind, Option<Afi>),
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
    ) -> Result<(), Error> {
        if kind.values == Values::Prefix {
            return tokens.list(|tokens| self.prefix((kind, afi), tokens));
        }
        let terms = expression::read((kind, kind.written_max(afi)), tokens, &mut self.warnings)?;
        self.rule.add_terms(kind.code, terms);
        match afi {
            // The other family has no such component.
            Some(afi) if kind.name(Afi::IPV4).is_empty() => self.settle(afi, word.span),
            Some(afi) => {
                self.partial.push((afi, word.fault("is a word for rules of the other IP version")));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn prefix(
        &mut self,
        (kind, afi): (&'static Kind, Option<Afi>),
        tokens: &mut Tokens<'_>,
    ) -> Result<(), Error> {
        let word = tokens.word("a prefix")?;
        let pattern = Pattern::from_text(&word).map_err(|what| word.fault(what))?;
        self.settle(pattern.afi(), word.span)?;
        if afi.is_some_and(|afi| afi != pattern.afi()) {
            self.warnings.push(word.fault("is not of the IP version that the word before it says"));
        }
        self.rule.add_pattern(kind.code, pattern);
        Ok(())
    }

    fn settle(&mut self, afi: Afi, span: Span) -> Result<(), Error> {
        match self.settled {
            Some((settled, _)) if settled != afi => {
                Err(Error::new(span, "one rule has IPv4 and IPv6: it can be of one only"))
            }
            None if afi == Afi::IPV4 && self.named.afi == Afi::IPV6 => {
                Err(Error::new(span, "a rule of ipv6 has a prefix of IPv4"))
            }
            _ => {
                self.settled.get_or_insert((afi, span));
                Ok(())
            }
        }
    }

    /// Reads `{ … }`: the part of a block, or the whole of it, whose parts stand inside.
    fn block(
        &mut self,
        inside: Part,
        tokens: &mut Tokens<'_>,
        attributes: &mut Builder,
    ) -> Result<(), Error> {
        tokens.next()?;
        loop {
            match tokens.next()? {
                Lexeme::Close => return Ok(()),
                Lexeme::Semicolon => {}
                Lexeme::Word(word) => self.inside(inside, &word, tokens, attributes)?,
                Lexeme::Open => return Err(Error::new(tokens.last(), "{ without a name")),
                Lexeme::Newline | Lexeme::End => {
                    return Err(Error::new(tokens.last(), "the block is not closed by }"));
                }
            }
        }
    }

    fn inside(
        &mut self,
        inside: Part,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        attributes: &mut Builder,
    ) -> Result<(), Error> {
        let opens = tokens.ending() == Lexeme::Open && tokens.is_done();
        let inner = match &*word.text {
            "match" => Some(Part::Match),
            "scope" => Some(Part::Scope),
            "then" => Some(Part::Then),
            _ => None,
        };
        if let (Part::Route, true, Some(inner)) = (inside, opens, inner) {
            return self.block(inner, tokens, attributes);
        }
        let read = if part(&word.text) == Some(inside) {
            self.word(word, tokens, attributes)
        } else if matches!(inside, Part::Route | Part::Then) {
            attributes.parse(&word.text, tokens)
        } else {
            None
        };
        read.unwrap_or_else(|| Err(word.fault("is not known here").syntax(BLOCK)))?;
        if let Some(span) = tokens.surplus()? {
            let surplus = tokens.slice(span.start, span.end);
            let what = format!("\"{surplus}\" is ignored: nothing is expected there");
            self.warnings.push(Error::new(span, what));
        }
        Ok(())
    }

    /// The family, of which nothing more can be said.
    fn family(&mut self) -> Family {
        let afi = self.settled.map_or(self.named.afi, |(afi, _)| afi);
        let foreign = self.partial.drain(..).filter(|(of, _)| *of != afi);
        self.warnings.extend(foreign.map(|(_, warning)| warning));
        let vpn = self.rule.distinguisher.is_some() || self.named.safi == Safi::FLOW_VPN;
        Family::new(afi, if vpn { Safi::FLOW_VPN } else { Safi::FLOW })
    }
}

impl Wording for Draft {
    fn field(
        &mut self,
        word: &Word<'_>,
        tokens: &mut Tokens<'_>,
        attributes: &mut Builder,
    ) -> Option<Result<(), Error>> {
        let is_first = !std::mem::replace(&mut self.is_started, true);
        if !is_first || word.text != "route" || word.quoted {
            return self.word(word, tokens, attributes);
        }
        // Behind `route` is a block, which may have a name, or the words of a rule.
        let mut ahead = tokens.clone();
        if !ahead.is_done() {
            drop(ahead.next());
        }
        if ahead.is_done() && ahead.next() == Ok(Lexeme::Open) {
            if !tokens.is_done() {
                drop(tokens.next());
            }
            return Some(self.block(Part::Route, tokens, attributes));
        }
        Some(Ok(()))
    }

    fn finish(&mut self, _: &mut Builder, span: Span) -> Result<Packed, Error> {
        let family = self.family();
        let fault = |what: &'static str| Error::new(span, what).syntax(SYNTAX);
        let in_vpn = family.safi == Safi::FLOW_VPN;
        if in_vpn && self.rule.distinguisher.is_none() && self.raw.is_none() {
            return Err(fault("a rule of a VPN needs rd"));
        }
        let is_said = self.rule.distinguisher.is_some() || !self.rule.is_empty();
        let bytes = match self.raw.take() {
            Some(_) if is_said => return Err(fault("the rule is given by words and by octets")),
            Some(bytes) => bytes,
            None if self.rule.is_empty() => {
                return Err(fault("the rule says nothing to match: it would be for all traffic"));
            }
            None => {
                let too_long =
                    || Error::new(span, format!("the rule has over {OCTETS_MAX} octets"));
                self.rule.pack().ok_or_else(too_long)?
            }
        };
        Flow::check(&bytes, family).map_err(|what| Error::new(span, what.to_string()))?;
        Ok(Packed::new(family, None, &bytes))
    }

    fn warnings(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.warnings)
    }

    fn boxed(&self) -> Box<dyn Wording> {
        Box::new(self.clone())
    }
}

/// Appends the words that make a rule; its octets, where words make others: values that are wider
/// than need be, bits that mean nothing.
pub(super) fn statement(flow: &Flow, out: &mut Vec<u8>) {
    let mut words = String::new();
    // Writing to a string does not fail.
    let _: fmt::Result = flow.groups().try_for_each(|group| write!(words, "{group}"));
    if let Some(distinguisher) = flow.distinguisher() {
        let _: fmt::Result = write!(words, " rd {}", distinguisher.exact());
    }
    let made = GRAMMAR.read(flow.family, &words);
    if made.is_some_and(|made| made.family() == flow.family && *made.bytes() == *flow.bytes) {
        out.extend_from_slice(words.trim_start().as_bytes());
    } else {
        text::display(out, format_args!("{RAW} 0x{}", Hex(&flow.bytes)));
    }
}
