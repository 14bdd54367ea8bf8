//! The components of a rule: a type and what the field that it names may be like.
//!
//! Wire format: the type, then a prefix or a list of terms. What can be said of each type is a
//! line of [`KINDS`].

use std::fmt;

use crate::protocol::Afi;
use crate::protocol::ip::{Names, fragment, icmp, port, protocol, tcp};
use crate::wire::{Malformed, Reader};

use super::pattern::Pattern;
use super::term::{self, Operators, Term, Terms};

const WHAT: &str = "FlowSpec component";

/// A type of component.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) code: u8,
    /// What it is called in rules of IPv4; empty where they have none.
    v4: &'static str,
    /// What it is called in rules of IPv6.
    v6: &'static str,
    pub(super) values: Values,
    /// The largest value that may be written in rules of IPv4, of IPv6, and received.
    largest: [u64; 3],
}

/// What the values of a component are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    Prefix,
    Numbers(&'static Names),
    Ports,
    /// Bits. Of those received, the others are ignored in IPv4 and IPv6.
    Bits(&'static Names, [u64; 2]),
}

const OCTET: [u64; 3] = [0xff; 3];
const SHORT: [u64; 3] = [0xffff; 3];
const DSCP: [u64; 3] = [0x3f, 0xff, 0xff];
const LABEL: [u64; 3] = [0, 0xf_ffff, 0xffff_ffff];

const fn kind(code: u8, [v4, v6]: [&'static str; 2], values: Values, largest: [u64; 3]) -> Kind {
    Kind { code, v4, v6, values, largest }
}

const PLAIN: Values = Values::Numbers(&Names::NONE);
const PROTOCOLS: Values = Values::Numbers(&protocol::NAMES);
const TYPES: Values = Values::Numbers(&icmp::TYPES);
const CODES: Values = Values::Numbers(&icmp::CODES);
const FLAGS: Values = Values::Bits(&tcp::FLAGS, [0xffff; 2]);
// IPv6 has no bit that forbids to fragment (RFC 8956 section 3.6).
const FRAGMENTS: Values = Values::Bits(&fragment::FLAGS, [0x0f, 0x0e]);

/// Every type, in ascending order.
#[rustfmt::skip]
pub(super) static KINDS: [Kind; 13] = [
    kind(1,  ["destination-ipv4", "destination-ipv6"], Values::Prefix, [0; 3]),
    kind(2,  ["source-ipv4",      "source-ipv6"],      Values::Prefix, [0; 3]),
    kind(3,  ["protocol",         "next-header"],      PROTOCOLS,      OCTET),
    kind(4,  ["port",             "port"],             Values::Ports,  SHORT),
    kind(5,  ["destination-port", "destination-port"], Values::Ports,  SHORT),
    kind(6,  ["source-port",      "source-port"],      Values::Ports,  SHORT),
    kind(7,  ["icmp-type",        "icmp-type"],        TYPES,          OCTET),
    kind(8,  ["icmp-code",        "icmp-code"],        CODES,          OCTET),
    kind(9,  ["tcp-flags",        "tcp-flags"],        FLAGS,          SHORT),
    kind(10, ["packet-length",    "packet-length"],    PLAIN,          SHORT),
    kind(11, ["dscp",             "traffic-class"],    PLAIN,          DSCP),
    kind(12, ["fragment",         "fragment"],         FRAGMENTS,      SHORT),
    kind(13, ["",                 "flow-label"],       PLAIN,          LABEL),
];

impl Kind {
    /// The type of this code; `None` for one that rules of the address family have not.
    fn of(code: u8, afi: Afi) -> Option<&'static Self> {
        let kind = KINDS.iter().find(|kind| kind.code == code)?;
        (!kind.name(afi).is_empty()).then_some(kind)
    }

    /// The type that a word stands for, and the address family where it has it alone.
    pub(super) fn from_word(word: &str) -> Option<(&'static Self, Option<Afi>)> {
        KINDS.iter().find_map(|kind| {
            let either = match kind.code {
                1 => "destination",
                2 => "source",
                _ => kind.v4,
            };
            match word {
                "" => None,
                _ if word == either && (kind.v4 == kind.v6 || word != kind.v4) => {
                    Some((kind, None))
                }
                _ if word == kind.v4 => Some((kind, Some(Afi::IPV4))),
                _ if word == kind.v6 => Some((kind, Some(Afi::IPV6))),
                _ => None,
            }
        })
    }

    /// What it is called in rules of the address family.
    pub(super) fn name(&self, afi: Afi) -> &'static str {
        if afi == Afi::IPV4 { self.v4 } else { self.v6 }
    }

    /// The largest value that may be written of it by a word of this address family.
    pub(super) fn written_max(&self, afi: Option<Afi>) -> u64 {
        let [v4, v6, _] = self.largest;
        if afi == Some(Afi::IPV4) { v4 } else { v6 }
    }

    /// How its operators are written.
    pub(super) fn operators(&self) -> Operators {
        match self.values {
            Values::Bits(..) => term::BITMASK,
            Values::Prefix | Values::Numbers(_) | Values::Ports => term::NUMERIC,
        }
    }

    /// The value of a name.
    pub(super) fn named(&self, name: &str) -> Option<u64> {
        match self.values {
            Values::Prefix => None,
            Values::Ports => port::named(name).map(u64::from),
            Values::Numbers(names) | Values::Bits(names, _) => names.value(name).map(u64::from),
        }
    }
}

/// One component of a rule, known to be well formed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component<'a> {
    kind: &'static Kind,
    afi: Afi,
    body: Body<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    Prefix(Pattern),
    Terms(Terms<'a>),
}

impl<'a> Component<'a> {
    /// Its type.
    pub(super) fn code(self) -> u8 {
        self.kind.code
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        self.kind.name(self.afi)
    }

    /// What the field may be, one of these.
    pub(super) fn alternatives(self) -> Alternatives<'a> {
        Alternatives { component: Some(self) }
    }

    fn unpack(reader: &mut Reader<'a>, afi: Afi) -> Result<Self, Malformed> {
        let code = reader.u8(WHAT)?;
        let unknown = Malformed::Value { what: WHAT, got: u32::from(code) };
        let kind = Kind::of(code, afi).ok_or(unknown)?;
        if kind.values == Values::Prefix {
            let pattern = Pattern::unpack(reader, afi)?;
            return Ok(Self { kind, afi, body: Body::Prefix(pattern) });
        }
        let start = Terms::new(*reader, kind.operators());
        let mut terms = start;
        for term in terms.by_ref() {
            let value = term?.value;
            let [.., largest] = kind.largest;
            if value > largest {
                let got = u32::try_from(value).unwrap_or(u32::MAX);
                return Err(Malformed::Value { what: WHAT, got });
            }
        }
        *reader = terms.rest();
        Ok(Self { kind, afi, body: Body::Terms(start) })
    }
}

/// The components of a rule, one behind the other. Types ascend, and each comes once; several
/// prefixes of a type are let through, as they can be written.
#[derive(Clone, Debug)]
pub(super) struct Components<'a> {
    reader: Reader<'a>,
    afi: Afi,
    last: u8,
}

impl<'a> Components<'a> {
    /// The components in `reader`, which has nothing else.
    pub(super) fn new(reader: Reader<'a>, afi: Afi) -> Self {
        Self { reader, afi, last: 0 }
    }

    fn read(&mut self) -> Result<Component<'a>, Malformed> {
        let component = Component::unpack(&mut self.reader, self.afi)?;
        let code = component.code();
        let repeats = code == self.last && component.kind.values == Values::Prefix;
        if code <= self.last && !repeats {
            return Err(Malformed::Value { what: WHAT, got: u32::from(code) });
        }
        self.last = code;
        Ok(component)
    }
}

impl<'a> Iterator for Components<'a> {
    type Item = Result<Component<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.reader = Reader::new(&[]);
        }
        Some(read)
    }
}

/// What the field of a component may be.
#[derive(Clone, Debug)]
pub(super) struct Alternatives<'a> {
    /// What is left of it.
    component: Option<Component<'a>>,
}

/// A prefix, or terms that must hold together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alternative<'a> {
    component: Component<'a>,
    /// How many terms it has.
    count: usize,
}

impl<'a> Iterator for Alternatives<'a> {
    type Item = Alternative<'a>;

    fn next(&mut self) -> Option<Alternative<'a>> {
        let component = self.component.take()?;
        let Body::Terms(mut terms) = component.body else {
            return Some(Alternative { component, count: 0 });
        };
        terms.next()?.ok()?;
        let mut count = 1;
        loop {
            let mut ahead = terms;
            let Some(Ok(term)) = ahead.next() else { break };
            if !term.and {
                self.component = Some(Component { body: Body::Terms(terms), ..component });
                break;
            }
            terms = ahead;
            count += 1;
        }
        Some(Alternative { component, count })
    }
}

impl Alternative<'_> {
    /// Whether it is a prefix or a single term.
    pub(super) fn is_simple(self) -> bool {
        self.count < 2
    }
}

/// `10.0.0.0/24`, `>1024&<2048`, `syn&!ack`.
impl fmt::Display for Alternative<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Component { kind, afi, body } = self.component;
        match body {
            Body::Prefix(pattern) => pattern.fmt(f),
            Body::Terms(terms) => {
                let mut terms = terms.take(self.count).filter_map(Result::ok).enumerate();
                terms.try_for_each(|(index, term)| write_term(f, (kind, afi), index > 0, term))
            }
        }
    }
}

fn write_term(
    f: &mut fmt::Formatter<'_>,
    (kind, afi): (&Kind, Afi),
    follows: bool,
    term: Term,
) -> fmt::Result {
    if follows {
        f.write_str("&")?;
    }
    let operators = kind.operators();
    let (operator, _) =
        operators.iter().find(|(_, bits)| *bits == term.operator).unwrap_or(&("", 0));
    f.write_str(operator)?;
    match kind.values {
        // What follows an AND has its value told, of use or not.
        _ if !term::compares(operators, term.operator) => match (follows, term.value) {
            (false, 0) => Ok(()),
            (_, value) => write!(f, "{value}"),
        },
        Values::Prefix | Values::Ports => write!(f, "{}", term.value),
        Values::Numbers(names) => match names.name(term.value) {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", term.value),
        },
        Values::Bits(names, [v4, v6]) => {
            let known = if afi == Afi::IPV4 { v4 } else { v6 };
            write_bits(f, names, term.value & known)
        }
    }
}

/// `syn+ack`, with what has no name at the end.
fn write_bits(f: &mut fmt::Formatter<'_>, names: &Names, value: u64) -> fmt::Result {
    let mut left = value;
    let mut plus = "";
    for (name, bit) in names.iter() {
        if value & u64::from(bit) != 0 {
            write!(f, "{plus}{name}")?;
            plus = "+";
            left &= !u64::from(bit);
        }
    }
    match (left, value) {
        (_, 0) => f.write_str("0"),
        (0, _) => Ok(()),
        (left, _) => write!(f, "{plus}{left:#x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_a_type_and_mostly_for_both_families() {
        for (word, found) in [
            ("source", Some((2, None))),
            ("destination-ipv4", Some((1, Some(Afi::IPV4)))),
            ("destination-ipv6", Some((1, Some(Afi::IPV6)))),
            ("protocol", Some((3, Some(Afi::IPV4)))),
            ("next-header", Some((3, Some(Afi::IPV6)))),
            ("port", Some((4, None))),
            ("flow-label", Some((13, Some(Afi::IPV6)))),
            ("", None),
            ("wibble", None),
        ] {
            let kind = Kind::from_word(word).map(|(kind, afi)| (kind.code, afi));
            assert_eq!(kind, found, "{word}");
        }
        assert!(Kind::of(13, Afi::IPV4).is_none());
        assert!(Kind::of(14, Afi::IPV6).is_none());
    }

    #[test]
    fn types_ascend() {
        let codes: Vec<u8> = KINDS.iter().map(|kind| kind.code).collect();
        assert_eq!(codes, (1..=13).collect::<Vec<u8>>());
    }
}
