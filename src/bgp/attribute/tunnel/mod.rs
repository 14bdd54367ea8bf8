//! Tunnel encapsulation, RFC 9012: the tunnels through which a next hop is reached, and the
//! segment-routing policies of RFC 9830.
//!
//! Wire format: TLVs of a tunnel type and a length of 16 bits each, whose values are sub-TLVs.
//! The octets are kept as received and read when somebody looks, so that they leave as they came.
//! Tunnels of no line below are shown as octets.

pub mod sr_policy;

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Hex, Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

pub use sr_policy::{PolicyBuilder, SrPolicy};

crate::registry! {
    /// Tunnels by type (IANA: BGP Tunnel Encapsulation Attribute Tunnel Types).
    pub enum Tunnel: u16, unknown Opaque {
        15 => SrPolicy(SrPolicy),
    }
}

/// A tunnel no line names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Opaque {
    code: u16,
    value: Box<[u8]>,
}

impl Opaque {
    fn bytes(&self) -> &[u8] {
        &self.value
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.hex(&self.value);
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tunnel-type-{} 0x{}", self.code, Hex(&self.value))
    }
}

/// The tunnels to a next hop: the octets of the attribute, of which every TLV was read once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TunnelEncapsulation(Box<[u8]>);

impl TunnelEncapsulation {
    /// One segment-routing policy of these sub-TLVs; `None` when they are longer than an
    /// attribute can be.
    pub(super) fn of_policy(sub_tlvs: &[u8]) -> Option<Self> {
        let mut octets = Vec::with_capacity(sub_tlvs.len() + 4);
        let mut writer = Writer::new(&mut octets);
        writer.u16(SrPolicy::CODE);
        writer.sized_u16(|writer| writer.bytes(sub_tlvs)).ok()?;
        u16::try_from(octets.len()).ok()?;
        Some(Self(octets.into()))
    }

    /// The tunnels in order.
    pub fn tunnels(&self) -> impl Iterator<Item = Tunnel> + '_ {
        let mut reader = Reader::new(&self.0);
        std::iter::from_fn(move || {
            // Every TLV was read when the attribute was taken.
            if reader.is_empty() { None } else { Self::read(&mut reader).ok() }
        })
    }

    /// The words of the `sr-policy` statement that make these octets; `None` when the attribute
    /// is anything but one segment-routing policy.
    pub fn policy_words(&self) -> Option<String> {
        let mut tunnels = self.tunnels();
        match (tunnels.next(), tunnels.next()) {
            (Some(Tunnel::SrPolicy(policy)), None) => Some(policy.words()),
            _ => None,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Tunnel, Malformed> {
        let what = Self::NAME;
        let code = reader.u16(what)?;
        let length = reader.u16(what)?;
        let mut value = reader.sub(what, usize::from(length))?;
        let whole = value.remaining();
        match Tunnel::unpack(code, &mut value, &Negotiated::wide()) {
            Some(known) => known.and_then(|known| value.done(what).map(|()| known)),
            None => Ok(Tunnel::Unknown(Opaque { code, value: whole.into() })),
        }
    }
}

impl Element for TunnelEncapsulation {
    const NAME: &'static str = "tunnel-encap";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let octets = reader.remaining();
        while !reader.is_empty() {
            Self::read(reader)?;
        }
        Ok(Self(octets.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&self.0);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            let mut seen = Vec::new();
            for tunnel in self.tunnels() {
                // An object has each key once: the first counts.
                if seen.contains(&tunnel.code()) {
                    continue;
                }
                seen.push(tunnel.code());
                match tunnel.key() {
                    Some(key) => tunnel.json(object.field(key)),
                    None => tunnel.json(object.field(&format!("tunnel-type-{}", tunnel.code()))),
                }
            }
        });
    }
}

impl Policy for TunnelEncapsulation {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    // RFC 9012 section 13, RFC 9830 section 5.
    const ON_FAULT: OnFault = OnFault::Withdraw;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;
}

impl fmt::Display for TunnelEncapsulation {
    /// As ExaBGP tells it; [`TunnelEncapsulation::policy_words`] is what can be read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tunnel-encap [")?;
        for (index, tunnel) in self.tunnels().enumerate() {
            write!(f, "{}{tunnel}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse};

    #[test]
    fn tunnels_without_a_line_are_octets() {
        received::<TunnelEncapsulation>(
            "0008000401020304",
            "tunnel-encap [tunnel-type-8 0x01020304]",
            "{ \"tunnel-type-8\": \"0x01020304\" }",
        );
    }

    #[test]
    fn a_key_comes_once() {
        received::<TunnelEncapsulation>(
            "0008000101000800010200090000",
            "tunnel-encap [tunnel-type-8 0x01, tunnel-type-8 0x02, tunnel-type-9 0x]",
            "{ \"tunnel-type-8\": \"0x01\", \"tunnel-type-9\": \"0x\" }",
        );
    }

    #[test]
    fn a_policy_among_others() {
        let both = "000f00080c06000000000064000800010a";
        received::<TunnelEncapsulation>(
            both,
            "tunnel-encap [sr-policy {preference 100}, tunnel-type-8 0x0A]",
            "{ \"sr-policy\": { \"preference\": 100 }, \"tunnel-type-8\": \"0x0A\" }",
        );
        let words = |hex: &str| {
            let octets = crate::wire::from_hex(hex).unwrap();
            let read = TunnelEncapsulation::unpack(&mut Reader::new(&octets), &Negotiated::wide());
            read.unwrap().policy_words()
        };
        assert_eq!(words(both), None);
        assert_eq!(words("000f00080c06000000000064").as_deref(), Some("preference 100"));
        assert_eq!(words("000800010a"), None);
    }

    #[test]
    fn what_does_not_end_where_it_says_is_refused() {
        let what = "tunnel-encap";
        refuse::<TunnelEncapsulation>("000f00ff", Malformed::Short { what });
        refuse::<TunnelEncapsulation>("000f00", Malformed::Short { what });
        let what = "sr-policy";
        refuse::<TunnelEncapsulation>("000f00030c0600", Malformed::Short { what });
    }
}
