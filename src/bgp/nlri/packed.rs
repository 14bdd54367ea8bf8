//! An NLRI as kept by RIBs and queues: its family, its path identifier, its bytes.

use std::fmt;

use super::{Inet, Layout, Rule, Shape};
use crate::protocol::{Afi, Family, Safi};
use crate::wire::Small;

/// A packed NLRI. 32 octets wide; prefixes, and VPN prefixes of IPv4, need no allocation.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Packed {
    afi: Afi,
    safi: Safi,
    has_path_id: bool,
    path_id: u32,
    bytes: Small,
}

/// What makes two NLRI the same route: the bytes that count.
///
/// Labels do not, nor do bits beyond the length of a prefix. No path identifier is not the same
/// as path identifier zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity<'a> {
    family: Family,
    path_id: Option<u32>,
    bits: u8,
    last: u8,
    octets: &'a [u8],
    /// What counts behind something that does not.
    more: &'a [u8],
}

impl Packed {
    /// From the bytes as on the wire, without path identifier.
    pub fn new(family: Family, path_id: Option<u32>, bytes: &[u8]) -> Self {
        Self {
            afi: family.afi,
            safi: family.safi,
            has_path_id: path_id.is_some(),
            path_id: path_id.unwrap_or(0),
            bytes: Small::new(bytes),
        }
    }

    /// The family.
    pub fn family(&self) -> Family {
        Family::new(self.afi, self.safi)
    }

    /// The layout; `None` for a family the program does not know.
    pub fn shape(&self) -> Option<Shape> {
        Rule::of(self.family()).map(|rule| rule.shape)
    }

    /// The path identifier; none is not the same as zero.
    pub fn path_id(&self) -> Option<u32> {
        self.has_path_id.then_some(self.path_id)
    }

    /// The bytes as on the wire, without path identifier.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// What tells this route from others.
    pub fn identity(&self) -> Identity<'_> {
        Identity::of(self.family(), self.path_id(), self.bytes())
    }

    /// What tells the destination from others, whatever the path.
    pub fn destination(&self) -> Identity<'_> {
        Identity::of(self.family(), None, self.bytes())
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.family(), self.bytes)?;
        self.path_id().map_or(Ok(()), |path_id| write!(f, " path {path_id}"))
    }
}

impl<'a> Identity<'a> {
    /// The identity of an NLRI given by its bytes.
    #[inline]
    pub fn of(family: Family, path_id: Option<u32>, bytes: &'a [u8]) -> Self {
        match family.safi {
            // What most routes are is told without a look at the table.
            Safi::UNICAST | Safi::MULTICAST => Inet::identity(bytes, family, path_id),
            _ => match Rule::of(family) {
                Some(rule) => rule.shape.identity(bytes, family, path_id),
                None => Self::whole(family, path_id, bytes),
            },
        }
    }

    /// An NLRI of which every octet counts.
    pub(super) fn whole(family: Family, path_id: Option<u32>, bytes: &'a [u8]) -> Self {
        Self { family, path_id, bits: 0, last: 0, octets: bytes, more: &[] }
    }

    /// An NLRI of which two runs of octets count; `code` tells its type. Octets move from one
    /// run to the other only between NLRI of different types.
    pub(super) fn parts(
        family: Family,
        path_id: Option<u32>,
        code: u8,
        [octets, more]: [&'a [u8]; 2],
    ) -> Self {
        Self { family, path_id, bits: code, last: 0, octets, more }
    }

    /// An NLRI that is `bits` long; what follows in the last octet does not count.
    pub(super) fn prefix(family: Family, path_id: Option<u32>, bits: u8, octets: &'a [u8]) -> Self {
        let whole = Self { bits, ..Self::whole(family, path_id, octets) };
        match octets.split_last() {
            Some((last, octets)) => {
                let keep = u8::MAX.checked_shl(u32::from(bits.wrapping_neg() % 8)).unwrap_or(0);
                Self { last: last & keep, octets, ..whole }
            }
            None => whole,
        }
    }

    /// A hash that nobody can steer without knowing `seed`.
    ///
    /// Prefixes that differ in the last three bits of their length alone have hashes next to each
    /// other, so that a table sent in order is filled and searched in order too.
    pub fn hash(&self, seed: u64) -> u64 {
        let shift = self.bits.wrapping_neg() % 8;
        let near = u64::from(self.last >> shift & NEAR);
        let last = self.last & !(NEAR << shift);
        let family = u64::from(self.family.afi.0) << 8 | u64::from(self.family.safi.0);
        let path = self.path_id.map_or(0, |path_id| 1 << 32 | u64::from(path_id));
        let ends = u64::from(self.bits) << 8 | u64::from(last);
        let mut state = fold(seed ^ SECOND ^ path, FIRST ^ (family << 16 | ends));
        let (words, tail) = self.octets.as_chunks::<8>();
        for word in words {
            state = fold(state ^ u64::from_le_bytes(*word), seed ^ FIRST);
        }
        let tail = tail.iter().fold(0, |word, octet| word << 8 | u64::from(*octet));
        for octet in self.more {
            state = fold(state ^ u64::from(*octet), seed ^ SECOND);
        }
        let hash = fold(state ^ tail, seed ^ THIRD);
        // Tables take the place from the low bits and tell entries apart by the high ones.
        (hash & !u64::from(NEAR) | near) ^ near << 57
    }
}

/// The bits in which neighbors differ.
const NEAR: u8 = 7;
const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
const SECOND: u64 = 0xc2b2_ae3d_27d4_eb4f;
const THIRD: u64 = 0x1656_67b1_9e37_79f9;

/// Both halves of a product: every bit of both factors reaches every bit of the result.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    half(product) ^ half(product >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unicast(path_id: Option<u32>, bytes: &[u8]) -> Packed {
        Packed::new(Family::IPV4_UNICAST, path_id, bytes)
    }

    #[test]
    fn no_path_identifier_is_not_zero() {
        let without = unicast(None, &[8, 10]);
        let with = unicast(Some(0), &[8, 10]);
        assert_ne!(without.identity(), with.identity());
        assert_eq!(without.destination(), with.destination());
        assert_eq!(with.path_id(), Some(0));
        assert_eq!(size_of::<Packed>(), 32);
    }

    #[test]
    fn bits_beyond_the_length_do_not_count() {
        assert_eq!(
            unicast(None, &[20, 10, 0, 0x1f]).identity(),
            unicast(None, &[20, 10, 0, 0x10]).identity()
        );
        assert_ne!(
            unicast(None, &[20, 10, 0, 0x20]).identity(),
            unicast(None, &[20, 10, 0, 0x10]).identity()
        );
        assert_ne!(
            unicast(None, &[24, 10, 0, 1]).identity(),
            unicast(None, &[24, 10, 0, 0]).identity()
        );
        assert_ne!(unicast(None, &[0]).identity(), unicast(None, &[8, 0]).identity());
    }

    #[test]
    fn labels_do_not_count_and_distinguishers_do() {
        let vpn = Family::new(Afi::IPV4, Safi::MPLS_VPN);
        let route = |label: u8, rd: u8| {
            Packed::new(vpn, None, &[112, 0, label, 0x11, 0, 0, 0, 1, 0, 0, 0, rd, 10, 1, 2])
        };
        assert_eq!(route(1, 1).identity(), route(2, 1).identity());
        assert_ne!(route(1, 1).identity(), route(1, 2).identity());
        let stack = [136, 0, 1, 0x10, 0, 1, 0x11, 0, 0, 0, 1, 0, 0, 0, 1, 10, 1, 2];
        assert_eq!(Packed::new(vpn, None, &stack).identity(), route(1, 1).identity());
    }

    #[test]
    fn the_hash_follows_the_identity_and_the_seed() {
        let one = unicast(None, &[20, 10, 0, 0x1f]);
        let other = unicast(None, &[20, 10, 0, 0x10]);
        assert_eq!(one.identity().hash(7), other.identity().hash(7));
        assert_ne!(one.identity().hash(7), one.identity().hash(8));
        let mut seen: Vec<u64> = (0..=u16::MAX)
            .map(|n| {
                let [a, b] = n.to_be_bytes();
                unicast(None, &[24, 10, a, b]).identity().hash(1)
            })
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 65536);
    }
}
