//! What routes of Ethernet VPN hold, whatever their type: read from words, told as words and JSON.

use std::fmt;
use std::net::IpAddr;

use crate::json;
use crate::protocol::{Distinguisher, Label};
use crate::text::{Error, Tokens, Word};
use crate::wire::{Malformed, Reader, Writer};

use super::WHAT;

/// What was said of a route, or what it holds: a type has some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) distinguisher: Option<Distinguisher>,
    pub(super) segment: Option<Segment>,
    pub(super) ethernet_tag: Option<u32>,
    pub(super) mac: Option<Mac>,
    pub(super) ip: Option<IpAddr>,
    /// The length of the prefix that `ip` begins.
    pub(super) ip_length: Option<u8>,
    pub(super) gateway: Option<IpAddr>,
    pub(super) labels: Option<Labels>,
}

/// The words, each with its syntax. `rd` and `raw` are known to every type.
pub(super) static WORDS: &[(&str, &str)] = &[
    ("rd", "rd <AS>:<number> or <IPv4>:<number>"),
    ("route-distinguisher", "route-distinguisher <AS>:<number> or <IPv4>:<number>"),
    ("esi", "esi -|<ten octets in hexadecimal, by colons>"),
    ("ethernet-tag", "ethernet-tag <32 bits number>"),
    ("mac", "mac <six octets in hexadecimal, by colons>"),
    ("ip", "ip <address>[/<mask length>]"),
    ("iplen", "iplen <mask length>"),
    ("gateway", "gateway <address>"),
    ("label", "label <0-1048575> or label [ <label> <label> ]"),
    ("vni", "vni <0-16777215> or vni [ <number> <number> ]"),
    ("raw", "raw <octets of the NLRI in hexadecimal>"),
];

impl Said {
    /// Reads what follows one of the words; `None` when it is none.
    pub(super) fn read(
        &mut self,
        word: &str,
        tokens: &mut Tokens<'_>,
    ) -> Option<Result<(), Error>> {
        Some(match word {
            "rd" | "route-distinguisher" => {
                Distinguisher::parse(tokens).map(|rd| self.distinguisher = Some(rd))
            }
            "esi" => octets(tokens).map(|octets| self.segment = Some(Segment(octets))),
            "ethernet-tag" => tokens
                .number("a number below 4294967296")
                .map(|number| self.ethernet_tag = Some(number)),
            "mac" => octets(tokens).map(|octets| self.mac = Some(Mac(octets))),
            "ip" => self.read_ip(tokens),
            "iplen" => tokens.number("a mask length").map(|length| self.ip_length = Some(length)),
            "gateway" => tokens.address().map(|address| self.gateway = Some(address)),
            "label" => Labels::mpls(tokens).map(|labels| self.labels = Some(labels)),
            "vni" => Labels::plain(tokens).map(|labels| self.labels = Some(labels)),
            _ => return None,
        })
    }

    /// An address, or both it and the length of its prefix.
    fn read_ip(&mut self, tokens: &mut Tokens<'_>) -> Result<(), Error> {
        let word = tokens.word("an IP address")?;
        let (address, length) = match word.split_once('/') {
            Some((address, length)) => {
                let digits = length.bytes().all(|digit| digit.is_ascii_digit());
                let length = digits.then(|| length.parse().ok()).flatten();
                (address, Some(length.ok_or_else(|| word.fault("has no mask length"))?))
            }
            None => (&*word.text, None),
        };
        let address = address.parse().map_err(|_| word.fault("is not an IP address"))?;
        self.ip = Some(address);
        self.ip_length = length.or(self.ip_length);
        Ok(())
    }

    /// Writes the members of its JSON object, of labels the first alone.
    pub(super) fn members(&self, object: &mut json::Object<'_, '_>) {
        if let Some(rd) = self.distinguisher {
            object.field("rd").display(&rd);
        }
        if let Some(segment) = self.segment {
            object.field("esi").display(&segment);
        }
        if let Some(tag) = self.ethernet_tag {
            object.field("ethernet-tag").number(tag);
        }
        if let Some(mac) = self.mac {
            object.field("mac").display(&mac);
        }
        if let Some(Labels { first, .. }) = self.labels {
            object.field("label").list(|list| {
                list.element().tight_list(|list| {
                    list.element().number(first.value());
                    // Withdrawn routes have no label, which ExaBGP tells by one zero.
                    if first != Label::default() {
                        list.element().number(first.raw());
                    }
                });
            });
        }
        if let Some(ip) = self.ip {
            object.field("ip").address(ip);
        }
        if let Some(length) = self.ip_length {
            object.field("iplen").number(length);
        }
        if let Some(gateway) = self.gateway {
            object.field("gateway").address(gateway);
        }
    }
}

/// The words, each read back to the same octets.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rd) = self.distinguisher {
            write!(f, "rd {}", rd.exact())?;
        }
        if let Some(segment) = self.segment {
            write!(f, " esi {segment}")?;
        }
        if let Some(tag) = self.ethernet_tag {
            write!(f, " ethernet-tag {tag}")?;
        }
        if let Some(mac) = self.mac {
            write!(f, " mac {mac}")?;
        }
        if let Some(ip) = self.ip {
            write!(f, " ip {ip}")?;
        }
        if let Some(length) = self.ip_length {
            write!(f, " iplen {length}")?;
        }
        if let Some(gateway) = self.gateway {
            write!(f, " gateway {gateway}")?;
        }
        self.labels.map_or(Ok(()), |labels| write!(f, " {labels}"))
    }
}

/// An Ethernet segment identifier, RFC 7432 section 5; zeroes are no segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Segment(pub(super) [u8; 10]);

impl Segment {
    pub(super) fn unpack(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array(WHAT).map(Self)
    }
}

/// `-` for none.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() { f.write_str("-") } else { colons(f, &self.0) }
    }
}

/// A MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mac(pub(super) [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        colons(f, &self.0)
    }
}

fn colons(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    octets.iter().enumerate().try_for_each(|(index, octet)| {
        let colon = if index == 0 { "" } else { ":" };
        write!(f, "{colon}{octet:02X}")
    })
}

/// Octets by colons or dashes; `-` stands for zeroes where those mean none.
fn octets<const N: usize>(tokens: &mut Tokens<'_>) -> Result<[u8; N], Error> {
    let word = tokens.word("octets")?;
    if &*word.text == "-" && N == Segment::default().0.len() {
        return Ok([0; N]);
    }
    let wrong = || word.fault(&format!("is not {N} octets in hexadecimal, by colons"));
    let mut octets = [0; N];
    let mut fields = word.split([':', '-']);
    for octet in &mut octets {
        *octet = fields.next().and_then(two_digits).ok_or_else(wrong)?;
    }
    if fields.next().is_some() { Err(wrong()) } else { Ok(octets) }
}

fn two_digits(field: &str) -> Option<u8> {
    let digits = field.len() == 2 && field.bytes().all(|digit| digit.is_ascii_hexdigit());
    digits.then(|| u8::from_str_radix(field, 16).ok()).flatten()
}

/// One label, or the two of a MAC advertisement: 24 bits each, of which an MPLS label has the
/// upper 20 and a VXLAN identifier all (RFC 8365 section 5.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    pub(super) first: Label,
    pub(super) second: Option<Label>,
}

impl Labels {
    /// Reads a label.
    pub(super) fn unpack(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { first: Label::from_octets(reader.array(WHAT)?), second: None })
    }

    pub(super) fn pack(self, writer: &mut Writer<'_>) {
        writer.u24(self.first.raw());
        if let Some(second) = self.second {
            writer.u24(second.raw());
        }
    }

    /// The one label of a type that has no two.
    pub(super) fn single(self) -> Result<Self, &'static str> {
        if self.second.is_none() { Ok(self) } else { Err("it has one label") }
    }

    /// MPLS labels, of which the last is the bottom of the stack.
    fn mpls(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        let mut labels = Self::list(tokens, |word| decimal(word).and_then(Label::new))?;
        let last = labels.second.as_mut().unwrap_or(&mut labels.first);
        *last = last.at_bottom();
        Ok(labels)
    }

    /// All 24 bits of each.
    fn plain(tokens: &mut Tokens<'_>) -> Result<Self, Error> {
        Self::list(tokens, |word| {
            let [high, octets @ ..] = decimal(word)?.to_be_bytes();
            (high == 0).then(|| Label::from_octets(octets))
        })
    }

    fn list(tokens: &mut Tokens<'_>, read: fn(&str) -> Option<Label>) -> Result<Self, Error> {
        let (mut first, mut second) = (None, None);
        tokens.list(|tokens| {
            let word: Word<'_> = tokens.word("a label")?;
            let label = read(&word).ok_or_else(|| word.fault("is not a label"))?;
            let place = if first.is_none() { &mut first } else { &mut second };
            match place.replace(label) {
                None => Ok(()),
                Some(_) => Err(word.fault("is a third label, and there are two at most")),
            }
        })?;
        let first = first.ok_or_else(|| tokens.missing("a label"))?;
        Ok(Self { first, second })
    }
}

/// `label` where that makes the same bits, `vni` otherwise.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low = |label: Label| label.raw() & 15;
        match (self.first, self.second) {
            (first, None) if low(first) == 1 => write!(f, "label {first}"),
            (first, None) => write!(f, "vni {}", first.raw()),
            (first, Some(second)) if (low(first), low(second)) == (0, 1) => {
                write!(f, "label [ {first} {second} ]")
            }
            (first, Some(second)) => write!(f, "vni [ {} {} ]", first.raw(), second.raw()),
        }
    }
}

fn decimal(word: &str) -> Option<u32> {
    word.bytes().all(|digit| digit.is_ascii_digit()).then(|| word.parse().ok()).flatten()
}

/// Reads a length in bits and the address that has it; `None` for no bits.
pub(super) fn address(reader: &mut Reader<'_>) -> Result<Option<IpAddr>, Malformed> {
    match reader.u8(WHAT)? {
        0 => Ok(None),
        32 => reader.array::<4>(WHAT).map(|octets| Some(octets.into())),
        128 => reader.array::<16>(WHAT).map(|octets| Some(octets.into())),
        bits => Err(Malformed::Value { what: "length of an EVPN address", got: u32::from(bits) }),
    }
}

/// As [`address`], where there must be one.
pub(super) fn one_address(reader: &mut Reader<'_>) -> Result<IpAddr, Malformed> {
    let none = Malformed::Value { what: "length of an EVPN address", got: 0 };
    address(reader)?.ok_or(none)
}

/// Writes the octets of an address.
pub(super) fn pack_address(address: IpAddr, writer: &mut Writer<'_>) {
    match address {
        IpAddr::V4(address) => writer.bytes(&address.octets()),
        IpAddr::V6(address) => writer.bytes(&address.octets()),
    }
}

/// Writes the bits of an address, then its octets.
pub(super) fn pack_sized(address: IpAddr, writer: &mut Writer<'_>) {
    writer.u8(if address.is_ipv4() { 32 } else { 128 });
    pack_address(address, writer);
}
