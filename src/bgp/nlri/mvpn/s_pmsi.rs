//! S-PMSI A-D, RFC 6514 section 4.3: a flow travels in a tunnel of its own.
//!
//! Wire format: the distinguisher, source and group behind their lengths in bits, the address of
//! the router, which fills the rest. A length of zero is a wildcard (RFC 6625), written `*`.

use std::fmt;
use std::net::IpAddr;

use crate::bgp::nlri::typed::{self, RouteType, address};
use crate::json::Dialect;
use crate::protocol::{Distinguisher, Family};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

/// A selective tunnel. `None` is a wildcard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SPmsi {
    pub distinguisher: Distinguisher,
    pub source: Option<IpAddr>,
    pub group: Option<IpAddr>,
    pub originator: IpAddr,
}

impl RouteType for SPmsi {
    const KEYWORD: &'static str = "s-pmsi-ad";
    const SYNTAX: &'static str =
        "s-pmsi-ad source <address>|* group <address>|* originator <address> rd <distinguisher>";

    fn unpack(body: &mut Reader<'_>, _: Family) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(body.array("route distinguisher")?),
            source: unpack(body, "multicast source")?,
            group: unpack(body, "multicast group")?,
            originator: typed::unpack_rest(body, "originating router")?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        for part in [self.source, self.group] {
            match part {
                Some(address) => typed::pack_address(address, writer),
                None => writer.u8(0),
            }
        }
        typed::pack_octets(self.originator, writer);
    }

    fn brief(&self, _: Dialect) -> String {
        let Self { distinguisher, source, group, originator } = self;
        format!("s-pmsi-ad::{distinguisher}:{}:{}:{originator}", Star(*source), Star(*group))
    }

    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error> {
        tokens.expect("source")?;
        let source = parse(tokens, family)?;
        tokens.expect("group")?;
        let group = parse(tokens, family)?;
        tokens.expect("originator")?;
        let originator = tokens.address()?;
        tokens.expect("rd")?;
        Ok(Self { distinguisher: Distinguisher::parse(tokens)?, source, group, originator })
    }
}

fn unpack(body: &mut Reader<'_>, what: &'static str) -> Result<Option<IpAddr>, Malformed> {
    if body.peek() == Some(0) {
        return body.u8(what).map(|_| None);
    }
    typed::unpack_address(body, what).map(Some)
}

fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Option<IpAddr>, Error> {
    if tokens.accept("*") { Ok(None) } else { address(tokens, family).map(Some) }
}

/// An address or a wildcard.
struct Star(Option<IpAddr>);

impl fmt::Display for Star {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("*"),
        }
    }
}

impl fmt::Display for SPmsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { distinguisher, source, group, originator } = self;
        let distinguisher = distinguisher.exact();
        write!(f, "s-pmsi-ad source {} group {}", Star(*source), Star(*group))?;
        write!(f, " originator {originator} rd {distinguisher}")
    }
}
