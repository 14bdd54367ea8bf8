//! OPERATIONAL, draft-ietf-idr-operational-message: notes and counters between operators.
//!
//! Wire format: type in 16 bits, length of the value in 16, then the value: family, and a text or
//! a router identifier, a sequence number and a counter.

use std::fmt;
use std::net::Ipv4Addr;

use super::{Kind, Notify, Printable, cut, write};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader};

/// The longest advisory, in octets; longer ones are cut.
const ADVISORY_MAX: usize = 2048;

/// Advisory messages, by type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advisory {
    /// Advisory Demand Message.
    Adm,
    /// Advisory Static Message: sent again at every establishment.
    Asm,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Count {
    /// Reachable prefixes.
    Reachable,
    /// Prefixes in Adj-RIB-Out.
    AdjRibOut,
    /// Prefixes in Loc-RIB.
    LocRib,
}

/// An OPERATIONAL message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operational {
    Advisory {
        what: Advisory,
        family: Family,
        text: Box<str>,
    },
    Query {
        what: Count,
        family: Family,
        sender: Sender,
    },
    Counter {
        what: Count,
        family: Family,
        sender: Sender,
        counter: u32,
    },
    /// A type that is not known: its code point and value.
    Unknown {
        code: u16,
        value: Box<[u8]>,
    },
}

/// Who asks or answers, and which question it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// `None`: ours, put in when the message is sent.
    pub router_id: Option<Ipv4Addr>,
    /// `None`: the next one, put in when the message is sent.
    pub sequence: Option<u32>,
}

impl Operational {
    /// The syntax in configurations and commands.
    pub const SYNTAX: &'static str = "asm|adm afi <afi> safi <safi> advisory <text>, or \
        rpcq|apcq|lpcq [router-id <ipv4>] afi <afi> safi <safi> sequence <number>, or \
        rpcp|apcp|lpcp [router-id <ipv4>] afi <afi> safi <safi> sequence <number> counter <number>";

    /// The type.
    pub fn code(&self) -> u16 {
        match self {
            Self::Advisory { what: Advisory::Adm, .. } => 1,
            Self::Advisory { what: Advisory::Asm, .. } => 2,
            Self::Query { what, .. } => what.code(),
            Self::Counter { what, .. } => what.code() + 1,
            Self::Unknown { code, .. } => *code,
        }
    }

    /// The name in events, where the type has one.
    pub fn name(&self) -> Option<&'static str> {
        NAMES.iter().find(|(code, _)| *code == self.code()).map(|(_, name)| *name)
    }

    /// The family it is about.
    pub fn family(&self) -> Option<Family> {
        match self {
            Self::Advisory { family, .. }
            | Self::Query { family, .. }
            | Self::Counter { family, .. } => Some(*family),
            Self::Unknown { .. } => None,
        }
    }

    /// Whether the message is sent again at every establishment.
    pub fn is_static(&self) -> bool {
        matches!(self, Self::Advisory { what: Advisory::Asm, .. })
    }

    /// Reads a body: 5/0 when it ends too early.
    pub fn unpack(body: &[u8]) -> Result<Self, Notify> {
        Self::read(&mut Reader::new(body)).map_err(|malformed| Notify::with_text(5, 0, malformed))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let code = reader.u16("operational type")?;
        let length = reader.u16("operational length")?;
        let mut value = reader.sub("operational value", usize::from(length))?;
        let counted = match code {
            1 | 2 => {
                let family = family(&mut value)?;
                let text = String::from_utf8_lossy(value.rest()).into();
                let what = if code == 1 { Advisory::Adm } else { Advisory::Asm };
                return Ok(Self::Advisory { what, family, text });
            }
            3 | 4 => Count::Reachable,
            5 | 6 => Count::AdjRibOut,
            7 | 8 => Count::LocRib,
            _ => return Ok(Self::Unknown { code, value: value.rest().into() }),
        };
        let family = family(&mut value)?;
        let router_id = value.array("operational router-id").map(Ipv4Addr::from)?;
        let sequence = value.u32("operational sequence")?;
        let sender = Sender { router_id: Some(router_id), sequence: Some(sequence) };
        if code == counted.code() {
            return Ok(Self::Query { what: counted, family, sender });
        }
        let counter = value.u32("operational counter")?;
        Ok(Self::Counter { what: counted, family, sender, counter })
    }

    /// Appends the message, header included. A sender not given is `router_id` and the number
    /// after `sequence`, which is then advanced.
    pub fn pack(&self, router_id: Ipv4Addr, sequence: &mut u32, out: &mut Vec<u8>) {
        let mut numbers = |sender: &Sender| {
            let number = sender.sequence.unwrap_or_else(|| {
                *sequence = sequence.wrapping_add(1);
                *sequence
            });
            (sender.router_id.unwrap_or(router_id).to_bits(), number)
        };
        let written = write(out, Kind::Operational, |writer| {
            writer.u16(self.code());
            let sized = writer.sized_u16(|writer| {
                if let Some(Family { afi, safi }) = self.family() {
                    writer.u16(afi.0);
                    writer.u8(safi.0);
                }
                match self {
                    Self::Advisory { text, .. } => writer.bytes(&advisory(text)),
                    Self::Query { sender, .. } => {
                        let (router_id, number) = numbers(sender);
                        writer.u32(router_id);
                        writer.u32(number);
                    }
                    Self::Counter { sender, counter, .. } => {
                        let (router_id, number) = numbers(sender);
                        writer.u32(router_id);
                        writer.u32(number);
                        writer.u32(*counter);
                    }
                    Self::Unknown { value, .. } => writer.bytes(value),
                }
            });
            debug_assert!(sized.is_ok(), "a value came from a message or was cut");
        });
        debug_assert!(written.is_ok(), "a value came from a message or was cut");
    }

    /// Reads the words after `keyword`; `None` when it names no message.
    pub fn parse(keyword: &str, tokens: &mut Tokens<'_>) -> Option<Result<Self, Error>> {
        let parsed = match keyword {
            "adm" => parse_advisory(Advisory::Adm, tokens),
            "asm" => parse_advisory(Advisory::Asm, tokens),
            "rpcq" => parse_query(Count::Reachable, tokens),
            "rpcp" => parse_counter(Count::Reachable, tokens),
            "apcq" => parse_query(Count::AdjRibOut, tokens),
            "apcp" => parse_counter(Count::AdjRibOut, tokens),
            "lpcq" => parse_query(Count::LocRib, tokens),
            "lpcp" => parse_counter(Count::LocRib, tokens),
            _ => return None,
        };
        Some(parsed.map_err(|error| error.syntax(Self::SYNTAX)))
    }

    /// Writes the `operational` object of an event.
    pub fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string(self.name().unwrap_or("unknown"));
            if let Some(Family { afi, safi }) = self.family() {
                object.field("afi").display(&afi);
                object.field("safi").display(&safi);
            }
            match self {
                Self::Advisory { text, .. } => object.field("advisory").string(text),
                Self::Query { .. } => {}
                Self::Counter { sender, counter, .. } => {
                    let router_id = sender.router_id.unwrap_or(Ipv4Addr::UNSPECIFIED);
                    object.field("router-id").ipv4(router_id);
                    object.field("sequence").number(sender.sequence.unwrap_or(0));
                    object.field("counter").number(*counter);
                }
                Self::Unknown { code, value } => {
                    object.field("type").display(&format_args!("operational-type-{code}"));
                    object.field("data").hex(value);
                }
            }
        });
    }
}

/// The text event, after the words of the neighbor and the direction.
impl fmt::Display for Operational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operational {}", self.name().unwrap_or("unknown"))?;
        if let Some(Family { afi, safi }) = self.family() {
            write!(f, " afi {afi} safi {safi}")?;
        }
        match self {
            Self::Advisory { text, .. } => {
                write!(f, " advisory \"{}\"", Printable(text))
            }
            Self::Query { .. } => Ok(()),
            Self::Counter { sender, counter, .. } => {
                let router_id = sender.router_id.unwrap_or(Ipv4Addr::UNSPECIFIED);
                let sequence = sender.sequence.unwrap_or(0);
                write!(f, " router-id {router_id} sequence {sequence} counter {counter}")
            }
            Self::Unknown { code, value } => {
                write!(f, " type operational-type-{code} data 0x{}", Hex(value))
            }
        }
    }
}

impl Count {
    /// The type of the question; the answer has the next one.
    fn code(self) -> u16 {
        match self {
            Self::Reachable => 3,
            Self::AdjRibOut => 5,
            Self::LocRib => 7,
        }
    }
}

/// The types that are known, by code point.
const NAMES: &[(u16, &str)] = &[
    (1, "ADM"),
    (2, "ASM"),
    (3, "RPCQ"),
    (4, "RPCP"),
    (5, "APCQ"),
    (6, "APCP"),
    (7, "LPCQ"),
    (8, "LPCP"),
];

fn family(reader: &mut Reader<'_>) -> Result<Family, Malformed> {
    let afi = Afi(reader.u16("operational afi")?);
    let safi = Safi(reader.u8("operational safi")?);
    Ok(Family::new(afi, safi))
}

/// The octets of an advisory, cut to the longest allowed with dots at their end.
fn advisory(text: &str) -> Vec<u8> {
    if text.len() <= ADVISORY_MAX {
        return text.as_bytes().to_vec();
    }
    [cut(text, ADVISORY_MAX - 3).as_bytes(), b"..."].concat()
}

fn parse_router_id(tokens: &mut Tokens<'_>) -> Result<Option<Ipv4Addr>, Error> {
    if tokens.accept("router-id") { tokens.ipv4().map(Some) } else { Ok(None) }
}

fn parse_family(tokens: &mut Tokens<'_>) -> Result<Family, Error> {
    tokens.expect("afi")?;
    let afi = tokens.word("an AFI")?;
    tokens.expect("safi")?;
    let safi = tokens.word("a SAFI")?;
    Family::from_names(&afi.to_ascii_lowercase(), &safi)
        .ok_or_else(|| safi.fault(&format!("makes no known family with {}", &*afi)))
}

fn parse_advisory(what: Advisory, tokens: &mut Tokens<'_>) -> Result<Operational, Error> {
    parse_router_id(tokens)?;
    let family = parse_family(tokens)?;
    tokens.expect("advisory")?;
    let text = tokens.word("a text")?;
    // A text of a command keeps its quotes, which are not counted.
    if text.len() > ADVISORY_MAX + 2 {
        return Err(text.fault("is longer than 2048 octets"));
    }
    Ok(Operational::Advisory { what, family, text: (&*text).into() })
}

fn parse_query(what: Count, tokens: &mut Tokens<'_>) -> Result<Operational, Error> {
    let (family, sender) = parse_sender(tokens)?;
    Ok(Operational::Query { what, family, sender })
}

fn parse_counter(what: Count, tokens: &mut Tokens<'_>) -> Result<Operational, Error> {
    let (family, sender) = parse_sender(tokens)?;
    tokens.expect("counter")?;
    let counter = tokens.number("a counter of 32 bits")?;
    Ok(Operational::Counter { what, family, sender, counter })
}

fn parse_sender(tokens: &mut Tokens<'_>) -> Result<(Family, Sender), Error> {
    let router_id = parse_router_id(tokens)?;
    let family = parse_family(tokens)?;
    tokens.expect("sequence")?;
    let sequence = tokens.number::<u32>("a sequence number")?;
    // Zero asks for the next number, as it always did.
    Ok((family, Sender { router_id, sequence: (sequence != 0).then_some(sequence) }))
}
