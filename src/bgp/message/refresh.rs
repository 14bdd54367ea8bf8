//! ROUTE-REFRESH, RFC 2918 and RFC 7313: routes are asked for again, and framed when they come.
//!
//! Wire format: AFI in 16 bits, subtype in 8 (reserved in RFC 2918), SAFI in 8.

use std::fmt;

use super::{Kind, Notify, write};
use crate::json;
use crate::protocol::{Afi, Family, Safi};
use crate::wire::Reader;

/// What a ROUTE-REFRESH says, by its code point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subtype {
    /// Send the routes again.
    Query,
    /// The routes follow (RFC 7313).
    Begin,
    /// That was the last of them (RFC 7313).
    End,
}

impl Subtype {
    /// The word of events.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Begin => "begin",
            Self::End => "end",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Query => 0,
            Self::Begin => 1,
            Self::End => 2,
        }
    }
}

/// A ROUTE-REFRESH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RouteRefresh {
    pub family: Family,
    pub subtype: Subtype,
}

impl RouteRefresh {
    /// Asks for the routes of a family.
    pub fn query(family: Family) -> Self {
        Self { family, subtype: Subtype::Query }
    }

    /// Reads a body: 7/1 for a length other than four octets (a frame never has one), 7/2 for a
    /// subtype that is not defined.
    pub fn unpack(body: &[u8]) -> Result<Self, Notify> {
        let mut reader = Reader::new(body);
        let length = |_| Notify::with_text(7, 1, "route-refresh: not four octets long");
        let afi = Afi(reader.u16("afi").map_err(length)?);
        let subtype = match reader.u8("subtype").map_err(length)? {
            0 => Subtype::Query,
            1 => Subtype::Begin,
            2 => Subtype::End,
            // RFC 7313 would ignore it; the session ends as users of ExaBGP know it.
            other => {
                let what = format_args!("route-refresh: subtype {other} is not defined");
                return Err(Notify::with_text(7, 2, what));
            }
        };
        let safi = Safi(reader.u8("safi").map_err(length)?);
        reader.done("route-refresh").map_err(length)?;
        Ok(Self { family: Family::new(afi, safi), subtype })
    }

    /// Appends the message, header included.
    pub fn pack(self, out: &mut Vec<u8>) {
        let written = write(out, Kind::RouteRefresh, |writer| {
            writer.u16(self.family.afi.0);
            writer.u8(self.subtype.code());
            writer.u8(self.family.safi.0);
        });
        debug_assert!(written.is_ok(), "23 octets fit");
    }

    /// Writes the `route-refresh` object of an event.
    pub fn json(self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("afi").display(&self.family.afi);
            object.field("safi").display(&self.family.safi);
            object.field("subtype").string(self.subtype.name());
        });
    }
}

/// The text event, after the words of the neighbor and the direction.
impl fmt::Display for RouteRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Family { afi, safi } = self.family;
        write!(f, "route-refresh afi {afi} safi {safi} {}", self.subtype.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::message::frame;
    use crate::json::{Dialect, Writer};
    use crate::wire::from_hex;

    #[test]
    fn three_faces() {
        let cases = [
            ("00010001", "query", Family::IPV4_UNICAST),
            ("00010101", "begin", Family::IPV4_UNICAST),
            ("00020201", "end", Family::IPV6_UNICAST),
        ];
        for (hex, word, family) in cases {
            let body = from_hex(hex).unwrap();
            let refresh = RouteRefresh::unpack(&body).unwrap();
            assert_eq!(refresh.family, family);
            let Family { afi, safi } = family;
            let expected = format!("route-refresh afi {afi} safi {safi} {word}");
            assert_eq!(refresh.to_string(), expected);
            let mut json = Vec::new();
            refresh.json(&mut Writer::new(&mut json, Dialect::V4));
            let expected =
                format!(r#"{{ "afi": "{afi}", "safi": "{safi}", "subtype": "{word}" }}"#);
            assert_eq!(String::from_utf8(json).unwrap(), expected);
            let mut out = Vec::new();
            refresh.pack(&mut out);
            assert_eq!(frame(&out, 4096).unwrap().unwrap().body, body);
        }
    }

    #[test]
    fn faults() {
        let fault = |body: &[u8]| RouteRefresh::unpack(body).map_err(|n| (n.code, n.subcode));
        assert_eq!(fault(&[0, 1, 3, 1]), Err((7, 2)));
        for body in [&[][..], &[0], &[0, 1], &[0, 1, 0], &[0, 1, 0, 1, 0]] {
            assert_eq!(fault(body), Err((7, 1)));
        }
    }
}
