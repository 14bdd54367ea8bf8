//! Inter-AS I-PMSI A-D, RFC 6514 section 4.2: an AS has members of a multicast VPN.
//!
//! Wire format: the distinguisher, the AS in four octets.

use std::fmt;

use crate::bgp::nlri::typed::RouteType;
use crate::json::Dialect;
use crate::protocol::{Asn, Distinguisher, Family};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// The membership of an AS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterAs {
    pub distinguisher: Distinguisher,
    pub source_as: Asn,
}

impl RouteType for InterAs {
    const KEYWORD: &'static str = "inter-as-ad";
    const SYNTAX: &'static str = "inter-as-ad rd <distinguisher> source-as <AS>";

    fn unpack(body: &mut Reader<'_>, _: Family) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(body.array("route distinguisher")?),
            source_as: Asn(body.u32("source AS")?),
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.u32(self.source_as.0);
    }

    fn brief(&self, _: Dialect) -> String {
        format!("inter-as-ad::{}:{}", self.distinguisher, self.source_as)
    }

    fn parse(tokens: &mut Tokens<'_>, _: Family) -> Result<Self, Error> {
        tokens.expect("rd")?;
        let distinguisher = Distinguisher::parse(tokens)?;
        tokens.expect("source-as")?;
        Ok(Self { distinguisher, source_as: Asn::parse(tokens)? })
    }
}

impl fmt::Display for InterAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inter-as-ad rd {} source-as {}", self.distinguisher, self.source_as)
    }
}
