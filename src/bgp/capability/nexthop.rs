//! Extended next hop encoding, RFC 8950 section 4.
//!
//! Wire format: entries of AFI in 16 bits, a reserved octet, SAFI in 8, next-hop AFI in 16.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::wire::{Malformed, Reader, Writer};

/// Families and the other address family their next hop may have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NextHop(pub Vec<(Family, Afi)>);

impl NextHop {
    /// The families that are ever offered, in the order in which they are.
    pub(super) const OFFERED: &'static [(Family, Afi)] = &[
        (Family::IPV4_UNICAST, Afi::IPV6),
        (Family::IPV4_MULTICAST, Afi::IPV6),
        (Family::new(Afi::IPV4, Safi::NLRI_MPLS), Afi::IPV6),
        (Family::new(Afi::IPV4, Safi::MPLS_VPN), Afi::IPV6),
    ];

    /// Adds the entries of a repetition that are new.
    pub(super) fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|entry| self.add(*entry));
    }

    fn add(&mut self, entry: (Family, Afi)) {
        if !self.0.contains(&entry) {
            self.0.push(entry);
        }
    }
}

impl Element for NextHop {
    const NAME: &'static str = "nexthop";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let mut found = Self::default();
        while !reader.is_empty() {
            let afi = Afi(reader.u16(Self::NAME)?);
            reader.u8(Self::NAME)?;
            let safi = Safi(reader.u8(Self::NAME)?);
            found.add((Family::new(afi, safi), Afi(reader.u16(Self::NAME)?)));
        }
        Ok(found)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        for (Family { afi, safi }, next_hop) in &self.0 {
            writer.u16(afi.0);
            writer.u8(0);
            writer.u8(safi.0);
            writer.u16(next_hop.0);
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string(Self::NAME);
            object.field("conversion").list(|list| {
                for (Family { afi, safi }, next_hop) in &self.0 {
                    list.element().display(&format_args!("{afi}/{safi}/{next_hop}"));
                }
            });
        });
    }
}

impl fmt::Display for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nexthop(")?;
        for (index, (family, next_hop)) in self.0.iter().enumerate() {
            write!(f, "{}{family} {next_hop}", if index == 0 { "" } else { "," })?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};

    #[test]
    fn entries_of_six_octets() {
        let json = r#"{ "name": "nexthop", "conversion": [ "ipv4/unicast/ipv6" ] }"#;
        check(5, "000100010002", "nexthop(ipv4 unicast ipv6)", json);
        check(5, "", "nexthop()", r#"{ "name": "nexthop", "conversion": [ ] }"#);
        refuse(5, "00010001");
    }
}
