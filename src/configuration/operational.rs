//! `operational { … }`: advisory messages sent when the session is up.

use super::scope::Scope;
use super::section::{Keyword, PLAIN, Section};
use crate::bgp::message::Operational;
use crate::text::{Error, Tokens};

/// A statement for messages of one kind.
macro_rules! kind {
    ($name:literal $syntax:literal) => {
        Keyword {
            name: $name,
            syntax: concat!($name, " ", $syntax),
            read: |scope, tokens| message(scope, tokens, $name),
        }
    };
}

pub(super) static OPERATIONAL: Section = Section {
    name: "operational",
    syntax: "operational { … }",
    keywords: &[
        kind!("asm" "afi <afi> safi <safi> advisory \"<text>\""),
        kind!("adm" "afi <afi> safi <safi> advisory \"<text>\""),
        kind!("rpcq" "afi <afi> safi <safi> sequence <number>"),
        kind!("rpcp" "afi <afi> safi <safi> sequence <number> counter <number>"),
        kind!("apcq" "afi <afi> safi <safi> sequence <number>"),
        kind!("apcp" "afi <afi> safi <safi> sequence <number> counter <number>"),
        kind!("lpcq" "afi <afi> safi <safi> sequence <number>"),
        kind!("lpcp" "afi <afi> safi <safi> sequence <number> counter <number>"),
    ],
    ..PLAIN
};

fn message(
    scope: &mut Scope<'_>,
    tokens: &mut Tokens<'_>,
    keyword: &'static str,
) -> Result<(), Error> {
    match Operational::parse(keyword, tokens) {
        Some(message) => scope.neighbor.operational.push(message?),
        None => return Err(Error::new(tokens.last(), "no such message")),
    }
    Ok(())
}
