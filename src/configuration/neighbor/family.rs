//! `family { … }`: what the session is to carry.

use crate::configuration::scope::Scope;
use crate::configuration::section::{Keyword, PLAIN, Section};
use crate::protocol::{Afi, Family};
use crate::text::{Error, Tokens};

pub(crate) static FAMILY: Section = Section {
    name: "family",
    syntax: "family { <afi> <safi>; … }, or family { all; }",
    keywords: &[
        Keyword {
            name: "ipv4",
            syntax: "ipv4 unicast|multicast|nlri-mpls|mpls-vpn|mcast-vpn|flow|flow-vpn|mup|sr-policy|rtc",
            read: |scope, tokens| named(scope, tokens, Afi::IPV4),
        },
        Keyword {
            name: "ipv6",
            syntax: "ipv6 unicast|multicast|nlri-mpls|mpls-vpn|mcast-vpn|flow|flow-vpn|mup|sr-policy",
            read: |scope, tokens| named(scope, tokens, Afi::IPV6),
        },
        Keyword {
            name: "l2vpn",
            syntax: "l2vpn vpls|evpn",
            read: |scope, tokens| named(scope, tokens, Afi::L2VPN),
        },
        Keyword {
            name: "bgp-ls",
            syntax: "bgp-ls bgp-ls|bgp-ls-vpn",
            read: |scope, tokens| named(scope, tokens, Afi::BGP_LS),
        },
        Keyword { name: "all", syntax: "all", read: all },
    ],
    gone: &[("minimal", "name the families, or leave the section out for every family")],
    open: |scope, _| {
        scope.families.clear();
        scope.is_all = false;
        Ok(())
    },
    ..PLAIN
};

fn named(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>, afi: Afi) -> Result<(), Error> {
    let family = family(tokens, afi)?;
    if scope.is_all {
        return Err(Error::new(tokens.last(), format!("{family} is part of all already")));
    }
    if scope.families.contains(&family) {
        return Err(Error::new(tokens.last(), format!("{family} is named twice")));
    }
    scope.families.push(family);
    scope.neighbor.families.push(family);
    Ok(())
}

/// A subsequent address family that goes with `afi`.
pub(crate) fn family(tokens: &mut Tokens<'_>, afi: Afi) -> Result<Family, Error> {
    let word = tokens.word("a subsequent address family")?;
    let family = Family::from_names(afi.name().unwrap_or_default(), &word);
    family.ok_or_else(|| word.fault(&format!("does not go with {afi}")))
}

fn all(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    if scope.is_all {
        return Err(Error::new(tokens.last(), "it is said twice"));
    }
    if !scope.families.is_empty() {
        scope.warn(tokens.last(), "all: it stands alone, and makes the other families needless");
    }
    scope.is_all = true;
    scope.neighbor.all_families = true;
    Ok(())
}
