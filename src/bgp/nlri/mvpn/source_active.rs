//! Source Active A-D, RFC 6514 section 4.5: a source sends to a group.
//!
//! Wire format: the distinguisher, source and group.

use std::fmt;

use super::Channel;
use crate::bgp::nlri::typed::RouteType;
use crate::json::{self, Dialect};
use crate::protocol::{Distinguisher, Family};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// A source that is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceActive {
    pub distinguisher: Distinguisher,
    pub channel: Channel,
}

impl RouteType for SourceActive {
    const NAME: &'static str = "Source Active A-D Route";
    const KEYWORD: &'static str = "source-ad";
    const SYNTAX: &'static str = "source-ad source <address> group <address> rd <distinguisher>";

    fn unpack(body: &mut Reader<'_>, _: Family) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(body.array("route distinguisher")?),
            channel: Channel::unpack(body)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        self.channel.pack(writer);
    }

    fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("rd").display(&self.distinguisher);
        self.channel.members(object);
    }

    fn brief(&self, _: Dialect) -> String {
        let Self { distinguisher, channel: Channel { source, group } } = self;
        format!("sourcead::{distinguisher}:{source}:{group}")
    }

    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error> {
        let channel = Channel::parse("source", tokens, family)?;
        tokens.expect("rd")?;
        Ok(Self { distinguisher: Distinguisher::parse(tokens)?, channel })
    }
}

impl fmt::Display for SourceActive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { distinguisher, channel: Channel { source, group } } = self;
        let distinguisher = distinguisher.exact();
        write!(f, "source-ad source {source} group {group} rd {distinguisher}")
    }
}
