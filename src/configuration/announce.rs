//! `announce { ipv4 { … } ipv6 { … } l2vpn { … } bgp-ls { … } }`: routes by family, one a statement.

use super::route::Form;
use super::scope::Scope;
use super::section::{Keyword, PLAIN, Section};
use super::static_;
use crate::bgp::nlri::Rule;
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Tokens};

/// A statement for the routes of one family.
macro_rules! routes {
    ($name:literal, $afi:ident $safi:ident, $fields:literal) => {
        Keyword {
            name: $name,
            syntax: concat!($name, " <prefix> next-hop <address>|self", $fields, " …"),
            read: |scope, tokens| {
                let form = Form::Family(Family::new(Afi::$afi, Safi::$safi));
                static_::add(scope, tokens, form)
            },
        }
    };
}

/// Reads a route of the family of an address family and `safi`; `None` when its routes are not
/// written with words of their own.
fn worded(
    afi: Afi,
    scope: &mut Scope<'_>,
    safi: &str,
    tokens: &mut Tokens<'_>,
) -> Option<Result<(), Error>> {
    let family = Family::from_names(afi.name()?, safi)?;
    Rule::of(family)?.shape.grammar()?;
    Some(static_::add(scope, tokens, Form::Family(family)))
}

/// The SAFI whose routes [`worded`] reads.
fn safis(afi: Afi) -> Vec<&'static str> {
    let families = Family::KNOWN.iter().filter(|family| family.afi == afi);
    let worded = families
        .filter(|family| Rule::of(**family).is_some_and(|rule| rule.shape.grammar().is_some()));
    worded.filter_map(|family| family.safi.name()).collect()
}

pub(super) static ANNOUNCE: Section = Section {
    name: "announce",
    syntax: "announce { ipv4 { … } ipv6 { … } l2vpn { … } bgp-ls { … } }",
    sections: &[&IPV4, &IPV6, &L2VPN, &BGP_LS],
    gone: &[("route", "name the family: announce { ipv4 { unicast … } }")],
    has_routes: true,
    ..PLAIN
};

static IPV4: Section = Section {
    name: "ipv4",
    syntax: "ipv4 { unicast <prefix> …; }",
    keywords: &[
        routes!("unicast", IPV4 UNICAST, ""),
        routes!("multicast", IPV4 MULTICAST, ""),
        routes!("nlri-mpls", IPV4 NLRI_MPLS, " label <label>"),
        routes!("labeled-unicast", IPV4 NLRI_MPLS, " label <label>"),
        routes!("mpls-vpn", IPV4 MPLS_VPN, " label <label> rd <distinguisher>"),
    ],
    other: |scope, safi, tokens| worded(Afi::IPV4, scope, safi, tokens),
    names: || safis(Afi::IPV4),
    has_routes: true,
    ..PLAIN
};

static IPV6: Section = Section {
    name: "ipv6",
    syntax: "ipv6 { unicast <prefix> …; }",
    keywords: &[
        routes!("unicast", IPV6 UNICAST, ""),
        routes!("multicast", IPV6 MULTICAST, ""),
        routes!("nlri-mpls", IPV6 NLRI_MPLS, " label <label>"),
        routes!("labeled-unicast", IPV6 NLRI_MPLS, " label <label>"),
        routes!("mpls-vpn", IPV6 MPLS_VPN, " label <label> rd <distinguisher>"),
    ],
    other: |scope, safi, tokens| worded(Afi::IPV6, scope, safi, tokens),
    names: || safis(Afi::IPV6),
    has_routes: true,
    ..PLAIN
};

static L2VPN: Section = Section {
    name: "l2vpn",
    syntax: "l2vpn { vpls …; }",
    other: |scope, safi, tokens| worded(Afi::L2VPN, scope, safi, tokens),
    names: || safis(Afi::L2VPN),
    has_routes: true,
    ..PLAIN
};

static BGP_LS: Section = Section {
    name: "bgp-ls",
    syntax: "bgp-ls { bgp-ls …; bgp-ls-vpn …; }",
    other: |scope, safi, tokens| worded(Afi::BGP_LS, scope, safi, tokens),
    names: || safis(Afi::BGP_LS),
    has_routes: true,
    ..PLAIN
};
