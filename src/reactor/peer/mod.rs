//! A peer: the configuration of a neighbor, its session, its two RIBs and its connections.
//!
//! Whatever concerns a peer puts it in the run queue; its turn then reads what came, tells the
//! session, carries out what the session wants, draws routes from the RIB while the outbox has
//! room, and writes. A turn is bounded, and answers whether there is more to do at once.

mod command;
mod incoming;
mod output;
mod supply;
mod table;
mod turn;
mod watchdog;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Instant;

use super::api::{Audience, Counts, Gate};
use super::event_loop::Due;
use super::wheel::{TimerId, Wheel};
use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, Interner, NextHop};
use crate::bgp::fsm::{Event, Link, Session, State, Timer};
use crate::bgp::message::{Operational, RouteRefresh};
use crate::bgp::neighbor::SessionSettings;
use crate::configuration::Neighbor;
use crate::protocol::{Afi, Family};
use crate::rib::{self, Incoming, Outgoing, Route};

use watchdog::Gates;

pub(in crate::reactor) use table::Caller;
pub use table::{PeerKey, Peers};
pub(in crate::reactor) use turn::{Ask, Surroundings, Turn};

/// What a command asked to be sent beside routes, in the order it was asked.
#[derive(Clone, Debug)]
enum Order {
    Operational(Operational),
    Refresh(RouteRefresh),
}

/// A connection of the session, and by what its messages are read and written.
#[derive(Clone, Debug)]
struct Wire {
    link: Link,
    /// Agreed once both OPENs are known.
    negotiated: Option<Rc<Negotiated>>,
}

/// The use made of a rate limit.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    window: Option<Instant>,
    used: usize,
}

/// One neighbor at work.
#[derive(Debug)]
pub struct Peer {
    pub(super) key: Option<PeerKey>,
    pub(super) neighbor: Rc<Neighbor>,
    pub(super) session: Session,
    pub(super) audience: Audience,
    pub(super) queued: bool,
    /// The range of the caller for whom the peer was made.
    pub(super) range: Option<Rc<Neighbor>>,
    /// The session ends for good; the peer is removed when it has.
    pub(super) leaving: bool,
    /// The outgoing connection under way.
    pub(super) attempt: Option<Link>,
    outgoing: Outgoing,
    incoming: Incoming,
    sent: Counts,
    received: Counts,
    wires: Vec<Wire>,
    /// The connection on which routes flow.
    up: Option<(Link, Rc<Negotiated>)>,
    /// Our address on the connection that events tell of.
    local: Option<IpAddr>,
    since: Instant,
    timers: [Option<TimerId>; Timer::ALL.len()],
    orders: VecDeque<Order>,
    /// Which watchdogs let their routes out.
    gates: Gates,
    /// What commands want of watchdogs.
    watches: Vec<(Box<str>, Gate)>,
    rate: Rate,
    /// The sequence of OPERATIONAL messages.
    sequence: u32,
    /// The configured OPERATIONAL messages that are sent once have been.
    advised: bool,
}

impl Peer {
    /// A peer that has not been started; its configured routes are in its RIB.
    pub(super) fn new(
        neighbor: Rc<Neighbor>,
        session: Session,
        interner: &mut Interner,
        now: Instant,
        seed: u64,
    ) -> Self {
        let settings = &neighbor.settings;
        let mut peer = Self {
            key: None,
            session,
            audience: Audience::new(settings),
            queued: false,
            range: None,
            leaving: false,
            attempt: None,
            outgoing: Outgoing::new(options(settings), seed),
            incoming: Incoming::new(seed),
            sent: Counts::default(),
            received: Counts::default(),
            wires: Vec::new(),
            up: None,
            local: None,
            since: now,
            timers: [None; Timer::ALL.len()],
            orders: VecDeque::new(),
            gates: Gates::default(),
            watches: Vec::new(),
            rate: Rate::default(),
            sequence: 0,
            advised: false,
            neighbor,
        };
        let neighbor = Rc::clone(&peer.neighbor);
        peer.outgoing.reserve(neighbor.routes().count());
        for (route, watched) in neighbor.routes() {
            if watched.is_none_or(|watched| peer.gates.is_open(watched)) {
                let attributes = peer.resolve(route, interner);
                peer.outgoing.announce(Route { nlri: route.nlri.clone(), attributes });
            }
        }
        peer
    }

    /// `neighbor … local-ip … local-as … peer-as … router-id … family-allowed …`
    pub fn name(&self) -> &Rc<str> {
        &self.neighbor.name
    }

    /// As configured.
    pub fn settings(&self) -> &SessionSettings {
        &self.neighbor.settings
    }

    /// The state of the session.
    pub fn state(&self) -> State {
        self.session.state()
    }

    /// Whether the peer is about to be removed.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Whether nothing of the peer remains to be waited for.
    pub(super) fn is_gone(&self) -> bool {
        self.leaving && self.wires.is_empty() && self.attempt.is_none()
    }

    /// Puts our address in the place of `next-hop self`.
    fn resolve(&self, route: &Route, interner: &mut Interner) -> Rc<Attributes> {
        if route.attributes.next_hop() != NextHop::OurAddress {
            return Rc::clone(&route.attributes);
        }
        match self.our_address(route.nlri.family()) {
            Some(address) => interner.with_next_hop(&route.attributes, NextHop::Address(address)),
            None => Rc::clone(&route.attributes),
        }
    }

    /// The address that `next-hop self` stands for: the local one, or the router-id where an IPv4
    /// route crosses an IPv6 session.
    fn our_address(&self, family: Family) -> Option<IpAddr> {
        let ipv6 = family.afi == Afi::IPV6;
        let local = self.local.or(self.neighbor.settings.local_address);
        match local {
            Some(address) if address.is_ipv6() == ipv6 => Some(address),
            _ if ipv6 => None,
            _ => self.settings().router_id.map(IpAddr::V4),
        }
    }

    /// The configured routes that no watchdog holds back.
    fn configured(&self, interner: &mut Interner) -> Vec<Route> {
        let free = self
            .neighbor
            .routes()
            .filter(|(_, watched)| watched.is_none_or(|watched| self.gates.is_open(watched)));
        free.map(|(route, _)| Route {
            nlri: route.nlri.clone(),
            attributes: self.resolve(route, interner),
        })
        .collect()
    }

    /// Stops every timer of the session.
    pub(super) fn disarm_all(&mut self, wheel: &mut Wheel<Due>) {
        for timer in &mut self.timers {
            if let Some(id) = timer.take() {
                wheel.cancel(id);
            }
        }
    }

    /// Notes that a timer of the session has fired.
    pub(super) fn fired(&mut self, timer: Timer, now: Instant) {
        if let Some(slot) = self.timer(timer) {
            *slot = None;
        }
        self.session.handle(Event::Fired(timer), now);
    }

    fn timer(&mut self, timer: Timer) -> Option<&mut Option<TimerId>> {
        let index = Timer::ALL.iter().position(|other| *other == timer)?;
        self.timers.get_mut(index)
    }

    /// A connection of this session, taken up by it.
    pub(super) fn connected(&mut self, event: Event, now: Instant) {
        if let Some(link) = event.link() {
            self.attempt = self.attempt.filter(|attempt| *attempt != link);
            self.wires.push(Wire { link, negotiated: None });
        }
        self.session.handle(event, now);
    }

    fn wire(&self, link: Link) -> Option<&Wire> {
        self.wires.iter().find(|wire| wire.link == link)
    }
}

/// What the settings say about routes.
fn options(settings: &SessionSettings) -> rib::Options {
    rib::Options {
        keep: settings.adj_rib_out || settings.capability.route_refresh,
        group: settings.group_updates,
        manual_eor: settings.manual_eor,
    }
}
