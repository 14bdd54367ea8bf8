//! Intra-AS I-PMSI A-D, RFC 6514 section 4.1: a router is a member of a multicast VPN.
//!
//! Wire format: the distinguisher, the address of the router, which fills the rest. The address is
//! IPv4 or IPv6 as the backbone is, whatever the family of the VPN.

use std::fmt;
use std::net::IpAddr;

use crate::bgp::nlri::typed::{self, RouteType};
use crate::json::Dialect;
use crate::protocol::{Distinguisher, Family};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// A router's membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntraAs {
    pub distinguisher: Distinguisher,
    pub originator: IpAddr,
}

impl RouteType for IntraAs {
    const KEYWORD: &'static str = "intra-as-ad";
    const SYNTAX: &'static str = "intra-as-ad originator <address> rd <distinguisher>";

    fn unpack(body: &mut Reader<'_>, _: Family) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(body.array("route distinguisher")?),
            originator: typed::unpack_rest(body, "originating router")?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        typed::pack_octets(self.originator, writer);
    }

    fn brief(&self, _: Dialect) -> String {
        format!("intra-as-ad::{}:{}", self.distinguisher, self.originator)
    }

    fn parse(tokens: &mut Tokens<'_>, _: Family) -> Result<Self, Error> {
        tokens.expect("originator")?;
        let originator = tokens.address()?;
        tokens.expect("rd")?;
        Ok(Self { distinguisher: Distinguisher::parse(tokens)?, originator })
    }
}

impl fmt::Display for IntraAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "intra-as-ad originator {} rd {}", self.originator, self.distinguisher.exact())
    }
}
