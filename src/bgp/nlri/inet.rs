//! Prefixes, RFC 4271 section 4.3: unicast and multicast.
//!
//! Wire format: the length in bits, the octets that hold it.

use crate::json;
use crate::protocol::{Afi, Prefix};
use crate::wire::{Malformed, Reader, Writer};

use super::render;

/// A prefix and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inet {
    pub prefix: Prefix,
}

impl Inet {
    /// Reads the bytes of one NLRI.
    pub fn unpack(bytes: &[u8], afi: Afi) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let prefix = Prefix::unpack(&mut reader, afi, "prefix")?;
        reader.done("prefix")?;
        Ok(Self { prefix })
    }

    /// Writes the bytes of one NLRI.
    pub fn pack(self, writer: &mut Writer<'_>) {
        self.prefix.pack(writer);
    }
}

/// `"nlri": "10.0.0.0/24"`, then the path identifier where there is one.
pub(super) fn members(object: &mut json::Object<'_, '_>, prefix: Prefix, path_id: Option<u32>) {
    object.field("nlri").prefix(prefix.address(), prefix.length());
    if let Some(path_id) = path_id {
        let json = object.field("path-information");
        json.raw("\"");
        json.raw_bytes(render::dotted(path_id.to_be_bytes()).as_bytes());
        json.raw("\"");
    }
}
