//! `nexthop { … }`: families whose next hop may be of the other address family, RFC 8950.

use crate::configuration::scope::Scope;
use crate::configuration::section::{Keyword, PLAIN, Section};
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Tokens};

pub(crate) static NEXTHOP: Section = Section {
    name: "nexthop",
    syntax: "nexthop { ipv4 <safi> ipv6; ipv6 <safi> ipv4; }",
    keywords: &[
        Keyword {
            name: "ipv4",
            syntax: "ipv4 unicast|multicast|nlri-mpls|mpls-vpn ipv6",
            read: |scope, tokens| pair(scope, tokens, (Afi::IPV4, Afi::IPV6)),
        },
        Keyword {
            name: "ipv6",
            syntax: "ipv6 unicast|multicast|nlri-mpls|mpls-vpn ipv4",
            read: |scope, tokens| pair(scope, tokens, (Afi::IPV6, Afi::IPV4)),
        },
    ],
    ..PLAIN
};

fn pair(
    scope: &mut Scope<'_>,
    tokens: &mut Tokens<'_>,
    (afi, through): (Afi, Afi),
) -> Result<(), Error> {
    let word = tokens.word("a subsequent address family")?;
    let allowed = [Safi::UNICAST, Safi::MULTICAST, Safi::NLRI_MPLS, Safi::MPLS_VPN];
    let safi = Safi::from_name(&word).filter(|safi| allowed.contains(safi));
    let safi = safi.ok_or_else(|| word.fault("has no next hop of another address family"))?;
    tokens.expect(through.name().unwrap_or_default())?;
    let entry = (Family::new(afi, safi), through);
    if scope.neighbor.nexthop.contains(&entry) {
        let span = word.span.to(tokens.last());
        scope.warn(span, format!("{} {through} is written twice", entry.0));
    } else {
        scope.neighbor.nexthop.push(entry);
    }
    Ok(())
}
