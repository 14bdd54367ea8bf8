//! An NLRI whose content is not read: kept, compared and shown by its bytes.

use super::{About, text};
use crate::json::{self, Dialect};
use crate::protocol::Family;
use crate::wire::Writer;

/// The bytes of one NLRI, and its type where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    pub code: Option<u16>,
    pub bytes: Box<[u8]>,
}

impl Opaque {
    /// A copy of `bytes`.
    pub fn new(code: Option<u16>, bytes: &[u8]) -> Self {
        Self { code, bytes: bytes.into() }
    }

    /// Writes the bytes as they were read.
    pub fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.bytes);
    }

    /// `"code": 9, "parsed": false, "raw": "09…"`.
    pub fn members(&self, object: &mut json::Object<'_, '_>) {
        if let Some(code) = self.code {
            object.field("code").number(code);
        }
        object.field("parsed").boolean(false);
        let json = object.field("raw");
        json.raw("\"");
        json.hex_digits(&self.bytes);
        json.raw("\"");
    }

    /// `afi l2vpn safi evpn`.
    pub fn text(&self, out: &mut Vec<u8>, about: &About) {
        let Family { afi, safi } = about.family;
        text::display(out, format_args!("afi {afi} safi {safi}"));
        if about.dialect == Dialect::V6 {
            text::next_hop(out, about.next_hop);
        }
    }
}
