//! The family table: what the protocol says of each family, one line each.

use std::net::IpAddr;

use super::Shape;
use crate::bgp::Negotiated;
use crate::bgp::attribute::NextHop;
use crate::protocol::{Afi, Family, Safi};

/// What the protocol says of a family.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    pub family: Family,
    /// The words of the family, as in configurations and JSON keys.
    pub name: &'static str,
    pub shape: Shape,
    /// Lengths in octets that a next hop may have in MP_REACH_NLRI.
    next_hops: &'static [usize],
    /// Whether routes with equal attributes may share an UPDATE.
    pub grouped: bool,
    /// Whether a path identifier may be negotiated (RFC 7911).
    pub path_id: bool,
}

const fn rule(
    (family, name): ((Afi, Safi), &'static str),
    shape: Shape,
    next_hops: &'static [usize],
    [grouped, path_id]: [bool; 2],
) -> Rule {
    Rule { family: Family::new(family.0, family.1), name, shape, next_hops, grouped, path_id }
}

const V4: Afi = Afi::IPV4;
const V6: Afi = Afi::IPV6;
const NO: bool = false;
const YES: bool = true;

/// Every known family, in the order of [`Family::KNOWN`]. Next-hop lengths count distinguishers;
/// the last two columns are `grouped` and `path_id`.
#[rustfmt::skip]
static RULES: &[Rule] = &[
    rule(((V4, Safi::UNICAST), "ipv4 unicast"),                     Shape::Inet,     &[4],          [YES, YES]),
    rule(((V4, Safi::MULTICAST), "ipv4 multicast"),                 Shape::Inet,     &[4],          [NO,  NO]),
    rule(((V4, Safi::NLRI_MPLS), "ipv4 nlri-mpls"),                 Shape::Label,    &[4],          [NO,  YES]),
    rule(((V4, Safi::MCAST_VPN), "ipv4 mcast-vpn"),                 Shape::Mvpn,     &[4],          [YES, NO]),
    rule(((V4, Safi::SR_POLICY), "ipv4 sr-policy"),                 Shape::SrPolicy, &[4],          [NO,  NO]),
    rule(((V4, Safi::MUP), "ipv4 mup"),                             Shape::Mup,      &[4, 16],      [NO,  NO]),
    rule(((V4, Safi::MPLS_VPN), "ipv4 mpls-vpn"),                   Shape::IpVpn,    &[12],         [NO,  YES]),
    rule(((V4, Safi::RTC), "ipv4 rtc"),                             Shape::Rtc,      &[4, 16],      [NO,  NO]),
    rule(((V4, Safi::FLOW), "ipv4 flow"),                           Shape::Flow,     &[0, 4],       [NO,  NO]),
    rule(((V4, Safi::FLOW_VPN), "ipv4 flow-vpn"),                   Shape::Flow,     &[0, 4],       [NO,  NO]),
    rule(((V6, Safi::UNICAST), "ipv6 unicast"),                     Shape::Inet,     &[16, 32],     [NO,  YES]),
    rule(((V6, Safi::MULTICAST), "ipv6 multicast"),                 Shape::Inet,     &[16, 32],     [NO,  NO]),
    rule(((V6, Safi::NLRI_MPLS), "ipv6 nlri-mpls"),                 Shape::Label,    &[16, 32],     [NO,  YES]),
    rule(((V6, Safi::MCAST_VPN), "ipv6 mcast-vpn"),                 Shape::Mvpn,     &[4, 16],      [YES, NO]),
    rule(((V6, Safi::SR_POLICY), "ipv6 sr-policy"),                 Shape::SrPolicy, &[16],         [NO,  NO]),
    rule(((V6, Safi::MUP), "ipv6 mup"),                             Shape::Mup,      &[4, 16],      [NO,  NO]),
    rule(((V6, Safi::MPLS_VPN), "ipv6 mpls-vpn"),                   Shape::IpVpn,    &[24, 40, 48], [NO,  YES]),
    rule(((V6, Safi::FLOW), "ipv6 flow"),                           Shape::Flow,     &[0, 16, 32],  [NO,  NO]),
    rule(((V6, Safi::FLOW_VPN), "ipv6 flow-vpn"),                   Shape::Flow,     &[0, 16, 32],  [NO,  NO]),
    rule(((Afi::L2VPN, Safi::VPLS), "l2vpn vpls"),                  Shape::Vpls,     &[4],          [NO,  NO]),
    rule(((Afi::L2VPN, Safi::EVPN), "l2vpn evpn"),                  Shape::Evpn,     &[4, 16],      [NO,  NO]),
    rule(((Afi::BGP_LS, Safi::BGP_LS), "bgp-ls bgp-ls"),            Shape::BgpLs,    &[4, 16],      [NO,  NO]),
    rule(((Afi::BGP_LS, Safi::BGP_LS_VPN), "bgp-ls bgp-ls-vpn"),    Shape::BgpLs,   &[12, 24],     [NO,  NO]),
];

impl Rule {
    /// The rule of a family; `None` for one the program does not know.
    pub fn of(family: Family) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.family == family)
    }

    /// The first family whose SAFI has this name and whose routes are written with words of
    /// their own: `vpls`, `flow`, `sr-policy`.
    pub fn worded(safi: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| {
            rule.shape.grammar().is_some()
                && rule.name.split_once(' ').is_some_and(|(_, name)| name == safi)
        })
    }

    /// Whether the fields of UPDATE outside the MP attributes may carry routes of the family.
    pub fn is_classic(&self) -> bool {
        self.family == Family::IPV4_UNICAST
    }

    /// Whether a link-local address may stand beside the next hop (RFC 2545 section 3).
    pub fn takes_link_local(&self) -> bool {
        self.next_hops.contains(&32)
    }

    /// Whether the next hop is written behind a distinguisher of zeroes (RFC 4364, RFC 4659).
    pub fn has_distinguished_next_hop(&self) -> bool {
        matches!(self.family.safi, Safi::MPLS_VPN | Safi::BGP_LS_VPN)
    }

    /// Whether a NEXT_HOP attribute stands beside MP_REACH_NLRI when the next hop is IPv4: it
    /// does not where the next hop is an action, nor where it must be written as IPv6, nor in
    /// the families whose routes ExaBGP never gave one.
    pub fn repeats_next_hop(&self, negotiated: &Negotiated) -> bool {
        let alone = matches!(
            self.shape,
            Shape::Flow | Shape::SrPolicy | Shape::Vpls | Shape::Evpn | Shape::Rtc
        );
        !alone && !self.maps_next_hop(negotiated)
    }

    /// Whether an IPv4 next hop must be written as an IPv4-mapped IPv6 address.
    pub fn maps_next_hop(&self, negotiated: &Negotiated) -> bool {
        let routed = matches!(self.shape, Shape::Inet | Shape::Label | Shape::IpVpn | Shape::Flow);
        let told = negotiated.ipv4_next_hops.contains(&self.family);
        self.family.afi == Afi::IPV6 && routed && !told
    }

    /// Whether MP_REACH_NLRI may have a next hop of this length. A session with extended next
    /// hops (RFC 8950) takes the lengths of both address families.
    pub fn allows_next_hop(&self, length: usize, negotiated: &Negotiated) -> bool {
        if self.next_hops.contains(&length) {
            return true;
        }
        let other = match self.family.afi {
            Afi::IPV4 => Family::new(Afi::IPV6, self.family.safi),
            Afi::IPV6 => Family::new(Afi::IPV4, self.family.safi),
            _ => return false,
        };
        let extended = !negotiated.nexthop.is_empty();
        extended && Self::of(other).is_some_and(|rule| rule.next_hops.contains(&length))
    }

    /// Whether an UPDATE may carry a route of the family with this next hop outside the MP
    /// attributes.
    pub fn is_plain(&self, next_hop: NextHop) -> bool {
        self.is_classic() && matches!(next_hop, NextHop::Address(IpAddr::V4(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_family_has_a_line() {
        let lines: Vec<Family> = RULES.iter().map(|rule| rule.family).collect();
        assert_eq!(lines, Family::KNOWN);
        assert!(RULES.iter().all(|rule| rule.name == rule.family.to_string()));
    }

    #[test]
    fn extended_next_hops_take_the_other_row() {
        let mut negotiated = Negotiated::wide();
        let unicast = Rule::of(Family::IPV4_UNICAST).unwrap();
        assert!(unicast.allows_next_hop(4, &negotiated));
        assert!(!unicast.allows_next_hop(16, &negotiated));
        negotiated.nexthop.push((Family::IPV4_UNICAST, Afi::IPV6));
        assert!(unicast.allows_next_hop(16, &negotiated));
        assert!(unicast.allows_next_hop(32, &negotiated));
        assert!(!unicast.allows_next_hop(5, &negotiated));
        // Do not copy: rules without next hop refused on such sessions.
        let flow = Rule::of(Family::new(Afi::IPV4, Safi::FLOW)).unwrap();
        assert!(flow.allows_next_hop(0, &negotiated));
    }
}
