//! What both sides agreed on when their OPENs crossed: read by every codec, written by none.

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
