//! What to do with the traffic of a flow, RFC 8955 section 7: how fast it may go, whether it is
//! sampled, how it is marked.
//!
//! Wire format: rates are a two-octet AS and an IEEE 754 single; the actions are the low bits of
//! the last octet.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// A finite IEEE 754 single, kept as the bits that were received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Single(u32);

impl Single {
    #[expect(clippy::cast_possible_truncation, reason = "the nearest single is what is sent")]
    pub(super) fn new(value: f64) -> Self {
        let nearest = value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
        Self(if nearest.is_nan() { 0 } else { nearest.to_bits() })
    }

    pub(super) fn unpack(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, Malformed> {
        let bits = reader.u32(what)?;
        if f32::from_bits(bits).is_finite() {
            Ok(Self(bits))
        } else {
            Err(Malformed::Value { what, got: bits })
        }
    }

    pub(super) fn pack(self, writer: &mut Writer<'_>) {
        writer.u32(self.0);
    }
}

impl fmt::Display for Single {
    /// Whole numbers; what is below zero is none. The highest rate that can be asked for, which
    /// is what is sent in place of any above it, is told as it is asked for and not as the single
    /// next to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HIGHEST: f64 = 1e12;
        if *self == Self::new(HIGHEST) {
            return write!(f, "{HIGHEST:.0}");
        }
        let value = f32::from_bits(self.0).trunc();
        write!(f, "{:.0}", if value > 0.0 { value } else { 0.0 })
    }
}

const OCTETS: u8 = 0x06;
const PACKETS: u8 = 0x0c;

/// A limit in octets a second; zero discards.
pub type Rate = Limit<OCTETS>;
/// A limit in packets a second; zero discards.
pub type PacketRate = Limit<PACKETS>;

/// A limit, in the unit of its subtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit<const SUBTYPE: u8> {
    pub asn: u16,
    limit: Single,
}

impl<const SUBTYPE: u8> Limit<SUBTYPE> {
    /// So much a second.
    pub fn new(limit: f64) -> Self {
        Self { asn: 0, limit: Single::new(limit) }
    }
}

impl<const SUBTYPE: u8> Element for Limit<SUBTYPE> {
    const NAME: &'static str = "rate-limit";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        Ok(Self { asn: reader.u16(Self::NAME)?, limit: Single::unpack(reader, Self::NAME)? })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u16(self.asn);
        self.limit.pack(writer);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl<const SUBTYPE: u8> Sent for Limit<SUBTYPE> {
    const TYPE: [u8; 2] = [0x80, SUBTYPE];
}

impl<const SUBTYPE: u8> fmt::Display for Limit<SUBTYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if SUBTYPE == PACKETS { ":packets" } else { "" };
        write!(f, "{}:{}{unit}", Self::NAME, self.limit)
    }
}

/// Whether the traffic is sampled, and whether later rules are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TrafficAction {
    pub sample: bool,
    pub terminal: bool,
}

impl TrafficAction {
    const WORDS: [(&'static str, Self); 3] = [
        ("sample-terminal", Self { sample: true, terminal: true }),
        ("sample", Self { sample: true, terminal: false }),
        ("terminal", Self { sample: false, terminal: true }),
    ];

    /// By its word in configurations; `None` for anything else.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }
}

impl Element for TrafficAction {
    const NAME: &'static str = "action";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let [.., last] = reader.array::<6>(Self::NAME)?;
        Ok(Self { sample: last & 2 != 0, terminal: last & 1 != 0 })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        let last = u8::from(self.sample) << 1 | u8::from(self.terminal);
        writer.bytes(&[0, 0, 0, 0, 0, last]);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for TrafficAction {
    const TYPE: [u8; 2] = [0x80, 0x07];
}

impl fmt::Display for TrafficAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, value)| value == self).map_or("", |(word, _)| word);
        write!(f, "{} {word}", Self::NAME)
    }
}

/// The DSCP value the traffic is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(pub u8);

impl Element for Mark {
    const NAME: &'static str = "mark";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let [.., last] = reader.array::<6>(Self::NAME)?;
        Ok(Self(last))
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.bytes(&[0, 0, 0, 0, 0, self.0]);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for Mark {
    const TYPE: [u8; 2] = [0x80, 0x09];
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mark {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ExtendedCommunity;
    use super::*;
    use crate::bgp::attribute::testing::{received, refuse};

    #[test]
    fn actions() {
        received::<Rate>("000046480000", "rate-limit:12800", "\"rate-limit:12800\"");
        let packets = "rate-limit:1000:packets";
        received::<PacketRate>("0000447a0000", packets, &format!("\"{packets}\""));
        received::<TrafficAction>(
            "000000000003",
            "action sample-terminal",
            "\"action sample-terminal\"",
        );
        received::<TrafficAction>("000000000002", "action sample", "\"action sample\"");
        received::<TrafficAction>("000000000001", "action terminal", "\"action terminal\"");
        received::<Mark>("00000000002e", "mark 46", "\"mark 46\"");
        let what = "rate-limit";
        refuse::<Rate>("00007fc00000", Malformed::Value { what, got: 0x7fc0_0000 });
    }

    #[test]
    fn rates_are_the_nearest_single() {
        let sent = |rate| ExtendedCommunity::new(&Rate::new(rate)).0;
        assert_eq!(sent(0.0), [0x80, 6, 0, 0, 0, 0, 0, 0]);
        assert_eq!(sent(9600.0), [0x80, 6, 0, 0, 0x46, 0x16, 0, 0]);
        assert_eq!(sent(1e12), [0x80, 6, 0, 0, 0x53, 0x68, 0xd4, 0xa5]);
        assert_eq!(Rate::new(1e12).to_string(), "rate-limit:1000000000000");
    }
}
