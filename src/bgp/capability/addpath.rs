//! ADD-PATH, RFC 7911 section 4: families whose NLRI carry a path identifier.
//!
//! Wire format: entries of AFI in 16 bits, SAFI in 8, mode in 8: 1 receive, 2 send, 3 both.

use std::fmt;

use crate::bgp::{Element, Negotiated, neighbor};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::wire::{Malformed, Reader, Writer};

/// Families and their mode, in the order of the OPEN, without repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddPath(pub Vec<(Family, Mode)>);

/// The mode of a family, as received: any octet, read as a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mode(pub u8);

impl Mode {
    /// Whether the speaker takes path identifiers.
    pub fn receives(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether the speaker sends path identifiers.
    pub fn sends(self) -> bool {
        self.0 & 2 != 0
    }
}

impl From<neighbor::AddPath> for Mode {
    fn from(wanted: neighbor::AddPath) -> Self {
        Self(match wanted {
            neighbor::AddPath::Disabled => 0,
            neighbor::AddPath::Receive => 1,
            neighbor::AddPath::Send => 2,
            neighbor::AddPath::Both => 3,
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "disabled",
            1 => "receive",
            2 => "send",
            3 => "send/receive",
            other => return write!(f, "invalid ({other})"),
        })
    }
}

impl AddPath {
    /// The families that are ever offered, in the order in which they are.
    pub(super) const OFFERED: &'static [Family] = &[
        Family::IPV4_UNICAST,
        Family::IPV6_UNICAST,
        Family::new(Afi::IPV4, Safi::NLRI_MPLS),
        Family::new(Afi::IPV6, Safi::NLRI_MPLS),
        Family::new(Afi::IPV4, Safi::MPLS_VPN),
        Family::new(Afi::IPV6, Safi::MPLS_VPN),
        Family::new(Afi::IPV4, Safi::MUP),
        Family::new(Afi::IPV6, Safi::MUP),
    ];

    /// The mode of a family.
    pub fn mode(&self, family: Family) -> Option<Mode> {
        self.0.iter().find(|(known, _)| *known == family).map(|(_, mode)| *mode)
    }

    /// Takes over the modes of a repetition: the last one counts.
    pub(super) fn merge(&mut self, other: &Self) {
        for (family, mode) in &other.0 {
            self.set(*family, *mode);
        }
    }

    fn set(&mut self, family: Family, mode: Mode) {
        match self.0.iter_mut().find(|(known, _)| *known == family) {
            Some((_, place)) => *place = mode,
            None => self.0.push((family, mode)),
        }
    }
}

impl Element for AddPath {
    const NAME: &'static str = "add-path";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let mut found = Self::default();
        while !reader.is_empty() {
            let afi = Afi(reader.u16(Self::NAME)?);
            let safi = Safi(reader.u8(Self::NAME)?);
            found.set(Family::new(afi, safi), Mode(reader.u8(Self::NAME)?));
        }
        Ok(found)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        for (Family { afi, safi }, mode) in &self.0 {
            writer.u16(afi.0);
            writer.u8(safi.0);
            writer.u8(mode.0);
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string("addpath");
            for (Family { afi, safi }, mode) in &self.0 {
                object.field(&format!("{afi}/{safi}")).display(mode);
            }
        });
    }
}

impl fmt::Display for AddPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("addpath(")?;
        for (index, (family, mode)) in self.0.iter().enumerate() {
            write!(f, "{}{mode} {family}", if index == 0 { "" } else { "," })?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};
    use super::*;

    #[test]
    fn modes() {
        let json = concat!(
            r#"{ "name": "addpath", "ipv4/unicast": "send/receive", "#,
            r#""ipv6/unicast": "receive" }"#
        );
        let text = "addpath(send/receive ipv4 unicast,receive ipv6 unicast)";
        check(69, "0001010300020101", text, json);
        let json = r#"{ "name": "addpath", "ipv4/unicast": "invalid (7)" }"#;
        check(69, "00010107", "addpath(invalid (7) ipv4 unicast)", json);
        refuse(69, "000101");
    }

    #[test]
    fn a_repeated_family_has_its_last_mode() {
        let bytes = [0, 1, 1, 1, 0, 1, 1, 2];
        let read = AddPath::unpack(&mut Reader::new(&bytes), &Negotiated::INITIAL).unwrap();
        assert_eq!(read.0, [(Family::IPV4_UNICAST, Mode(2))]);
    }
}
