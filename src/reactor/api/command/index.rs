//! The index of a route: a word that names it among all routes of a peer.
//!
//! For users it is opaque; it is the family, the path identifier if there is one, and the NLRI:
//! `AAAA` AFI, `SS` SAFI, `00` or `01` and eight digits, then the octets of the NLRI, all in hex.

use std::fmt::Write as _;

use crate::bgp::nlri::{Nlri, Packed};
use crate::protocol::{Afi, Family, Safi};
use crate::wire::Reader;
use crate::wire::from_hex;

/// The index of a route.
pub(in crate::reactor::api) fn of(nlri: &Packed) -> String {
    let Family { afi, safi } = nlri.family();
    let mut hex = format!("{:04x}{:02x}", afi.0, safi.0);
    let _ = match nlri.path_id() {
        Some(id) => write!(hex, "01{id:08x}"),
        None => write!(hex, "00"),
    };
    for octet in nlri.bytes() {
        let _ = write!(hex, "{octet:02x}");
    }
    hex
}

/// What an index names: none where no route could have it. The error is a word that is not hex.
pub(super) fn parse(hex: &str) -> Result<Option<Packed>, String> {
    let refuse = || format!("Invalid hex index: {}", hex.escape_default());
    let octets = from_hex(hex).map_err(|_| refuse())?;
    Ok(unpack(&octets))
}

fn unpack(octets: &[u8]) -> Option<Packed> {
    let mut reader = Reader::new(octets);
    let afi = Afi(reader.u16("AFI").ok()?);
    let safi = Safi(reader.u8("SAFI").ok()?);
    let path_id = match reader.u8("path identifier").ok()? {
        0 => None,
        1 => Some(reader.u32("path identifier").ok()?),
        _ => return None,
    };
    let family = Family { afi, safi };
    let bytes = reader.rest();
    Nlri::unpack(bytes, family).ok()?;
    Some(Packed::new(family, path_id, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_names_the_route_it_was_made_of() {
        let bytes = [24, 10, 30, 0];
        for path_id in [None, Some(0), Some(7)] {
            let nlri = Packed::new(Family::IPV4_UNICAST, path_id, &bytes);
            let found = parse(&of(&nlri)).unwrap().unwrap();
            assert_eq!(found.bytes(), bytes);
            assert_eq!((found.family(), found.path_id()), (nlri.family(), path_id));
        }
        assert_eq!(of(&Packed::new(Family::IPV4_UNICAST, None, &bytes)), "00010100180a1e00");
    }

    #[test]
    fn what_is_no_index_names_nothing() {
        assert_eq!(parse("zz").unwrap_err(), "Invalid hex index: zz");
        assert_eq!(parse("0").unwrap_err(), "Invalid hex index: 0");
        for hex in ["", "00", "00010100", "00010102180a1e00", "00010100180a1e", "00010100ff0a1e00"]
        {
            assert!(parse(hex).unwrap().is_none(), "{hex}");
        }
    }
}
