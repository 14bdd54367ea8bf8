//! A peer: the configuration of a neighbor, its session, its two RIBs and its connections.
//!
//! Whatever concerns a peer puts it in the run queue; its turn then reads what came, tells the
//! session, carries out what the session wants, draws routes from the RIB while the outbox has
//! room, and writes. A turn is bounded, and answers whether there is more to do at once.

mod incoming;
mod output;
mod supply;
mod table;
mod turn;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Instant;

use super::api::{Audience, Counts, Remote, Standing};
use super::event_loop::Due;
use super::wheel::{TimerId, Wheel};
use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attributes, Interner, NextHop};
use crate::bgp::fsm::{Event, Link, Session, State, Timer};
use crate::bgp::message::{Operational, RouteRefresh};
use crate::bgp::neighbor::SessionSettings;
use crate::bgp::nlri::Packed;
use crate::configuration::Neighbor;
use crate::protocol::Family;
use crate::rib::{Incoming, Outgoing, Route};

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

/// One neighbor at work.
#[derive(Debug)]
pub struct Peer {
    pub(super) key: Option<PeerKey>,
    pub(super) neighbor: Rc<Neighbor>,
    pub(super) session: Session,
    pub(super) outgoing: Outgoing,
    pub(super) incoming: Incoming,
    pub(super) audience: Audience,
    pub(super) queued: bool,
    /// Made for one caller of a range: removed when its session ends.
    pub(super) ephemeral: bool,
    /// The session ends for good; the peer is removed when it has.
    pub(super) leaving: bool,
    /// The outgoing connection under way.
    pub(super) attempt: Option<Link>,
    sent: Counts,
    received: Counts,
    wires: Vec<Wire>,
    /// The connection on which routes flow.
    up: Option<(Link, Rc<Negotiated>)>,
    /// The connection that events tell of, and its addresses.
    local: Option<IpAddr>,
    remote: Option<Remote>,
    since: Instant,
    timers: [Option<TimerId>; Timer::ALL.len()],
    orders: VecDeque<Order>,
    /// The last route announced with `next-hop self`, and what it became.
    ours: Option<(Rc<Attributes>, Rc<Attributes>)>,
    /// Messages drawn in the current second, where a limit is set.
    rate: Rate,
}

/// The use made of a rate limit.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    window: Option<Instant>,
    used: u32,
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
            outgoing: Outgoing::new(settings, seed),
            incoming: Incoming::new(seed),
            audience: Audience::new(settings),
            queued: false,
            ephemeral: false,
            leaving: false,
            attempt: None,
            sent: Counts::default(),
            received: Counts::default(),
            wires: Vec::new(),
            up: None,
            local: None,
            remote: None,
            since: now,
            timers: [None; Timer::ALL.len()],
            orders: VecDeque::new(),
            ours: None,
            rate: Rate::default(),
            neighbor,
        };
        peer.load(interner);
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

    /// How the session stands.
    pub fn standing(&self, now: Instant) -> Standing<'_> {
        Standing {
            state: self.session.state().name(),
            since: now.saturating_duration_since(self.since),
            local_address: self.local.or(self.settings().local_address),
            negotiated: self.wires.iter().find_map(|wire| wire.negotiated.as_deref()),
            remote: self.remote,
            sent: self.sent,
            received: self.received,
        }
    }

    /// Announces a route, our address in the place of `next-hop self`.
    pub fn announce(&mut self, route: &Route, interner: &mut Interner) {
        let attributes = self.resolve(route, interner);
        self.outgoing.announce(Route { nlri: route.nlri.clone(), attributes });
    }

    /// Withdraws a route, announced or not.
    pub fn withdraw(&mut self, nlri: &Packed) {
        self.outgoing.withdraw(nlri);
    }

    /// Asks for a message that carries no routes.
    fn order(&mut self, order: Order) {
        self.orders.push_back(order);
    }

    /// Asks the peer for its routes again.
    pub fn ask_refresh(&mut self, family: Family) {
        self.order(Order::Refresh(RouteRefresh::query(family)));
    }

    /// Sends an advisory or query.
    pub fn operational(&mut self, message: Operational) {
        self.order(Order::Operational(message));
    }

    /// Ends the session with a Cease of this subcode; it comes back.
    pub fn teardown(&mut self, subcode: u8, now: Instant) {
        self.session.handle(Event::Teardown(subcode), now);
    }

    /// Puts our address in the place of `next-hop self`.
    fn resolve(&mut self, route: &Route, interner: &mut Interner) -> Rc<Attributes> {
        if route.attributes.next_hop() != NextHop::OurAddress {
            return Rc::clone(&route.attributes);
        }
        if let Some((from, to)) = &self.ours
            && Rc::ptr_eq(from, &route.attributes)
        {
            return Rc::clone(to);
        }
        let Some(address) = self.our_address(route.nlri.family()) else {
            return Rc::clone(&route.attributes);
        };
        let resolved = route.attributes.with_next_hop(NextHop::Address(address));
        let resolved = interner.intern(resolved);
        self.ours = Some((Rc::clone(&route.attributes), Rc::clone(&resolved)));
        resolved
    }

    /// The address that `next-hop self` stands for: the local one, or the router-id where an IPv4
    /// route crosses an IPv6 session.
    fn our_address(&self, family: Family) -> Option<IpAddr> {
        let ipv6 = family.afi == crate::protocol::Afi::IPV6;
        let local = self.local.or(self.settings().local_address);
        match local {
            Some(address) if address.is_ipv6() == ipv6 => Some(address),
            _ if ipv6 => None,
            _ => self.settings().router_id.map(IpAddr::V4),
        }
    }

    /// Puts the configured routes in the RIB.
    fn load(&mut self, interner: &mut Interner) {
        let neighbor = Rc::clone(&self.neighbor);
        for (route, watched) in neighbor.routes() {
            let attributes = self.resolve(route, interner);
            let route = Route { nlri: route.nlri.clone(), attributes };
            self.outgoing.configure(route, watched.map(|w| (&*w.name, w.withdrawn)));
        }
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
