//! Prefixes, RFC 4271 section 4.3: unicast and multicast.
//!
//! Wire format: the length in bits, the octets that hold it.

use super::{About, Identity, Layout, render, text};
use crate::json;
use crate::protocol::{Afi, Family, Prefix};
use crate::wire::{Malformed, Reader, Writer};

/// A prefix and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inet {
    pub prefix: Prefix,
}

impl Layout for Inet {
    #[inline]
    fn extent(mut ahead: Reader<'_>, family: Family) -> Result<usize, Malformed> {
        let bits = ahead.u8("NLRI")?;
        if bits > if family.afi == Afi::IPV4 { 32 } else { 128 } {
            return Err(Malformed::Value { what: "prefix length", got: u32::from(bits) });
        }
        Ok(1 + usize::from(bits.div_ceil(8)))
    }

    #[inline]
    fn check(_: &[u8], _: Family) -> Result<(), Malformed> {
        Ok(())
    }

    fn unpack(bytes: &[u8], family: Family) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let prefix = Prefix::unpack(&mut reader, family.afi, "prefix")?;
        reader.done("prefix")?;
        Ok(Self { prefix })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.prefix.pack(writer);
    }

    fn identity(bytes: &[u8], family: Family, path_id: Option<u32>) -> Identity<'_> {
        match bytes {
            [bits, octets @ ..] => Identity::prefix(family, path_id, *bits, octets),
            [] => Identity::whole(family, path_id, bytes),
        }
    }

    fn members(&self, object: &mut json::Object<'_, '_>, about: &About) {
        members(object, self.prefix, about.path_id);
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        text::prefix(out, self.prefix, about.path_id);
        text::next_hop(out, about.next_hop);
    }

    fn statement(&self, out: &mut Vec<u8>, about: &About) {
        text::prefix(out, self.prefix.masked(), about.path_id);
        text::next_hop(out, about.next_hop);
    }

    fn prefix(&self) -> Option<Prefix> {
        Some(self.prefix)
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
