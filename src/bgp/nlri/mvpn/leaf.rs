//! Leaf A-D, RFC 6514 section 4.4: a router answers the root of a tunnel.
//!
//! Wire format: the key, which is the NLRI of the route that is answered, with its type and
//! length; the address of the router, which fills the rest.

use std::fmt;
use std::net::IpAddr;

use crate::bgp::nlri::typed::{self, RouteType};
use crate::json::Dialect;
use crate::protocol::Family;
use crate::text::{Error, Tokens};
use crate::wire::{Hex, Malformed, Reader, Writer, from_hex};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The NLRI that is answered.
    pub key: Box<[u8]>,
    pub originator: IpAddr,
}

/// What the length of the NLRI leaves for the key.
const LONGEST: usize = 255 - 16;

impl RouteType for Leaf {
    const KEYWORD: &'static str = "leaf-ad";
    const SYNTAX: &'static str = "leaf-ad route-key 0x<octets> originator <address>";

    fn unpack(body: &mut Reader<'_>, _: Family) -> Result<Self, Malformed> {
        let mut ahead = *body;
        ahead.u8("route key")?;
        let octets = 2 + usize::from(ahead.u8("route key")?);
        Ok(Self {
            key: body.take("route key", octets)?.into(),
            originator: typed::unpack_rest(body, "originating router")?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.key);
        typed::pack_octets(self.originator, writer);
    }

    fn brief(&self, _: Dialect) -> String {
        format!("leaf-ad::0x{}:{}", Hex(&self.key), self.originator)
    }

    fn parse(tokens: &mut Tokens<'_>, _: Family) -> Result<Self, Error> {
        tokens.expect("route-key")?;
        let word = tokens.word("0x and the octets of an NLRI")?;
        let key = word.strip_prefix("0x").and_then(|digits| from_hex(digits).ok());
        let framed = |key: &Vec<u8>| match key.as_slice() {
            [_, length, value @ ..] => usize::from(*length) == value.len() && key.len() <= LONGEST,
            _ => false,
        };
        let key = key.filter(framed).ok_or_else(|| word.fault("is not 0x and one NLRI"))?;
        tokens.expect("originator")?;
        Ok(Self { key: key.into(), originator: tokens.address()? })
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leaf-ad route-key 0x{} originator {}", Hex(&self.key), self.originator)
    }
}
