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
use crate::version::{SOFTWARE, VERSION};
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

/// The capability that tells a version of the program.
fn software(version: &str) -> Capability {
    Capability::SoftwareVersion(SoftwareVersion(format!("{SOFTWARE}{version}").into()))
}

impl Offer {
    /// Tells the peer this version of the program, where it is told any.
    pub fn report(&mut self, version: &str) {
        for capability in &mut self.0 {
            if matches!(capability, Capability::SoftwareVersion(_)) {
                *capability = software(version);
            }
        }
    }

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
            all.push(software(VERSION));
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
        // A session of one family of several (multi-session) keeps next hops of the others.
        let kept = NextHop::OFFERED.iter().filter(|entry| {
            settings.nexthop.contains(*entry) && settings.families.contains(&entry.0)
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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::bgp::message::{Frame, Kind, Open, frame};
    use crate::bgp::neighbor::AddPath::{Both, Receive, Send};
    use crate::bgp::neighbor::AddPathFamily;
    use crate::protocol::{Afi, Safi};
    use crate::wire::{Hex, from_hex};

    const EVPN: Family = Family::new(Afi::L2VPN, Safi::EVPN);

    fn v4(safi: Safi) -> Family {
        Family::new(Afi::IPV4, safi)
    }

    fn text(name: &str) -> Option<Box<str>> {
        Some(name.into())
    }

    fn dual(settings: &mut SessionSettings) {
        settings.families = vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST];
    }

    fn next_hops() -> Vec<(Family, Afi)> {
        vec![(Family::IPV4_UNICAST, Afi::IPV6)]
    }

    fn limited() -> Vec<AddPathFamily> {
        vec![AddPathFamily { family: Family::IPV4_UNICAST, limit: Some(10) }]
    }

    fn everything(settings: &mut SessionSettings) {
        settings.capability.route_refresh = true;
        settings.capability.graceful_restart = Some(120);
        settings.capability.add_path = Both;
        settings.capability.operational = true;
        settings.capability.nexthop = Some(true);
        settings.capability.multi_session = true;
        settings.host_name = text("core1");
        settings.nexthop = next_hops();
    }

    /// Asserts the body of the OPEN of an external session after `change`.
    fn sends(hex: &str, change: impl FnOnce(&mut SessionSettings)) {
        let mut settings = SessionSettings::for_test(65010, 65020);
        change(&mut settings);
        let expected = from_hex(hex).unwrap();
        let router_id: [u8; 4] = expected[5..9].try_into().unwrap();
        let asn = settings.local_as.unwrap();
        let identity = Identity { asn, router_id: router_id.into(), restarting: true };
        let open = Open::from_settings(&settings, identity).unwrap();
        let mut out = Vec::new();
        open.pack(&mut out);
        let Frame { kind, body, .. } = frame(&out, 4096).unwrap().unwrap();
        assert_eq!(kind, Kind::Open);
        assert_eq!(Hex(body).to_string(), Hex(&expected).to_string());
        assert_eq!(Open::unpack(body).unwrap().real_as(), asn);
    }

    #[test]
    fn switches_have_their_bytes_and_their_place() {
        // defaults
        sends("04fdf200b40a000002140206010400010001020641040000fdf202020600", |_| {});
        // IPv6 added
        sends(
            "04fdf200b40a0001021c02060104000100010206010400020001020641040000fdf202020600",
            |s| {
                dual(s);
            },
        );
        // family order sorted
        sends(
            concat!(
                "04fdf200b40a0002022c02060104000100010206010400010080020601040002000102060104",
                "00190046020641040000fdf202020600"
            ),
            |s| {
                s.families =
                    vec![v4(Safi::UNICAST), v4(Safi::MPLS_VPN), Family::IPV6_UNICAST, EVPN];
            },
        );
        // 4-octet AS
        sends("045ba000b40a00030214020601040001000102064104fa56ea0a02020600", |s| {
            s.local_as = Some(Asn(4_200_000_010));
        });
        // asn4 disable
        sends("04fdf200b40a0004020c020601040001000102020600", |s| {
            s.capability.asn4 = false;
        });
        // extended-message disable
        sends("04fdf200b40a000502100206010400010001020641040000fdf2", |s| {
            s.capability.extended_message = false;
        });
        // hold-time 0
        sends("04fdf200000a000602140206010400010001020641040000fdf202020600", |s| {
            s.hold_time = 0;
        });
        // hold-time 30
        sends("04fdf2001e0a000702140206010400010001020641040000fdf202020600", |s| {
            s.hold_time = 30;
        });
        // route-refresh
        sends(
            "04fdf200b40a0008021c0206010400010001020641040000fdf2020202000202460002020600",
            |s| {
                s.capability.route_refresh = true;
            },
        );
        // graceful-restart 120
        sends(
            concat!(
                "04fdf200b40a0009021e0206010400010001020641040000fdf2020840068078000101800202",
                "0600"
            ),
            |s| {
                s.capability.graceful_restart = Some(120);
            },
        );
    }

    #[test]
    fn lists_have_their_bytes_and_their_place() {
        // graceful-restart from hold-time
        sends(
            concat!(
                "04fdf200b40a000b021e0206010400010001020641040000fdf20208400680b4000101800202",
                "0600"
            ),
            |s| {
                s.capability.graceful_restart = Some(0);
            },
        );
        // add-path send/receive
        sends(
            concat!(
                "04fdf200b40a000c022802060104000100010206010400020001020641040000fdf2020a4508",
                "000101030002010302020600"
            ),
            |s| {
                dual(s);
                s.capability.add_path = Both;
            },
        );
        // add-path receive
        sends(
            "04fdf200b40a000d021c0206010400010001020641040000fdf2020645040001010102020600",
            |s| {
                s.capability.add_path = Receive;
            },
        );
        // add-path send
        sends(
            "04fdf200b40a000e021c0206010400010001020641040000fdf2020645040001010202020600",
            |s| {
                s.capability.add_path = Send;
            },
        );
        // nexthop
        sends(
            concat!(
                "04fdf200b40a000f022602060104000100010206010400020001020641040000fdf202080506",
                "00010001000202020600"
            ),
            |s| {
                dual(s);
                s.capability.nexthop = Some(true);
                s.nexthop = next_hops();
            },
        );
        // host-name
        sends(
            concat!(
                "04fdf200b40a0010022a0206010400010001020641040000fdf2020206000214491205636f72",
                "65310b6578616d706c652e6e6574"
            ),
            |s| {
                s.host_name = text("core1");
                s.domain_name = text("example.net");
            },
        );
    }

    #[test]
    fn texts_and_drafts_have_their_bytes_and_their_place() {
        // host-name without domain
        sends(
            concat!(
                "04fdf200b40a0011021f0206010400010001020641040000fdf2020206000209490705636f72",
                "653100"
            ),
            |s| {
                s.host_name = text("core1");
            },
        );
        // operational
        sends("04fdf200b40a001202180206010400010001020641040000fdf20202b90002020600", |s| {
            s.capability.operational = true;
        });
        // multi-session
        sends(
            concat!(
                "04fdf200b40a0013021e0206010400010001020641040000fdf2020206000203440100020344",
                "0101"
            ),
            |s| {
                s.capability.multi_session = true;
            },
        );
        // aigp is not a capability on the wire
        sends("04fdf200b40a001402140206010400010001020641040000fdf202020600", |s| {
            s.capability.aigp = true;
        });
        // link-local-nexthop
        sends("04fdf200b40a001502180206010400010001020641040000fdf20202060002024d00", |s| {
            s.capability.link_local_nexthop = Some(true);
        });
        // paths-limit
        sends(
            concat!(
                "04fdf200b40a001602250206010400010001020641040000fdf2020645040001010102074c05",
                "000101000a02020600"
            ),
            |s| {
                s.capability.add_path = Receive;
                s.add_path = limited();
            },
        );
    }

    #[test]
    fn everything_has_one_order_and_goes_to_the_extended_form() {
        // everything order
        sends(
            concat!(
                "04fdf200b40a0017026102060104000100010206010400020001020641040000fdf202080506",
                "000100010002020a45080001010300020103020c400a80780001018000020180020202000202",
                "46000202b900020206000209490705636f7265310002034401000203440101"
            ),
            |s| {
                dual(s);
                everything(s);
            },
        );
        // parameters over 254 octets use RFC 9072 form
        sends(
            concat!(
                "04fdf200b40a001802ffff014002000601040001000102000601040001000202000601040001",
                "0004020006010400010005020006010400010049020006010400010055020006010400010080",
                "0200060104000100840200060104000100850200060104000100860200060104000200010200",
                "0601040002000202000601040002000402000601040002000502000601040002004902000601",
                "0400020055020006010400020080020006010400020085020006010400020086020006010400",
                "19004102000601040019004602000601044004004702000601044004004802000641040000fd",
                "f2020060405e8078000101800001028000010480000105800001498000015580000180800001",
                "8480000185800001868000020180000202800002048000020580000249800002558000028080",
                "0002858000028680001941800019468040044780400448800200020600"
            ),
            |s| {
                s.families = Family::KNOWN.to_vec();
                s.capability.graceful_restart = Some(120);
            },
        );
    }

    #[test]
    fn the_restart_flag_is_said_only_when_asked_for() {
        let mut settings = SessionSettings::for_test(65010, 65020);
        settings.capability.graceful_restart = Some(120);
        let router_id = Ipv4Addr::new(10, 0, 10, 2);
        let identity = Identity { asn: Asn(65010), router_id, restarting: false };
        let offer = Offer::from_settings(&settings, identity).unwrap();
        let mut out = Vec::new();
        offer.pack(&mut Writer::new(&mut out));
        let expected = "1E0206010400010001020641040000FDF20208400600780001018002020600";
        assert_eq!(Hex(&out).to_string(), expected);
    }

    #[test]
    fn numbers_that_cannot_be_said_are_refused() {
        let mut settings = SessionSettings::for_test(65010, 65020);
        settings.capability.asn4 = false;
        let router_id = Ipv4Addr::LOCALHOST;
        let offer = |asn| {
            let identity = Identity { asn: Asn(asn), router_id, restarting: true };
            Offer::from_settings(&settings, identity).err()
        };
        assert_eq!(offer(65535), None);
        assert_eq!(offer(65536), Some(OfferError::WideAs));
        assert_eq!(offer(23456), Some(OfferError::TransAs));
    }

    #[test]
    fn next_hops_are_sent_empty_when_none_remains() {
        sends("04fdf200b40a000002180206010400010001020641040000fdf20202050002020600", |s| {
            s.capability.nexthop = Some(true);
        });
        sends("04fdf200b40a000002140206010400010001020641040000fdf202020600", |s| {
            s.capability.nexthop = Some(false);
            s.nexthop = next_hops();
        });
    }

    #[test]
    fn the_form_changes_at_255_octets() {
        for (spare, extended) in [(254, false), (255, true)] {
            // Two parameters with four octets around their values.
            let mut offer = Offer::default();
            let half = spare / 2;
            for (code, length) in [(200, half - 4), (201, spare - half - 4)] {
                offer.add(Capability::Unknown(Unknown::new(code, &vec![7; length])));
            }
            let mut out = Vec::new();
            offer.pack(&mut Writer::new(&mut out));
            assert_eq!(out[0] == 255, extended, "{spare}");
            let mut reader = Reader::new(&out);
            assert_eq!(Offer::unpack(&mut reader).unwrap(), offer);
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn an_ordinary_length_of_255_is_not_the_extended_form() {
        let mut bytes = vec![255, 2, 253, 200, 251];
        bytes.extend([0; 251]);
        let offer = Offer::unpack(&mut Reader::new(&bytes)).unwrap();
        assert!(offer.has(200));
    }

    #[test]
    fn repetitions_are_merged() {
        let parameters = concat!(
            "020601040001000102060104000100010206010400020001",
            "020645040001010102064504000101020204400200000208400600000001010002",
        );
        let mut bytes = from_hex(parameters.trim_end_matches("02")).unwrap();
        bytes.insert(0, u8::try_from(bytes.len()).unwrap());
        let offer = Offer::unpack(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(offer.families(), [Family::IPV4_UNICAST, Family::IPV6_UNICAST]);
        let Some(Capability::AddPath(paths)) = offer.get(69) else { panic!("no add-path") };
        assert_eq!(paths.0, [(Family::IPV4_UNICAST, Mode(2))]);
        let Some(Capability::GracefulRestart(state)) = offer.get(64) else { panic!("none") };
        assert_eq!(state.families, [(Family::IPV4_UNICAST, 0)]);
        assert_eq!(offer.iter().count(), 3);
    }
}
