//! Graceful restart, RFC 4724 section 3.
//!
//! Wire format: R flag and three more in 4 bits, restart time in 12, then entries of AFI in 16
//! bits, SAFI in 8, flags in 8 of which the highest says that forwarding state was kept.

use std::fmt;

use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::wire::{Malformed, Reader, Writer};

/// The restart state of a speaker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GracefulRestart {
    /// Four bits: 8 is the R flag, the speaker has restarted.
    pub flags: u8,
    /// Seconds, 0 to 4095.
    pub time: u16,
    /// Families and their flags, in the order of the OPEN, without repetition.
    pub families: Vec<(Family, u8)>,
}

impl GracefulRestart {
    /// The R flag in `flags`.
    pub const RESTARTING: u8 = 8;
    /// The F flag of a family: its forwarding state was kept.
    pub const FORWARDING: u8 = 0x80;
    /// The longest time, in seconds.
    pub const TIME_MAX: u16 = 0x0fff;
}

impl Element for GracefulRestart {
    const NAME: &'static str = "graceful-restart";

    fn unpack(reader: &mut Reader<'_>, _: &Negotiated) -> Result<Self, Malformed> {
        let [high, low] = reader.array(Self::NAME)?;
        let time = u16::from_be_bytes([high, low]) & Self::TIME_MAX;
        let mut families: Vec<(Family, u8)> = Vec::new();
        while !reader.is_empty() {
            let afi = Afi(reader.u16(Self::NAME)?);
            let safi = Safi(reader.u8(Self::NAME)?);
            let family = Family::new(afi, safi);
            let flags = reader.u8(Self::NAME)?;
            match families.iter_mut().find(|(known, _)| *known == family) {
                Some((_, place)) => *place = flags,
                None => families.push((family, flags)),
            }
        }
        Ok(Self { flags: high >> 4, time, families })
    }

    fn pack(&self, writer: &mut Writer<'_>, _: &Negotiated) {
        writer.u16(u16::from(self.flags) << 12 | self.time & Self::TIME_MAX);
        for (Family { afi, safi }, flags) in &self.families {
            writer.u16(afi.0);
            writer.u8(safi.0);
            writer.u8(*flags);
        }
    }

    /// The two words are exchanged against RFC 4724 (the F flag prints as "restart", the R flag as
    /// "forwarding"), as consumers know them.
    fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("name").string("graceful restart");
            object.field("time").number(self.time);
            object.field("address-family-flags").object(|object| {
                for (Family { afi, safi }, flags) in &self.families {
                    object.field(&format!("{afi}/{safi}")).list(|list| {
                        if flags & Self::FORWARDING != 0 {
                            list.element().string("restart");
                        }
                    });
                }
            });
            object.field("restart-flags").list(|list| {
                if self.flags & Self::RESTARTING != 0 {
                    list.element().string("forwarding");
                }
            });
        });
    }
}

impl fmt::Display for GracefulRestart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "graceful restart flags 0x{:x} time {} ", self.flags, self.time)?;
        for (index, (Family { afi, safi }, flags)) in self.families.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{afi}/{safi}=0x{flags:x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuse};

    #[test]
    fn flags_and_time() {
        let json = concat!(
            r#"{ "name": "graceful restart", "time": 120, "address-family-flags": "#,
            r#"{ "ipv4/unicast": [ "restart" ], "ipv6/unicast": [ ] }, "#,
            r#""restart-flags": [ "forwarding" ] }"#
        );
        let text = "graceful restart flags 0x8 time 120 ipv4/unicast=0x80 ipv6/unicast=0x0";
        check(64, "80780001018000020100", text, json);
        refuse(64, "00");
        refuse(64, "00780001");
    }
}
