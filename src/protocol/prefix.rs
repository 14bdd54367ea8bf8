//! An address and how many of its bits count.
//!
//! Wire format (RFC 4271 section 4.3): the length in bits, then as many octets as hold them.
//! Bits beyond the length are kept as received, and refused in text.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Afi;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// An IPv4 or IPv6 prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

/// Why an address and a length make no prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefixError {
    /// The text is not `address` or `address/length`.
    Syntax,
    /// The length is over 32 or 128.
    Length,
    /// The address has bits set beyond the length.
    HostBits,
}

impl Prefix {
    /// A prefix whose address has no bit set beyond its length.
    pub fn new(address: IpAddr, length: u8) -> Result<Self, PrefixError> {
        if length > width(address) {
            return Err(PrefixError::Length);
        }
        let prefix = Self { address, length };
        if prefix.masked().address == address { Ok(prefix) } else { Err(PrefixError::HostBits) }
    }

    /// The prefix of a single address.
    pub fn host(address: IpAddr) -> Self {
        Self { address, length: width(address) }
    }

    /// The address, host bits included where they were received.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// How many bits count.
    pub fn length(self) -> u8 {
        self.length
    }

    /// IPv4 or IPv6.
    pub fn afi(self) -> Afi {
        match self.address {
            IpAddr::V4(_) => Afi::IPV4,
            IpAddr::V6(_) => Afi::IPV6,
        }
    }

    /// Whether it covers more than one address.
    pub fn is_range(self) -> bool {
        self.length < width(self.address)
    }

    /// Whether `address` is of the same family and inside.
    pub fn contains(self, address: IpAddr) -> bool {
        let same_family = self.address.is_ipv4() == address.is_ipv4();
        let other = Self { address, length: self.length };
        same_family && other.masked() == self.masked()
    }

    /// The same with every bit beyond the length cleared.
    #[must_use]
    pub fn masked(self) -> Self {
        let address = match self.address {
            IpAddr::V4(v4) => {
                let keep = u32::MAX.checked_shl(32 - u32::from(self.length.min(32))).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & keep))
            }
            IpAddr::V6(v6) => {
                let shift = 128 - u32::from(self.length.min(128));
                let keep = u128::MAX.checked_shl(shift).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & keep))
            }
        };
        Self { address, length: self.length }
    }

    /// Reads `address/length`, or an address alone for a single one.
    pub fn from_text(text: &str) -> Result<Self, PrefixError> {
        let prefix = Self::from_text_lenient(text)?;
        Self::new(prefix.address, prefix.length)
    }

    /// As [`Prefix::from_text`], with bits beyond the length let through: peer ranges.
    pub fn from_text_lenient(text: &str) -> Result<Self, PrefixError> {
        let Some((address, length)) = text.split_once('/') else {
            return text.parse().map(Self::host).map_err(|_| PrefixError::Syntax);
        };
        let address: IpAddr = address.parse().map_err(|_| PrefixError::Syntax)?;
        if length.is_empty() || !length.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(PrefixError::Syntax);
        }
        let length = length.parse().map_err(|_| PrefixError::Length)?;
        if length > width(address) {
            return Err(PrefixError::Length);
        }
        Ok(Self { address, length })
    }

    /// The next word as a prefix without host bits.
    pub fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("a prefix")?;
        Self::from_text(&word).map_err(|error| {
            word.fault(match error {
                PrefixError::Syntax => "is not a prefix",
                PrefixError::Length => "has a mask that is too long",
                PrefixError::HostBits => "has bits set beyond its mask",
            })
            .syntax("<address>/<mask length>")
        })
    }

    /// Reads the length and the octets; `afi` tells how long an address is.
    pub fn unpack(
        reader: &mut Reader<'_>,
        afi: Afi,
        what: &'static str,
    ) -> Result<Self, Malformed> {
        let length = reader.u8(what)?;
        Self::unpack_bits(reader, afi, length, what)
    }

    /// Reads the octets of a prefix whose length in bits is known.
    pub fn unpack_bits(
        reader: &mut Reader<'_>,
        afi: Afi,
        length: u8,
        what: &'static str,
    ) -> Result<Self, Malformed> {
        let octets = reader.take(what, usize::from(length.div_ceil(8)))?;
        let wrong = Malformed::Value { what, got: u32::from(length) };
        if afi == Afi::IPV4 {
            let mut address = [0; 4];
            address.get_mut(..octets.len()).ok_or(wrong)?.copy_from_slice(octets);
            (length <= 32).then_some(Self { address: address.into(), length }).ok_or(wrong)
        } else {
            let mut address = [0; 16];
            address.get_mut(..octets.len()).ok_or(wrong)?.copy_from_slice(octets);
            (length <= 128).then_some(Self { address: address.into(), length }).ok_or(wrong)
        }
    }

    /// Writes the length and the octets that hold it.
    pub fn pack(self, writer: &mut Writer<'_>) {
        writer.u8(self.length);
        self.pack_bits(writer);
    }

    /// Writes the octets without the length.
    pub fn pack_bits(self, writer: &mut Writer<'_>) {
        let used = usize::from(self.length.div_ceil(8));
        match self.address {
            IpAddr::V4(v4) => writer.bytes(v4.octets().get(..used).unwrap_or_default()),
            IpAddr::V6(v6) => writer.bytes(v6.octets().get(..used).unwrap_or_default()),
        }
    }
}

/// The number of bits of an address.
fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text() {
        assert_eq!(Prefix::from_text("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(Prefix::from_text("10.0.0.1").unwrap().to_string(), "10.0.0.1/32");
        assert_eq!(Prefix::from_text("::/0").unwrap().to_string(), "::/0");
        assert_eq!(Prefix::from_text("10.0.0.1/24"), Err(PrefixError::HostBits));
        assert_eq!(Prefix::from_text("10.0.0.0/33"), Err(PrefixError::Length));
        for bad in ["10.0.0.0/255.0.0.0", "10.0.0.0/", "10.0.0.0/+8", "10/8", "x"] {
            assert_eq!(Prefix::from_text(bad), Err(PrefixError::Syntax), "{bad}");
        }
        assert!(Prefix::from_text_lenient("10.0.0.1/24").is_ok());
    }

    #[test]
    fn wire() {
        let mut out = Vec::new();
        Prefix::from_text("172.16.8.0/21").unwrap().pack(&mut Writer::new(&mut out));
        assert_eq!(out, [21, 172, 16, 8]);
        let mut reader = Reader::new(&out);
        let back = Prefix::unpack(&mut reader, Afi::IPV4, "prefix").unwrap();
        assert_eq!(back.to_string(), "172.16.8.0/21");
        for (bytes, afi) in [(&[33u8, 1, 2, 3, 4, 5][..], Afi::IPV4), (&[129; 20][..], Afi::IPV6)] {
            let fault = Prefix::unpack(&mut Reader::new(bytes), afi, "prefix");
            assert!(matches!(fault, Err(Malformed::Value { .. })));
        }
        let short = Prefix::unpack(&mut Reader::new(&[24, 1, 2]), Afi::IPV4, "prefix");
        assert_eq!(short, Err(Malformed::Short { what: "prefix" }));
    }

    #[test]
    fn containment_minds_the_family() {
        let range = Prefix::from_text("0.0.0.0/0").unwrap();
        assert!(range.contains("10.0.0.1".parse().unwrap()));
        assert!(!range.contains("::1".parse().unwrap()));
        assert!(!Prefix::from_text("10.0.0.0/8").unwrap().contains("11.0.0.1".parse().unwrap()));
    }
}
