//! The states of a session, RFC 4271 section 8.2.2, by the names that logs and events print.

use std::fmt;

/// Where a session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Nothing happens, or an outgoing connection is under way.
    #[default]
    Idle,
    /// Waits for the peer to connect, or is about to connect.
    Active,
    /// A connection is up, our OPEN is not sent.
    Connect,
    /// Our OPEN is sent, the peer's has not come.
    OpenSent,
    /// Both OPENs are known and agree; the peer's KEEPALIVE has not come.
    OpenConfirm,
    /// Routes are exchanged.
    Established,
}

impl State {
    /// The name in events, logs and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Active => "ACTIVE",
            Self::Connect => "CONNECT",
            Self::OpenSent => "OPENSENT",
            Self::OpenConfirm => "OPENCONFIRM",
            Self::Established => "ESTABLISHED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
