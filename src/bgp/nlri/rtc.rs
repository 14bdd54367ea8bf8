//! Route target membership, RFC 4684.
//!
//! Wire format: a length in bits, the octets that hold them.

use super::{About, Layout, Opaque};
use crate::json;
use crate::protocol::Family;
use crate::wire::{Malformed, Reader, Writer};

/// A route whose content is kept by its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rtc(pub Opaque);

impl Layout for Rtc {
    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        Ok(1 + usize::from(ahead.u8("NLRI")?.div_ceil(8)))
    }

    fn check(_: &[u8], _: Family) -> Result<(), Malformed> {
        Ok(())
    }

    fn unpack(bytes: &[u8], _: Family) -> Result<Self, Malformed> {
        let code = None;
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
