//! SRv6 services, RFC 9252 sections 2 and 3: the segment at which traffic of a route ends.
//!
//! Wire format: one reserved octet, then sub-TLVs of type, 16-bit length and value. Sub-TLV 1 is
//! a reserved octet, the SID, flags, the behavior, a reserved octet and sub-sub-TLVs, of which
//! type 1 tells how the SID is made. Others are kept, and shown as octets.

use std::fmt;
use std::net::Ipv6Addr;

use crate::bgp::attribute::pieces::Pieces;
use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::text::Error;
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

const SID_INFORMATION: u8 = 1;
const SID_WORD: &str = "sid-information";
const SID_STRUCTURE: u8 = 1;
const STRUCTURE_WORD: &str = "sid-structure";
/// "Opaque": the behavior is the business of who has the SID (RFC 8986 section 10.2.2).
const BEHAVIOR_OPAQUE: u16 = 0xffff;

/// A service: what is said about its SIDs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Service(Box<[Part]>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Sid(Sid),
    Unknown(Raw),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Raw {
    code: u8,
    value: Box<[u8]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sid {
    address: Ipv6Addr,
    flags: u8,
    behavior: u16,
    details: Box<[Detail]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Detail {
    Structure(SidStructure),
    Unknown(Raw),
}

/// How a SID is made: six lengths in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SidStructure(pub [u8; 6]);

impl SidStructure {
    const KEYS: [&'static str; 6] = [
        "locator-block-length",
        "locator-node-length",
        "function-length",
        "argument-length",
        "transposition-length",
        "transposition-offset",
    ];
}

impl SidStructure {
    /// Reads `[a,b,c,d,e,f]`.
    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut lengths = [0; 6];
        pieces.expect("[")?;
        for (index, length) in lengths.iter_mut().enumerate() {
            if index > 0 {
                pieces.expect(",")?;
            }
            *length = pieces.number_or_hex("a length of 8 bits")?;
        }
        pieces.expect("]")?;
        Ok(Self(lengths))
    }
}

impl Raw {
    /// Reads a type and `0x` with the octets of its value.
    fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let code = pieces.number("a type of 8 bits")?;
        let piece = pieces.next("0x and the octets of a value")?;
        let value = octets(piece.text());
        let value = value.ok_or_else(|| piece.fault("is not 0x and the octets of a value"))?;
        Ok(Self { code, value })
    }

    fn read(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let code = reader.u8(what)?;
        let length = reader.u16(what)?;
        Ok(Self { code, value: reader.take(what, usize::from(length))?.into() })
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("type").number(self.code);
            object.field("raw").display(&Hex(&self.value));
        });
    }
}

/// A type, and its value behind its length.
fn write(writer: &mut Writer<'_>, code: u8, value: impl FnOnce(&mut Writer<'_>)) {
    writer.u8(code);
    let sized = writer.sized_u16(value);
    debug_assert!(sized.is_ok(), "a TLV is read from fewer octets, or written in a line");
}

/// The octets of `0x…`, no more than an attribute holds.
pub(super) fn octets(text: &str) -> Option<Box<[u8]>> {
    let octets = from_hex(text.strip_prefix("0x")?).ok()?;
    (octets.len() < 0x8000).then(|| octets.into())
}

impl Detail {
    fn read(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let raw = Raw::read(reader, what)?;
        if raw.code != SID_STRUCTURE {
            return Ok(Self::Unknown(raw));
        }
        let got = raw.value.len();
        let lengths = <[u8; 6]>::try_from(&*raw.value);
        lengths
            .map(|l| Self::Structure(SidStructure(l)))
            .map_err(|_| Malformed::Length { what, got })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Structure(structure) => {
                write(writer, SID_STRUCTURE, |writer| writer.bytes(&structure.0));
            }
            Self::Unknown(raw) => write(writer, raw.code, |writer| writer.bytes(&raw.value)),
        }
    }
}

impl Sid {
    fn read(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        reader.u8(what)?;
        let address = Ipv6Addr::from(reader.array(what)?);
        let flags = reader.u8(what)?;
        let behavior = reader.u16(what)?;
        reader.u8(what)?;
        let mut details = Vec::new();
        while !reader.is_empty() {
            details.push(Detail::read(reader, what)?);
        }
        Ok(Self { address, flags, behavior, details: details.into() })
    }

    /// Reads `[ sid:… flags:… endpoint_behavior:… [ details ]`.
    fn parse_shown(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        pieces.expect("[")?;
        let piece = pieces.next("sid:<SID>")?;
        let address = piece.text().strip_prefix("sid:").and_then(|text| text.parse().ok());
        let address = address.ok_or_else(|| piece.fault("is not sid: and an IPv6 address"))?;
        let piece = pieces.next("flags:<8 bits>")?;
        let flags = piece.text().strip_prefix("flags:").and_then(|text| text.parse().ok());
        let flags = flags.ok_or_else(|| piece.fault("is not flags: and 8 bits"))?;
        let piece = pieces.next("endpoint_behavior:0x<16 bits>")?;
        let behavior = piece.text().strip_prefix("endpoint_behavior:0x");
        let behavior = behavior.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let behavior =
            behavior.ok_or_else(|| piece.fault("is not endpoint_behavior:0x and 16 bits"))?;
        let mut details = Vec::new();
        if pieces.accept("[")? {
            while !pieces.accept("]")? {
                if pieces.accept(",")? {
                    continue;
                }
                details.push(if pieces.accept(STRUCTURE_WORD)? {
                    Detail::Structure(SidStructure::parse(pieces)?)
                } else {
                    Detail::Unknown(Raw::parse(pieces)?)
                });
            }
        }
        Ok(Self { address, flags, behavior, details: details.into() })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        write(writer, SID_INFORMATION, |writer| {
            writer.u8(0);
            writer.bytes(&self.address.octets());
            writer.u8(self.flags);
            writer.u16(self.behavior);
            writer.u8(0);
            self.details.iter().for_each(|detail| detail.pack(writer));
        });
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("sid").ipv6(self.address);
            object.field("flags").number(self.flags);
            object.field("endpoint_behavior").number(self.behavior);
            let structure = self.details.iter().find_map(|detail| match detail {
                Detail::Structure(structure) => Some(structure),
                Detail::Unknown(_) => None,
            });
            if let Some(SidStructure(lengths)) = structure {
                let json = object.field("structure");
                for (index, (key, bits)) in SidStructure::KEYS.iter().zip(lengths).enumerate() {
                    json.raw(if index == 0 { "{\"" } else { ", \"" });
                    json.raw(key);
                    json.raw("\": ");
                    json.number(*bits);
                }
                json.raw("}");
            }
            let unknown = || {
                self.details.iter().filter_map(|detail| match detail {
                    Detail::Structure(_) => None,
                    Detail::Unknown(raw) => Some(raw),
                })
            };
            if unknown().next().is_some() {
                let json = object.field("unknown");
                json.list(|list| unknown().for_each(|raw| raw.json(list.element())));
            }
        });
    }
}

impl Service {
    /// Reads `SID [behavior [ [a,b,c,d,e,f] ]]`.
    pub(super) fn parse(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let piece = pieces.next("the SID of the service")?;
        let address = piece.text().parse().map_err(|_| piece.fault("is not an IPv6 address"))?;
        let mut sid = Sid { address, flags: 0, behavior: BEHAVIOR_OPAQUE, details: Box::default() };
        if !pieces.sees(")")? {
            sid.behavior = pieces.number_or_hex("a behavior of 16 bits")?;
        }
        if pieces.sees("[")? {
            sid.details = Box::new([Detail::Structure(SidStructure::parse(pieces)?)]);
        }
        Ok(Self(Box::new([Part::Sid(sid)])))
    }

    /// Reads the words it is shown by, whose brackets do not pair: that of a SID never closes.
    pub(super) fn parse_shown(pieces: &mut Pieces<'_, '_>) -> Result<Self, Error> {
        let mut parts = Vec::new();
        pieces.expect("[")?;
        while !pieces.accept("]")? {
            if pieces.accept(",")? {
                continue;
            }
            parts.push(if pieces.accept(SID_WORD)? {
                Part::Sid(Sid::parse_shown(pieces)?)
            } else {
                Part::Unknown(Raw::parse(pieces)?)
            });
        }
        Ok(Self(parts.into()))
    }

    /// The words behind `l3-service` or `l2-service` that say the same, where they can.
    pub(super) fn words(&self) -> Option<String> {
        let [Part::Sid(Sid { address, flags: 0, behavior, details })] = &*self.0 else {
            return None;
        };
        match &**details {
            [] => Some(format!("{address} {behavior:#x}")),
            [Detail::Structure(SidStructure([a, b, c, d, e, f]))] => {
                Some(format!("{address} {behavior:#x} [{a},{b},{c},{d},{e},{f}]"))
            }
            _ => None,
        }
    }

    fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        reader.u8(what)?;
        let mut parts = Vec::new();
        while !reader.is_empty() {
            let raw = Raw::read(reader, what)?;
            parts.push(if raw.code == SID_INFORMATION {
                Part::Sid(Sid::read(&mut Reader::new(&raw.value), what)?)
            } else {
                Part::Unknown(raw)
            });
        }
        Ok(Self(parts.into()))
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.u8(0);
        for part in &self.0 {
            match part {
                Part::Sid(sid) => sid.pack(writer),
                Part::Unknown(raw) => write(writer, raw.code, |writer| writer.bytes(&raw.value)),
            }
        }
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.list(|list| {
            for part in &self.0 {
                match part {
                    Part::Sid(sid) => sid.json(list.element()),
                    Part::Unknown(raw) => raw.json(list.element()),
                }
            }
        });
    }
}

impl fmt::Display for Service {
    /// The brackets do not pair: consumers know them so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[ ")?;
        for (index, part) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            match part {
                Part::Sid(sid) => write!(f, "{sid}")?,
                Part::Unknown(raw) => write!(f, "{} 0x{}", raw.code, Hex(&raw.value))?,
            }
        }
        f.write_str(" ]")
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, flags, behavior, details } = self;
        write!(f, "{SID_WORD} [ sid:{address} flags:{flags} endpoint_behavior:{behavior:#x} ")?;
        for (index, detail) in details.iter().enumerate() {
            f.write_str(if index == 0 { " [ " } else { ", " })?;
            match detail {
                Detail::Structure(SidStructure([a, b, c, d, e, g])) => {
                    write!(f, "{STRUCTURE_WORD} [{a},{b},{c},{d},{e},{g}]")?;
                }
                Detail::Unknown(raw) => write!(f, "{} 0x{}", raw.code, Hex(&raw.value))?,
            }
        }
        f.write_str(if details.is_empty() { "" } else { " ]" })
    }
}

/// The service of a layer-3 route.
pub type Layer3Service = ServiceTlv<5>;
/// The service of a layer-2 route.
pub type Layer2Service = ServiceTlv<6>;

/// A service, by the type of its TLV.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceTlv<const CODE: u8>(pub(super) Service);

impl<const CODE: u8> ServiceTlv<CODE> {
    pub(super) fn new(service: Service) -> Self {
        Self(service)
    }
}

impl<const CODE: u8> Element for ServiceTlv<CODE> {
    const NAME: &'static str = if CODE == 5 { "l3-service" } else { "l2-service" };

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Service::unpack(reader, Self::NAME).map(Self)
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        self.0.pack(writer);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        self.0.json(json);
    }
}

impl<const CODE: u8> fmt::Display for ServiceTlv<CODE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Self::NAME, self.0)
    }
}
