//! What both sides agreed on when their OPENs crossed: read by every codec, written by none.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::capability::{Capability, Mode, MultiProtocol};
use super::message::{Notify, Open};
use super::neighbor::SessionSettings;
use crate::json;
use crate::protocol::{Afi, Asn, Family};

/// How a peer asked for its routes again may be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refresh {
    #[default]
    Absent,
    /// RFC 2918.
    Normal,
    /// RFC 7313: framed by begin and end markers.
    Enhanced,
}

impl Refresh {
    /// The word of events.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Normal => "normal",
            Self::Enhanced => "enhanced",
        }
    }
}

/// The agreement of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// Our AS number, whole.
    pub local_as: Asn,
    /// The peer's AS number, whole.
    pub peer_as: Asn,
    /// AS numbers are four octets in AS_PATH and AGGREGATOR (RFC 6793).
    pub asn4: bool,
    /// Families both sides carry, in the order of the peer's OPEN.
    pub families: Vec<Family>,
    /// Families whose NLRI we send with a path identifier (RFC 7911).
    pub addpath_send: Vec<Family>,
    /// Families whose NLRI we receive with a path identifier.
    pub addpath_receive: Vec<Family>,
    /// Families that may have a next hop of another address family (RFC 8950).
    pub nexthop: Vec<(Family, Afi)>,
    /// Families of IPv6 whose IPv4 next hops are written as they are, in four octets: configured,
    /// as no capability tells of it. Elsewhere they are mapped into IPv6 (RFC 4291).
    pub ipv4_next_hops: Vec<Family>,
    /// How many paths of a prefix the peer wants, by family.
    pub paths_limit: Vec<(Family, u16)>,
    /// The longest message in octets, header included: 4096 or 65535 (RFC 8654).
    pub message_size: usize,
    /// Seconds; 0 means that nobody watches the silence.
    pub hold_time: u16,
    pub refresh: Refresh,
    pub operational: bool,
    pub multisession: bool,
    pub link_local_nexthop: bool,
    /// Ours, sent beside a global IPv6 next hop: both sides have the capability of link-local next
    /// hops, one is configured, and the peer is one hop away.
    pub link_local: Option<Ipv6Addr>,
    /// AIGP is sent and accepted (RFC 7311): configured, or an internal session for sending.
    pub aigp: bool,
}

impl Negotiated {
    /// The longest message before, or without, RFC 8654.
    pub const MESSAGE_SIZE: usize = 4096;
    /// The longest message with RFC 8654.
    pub const EXTENDED_MESSAGE_SIZE: usize = 65535;

    /// Before anything is agreed: no family, nothing optional, messages of 4096 octets.
    pub const INITIAL: Self = Self {
        local_as: Asn(0),
        peer_as: Asn(0),
        asn4: false,
        families: Vec::new(),
        addpath_send: Vec::new(),
        addpath_receive: Vec::new(),
        nexthop: Vec::new(),
        ipv4_next_hops: Vec::new(),
        paths_limit: Vec::new(),
        message_size: Self::MESSAGE_SIZE,
        hold_time: 0,
        refresh: Refresh::Absent,
        operational: false,
        multisession: false,
        link_local_nexthop: false,
        link_local: None,
        aigp: false,
    };

    /// A session inside AS 65533 with every known family and nothing optional but four-octet AS
    /// numbers and extended messages: what `decode` and `encode` assume.
    pub fn wide() -> Self {
        Self {
            local_as: Asn(65533),
            peer_as: Asn(65533),
            asn4: true,
            families: Family::KNOWN.to_vec(),
            addpath_send: Vec::new(),
            addpath_receive: Vec::new(),
            nexthop: Vec::new(),
            ipv4_next_hops: Vec::new(),
            paths_limit: Vec::new(),
            message_size: Self::EXTENDED_MESSAGE_SIZE,
            hold_time: 180,
            refresh: Refresh::Absent,
            operational: false,
            multisession: false,
            link_local_nexthop: false,
            link_local: None,
            aigp: false,
        }
    }

    /// What our OPEN and the peer's agree on, or what the peer must be told: its AS is not the
    /// expected one (2/2), its identifier is zero or ours (2/3), its hold time is one or two
    /// seconds (2/6), or sessions cannot be told apart (2/8, 2/9). Checked in this order. Families
    /// that only one side carries are no error.
    pub fn agree(settings: &SessionSettings, ours: &Open, theirs: &Open) -> Result<Self, Notify> {
        let (here, there) = (&ours.capabilities, &theirs.capabilities);
        let both = |code: u8| here.has(code) && there.has(code);
        let asn4 = both(65);
        let peer_as = if asn4 { theirs.real_as() } else { theirs.asn };
        acceptable(settings, ours, theirs, peer_as)?;
        let multisession = multisession(ours, theirs)?;
        let (addpath_send, addpath_receive) = addpath(ours, theirs);
        Ok(Self {
            local_as: ours.asn,
            peer_as,
            asn4,
            families: intersection(there.families(), here.families()),
            paths_limit: paths_limit(theirs, &addpath_send),
            addpath_send,
            addpath_receive,
            nexthop: intersection(next_hops(theirs), next_hops(ours)),
            ipv4_next_hops: settings.ipv4_next_hops(),
            message_size: if both(6) { Self::EXTENDED_MESSAGE_SIZE } else { Self::MESSAGE_SIZE },
            hold_time: ours.hold_time.min(theirs.hold_time),
            refresh: match (both(70), both(2)) {
                (true, _) => Refresh::Enhanced,
                (false, true) => Refresh::Normal,
                (false, false) => Refresh::Absent,
            },
            operational: both(185),
            multisession,
            link_local_nexthop: both(77),
            link_local: settings.local_link_local.filter(|_| both(77) && !settings.is_multihop()),
            aigp: settings.capability.aigp,
        })
    }

    /// Families that only one side carries: the peer's, then ours.
    pub fn mismatch(ours: &Open, theirs: &Open) -> (Vec<Family>, Vec<Family>) {
        let (here, there) = (ours.capabilities.families(), theirs.capabilities.families());
        let only = |these: &[Family], others: &[Family]| {
            these.iter().filter(|family| !others.contains(family)).copied().collect()
        };
        (only(there, here), only(here, there))
    }

    /// Writes the `negotiated` object of an event.
    pub fn json(&self, json: &mut json::Writer<'_>) {
        json.object(|object| {
            object.field("message_size").number(u32::try_from(self.message_size).unwrap_or(0));
            object.field("hold_time").number(self.hold_time);
            object.field("asn4").boolean(self.asn4);
            object.field("multisession").boolean(self.multisession);
            object.field("operational").boolean(self.operational);
            object.field("refresh").string(self.refresh.name());
            names(object.field("families"), &self.families);
            object.field("nexthop").tight_list(|list| {
                for (family, afi) in &self.nexthop {
                    list.element().display(&format_args!("{family} {afi}"));
                }
            });
            let json = object.field("add_path");
            json.raw("{\"send\": ");
            names(json, &self.addpath_send);
            json.raw(", \"receive\": ");
            names(json, &self.addpath_receive);
            json.raw("}");
        });
    }

    /// Whether both sides are in one AS.
    pub fn is_internal(&self) -> bool {
        self.local_as == self.peer_as
    }

    /// Whether the family may be used.
    pub fn has(&self, family: Family) -> bool {
        self.families.contains(&family)
    }

    /// Whether NLRI of the family leave with a path identifier.
    pub fn sends_path_id(&self, family: Family) -> bool {
        self.addpath_send.contains(&family)
    }

    /// Whether NLRI of the family come with a path identifier.
    pub fn receives_path_id(&self, family: Family) -> bool {
        self.addpath_receive.contains(&family)
    }
}

/// RFC 4271 section 6.2, RFC 6286 section 2.2.
fn acceptable(
    settings: &SessionSettings,
    ours: &Open,
    theirs: &Open,
    peer_as: Asn,
) -> Result<(), Notify> {
    if let Some(expected) = settings.peer_as
        && peer_as != expected
    {
        let what = format_args!("AS {peer_as} in OPEN, expected {expected}");
        return Err(Notify::with_text(2, 2, what));
    }
    if theirs.router_id == Ipv4Addr::UNSPECIFIED {
        return Err(Notify::with_text(2, 3, "0.0.0.0 is not an identifier"));
    }
    if theirs.router_id == ours.router_id && peer_as == ours.asn {
        let what = format_args!("both sides of this internal session are {}", ours.router_id);
        return Err(Notify::with_text(2, 3, what));
    }
    if matches!(theirs.hold_time, 1 | 2) {
        let what = format_args!("hold time {} is neither 0 nor at least 3", theirs.hold_time);
        return Err(Notify::with_text(2, 6, what));
    }
    Ok(())
}

/// draft-ietf-idr-bgp-multisession sections 4 and 7.
fn multisession(ours: &Open, theirs: &Open) -> Result<bool, Notify> {
    let session = |open: &Open| {
        open.capabilities.iter().find_map(|capability| match capability {
            Capability::MultiSession(session) => Some(session.session_id()),
            _ => None,
        })
    };
    let Some(here) = session(ours) else { return Ok(false) };
    let Some(there) = session(theirs) else {
        return Err(Notify::with_text(2, 9, "multisession is mandatory with this peer"));
    };
    if here != there {
        return Err(Notify::with_text(2, 8, "multisession: other session identifiers"));
    }
    // The values of the capabilities that tell sessions apart must be the same.
    let differs = here.iter().find(|code| {
        match (ours.capabilities.get(**code), theirs.capabilities.get(**code)) {
            (
                Some(Capability::MultiProtocol(MultiProtocol(here))),
                Some(Capability::MultiProtocol(MultiProtocol(there))),
            ) => here.len() != there.len() || !here.iter().all(|family| there.contains(family)),
            (Some(here), Some(there)) => here != there,
            (None, _) | (_, None) => true,
        }
    });
    match differs {
        None => Ok(true),
        Some(code) => {
            let what = format_args!("multisession: capability {code} differs");
            Err(Notify::with_text(2, 8, what))
        }
    }
}

/// The entries of the first list that are in the second, in the order of the first.
fn intersection<T: Copy + PartialEq>(first: &[T], second: &[T]) -> Vec<T> {
    first.iter().filter(|entry| second.contains(entry)).copied().collect()
}

fn next_hops(open: &Open) -> &[(Family, Afi)] {
    match open.capabilities.get(5) {
        Some(Capability::NextHop(entries)) => &entries.0,
        _ => &[],
    }
}

/// Families to send and to receive with path identifiers: RFC 7911 section 4 wants the one side to
/// send and the other to receive.
fn addpath(ours: &Open, theirs: &Open) -> (Vec<Family>, Vec<Family>) {
    let (Some(Capability::AddPath(here)), Some(Capability::AddPath(there))) =
        (ours.capabilities.get(69), theirs.capabilities.get(69))
    else {
        return (Vec::new(), Vec::new());
    };
    let agreed = |agree: fn(here: Mode, there: Mode) -> bool| {
        let entries = here.0.iter().filter(move |(family, mode)| {
            there.mode(*family).is_some_and(|theirs| agree(*mode, theirs))
        });
        entries.map(|(family, _)| *family).collect()
    };
    (
        agreed(|here, there| here.sends() && there.receives()),
        agreed(|here, there| here.receives() && there.sends()),
    )
}

/// The limits of the peer for what we send.
fn paths_limit(theirs: &Open, sent: &[Family]) -> Vec<(Family, u16)> {
    match theirs.capabilities.get(76) {
        Some(Capability::PathsLimit(limits)) => {
            limits.0.iter().filter(|(family, _)| sent.contains(family)).copied().collect()
        }
        _ => Vec::new(),
    }
}

fn names(json: &mut json::Writer<'_>, families: &[Family]) {
    json.tight_list(|list| families.iter().for_each(|family| list.element().display(family)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::message::open::Identity;
    use crate::bgp::neighbor::{AddPath, AddPathFamily};
    use crate::json::{Dialect, Writer};
    use crate::wire::from_hex;

    fn dual(settings: &mut SessionSettings) {
        settings.families = vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST];
    }

    /// What a neighbor of AS 65010 and identifier 10.0.9.2 answers to the body of an OPEN.
    fn meet(
        peer_as: u32,
        hex: &str,
        change: impl FnOnce(&mut SessionSettings),
    ) -> Result<Negotiated, Notify> {
        let mut settings = SessionSettings::for_test(65010, peer_as);
        change(&mut settings);
        let identity =
            Identity { asn: Asn(65010), router_id: Ipv4Addr::new(10, 0, 9, 2), restarting: true };
        let ours = Open::from_settings(&settings, identity).unwrap();
        let theirs = Open::unpack(&from_hex(hex).unwrap()).unwrap();
        Negotiated::agree(&settings, &ours, &theirs)
    }

    #[test]
    fn our_link_local_address_is_for_neighbors_one_hop_away_that_take_it() {
        let local: Ipv6Addr = "fe80::7".parse().unwrap();
        let with = "04fdfc00b4c0000263140206010400020001 0202 4d00 02064104 0000fdfc";
        let without = "04fdfc00b4c0000263100206010400020001020641040000fdfc";
        let link_local = |hex: &str, wanted, ttl| {
            let agreed = meet(65020, &hex.replace(' ', ""), |settings| {
                settings.families = vec![Family::IPV6_UNICAST];
                settings.local_link_local = Some(local);
                settings.capability.link_local_nexthop = Some(wanted);
                settings.outgoing_ttl = ttl;
            });
            agreed.unwrap().link_local
        };
        assert_eq!(link_local(with, true, None), Some(local));
        assert_eq!(link_local(with, true, Some(1)), Some(local));
        assert_eq!(link_local(with, true, Some(2)), None);
        assert_eq!(link_local(with, false, None), None);
        assert_eq!(link_local(without, true, None), None);
    }

    fn agrees(
        peer_as: u32,
        hex: &str,
        change: impl FnOnce(&mut SessionSettings),
        families: &[Family],
        expected: (u16, bool, usize, u32, Refresh),
    ) {
        let agreed = meet(peer_as, hex, change).unwrap();
        assert_eq!(agreed.families, families, "{hex}");
        let Negotiated { hold_time, asn4, message_size, peer_as, refresh, .. } = agreed;
        assert_eq!((hold_time, asn4, message_size, peer_as.0, refresh), expected, "{hex}");
        assert_eq!(agreed.local_as, Asn(65010));
    }

    fn refuses(peer_as: u32, hex: &str, change: impl FnOnce(&mut SessionSettings), subcode: u8) {
        let notify = meet(peer_as, hex, change).unwrap_err();
        assert_eq!((notify.code, notify.subcode), (2, subcode), "{hex}");
    }

    #[test]
    fn sides_that_agree() {
        // normal
        agrees(
            65020,
            "04fdfc00b4c00002631c0206010400010001020641040000fdfc020206000202020002024600",
            |s| {
                dual(s);
                s.capability.route_refresh = true;
            },
            &[Family::IPV4_UNICAST],
            (180, true, 65535, 65020, Refresh::Enhanced),
        );
        // hold time 0
        agrees(
            65020,
            "04fdfc0000c0000263100206010400010001020641040000fdfc",
            dual,
            &[Family::IPV4_UNICAST],
            (0, true, 4096, 65020, Refresh::Absent),
        );
        // hold time 3
        agrees(
            65020,
            "04fdfc0003c0000263100206010400010001020641040000fdfc",
            dual,
            &[Family::IPV4_UNICAST],
            (3, true, 4096, 65020, Refresh::Absent),
        );
        // AS_TRANS + ASN4
        agrees(
            4_200_000_001,
            "045ba000b4c000026310020601040001000102064104fa56ea01",
            dual,
            &[Family::IPV4_UNICAST],
            (180, true, 4096, 4200000001, Refresh::Absent),
        );
        // ASN4 disagrees with 2-octet AS
        agrees(
            65020,
            "04fdfc00b4c0000263100206010400010001020641040000fc00",
            dual,
            &[Family::IPV4_UNICAST],
            (180, true, 4096, 65020, Refresh::Absent),
        );
        // same router-id eBGP
        agrees(
            65020,
            "04fdfc00b40a000902100206010400010001020641040000fdfc",
            dual,
            &[Family::IPV4_UNICAST],
            (180, true, 4096, 65020, Refresh::Absent),
        );
    }

    #[test]
    fn families_and_refresh_that_agree() {
        // no common family
        agrees(
            65020,
            "04fdfc00b4c0000263100206010400190046020641040000fdfc",
            dual,
            &[],
            (180, true, 4096, 65020, Refresh::Absent),
        );
        // no MP capability at all
        agrees(
            65020,
            "04fdfc00b4c000026308020641040000fdfc",
            dual,
            &[],
            (180, true, 4096, 65020, Refresh::Absent),
        );
        // multisession without family answer
        agrees(
            65020,
            "04fdfc00b4c0000263150206010400010001020641040000fdfc0203440101",
            |s| {
                s.capability.multi_session = true;
            },
            &[Family::IPV4_UNICAST],
            (180, true, 4096, 65020, Refresh::Absent),
        );
        // family order follows peer
        agrees(
            65020,
            "04fdfc00b4c00002631802060104000200010206010400010001020641040000fdfc",
            dual,
            &[Family::IPV6_UNICAST, Family::IPV4_UNICAST],
            (180, true, 4096, 65020, Refresh::Absent),
        );
        // peer route-refresh only cisco
        agrees(
            65020,
            "04fdfc00b4c0000263140206010400010001020641040000fdfc02028000",
            |s| {
                dual(s);
                s.capability.route_refresh = true;
            },
            &[Family::IPV4_UNICAST],
            (180, true, 4096, 65020, Refresh::Absent),
        );
        // peer route-refresh normal
        agrees(
            65020,
            "04fdfc00b4c0000263140206010400010001020641040000fdfc02020200",
            |s| {
                dual(s);
                s.capability.route_refresh = true;
            },
            &[Family::IPV4_UNICAST],
            (180, true, 4096, 65020, Refresh::Normal),
        );
    }

    #[test]
    fn sides_that_do_not() {
        // wrong AS
        refuses(65020, "04fc0000b4c0000263080206010400010001", dual, 2);
        // router-id 0.0.0.0
        refuses(65020, "04fdfc00b400000000100206010400010001020641040000fdfc", dual, 3);
        // hold time 1
        refuses(65020, "04fdfc0001c0000263100206010400010001020641040000fdfc", dual, 6);
        // hold time 2
        refuses(65020, "04fdfc0002c0000263100206010400010001020641040000fdfc", dual, 6);
        // AS_TRANS without ASN4
        refuses(4_200_000_001, "045ba000b4c0000263080206010400010001", dual, 2);
        // same router-id iBGP
        refuses(65010, "04fdf200b40a000902100206010400010001020641040000fdf2", dual, 3);
        // multi-session mandatory not answered
        refuses(
            65020,
            "04fdfc00b4c0000263100206010400010001020641040000fdfc",
            |s| {
                s.capability.multi_session = true;
            },
            9,
        );
    }

    #[test]
    fn sessions_that_carry_other_families_are_in_conflict() {
        let theirs = "04fdfc00b4c0000263150206010400020001020641040000fdfc0203440100";
        refuses(65020, theirs, |s| s.capability.multi_session = true, 8);
    }

    /// Two neighbors that know each other, and what each made of the other's OPEN.
    fn pair(
        left: impl FnOnce(&mut SessionSettings),
        right: impl FnOnce(&mut SessionSettings),
    ) -> (Negotiated, Negotiated) {
        let mut one = SessionSettings::for_test(4_200_000_001, 4_200_000_002);
        let mut two = SessionSettings::for_test(4_200_000_002, 4_200_000_001);
        left(&mut one);
        right(&mut two);
        let open = |settings: &SessionSettings, last| {
            let asn = settings.local_as.unwrap();
            let router_id = Ipv4Addr::new(10, 0, 0, last);
            let identity = Identity { asn, router_id, restarting: true };
            Open::from_settings(settings, identity).unwrap()
        };
        let (here, there) = (open(&one, 1), open(&two, 2));
        let seen = |open: &Open| {
            let mut out = Vec::new();
            open.pack(&mut out);
            Open::unpack(&out[19..]).unwrap()
        };
        let agreed = Negotiated::agree(&one, &here, &seen(&there)).unwrap();
        (agreed, Negotiated::agree(&two, &there, &seen(&here)).unwrap())
    }

    #[test]
    fn wide_as_numbers_stay_whole() {
        let (left, _) = pair(|_| {}, |_| {});
        assert_eq!((left.local_as.0, left.peer_as.0), (4_200_000_001, 4_200_000_002));
        assert!(!left.is_internal());
    }

    #[test]
    fn path_identifiers_go_one_way_when_said_so() {
        let (left, right) = pair(
            |s| s.capability.add_path = AddPath::Send,
            |s| {
                s.capability.add_path = AddPath::Both;
                let family = Family::IPV4_UNICAST;
                s.add_path = vec![AddPathFamily { family, limit: Some(7) }];
            },
        );
        assert!(left.sends_path_id(Family::IPV4_UNICAST));
        assert!(!left.receives_path_id(Family::IPV4_UNICAST));
        assert!(right.receives_path_id(Family::IPV4_UNICAST));
        assert!(!right.sends_path_id(Family::IPV4_UNICAST));
        assert_eq!(left.paths_limit, [(Family::IPV4_UNICAST, 7)]);
        assert_eq!(right.paths_limit, []);
    }

    #[test]
    fn next_hops_of_the_other_family_are_those_of_both() {
        let side = |s: &mut SessionSettings| {
            dual(s);
            s.nexthop = vec![(Family::IPV4_UNICAST, Afi::IPV6)];
        };
        assert_eq!(pair(side, side).0.nexthop, [(Family::IPV4_UNICAST, Afi::IPV6)]);
        assert_eq!(pair(side, dual).0.nexthop, []);
    }

    #[test]
    fn families_of_one_side_are_named() {
        let theirs = "04fdfc00b4c0000263100206010400190046020641040000fdfc";
        let theirs = Open::unpack(&from_hex(theirs).unwrap()).unwrap();
        let mut settings = SessionSettings::for_test(65010, 65020);
        dual(&mut settings);
        let identity =
            Identity { asn: Asn(65010), router_id: Ipv4Addr::LOCALHOST, restarting: true };
        let ours = Open::from_settings(&settings, identity).unwrap();
        let (there, here) = Negotiated::mismatch(&ours, &theirs);
        assert_eq!(there.iter().map(ToString::to_string).collect::<Vec<_>>(), ["l2vpn evpn"]);
        assert_eq!(here, [Family::IPV4_UNICAST, Family::IPV6_UNICAST]);
    }

    #[test]
    fn the_event_is_spaced_as_consumers_know_it() {
        let (agreed, _) = pair(
            |s| {
                dual(s);
                s.capability.route_refresh = true;
                s.nexthop = vec![(Family::IPV4_UNICAST, Afi::IPV6)];
                s.capability.add_path = AddPath::Both;
            },
            |s| {
                dual(s);
                s.capability.route_refresh = true;
                s.nexthop = vec![(Family::IPV4_UNICAST, Afi::IPV6)];
                s.capability.add_path = AddPath::Receive;
            },
        );
        let mut out = Vec::new();
        agreed.json(&mut Writer::new(&mut out, Dialect::V4));
        let expected = concat!(
            r#"{ "message_size": 65535, "hold_time": 180, "asn4": true, "multisession": false, "#,
            r#""operational": false, "refresh": "enhanced", "#,
            r#""families": ["ipv4 unicast", "ipv6 unicast"], "nexthop": ["ipv4 unicast ipv6"], "#,
            r#""add_path": {"send": ["ipv4 unicast", "ipv6 unicast"], "receive": []} }"#
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
