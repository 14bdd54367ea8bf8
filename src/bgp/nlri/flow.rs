//! FlowSpec rules, RFC 8955 and RFC 8956.
//!
//! Wire format: the length in octets of what follows, one octet or two above 239; components.

use super::{About, Layout, Opaque};
use crate::json;
use crate::protocol::Family;
use crate::wire::{Malformed, Reader, Writer};

/// A route whose content is kept by its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow(pub Opaque);

impl Layout for Flow {
    fn extent(mut ahead: Reader<'_>, _: Family) -> Result<usize, Malformed> {
        Ok(match ahead.u8("NLRI")? {
            short @ 0..0xf0 => 1 + usize::from(short),
            high => {
                let low = ahead.u8("NLRI")?;
                2 + usize::from(u16::from_be_bytes([high & 0x0f, low]))
            }
        })
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
