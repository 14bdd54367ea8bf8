//! What is said of a route, word by word; and `route PREFIX { … }`, a statement a word.

use super::{End, Form, Intent, expand};
use crate::bgp::attribute::{Attributes, Builder};
use crate::bgp::nlri::Draft;
use crate::configuration::scope::Scope;
use crate::configuration::section::{Keyword, PLAIN, Section, unknown_word};
use crate::protocol::{Prefix, Safi};
use crate::text::{Error, Span, Tokens, Word};

/// What was said of a route so far.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(super) draft: Draft,
    pub(super) attributes: Builder,
    pub(super) split: Option<(u8, Span)>,
    pub(super) extra: super::Extra,
    /// Nothing was said but attributes.
    pub(super) is_plain: bool,
    /// The place of the prefix.
    pub(super) span: Span,
}

impl Default for Words {
    fn default() -> Self {
        let nowhere = Prefix::host(std::net::Ipv4Addr::UNSPECIFIED.into());
        Self {
            draft: Draft::new(nowhere),
            attributes: Attributes::builder(),
            split: None,
            extra: super::Extra::default(),
            is_plain: true,
            span: Span::default(),
        }
    }
}

/// The words that are neither attributes nor fields of an NLRI, then those fields.
const DIRECTIVES: &[&str] = &[
    "split",
    "watchdog",
    "withdraw",
    "name",
    "path-information",
    "label",
    "rd",
    "route-distinguisher",
];

impl Words {
    /// Reads every word up to the end of the statement.
    pub(super) fn all(&mut self, form: Form, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        while !tokens.is_done() {
            let word = tokens.word("a keyword")?;
            self.one(&word, form, tokens)?;
        }
        Ok(())
    }

    /// Reads the words before `nlri`.
    pub(super) fn shared(&mut self, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        while !tokens.accept("nlri") {
            if tokens.is_done() {
                return Err(tokens.missing("nlri and a prefix"));
            }
            let word = tokens.word("a keyword")?;
            self.one(&word, Form::Attributes, tokens)?;
        }
        Ok(())
    }

    fn one(&mut self, word: &Word<'_>, form: Form, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        if let Some(read) = self.attributes.parse(&word.text, tokens) {
            return read;
        }
        self.is_plain = false;
        let read = self.directive(&word.text, form, tokens);
        read.unwrap_or_else(|| Err(unknown_word(word, &names(form))))
    }

    /// Reads the words after a directive or a field of the NLRI; `None` when it is neither.
    fn directive(
        &mut self,
        keyword: &str,
        form: Form,
        tokens: &mut Tokens<'_>,
    ) -> Option<Result<(), Error>> {
        if let Some(read) = Self::common(&mut self.extra, keyword, tokens) {
            return Some(read);
        }
        let read = match keyword {
            "split" => split(tokens).map(|split| self.split = Some(split)),
            _ if takes(form, keyword) => self.draft.field(keyword, tokens)?,
            _ => return None,
        };
        Some(read.map_err(|error| error.of(keyword)))
    }

    /// The directives that routes of every family know.
    pub(super) const COMMON: &[&str] = &["watchdog", "withdraw", "name"];

    /// Reads the words after one of them; `None` when it is none.
    pub(super) fn common(
        extra: &mut super::Extra,
        keyword: &str,
        tokens: &mut Tokens<'_>,
    ) -> Option<Result<(), Error>> {
        let read = match keyword {
            "watchdog" => watchdog(tokens).map(|name| extra.watchdog = Some(name)),
            "withdraw" => {
                extra.withdraw = true;
                Ok(())
            }
            "name" => tokens.word("a name").map(|_| ()),
            _ => return None,
        };
        Some(read.map_err(|error| error.of(keyword)))
    }
}

/// Whether a route of this form may say this of its NLRI.
fn takes(form: Form, field: &str) -> bool {
    let Form::Family(family) = form else { return true };
    match field {
        "label" => matches!(family.safi, Safi::NLRI_MPLS | Safi::MPLS_VPN),
        "rd" | "route-distinguisher" => family.safi == Safi::MPLS_VPN,
        _ => true,
    }
}

/// Every word that a statement of this form knows.
fn names(form: Form) -> Vec<&'static str> {
    let attributes = Attributes::keywords().map(|(name, _)| name);
    attributes.chain(DIRECTIVES.iter().copied().filter(|name| takes(form, name))).collect()
}

fn split(tokens: &mut Tokens<'_>) -> Result<(u8, Span), Error> {
    let word = tokens.word("a mask length")?;
    let digits = word.strip_prefix('/').filter(|digits| digits.bytes().all(|d| d.is_ascii_digit()));
    let length = digits.and_then(|digits| digits.parse().ok());
    let length = length.ok_or_else(|| word.fault("is no mask length").syntax("split /<length>"))?;
    Ok((length, word.span))
}

fn watchdog(tokens: &mut Tokens<'_>) -> Result<Box<str>, Error> {
    let word = tokens.word("the name of a watchdog")?;
    match &*word.text {
        "announce" | "withdraw" => Err(word.fault("is a command and names no watchdog")),
        name => Ok(name.into()),
    }
}

/// A statement of a block that is no attribute.
macro_rules! directive {
    ($name:literal $syntax:literal) => {
        Keyword {
            name: $name,
            syntax: concat!($name, $syntax),
            read: |scope, tokens| {
                let read = scope.words.directive($name, Form::Route, tokens);
                read.unwrap_or(Ok(()))
            },
        }
    };
}

pub(crate) static ROUTE: Section = Section {
    name: "route",
    syntax: "route <prefix> { next-hop <address>|self; [<attribute> <value>;] … }",
    keywords: &[
        directive!("split" " /<length>"),
        directive!("watchdog" " <name>"),
        directive!("withdraw" ""),
        directive!("name" " <text>"),
        directive!("path-information" " <IPv4 address>|<number>"),
        directive!("label" " <number> or [ <number> … ]"),
        directive!("rd" " <number>:<number>"),
        directive!("route-distinguisher" " <number>:<number>"),
    ],
    other: |scope, keyword, tokens| scope.words.attributes.parse(keyword, tokens),
    names: || Attributes::keywords().map(|(name, _)| name).collect(),
    open,
    close,
    has_routes: true,
    ..PLAIN
};

fn open(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.words = Words::default();
    scope.words_told = scope.told;
    let start = tokens.span();
    scope.words.draft.prefix = Prefix::parse(tokens)?;
    scope.words.span = start.to(tokens.last());
    if tokens.is_done() {
        return Ok(());
    }
    let surplus = tokens.surplus()?.unwrap_or(start);
    Err(Error::new(surplus, "words stand between the prefix and {: write them inside"))
}

fn close(scope: &mut Scope<'_>, opened: Span) -> Result<(), Error> {
    let mut words = std::mem::take(&mut scope.words);
    if scope.told != scope.words_told {
        return Ok(());
    }
    let prefix = words.draft.prefix;
    let end = End { form: Form::Route, intent: Intent::Announce, prefix, span: words.span };
    let attributes = std::mem::take(&mut words.attributes).build();
    let attributes = scope.parser.interner().intern(attributes);
    let gathered = &mut scope.neighbor.routes;
    expand::expand(&words, &attributes, end, gathered.room())?;
    gathered.note(words.extra, opened);
    Ok(())
}
