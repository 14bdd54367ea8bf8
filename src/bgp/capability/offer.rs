//! The capabilities of one OPEN, and the optional parameters that carry them.
//!
//! Wire format (RFC 5492, RFC 9072): length in 8 bits, then parameters of type in 8 bits, length
//! in 8, value. From 255 octets on the length is 255, a type of 255 follows, the length is in 16
//! bits, and so are the lengths of parameters. Type 2 carries capabilities.

use std::fmt;
use std::slice;

use super::addpath::Mode;
use super::{
    AddPath, Asn4, Capability, EnhancedRouteRefresh, ExtendedMessage, GracefulRestart, HostName,
    LinkLocalNextHop, MultiProtocol, MultiSession, NextHop, Operational, PathsLimit, RouteRefresh,
    SoftwareVersion, Unknown,
};
use crate::bgp::message::Notify;
use crate::bgp::message::open::{Identity, Keys};
use crate::bgp::neighbor::SessionSettings;
use crate::bgp::{Element, Negotiated};
use crate::json;
use crate::protocol::{Asn, Family};
use crate::version::SOFTWARE;
use crate::wire::{Malformed, Reader, Writer};

/// Capabilities, in the order of the OPEN, each code once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer(Vec<Capability>);

/// Why our capabilities cannot say what they must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferError {
    /// The AS number needs four octets, and `asn4` is off.
    WideAs,
    /// AS_TRANS stands for other numbers, and is none itself.
    TransAs,
}

impl fmt::Display for OfferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WideAs => "an AS number over 65535 needs the asn4 capability",
            Self::TransAs => "23456 stands for other AS numbers and cannot be used as one",
        })
    }
}

impl std::error::Error for OfferError {}

/// The parameter that carries capabilities.
const CAPABILITIES: u8 = 2;
/// The parameter that carried a password once (RFC 4271 deprecates it).
const AUTHENTICATION: u8 = 1;
/// The length, and the type, that announce the form of RFC 9072.
const EXTENDED: u8 = 255;

impl Offer {
    /// What we say on a connection, in the order in which it is sent.
    pub fn from_settings(
        settings: &SessionSettings,
        identity: Identity,
    ) -> Result<Self, OfferError> {
        let wanted = &settings.capability;
        if identity.asn == Asn::TRANS {
            return Err(OfferError::TransAs);
        }
        if identity.asn.is_wide() && !wanted.asn4 {
            return Err(OfferError::WideAs);
        }
        let mut all = vec![Capability::MultiProtocol(MultiProtocol(settings.families.clone()))];
        if wanted.asn4 {
            all.push(Capability::Asn4(Asn4(identity.asn)));
        }
        all.extend(next_hop(settings).map(Capability::NextHop));
        all.extend(add_path(settings).map(Capability::AddPath));
        all.extend(paths_limit(settings).map(Capability::PathsLimit));
        all.extend(graceful(settings, identity).map(Capability::GracefulRestart));
        if wanted.route_refresh {
            all.push(Capability::RouteRefresh(RouteRefresh));
            all.push(Capability::EnhancedRouteRefresh(EnhancedRouteRefresh));
        }
        if wanted.operational {
            all.push(Capability::Operational(Operational));
        }
        if wanted.extended_message {
            all.push(Capability::ExtendedMessage(ExtendedMessage));
        }
        let (host, domain) = (settings.host_name.clone(), settings.domain_name.clone());
        all.push(Capability::HostName(HostName { host, domain }));
        if wanted.software_version {
            all.push(Capability::SoftwareVersion(SoftwareVersion(SOFTWARE.into())));
        }
        if wanted.link_local_nexthop == Some(true) {
            all.push(Capability::LinkLocalNextHop(LinkLocalNextHop));
        }
        if wanted.multi_session {
            all.push(Capability::MultiSession(MultiSession(vec![MULTIPROTOCOL])));
        }
        Ok(Self(all))
    }

    /// Reads the optional parameters, length first, and leaves what follows them unread.
    pub fn unpack(reader: &mut Reader<'_>) -> Result<Self, Notify> {
        let mut offer = Self::default();
        let mut read = || {
            let length = reader.u8("parameters length")?;
            if length == EXTENDED && reader.peek() == Some(EXTENDED) {
                reader.u8("parameters type")?;
                let length = reader.u16("parameters length")?;
                Ok((reader.sub("parameters", usize::from(length))?, Form::Extended))
            } else {
                Ok((reader.sub("parameters", usize::from(length))?, Form::Plain))
            }
        };
        let (mut parameters, form) = read().map_err(bad_length)?;
        while !parameters.is_empty() {
            let (kind, mut value) = parameter(&mut parameters, form).map_err(bad_length)?;
            match kind {
                CAPABILITIES => offer.unpack_capabilities(&mut value).map_err(bad_length)?,
                AUTHENTICATION => return Err(Notify::new(2, 5)),
                other => {
                    let what = format_args!("optional parameter {other} is not known");
                    return Err(Notify::with_text(2, 4, what));
                }
            }
        }
        Ok(offer)
    }

    fn unpack_capabilities(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        while !reader.is_empty() {
            let code = reader.u8("capability code")?;
            let length = reader.u8("capability length")?;
            let mut value = reader.sub("capability", usize::from(length))?;
            let bytes = value.remaining();
            let capability = match Capability::unpack(code, &mut value, &Negotiated::INITIAL) {
                Some(read) => read?,
                None => Capability::Unknown(Unknown::new(code, bytes)),
            };
            self.add(capability);
        }
        Ok(())
    }

    /// Adds a capability; a repeated one is merged with what is there.
    pub fn add(&mut self, capability: Capability) {
        let code = capability.code();
        let Some(known) = self.0.iter_mut().find(|known| known.code() == code) else {
            self.0.push(capability);
            return;
        };
        match (&mut *known, &capability) {
            (Capability::MultiProtocol(known), Capability::MultiProtocol(new)) => known.merge(new),
            (Capability::AddPath(known), Capability::AddPath(new)) => known.merge(new),
            (Capability::NextHop(known), Capability::NextHop(new)) => known.merge(new),
            (Capability::PathsLimit(known), Capability::PathsLimit(new)) => known.merge(new),
            (Capability::MultiSession(known), Capability::MultiSession(new)) => known.merge(new),
            // Of any other capability the last one counts.
            _ => *known = capability,
        }
    }

    /// Writes the optional parameters, length first.
    pub fn pack(&self, writer: &mut Writer<'_>) {
        let start = writer.position();
        let plain = writer.sized_u8(|writer| self.pack_parameters(writer, Form::Plain));
        // A length of 255 would read as the start of the extended form.
        if plain.is_ok() && writer.position() - start <= usize::from(EXTENDED) {
            return;
        }
        writer.truncate(start);
        writer.u8(EXTENDED);
        writer.u8(EXTENDED);
        let extended = writer.sized_u16(|writer| self.pack_parameters(writer, Form::Extended));
        debug_assert!(extended.is_ok(), "a few hundred octets fit 16 bits of length");
    }

    fn pack_parameters(&self, writer: &mut Writer<'_>, form: Form) {
        let mut value = Vec::new();
        let mut send = |code: u8, pack: &dyn Fn(&mut Writer<'_>)| {
            value.clear();
            pack(&mut Writer::new(&mut value));
            pack_parameter(writer, form, code, &value);
        };
        for capability in &self.0 {
            let code = capability.code();
            match capability {
                Capability::MultiProtocol(MultiProtocol(families)) => {
                    for family in families {
                        let one = MultiProtocol(vec![*family]);
                        send(code, &|writer| one.pack(writer, &Negotiated::INITIAL));
                    }
                }
                Capability::MultiSession(MultiSession(codes)) => {
                    send(code, &|writer| writer.u8(0));
                    for session in codes {
                        send(code, &|writer| writer.u8(*session));
                    }
                }
                Capability::HostName(HostName { host: None, .. }) => {}
                other => send(code, &|writer| other.pack(writer, &Negotiated::INITIAL)),
            }
        }
    }

    /// The capabilities, in the order of the OPEN.
    pub fn iter(&self) -> slice::Iter<'_, Capability> {
        self.0.iter()
    }

    /// The capability of a code.
    pub fn get(&self, code: u8) -> Option<&Capability> {
        self.0.iter().find(|capability| capability.code() == code)
    }

    /// Whether the code is there.
    pub fn has(&self, code: u8) -> bool {
        self.get(code).is_some()
    }

    /// The families of the multiprotocol capability; none when it is not there.
    pub fn families(&self) -> &[Family] {
        match self.get(MULTIPROTOCOL) {
            Some(Capability::MultiProtocol(MultiProtocol(families))) => families,
            _ => &[],
        }
    }

    /// Writes an object of the capabilities.
    pub fn json(&self, keys: Keys, json: &mut json::Writer<'_>) {
        json.object(|object| {
            for capability in &self.0 {
                let value = match (keys, capability.key()) {
                    (Keys::Names, Some(name)) => object.field(name),
                    (Keys::Names, None) | (Keys::Codes, _) => {
                        object.field(&capability.code().to_string())
                    }
                };
                capability.json(value);
            }
        });
    }
}

/// Sorted by code, as text events show them.
impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted: Vec<&Capability> = self.0.iter().collect();
        sorted.sort_by_key(|capability| capability.code());
        for (index, capability) in sorted.into_iter().enumerate() {
            write!(f, "{}{capability}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// How wide the lengths of parameters are.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    Extended,
}

const MULTIPROTOCOL: u8 = 1;

/// RFC 4271 section 6.2: a parameter that is recognised and malformed is unspecific.
fn bad_length(malformed: Malformed) -> Notify {
    Notify::with_text(2, 0, malformed)
}

fn parameter<'a>(reader: &mut Reader<'a>, form: Form) -> Result<(u8, Reader<'a>), Malformed> {
    let kind = reader.u8("parameter type")?;
    let length = match form {
        Form::Plain => usize::from(reader.u8("parameter length")?),
        Form::Extended => usize::from(reader.u16("parameter length")?),
    };
    Ok((kind, reader.sub("parameter", length)?))
}

fn pack_parameter(writer: &mut Writer<'_>, form: Form, code: u8, value: &[u8]) {
    let capability = |writer: &mut Writer<'_>| {
        writer.u8(code);
        let sized = writer.sized_u8(|writer| writer.bytes(value));
        debug_assert!(sized.is_ok(), "the entries of a value are bounded by the known families");
    };
    writer.u8(CAPABILITIES);
    let sized = match form {
        Form::Plain => writer.sized_u8(capability),
        Form::Extended => writer.sized_u16(capability),
    };
    debug_assert!(sized.is_ok(), "a capability is at most 257 octets");
}

fn next_hop(settings: &SessionSettings) -> Option<NextHop> {
    let offered = settings.capability.nexthop.unwrap_or(!settings.nexthop.is_empty());
    offered.then(|| {
        let has = |family: Family| settings.families.contains(&family);
        let kept = NextHop::OFFERED.iter().filter(|entry| {
            let (family, afi) = **entry;
            let other = Family::new(afi, family.safi);
            settings.nexthop.contains(*entry) && has(family) && has(other)
        });
        NextHop(kept.copied().collect())
    })
}

fn add_path(settings: &SessionSettings) -> Option<AddPath> {
    let mode = Mode::from(settings.capability.add_path);
    (mode.0 != 0).then(|| {
        let offered = AddPath::OFFERED.iter().filter(|family| {
            let named = settings.add_path.iter().any(|entry| entry.family == **family);
            settings.families.contains(family) && (settings.add_path.is_empty() || named)
        });
        AddPath(offered.map(|family| (*family, mode)).collect())
    })
}

fn paths_limit(settings: &SessionSettings) -> Option<PathsLimit> {
    if !settings.capability.add_path.receives() {
        return None;
    }
    let limits = AddPath::OFFERED.iter().filter(|family| settings.families.contains(family));
    let limits: Vec<_> = limits
        .filter_map(|family| {
            let entry = settings.add_path.iter().find(|entry| entry.family == *family)?;
            entry.limit.map(|limit| (*family, limit))
        })
        .collect();
    (!limits.is_empty()).then_some(PathsLimit(limits))
}

fn graceful(settings: &SessionSettings, identity: Identity) -> Option<GracefulRestart> {
    let time = settings.capability.graceful_restart?;
    let time = if time == 0 { settings.hold_time } else { time };
    let families = settings.families.iter();
    Some(GracefulRestart {
        flags: if identity.restarting { GracefulRestart::RESTARTING } else { 0 },
        time: time.min(GracefulRestart::TIME_MAX),
        families: families.map(|family| (*family, GracefulRestart::FORWARDING)).collect(),
    })
}
