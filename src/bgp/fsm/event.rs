//! What happens to a session.

use std::net::IpAddr;
use std::rc::Rc;

use crate::bgp::message::{Kind, Notify, Open};
use crate::bgp::neighbor::SessionSettings;

/// A connection of the session, by the number its owner knows it by. Never reused while the
/// session may still name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link(pub usize);

/// Who opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The peer.
    Incoming,
    /// We did.
    Outgoing,
}

/// The timers a session can have; each exists once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Timer {
    /// The pause before the next attempt.
    ConnectRetry,
    /// How long a peer may take to send its OPEN.
    OpenWait,
    /// How long a peer may be silent (RFC 4271 section 6.5).
    Hold,
    /// When our next KEEPALIVE is due.
    Keepalive,
    /// How long a peer may refuse what we write (RFC 9687).
    SendHold,
}

impl Timer {
    /// Every timer.
    pub const ALL: [Self; 5] =
        [Self::ConnectRetry, Self::OpenWait, Self::Hold, Self::Keepalive, Self::SendHold];
}

/// Why a session is ended for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The neighbor is no longer configured: Cease 6/3.
    Removed,
    /// The program ends: Cease 6/2, or nothing with graceful restart.
    ShuttingDown,
    /// The helper program that drives the neighbor is gone: Cease 6/2.
    Process,
}

/// What a session is told. Every event that names a link which the session does not have, or no
/// longer has, is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The session may connect, or wait for a connection.
    Start,
    /// The session ends and does not come back.
    Stop(Stop),
    /// The operator ends the connection with Cease of this subcode; the session comes back.
    Teardown(u8),
    /// The settings changed: the connection ends with Cease 6/3, the next one uses the new ones.
    Reconfigured(Rc<SessionSettings>),
    /// A connection is up: ours, or one that the peer opened. `local` is our address on it.
    Connected { link: Link, direction: Direction, local: IpAddr },
    /// The outgoing connection could not be made.
    Refused,
    /// The connection ended or failed; nothing is said about it any more.
    Lost(Link),
    /// An OPEN was read.
    Open(Link, Box<Open>),
    /// A NOTIFICATION was read.
    Notification(Link, Notify),
    /// A whole message of another kind was read and is well formed as far as it is looked at.
    Message(Link, Kind),
    /// What was read cannot be accepted: the peer is told this.
    Fault(Link, Notify),
    /// Bytes of the peer wait to be read while reading is paused: it is alive.
    Waiting(Link),
    /// Bytes wait to be sent and the kernel takes none.
    Blocked(Link),
    /// The kernel took bytes again.
    Wrote(Link),
    /// A timer is due.
    Fired(Timer),
}

impl Event {
    /// The connection it is about.
    pub fn link(&self) -> Option<Link> {
        match self {
            Self::Connected { link, .. }
            | Self::Lost(link)
            | Self::Open(link, _)
            | Self::Notification(link, _)
            | Self::Message(link, _)
            | Self::Fault(link, _)
            | Self::Waiting(link)
            | Self::Blocked(link)
            | Self::Wrote(link) => Some(*link),
            Self::Start
            | Self::Stop(_)
            | Self::Teardown(_)
            | Self::Reconfigured(_)
            | Self::Refused
            | Self::Fired(_) => None,
        }
    }
}
