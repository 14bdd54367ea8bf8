//! The reactor: one thread, one poll, everything that has a descriptor.
//!
//! `event_loop` holds the iteration; `lifecycle` starts, reloads and stops; `links` makes and ends
//! connections; `peer` is what happens to one neighbor; `api` is the helpers. Nothing here knows a
//! byte layout or a keyword.

pub mod api;
pub mod clock;
pub mod daemon;
mod event_loop;
mod lifecycle;
pub mod limits;
mod links;
pub mod network;
pub mod peer;
pub mod privileges;
pub mod signal;
mod source;
mod startup;
pub mod wheel;

use std::process::ExitCode;
use std::time::Instant;

use mio::{Events, Poll};

use api::Api;
use clock::Clock;
use event_loop::Due;
use network::Shared;
use peer::{Ask, Peers};
use signal::Signals;
use source::Sources;
use wheel::{TimerId, Wheel};

use crate::bgp::fsm::Link;
use crate::configuration::RouteParser;
use crate::environment::Settings;

pub use api::Described;
pub use startup::{Plan, Refused};

/// Every command of the API, by its first spelling.
pub fn commands() -> Vec<Described> {
    api::commands::<Peers>()
}

/// Everything that runs.
#[derive(Debug)]
pub struct Reactor {
    poll: Poll,
    events: Events,
    clock: Clock,
    wheel: Wheel<Due>,
    due: Vec<Due>,
    signals: Signals,
    sources: Sources,
    peers: Peers,
    api: Api,
    api_timer: Option<(TimerId, Instant)>,
    shared: Shared,
    settings: Settings,
    plan: Plan,
    /// What peers asked for during their turns.
    asks: Vec<Ask>,
    /// The language of routes, for configurations and commands, and the sets they share.
    parser: RouteParser,
    /// The helpers have work that no event will announce.
    busy: bool,
    /// Closed connections that can be moved toward their end.
    lingering: Vec<Link>,
    /// How many connections were closed and are not gone.
    finishing: usize,
    stopping: bool,
    /// There was a peer once.
    was_peopled: bool,
    exit: ExitCode,
    /// Feeds the hash tables, whose keys peers choose.
    entropy: u64,
}
