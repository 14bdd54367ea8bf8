//! Labelled and VPN prefixes taken apart.

use super::Identity;
use crate::protocol::{Afi, Family, Label};
use crate::wire::{Malformed, Reader};

const WHAT: &str = "NLRI";

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
    /// Takes a labelled or VPN NLRI apart.
    ///
    /// The stack ends at the bottom bit, or at the values that stand for a stack in withdrawn
    /// routes. One entry without bottom bit is taken too when what is left can be a prefix:
    /// implementations exist which never set it.
    ///
    /// The distinguisher has `rd` bits.
    pub(super) fn of(bytes: &'a [u8], rd: u8, afi: Afi) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let bits = reader.u8(WHAT)?;
        let rest = reader.rest();
        let (entries, _) = rest.as_chunks::<{ Label::OCTETS }>();
        let stack = entries.iter().position(|octets| Label::from_octets(*octets).ends());
        let whole = stack.and_then(|last| Self::after_labels(bits, rest, last + 1, rd, afi).ok());
        whole.map_or_else(|| Self::after_labels(bits, rest, 1, rd, afi), Ok)
    }

    /// The identity of a labelled or VPN NLRI: labels do not count.
    pub(super) fn identity(
        bytes: &'a [u8],
        rd: u8,
        family: Family,
        path_id: Option<u32>,
    ) -> Identity<'a> {
        let whole = Identity::whole(family, path_id, bytes);
        let [bits, octets @ ..] = bytes else { return whole };
        let Ok(parts) = Self::of(bytes, rd, family.afi) else { return whole };
        let skipped = parts.labels.len();
        let used = u8::try_from(skipped * 8).unwrap_or(*bits);
        let octets = octets.get(skipped..).unwrap_or(octets);
        Identity::prefix(family, path_id, bits.saturating_sub(used), octets)
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

    #[test]
    fn a_single_label_needs_no_bottom_bit() {
        let bytes = [112, 0, 0x12, 0xc0, 0, 0, 0xfc, 0xbc, 0, 0, 0, 12, 172, 16, 8];
        let parts = Parts::of(&bytes, 64, Afi::IPV4).unwrap();
        assert_eq!((parts.labels.len(), parts.length, parts.prefix.len()), (3, 24, 3));
        let stack = [72, 0, 0x12, 0xc0, 0, 0x12, 0xd1, 172, 16, 8];
        let parts = Parts::of(&stack, 0, Afi::IPV4).unwrap();
        assert_eq!((parts.labels.len(), parts.length), (6, 24));
    }
}
