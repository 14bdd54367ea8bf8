//! PATHS-LIMIT, draft-abraitis-idr-addpath-paths-limit: how many paths of a prefix are wanted.
//!
//! Wire format: entries of AFI in 16 bits, SAFI in 8, limit in 16.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::wire::{Malformed, Reader, Writer};

/// Families and how many paths are wanted, never zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PathsLimit(pub Vec<(Family, u16)>);

impl PathsLimit {
    /// Adds the families of a repetition that are new.
    pub(super) fn merge(&mut self, other: &Self) {
        for (family, limit) in &other.0 {
            self.add(*family, *limit);
        }
    }

    /// The first limit of a family counts, and zero is none.
    fn add(&mut self, family: Family, limit: u16) {
        if limit != 0 && self.0.iter().all(|(known, _)| *known != family) {
            self.0.push((family, limit));
        }
    }
}

impl Element for PathsLimit {
    const NAME: &'static str = "paths-limit";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let mut found = Self::default();
        while !reader.is_empty() {
            let afi = Afi(reader.u16(Self::NAME)?);
            let safi = Safi(reader.u8(Self::NAME)?);
            found.add(Family::new(afi, safi), reader.u16(Self::NAME)?);
        }
        Ok(found)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        for (Family { afi, safi }, limit) in &self.0 {
            writer.u16(afi.0);
            writer.u8(safi.0);
            writer.u16(*limit);
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string(Self::NAME);
            for (Family { afi, safi }, limit) in &self.0 {
                object.field(&format!("{afi}/{safi}")).number(*limit);
            }
        });
    }
}

impl fmt::Display for PathsLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pathslimit(")?;
        for (index, (family, limit)) in self.0.iter().enumerate() {
            write!(f, "{}{family} {limit}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};
    use super::*;

    #[test]
    fn limits() {
        let json = r#"{ "name": "paths-limit", "ipv4/unicast": 10 }"#;
        check(76, "000101000a", "pathslimit(ipv4 unicast 10)", json);
        refuse(76, "000101000a00");
    }

    #[test]
    fn zero_and_repetitions_are_not_taken() {
        let bytes = [0, 1, 1, 0, 0, 0, 1, 1, 0, 5, 0, 1, 1, 0, 6];
        let read = PathsLimit::unpack(&mut Reader::new(&bytes), &Negotiated::INITIAL).unwrap();
        assert_eq!(read.0, [(Family::IPV4_UNICAST, 5)]);
    }
}
