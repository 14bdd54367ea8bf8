//! C-multicast Shared Tree Join, RFC 6514 section 4.6: a receiver joins the tree of a rendezvous
//! point.
//!
//! Wire format: the distinguisher, the AS of the source in four octets, source and group.

use std::fmt;

use super::Channel;
use crate::bgp::nlri::typed::RouteType;
use crate::json::{self, Dialect};
use crate::protocol::{Asn, Distinguisher, Family};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// A join towards a rendezvous point, which stands where the source does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedJoin {
    pub distinguisher: Distinguisher,
    pub source_as: Asn,
    pub channel: Channel,
}

impl RouteType for SharedJoin {
    const NAME: &'static str = "C-Multicast Shared Tree Join route";
    const KEYWORD: &'static str = "shared-join";
    const SYNTAX: &'static str =
        "shared-join rp <address> group <address> rd <distinguisher> source-as <AS>";

    fn unpack(body: &mut Reader<'_>, _: Family) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(body.array("route distinguisher")?),
            source_as: Asn(body.u32("source AS")?),
            channel: Channel::unpack(body)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        writer.u32(self.source_as.0);
        self.channel.pack(writer);
    }

    fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("rd").display(&self.distinguisher);
        object.field("source-as").display(&self.source_as);
        self.channel.members(object);
    }

    fn brief(&self, _: Dialect) -> String {
        let Self { distinguisher, source_as, channel: Channel { source, group } } = self;
        format!("shared-join::{distinguisher}:{source_as}:{source}:{group}")
    }

    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error> {
        let channel = Channel::parse("rp", tokens, family)?;
        tokens.expect("rd")?;
        let distinguisher = Distinguisher::parse(tokens)?;
        tokens.expect("source-as")?;
        Ok(Self { distinguisher, source_as: Asn::parse(tokens)?, channel })
    }
}

impl fmt::Display for SharedJoin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { distinguisher, source_as, channel: Channel { source, group } } = self;
        let distinguisher = distinguisher.exact();
        write!(f, "shared-join rp {source} group {group}")?;
        write!(f, " rd {distinguisher} source-as {source_as}")
    }
}
