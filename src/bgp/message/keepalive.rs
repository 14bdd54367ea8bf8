//! KEEPALIVE, RFC 4271 section 4.4: a header without a body.

/// The whole message.
pub const BYTES: [u8; 19] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0, 19, 4,
];

/// Appends a KEEPALIVE to `out`.
pub fn pack(out: &mut Vec<u8>) {
    out.extend_from_slice(&BYTES);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::message::{Kind, frame, write};

    #[test]
    fn it_is_its_header() {
        let mut out = Vec::new();
        write(&mut out, Kind::Keepalive, |_| {}).unwrap();
        assert_eq!(out, BYTES);
        let found = frame(&BYTES, 4096).unwrap().unwrap();
        assert_eq!((found.kind, found.body, found.len()), (Kind::Keepalive, &[][..], 19));
    }
}
