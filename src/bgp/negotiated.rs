//! What both sides agreed on when their OPENs crossed: read by every codec, written by none.

use std::net::Ipv4Addr;

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
        paths_limit: Vec::new(),
        message_size: Self::MESSAGE_SIZE,
        hold_time: 0,
        refresh: Refresh::Absent,
        operational: false,
        multisession: false,
        link_local_nexthop: false,
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
            paths_limit: Vec::new(),
            message_size: Self::EXTENDED_MESSAGE_SIZE,
            hold_time: 180,
            refresh: Refresh::Absent,
            operational: false,
            multisession: false,
            link_local_nexthop: false,
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
