//! Peers and helpers come, change and go: start, reload, restart, shutdown.
//!
//! A reload parses everything first; a faulty configuration changes nothing. Neighbors are then
//! compared by name: gone ones get a Cease, new ones start, those whose session settings differ
//! are established again, and all others are given exactly the difference of their routes.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::rc::Rc;

use super::Reactor;
use super::api::{Pipe, Restart};
use super::event_loop::Due;
use super::peer::{Peer, PeerKey};
use super::source::Source;
use crate::bgp::fsm::{Event, Session, Stop};
use crate::configuration::{Configuration, Identity, Neighbor, needs_restart};
use crate::protocol::Prefix;

impl Reactor {
    /// Makes a peer of each neighbor of the configuration; none is started.
    pub(super) fn populate(&mut self, configuration: &Configuration) {
        for neighbor in &configuration.neighbors {
            self.add(Rc::new(neighbor.clone()), None);
        }
        self.was_peopled = !self.peers.is_empty();
    }

    fn add(&mut self, neighbor: Rc<Neighbor>, range: Option<Rc<Neighbor>>) -> PeerKey {
        let policy = self.policy(range.is_some());
        let now = self.clock.now();
        let session = Session::new(Rc::clone(&neighbor.settings), policy, now);
        let seed = self.seed();
        let key =
            self.peers.insert(Peer::new(neighbor, session, self.parser.interner(), now, seed));
        if let Some(peer) = self.peers.get_mut(key) {
            peer.key = Some(key);
            peer.range = range;
            self.api.tune(&mut peer.audience);
        }
        key
    }

    /// Starts every peer, now or when the clock says so.
    pub(super) fn start(&mut self) {
        match self.start_delay() {
            None => self.start_all(),
            Some(delay) => {
                log::info!(target: "reactor", "waiting {} s before connecting", delay.as_secs());
                self.wheel.arm(self.clock.now() + delay, Due::Start);
            }
        }
    }

    pub(super) fn start_all(&mut self) {
        for key in self.peers.keys().to_vec() {
            self.start_peer(key);
        }
    }

    fn start_peer(&mut self, key: PeerKey) {
        let now = self.clock.now();
        if let Some(peer) = self.peers.touch(key)
            && !peer.settings().peer.is_range()
        {
            peer.session.handle(Event::Start, now);
        }
    }

    /// Makes a neighbor of its own for one caller of a range.
    pub(super) fn instantiate(
        &mut self,
        range: PeerKey,
        remote: IpAddr,
        local: IpAddr,
    ) -> Option<PeerKey> {
        let range = Rc::clone(&self.peers.get(range)?.neighbor);
        let key = self.add(Rc::new(member(&range, remote, local)), Some(range));
        self.start_peer(key);
        Some(key)
    }

    /// Makes a neighbor that no file tells of; the next reload forgets it.
    pub(super) fn create(&mut self, neighbor: Rc<Neighbor>) {
        if self.stopping {
            return;
        }
        log::info!(target: "reactor", "{} created by command", neighbor.name);
        let key = self.add(neighbor, None);
        self.start_peer(key);
        self.after_change();
    }

    /// Ends the neighbors of these names.
    pub(super) fn delete(&mut self, names: &[Rc<str>]) {
        for name in names {
            let found = self.peers.iter().find(|(_, peer)| peer.name() == name && !peer.leaving);
            if let Some((key, _)) = found {
                log::info!(target: "reactor", "{name} deleted by command");
                self.stop_peer(key, Stop::Removed);
            }
        }
        // Nobody is left by choice: that is not the end of the program.
        self.was_peopled &= self.peers.iter().any(|(_, peer)| !peer.leaving);
        self.after_change();
    }

    /// Reads the configuration again and applies the difference.
    pub(super) fn reload(&mut self, restart_helpers: bool) {
        if self.stopping {
            return;
        }
        let Some(configuration) = self.read_again() else { return };
        self.apply(&configuration);
        self.meet_clients();
        let restart = if restart_helpers { Restart::Changed } else { Restart::Missing };
        self.start_helpers(&configuration, restart);
        self.after_change();
    }

    /// Reads the configuration again, resets every session, starts the helpers again.
    pub(super) fn restart(&mut self) {
        if self.stopping {
            return;
        }
        let Some(configuration) = self.read_again() else { return };
        let now = self.clock.now();
        for key in self.peers.keys().to_vec() {
            if let Some(peer) = self.peers.touch(key) {
                let settings = Rc::clone(&peer.neighbor.settings);
                peer.session.handle(Event::Reconfigured(settings), now);
            }
        }
        self.apply(&configuration);
        self.start_helpers(&configuration, Restart::All);
        self.after_change();
    }

    fn read_again(&mut self) -> Option<Configuration> {
        self.next_file();
        match self.read_configuration() {
            Ok(configuration) => {
                log::info!(target: "configuration", "reload: configuration read");
                Some(configuration)
            }
            Err(()) => {
                log::error!(
                    target: "configuration",
                    "reload: the configuration has errors, the running one is kept"
                );
                None
            }
        }
    }

    /// Moves from the running neighbors to those of `configuration`; a caller of a range follows
    /// its range.
    fn apply(&mut self, configuration: &Configuration) {
        let wanted: HashMap<Identity<'_>, &Neighbor> =
            configuration.neighbors.iter().map(|wanted| (wanted.identity(), wanted)).collect();
        let stays = self.peers.iter().filter(|(_, peer)| !peer.is_leaving());
        let running: Vec<(PeerKey, Rc<Neighbor>, Option<Rc<Neighbor>>)> =
            stays.map(|(key, peer)| (key, Rc::clone(&peer.neighbor), peer.range.clone())).collect();
        let mut known = HashSet::with_capacity(running.len());
        let (mut added, mut changed, mut removed) = (0, 0, 0);
        for (key, neighbor, range) in &running {
            let written = range.as_ref().unwrap_or(neighbor);
            let Some(wanted) = wanted.get(&written.identity()) else {
                self.stop_peer(*key, Stop::Removed);
                removed += 1;
                continue;
            };
            known.insert(written.identity());
            let next = match (range, neighbor.settings.local_address) {
                (Some(_), Some(local)) => member(wanted, neighbor.settings.peer.address(), local),
                _ => (*wanted).clone(),
            };
            if let (Some(_), Some(peer)) = (range, self.peers.get_mut(*key)) {
                peer.range = Some(Rc::new((*wanted).clone()));
            }
            changed += usize::from(self.renew(*key, next));
        }
        for neighbor in &configuration.neighbors {
            if !known.contains(&neighbor.identity()) {
                let key = self.add(Rc::new(neighbor.clone()), None);
                self.start_peer(key);
                added += 1;
            }
        }
        log::info!(
            target: "configuration",
            "reload: neighbors added {added}, removed {removed}, re-established {changed}"
        );
    }

    /// Gives a peer another form of its neighbor; true when its session has to start again.
    fn renew(&mut self, key: PeerKey, neighbor: Neighbor) -> bool {
        let now = self.clock.now();
        let Some(peer) = self.peers.touch(key) else { return false };
        let restarts = needs_restart(&peer.neighbor.settings, &neighbor.settings);
        let settings = Rc::clone(&neighbor.settings);
        peer.reconfigure(Rc::new(neighbor), self.parser.interner());
        self.api.tune(&mut peer.audience);
        if restarts {
            peer.session.handle(Event::Reconfigured(settings), now);
        }
        restarts
    }

    /// What depends on the set of neighbors or helpers is looked at again.
    pub(super) fn after_change(&mut self) {
        self.peers.changed();
        if let Err(error) = self.listen_for_neighbors() {
            log::error!(target: "network", "{error}");
        }
        for key in self.peers.keys().to_vec() {
            if let Some(peer) = self.peers.get_mut(key) {
                self.api.tune(&mut peer.audience);
            }
        }
    }

    /// Ends a peer; it is removed when its session has ended.
    pub(super) fn stop_peer(&mut self, key: PeerKey, why: Stop) {
        let now = self.clock.now();
        if let Some(peer) = self.peers.touch(key) {
            peer.leaving = true;
            peer.session.handle(Event::Stop(why), now);
        }
    }

    /// Removes a peer of which nothing is left.
    pub(super) fn remove(&mut self, key: PeerKey) {
        if let Some(mut peer) = self.peers.remove(key) {
            peer.disarm_all(&mut self.wheel);
            log::debug!(target: "reactor", "{} removed", peer.name());
        }
    }

    /// Ends every session with a Cease, tells the helpers, and lets the loop run out.
    pub(super) fn shut_down(&mut self) {
        if std::mem::replace(&mut self.stopping, true) {
            return;
        }
        log::info!(target: "reactor", "shutting down");
        let listeners: Vec<usize> = self.sources.listeners().map(|(key, _)| key).collect();
        for key in listeners {
            self.sources.retire(key, self.poll.registry());
        }
        for key in self.peers.keys().to_vec() {
            self.stop_peer(key, Stop::ShuttingDown);
        }
        self.turns();
        self.api.stop(self.clock.now());
        // The end may have come when everything was flushed already: look once more.
        self.busy = true;
    }

    /// Enters the pipes of helpers that have started into the poll, and forgets closed ones.
    pub(super) fn watch_pipes(&mut self) {
        let pipes: Vec<Pipe> = self.api.pipes().collect();
        for pipe in pipes {
            match pipe {
                Pipe::Opened(process, end) => {
                    let token = self.sources.next_token();
                    match self.api.register(process, end, self.poll.registry(), token) {
                        Ok(()) => {
                            self.sources.insert(Source::Pipe(process, end));
                            self.api.ready(process, end);
                            self.busy = true;
                        }
                        Err(error) => {
                            log::error!(target: "processes", "cannot watch a helper: {error}");
                        }
                    }
                }
                Pipe::Closed(process, end) => {
                    if let Some(key) = self.sources.pipe(process, end) {
                        self.sources.retire(key, self.poll.registry());
                    }
                }
            }
        }
    }
}

/// The neighbor that stands for one caller of a range.
fn member(range: &Neighbor, remote: IpAddr, local: IpAddr) -> Neighbor {
    let mut settings = (*range.settings).clone();
    settings.peer = Prefix::host(remote);
    settings.local_address = Some(local);
    Neighbor {
        name: settings.name().into(),
        settings: Rc::new(settings),
        routes: range.routes.clone(),
        operational: range.operational.clone(),
    }
}
