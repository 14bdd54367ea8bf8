//! The session as a value, RFC 4271 section 8: events in, outputs out, time as an argument.
//!
//! [`Session`] owns the rules and nothing else: no socket, no clock, no route. Its owner tells it
//! what happened with [`Session::handle`] and then does what [`Session::poll_output`] says until
//! there is no more. The phases are one file each: before a connection, until both sides agreed,
//! and while routes flow.

mod backoff;
mod collision;
mod established;
mod event;
mod idle;
mod open;
mod output;
mod session;
mod state;

pub use backoff::BackOff;
pub use collision::{Speaker, Survivor, resolve};
pub use event::{Direction, Event, Link, Stop, Timer};
pub use output::{Message, Output, Reason};
pub use session::{Policy, Session};
pub use state::State;
