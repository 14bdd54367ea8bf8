//! Node descriptors, RFC 9552 section 5.2.1: which router, by the TLVs of its protocol.
//!
//! The router identifier is that of the protocol: six octets of IS-IS and a seventh for a
//! pseudonode, four of OSPF and four more for the router that a pseudonode belongs to; any of
//! these where a route is direct or static. Of protocols that are not known it is kept as octets.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::bgp::attribute::bgpls::tlv;
use crate::bgp::attribute::bgpls::words::{self, Digits, Octets};
use crate::bgp::attribute::pieces::{Piece, Pieces};
use crate::json;
use crate::text::Error;
use crate::wire::{Malformed, Reader};

const AUTONOMOUS_SYSTEM: (u16, &str) = (512, "autonomous-system");
const IDENTIFIER: (u16, &str) = (513, "bgp-ls-identifier");
const AREA: (u16, &str) = (514, "ospf-area-id");
const ROUTER: (u16, &str) = (515, "router-id");
const PSEUDONODE: &str = "psn";
const DESIGNATED: &str = "designated-router-id";
const GENERIC: &str = "generic-node-descriptor-";

/// One of the descriptors of a node.
#[derive(Clone, Copy, Debug)]
enum Descriptor<'a> {
    AutonomousSystem(u32),
    Identifier(u32),
    Area(IpAddr),
    System(&'a [u8]),
    Router(Ipv4Addr),
    Designated(Ipv4Addr, Ipv4Addr),
    Unknown(u16, &'a [u8]),
}

fn v4(octets: &[u8]) -> Option<Ipv4Addr> {
    <[u8; 4]>::try_from(octets).ok().map(Ipv4Addr::from)
}

/// An address by its octets; `None` when they are neither four nor sixteen.
pub(super) fn address(octets: &[u8]) -> Option<IpAddr> {
    let v6 = || <[u8; 16]>::try_from(octets).ok().map(IpAddr::from);
    v4(octets).map(IpAddr::V4).or_else(v6)
}

impl<'a> Descriptor<'a> {
    fn of(code: u16, value: &'a [u8], protocol: u8) -> Result<Self, Malformed> {
        let number = |what| {
            let octets = <[u8; 4]>::try_from(value);
            octets.map(u32::from_be_bytes).map_err(|_| Malformed::Length { what, got: value.len() })
        };
        match code {
            512 => number(AUTONOMOUS_SYSTEM.1).map(Self::AutonomousSystem),
            513 => number(IDENTIFIER.1).map(Self::Identifier),
            514 => {
                let wrong = Malformed::Length { what: AREA.1, got: value.len() };
                address(value).map(Self::Area).ok_or(wrong)
            }
            515 => Self::router(value, protocol),
            _ => Ok(Self::Unknown(code, value)),
        }
    }

    fn router(value: &'a [u8], protocol: u8) -> Result<Self, Malformed> {
        let of_isis = matches!(protocol, 1 | 2 | 4 | 5 | 227);
        let of_ospf = matches!(protocol, 3..=6 | 227);
        let got = value.len();
        let routers = match value.split_at_checked(4) {
            Some((router, rest)) => (v4(router), v4(rest)),
            None => (None, None),
        };
        match (routers, got) {
            (_, 6 | 7) if of_isis => Ok(Self::System(value)),
            ((Some(router), _), 4) if of_ospf => Ok(Self::Router(router)),
            ((Some(router), Some(designated)), 8) if of_ospf => {
                Ok(Self::Designated(router, designated))
            }
            _ if of_isis || of_ospf => Err(Malformed::Length { what: ROUTER.1, got }),
            _ => Ok(Self::Unknown(ROUTER.0, value)),
        }
    }

    fn members(self, object: &mut json::Object<'_, '_>) {
        match self {
            Self::AutonomousSystem(number) => object.field(AUTONOMOUS_SYSTEM.1).number(number),
            Self::Identifier(number) => object.field(IDENTIFIER.1).display(&number),
            Self::Area(area) => object.field(AREA.1).address(area),
            Self::System(octets) => {
                object.field(ROUTER.1).display(&Digits(octets));
                // The seventh octet; zero is no pseudonode.
                if let Some(number) = octets.get(6).filter(|number| **number != 0) {
                    object.field(PSEUDONODE).display(number);
                }
            }
            Self::Router(router) => object.field(ROUTER.1).ipv4(router),
            Self::Designated(router, designated) => {
                object.field(ROUTER.1).ipv4(router);
                object.field(DESIGNATED).ipv4(designated);
            }
            Self::Unknown(code, octets) => object.field(&format!("{GENERIC}{code}")).hex(octets),
        }
    }
}

impl fmt::Display for Descriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AutonomousSystem(number) => write!(f, "{} {number}", AUTONOMOUS_SYSTEM.1),
            Self::Identifier(number) => write!(f, "{} {number}", IDENTIFIER.1),
            Self::Area(area) => write!(f, "{} {area}", AREA.1),
            Self::System(octets) => write!(f, "{} {}", ROUTER.1, Digits(octets)),
            Self::Router(router) => write!(f, "{} {router}", ROUTER.1),
            Self::Designated(router, designated) => {
                write!(f, "{} {router} {DESIGNATED} {designated}", ROUTER.1)
            }
            Self::Unknown(code, octets) => write!(f, "{GENERIC}{code} {}", Octets(octets)),
        }
    }
}

/// Whether every descriptor of a node can be read.
pub(super) fn check(value: &[u8], protocol: u8) -> Result<(), Malformed> {
    let mut reader = Reader::new(value);
    while !reader.is_empty() {
        let (code, value) = tlv::next(&mut reader, "node descriptor")?;
        Descriptor::of(code, value, protocol)?;
    }
    Ok(())
}

fn walk(value: &[u8], protocol: u8) -> impl Iterator<Item = Descriptor<'_>> {
    tlv::walk(value).filter_map(move |(code, value)| Descriptor::of(code, value, protocol).ok())
}

/// Writes a list of objects, one a descriptor.
pub(super) fn json(value: &[u8], protocol: u8, list: &mut json::List<'_, '_>) {
    for descriptor in walk(value, protocol) {
        list.element().object(|object| descriptor.members(object));
    }
}

/// `( autonomous-system 65000 … )`.
pub(super) struct Words<'a>(pub(super) &'a [u8], pub(super) u8);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        walk(self.0, self.1).try_for_each(|descriptor| write!(f, " {descriptor}"))?;
        f.write_str(" )")
    }
}

/// Reads the words of a node: its descriptors, in the order of their types as RFC 9552 section 5.1
/// has it.
pub(super) fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Vec<u8>, Error> {
    let mut said: Vec<(u16, Vec<u8>)> = Vec::new();
    words::group(pieces, |key, pieces| member(key, pieces, &mut said))?;
    said.sort_by_key(|(code, _)| *code);
    let mut bytes = Vec::new();
    for (code, value) in said {
        tlv::write(&mut bytes, code, &value);
    }
    Ok(bytes)
}

fn member(
    key: &Piece<'_>,
    pieces: &mut Pieces<'_, '_>,
    said: &mut Vec<(u16, Vec<u8>)>,
) -> Result<bool, Error> {
    let name = key.text();
    let (code, value) = match name {
        _ if name == AUTONOMOUS_SYSTEM.1 => {
            let number: u32 = pieces.number("a number of 32 bits")?;
            (AUTONOMOUS_SYSTEM.0, number.to_be_bytes().to_vec())
        }
        _ if name == IDENTIFIER.1 => {
            let number: u32 = pieces.number("a number of 32 bits")?;
            (IDENTIFIER.0, number.to_be_bytes().to_vec())
        }
        _ if name == AREA.1 => {
            let area: IpAddr = words::address(pieces, "an IP address")?;
            (AREA.0, super::descriptor::octets(area))
        }
        _ if name == ROUTER.1 => (ROUTER.0, router(pieces)?),
        _ => {
            let Some(digits) = name.strip_prefix(GENERIC) else { return Ok(false) };
            let code = super::descriptor::code(key, digits)?;
            (code, words::octets(pieces)?.into())
        }
    };
    if code == ROUTER.0 && said.iter().any(|(earlier, _)| *earlier == code) {
        return Err(key.fault("may be said once"));
    }
    said.push((code, value));
    Ok(true)
}

/// Reads an address or the digits of a system, and what may follow them.
fn router(pieces: &mut Pieces<'_, '_>) -> Result<Vec<u8>, Error> {
    let piece = pieces.next("a router identifier")?;
    if let Ok(address) = piece.text().parse::<Ipv4Addr>() {
        let mut octets = address.octets().to_vec();
        if pieces.accept(DESIGNATED)? {
            octets.extend(words::address::<Ipv4Addr>(pieces, "an IPv4 address")?.octets());
        }
        return Ok(octets);
    }
    let digits: String = piece.text().chars().filter(|digit| !matches!(digit, '.' | '-')).collect();
    let octets = crate::wire::from_hex(&digits).ok().filter(|octets| matches!(octets.len(), 6 | 7));
    let mut octets =
        octets.ok_or_else(|| piece.fault("is neither an IPv4 address nor six or seven octets"))?;
    if pieces.accept(PSEUDONODE)? {
        let number: u8 = pieces.number("a number of 8 bits")?;
        match octets.get(6) {
            None => octets.push(number),
            Some(there) if *there == number => {}
            Some(_) => return Err(piece.fault("ends with another pseudonode than psn tells")),
        }
    }
    Ok(octets)
}
