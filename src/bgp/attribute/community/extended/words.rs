//! Extended communities as people write them, and as they are shown: `kind:field:field`, a few of
//! them in two words, or octets.

use std::net::Ipv4Addr;

use crate::text::{Error, Tokens, Word};
use crate::wire::from_hex;

use super::{
    Bandwidth, Direction, Encapsulation, ExtendedCommunity, FourOctetAs, InterfaceSet,
    Ipv4Specific, Layer2Info, MacMobility, Mark, MupSegment, PacketRate, Rate, RedirectToAddress,
    RedirectToNextHop, Sent, SortOrder, TrafficAction, TwoOctetAs,
};

pub(super) const SYNTAX: &str = concat!(
    "extended-community [ [target:]<AS or IPv4>:<number>|origin:<AS or IPv4>:<number>|",
    "rtrecord:<AS or IPv4>:<number>|redirect:<AS or IPv4>:<number>|",
    "redirect-to-nexthop|copy-to-nexthop|redirect-to-nexthop-ietf <IPv4>|",
    "copy-to-nexthop-ietf <IPv4>|rate-limit:<number>[:packets]|mark <8 bits>|",
    "action sample|terminal|sample-terminal|",
    "interface-set:[non-transitive:]input|output|input-output:<AS>:<group>|",
    "bandwidth:<AS>:<octets a second>|encap:<name or number>|",
    "l2info:<encapsulation>:<control>:<mtu>:<preference>|mup:<16 bits>:<32 bits>|",
    "mac-mobility:<32 bits>[:sticky]|consistentHashSortOrder:<32 bits>|",
    "color:[<16 bits of flags>:]<32 bits>|esi-label:<label>[:single-active]|es-import:<MAC>|",
    "router-mac:<MAC>|default-gateway|0x<64 bits> … ]"
);

/// Reads one community.
pub(super) fn read(tokens: &mut Tokens<'_>) -> Result<ExtendedCommunity, Error> {
    let word = tokens.word("an extended community")?;
    // The words that ExaBGP shows in two.
    match &*word {
        RedirectToAddress::WORD => return Ok(to_address(tokens.ipv4()?, false)),
        RedirectToAddress::COPY => {
            let address = tokens.ipv4()?;
            with_copy(tokens)?;
            return Ok(to_address(address, true));
        }
        kind @ ("mark" | "action") => {
            let value = tokens.word("what to do with the traffic")?;
            let read = if kind == "mark" { mark(&[&*value]) } else { action(&[&*value]) };
            return read.ok_or_else(|| unfit(&value));
        }
        _ => {}
    }
    one_word(&word).map_err(|what| word.fault(what))
}

/// Passes over the remark that ExaBGP shows behind a copy; a command splits at its brackets.
pub(in super::super) fn with_copy(tokens: &mut Tokens<'_>) -> Result<(), Error> {
    if tokens.accept("(with") {
        return tokens.expect("copy)");
    }
    if tokens.accept("(") {
        tokens.expect("with")?;
        tokens.expect("copy")?;
        tokens.expect(")")?;
    }
    Ok(())
}

const UNFIT: &str = "has a part that is missing, surplus, or not a number that fits";

#[cold]
fn unfit(word: &Word<'_>) -> Error {
    word.fault(UNFIT)
}

/// The error says what the word is not.
fn one_word(word: &str) -> Result<ExtendedCommunity, &'static str> {
    if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        let octets = from_hex(digits).ok().and_then(|octets| octets.try_into().ok());
        return octets.map(ExtendedCommunity).ok_or("is not 0x and 16 hexadecimal digits");
    }
    let fields = Fields::split(word).ok_or("has too many parts for an extended community")?;
    let known = |kind: &str| KINDS.iter().find(|(known, _)| *known == kind);
    let (kind, fields) = match fields.as_slice() {
        [kind, rest @ ..] if known(kind).is_some() => (*kind, rest),
        [_, _] => ("target", fields.as_slice()),
        [kind, rest @ ..] => (*kind, rest),
        [] => ("", fields.as_slice()),
    };
    let (_, read) = known(kind).ok_or("is no known extended community")?;
    read(fields).ok_or(UNFIT)
}

type Read = fn(&[&str]) -> Option<ExtendedCommunity>;

const KINDS: &[(&str, Read)] = &[
    ("target", route::<0x02>),
    ("target4", ipv4::<0x02>),
    ("origin", route::<0x03>),
    ("origin4", ipv4::<0x03>),
    ("rtrecord", route::<0x13>),
    ("redirect", route::<0x08>),
    (RedirectToNextHop::WORD, |fields| to_next_hop(fields, false)),
    (RedirectToNextHop::COPY, |fields| to_next_hop(fields, true)),
    (RedirectToAddress::WORD, |fields| one_address(fields, false)),
    (RedirectToAddress::COPY, |fields| one_address(fields, true)),
    ("rate-limit", rate),
    ("mark", mark),
    ("action", action),
    ("interface-set", interface_set),
    ("bandwidth", bandwidth),
    ("encap", encapsulation),
    ("l2info", layer2),
    ("mup", mup),
    ("mac-mobility", mac_mobility),
    ("consistentHashSortOrder", sort_order),
    ("color", color),
    ("esi-label", esi_label),
    ("es-import", |fields| mac(fields).map(ExtendedCommunity::es_import)),
    ("router-mac", |fields| mac(fields).map(ExtendedCommunity::router_mac)),
    ("default-gateway", |fields| fields.is_empty().then(ExtendedCommunity::default_gateway)),
];

/// What stands between colons, seven at most: a name and a MAC address.
struct Fields<'a> {
    fields: [&'a str; 7],
    count: usize,
}

impl<'a> Fields<'a> {
    fn split(word: &'a str) -> Option<Self> {
        let mut split = Self { fields: [""; 7], count: 0 };
        for field in word.split(':') {
            *split.fields.get_mut(split.count)? = field;
            split.count += 1;
        }
        Some(split)
    }

    fn as_slice(&self) -> &[&'a str] {
        self.fields.get(..self.count).unwrap_or_default()
    }
}

/// A number: decimal, or an IPv4 address standing for one.
fn number(field: &str) -> Option<u32> {
    if field.contains('.') {
        return field.parse().ok().map(|address: Ipv4Addr| address.to_bits());
    }
    let digits = field.strip_suffix('L').unwrap_or(field);
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn fits<T: TryFrom<u32>>(field: &str) -> Option<T> {
    number(field).and_then(|value| T::try_from(value).ok())
}

/// A whole number of any size, as a rate is one.
fn whole(field: &str) -> Option<f64> {
    let digits = !field.is_empty() && field.bytes().all(|digit| digit.is_ascii_digit());
    digits.then(|| field.parse().ok())?
}

fn made<T: Sent>(value: &T) -> Option<ExtendedCommunity> {
    Some(ExtendedCommunity::new(value))
}

/// An administrator as it is written: an IPv4 address, an AS number of two octets, or one of four
/// (RFC 5668) when it is wider or says so by its `L`.
fn route<const SUBTYPE: u8>(fields: &[&str]) -> Option<ExtendedCommunity>
where
    TwoOctetAs<SUBTYPE>: Sent,
    Ipv4Specific<SUBTYPE>: Sent,
    FourOctetAs<SUBTYPE>: Sent,
{
    let administrator = fields.first()?;
    if administrator.contains('.') {
        ipv4::<SUBTYPE>(fields)
    } else if administrator.ends_with('L') || fits::<u16>(administrator).is_none() {
        let [asn, value] = fields else { return None };
        made(&FourOctetAs::<SUBTYPE> { asn: number(asn)?, number: fits(value)? })
    } else {
        let [asn, value] = fields else { return None };
        made(&TwoOctetAs::<SUBTYPE> { asn: fits(asn)?, number: number(value)? })
    }
}

fn ipv4<const SUBTYPE: u8>(fields: &[&str]) -> Option<ExtendedCommunity>
where
    Ipv4Specific<SUBTYPE>: Sent,
{
    let [address, value] = fields else { return None };
    let address = Ipv4Addr::from_bits(number(address)?);
    made(&Ipv4Specific::<SUBTYPE> { address, number: fits(value)? })
}

fn to_next_hop(fields: &[&str], copy: bool) -> Option<ExtendedCommunity> {
    if fields.is_empty() { made(&RedirectToNextHop { copy }) } else { None }
}

fn to_address(address: Ipv4Addr, copy: bool) -> ExtendedCommunity {
    ExtendedCommunity::new(&RedirectToAddress { address, copy })
}

fn one_address(fields: &[&str], copy: bool) -> Option<ExtendedCommunity> {
    let [address] = fields else { return None };
    address.parse().ok().map(|address| to_address(address, copy))
}

fn rate(fields: &[&str]) -> Option<ExtendedCommunity> {
    match fields {
        [limit] | [limit, "bytes"] => made(&Rate::new(whole(limit)?)),
        [limit, "packets"] => made(&PacketRate::new(whole(limit)?)),
        _ => None,
    }
}

fn mark(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [value] = fields else { return None };
    made(&Mark(fits(value)?))
}

fn action(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [word] = fields else { return None };
    TrafficAction::from_word(word).as_ref().and_then(made)
}

fn interface_set(fields: &[&str]) -> Option<ExtendedCommunity> {
    let (transitive, fields) = match fields {
        ["transitive", rest @ ..] => (true, rest),
        ["non-transitive", rest @ ..] => (false, rest),
        all => (true, all),
    };
    let [direction, asn, group] = fields else { return None };
    let direction = Direction::from_word(direction)?;
    let group = fits(group).filter(|group| *group <= InterfaceSet::GROUP_MAX)?;
    let set = made(&InterfaceSet { asn: number(asn)?, direction, group })?;
    Some(if transitive { set } else { set.not_transitive() })
}

fn bandwidth(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [asn, rate] = fields else { return None };
    made(&Bandwidth::new(fits(asn)?, whole(rate)?))
}

fn encapsulation(fields: &[&str]) -> Option<ExtendedCommunity> {
    let ([word] | ["encap", word]) = fields else { return None };
    let number = word.strip_prefix("UNKNOWN-").unwrap_or(word);
    let kind = Encapsulation::from_name(word).or_else(|| fits(number).map(Encapsulation))?;
    made(&kind)
}

fn layer2(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [encapsulation, control, mtu, preference] = fields else { return None };
    made(&Layer2Info {
        encapsulation: fits(encapsulation)?,
        control: fits(control)?,
        mtu: fits(mtu)?,
        preference: fits(preference)?,
    })
}

fn mup(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [two, four] = fields else { return None };
    made(&MupSegment { high: fits(two)?, low: number(four)? })
}

fn mac_mobility(fields: &[&str]) -> Option<ExtendedCommunity> {
    match fields {
        [sequence] => made(&MacMobility { sticky: false, sequence: number(sequence)? }),
        [sequence, "sticky"] => made(&MacMobility { sticky: true, sequence: number(sequence)? }),
        _ => None,
    }
}

fn sort_order(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [order] = fields else { return None };
    made(&SortOrder(number(order)?))
}

fn color(fields: &[&str]) -> Option<ExtendedCommunity> {
    match fields {
        [color] => Some(ExtendedCommunity::color(0, number(color)?)),
        [flags, color] => Some(ExtendedCommunity::color(fits(flags)?, number(color)?)),
        _ => None,
    }
}

fn esi_label(fields: &[&str]) -> Option<ExtendedCommunity> {
    let (label, single_active) = match fields {
        [label] => (label, false),
        [label, "single-active"] => (label, true),
        _ => return None,
    };
    let label = number(label).filter(|label| label >> 20 == 0)?;
    Some(ExtendedCommunity::esi_label(single_active, label))
}

/// Six pairs of hexadecimal digits.
fn mac(fields: &[&str]) -> Option<super::Mac> {
    let mut octets = [0; 6];
    if fields.len() != octets.len() {
        return None;
    }
    for (octet, pair) in octets.iter_mut().zip(fields) {
        let plain = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        *octet = plain.then(|| u8::from_str_radix(pair, 16).ok())??;
    }
    Some(octets)
}
