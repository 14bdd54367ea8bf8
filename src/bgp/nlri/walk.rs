//! A run of packed NLRI, as UPDATE carries them: checked once, then walked without faults and
//! without allocation.

use crate::protocol::{Afi, Family, Label};
use crate::wire::{Malformed, Reader};

use super::{Packed, Rule, Shape};

const WHAT: &str = "NLRI";

/// NLRI of one family, one behind the other, known to be well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    family: Family,
    shape: Shape,
    path_ids: bool,
    bytes: &'a [u8],
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
    /// four octets if `path_ids`. A family the program does not know is a fault.
    pub fn check(bytes: &'a [u8], family: Family, path_ids: bool) -> Result<Self, Malformed> {
        let wrong = Malformed::Value { what: "SAFI", got: u32::from(family.safi.0) };
        let shape = Rule::of(family).ok_or(wrong)?.shape;
        let run = Self { family, shape, path_ids, bytes };
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            if path_ids {
                reader.u32("path identifier")?;
            }
            let entry = take(&mut reader, shape, family.afi)?;
            check_content(entry, shape, family.afi)?;
        }
        Ok(run)
    }

    /// No NLRI.
    pub fn empty(family: Family) -> Self {
        Self { family, shape: Shape::Inet, path_ids: false, bytes: &[] }
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

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
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
        if self.reader.is_empty() {
            return None;
        }
        let path_id = if self.run.path_ids { Some(self.reader.u32(WHAT).ok()?) } else { None };
        let bytes = take(&mut self.reader, self.run.shape, self.run.family.afi).ok()?;
        Some(Entry { path_id, bytes })
    }
}

/// The octets of one NLRI: its frame is checked, not what it holds.
#[inline]
fn take<'a>(reader: &mut Reader<'a>, shape: Shape, afi: Afi) -> Result<&'a [u8], Malformed> {
    let mut ahead = *reader;
    let octets = match shape {
        Shape::Inet | Shape::Label | Shape::IpVpn | Shape::Rtc | Shape::SrPolicy => {
            let bits = ahead.u8(WHAT)?;
            let most = if afi == Afi::IPV4 { 32 } else { 128 };
            if shape == Shape::Inet && bits > most {
                return Err(Malformed::Value { what: "prefix length", got: u32::from(bits) });
            }
            1 + usize::from(bits.div_ceil(8))
        }
        Shape::Flow => match ahead.u8(WHAT)? {
            short @ 0..0xf0 => 1 + usize::from(short),
            high => {
                let low = ahead.u8(WHAT)?;
                2 + usize::from(u16::from_be_bytes([high & 0x0f, low]))
            }
        },
        Shape::Mvpn | Shape::Evpn => {
            ahead.u8(WHAT)?;
            2 + usize::from(ahead.u8(WHAT)?)
        }
        Shape::Mup => {
            ahead.take(WHAT, 3)?;
            4 + usize::from(ahead.u8(WHAT)?)
        }
        Shape::Vpls => 2 + usize::from(ahead.u16(WHAT)?),
        Shape::BgpLs => {
            ahead.u16(WHAT)?;
            4 + usize::from(ahead.u16(WHAT)?)
        }
    };
    reader.take(WHAT, octets)
}

/// What the frame of a shape does not tell.
fn check_content(bytes: &[u8], shape: Shape, afi: Afi) -> Result<(), Malformed> {
    match shape {
        Shape::Label | Shape::IpVpn => Parts::of(bytes, shape, afi).map(drop),
        Shape::Inet
        | Shape::Flow
        | Shape::Mvpn
        | Shape::Mup
        | Shape::Rtc
        | Shape::SrPolicy
        | Shape::Vpls
        | Shape::Evpn
        | Shape::BgpLs => Ok(()),
    }
}

/// A prefix NLRI taken apart: what the length octet counts, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// Label stack entries, three octets each.
    pub(super) labels: &'a [u8],
    /// The distinguisher, or nothing.
    pub(super) distinguisher: &'a [u8],
    /// The length of the prefix alone, in bits.
    pub(super) length: u8,
    /// The octets that hold the prefix.
    pub(super) prefix: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Takes a prefix, labelled or VPN NLRI apart.
    ///
    /// The stack ends at the bottom bit, or at the values that stand for a stack in withdrawn
    /// routes. One entry without bottom bit is taken too when what is left can be a prefix:
    /// implementations exist which never set it.
    pub(super) fn of(bytes: &'a [u8], shape: Shape, afi: Afi) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let bits = reader.u8(WHAT)?;
        let rest = reader.rest();
        match shape {
            Shape::Label => Self::labelled(bits, rest, 0, afi),
            Shape::IpVpn => Self::labelled(bits, rest, 64, afi),
            _ => Self::after_labels(bits, rest, 0, 0, afi),
        }
    }

    fn labelled(bits: u8, rest: &'a [u8], rd: u8, afi: Afi) -> Result<Self, Malformed> {
        let (entries, _) = rest.as_chunks::<{ Label::OCTETS }>();
        let stack = entries.iter().position(|octets| Label::from_octets(*octets).ends());
        let whole = stack.and_then(|last| Self::after_labels(bits, rest, last + 1, rd, afi).ok());
        whole.map_or_else(|| Self::after_labels(bits, rest, 1, rd, afi), Ok)
    }

    /// The parts when the stack has `count` entries and the distinguisher `rd` bits.
    fn after_labels(
        bits: u8,
        rest: &'a [u8],
        count: usize,
        rd: u8,
        afi: Afi,
    ) -> Result<Self, Malformed> {
        let wrong = Malformed::Value { what: "prefix length", got: u32::from(bits) };
        let mut reader = Reader::new(rest);
        let labels = reader.take("label stack", count * Label::OCTETS)?;
        let used = u8::try_from(labels.len() * 8).map_err(|_| wrong)?;
        let length = bits.checked_sub(used).and_then(|left| left.checked_sub(rd)).ok_or(wrong)?;
        if length > if afi == Afi::IPV4 { 32 } else { 128 } {
            return Err(wrong);
        }
        let distinguisher = reader.take("route distinguisher", usize::from(rd / 8))?;
        let prefix = reader.take(WHAT, usize::from(length.div_ceil(8)))?;
        reader.done(WHAT)?;
        Ok(Self { labels, distinguisher, length, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Safi;

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

    #[test]
    fn a_single_label_needs_no_bottom_bit() {
        let bytes = [112, 0, 0x12, 0xc0, 0, 0, 0xfc, 0xbc, 0, 0, 0, 12, 172, 16, 8];
        let parts = Parts::of(&bytes, Shape::IpVpn, Afi::IPV4).unwrap();
        assert_eq!((parts.labels.len(), parts.length, parts.prefix.len()), (3, 24, 3));
        let stack = [72, 0, 0x12, 0xc0, 0, 0x12, 0xd1, 172, 16, 8];
        let parts = Parts::of(&stack, Shape::Label, Afi::IPV4).unwrap();
        assert_eq!((parts.labels.len(), parts.length), (6, 24));
    }
}
