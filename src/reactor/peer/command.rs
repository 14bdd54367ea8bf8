//! What commands see of the peers, and may ask of them.

use std::rc::Rc;

use super::{Order, Peer, Peers};
use crate::bgp::fsm::State;
use crate::bgp::message::{Operational, RouteRefresh};
use crate::bgp::neighbor::SessionSettings;
use crate::bgp::nlri::Packed;
use crate::protocol::Family;
use crate::reactor::api::{self, Gate, Standing};
use crate::rib::Route;

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
        self.set_generation()
    }
}

impl api::Peer for Peer {
    fn name(&self) -> &Rc<str> {
        &self.neighbor.name
    }

    fn settings(&self) -> &SessionSettings {
        &self.neighbor.settings
    }

    fn standing(&self) -> Standing<'_> {
        let open = self.session.received_open();
        Standing {
            state: self.session.state().name(),
            since: self.since,
            local_address: self.local.or(self.neighbor.settings.local_address),
            negotiated: self.session.negotiated().map(|negotiated| &**negotiated),
            remote: open.map(|open| api::Remote {
                asn: open.real_as(),
                router_id: open.router_id,
                hold_time: open.hold_time,
            }),
            sent: self.sent,
            received: self.received,
        }
    }

    fn is_established(&self) -> bool {
        self.session.state() == State::Established
    }

    fn announce(&mut self, route: &Route) {
        let attributes = self.resolve(route);
        self.outgoing.announce(Route { nlri: route.nlri.clone(), attributes });
    }

    fn withdraw(&mut self, nlri: &Packed) {
        self.outgoing.withdraw(nlri);
    }

    fn eor(&mut self, family: Family) {
        self.outgoing.eor(family);
    }

    fn refresh(&mut self, family: Family) {
        self.orders.push_back(Order::Refresh(RouteRefresh::query(family)));
    }

    fn operational(&mut self, message: &Operational) {
        self.orders.push_back(Order::Operational(message.clone()));
    }

    fn teardown(&mut self, subcode: u8) {
        self.teardown = Some(subcode);
    }

    fn flush(&mut self) {
        self.outgoing.flush();
    }

    fn clear_out(&mut self) {
        self.outgoing.clear();
    }

    fn clear_in(&mut self) {
        self.incoming.clear();
    }

    fn watchdog(&mut self, name: &str, gate: Gate) {
        self.outgoing.watchdog(name, gate == Gate::Open);
    }

    fn outgoing(&self) -> &crate::rib::Outgoing {
        &self.outgoing
    }

    fn incoming(&self) -> &crate::rib::Incoming {
        &self.incoming
    }
}
