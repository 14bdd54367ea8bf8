//! Extended communities as people write them: `kind:field:field`, or octets.

use std::net::Ipv4Addr;

use crate::wire::from_hex;

use super::{
    Bandwidth, ExtendedCommunity, FourOctetAs, Ipv4Specific, Layer2Info, MupSegment,
    RedirectToNextHop, Sent, TwoOctetAs,
};

/// Reads one word; the error says what it is not.
pub(super) fn read(word: &str) -> Result<ExtendedCommunity, &'static str> {
    if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        let octets = from_hex(digits).ok().and_then(|octets| octets.try_into().ok());
        return octets.map(ExtendedCommunity).ok_or("is not 0x and 16 hexadecimal digits");
    }
    if word == RedirectToNextHop::WORD {
        return Ok(ExtendedCommunity::new(&RedirectToNextHop { copy: false }));
    }
    let fields = Fields::split(word).ok_or("has too many parts for an extended community")?;
    let (kind, fields) = match fields.as_slice() {
        [_, _] => ("target", fields.as_slice()),
        [kind, rest @ ..] => (*kind, rest),
        [] => ("", fields.as_slice()),
    };
    let (_, read) =
        KINDS.iter().find(|(known, _)| *known == kind).ok_or("is no known extended community")?;
    read(fields).ok_or("has a part that is missing, surplus, or not a number that fits")
}

type Read = fn(&[&str]) -> Option<ExtendedCommunity>;

const KINDS: &[(&str, Read)] = &[
    ("target", route::<0x02>),
    ("target4", ipv4::<0x02>),
    ("origin", route::<0x03>),
    ("origin4", ipv4::<0x03>),
    ("redirect", |fields| two_octets::<0x08>(fields)),
    ("l2info", layer2),
    ("bandwidth", bandwidth),
    ("mup", mup),
];

/// What stands between colons, five at most.
struct Fields<'a> {
    fields: [&'a str; 5],
    count: usize,
}

impl<'a> Fields<'a> {
    fn split(word: &'a str) -> Option<Self> {
        let mut split = Self { fields: [""; 5], count: 0 };
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
        two_octets::<SUBTYPE>(fields)
    }
}

fn two_octets<const SUBTYPE: u8>(fields: &[&str]) -> Option<ExtendedCommunity>
where
    TwoOctetAs<SUBTYPE>: Sent,
{
    let [asn, value] = fields else { return None };
    made(&TwoOctetAs::<SUBTYPE> { asn: fits(asn)?, number: number(value)? })
}

fn ipv4<const SUBTYPE: u8>(fields: &[&str]) -> Option<ExtendedCommunity>
where
    Ipv4Specific<SUBTYPE>: Sent,
{
    let [address, value] = fields else { return None };
    let address = Ipv4Addr::from_bits(number(address)?);
    made(&Ipv4Specific::<SUBTYPE> { address, number: fits(value)? })
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

fn bandwidth(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [asn, rate] = fields else { return None };
    made(&Bandwidth::new(fits(asn)?, f64::from(number(rate)?)))
}

fn mup(fields: &[&str]) -> Option<ExtendedCommunity> {
    let [two, four] = fields else { return None };
    made(&MupSegment { high: fits(two)?, low: number(four)? })
}
