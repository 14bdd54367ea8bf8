//! Ports by the names of their services, of the registry of IANA (Service Name and Transport
//! Protocol Port Number Registry).
//!
//! `services.txt` has a line a name, sorted by it: the name in lower case with `-` for `_`, a
//! space, the port. Of a name that several ports have, the highest port is meant. Names are
//! read only: a port is shown by its number.

use std::cmp::Ordering;

use super::folded;

static SERVICES: &str = include_str!("services.txt");

/// The port of a service: in any case, with `_` for `-`.
pub fn named(service: &str) -> Option<u16> {
    let mut rest = SERVICES;
    while !rest.is_empty() {
        let middle = memchr::memrchr(b'\n', rest.as_bytes().get(..rest.len() / 2)?);
        let (before, from) = rest.split_at_checked(middle.map_or(0, |at| at + 1))?;
        let (line, after) = from.split_once('\n')?;
        let (name, port) = line.split_once(' ')?;
        match service.bytes().map(folded).cmp(name.bytes()) {
            Ordering::Equal => return port.parse().ok(),
            Ordering::Less => rest = before,
            Ordering::Greater => rest = after,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_in_order() {
        let mut count = 0;
        let mut last = "";
        for line in SERVICES.lines() {
            let (name, port) = line.split_once(' ').unwrap();
            assert!(last < name, "{name}");
            assert!(name.bytes().all(|byte| folded(byte) == byte && byte != b'&'), "{name}");
            assert_eq!(named(name), port.parse().ok(), "{name}");
            last = name;
            count += 1;
        }
        assert_eq!(count, 4899);
    }

    #[test]
    fn names_are_read_as_people_write_them() {
        for (name, port) in [
            ("HTTP", Some(80)),
            ("domain", Some(53)),
            ("echo", Some(7)),
            ("http-alt", Some(8080)),
            ("Rsvp_Tunnel", Some(363)),
            ("", None),
            ("80", None),
            ("wibble", None),
            ("~", None),
        ] {
            assert_eq!(named(name), port, "{name}");
        }
    }
}
