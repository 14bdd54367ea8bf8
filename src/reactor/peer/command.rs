//! What commands see of the peers, and may ask of them.

use std::rc::Rc;
use std::time::Instant;

use super::{Order, Peer, Peers};
use crate::bgp::attribute::Interner;
use crate::bgp::fsm::{Event, State};
use crate::bgp::message::{Operational, RouteRefresh};
use crate::bgp::neighbor::SessionSettings;
use crate::protocol::Family;
use crate::reactor::api::{self, Gate, Standing};
use crate::rib::{Incoming, Outgoing, Route};

impl api::Peers for Peers {
    type Peer = Peer;

    fn count(&self) -> usize {
        self.len()
    }

    fn peer(&self, place: usize) -> Option<&Peer> {
        self.keys().get(place).and_then(|key| self.get(*key))
    }

    fn peer_mut(&mut self, place: usize) -> Option<&mut Peer> {
        let key = *self.keys().get(place)?;
        self.touch(key)
    }

    fn generation(&self) -> u64 {
        Self::generation(self)
    }
}

impl api::Peer for Peer {
    fn name(&self) -> &Rc<str> {
        &self.neighbor.name
    }

    fn settings(&self) -> &SessionSettings {
        &self.neighbor.settings
    }

    fn state(&self) -> State {
        self.session.state()
    }

    fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    fn standing(&self, now: Instant) -> Standing<'_> {
        Standing {
            state: self.session.state(),
            since: now.saturating_duration_since(self.since),
            local_address: self.local.or(self.neighbor.settings.local_address),
            negotiated: self.session.negotiated().map(|negotiated| &**negotiated),
            remote: self.session.received_open().map(|open| &**open),
            sent: self.sent,
            received: self.received,
        }
    }

    fn is_established(&self) -> bool {
        self.session.state() == State::Established
    }

    fn announce(&mut self, route: &Route, interner: &mut Interner) {
        let attributes = self.resolve(route, interner);
        self.outgoing.announce(Route { nlri: route.nlri.clone(), attributes });
    }

    fn withdraw(&mut self, route: &Route) {
        self.outgoing.withdraw(route.nlri.clone(), &route.attributes);
    }

    fn eor(&mut self, family: Family) {
        self.outgoing.end_of_rib(family);
    }

    fn refresh(&mut self, family: Family) {
        self.orders.push_back(Order::Refresh(RouteRefresh::query(family)));
    }

    fn operational(&mut self, message: Operational) {
        self.orders.push_back(Order::Operational(message));
    }

    fn is_flushed(&self) -> bool {
        !self.has_supply()
    }

    fn teardown(&mut self, subcode: u8, now: Instant) {
        self.session.handle(Event::Teardown(subcode), now);
    }

    fn flush(&mut self) {
        if let Some((_, negotiated)) = &self.up {
            self.outgoing.refresh(None, negotiated);
        }
    }

    fn clear_out(&mut self) {
        self.outgoing.clear(None);
    }

    fn clear_in(&mut self) {
        self.incoming.clear(None);
    }

    fn watchdog(&mut self, name: &str, gate: Gate) {
        self.watches.push((name.into(), gate));
    }
}
