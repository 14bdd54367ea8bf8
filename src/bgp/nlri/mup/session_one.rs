//! Type 1 Session Transformed: the tunnel to a user's prefix, as the base station knows it.
//!
//! Wire format: the distinguisher, the prefix behind its length in bits, the tunnel endpoint
//! identifier (4), the QoS flow identifier (1), the endpoint behind its length in bits, and, since
//! the second draft, the source of the tunnel in the same way. Routes without source end before
//! its length, or have a length of zero.

use std::fmt;
use std::net::IpAddr;

use super::prefix;
use crate::bgp::nlri::typed::{self, RouteType};
use crate::json::{self, Dialect};
use crate::protocol::{Distinguisher, Family, Prefix};
use crate::text::{Error, Tokens};
use crate::wire::{Malformed, Reader, Writer};

pub(super) const CODE: u8 = 3;

/// The session of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOne {
    pub distinguisher: Distinguisher,
    pub prefix: Prefix,
    pub teid: u32,
    /// Below 64 in text; the octet as received.
    pub qfi: u8,
    pub endpoint: IpAddr,
    pub source: Source,
}

/// Where the tunnel comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The route ends behind the endpoint.
    Absent,
    /// A length of zero.
    Empty,
    Address(IpAddr),
}

impl Source {
    const NONE: &'static str = "none";

    fn unpack(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        match body.peek() {
            None => Ok(Self::Absent),
            Some(0) => body.u8("source").map(|_| Self::Empty),
            Some(_) => typed::unpack_address(body, "source").map(Self::Address),
        }
    }

    fn address(self) -> Option<IpAddr> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Address(address) => Some(address),
        }
    }
}

/// The octets that make a session what it is: the distinguisher and the prefix with its length.
pub(super) fn key(body: &[u8]) -> Option<&[u8]> {
    let bits = body.get(Distinguisher::OCTETS)?;
    body.get(..=Distinguisher::OCTETS + usize::from(bits.div_ceil(8)))
}

impl RouteType for SessionOne {
    const NAME: &'static str = "Type1SessionTransformedRoute";
    const KEYWORD: &'static str = "mup-t1st";
    const SYNTAX: &'static str = "mup-t1st <prefix> rd <distinguisher> teid <32 bits number> \
                                  qfi <0-63> endpoint <address> [source <address>|none]";

    fn unpack(body: &mut Reader<'_>, family: Family) -> Result<Self, Malformed> {
        Ok(Self {
            distinguisher: Distinguisher(body.array("route distinguisher")?),
            prefix: Prefix::unpack(body, family.afi, "prefix")?,
            teid: body.u32("tunnel endpoint identifier")?,
            qfi: body.u8("QoS flow identifier")?,
            endpoint: typed::unpack_address(body, "endpoint")?,
            source: Source::unpack(body)?,
        })
    }

    fn pack(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.distinguisher.0);
        self.prefix.pack(writer);
        writer.u32(self.teid);
        writer.u8(self.qfi);
        typed::pack_address(self.endpoint, writer);
        match self.source {
            Source::Absent => {}
            Source::Empty => writer.u8(0),
            Source::Address(address) => typed::pack_address(address, writer),
        }
    }

    fn members(&self, object: &mut json::Object<'_, '_>) {
        object.field("prefix_ip_len").number(self.prefix.length());
        object.field("prefix_ip").address(self.prefix.address());
        object.field("teid").display(&self.teid);
        object.field("qfi").display(&self.qfi);
        object.field("rd").display(&self.distinguisher);
        object.field("endpoint_ip_len").number(typed::bits(self.endpoint));
        object.field("endpoint_ip").address(self.endpoint);
        let source = self.source.address();
        object.field("source_ip_len").number(source.map_or(0, typed::bits));
        match source {
            Some(address) => object.field("source_ip").address(address),
            None => object.field("source_ip").string(""),
        }
    }

    /// ExaBGP writes the length of the prefix behind the endpoint; what reads dialect 4 knows it so.
    fn brief(&self, dialect: Dialect) -> String {
        let Self { distinguisher, prefix, teid, qfi, endpoint, source } = self;
        let bits = match dialect {
            Dialect::V4 => prefix.length(),
            Dialect::V6 => typed::bits(*endpoint),
        };
        let source = source.address().map(|source| format!(":{source}/{}", typed::bits(source)));
        let source = source.unwrap_or_default();
        format!("t1st::{distinguisher}:{prefix}:{teid}:{qfi}:{endpoint}/{bits}{source}")
    }

    fn parse(tokens: &mut Tokens<'_>, family: Family) -> Result<Self, Error> {
        let prefix = prefix(tokens, family)?;
        tokens.expect("rd")?;
        let distinguisher = Distinguisher::parse(tokens)?;
        tokens.expect("teid")?;
        let teid = tokens.number("a tunnel endpoint identifier below 4294967296")?;
        tokens.expect("qfi")?;
        let word = tokens.span();
        let qfi: u8 = tokens.number(QFI)?;
        if qfi > LARGEST_QFI {
            return Err(Error::new(word, format!("\"{qfi}\" is not {QFI}")));
        }
        tokens.expect("endpoint")?;
        let endpoint = tokens.address()?;
        let source = match tokens.accept("source") {
            false => Source::Absent,
            true if tokens.accept(Source::NONE) => Source::Empty,
            true => Source::Address(tokens.address()?),
        };
        Ok(Self { distinguisher, prefix, teid, qfi, endpoint, source })
    }
}

const QFI: &str = "a QoS flow identifier, 0 to 63";
const LARGEST_QFI: u8 = 63;

impl fmt::Display for SessionOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { distinguisher, prefix, teid, qfi, endpoint, source } = self;
        let distinguisher = distinguisher.exact();
        write!(f, "mup-t1st {prefix} rd {distinguisher} teid {teid} qfi {qfi}")?;
        write!(f, " endpoint {endpoint}")?;
        match source {
            Source::Absent => Ok(()),
            Source::Empty => write!(f, " source {}", Source::NONE),
            Source::Address(address) => write!(f, " source {address}"),
        }
    }
}
