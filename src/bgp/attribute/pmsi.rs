//! PMSI_TUNNEL, RFC 6514 section 5: the tunnel on which multicast traffic is carried.
//!
//! Wire format: flags, type, an MPLS label in the high 20 of 24 bits, then what identifies the
//! tunnel, by its type. Text: `pmsi:type:flags:label:tunnel`, as it is shown.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::bgp::{Element, FromText, Negotiated};
use crate::json::{self, Dialect};
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

use super::pieces::Pieces;
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

/// IANA: P-Multicast Service Interface Tunnel (PMSI Tunnel) Tunnel Types, by the names that
/// ExaBGP has for them.
const NAMES: [&str; 8] = [
    "notunnel",
    "rsvp-tep2mplsp",
    "mldpp2mplsp",
    "pim-ssmtree",
    "pim-smtree",
    "bidir-pimtree",
    "ingressreplication",
    "mldpmp2mplsp",
];

impl Tunnel {
    fn name(&self) -> &'static str {
        NAMES.get(usize::from(self.kind)).copied().unwrap_or("unknown")
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

impl FromText for Pmsi {
    const SYNTAX: &'static str =
        "pmsi [pmsi:]<type>:<flags>:<label>[(<24 bits>)]:[<IP address>|0x<identifier>]";

    fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut pieces = Pieces::new(tokens);
        let head = pieces.next("a tunnel")?;
        let text = head.text().strip_prefix("pmsi:").unwrap_or_else(|| head.text());
        let mut fields = text.splitn(4, ':');
        let mut field = |what| fields.next().ok_or_else(|| head.fault(what));
        let kind = kind(field("has no type")?)
            .ok_or_else(|| head.fault("has a type that is neither a name nor a number"))?;
        let flags = number(field("has no flags")?);
        let flags = flags.ok_or_else(|| head.fault("has flags that are not 8 bits"))?;
        let label = number::<u32>(field("has no label")?).filter(|label| label >> 20 == 0);
        let mut label = label.ok_or_else(|| head.fault("has a label that is not 20 bits"))? << 4;
        let found = match fields.next() {
            Some(rest) => identifier(rest),
            None => {
                // The 24 bits stand in brackets, at which words are split.
                pieces.expect("(")?;
                let octets = pieces.next("a number of 24 bits")?;
                label = octets
                    .number()
                    .filter(|number: &u32| number >> 24 == 0 && number >> 4 == label >> 4)
                    .ok_or_else(|| octets.fault("is not 24 bits that begin with the label"))?;
                pieces.expect(")")?;
                let tail = pieces.next("the identifier of the tunnel")?;
                tail.text().strip_prefix(':').and_then(identifier)
            }
        };
        let identifier = found
            .ok_or_else(|| head.fault("has an identifier that is no address and no octets"))?;
        pieces.done()?;
        Ok(Self(Box::new(Tunnel { flags, kind, label, identifier })))
    }
}

fn number<T: TryFrom<u32>>(digits: &str) -> Option<T> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    plain.then(|| digits.parse().ok().and_then(|number: u32| T::try_from(number).ok()))?
}

fn kind(name: &str) -> Option<u8> {
    (0u8..)
        .zip(NAMES)
        .find_map(|(kind, known)| (known == name).then_some(kind))
        .or_else(|| number(name))
}

fn identifier(text: &str) -> Option<Box<[u8]>> {
    if text.is_empty() {
        return Some(Box::default());
    }
    match text.strip_prefix("0x") {
        Some(digits) => from_hex(digits).ok().map(Box::from),
        None => text.parse().ok().map(|address| match address {
            IpAddr::V4(v4) => Box::from(v4.octets()),
            IpAddr::V6(v6) => Box::from(v6.octets()),
        }),
    }
}

impl fmt::Display for Pmsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_as, received, refuse, refuse_texts, rendered};
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
    fn what_is_shown_is_read() {
        for (text, hex) in [
            ("pmsi:notunnel:0:0:", "0000000000"),
            ("pmsi:ingressreplication:0:100:192.0.2.9", "0006000640c0000209"),
            ("pmsi:ingressreplication:1:100(1601):192.0.2.9", "0106000641c0000209"),
            ("pmsi:pim-ssmtree:1:0:0xC0000209E8010101", "0103000000c0000209e8010101"),
            ("pmsi:mldpmp2mplsp:255:1048575:", "ff07fffff0"),
        ] {
            check::<Pmsi>(text, hex, &format!("\"{text}\""));
        }
        for (text, shown, hex) in [
            ("9:0:0:0xaabb", "pmsi:unknown:0:0:0xAABB", "0009000000aabb"),
            (
                "ingressreplication:0:100(1600):192.0.2.9",
                "pmsi:ingressreplication:0:100:192.0.2.9",
                "0006000640c0000209",
            ),
            (
                "6:0:7:2001:db8::9",
                "pmsi:ingressreplication:0:7:0x20010DB8000000000000000000000009",
                "000600007020010db8000000000000000000000009",
            ),
        ] {
            check_as::<Pmsi>(text, shown, hex, &format!("\"{shown}\""));
        }
        refuse_texts::<Pmsi>(&[
            "pmsi:wibble:0:0:",
            "pmsi:256:0:0:",
            "pmsi:notunnel:256:0:",
            "pmsi:notunnel:0:1048576:",
            "pmsi:notunnel:0:0",
            "pmsi:notunnel:0:100(1599):",
            "pmsi:notunnel:0:100(16777216):",
            "pmsi:notunnel:0:100(1601)",
            "pmsi:notunnel:0:0:x",
            "pmsi:notunnel:0:0:0x0",
            "pmsi:notunnel",
            "",
        ]);
    }

    #[test]
    fn one_dialect_always_tells_the_octets() {
        let octets = [0, 6, 0, 6, 0x40, 192, 0, 2, 9];
        let pmsi = Pmsi::unpack(&mut Reader::new(&octets), &Negotiated::wide()).unwrap();
        let told = "\"pmsi:ingressreplication:0:100(1600):192.0.2.9\"";
        assert_eq!(rendered(&pmsi, Dialect::V4), told);
    }
}
