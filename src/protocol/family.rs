//! Address families: AFI and SAFI code points (IANA), their names, the table of known pairs.

use std::fmt;

/// An address family identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Afi(pub u16);

/// A subsequent address family identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Safi(pub u8);

/// What a route is about: an AFI and a SAFI.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Family {
    pub afi: Afi,
    pub safi: Safi,
}

impl Afi {
    pub const IPV4: Self = Self(1);
    pub const IPV6: Self = Self(2);
    pub const L2VPN: Self = Self(25);
    pub const BGP_LS: Self = Self(16388);

    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::IPV4, "ipv4"),
        (Self::IPV6, "ipv6"),
        (Self::L2VPN, "l2vpn"),
        (Self::BGP_LS, "bgp-ls"),
    ];

    /// The name, for the code points that have one.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.iter().find(|(afi, _)| *afi == self).map(|(_, name)| *name)
    }

    /// The code point of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(afi, _)| *afi)
    }
}

impl Safi {
    pub const UNICAST: Self = Self(1);
    pub const MULTICAST: Self = Self(2);
    pub const NLRI_MPLS: Self = Self(4);
    pub const MCAST_VPN: Self = Self(5);
    pub const VPLS: Self = Self(65);
    pub const EVPN: Self = Self(70);
    pub const BGP_LS: Self = Self(71);
    pub const BGP_LS_VPN: Self = Self(72);
    pub const SR_POLICY: Self = Self(73);
    pub const MUP: Self = Self(85);
    pub const MPLS_VPN: Self = Self(128);
    pub const RTC: Self = Self(132);
    pub const FLOW: Self = Self(133);
    pub const FLOW_VPN: Self = Self(134);

    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::UNICAST, "unicast"),
        (Self::MULTICAST, "multicast"),
        (Self::NLRI_MPLS, "nlri-mpls"),
        (Self::MCAST_VPN, "mcast-vpn"),
        (Self::VPLS, "vpls"),
        (Self::EVPN, "evpn"),
        (Self::BGP_LS, "bgp-ls"),
        (Self::BGP_LS_VPN, "bgp-ls-vpn"),
        (Self::SR_POLICY, "sr-policy"),
        (Self::MUP, "mup"),
        (Self::MPLS_VPN, "mpls-vpn"),
        (Self::RTC, "rtc"),
        (Self::FLOW, "flow"),
        (Self::FLOW_VPN, "flow-vpn"),
    ];

    /// The name, for the code points that have one.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.iter().find(|(safi, _)| *safi == self).map(|(_, name)| *name)
    }

    /// The code point of a name, in any case; `labeled-unicast` is another name of `nlri-mpls`.
    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("labeled-unicast") {
            return Some(Self::NLRI_MPLS);
        }
        let known = Self::NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        known.map(|(safi, _)| *safi)
    }
}

impl Family {
    pub const IPV4_UNICAST: Self = Self::new(Afi::IPV4, Safi::UNICAST);
    pub const IPV4_MULTICAST: Self = Self::new(Afi::IPV4, Safi::MULTICAST);
    pub const IPV6_UNICAST: Self = Self::new(Afi::IPV6, Safi::UNICAST);
    pub const IPV6_MULTICAST: Self = Self::new(Afi::IPV6, Safi::MULTICAST);

    /// Every family the program knows, by AFI then SAFI: what is offered when none is named.
    pub const KNOWN: &'static [Self] = &[
        Self::IPV4_UNICAST,
        Self::IPV4_MULTICAST,
        Self::new(Afi::IPV4, Safi::NLRI_MPLS),
        Self::new(Afi::IPV4, Safi::MCAST_VPN),
        Self::new(Afi::IPV4, Safi::SR_POLICY),
        Self::new(Afi::IPV4, Safi::MUP),
        Self::new(Afi::IPV4, Safi::MPLS_VPN),
        Self::new(Afi::IPV4, Safi::RTC),
        Self::new(Afi::IPV4, Safi::FLOW),
        Self::new(Afi::IPV4, Safi::FLOW_VPN),
        Self::IPV6_UNICAST,
        Self::IPV6_MULTICAST,
        Self::new(Afi::IPV6, Safi::NLRI_MPLS),
        Self::new(Afi::IPV6, Safi::MCAST_VPN),
        Self::new(Afi::IPV6, Safi::SR_POLICY),
        Self::new(Afi::IPV6, Safi::MUP),
        Self::new(Afi::IPV6, Safi::MPLS_VPN),
        Self::new(Afi::IPV6, Safi::FLOW),
        Self::new(Afi::IPV6, Safi::FLOW_VPN),
        Self::new(Afi::L2VPN, Safi::VPLS),
        Self::new(Afi::L2VPN, Safi::EVPN),
        Self::new(Afi::BGP_LS, Safi::BGP_LS),
        Self::new(Afi::BGP_LS, Safi::BGP_LS_VPN),
    ];

    /// A pair of code points.
    pub const fn new(afi: Afi, safi: Safi) -> Self {
        Self { afi, safi }
    }

    /// Whether the program knows the pair.
    pub fn is_known(self) -> bool {
        Self::KNOWN.contains(&self)
    }

    /// The known family of these two words.
    pub fn from_names(afi: &str, safi: &str) -> Option<Self> {
        let family = Self::new(Afi::from_name(afi)?, Safi::from_name(safi)?);
        family.is_known().then_some(family)
    }
}

impl fmt::Display for Afi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "afi-{}", self.0),
        }
    }
}

impl fmt::Display for Safi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "safi-{}", self.0),
        }
    }
}

/// `ipv4 unicast`: as in configurations and JSON keys.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.afi, self.safi)
    }
}

impl fmt::Debug for Afi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Safi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_named() {
        assert!(Family::KNOWN.is_sorted());
        for family in Family::KNOWN {
            let text = family.to_string();
            let (afi, safi) = text.split_once(' ').unwrap();
            assert_eq!(Family::from_names(afi, safi), Some(*family));
        }
    }

    #[test]
    fn names() {
        assert_eq!(Family::from_names("ipv4", "Unicast"), Some(Family::IPV4_UNICAST));
        assert_eq!(Family::from_names("IPV4", "unicast"), None);
        assert_eq!(Family::from_names("l2vpn", "unicast"), None);
        assert_eq!(Safi::from_name("labeled-unicast"), Some(Safi::NLRI_MPLS));
        assert_eq!(Family::new(Afi(9), Safi(9)).to_string(), "afi-9 safi-9");
    }
}
