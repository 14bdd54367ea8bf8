//! `add-path { … }`: the families whose routes may have path identifiers, RFC 7911.

use super::family::family;
use crate::bgp::neighbor::AddPathFamily;
use crate::configuration::scope::Scope;
use crate::configuration::section::{Keyword, PLAIN, Section};
use crate::protocol::Afi;
use crate::text::{Error, Tokens};

pub(crate) static ADD_PATH: Section = Section {
    name: "add-path",
    syntax: "add-path { <afi> <safi> [limit <1-65535>]; … }, or add-path { all; }",
    keywords: &[
        Keyword {
            name: "ipv4",
            syntax: "ipv4 <safi> [limit <1-65535>]",
            read: |scope, tokens| entry(scope, tokens, Afi::IPV4),
        },
        Keyword {
            name: "ipv6",
            syntax: "ipv6 <safi> [limit <1-65535>]",
            read: |scope, tokens| entry(scope, tokens, Afi::IPV6),
        },
        Keyword {
            name: "l2vpn",
            syntax: "l2vpn <safi> [limit <1-65535>]",
            read: |scope, tokens| entry(scope, tokens, Afi::L2VPN),
        },
        Keyword {
            name: "bgp-ls",
            syntax: "bgp-ls <safi> [limit <1-65535>]",
            read: |scope, tokens| entry(scope, tokens, Afi::BGP_LS),
        },
        Keyword {
            name: "all",
            syntax: "all",
            read: |scope, _| {
                scope.neighbor.add_path_all = true;
                Ok(())
            },
        },
    ],
    open: |scope, _| {
        scope.families.clear();
        Ok(())
    },
    ..PLAIN
};

fn entry(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>, afi: Afi) -> Result<(), Error> {
    let family = family(tokens, afi)?;
    if scope.families.contains(&family) {
        return Err(Error::new(tokens.last(), format!("{family} is named twice")));
    }
    let mut limit = None;
    if tokens.accept("limit") {
        // The stable release ignores the word and what follows: a bad number stops nothing.
        let start = tokens.span();
        match tokens.number::<u16>("a number of paths, 1-65535") {
            Ok(0) => scope.warn(start, "limit: \"0\" is not a number of paths, 1-65535"),
            Ok(paths) => limit = Some(paths),
            Err(error) => scope.warn(error.span(), format!("limit: {}", error.what())),
        }
    }
    scope.families.push(family);
    scope.neighbor.add_path.push(AddPathFamily { family, limit });
    Ok(())
}
