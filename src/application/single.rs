//! One route, one UPDATE: made and read back without a session, for `validate` and `encode`.

use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;

use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, Interner, NextHop};
use crate::bgp::message::update::{Packing, Update};
use crate::bgp::neighbor::SessionSettings;
use crate::bgp::nlri::{Packed, Rule};
use crate::protocol::{Afi, Asn, Family};
use crate::rib::Route;

/// Octets of the header of a message.
pub(super) const HEADER: usize = 19;

/// A session inside one AS on which everything that a route can say may be said.
pub(super) fn generous(family: Family, path_id: Option<u32>) -> Negotiated {
    let with_path = if path_id.is_some() { vec![family] } else { Vec::new() };
    let nexthop = Family::KNOWN.iter().map(|family| (*family, Afi::IPV6)).collect();
    Negotiated {
        addpath_send: with_path.clone(),
        addpath_receive: with_path,
        nexthop,
        aigp: true,
        ..Negotiated::wide()
    }
}

/// What a peer that agrees to everything would agree on with this neighbor.
pub(super) fn agreed(settings: &SessionSettings) -> Negotiated {
    let wide = Negotiated::wide();
    let with_path = |offered: bool| match &settings.add_path[..] {
        _ if !offered => Vec::new(),
        [] => settings.families.clone(),
        entries => entries.iter().map(|entry| entry.family).collect(),
    };
    let offer = settings.capability.add_path;
    let local_as = settings.local_as.or(settings.peer_as).unwrap_or(wide.local_as);
    let peer_as: Asn = settings.peer_as.unwrap_or(local_as);
    Negotiated {
        local_as,
        peer_as,
        asn4: settings.capability.asn4,
        families: settings.families.clone(),
        addpath_send: with_path(offer.sends()),
        addpath_receive: with_path(offer.receives()),
        nexthop: settings.nexthop.clone(),
        ipv4_next_hops: settings.ipv4_next_hops(),
        message_size: if settings.capability.extended_message {
            Negotiated::EXTENDED_MESSAGE_SIZE
        } else {
            Negotiated::MESSAGE_SIZE
        },
        aigp: settings.capability.aigp || local_as == peer_as,
        ..wide
    }
}

/// The route with `next-hop self` resolved: to `ours`, or to no address where it is not known
/// before the session is up.
pub(super) fn resolved(route: &Route, ours: Option<IpAddr>, interner: &mut Interner) -> Route {
    let mut route = route.clone();
    if route.attributes.next_hop() == NextHop::OurAddress {
        let nowhere = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let next_hop = NextHop::Address(ours.unwrap_or(nowhere));
        route.attributes = interner.with_next_hop(&route.attributes, next_hop);
    }
    route
}

/// The UPDATE that announces the route, header included.
pub(super) fn announce(route: &Route, negotiated: &Negotiated) -> Result<Vec<u8>, String> {
    let family = route.nlri.family();
    let rule = Rule::of(family).ok_or_else(|| format!("{family} can not be announced"))?;
    let mut out = Vec::new();
    let packing = Packing::announce(&mut out, negotiated, rule, &route.attributes);
    let mut packing = packing.map_err(|error| error.to_string())?;
    if !packing.push(route.nlri.path_id(), route.nlri.bytes()) {
        return Err(packing.too_large().to_string());
    }
    packing.finish();
    Ok(out)
}

/// The one route that an UPDATE announces; what is wrong with it otherwise.
pub(super) fn read_back(
    message: &[u8],
    negotiated: &Negotiated,
    interner: &mut Interner,
) -> Result<Route, String> {
    let body = message.get(HEADER..).unwrap_or_default();
    let update = Update::decode(body, negotiated, interner)
        .map_err(|notify| format!("it reads as an error {}/{}", notify.code, notify.subcode))?;
    if update.withdrawn().next().is_some() {
        return Err("it reads as a withdrawal".to_owned());
    }
    let mut found: Vec<(Packed, Rc<Attributes>)> = Vec::new();
    for section in update.announced() {
        let family = section.run.family();
        let packed = section.run.entries().map(|entry| entry.pack(family));
        found.extend(packed.map(|nlri| (nlri, Rc::clone(&section.attributes))));
    }
    match found.pop() {
        Some((nlri, attributes)) if found.is_empty() => Ok(Route { nlri, attributes }),
        Some(_) => Err("it reads as several routes".to_owned()),
        None => Err("it reads as no route".to_owned()),
    }
}
