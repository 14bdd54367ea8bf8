//! NLRI whose content is not read: kept, compared and shown by their bytes.

use crate::json;

use super::Shape;

/// The bytes of one NLRI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub shape: Shape,
    pub bytes: Box<[u8]>,
}

impl Raw {
    /// `"code": 9, "parsed": false, "raw": "09…"`.
    pub fn members(&self, object: &mut json::Object<'_, '_>) {
        if let Some(code) = self.code() {
            object.field("code").number(code);
        }
        object.field("parsed").boolean(false);
        let json = object.field("raw");
        json.raw("\"");
        json.hex_digits(&self.bytes);
        json.raw("\"");
    }

    /// The type, of shapes that have one.
    fn code(&self) -> Option<u16> {
        match (self.shape, &*self.bytes) {
            (Shape::Evpn | Shape::Mvpn, [code, ..]) => Some(u16::from(*code)),
            (Shape::Mup, [_, high, low, ..]) | (Shape::BgpLs, [high, low, ..]) => {
                Some(u16::from_be_bytes([*high, *low]))
            }
            _ => None,
        }
    }
}
