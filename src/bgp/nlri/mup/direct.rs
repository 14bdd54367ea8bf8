//! Direct Segment Discovery: a router of the core that user planes may reach.
//!
//! Wire format: the distinguisher, the address of the router, which fills the rest.

use std::fmt;
use std::net::IpAddr;

use crate::bgp::nlri::typed::{self, RouteType, address};
use crate::json::{self, Dialect};
use crate::protocol::{Afi, Distinguisher, Family};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// A direct segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectSegment {
    pub distinguisher: Distinguisher,
    pub address: IpAddr,
}

impl RouteType for DirectSegment {
    const NAME: &'static str = "DirectSegmentDiscoveryRoute";
    const KEYWORD: &'static str = "mup-dsd";
    const SYNTAX: &'static str = "mup-dsd <address> rd <distinguisher>";

    fn unpack(body: &mut Reader<'_>, family: Family) -> Result<Self, Malformed> {
        const WHAT: &str = "address of the direct segment";
        let distinguisher = Distinguisher(body.array("route distinguisher")?);
        let address = match family.afi {
            Afi::IPV4 => body.array::<4>(WHAT).map(IpAddr::from),
            _ => body.array::<16>(WHAT).map(IpAddr::from),
        }?;
        Ok(Self { distinguisher, address })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        typed::pack_octets(self.address, writer);
    }

    fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("ip").address(self.address);
        object.field("rd").display(&self.distinguisher);
    }

    fn brief(&self, _: Dialect) -> String {
        format!("dsd::{}:{}", self.distinguisher, self.address)
    }

    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error> {
        let address = address(tokens, family)?;
        tokens.expect("rd")?;
        Ok(Self { distinguisher: Distinguisher::parse(tokens)?, address })
    }
}

impl fmt::Display for DirectSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mup-dsd {} rd {}", self.address, self.distinguisher.exact())
    }
}
