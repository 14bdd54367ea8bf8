//! The prefix that an address of the traffic has, RFC 8955 section 4.2.2.1, RFC 8956 section 3.1.
//!
//! Wire format: IPv4 as anywhere else, the length in bits and the octets that hold it. IPv6: the
//! length, the offset, and the octets that hold the bits from the offset up to the length.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::protocol::{Afi, Prefix};
use crate::wire::{Malformed, Reader, Writer};

const WHAT: &str = "FlowSpec prefix";

/// A prefix, of which the bits before an offset do not count. There is no offset in IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Nothing is set beyond the length, nor, where it was received, before the offset.
    prefix: Prefix,
    offset: u8,
}

impl Pattern {
    /// Reads `10.0.0.0/24`, `2001:db8::/32` or `2001:db8::/32/16`; the error says what is wrong.
    /// Bits beyond the length are dropped.
    pub(super) fn from_text(text: &str) -> Result<Self, &'static str> {
        const OFFSET: &str = "has an offset that is no number below its length";
        let (address, lengths) = text.split_once('/').ok_or("has no mask")?;
        let (length, offset) = match lengths.split_once('/') {
            Some((length, offset)) => (length, number(offset).ok_or(OFFSET)?),
            None => (lengths, 0),
        };
        let address: IpAddr = address.parse().map_err(|_| "is no prefix")?;
        let length = number(length).ok_or("has a mask that is no number")?;
        if address.is_ipv4() && lengths.contains('/') {
            return Err("has an offset, which IPv4 has not");
        }
        let whole = if address.is_ipv4() { 32 } else { 128 };
        if length > whole {
            return Err("has a mask that is too long");
        }
        if offset > 0 && offset >= length {
            return Err(OFFSET);
        }
        // The address is cut to the length, so that nothing is left to be refused.
        let prefix = Prefix::from_text_lenient(&format!("{address}/{length}"));
        let prefix = prefix.map_err(|_| "is no prefix")?.masked();
        Ok(Self { prefix, offset })
    }

    /// IPv4 or IPv6.
    pub(super) fn afi(self) -> Afi {
        self.prefix.afi()
    }

    /// Reads length, offset and octets.
    pub(super) fn unpack(reader: &mut Reader<'_>, afi: Afi) -> Result<Self, Malformed> {
        if afi == Afi::IPV4 {
            let prefix = Prefix::unpack(reader, afi, WHAT)?.masked();
            return Ok(Self { prefix, offset: 0 });
        }
        let length = reader.u8(WHAT)?;
        let offset = reader.u8(WHAT)?;
        let wrong =
            Malformed::Value { what: WHAT, got: u32::from(offset) << 8 | u32::from(length) };
        let bits = match length.checked_sub(offset) {
            Some(0) if length == 0 => 0,
            Some(bits @ 1..) if length <= 128 => bits,
            _ => return Err(wrong),
        };
        let mut octets = [0; 16];
        let read = reader.take(WHAT, usize::from(bits.div_ceil(8)))?;
        octets.iter_mut().zip(read).for_each(|(place, octet)| *place = *octet);
        let pattern = u128::from_be_bytes(octets) & leading(bits);
        let address = pattern.checked_shr(u32::from(offset)).unwrap_or(0);
        let address = IpAddr::V6(Ipv6Addr::from_bits(address));
        Ok(Self { prefix: Prefix::new(address, length).map_err(|_| wrong)?, offset })
    }

    /// Writes length, offset and octets.
    pub(super) fn pack(self, writer: &mut Writer<'_>) {
        let IpAddr::V6(address) = self.prefix.address() else {
            self.prefix.pack(writer);
            return;
        };
        let length = self.prefix.length();
        let bits = length.saturating_sub(self.offset);
        let pattern = address.to_bits().checked_shl(u32::from(self.offset)).unwrap_or(0);
        let octets = (pattern & leading(bits)).to_be_bytes();
        writer.u8(length);
        writer.u8(self.offset);
        writer.bytes(octets.get(..usize::from(bits.div_ceil(8))).unwrap_or_default());
    }
}

/// A number of bits: digits only.
fn number(digits: &str) -> Option<u8> {
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The first `bits` of 128.
fn leading(bits: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0)
}

/// `10.0.0.0/24`, `2001:db8::/32/0`.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.afi() {
            Afi::IPV4 => self.prefix.fmt(f),
            _ => write!(f, "{}/{}", self.prefix, self.offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Hex, from_hex};

    fn packed(pattern: Pattern) -> String {
        let mut out = Vec::new();
        pattern.pack(&mut Writer::new(&mut out));
        Hex(&out).to_string().to_ascii_lowercase()
    }

    fn read(hex: &str, afi: Afi) -> Result<Pattern, Malformed> {
        let bytes = from_hex(hex).unwrap();
        let mut reader = Reader::new(&bytes);
        let pattern = Pattern::unpack(&mut reader, afi)?;
        reader.done("test").map(|()| pattern)
    }

    #[test]
    fn only_the_bits_behind_the_offset_are_sent() {
        for (text, hex, shown) in [
            ("10.1.2.0/24", "180a0102", "10.1.2.0/24"),
            ("10.1.2.129/25", "190a010280", "10.1.2.128/25"),
            ("0.0.0.0/0", "00", "0.0.0.0/0"),
            ("2001:db8:9::/48", "300020010db80009", "2001:db8:9::/48/0"),
            ("2001:db8:9::/48/16", "30100db80009", "0:db8:9::/48/16"),
            ("::/0", "0000", "::/0/0"),
            ("::/0/0", "0000", "::/0/0"),
            ("::1/128/120", "807801", "::1/128/120"),
            ("::1/128/127", "807f80", "::1/128/127"),
            ("fe80::1/1", "010080", "8000::/1/0"),
            // RFC 8956 section 3.8.1.
            ("::1234:5678:9a00:0/104/64", "6840123456789a", "::1234:5678:9a00:0/104/64"),
            // Section 3.8.2.
            ("::1234:5678:9a00:0/104/65", "68412468acf134", "::1234:5678:9a00:0/104/65"),
        ] {
            let pattern = Pattern::from_text(text).unwrap();
            assert_eq!(packed(pattern), hex, "{text}");
            let back = read(hex, pattern.afi()).unwrap();
            assert_eq!(back.to_string(), shown);
            assert_eq!(Pattern::from_text(shown), Ok(back), "{text}");
        }
    }

    #[test]
    fn padding_does_not_count() {
        for (hex, shown) in [("19c00002ff", "192.0.2.128/25"), ("00", "0.0.0.0/0")] {
            assert_eq!(read(hex, Afi::IPV4).unwrap().to_string(), shown);
        }
        assert_eq!(read("0100ff", Afi::IPV6).unwrap().to_string(), "8000::/1/0");
        assert_eq!(
            read("6841ffffffffff", Afi::IPV6).unwrap().to_string(),
            "::7fff:ffff:ff00:0/104/65"
        );
    }

    #[test]
    fn faults_in_octets() {
        for hex in ["21c000020101", "18c000", "", "18c0000200"] {
            assert!(read(hex, Afi::IPV4).is_err(), "{hex}");
        }
        // The whole prefix behind an offset, an offset at or behind the length, one too long.
        for hex in ["301020010db80009", "3030", "3031", "810000", "8080", "0001", "30", "30002001"]
        {
            assert!(read(hex, Afi::IPV6).is_err(), "{hex}");
        }
    }

    #[test]
    fn faults_in_text() {
        for text in [
            "10.0.0.1",
            "10.0.0.0/33",
            "10.0.0.0/24/0",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "nowhere",
            "nowhere/8",
            "2001:db8::/129",
            "2001:db8::/48/48",
            "2001:db8::/48/64",
            "2001:db8::/48/",
            "::/0/1",
            "/8",
        ] {
            assert!(Pattern::from_text(text).is_err(), "{text}");
        }
    }
}
