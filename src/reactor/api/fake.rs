//! Peers for tests: they do nothing but note what they are asked.

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::bgp::attribute::Interner;
use crate::bgp::fsm::State;
use crate::bgp::message::Operational;
use crate::bgp::neighbor::{SessionSettings, Subscription};
use crate::protocol::{Asn, Family, Prefix};
use crate::rib::{Incoming, Options, Outgoing, Route};

use super::context::{Counts, Gate, Peer, Peers, Standing};

/// A table of peers.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub peers: Vec<FakePeer>,
    pub generation: u64,
}

/// A peer that is established and obeys.
#[derive(Debug)]
pub(super) struct FakePeer {
    name: Rc<str>,
    pub settings: SessionSettings,
    pub state: State,
    pub flushed: bool,
    pub outgoing: Outgoing,
    pub incoming: Incoming,
    /// What it was asked, in words.
    pub asked: Vec<String>,
}

impl FakePeer {
    /// A peer at 127.0.0.1 that is bound to `process`.
    pub(super) fn new(router_id: &str, local_as: u32, peer_as: u32, process: &str) -> Self {
        let mut settings = SessionSettings::new(Prefix::host("127.0.0.1".parse().unwrap()));
        settings.local_address = Some("127.0.0.1".parse().unwrap());
        settings.router_id = Some(router_id.parse().unwrap());
        settings.local_as = Some(Asn(local_as));
        settings.peer_as = Some(Asn(peer_as));
        let api = Subscription { process: process.into(), ..Subscription::default() };
        settings.api.push(api);
        let name = settings.name().into();
        Self {
            name,
            settings,
            state: State::Established,
            flushed: true,
            outgoing: Outgoing::new(Options { keep: true, group: true, manual_eor: false }, 0),
            incoming: Incoming::new(0),
            asked: Vec::new(),
        }
    }
}

impl Table {
    /// The four peers of the acceptance vectors of selectors; the last is not bound.
    pub(super) fn four() -> Self {
        let peers = vec![
            FakePeer::new("10.0.0.2", 65000, 65001, "p"),
            FakePeer::new("10.0.0.3", 65000, 65002, "p"),
            FakePeer::new("10.0.0.4", 65005, 65002, "p"),
            FakePeer::new("10.0.0.5", 65006, 65006, "other"),
        ];
        Self { peers, generation: 1 }
    }

    /// What the peers were asked since the last call, as `P2 eor ipv4 unicast`.
    pub(super) fn asked(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for peer in &mut self.peers {
            let id = peer.settings.router_id.map_or(0, |id| id.octets()[3]);
            all.extend(peer.asked.drain(..).map(|asked| format!("P{id} {asked}")));
        }
        all
    }
}

impl Peers for Table {
    type Peer = FakePeer;

    fn count(&self) -> usize {
        self.peers.len()
    }

    fn peer(&self, place: usize) -> Option<&FakePeer> {
        self.peers.get(place)
    }

    fn peer_mut(&mut self, place: usize) -> Option<&mut FakePeer> {
        self.peers.get_mut(place)
    }

    fn generation(&self) -> u64 {
        self.generation
    }
}

impl Peer for FakePeer {
    fn name(&self) -> &Rc<str> {
        &self.name
    }

    fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    fn state(&self) -> State {
        self.state
    }

    fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    fn standing(&self, _: Instant) -> Standing<'_> {
        Standing {
            state: self.state,
            since: Duration::from_secs(5),
            local_address: self.settings.local_address,
            negotiated: None,
            remote: None,
            sent: Counts { open: 1, update: 6, keepalive: 1, ..Counts::default() },
            received: Counts { open: 1, update: 1, keepalive: 1, ..Counts::default() },
        }
    }

    fn announce(&mut self, route: &Route, _: &mut Interner) {
        self.asked.push(format!("announce {:?}", route.nlri));
        self.outgoing.announce(route.clone());
    }

    fn withdraw(&mut self, route: &Route) {
        self.asked.push(format!("withdraw {:?}", route.nlri));
        self.outgoing.withdraw(route.nlri.clone(), &route.attributes);
    }

    fn eor(&mut self, family: Family) {
        self.asked.push(format!("eor {family}"));
    }

    fn refresh(&mut self, family: Family) {
        self.asked.push(format!("refresh {family}"));
    }

    fn operational(&mut self, message: Operational) {
        self.asked.push(message.to_string());
    }

    fn is_flushed(&self) -> bool {
        self.flushed
    }

    fn teardown(&mut self, subcode: u8, _: Instant) {
        self.asked.push(format!("teardown {subcode}"));
    }

    fn flush(&mut self) {
        self.asked.push("flush".to_owned());
    }

    fn clear_out(&mut self) {
        self.asked.push("clear out".to_owned());
    }

    fn clear_in(&mut self) {
        self.asked.push("clear in".to_owned());
    }

    fn watchdog(&mut self, name: &str, gate: Gate) {
        self.asked.push(format!("watchdog {name} {gate:?}"));
    }
}
