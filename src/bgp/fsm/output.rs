//! What a session wants done, in the order in which it must be done.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::{Link, State, Timer};
use crate::bgp::Negotiated;
use crate::bgp::message::{Kind, Notify, Open, keepalive};

/// A message that the session itself sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Open(Rc<Open>),
    Notification(Notify),
    Keepalive,
}

impl Message {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Open(_) => Kind::Open,
            Self::Notification(_) => Kind::Notification,
            Self::Keepalive => Kind::Keepalive,
        }
    }

    /// Appends the message, header included, to `out`.
    pub fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Open(open) => open.pack(out),
            Self::Notification(notify) => notify.pack(out),
            Self::Keepalive => keepalive::pack(out),
        }
    }
}

/// What the owner of a session must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Start an outgoing connection; answer with `Connected` or `Refused`.
    Connect,
    /// Give up the outgoing connection under way; nothing is answered.
    Abandon,
    /// Append the message to what the connection sends.
    Send(Link, Message),
    /// Close the connection once what was appended has left, or at the end of the linger time;
    /// what it still receives is dropped.
    Close(Link),
    /// Have the timer fire once, after this time; replaces an earlier arming.
    Arm(Timer, Duration),
    /// The timer shall not fire.
    Disarm(Timer),
    /// The state changed, or was entered again.
    Changed(State, State),
    /// The session is carried by this connection from now on: the `connected` event.
    Connected(Link),
    /// Both OPENs agree: the connection reads and writes messages by this from now on.
    Negotiated(Link, Rc<Negotiated>),
    /// Routes may flow on the connection: the `up` event.
    Up(Link, Rc<Negotiated>),
    /// A session that had a connection ended: the `down` event.
    Down(Reason),
    /// The session will do nothing more: stopped, out of attempts, or its only connection ended.
    Finished,
}

/// Why a session went down; shown as the `reason` of the `down` event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// We sent a NOTIFICATION with this code and subcode.
    Sent(u8, u8),
    /// The peer sent a NOTIFICATION with this code and subcode.
    Received(u8, u8),
    /// The connection failed, or the peer closed it.
    Closed,
    /// The neighbor is no longer configured.
    Removed,
    /// The program ends.
    ShuttingDown,
    /// Another connection of the peer is used instead (RFC 4271 section 6.8).
    Collision,
    /// Ended so that the peer keeps our routes (RFC 4724).
    Graceful,
    /// The helper program of the neighbor is gone.
    Process,
    /// Our OPEN cannot be made on this connection.
    NoOpen,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sent(code, subcode) => {
                return write!(f, "notification sent ({code},{subcode})");
            }
            Self::Received(code, subcode) => {
                return write!(f, "notification received ({code},{subcode})");
            }
            Self::Closed => "closing connection",
            Self::Removed => "stop, message [removed]",
            Self::ShuttingDown => "stop, message [shutting down]",
            Self::Collision => {
                "closing outgoing connection as we have another incoming on with higher router-id"
            }
            Self::Graceful => {
                "graceful restarted negotiated, closing without sending any notification"
            }
            Self::Process => "process problem",
            Self::NoOpen => "no OPEN can be sent: router-id or AS number missing",
        })
    }
}
