//! A run of packed NLRI, as UPDATE carries them: checked once, then walked without faults and
//! without allocation.

use std::fmt;

use crate::protocol::Family;
use crate::wire::{Malformed, Reader};

use super::{OnFault, Packed, Rule, Shape};

const WHAT: &str = "NLRI";

/// NLRI of one family, one behind the other, known to be well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    family: Family,
    shape: Shape,
    path_ids: bool,
    /// Some of them can not be read, and are passed over.
    faulty: bool,
    bytes: &'a [u8],
}

/// Why bytes are no run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    pub fault: Malformed,
    /// Of the NOTIFICATION with code 3 that answers it.
    pub subcode: u8,
}

/// Invalid Network Field.
impl From<Malformed> for Refused {
    fn from(fault: Malformed) -> Self {
        Self { fault, subcode: 10 }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

/// One NLRI of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Present when the session carries path identifiers for the family.
    pub path_id: Option<u32>,
    /// The bytes as on the wire, without path identifier.
    pub bytes: &'a [u8],
}

impl<'a> Run<'a> {
    /// Checks that `bytes` is a run of whole NLRI of `family`, each behind a path identifier of
    /// four octets if `path_ids`. A family the program does not know is a fault. NLRI whose
    /// content is faulty are passed over when the walk meets them, if their layout says so.
    pub fn check(bytes: &'a [u8], family: Family, path_ids: bool) -> Result<Self, Refused> {
        let wrong = Malformed::Value { what: "SAFI", got: u32::from(family.safi.0) };
        let shape = Rule::of(family).ok_or(wrong)?.shape;
        let mut run = Self { family, shape, path_ids, faulty: false, bytes };
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            if path_ids {
                reader.u32("path identifier")?;
            }
            let entry = take(&mut reader, shape, family)?;
            match (shape.check(entry, family), shape.on_fault()) {
                (Ok(()), _) => {}
                (Err(_), OnFault::Skip) => run.faulty = true,
                (Err(fault), OnFault::Reset) => return Err(fault.into()),
                (Err(fault), OnFault::ResetLength) => return Err(Refused { fault, subcode: 5 }),
            }
        }
        Ok(run)
    }

    /// No NLRI.
    pub fn empty(family: Family) -> Self {
        Self { family, shape: Shape::Inet, path_ids: false, faulty: false, bytes: &[] }
    }

    /// The family of all of them.
    pub fn family(self) -> Family {
        self.family
    }

    /// The layout of all of them.
    pub fn shape(self) -> Shape {
        self.shape
    }

    /// The bytes, path identifiers included.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Whether there is none, not even one that is passed over.
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether there is one that can be read.
    pub fn has_entries(self) -> bool {
        !self.is_empty() && (!self.faulty || self.entries().next().is_some())
    }

    /// Each NLRI in the order of the bytes.
    pub fn entries(self) -> Entries<'a> {
        Entries { reader: Reader::new(self.bytes), run: self }
    }
}

impl<'a> IntoIterator for Run<'a> {
    type Item = Entry<'a>;
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        self.entries()
    }
}

impl Entry<'_> {
    /// A copy that can be kept.
    pub fn pack(self, family: Family) -> Packed {
        Packed::new(family, self.path_id, self.bytes)
    }
}

/// Walks over a [`Run`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    reader: Reader<'a>,
    run: Run<'a>,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        let Run { family, shape, path_ids, faulty, .. } = self.run;
        while !self.reader.is_empty() {
            let path_id = if path_ids { Some(self.reader.u32(WHAT).ok()?) } else { None };
            let bytes = take(&mut self.reader, shape, family).ok()?;
            if !faulty || shape.check(bytes, family).is_ok() {
                return Some(Entry { path_id, bytes });
            }
        }
        None
    }
}

/// The octets of one NLRI: its frame is checked, not what it holds.
#[inline]
fn take<'a>(reader: &mut Reader<'a>, shape: Shape, family: Family) -> Result<&'a [u8], Malformed> {
    let octets = shape.extent(*reader, family)?;
    reader.take(WHAT, octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Afi, Safi};

    #[test]
    fn a_run_is_checked_once_and_walked() {
        let bytes = [24, 10, 0, 0, 0, 32, 1, 2, 3, 4];
        let run = Run::check(&bytes, Family::IPV4_UNICAST, false).unwrap();
        let entries: Vec<&[u8]> = run.entries().map(|entry| entry.bytes).collect();
        assert_eq!(entries, [&[24, 10, 0, 0][..], &[0], &[32, 1, 2, 3, 4]]);
    }

    #[test]
    fn path_identifiers_come_first() {
        let bytes = [0, 0, 0, 9, 8, 10];
        let run = Run::check(&bytes, Family::IPV4_UNICAST, true).unwrap();
        let entry = run.entries().next().unwrap();
        assert_eq!(entry, Entry { path_id: Some(9), bytes: &[8, 10] });
        assert!(Run::check(&[1, 2, 3], Family::IPV4_UNICAST, true).is_err());
    }

    #[test]
    fn faults_are_found() {
        for (bytes, family) in [
            (&[33, 1, 2, 3, 4, 5][..], Family::IPV4_UNICAST),
            (&[24, 1, 2], Family::IPV4_UNICAST),
            (&[129; 18], Family::IPV6_UNICAST),
            (&[0x20, 0, 0x12, 0xc1, 0], Family::new(Afi::IPV4, Safi::MPLS_VPN)),
            (&[2, 0xff, 0xaa, 0xbb], Family::new(Afi::L2VPN, Safi::EVPN)),
            (&[0xf1, 0, 1], Family::new(Afi::IPV4, Safi::FLOW)),
        ] {
            assert!(Run::check(bytes, family, false).is_err(), "{bytes:?}");
        }
    }
}
