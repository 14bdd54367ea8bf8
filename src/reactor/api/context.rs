//! What commands act on: the peers, through two small traits, and the wishes that concern the
//! program as a whole.
//!
//! The table of peers belongs to the reactor; the commands see of it what stands here and no
//! more, so that they are tested with peers that have neither socket nor session.

use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::bgp::Negotiated;
use crate::bgp::attribute::Interner;
use crate::bgp::fsm::State;
use crate::bgp::message::Kind;
use crate::bgp::message::{Open, Operational};
use crate::bgp::neighbor::SessionSettings;
use crate::configuration::{Neighbor, RouteParser};
use crate::protocol::Family;
use crate::rib::{Incoming, Outgoing, Route};

/// The peers, in the order in which they were defined.
pub trait Peers {
    /// One of them.
    type Peer: Peer;

    /// How many there are.
    fn count(&self) -> usize;

    /// The peer at this place of the order.
    fn peer(&self, place: usize) -> Option<&Self::Peer>;

    /// The same, to act on it.
    fn peer_mut(&mut self, place: usize) -> Option<&mut Self::Peer>;

    /// A number that is another one whenever places, names or `api` sections have changed.
    fn generation(&self) -> u64;
}

/// What a command may ask of a peer, and ask it to do. What it is asked to do it does in its own
/// turn: these calls queue and schedule, and never write to a socket.
pub trait Peer {
    /// `neighbor … local-ip … local-as … peer-as … router-id … family-allowed …`
    fn name(&self) -> &Rc<str>;

    /// As configured.
    fn settings(&self) -> &SessionSettings;

    /// The state of the session.
    fn state(&self) -> State;

    /// What was announced to the peer, or waits to be.
    fn outgoing(&self) -> &Outgoing;

    /// What the peer has announced.
    fn incoming(&self) -> &Incoming;

    /// How the session stands.
    fn standing(&self, now: Instant) -> Standing<'_>;

    /// Whether the session is established.
    fn is_established(&self) -> bool {
        self.state() == State::Established
    }

    /// Announces a route; the peer puts its address in the place of `next-hop self`.
    fn announce(&mut self, route: &Route, interner: &mut Interner);

    /// Withdraws a route, announced or not. Some families show attributes in a withdrawal.
    fn withdraw(&mut self, route: &Route);

    /// Sends an End-of-RIB. Established peers only.
    fn eor(&mut self, family: Family);

    /// Sends a ROUTE-REFRESH query. Established peers only.
    fn refresh(&mut self, family: Family);

    /// Sends an OPERATIONAL message. Established peers that have agreed to it only.
    fn operational(&mut self, message: Operational);

    /// Whether all that was announced and withdrawn has left, or cannot leave for now.
    fn is_flushed(&self) -> bool;

    /// Closes the session with a Cease of this subcode, and starts another.
    fn teardown(&mut self, subcode: u8, now: Instant);

    /// Sends the Adj-RIB-Out again.
    fn flush(&mut self);

    /// Withdraws and forgets all that was announced.
    fn clear_out(&mut self);

    /// Forgets what was received.
    fn clear_in(&mut self);

    /// Lets the configured routes of this watchdog out, or takes them back.
    fn watchdog(&mut self, name: &str, gate: Gate);
}

/// The two positions of a watchdog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Its routes are held back.
    Closed,
    /// Its routes are announced.
    Open,
}

/// How a session stands: what `show neighbor` tells of it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    pub state: State,
    /// Since the session came up, or since it went down.
    pub since: Duration,
    /// Our end of the connection, once it is known.
    pub local_address: Option<IpAddr>,
    /// What was agreed, from the second OPEN to the end of the session.
    pub negotiated: Option<&'a Negotiated>,
    /// The OPEN of the peer, while there is one.
    pub remote: Option<&'a Open>,
    pub sent: Counts,
    pub received: Counts,
}

/// Messages of one direction, by kind, since the peer was defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub open: u64,
    pub update: u64,
    pub notification: u64,
    pub keepalive: u64,
    pub refresh: u64,
    pub operational: u64,
}

impl Counts {
    /// Messages of every kind.
    pub fn total(self) -> u64 {
        self.open
            + self.update
            + self.notification
            + self.keepalive
            + self.refresh
            + self.operational
    }

    /// Counts one message.
    pub fn count(&mut self, kind: Kind) {
        let counter = match kind {
            Kind::Open => &mut self.open,
            Kind::Update => &mut self.update,
            Kind::Notification => &mut self.notification,
            Kind::Keepalive => &mut self.keepalive,
            Kind::RouteRefresh => &mut self.refresh,
            Kind::Operational => &mut self.operational,
        };
        *counter += 1;
    }
}

/// What a command, or the end of a helper, asks of the program as a whole. Requests are collected
/// and acted on after the commands of the iteration have run.
#[derive(Clone, Debug)]
pub enum Control {
    /// Make this neighbor, and start its session.
    Create(Rc<Neighbor>),
    /// End the sessions of the neighbors of these names, and forget them.
    Delete(Vec<Rc<str>>),
    /// Close every session with a Cease, tell the helpers, and end.
    Shutdown,
    /// Read the configuration again and apply the difference.
    Reload,
    /// Read the configuration again, reset every session, start the helpers again.
    Restart,
    /// A helper was lost for good and `exabgp.api.terminate` is set: end with exit code 1.
    Terminate,
}

impl Control {
    /// Whether commands that follow may be about what it changes.
    pub fn is_urgent(&self) -> bool {
        matches!(self, Self::Create(_) | Self::Delete(_))
    }
}

impl PartialEq for Control {
    /// Neighbors are the same by name.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Create(one), Self::Create(other)) => one.name == other.name,
            (Self::Delete(one), Self::Delete(other)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Eq for Control {}

/// What a command acts on.
#[derive(Debug)]
pub struct Context<'a, P> {
    pub peers: &'a mut P,
    /// Reads routes, and keeps the attribute sets that they share.
    pub parser: &'a mut RouteParser,
    /// The moment of this iteration.
    pub now: Instant,
}
