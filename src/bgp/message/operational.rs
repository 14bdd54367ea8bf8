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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::message::frame;
    use crate::json::{Dialect, Writer};
    use crate::wire::from_hex;

    fn packed(message: &Operational, sequence: &mut u32) -> Vec<u8> {
        let mut out = Vec::new();
        message.pack(Ipv4Addr::new(192, 0, 2, 99), sequence, &mut out);
        frame(&out, 4096).unwrap().unwrap().body.to_vec()
    }

    fn json(message: &Operational) -> String {
        let mut out = Vec::new();
        message.json(&mut Writer::new(&mut out, Dialect::V4));
        String::from_utf8(out).unwrap()
    }

    /// Asserts JSON and text of a body, and that it is packed as it came.
    fn check(hex: &str, shown: &str, text: &str) {
        let body = from_hex(hex).unwrap();
        let message = Operational::unpack(&body).unwrap();
        assert_eq!(json(&message), shown);
        assert_eq!(message.to_string(), text);
        assert_eq!(packed(&message, &mut 0), body);
        for length in 0..body.len() {
            let notify = Operational::unpack(&body[..length]).unwrap_err();
            assert_eq!((notify.code, notify.subcode), (5, 0));
        }
    }

    #[test]
    fn three_faces() {
        check(
            "0001000800010168656c6c6f",
            r#"{ "name": "ADM", "afi": "ipv4", "safi": "unicast", "advisory": "hello" }"#,
            r#"operational ADM afi ipv4 safi unicast advisory "hello""#,
        );
        check(
            "0002000800010168656c6c6f",
            r#"{ "name": "ASM", "afi": "ipv4", "safi": "unicast", "advisory": "hello" }"#,
            r#"operational ASM afi ipv4 safi unicast advisory "hello""#,
        );
        check(
            "0003000b000101c000026300000007",
            r#"{ "name": "RPCQ", "afi": "ipv4", "safi": "unicast" }"#,
            "operational RPCQ afi ipv4 safi unicast",
        );
        check(
            "0004000f000101c00002630000000700000064",
            concat!(
                r#"{ "name": "RPCP", "afi": "ipv4", "safi": "unicast", "#,
                r#""router-id": "192.0.2.99", "sequence": 7, "counter": 100 }"#
            ),
            "operational RPCP afi ipv4 safi unicast router-id 192.0.2.99 sequence 7 counter 100",
        );
        check(
            "0009000100",
            r#"{ "name": "unknown", "type": "operational-type-9", "data": "0x00" }"#,
            "operational unknown type operational-type-9 data 0x00",
        );
    }

    #[test]
    fn a_value_that_ends_too_early_is_refused() {
        for hex in ["000100ff00", "00030003000101", "0004000b000101c000026300000007"] {
            let notify = Operational::unpack(&from_hex(hex).unwrap()).unwrap_err();
            assert_eq!((notify.code, notify.subcode), (5, 0), "{hex}");
        }
    }

    #[test]
    fn words_become_a_message() {
        let parse = |text: &str| {
            let (keyword, rest) = text.split_once(' ').unwrap();
            Operational::parse(keyword, &mut Tokens::line(rest)).unwrap()
        };
        let asm = parse(r#"asm afi ipv4 safi unicast advisory "hello world""#).unwrap();
        assert!(asm.is_static());
        assert_eq!(packed(&asm, &mut 0), b"\0\x02\0\x0e\0\x01\x01hello world");
        let query = parse("apcq router-id 10.0.0.1 afi ipv6 safi unicast sequence 9").unwrap();
        let expected = from_hex("0005000b0002010a00000100000009").unwrap();
        assert_eq!(packed(&query, &mut 0), expected);
        let counter = parse("lpcp afi ipv4 safi unicast sequence 0 counter 7").unwrap();
        let mut sequence = 41;
        let expected = from_hex("0008000f000101c00002630000002a00000007").unwrap();
        assert_eq!(packed(&counter, &mut sequence), expected);
        assert_eq!(sequence, 42);
        for bad in [
            "asm afi ipv4 safi unicast",
            "asm safi unicast afi ipv4 advisory x",
            "asm afi ipv9 safi unicast advisory x",
            "rpcq afi ipv4 safi unicast sequence -1",
            "rpcp afi ipv4 safi unicast sequence 1 counter 4294967296",
        ] {
            assert!(parse(bad).unwrap_err().expected().is_some(), "{bad}");
        }
        assert!(Operational::parse("xyz", &mut Tokens::line("")).is_none());
    }

    #[test]
    fn long_advisories_are_cut() {
        let text = "a".repeat(2049).into();
        let what = Advisory::Asm;
        let message = Operational::Advisory { what, family: Family::IPV4_UNICAST, text };
        let body = packed(&message, &mut 0);
        assert_eq!(body.len(), 4 + 3 + 2048);
        assert!(body.ends_with(b"a..."));
    }

    #[test]
    fn texts_of_peers_stay_on_one_line() {
        let message = Operational::unpack(b"\0\x01\0\x06\0\x01\x01a\nb").unwrap();
        assert!(message.to_string().ends_with("advisory \"a\\nb\""));
    }
}
