//! PMSI_TUNNEL, RFC 6514 section 5: the tunnel on which multicast traffic is carried.
//!
//! Wire format: flags, type, an MPLS label in the high 20 of 24 bits, then what identifies the
//! tunnel, by its type. Never written by a person.

use std::fmt;
use std::net::Ipv4Addr;

use crate::bgp::{Element, Negotiated};
use crate::json::{self, Dialect};
use crate::wire::{Hex, Malformed, Reader, Writer};

use super::{Flags, OnFault, Policy};

/// The tunnel on which multicast traffic is carried.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pmsi(Box<Tunnel>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Tunnel {
    flags: u8,
    kind: u8,
    /// 24 bits: some tunnels have an identifier there rather than a label.
    label: u32,
    identifier: Box<[u8]>,
}

const INGRESS_REPLICATION: u8 = 6;

impl Tunnel {
    fn name(&self) -> &'static str {
        match self.kind {
            0 => "notunnel",
            1 => "rsvp-tep2mplsp",
            2 => "mldpp2mplsp",
            3 => "pim-ssmtree",
            4 => "pim-smtree",
            5 => "bidir-pimtree",
            INGRESS_REPLICATION => "ingressreplication",
            7 => "mldpmp2mplsp",
            _ => "unknown",
        }
    }

    fn address(&self) -> Option<Ipv4Addr> {
        let octets = <[u8; 4]>::try_from(&*self.identifier).ok()?;
        (self.kind == INGRESS_REPLICATION).then(|| Ipv4Addr::from(octets))
    }

    /// One dialect always tells the 24 bits, the other where they are no plain label.
    fn write(&self, f: &mut fmt::Formatter<'_>, always_raw: bool) -> fmt::Result {
        write!(f, "pmsi:{}:{}:{}", self.name(), self.flags, self.label >> 4)?;
        if self.label != 0 && (always_raw || self.label & 15 != 0) {
            write!(f, "({})", self.label)?;
        }
        match self.address() {
            Some(address) => write!(f, ":{address}"),
            None if self.identifier.is_empty() => f.write_str(":"),
            None => write!(f, ":0x{}", Hex(&self.identifier)),
        }
    }
}

/// The form that tells the 24 bits of the label too.
struct WithOctets<'a>(&'a Tunnel);

impl fmt::Display for WithOctets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, true)
    }
}

impl Element for Pmsi {
    const NAME: &'static str = "pmsi";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let what = Self::NAME;
        Ok(Self(Box::new(Tunnel {
            flags: reader.u8(what)?,
            kind: reader.u8(what)?,
            label: reader.u24(what)?,
            identifier: reader.rest().into(),
        })))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u8(self.0.flags);
        writer.u8(self.0.kind);
        writer.u24(self.0.label);
        writer.bytes(&self.0.identifier);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        match json.dialect {
            Dialect::V4 => json.display(&WithOctets(&self.0)),
            Dialect::V6 => json.display(self),
        }
    }
}

impl Policy for Pmsi {
    const FLAGS: Flags = Flags::OPTIONAL_TRANSITIVE;
    const ON_FAULT: OnFault = OnFault::Withdraw;
    const ON_WRONG_FLAGS: OnFault = OnFault::Ignore;
}

impl fmt::Display for Pmsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{received, refuse, rendered};
    use super::*;

    #[test]
    fn tunnels() {
        for (hex, shown) in [
            ("0000000000", "pmsi:notunnel:0:0:"),
            ("0006000640c0000209", "pmsi:ingressreplication:0:100:192.0.2.9"),
            ("0006000641c0000209", "pmsi:ingressreplication:0:100(1601):192.0.2.9"),
            ("0103000000c0000209e8010101", "pmsi:pim-ssmtree:1:0:0xC0000209E8010101"),
            ("0009000000aabb", "pmsi:unknown:0:0:0xAABB"),
        ] {
            received::<Pmsi>(hex, shown, &format!("\"{shown}\""));
        }
        refuse::<Pmsi>("00000000", Malformed::Short { what: "pmsi" });
    }

    #[test]
    fn one_dialect_always_tells_the_octets() {
        let octets = [0, 6, 0, 6, 0x40, 192, 0, 2, 9];
        let pmsi = Pmsi::unpack(&mut Reader::new(&octets), &Negotiated::wide()).unwrap();
        let told = "\"pmsi:ingressreplication:0:100(1600):192.0.2.9\"";
        assert_eq!(rendered(&pmsi, Dialect::V4), told);
    }
}
