//! Prefixes and addresses as text, without the formatting machinery: received tables are told by
//! the million.

use std::net::{IpAddr, Ipv6Addr};

use crate::protocol::Afi;

/// A short text being written, kept on the stack: at most an IPv6 address and a length.
#[derive(Debug)]
pub struct Short {
    octets: [u8; 64],
    used: usize,
}

/// A prefix as `address/length`; `octets` are those that hold it, as on the wire.
pub fn prefix(afi: Afi, length: u8, octets: &[u8]) -> Short {
    let mut short = Short { octets: [0; 64], used: 0 };
    if afi == Afi::IPV4 {
        let mut address = [0; 4];
        copy(&mut address, octets);
        short.ipv4(address);
    } else {
        let mut address = [0; 16];
        copy(&mut address, octets);
        short.ipv6(address);
    }
    short.push(b"/");
    short.octet(length);
    short
}

/// Four octets as a dotted quad: an address, a path identifier.
pub fn dotted(octets: [u8; 4]) -> Short {
    let mut short = Short { octets: [0; 64], used: 0 };
    short.ipv4(octets);
    short
}

/// An address.
pub fn address(address: IpAddr) -> Short {
    let mut short = Short { octets: [0; 64], used: 0 };
    match address {
        IpAddr::V4(v4) => short.ipv4(v4.octets()),
        IpAddr::V6(v6) => short.ipv6(v6.octets()),
    }
    short
}

impl Short {
    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.used).unwrap_or_default()
    }

    /// The text, which is ASCII.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn push(&mut self, text: &[u8]) {
        let end = self.used + text.len();
        if let Some(place) = self.octets.get_mut(self.used..end) {
            place.copy_from_slice(text);
            self.used = end;
        }
    }

    /// A number below 256: four octets are copied, as many as it has digits count.
    fn octet(&mut self, value: u8) {
        let [a, b, c, digits] = DECIMAL.get(usize::from(value)).copied().unwrap_or_default();
        let rest = self.octets.get_mut(self.used..).and_then(<[u8]>::first_chunk_mut::<3>);
        if let Some(place) = rest {
            *place = [a, b, c];
            self.used += usize::from(digits);
        }
    }

    fn ipv4(&mut self, [a, b, c, d]: [u8; 4]) {
        self.octet(a);
        for octet in [b, c, d] {
            self.push(b".");
            self.octet(octet);
        }
    }

    /// As RFC 5952 writes it: no leading zeroes, the longest run of zero groups left out.
    fn ipv6(&mut self, address: [u8; 16]) {
        let groups = Ipv6Addr::from(address).segments();
        if let [0, 0, 0, 0, 0, 0xffff, ..] = groups {
            let [.., a, b, c, d] = address;
            self.push(b"::ffff:");
            return self.ipv4([a, b, c, d]);
        }
        let (start, length) = longest_zeroes(&groups);
        for (index, group) in groups.into_iter().enumerate() {
            if index >= start && index < start + length {
                if index == start {
                    self.push(b"::");
                }
                continue;
            }
            if index > 0 && index != start + length {
                self.push(b":");
            }
            self.group(group);
        }
    }

    fn group(&mut self, group: u16) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = (16 - group.leading_zeros()).div_ceil(4).max(1);
        for place in (0..digits).rev() {
            let nibble = usize::from(group >> (4 * place) & 15);
            self.push(DIGITS.get(nibble).map_or(&[], std::slice::from_ref));
        }
    }
}

/// Where the longest run of at least two zero groups starts and how long it is; `(8, 0)` if none.
fn longest_zeroes(groups: &[u16; 8]) -> (usize, usize) {
    let mut best = (groups.len(), 0);
    let mut run = 0;
    for (index, group) in groups.iter().enumerate() {
        run = if *group == 0 { run + 1 } else { 0 };
        if run > best.1 && run > 1 {
            best = (index + 1 - run, run);
        }
    }
    best
}

fn copy(address: &mut [u8], octets: &[u8]) {
    address.iter_mut().zip(octets).for_each(|(place, octet)| *place = *octet);
}

/// The digits of each octet, padded to three, and how many they are.
static DECIMAL: [[u8; 4]; 256] = decimal();

#[expect(clippy::indexing_slicing, reason = "a constant: an index outside would not compile")]
const fn decimal() -> [[u8; 4]; 256] {
    let mut table = [[0; 4]; 256];
    let mut value = 0u8;
    loop {
        let ones = b'0' + value % 10;
        let tens = b'0' + value / 10 % 10;
        let hundreds = b'0' + value / 100;
        table[value as usize] = match value {
            0..=9 => [ones, 0, 0, 1],
            10..=99 => [tens, ones, 0, 2],
            100.. => [hundreds, tens, ones, 3],
        };
        match value.checked_add(1) {
            Some(next) => value = next,
            None => return table,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet() {
        for value in 0..=255 {
            let text = format!("{value}.0.0.{value}");
            assert_eq!(dotted([value, 0, 0, value]).as_bytes(), text.as_bytes());
        }
    }

    #[test]
    fn addresses_read_as_the_standard_library_writes_them() {
        let mut seed = 7u64;
        for round in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut groups = [0u16; 8];
            for (index, group) in groups.iter_mut().enumerate() {
                let bits = u16::try_from(seed >> (index * 5) & 0xffff).unwrap();
                *group = if bits & 3 == 0 { bits >> (round % 16) } else { 0 };
            }
            let address = Ipv6Addr::from(groups);
            let text = format!("{address}/128");
            let octets = address.octets();
            let short = prefix(Afi::IPV6, 128, &octets);
            assert_eq!(String::from_utf8_lossy(short.as_bytes()), text);
        }
        for text in ["::", "::1", "1::", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "fe80::1:0:0:1"] {
            let address: Ipv6Addr = text.parse().unwrap();
            let short = prefix(Afi::IPV6, 0, &address.octets());
            assert_eq!(short.as_bytes(), format!("{address}/0").as_bytes());
        }
    }

    #[test]
    fn octets_that_are_not_there_are_zero() {
        assert_eq!(prefix(Afi::IPV4, 8, &[10]).as_bytes(), b"10.0.0.0/8");
        assert_eq!(prefix(Afi::IPV6, 32, &[0x20, 1, 0xd, 0xb8]).as_bytes(), b"2001:db8::/32");
    }
}
