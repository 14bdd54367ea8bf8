//! Which routes exist, which wait to be sent, and in what order. Knows no peer and no socket.

mod group;
mod incoming;
mod index;
#[cfg(test)]
mod model;
mod outgoing;
mod refresh;
mod route;
mod sending;
mod slots;
#[cfg(test)]
mod testing;

pub use incoming::Incoming;
pub use outgoing::{Options, Outcome, Outgoing};
pub use route::Route;
pub use sending::{Budget, Event, Observer, Progress};
pub use slots::Place;
