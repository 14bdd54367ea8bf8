//! Type 2 Session Transformed: the tunnels into the core, by endpoint and identifier.
//!
//! Wire format: the distinguisher, the length in bits of the address and the identifier together,
//! the address, and the low octets of the tunnel endpoint identifier, as many as its bits need.

use std::fmt;
use std::net::IpAddr;

use crate::bgp::nlri::typed::{self, RouteType, address};
use crate::json::{self, Dialect};
use crate::protocol::{Afi, Distinguisher, Family};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// The sessions that end at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTwo {
    pub distinguisher: Distinguisher,
    pub endpoint: IpAddr,
    pub teid: u32,
    /// How many bits the identifier has, at most 32.
    pub teid_bits: u8,
}

const TEID: &str = "tunnel endpoint identifier";

impl SessionTwo {
    /// The length of the address and the identifier.
    fn length(&self) -> u8 {
        typed::bits(self.endpoint) + self.teid_bits
    }
}

/// How many octets of four are not sent of an identifier of `bits`.
fn skipped(bits: u8) -> usize {
    4usize.saturating_sub(usize::from(bits.div_ceil(8)))
}

impl RouteType for SessionTwo {
    const NAME: &'static str = "Type2SessionTransformedRoute";
    const KEYWORD: &'static str = "mup-t2st";
    const SYNTAX: &'static str =
        "mup-t2st <address> rd <distinguisher> teid <number>/<length of 0 to 32 bits>";

    fn unpack(body: &mut Reader<'_>, family: Family) -> Result<Self, Malformed> {
        const WHAT: &str = "endpoint";
        let distinguisher = Distinguisher(body.array("route distinguisher")?);
        let length = body.u8(WHAT)?;
        let endpoint = match family.afi {
            Afi::IPV4 => body.array::<4>(WHAT).map(IpAddr::from),
            _ => body.array::<16>(WHAT).map(IpAddr::from),
        }?;
        let teid_bits = length
            .checked_sub(typed::bits(endpoint))
            .filter(|bits| *bits <= 32)
            .ok_or_else(|| Malformed::Value { what: WHAT, got: u32::from(length) })?;
        let octets = body.take(TEID, usize::from(teid_bits.div_ceil(8)))?;
        let teid = octets.iter().fold(0, |teid, octet| teid << 8 | u32::from(*octet));
        Ok(Self { distinguisher, endpoint, teid, teid_bits })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.u8(self.length());
        typed::pack_octets(self.endpoint, writer);
        let teid = self.teid.to_be_bytes();
        writer.bytes(teid.get(skipped(self.teid_bits)..).unwrap_or_default());
    }

    fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("endpoint_len").number(self.length());
        object.field("endpoint_ip").address(self.endpoint);
        object.field("rd").display(&self.distinguisher);
        object.field("teid").display(&self.teid);
    }

    fn brief(&self, _: Dialect) -> String {
        let Self { distinguisher, endpoint, teid, .. } = self;
        format!("t2st::{distinguisher}:{}:{endpoint}:{teid}:", self.length())
    }

    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error> {
        let endpoint = address(tokens, family)?;
        tokens.expect("rd")?;
        let distinguisher = Distinguisher::parse(tokens)?;
        tokens.expect("teid")?;
        let word = tokens.word("an identifier and its length in bits")?;
        let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        let parts = word.split_once('/').filter(|(teid, bits)| digits(teid) && digits(bits));
        let read = parts.and_then(|(teid, bits)| Some((teid.parse().ok()?, bits.parse().ok()?)));
        let (teid, teid_bits): (u32, u8) =
            read.ok_or_else(|| word.fault("is not an identifier and its length in bits"))?;
        if teid_bits > 32 {
            return Err(word.fault("is longer than 32 bits"));
        }
        if u64::from(teid) >> teid_bits != 0 {
            return Err(word.fault("does not fit its length in bits"));
        }
        Ok(Self { distinguisher, endpoint, teid, teid_bits })
    }
}

impl fmt::Display for SessionTwo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { distinguisher, endpoint, teid, teid_bits } = self;
        let distinguisher = distinguisher.exact();
        write!(f, "mup-t2st {endpoint} rd {distinguisher} teid {teid}/{teid_bits}")
    }
}
