//! The descriptors behind those of the nodes, RFC 9552 sections 5.2.2 and 5.2.3: of links,
//! prefixes and SRv6 SIDs.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bgp::attribute::bgpls::words::{self, Octets};
use crate::bgp::attribute::pieces::{Piece, Pieces};
use crate::text::Error;
use crate::wire::{Malformed, Reader};

use super::kind::Kind;
use super::node;

pub(super) const LOCAL_NODE: u16 = 256;
pub(super) const REMOTE_NODE: u16 = 257;

/// One descriptor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Descriptor<'a> {
    LocalNode(&'a [u8]),
    RemoteNode(&'a [u8]),
    LinkIdentifiers(u32, u32),
    Interface(IpAddr),
    Neighbor(IpAddr),
    Topologies(&'a [u8]),
    OspfRoute(u8),
    Reach(Reach),
    Sid(Ipv6Addr),
    Unknown(u16, &'a [u8]),
}

/// A prefix that is reached: host bits are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) address: IpAddr,
    pub(super) length: u8,
}

/// The keys, by type.
const KEYS: [(u16, &str); 11] = [
    (256, "node-descriptors"),
    (256, "local-node-descriptors"),
    (257, "remote-node-descriptors"),
    (258, "link-identifiers"),
    (259, "interface-addresses"),
    (260, "neighbor-addresses"),
    (263, "multi-topology-ids"),
    (264, "ospf-route-type"),
    (265, "ip-reach-prefix"),
    (265, "ip-reachability-tlv"),
    (518, "srv6-sid"),
];
const GENERIC: &str = "generic-tlv-";

/// The bits of a topology in its two octets, RFC 9552 section 5.2.2.1.
const TOPOLOGY: u16 = 0x0fff;

/// The topologies of a descriptor.
pub(super) fn topologies(value: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let (pairs, _) = value.as_chunks::<2>();
    pairs.iter().map(|pair| u16::from_be_bytes(*pair) & TOPOLOGY)
}

impl Reach {
    fn of(value: &[u8], kind: Kind) -> Result<Self, Malformed> {
        let what = "ip-reach-prefix";
        let mut reader = Reader::new(value);
        let length = reader.u8(what)?;
        let octets = reader.rest();
        let mut whole = [0u8; 16];
        let (width, most) = if kind == Kind::PrefixV4 { (4, 32) } else { (16, 128) };
        if octets.len() > width {
            return Err(Malformed::Length { what, got: value.len() });
        }
        if length > most {
            return Err(Malformed::Value { what, got: length.into() });
        }
        whole.iter_mut().zip(octets).for_each(|(place, octet)| *place = *octet);
        let address = match (kind, whole) {
            (Kind::PrefixV4, [a, b, c, d, ..]) => Ipv4Addr::new(a, b, c, d).into(),
            (_, whole) => Ipv6Addr::from(whole).into(),
        };
        Ok(Self { address, length })
    }

    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Vec<u8>, Error> {
        let piece = pieces.next("a prefix")?;
        let parts = piece.text().split_once('/');
        let read = parts.and_then(|(address, length)| {
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let length: u8 = length.parse().ok().filter(|length| *length <= most)?;
            let mut octets = octets(address);
            octets.truncate(usize::from(length.div_ceil(8)));
            octets.insert(0, length);
            Some(octets)
        });
        read.ok_or_else(|| piece.fault("is not a prefix"))
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl<'a> Descriptor<'a> {
    /// Takes a descriptor of a route of `kind` apart. Types that have no meaning there are not
    /// looked into.
    pub(super) fn of(
        (code, value): (u16, &'a [u8]),
        kind: Kind,
        protocol: u8,
    ) -> Result<Self, Malformed> {
        let what = key(code, kind).unwrap_or("descriptor");
        let wrong = Malformed::Length { what, got: value.len() };
        let mut reader = Reader::new(value);
        match (code, kind) {
            (LOCAL_NODE, _) => node::check(value, protocol).map(|()| Self::LocalNode(value)),
            (REMOTE_NODE, Kind::Link) => {
                node::check(value, protocol).map(|()| Self::RemoteNode(value))
            }
            (258, Kind::Link) => Ok(Self::LinkIdentifiers(reader.u32(what)?, reader.u32(what)?)),
            (259 | 261, Kind::Link) => node::address(value).map(Self::Interface).ok_or(wrong),
            (260 | 262, Kind::Link) => node::address(value).map(Self::Neighbor).ok_or(wrong),
            (263, Kind::Link | Kind::PrefixV4 | Kind::PrefixV6 | Kind::Srv6Sid) => {
                reader.u16(what).map(|_| Self::Topologies(value))
            }
            (264, Kind::PrefixV4 | Kind::PrefixV6) => match value {
                [kind] => Ok(Self::OspfRoute(*kind)),
                _ => Err(wrong),
            },
            (265, Kind::PrefixV4 | Kind::PrefixV6) => Reach::of(value, kind).map(Self::Reach),
            (518, Kind::Srv6Sid) => {
                let octets = <[u8; 16]>::try_from(value).map_err(|_| wrong)?;
                Ok(Self::Sid(octets.into()))
            }
            _ => Ok(Self::Unknown(code, value)),
        }
    }

    /// Its words, the protocol of its nodes being `protocol`.
    pub(super) fn show(self, code: u16, kind: Kind, protocol: u8) -> String {
        let key = key(code, kind).unwrap_or_default();
        match self {
            Self::LocalNode(node) | Self::RemoteNode(node) => {
                format!("{key} {}", node::Words(node, protocol))
            }
            Self::LinkIdentifiers(local, remote) => {
                format!("{key} ( link-local-id {local} link-remote-id {remote} )")
            }
            Self::Interface(address) | Self::Neighbor(address) => format!("{key} {address}"),
            Self::Topologies(value) => {
                let numbers: Vec<_> = topologies(value).map(|number| number.to_string()).collect();
                format!("{key} [ {} ]", numbers.join(" "))
            }
            Self::OspfRoute(route) => format!("{key} {route}"),
            Self::Reach(reach) => format!("{key} {reach}"),
            Self::Sid(sid) => format!("{key} {sid}"),
            Self::Unknown(code, octets) => format!("{GENERIC}{code} {}", Octets(octets)),
        }
    }

    /// The key of JSON for what is not known.
    pub(super) fn generic(code: u16) -> String {
        format!("{GENERIC}{code}")
    }
}

/// The word of a type in a route of `kind`.
fn key(code: u16, kind: Kind) -> Option<&'static str> {
    let code = match code {
        LOCAL_NODE if kind == Kind::Link => return Some("local-node-descriptors"),
        261 => 259,
        262 => 260,
        other => other,
    };
    KEYS.iter().find(|(listed, _)| *listed == code).map(|(_, key)| *key)
}

/// Whether a route of `kind` has descriptors of that type.
pub(super) fn belongs(code: u16, kind: Kind) -> bool {
    match code {
        LOCAL_NODE => true,
        REMOTE_NODE..=262 => kind == Kind::Link,
        263 => kind != Kind::Node,
        264 | 265 => kind.is_prefix(),
        518 => kind == Kind::Srv6Sid,
        _ => false,
    }
}

/// The words that start a descriptor.
pub(super) fn known(word: &str) -> bool {
    KEYS.iter().any(|(_, key)| *key == word) || word.starts_with(GENERIC)
}

/// A descriptor that was read from words.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) code: u16,
    pub(super) value: Vec<u8>,
    /// Whether the word named it, not its number.
    pub(super) named: bool,
}

/// Reads the words after `key`; one key may stand for several descriptors.
pub(super) fn parse(
    key: &Piece<'_>,
    pieces: &mut Pieces<'_, '_>,
    said: &mut Vec<Said>,
) -> Result<(), Error> {
    if let Some(digits) = key.text().strip_prefix(GENERIC) {
        let code = code(key, digits)?;
        return words::list(pieces, |pieces| {
            said.push(Said { code, value: words::octets(pieces)?.into(), named: false });
            Ok(())
        });
    }
    let line = KEYS.iter().find(|(_, listed)| *listed == key.text());
    let code = line.map(|(code, _)| *code).unwrap_or_default();
    let mut push = |code, value| said.push(Said { code, value, named: true });
    match code {
        LOCAL_NODE | REMOTE_NODE => push(code, node::parse(pieces)?),
        258 => words::list(pieces, |pieces| {
            push(code, identifiers(pieces)?);
            Ok(())
        })?,
        259 | 260 => words::list(pieces, |pieces| {
            let address: IpAddr = words::address(pieces, "an IP address")?;
            push(if address.is_ipv4() { code } else { code + 2 }, octets(address));
            Ok(())
        })?,
        263 => {
            let mut value = Vec::new();
            words::list(pieces, |pieces| {
                let piece = pieces.next("a topology")?;
                let number = piece.number::<u16>().filter(|number| *number <= TOPOLOGY);
                let number = number.ok_or_else(|| piece.fault("is not a number of 12 bits"))?;
                value.extend(number.to_be_bytes());
                Ok(())
            })?;
            if !value.is_empty() {
                push(code, value);
            }
        }
        264 => push(code, vec![pieces.number("a number of 8 bits")?]),
        265 => push(code, Reach::parse(pieces)?),
        _ => {
            let sid: Ipv6Addr = words::address(pieces, "an IPv6 address")?;
            push(code, sid.octets().to_vec());
        }
    }
    Ok(())
}

fn identifiers(pieces: &mut Pieces<'_, '_>) -> Result<Vec<u8>, Error> {
    let (mut local, mut remote) = (0u32, 0u32);
    words::group(pieces, |key, pieces| {
        match key.text() {
            "link-local-id" => local = pieces.number("a number of 32 bits")?,
            "link-remote-id" => remote = pieces.number("a number of 32 bits")?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok([local.to_be_bytes(), remote.to_be_bytes()].concat())
}

/// The type that a generic key ends with.
pub(super) fn code(key: &Piece<'_>, digits: &str) -> Result<u16, Error> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    let code = plain.then(|| digits.parse().ok()).flatten();
    code.ok_or_else(|| key.fault("does not end with a type of 16 bits"))
}

/// The octets of an address.
pub(super) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}
