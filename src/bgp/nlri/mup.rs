//! Mobile user plane, draft-ietf-bess-mup-safi.
//!
//! Wire format: architecture, type of two octets, length in octets, value.

use super::{About, Layout, Opaque};
use crate::json;
use crate::protocol::Family;
use crate::wire::{Malformed, Reader, Writer};

/// A route whose content is kept by its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mup(pub Opaque);

impl Layout for Mup {
    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        ahead.take("NLRI", 3)?;
        Ok(4 + usize::from(ahead.u8("NLRI")?))
    }

    fn check(_: &[u8], _: Family) -> Result<(), Malformed> {
        Ok(())
    }

    fn unpack(bytes: &[u8], _: Family) -> Result<Self, Malformed> {
        let code =
            bytes.get(1..).and_then(<[u8]>::first_chunk).map(|code| u16::from_be_bytes(*code));
        Ok(Self(Opaque::new(code, bytes)))
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        self.0.pack(writer);
    }

    fn members(&self, object: &mut json::Object<'_, '_>, _: &About) {
        self.0.members(object);
    }

    fn text(&self, out: &mut Vec<u8>, about: &About) {
        self.0.text(out, about);
    }
}
