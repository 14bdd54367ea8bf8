//! OPEN, RFC 4271 section 4.2: who a speaker is and what it can do.
//!
//! Wire format: version, AS in 16 bits, hold time in 16, identifier in 32, then the optional
//! parameters behind a length of one octet, or of two in the form of RFC 9072.

use std::fmt;
use std::net::Ipv4Addr;

use super::{Kind, Notify, write};
use crate::bgp::capability::{Capability, Offer, OfferError};
use crate::bgp::neighbor::SessionSettings;
use crate::json;
use crate::protocol::Asn;
use crate::wire::Reader;

/// The only version of BGP in use.
pub const VERSION: u8 = 4;

/// An OPEN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The AS number. Ours is whole; a received one is the two octets of the message, behind
    /// which [`Open::real_as`] looks.
    pub asn: Asn,
    /// Seconds.
    pub hold_time: u16,
    /// The BGP identifier.
    pub router_id: Ipv4Addr,
    pub capabilities: Offer,
}

/// Who we are on one connection, and whether we claim to come back (RFC 4724).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub asn: Asn,
    pub router_id: Ipv4Addr,
    /// Sets the R flag of the graceful-restart capability.
    pub restarting: bool,
}

impl Open {
    /// Our OPEN. Fails when the AS number cannot be said with the capabilities that are on.
    pub fn from_settings(
        settings: &SessionSettings,
        identity: Identity,
    ) -> Result<Self, OfferError> {
        Ok(Self {
            asn: identity.asn,
            hold_time: settings.hold_time,
            router_id: identity.router_id,
            capabilities: Offer::from_settings(settings, identity)?,
        })
    }

    /// Reads a body: 2/1 for another version, 2/4 and 2/5 for unknown parameters, 2/0 for anything
    /// that ends too early or has a wrong length (RFC 4271 section 6.2, RFC 5492, RFC 9072).
    pub fn unpack(body: &[u8]) -> Result<Self, Notify> {
        let mut reader = Reader::new(body);
        let short = |malformed| Notify::with_text(2, 0, malformed);
        let version = reader.u8("version").map_err(short)?;
        if version != VERSION {
            // RFC 4271 section 6.2: the data is the version that we speak, in two octets.
            return Err(Notify::with_data(2, 1, &[0, VERSION]));
        }
        let asn = Asn(u32::from(reader.u16("asn").map_err(short)?));
        let hold_time = reader.u16("hold time").map_err(short)?;
        let router_id = reader.array("identifier").map(Ipv4Addr::from).map_err(short)?;
        let capabilities = Offer::unpack(&mut reader)?;
        Ok(Self { asn, hold_time, router_id, capabilities })
    }

    /// Appends the message, header included.
    pub fn pack(&self, out: &mut Vec<u8>) {
        let written = write(out, Kind::Open, |writer| {
            writer.u8(VERSION);
            writer.u16(self.asn.two_octets());
            writer.u16(self.hold_time);
            writer.u32(self.router_id.to_bits());
            self.capabilities.pack(writer);
        });
        debug_assert!(written.is_ok(), "an offer is a few hundred octets");
    }

    /// The AS number, from the four-octet capability where the two octets stand for it.
    pub fn real_as(&self) -> Asn {
        match self.asn4() {
            Some(asn) if self.asn == Asn::TRANS => asn,
            _ => self.asn,
        }
    }

    /// The AS number of the four-octet capability (RFC 6793).
    pub fn asn4(&self) -> Option<Asn> {
        self.capabilities.iter().find_map(|capability| match capability {
            Capability::Asn4(asn4) => Some(asn4.0),
            _ => None,
        })
    }

    /// Writes the `open` object of an event. Capabilities are keyed by code when the OPEN was
    /// received and by name when it was sent.
    pub fn json(&self, keys: Keys, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("version").number(VERSION);
            object.field("asn").number(self.asn.0);
            object.field("hold_time").number(self.hold_time);
            object.field("router_id").ipv4(self.router_id);
            self.capabilities.json(keys, object.field("capabilities"));
        });
    }
}

/// How capabilities are keyed in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// By code point: received ones.
    Codes,
    /// By name: sent ones.
    Names,
}

/// The text event, after the words of the neighbor and the direction.
impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "open version {VERSION} asn {} hold_time {} router_id {} capabilities [{}]",
            self.asn, self.hold_time, self.router_id, self.capabilities
        )
    }
}
