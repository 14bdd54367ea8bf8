//! An NLRI as kept by RIBs and queues: its family, its path identifier, its bytes.

use crate::protocol::Family;
use crate::wire::Small;

/// A packed NLRI. 32 octets wide; prefixes and VPN prefixes of IPv4 need no allocation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packed {
    family: Family,
    has_path_id: bool,
    path_id: u32,
    bytes: Small,
}

impl Packed {
    /// From the bytes as on the wire, without path identifier.
    pub fn new(family: Family, path_id: Option<u32>, bytes: &[u8]) -> Self {
        Self {
            family,
            has_path_id: path_id.is_some(),
            path_id: path_id.unwrap_or(0),
            bytes: Small::new(bytes),
        }
    }

    /// The family.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The path identifier; none is not the same as zero.
    pub fn path_id(&self) -> Option<u32> {
        self.has_path_id.then_some(self.path_id)
    }

    /// The bytes as on the wire, without path identifier.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_identifier_is_not_zero() {
        let without = Packed::new(Family::IPV4_UNICAST, None, &[8, 10]);
        let with = Packed::new(Family::IPV4_UNICAST, Some(0), &[8, 10]);
        assert_ne!(without, with);
        assert_eq!(with.path_id(), Some(0));
        assert_eq!(size_of::<Packed>(), 40);
    }
}
