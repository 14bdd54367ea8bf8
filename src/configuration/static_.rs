//! `static { … }`: routes, one a statement or one a block.

use super::route::{Form, Intent, ROUTE};
use super::scope::Scope;
use super::section::{Keyword, PLAIN, Section};
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Tokens};

const ROUTE_SYNTAX: &str = "route <prefix> next-hop <address>|self [<attribute> <value> …]";
const ATTRIBUTES_SYNTAX: &str =
    "attributes next-hop <address>|self [<attribute> <value> …] nlri <prefix> …";
const SR_POLICY_SYNTAX: &str = "sr-policy distinguisher <n> color <n> endpoint <address> \
                                next-hop <address>|self [preference <n>] [segment-list …] …";

pub(super) static STATIC: Section = Section {
    name: "static",
    syntax: "static { route <prefix> …; }",
    keywords: &[
        Keyword { name: "route", syntax: ROUTE_SYNTAX, read: |s, t| add(s, t, Form::Route) },
        Keyword {
            name: "attributes",
            syntax: ATTRIBUTES_SYNTAX,
            read: |s, t| add(s, t, Form::Attributes),
        },
        Keyword {
            name: "attribute",
            syntax: ATTRIBUTES_SYNTAX,
            read: |s, t| add(s, t, Form::Attributes),
        },
        Keyword {
            name: "sr-policy",
            syntax: SR_POLICY_SYNTAX,
            read: |s, t| add(s, t, Form::Family(Family::new(Afi::IPV4, Safi::SR_POLICY))),
        },
    ],
    sections: &[&ROUTE],
    has_routes: true,
    ..PLAIN
};

/// Reads the routes of a statement into the neighbor.
pub(super) fn add(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>, form: Form) -> Result<(), Error> {
    let start = tokens.last();
    let room = scope.neighbor.routes.room();
    let extra = scope.parser.statement(form, Intent::Announce, tokens, room)?;
    scope.note(extra, start);
    Ok(())
}
