//! One route from words: the grammar that sections of a file and commands share.
//!
//! A statement is a prefix and words, in any order: fields of the NLRI, directives (`split`,
//! `watchdog`, `withdraw`, `name`), attributes. Consecutive statements tend to repeat their
//! attributes to the letter: their text is remembered together with the set that it means.

mod expand;
mod memo;
mod worded;
mod words;

use std::net::IpAddr;
use std::rc::Rc;

use crate::bgp::attribute::{Attributes, Interner, NextHop};
use crate::bgp::nlri::{Draft, Packed, Rule};
use crate::protocol::{Afi, Family, Prefix, Safi};
use crate::rib::Route;
use crate::text::{Error, Span, Tokens};

use memo::Memo;
pub(super) use worded::Worded;
pub(super) use words::{ROUTE, Words};

const KINDS: &str = "route <prefix> …, <afi> <safi> …, attributes … nlri <prefix> …, flow route …, vpls …, sr-policy …";

/// What is to be done with a route, which decides what must be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A next hop is needed.
    Announce,
    /// The NLRI is enough; attributes are read and need not match.
    Withdraw,
}

/// The shape of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `route PREFIX words`: what is said decides the family.
    Route,
    /// `attributes words nlri PREFIX …`.
    Attributes,
    /// `ipv4 unicast PREFIX words`, `l2vpn vpls words`: the family is said before.
    Family(Family),
}

/// What a statement says beside its routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// The watchdog that holds the routes; commands have no use for it.
    pub watchdog: Option<Box<str>>,
    /// The word `withdraw`: the watchdog starts with the routes held back.
    pub withdraw: bool,
    /// What was let through.
    pub warnings: Vec<Error>,
}

/// Reads routes; keeps the attribute sets that they share.
#[derive(Debug, Default)]
pub struct RouteParser {
    interner: Interner,
    memo: Memo,
}

/// What decides how a statement ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) form: Form,
    pub(super) intent: Intent,
    pub(super) prefix: Prefix,
    /// The place of the prefix.
    pub(super) span: Span,
}

impl RouteParser {
    /// A parser that has read nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The attribute sets of the routes that were read.
    pub fn interner(&mut self) -> &mut Interner {
        &mut self.interner
    }

    /// Forgets the texts that were read, and with them the sets that no route carries any more.
    pub fn forget(&mut self) {
        self.memo = Memo::default();
        self.interner.sweep();
    }

    /// Reads what follows `announce` or `withdraw` in a command: `route …`, `attributes … nlri …`,
    /// a family (`ipv4 unicast …`), or a SAFI that tells the family (`flow …`, `vpls …`).
    /// Appends the routes to `routes`, which is left as it was when there is an error.
    pub fn command(
        &mut self,
        tokens: &mut Tokens<'_>,
        intent: Intent,
        routes: &mut Vec<Route>,
    ) -> Result<Extra, Error> {
        let word = tokens.word("a kind of route")?;
        let form = match &*word.text {
            "route" => Form::Route,
            "attribute" | "attributes" => Form::Attributes,
            name => match (Afi::from_name(name), Rule::worded(name)) {
                (Some(afi), _) => Form::Family(family(tokens, afi)?),
                (None, Some(rule)) => Form::Family(rule.family),
                (None, None) => return Err(word.fault("is no kind of route").syntax(KINDS)),
            },
        };
        self.statement(form, intent, tokens, routes)
    }

    /// Reads the words of a statement behind its name, up to its end. Appends the routes to
    /// `routes`, which is left as it was when there is an error.
    pub fn statement(
        &mut self,
        form: Form,
        intent: Intent,
        tokens: &mut Tokens<'_>,
        routes: &mut Vec<Route>,
    ) -> Result<Extra, Error> {
        let mut words = Words::default();
        if form == Form::Attributes {
            words.shared(tokens)?;
            let before = routes.len();
            return self.for_each_prefix(words, intent, tokens, routes).inspect_err(|_| {
                routes.truncate(before);
            });
        }
        if let Form::Family(family) = form
            && let Some(grammar) = Rule::of(family).and_then(|rule| rule.shape.grammar())
        {
            return worded::statement(self, (grammar, family), intent, tokens, routes);
        }
        let start = tokens.span();
        let prefix = Prefix::parse(tokens).map_err(|error| error.of("route"))?;
        let end = End { form, intent, prefix, span: start.to(tokens.last()) };
        let text = tokens.plain();
        if let Some(text) = text
            && let Some(attributes) = self.memo.get(text)
        {
            routes.push(end.plain(attributes)?);
            tokens.pass(text);
            return Ok(Extra::default());
        }
        words.draft.prefix = prefix;
        words.all(form, tokens)?;
        let is_plain = words.is_plain;
        let attributes = self.interner.intern(std::mem::take(&mut words.attributes).build());
        expand::expand(&words, &attributes, end, routes)?;
        if let (true, Some(text)) = (is_plain, text) {
            self.memo.insert(text, attributes);
        }
        Ok(words.extra)
    }

    /// The prefixes behind `nlri`, which are all of the kind of the last.
    fn for_each_prefix(
        &mut self,
        mut words: Words,
        intent: Intent,
        tokens: &mut Tokens<'_>,
        routes: &mut Vec<Route>,
    ) -> Result<Extra, Error> {
        let attributes = self.interner.intern(std::mem::take(&mut words.attributes).build());
        let mut prefixes = Vec::new();
        while !tokens.is_done() {
            let prefix = Prefix::parse(tokens)?;
            prefixes.push((prefix, tokens.last()));
        }
        let Some((last, _)) = prefixes.last() else { return Err(tokens.missing("a prefix")) };
        words.draft.prefix = *last;
        let form = Form::Family(words.draft.family());
        for (prefix, span) in prefixes {
            words.draft.prefix = prefix;
            expand::expand(&words, &attributes, End { form, intent, prefix, span }, routes)?;
        }
        Ok(words.extra)
    }
}

impl End {
    /// The route of which nothing but attributes is said.
    fn plain(&self, attributes: &Rc<Attributes>) -> Result<Route, Error> {
        let prefix = self.prefix;
        let family = match (self.form, prefix.address()) {
            (Form::Family(family), _) => family,
            (_, IpAddr::V4(address)) if address.is_multicast() => Family::IPV4_MULTICAST,
            _ => Family::new(prefix.afi(), Safi::UNICAST),
        };
        self.check(attributes)?;
        let nlri = match packed(prefix, family) {
            Some(nlri) => nlri,
            None => Draft::new(prefix).finish(family).map_err(|error| self.error(error.what()))?,
        };
        Ok(Route { nlri, attributes: Rc::clone(attributes) })
    }

    /// Whether what every announced route needs was said.
    pub(super) fn check(&self, attributes: &Attributes) -> Result<(), Error> {
        if self.intent == Intent::Announce && attributes.next_hop() == NextHop::None {
            return Err(self.error("the route has no next-hop"));
        }
        Ok(())
    }

    #[cold]
    pub(super) fn error(&self, what: &'static str) -> Error {
        Error::new(self.span, format!("{what}: {}", self.prefix))
    }
}

/// The NLRI of a family of plain prefixes, which most routes are of: its octets are put together
/// here, without a buffer.
fn packed(prefix: Prefix, family: Family) -> Option<Packed> {
    let plain = matches!(family.safi, Safi::UNICAST | Safi::MULTICAST);
    if !plain || prefix.afi() != family.afi {
        return None;
    }
    let mut bytes = [0; 17];
    let (length, octets) = bytes.split_first_mut()?;
    *length = prefix.length();
    let used = usize::from(prefix.length().div_ceil(8));
    match prefix.address() {
        IpAddr::V4(address) => octets.first_chunk_mut().map(|place| *place = address.octets()),
        IpAddr::V6(address) => octets.first_chunk_mut().map(|place| *place = address.octets()),
    }?;
    Some(Packed::new(family, None, bytes.get(..=used)?))
}

/// The family of an address family and the next word; one whose routes can be written.
fn family(tokens: &mut Tokens<'_>, afi: Afi) -> Result<Family, Error> {
    let word = tokens.word("a subsequent address family")?;
    let family = Family::from_names(afi.name().unwrap_or_default(), &word)
        .ok_or_else(|| word.fault(&format!("does not go with {afi}")))?;
    let grammar = Rule::of(family).and_then(|rule| rule.shape.grammar());
    if grammar.is_some() || crate::bgp::nlri::is_prefix_family(family) {
        return Ok(family);
    }
    Err(Error::new(word.span, format!("routes of {family} are not supported by this build")))
}
