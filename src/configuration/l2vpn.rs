//! `l2vpn { vpls … }`: blocks of labels, one a statement or one a block.

use super::route::{Form, Intent, Worded};
use super::scope::Scope;
use super::section::{Keyword, PLAIN, Section};
use super::static_;
use crate::bgp::nlri::Rule;
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Span, Tokens, Word};

const VPLS: Family = Family::new(Afi::L2VPN, Safi::VPLS);

pub(super) static L2VPN: Section = Section {
    name: "l2vpn",
    syntax: "l2vpn { vpls rd <distinguisher> …; vpls <name> { rd <distinguisher>; … } }",
    keywords: &[Keyword {
        name: "vpls",
        syntax: "",
        read: |scope, tokens| static_::add(scope, tokens, Form::Family(VPLS)),
    }],
    sections: &[&BLOCK],
    has_routes: true,
    ..PLAIN
};

/// `vpls NAME { … }`; the name says nothing.
static BLOCK: Section = Section {
    name: "vpls",
    syntax: "vpls [<name>] { rd <distinguisher>; endpoint <number>; base <label>; \
             offset <number>; size <number>; next-hop <address>|self; [<attribute> <value>;] … }",
    open,
    other: |scope, keyword, tokens| {
        let word = Word { text: keyword.into(), span: tokens.last(), quoted: false };
        scope.worded.as_mut()?.word(&word, tokens)
    },
    names: || block().map_or_else(Vec::new, |block| block.names()),
    close,
    has_routes: true,
    ..PLAIN
};

/// A block of which nothing was said.
fn block() -> Option<Worded> {
    let grammar = Rule::of(VPLS)?.shape.grammar()?;
    Some(Worded::new(grammar, VPLS))
}

fn open(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.worded = block();
    scope.words_told = scope.told;
    if !tokens.is_done() {
        tokens.word("a name")?;
    }
    Ok(())
}

fn close(scope: &mut Scope<'_>, opened: Span) -> Result<(), Error> {
    let Some(worded) = scope.worded.take() else { return Ok(()) };
    // What was not understood is told already, and may be what is missing.
    if scope.told != scope.words_told {
        return Ok(());
    }
    let room = scope.neighbor.routes.room();
    let extra = worded.finish(scope.parser, Intent::Announce, opened, room)?;
    scope.note(extra, opened);
    Ok(())
}
