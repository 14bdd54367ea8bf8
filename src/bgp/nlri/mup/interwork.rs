//! Interwork Segment Discovery: the base stations behind a prefix, seen from the core.
//!
//! Wire format: the distinguisher, the prefix behind its length in bits.

use std::fmt;

use super::prefix;
use crate::bgp::nlri::typed::RouteType;
use crate::json::{self, Dialect};
use crate::protocol::{Distinguisher, Family, Prefix};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// A segment of base stations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterworkSegment {
    pub distinguisher: Distinguisher,
    pub prefix: Prefix,
}

impl RouteType for InterworkSegment {
    const NAME: &'static str = "InterworkSegmentDiscoveryRoute";
    const KEYWORD: &'static str = "mup-isd";
    const SYNTAX: &'static str = "mup-isd <prefix> rd <distinguisher>";

    fn unpack(body: &mut Reader<'_>, family: Family) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(body.array("route distinguisher")?),
            prefix: Prefix::unpack(body, family.afi, "prefix")?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        self.prefix.pack(writer);
    }

    fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("prefix_ip_len").number(self.prefix.length());
        object.field("prefix_ip").address(self.prefix.address());
        object.field("rd").display(&self.distinguisher);
    }

    fn brief(&self, _: Dialect) -> String {
        format!("isd::{}:{}", self.distinguisher, self.prefix)
    }

    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error> {
        let prefix = prefix(tokens, family)?;
        tokens.expect("rd")?;
        Ok(Self { distinguisher: Distinguisher::parse(tokens)?, prefix })
    }
}

impl fmt::Display for InterworkSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mup-isd {} rd {}", self.prefix, self.distinguisher.exact())
    }
}
