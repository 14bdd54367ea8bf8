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

#[cfg(test)]
mod tests {
    use crate::configuration::{Options, RouteParser, parse, statement};

    const BLOCK: &str = "rd 1:1; endpoint 5; base 10; offset 1; size 8; next-hop 192.0.2.9;";

    /// The routes of a neighbor with this inside, or the errors.
    fn read(text: &str) -> Result<Vec<String>, Vec<String>> {
        let text = format!(
            "neighbor 127.0.0.1 {{ router-id 10.0.0.2; local-address 127.0.0.1; local-as 1; \
             peer-as 1; family {{ l2vpn vpls; l2vpn evpn; }}\n{text}\n}}\n"
        );
        let read = parse("t", text.as_bytes(), &Options::default(), &mut RouteParser::new());
        let told = |errors: Vec<_>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
        let neighbors = read.map_err(told)?.neighbors;
        Ok(neighbors.iter().flat_map(|n| n.routes()).map(|(route, _)| statement(route)).collect())
    }

    #[test]
    fn a_statement_and_a_block_are_one_route() {
        let words = BLOCK.replace(';', "");
        let made = "l2vpn vpls rd 1:1 endpoint 5 base 10 offset 1 size 8 next-hop 192.0.2.9";
        for text in [
            format!("l2vpn {{ vpls {words}; }}"),
            format!("l2vpn {{ vpls {{ {BLOCK} }} }}"),
            format!("l2vpn {{ vpls site {{\n{}\n}} }}", BLOCK.replace("; ", ";\n")),
            format!("announce {{ l2vpn {{ vpls {words}; }} }}"),
        ] {
            assert_eq!(read(&text), Ok(vec![made.to_owned()]), "{text}");
        }
        let more = format!("l2vpn {{ vpls a {{ {BLOCK} med 7; }} vpls {{ {BLOCK} name x; }} }}");
        assert_eq!(read(&more), Ok(vec![format!("{made} med 7"), made.to_owned()]));
        let evpn = "evpn multicast rd 1:1 ethernet-tag 0 ip 192.0.2.1 next-hop 192.0.2.9";
        let read = read(&format!("announce {{ l2vpn {{ {evpn}; }} }}"));
        assert_eq!(read, Ok(vec![format!("l2vpn {evpn}")]));
    }

    #[test]
    fn faults_of_a_block_are_told_once_and_where_they_are() {
        for (change, what) in [
            (("rd 1:1; ", ""), "the vpls route has no rd"),
            (("next-hop 192.0.2.9;", ""), "the route has no next-hop"),
            (("size 8", "size 65536"), "size: \"65536\" is not a number below 65536"),
            (("size 8", "sise 8"), "unknown keyword \"sise\""),
            (("base 10;", "base 1048568;"), "8 labels do not fit above base 1048568"),
        ] {
            let block = BLOCK.replace(change.0, change.1);
            let errors = read(&format!("l2vpn {{ vpls site {{ {block} }} }}")).unwrap_err();
            let [error] = &errors[..] else { panic!("{errors:?}") };
            assert!(error.contains(what) && error.starts_with("t:2:"), "{error}");
        }
    }
}
