//! `announce { ipv4 { … } ipv6 { … } l2vpn { … } }`: routes by family, one a statement.

use super::route::Form;
use super::section::{Keyword, PLAIN, Section};
use super::{static_, unsupported};
use crate::protocol::{Afi, Family, Safi};

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

/// A statement for routes that are not read.
macro_rules! unsupported {
    ($name:literal) => {
        Keyword { name: $name, syntax: "", read: unsupported::ROUTES }
    };
}

pub(super) static ANNOUNCE: Section = Section {
    name: "announce",
    syntax: "announce { ipv4 { … } ipv6 { … } l2vpn { … } }",
    sections: &[&IPV4, &IPV6, &L2VPN],
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
        unsupported!("mcast-vpn"),
        unsupported!("flow"),
        unsupported!("flow-vpn"),
        unsupported!("mup"),
        unsupported!("sr-policy"),
    ],
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
        unsupported!("mcast-vpn"),
        unsupported!("flow"),
        unsupported!("flow-vpn"),
        unsupported!("mup"),
        unsupported!("sr-policy"),
    ],
    has_routes: true,
    ..PLAIN
};

static L2VPN: Section = Section {
    name: "l2vpn",
    syntax: "l2vpn { vpls …; }",
    keywords: &[unsupported!("vpls")],
    has_routes: true,
    ..PLAIN
};
