//! Sockets: connections, listeners, their options and their faults.
//!
//! Nothing here knows BGP. A `Connection` moves bytes between a socket that never blocks and two
//! buffers; whoever owns it frames what is `unread` and appends what shall leave. Readiness is
//! edge-triggered and remembered in latches, so work may stop at a budget at any point.

pub mod connection;
pub mod error;
pub mod inbox;
pub mod io;
pub mod listener;
pub mod options;
pub mod outbox;
pub mod outgoing;
pub mod sys;
#[cfg(test)]
pub(crate) mod testing;

pub use connection::{Connection, Establishing, Farewell, Reading, Shared, Stream, Writing};
pub use error::{Class, Error, Operation, classify};
pub use inbox::{Inbox, Pool};
pub use io::{Budget, Defensive, Moved, Wake};
pub use listener::{Accepted, Listener};
pub use options::{AoKey, Key, Md5Key, SocketOptions, endpoint};
pub use outbox::Outbox;
pub use outgoing::connect;
