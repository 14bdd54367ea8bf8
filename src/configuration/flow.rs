//! `flow { … }`: FlowSpec rules, one a statement or one a block of `match`, `scope` and `then`.

use std::borrow::Cow;

use super::route::{Form, Intent, Worded};
use super::scope::Scope;
use super::section::{Keyword, PLAIN, Section};
use super::static_;
use crate::bgp::attribute::Attributes;
use crate::bgp::nlri::Shape;
use crate::bgp::nlri::flow::{Part, part};
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Span, Tokens, Word};

const RULE: Family = Family::new(Afi::IPV4, Safi::FLOW);

pub(super) static FLOW: Section = Section {
    name: "flow",
    syntax: "flow { route <name> { match { … } then { … } } }",
    keywords: &[Keyword {
        name: "route",
        syntax: "route <component> <value> … [<action> …]",
        read: |scope, tokens| static_::add(scope, tokens, Form::Family(RULE)),
    }],
    sections: &[&ROUTE],
    has_routes: true,
    ..PLAIN
};

static ROUTE: Section = Section {
    name: "route",
    syntax: "route <name> { [rd <distinguisher>;] match { … } scope { … } then { … } }",
    sections: &[&MATCH, &SCOPE, &THEN],
    other: |scope, keyword, tokens| statement(Part::Route, scope, keyword, tokens),
    names: || names(Part::Route),
    open,
    close,
    has_routes: true,
    ..PLAIN
};

static MATCH: Section = Section {
    name: "match",
    syntax: "match { <component> <value>; … }",
    other: |scope, keyword, tokens| statement(Part::Match, scope, keyword, tokens),
    names: || names(Part::Match),
    has_routes: true,
    ..PLAIN
};

static SCOPE: Section = Section {
    name: "scope",
    syntax: "scope { interface-set <set> or [ <set> … ]; }",
    other: |scope, keyword, tokens| statement(Part::Scope, scope, keyword, tokens),
    names: || names(Part::Scope),
    has_routes: true,
    ..PLAIN
};

static THEN: Section = Section {
    name: "then",
    syntax: "then { <action>; … }",
    other: |scope, keyword, tokens| statement(Part::Then, scope, keyword, tokens),
    names: || names(Part::Then),
    has_routes: true,
    ..PLAIN
};

/// Starts a rule; its name is a label only.
fn open(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    if !tokens.is_done() {
        tokens.word("a name")?;
    }
    scope.words_told = scope.told;
    scope.worded = Shape::Flow.grammar().map(|grammar| Worded::new(grammar, RULE));
    Ok(())
}

/// Makes the route of what was said, unless some of it could not be read.
fn close(scope: &mut Scope<'_>, opened: Span) -> Result<(), Error> {
    let Some(worded) = scope.worded.take() else { return Ok(()) };
    if scope.told != scope.words_told {
        return Ok(());
    }
    let room = scope.neighbor.routes.room();
    let extra = worded.finish(scope.parser, Intent::Announce, opened, room)?;
    scope.note(extra, opened);
    Ok(())
}

/// Reads a statement in a part of a block: a word of that part, or an attribute where those may
/// stand. Words left behind the value are ignored, as ExaBGP does, and told.
fn statement(
    inside: Part,
    scope: &mut Scope<'_>,
    keyword: &str,
    tokens: &mut Tokens<'_>,
) -> Option<Result<(), Error>> {
    let takes_attributes = matches!(inside, Part::Route | Part::Then);
    match part(keyword) {
        Some(part) if part == inside => {}
        None if takes_attributes => {}
        _ => return None,
    }
    let word = Word { text: Cow::Borrowed(keyword), span: tokens.last(), quoted: false };
    let read = scope.worded.as_mut()?.word(&word, tokens)?;
    Some(read.and_then(|()| {
        if let Some(span) = tokens.surplus()? {
            let words = tokens.slice(span.start, span.end);
            scope.warn(span, format!("\"{words}\" is ignored: nothing is expected there"));
        }
        Ok(())
    }))
}

/// The words of a part.
fn names(inside: Part) -> Vec<&'static str> {
    let words = Shape::Flow.grammar().map_or(&[][..], |grammar| grammar.words);
    let own = words.iter().map(|(name, _)| *name).filter(|name| part(name) == Some(inside));
    match inside {
        Part::Route | Part::Then => {
            own.chain(Attributes::keywords().map(|(name, _)| name)).collect()
        }
        Part::Match | Part::Scope => own.collect(),
    }
}
