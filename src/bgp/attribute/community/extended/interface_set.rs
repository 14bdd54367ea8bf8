//! The interfaces a flow rule applies to, draft-ietf-idr-flowspec-interfaceset.
//!
//! Wire format: four-octet AS, a direction in two bits, a group in 14. Transitive as type 0x07,
//! not transitive as 0x47.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::wire::{Malformed, Reader, Writer};

use super::Sent;

/// Which way the traffic of an interface goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Neither,
    Input,
    Output,
    Both,
}

impl Direction {
    const ALL: [Self; 4] = [Self::Neither, Self::Input, Self::Output, Self::Both];

    fn bits(self) -> u16 {
        match self {
            Self::Neither => 0,
            Self::Input => 0x4000,
            Self::Output => 0x8000,
            Self::Both => 0xc000,
        }
    }

    /// The word in configurations; `None` for anything else.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Input, Self::Output, Self::Both].into_iter().find(|d| d.to_string() == word)
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Neither => "unknown",
            Self::Input => "input",
            Self::Output => "output",
            Self::Both => "input-output",
        })
    }
}

/// The interfaces a flow rule applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InterfaceSet {
    pub asn: u32,
    pub direction: Direction,
    /// 14 bits.
    pub group: u16,
}

impl InterfaceSet {
    /// The largest group.
    pub const GROUP_MAX: u16 = 0x3fff;

    /// The words of one that is kept inside an AS.
    pub(super) fn not_transitive(&self) -> String {
        format!("{}:non-transitive:{}:{}:{}", Self::NAME, self.direction, self.asn, self.group)
    }
}

impl Element for InterfaceSet {
    const NAME: &'static str = "interface-set";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let asn = reader.u32(Self::NAME)?;
        let word = reader.u16(Self::NAME)?;
        let bits = word & !Self::GROUP_MAX;
        let direction = Direction::ALL.into_iter().find(|direction| direction.bits() == bits);
        Ok(Self {
            asn,
            direction: direction.unwrap_or(Direction::Neither),
            group: word & Self::GROUP_MAX,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u32(self.asn);
        writer.u16(self.direction.bits() | self.group & Self::GROUP_MAX);
    }

    fn json(&self, json: &mut json::Writer<'_>) {
        json.display(self);
    }
}

impl Sent for InterfaceSet {
    const TYPE: [u8; 2] = [0x07, 0x02];
}

impl fmt::Display for InterfaceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "interface-set:{}:{}:{}", self.direction, self.asn, self.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::testing::received;

    #[test]
    fn directions() {
        for (hex, shown) in [
            ("0000fcbc4009", "interface-set:input:64700:9"),
            ("0000fcbc8009", "interface-set:output:64700:9"),
            ("0000fcbcffff", "interface-set:input-output:64700:16383"),
        ] {
            received::<InterfaceSet>(hex, shown, &format!("\"{shown}\""));
        }
        assert_eq!(Direction::from_word("input-output"), Some(Direction::Both));
        assert_eq!(Direction::from_word("unknown"), None);
    }
}
