//! The segments of a path, RFC 9830 section 2.4.4.2 and RFC 9831: eleven types that name a SID, or
//! the node or link it belongs to.
//!
//! Wire format: flags, an octet that is the algorithm or reserved, what names the node or link,
//! then the SID: a label stack entry of four octets, or an SRv6 SID and what it does. The types
//! differ by what stands there, and so are rows of a table.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::json;
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

use super::{EndpointBehavior, flags};

/// Where the label stands in a label stack entry.
pub(super) const LABEL_SHIFT: u32 = 12;
/// The bit of the last entry of a stack.
pub(super) const BOTTOM: u32 = 0x100;
/// The algorithm counts.
const ALGORITHM: u8 = 0x40;
/// A behavior follows the SID.
const BEHAVIOR: u8 = 0x10;

/// What a type is made of.
#[derive(Debug, PartialEq, Eq)]
struct Layout {
    code: u8,
    /// Its name in JSON.
    letter: &'static str,
    /// Its name in words.
    word: &'static str,
    /// Whether the second octet is an algorithm.
    algorithm: bool,
    fields: &'static [Field],
    sid: SidKind,
    /// The word before a SID that must be there; others may be, behind `sid`.
    mandatory: Option<&'static str>,
    syntax: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SidKind {
    Label,
    Srv6,
}

#[derive(Debug, PartialEq, Eq)]
struct Field {
    word: &'static str,
    key: &'static str,
    kind: FieldKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldKind {
    Interface,
    Ipv4,
    Ipv6,
}

const fn field(word: &'static str, key: &'static str, kind: FieldKind) -> Field {
    Field { word, key, kind }
}

const NODE_V4: &[Field] = &[field("ipv4", "ipv4_node", FieldKind::Ipv4)];
const NODE_V6: &[Field] = &[field("ipv6", "ipv6_node", FieldKind::Ipv6)];
const INTERFACE: &[Field] = &[
    field("local-if-id", "local_if_id", FieldKind::Interface),
    field("ipv4", "ipv4_node", FieldKind::Ipv4),
];
const LINK_V4: &[Field] = &[
    field("local", "local_ipv4", FieldKind::Ipv4),
    field("remote", "remote_ipv4", FieldKind::Ipv4),
];
const LINK_V6: &[Field] = &[
    field("local", "local_ipv6", FieldKind::Ipv6),
    field("remote", "remote_ipv6", FieldKind::Ipv6),
];
const INTERFACES: &[Field] = &[
    field("local-if-id", "local_if_id", FieldKind::Interface),
    field("local-ipv6", "local_ipv6", FieldKind::Ipv6),
    field("remote-if-id", "remote_if_id", FieldKind::Interface),
    field("remote-ipv6", "remote_ipv6", FieldKind::Ipv6),
];

const BARE: Layout = Layout {
    code: 0,
    letter: "",
    word: "",
    algorithm: false,
    fields: &[],
    sid: SidKind::Label,
    mandatory: None,
    syntax: "",
};

/// The types, in the order of their letters.
const LAYOUTS: &[Layout] = &[
    Layout {
        code: 1,
        letter: "A",
        word: "type-a",
        mandatory: Some("mpls"),
        syntax: "segment type-a mpls <label>",
        ..BARE
    },
    Layout {
        code: 13,
        letter: "B",
        word: "type-b",
        sid: SidKind::Srv6,
        mandatory: Some("srv6"),
        syntax: "segment type-b srv6 <SID> \
                 [endpoint-behavior <behavior> <block> <node> <function> <argument>]",
        ..BARE
    },
    Layout {
        code: 3,
        letter: "C",
        word: "type-c",
        algorithm: true,
        fields: NODE_V4,
        syntax: "segment type-c ipv4 <IPv4 address> algorithm <number> [sid <label>]",
        ..BARE
    },
    Layout {
        code: 4,
        letter: "D",
        word: "type-d",
        algorithm: true,
        fields: NODE_V6,
        syntax: "segment type-d ipv6 <IPv6 address> algorithm <number> [sid <label>]",
        ..BARE
    },
    Layout {
        code: 5,
        letter: "E",
        word: "type-e",
        fields: INTERFACE,
        syntax: "segment type-e local-if-id <number> ipv4 <IPv4 address> [sid <label>]",
        ..BARE
    },
    Layout {
        code: 6,
        letter: "F",
        word: "type-f",
        fields: LINK_V4,
        syntax: "segment type-f local <IPv4 address> remote <IPv4 address> [sid <label>]",
        ..BARE
    },
    Layout {
        code: 7,
        letter: "G",
        word: "type-g",
        fields: INTERFACES,
        syntax: "segment type-g local-if-id <number> local-ipv6 <IPv6 address> \
                 remote-if-id <number> remote-ipv6 <IPv6 address> [sid <label>]",
        ..BARE
    },
    Layout {
        code: 8,
        letter: "H",
        word: "type-h",
        fields: LINK_V6,
        syntax: "segment type-h local <IPv6 address> remote <IPv6 address> [sid <label>]",
        ..BARE
    },
    Layout {
        code: 14,
        letter: "I",
        word: "type-i",
        algorithm: true,
        fields: NODE_V6,
        sid: SidKind::Srv6,
        syntax: "segment type-i ipv6 <IPv6 address> algorithm <number> [sid <SID> \
                 [endpoint-behavior <behavior> <block> <node> <function> <argument>]]",
        ..BARE
    },
    Layout {
        code: 15,
        letter: "J",
        word: "type-j",
        algorithm: true,
        fields: INTERFACES,
        sid: SidKind::Srv6,
        syntax: "segment type-j local-if-id <number> local-ipv6 <IPv6 address> \
                 remote-if-id <number> remote-ipv6 <IPv6 address> algorithm <number> [sid <SID> \
                 [endpoint-behavior <behavior> <block> <node> <function> <argument>]]",
        ..BARE
    },
    Layout {
        code: 16,
        letter: "K",
        word: "type-k",
        algorithm: true,
        fields: LINK_V6,
        sid: SidKind::Srv6,
        syntax: "segment type-k local <IPv6 address> remote <IPv6 address> algorithm <number> \
                 [sid <SID> [endpoint-behavior <behavior> <block> <node> <function> <argument>]]",
        ..BARE
    },
];

/// What names a node or a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Value {
    Interface(u32),
    Ipv4(Ipv4Addr),
    Ipv6(Ipv6Addr),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface(number) => number.fmt(f),
            Self::Ipv4(address) => address.fmt(f),
            Self::Ipv6(address) => address.fmt(f),
        }
    }
}

/// The identifier of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sid {
    /// An MPLS label stack entry.
    Label(u32),
    Srv6(Ipv6Addr),
}

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Segment {
    code: u8,
    flags: u8,
    /// The algorithm, or a reserved octet.
    second: u8,
    fields: Vec<Value>,
    sid: Option<Sid>,
    behavior: Option<EndpointBehavior>,
}

impl Segment {
    /// The type of the sub-sub-TLV.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// Whether `code` is a segment.
    pub(super) fn is(code: u8) -> bool {
        LAYOUTS.iter().any(|layout| layout.code == code)
    }

    fn layout(&self) -> &'static Layout {
        LAYOUTS.iter().find(|layout| layout.code == self.code).unwrap_or(const { &BARE })
    }

    /// The label stack entry in which the bottom of the stack is marked: types A and C have one.
    pub(super) fn entry(&mut self) -> Option<&mut u32> {
        match &mut self.sid {
            Some(Sid::Label(entry)) if matches!(self.code, 1 | 3) => Some(entry),
            _ => None,
        }
    }

    /// Reads the value of `code`, which [`Segment::is`] one.
    pub(super) fn unpack(code: u8, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let what = "segment";
        let [flags, second] = reader.array(what)?;
        let mut segment =
            Self { code, flags, second, fields: Vec::new(), sid: None, behavior: None };
        let layout = segment.layout();
        for field in layout.fields {
            segment.fields.push(match field.kind {
                FieldKind::Interface => Value::Interface(reader.u32(what)?),
                FieldKind::Ipv4 => Value::Ipv4(Ipv4Addr::from(reader.array(what)?)),
                FieldKind::Ipv6 => Value::Ipv6(Ipv6Addr::from(reader.array(what)?)),
            });
        }
        if layout.mandatory.is_some() || !reader.is_empty() {
            segment.sid = Some(match layout.sid {
                SidKind::Label => Sid::Label(reader.u32(what)?),
                SidKind::Srv6 => Sid::Srv6(Ipv6Addr::from(reader.array(what)?)),
            });
            if layout.sid == SidKind::Srv6 && flags & BEHAVIOR != 0 {
                segment.behavior = Some(EndpointBehavior::unpack(reader, what)?);
            }
        }
        Ok(segment)
    }

    /// Writes the value.
    pub(super) fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&[self.flags, self.second]);
        for value in &self.fields {
            match value {
                Value::Interface(number) => writer.u32(*number),
                Value::Ipv4(address) => writer.bytes(&address.octets()),
                Value::Ipv6(address) => writer.bytes(&address.octets()),
            }
        }
        match self.sid {
            None => {}
            Some(Sid::Label(entry)) => writer.u32(entry),
            Some(Sid::Srv6(sid)) => writer.bytes(&sid.octets()),
        }
        if let Some(behavior) = &self.behavior {
            behavior.pack(writer);
        }
    }

    /// Reads the words behind `segment`.
    pub(super) fn parse(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let word = tokens.word("a type of segment, type-a to type-k")?;
        let layout = LAYOUTS.iter().find(|layout| layout.word == &*word);
        let layout = layout.ok_or_else(|| word.fault("is no type of segment: type-a to type-k"))?;
        Self::parse_as(layout, tokens).map_err(|error| error.syntax(layout.syntax))
    }

    fn parse_as(layout: &Layout, tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut segment = Self {
            code: layout.code,
            flags: 0,
            second: 0,
            fields: Vec::new(),
            sid: None,
            behavior: None,
        };
        for field in layout.fields {
            tokens.expect(field.word)?;
            segment.fields.push(match field.kind {
                FieldKind::Interface => Value::Interface(tokens.number("an interface number")?),
                FieldKind::Ipv4 => Value::Ipv4(tokens.ipv4()?),
                FieldKind::Ipv6 => Value::Ipv6(tokens.ipv6()?),
            });
        }
        if layout.algorithm {
            tokens.expect("algorithm")?;
            segment.second = tokens.number("an algorithm of 8 bits")?;
        }
        let follows = match layout.mandatory {
            Some(word) => tokens.expect(word).map(|()| true)?,
            None => tokens.accept("sid"),
        };
        if follows {
            segment.sid = Some(match layout.sid {
                SidKind::Label => Sid::Label(label(tokens)?),
                SidKind::Srv6 => Sid::Srv6(tokens.ipv6()?),
            });
            if layout.sid == SidKind::Srv6 && tokens.accept(EndpointBehavior::WORD) {
                segment.behavior = Some(EndpointBehavior::parse(tokens)?);
            }
        }
        segment.flags = segment.usual_flags();
        if let Some(said) = flags(tokens)? {
            segment.flags = said & !BEHAVIOR | segment.flags & BEHAVIOR;
        }
        Ok(segment)
    }

    /// The flags that the rest asks for.
    fn usual_flags(&self) -> u8 {
        let algorithm = self.layout().algorithm && self.second != 0;
        let behavior = if self.behavior.is_some() { BEHAVIOR } else { 0 };
        behavior | if algorithm { ALGORITHM } else { 0 }
    }

    /// Writes the segment as JSON.
    pub(super) fn json(&self, json: &mut json::Writer<'_>) {
        let layout = self.layout();
        json.object(|object| {
            object.field("type").string(layout.letter);
            for (field, value) in layout.fields.iter().zip(&self.fields) {
                let json = object.field(field.key);
                match value {
                    Value::Interface(number) => json.number(*number),
                    Value::Ipv4(address) => json.ipv4(*address),
                    Value::Ipv6(address) => json.ipv6(*address),
                }
            }
            if layout.algorithm {
                object.field("algorithm").number(self.second);
            }
            match self.sid {
                None => {}
                Some(Sid::Srv6(sid)) => object.field("sid").ipv6(sid),
                Some(Sid::Label(entry)) => self.json_entry(entry, object),
            }
            if let Some(behavior) = &self.behavior {
                let json = object.field(EndpointBehavior::WORD);
                json.object(|object| behavior.members(object));
            }
        });
    }

    /// Types A and C tell the whole label stack entry.
    fn json_entry(&self, entry: u32, object: &mut json::Object<'_, '_>) {
        let key = if self.layout().mandatory.is_some() { "label" } else { "sid" };
        object.field(key).number(entry >> LABEL_SHIFT);
        if matches!(self.code, 1 | 3) {
            object.field("tc").number(entry >> 9 & 7);
            object.field("s").boolean(entry & BOTTOM != 0);
            object.field("ttl").number(entry & 0xff);
        }
    }

    /// Where it leads, as ExaBGP tells it in text.
    pub(super) fn brief(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&*self.fields, self.sid) {
            ([], Some(Sid::Label(entry))) => write!(f, "{}", entry >> LABEL_SHIFT),
            ([], Some(Sid::Srv6(sid))) => write!(f, "{sid}"),
            ([], None) => Ok(()),
            ([node], _) => write!(f, "{node}"),
            ([interface @ Value::Interface(_), node], _) => write!(f, "if{interface}:{node}"),
            ([local, remote], _) => write!(f, "{local}->{remote}"),
            ([interface, local, rest @ ..], _) => {
                write!(f, "if{interface}:{local}->")?;
                match rest {
                    [interface, remote] => write!(f, "if{interface}:{remote}"),
                    _ => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layout = self.layout();
        write!(f, "segment {}", layout.word)?;
        for (field, value) in layout.fields.iter().zip(&self.fields) {
            write!(f, " {} {value}", field.word)?;
        }
        if layout.algorithm {
            write!(f, " algorithm {}", self.second)?;
        }
        let word = layout.mandatory.unwrap_or("sid");
        match self.sid {
            None => {}
            Some(Sid::Label(entry)) => write!(f, " {word} {}", entry >> LABEL_SHIFT)?,
            Some(Sid::Srv6(sid)) => write!(f, " {word} {sid}")?,
        }
        if let Some(behavior) = &self.behavior {
            write!(f, " {behavior}")?;
        }
        if self.flags == self.usual_flags() {
            return Ok(());
        }
        write!(f, " flags {:#04x}", self.flags)
    }
}

/// Reads a label: the stack entry that holds it.
pub(super) fn label(tokens: &mut Tokens<'_>) -> Result<u32, Error> {
    let word = tokens.word("a label of 20 bits")?;
    let digits = word.bytes().all(|digit| digit.is_ascii_digit());
    let value = word.parse::<u32>().ok().filter(|value| digits && value >> 20 == 0);
    value.map(|value| value << LABEL_SHIFT).ok_or_else(|| word.fault("is not a label of 20 bits"))
}
