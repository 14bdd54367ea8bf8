//! A turn: what one peer does when the loop comes to it.

use std::time::Instant;

use super::{Peer, PeerKey};
use crate::bgp::attribute::Interner;
use crate::bgp::fsm::{Direction, Event, Link};
use crate::bgp::message;
use crate::bgp::{Negotiated, message::Notify};
use crate::reactor::api::Api;
use crate::reactor::event_loop::Due;
use crate::reactor::limits;
use crate::reactor::network::{Budget, Establishing, Reading, Shared, Writing};
use crate::reactor::source::Sources;
use crate::reactor::wheel::Wheel;

/// What a bounded piece of work answers to the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reactor) enum Turn {
    /// There is more to do: run me in the next iteration.
    Again,
    /// An event or a timer will bring me back.
    Wait,
    /// Nothing is left: remove me.
    Close,
}

/// What a peer wants that only the loop can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reactor) enum Ask {
    /// Open a connection to the neighbor.
    Connect(PeerKey),
    /// Drop a connection now.
    Drop(Link),
    /// Close a connection once what it holds has left.
    Close(Link),
}

/// What a turn may use of the loop.
#[derive(Debug)]
pub(in crate::reactor) struct Surroundings<'a> {
    pub api: &'a mut Api,
    pub wheel: &'a mut Wheel<Due>,
    pub interner: &'a mut Interner,
    pub shared: &'a mut Shared,
    pub asks: &'a mut Vec<Ask>,
    pub now: Instant,
}

impl Peer {
    /// One turn: read, tell the session, draw routes, write.
    pub(in crate::reactor) fn turn(
        &mut self,
        sources: &mut Sources,
        around: &mut Surroundings<'_>,
    ) -> Turn {
        let mut again = false;
        for (name, gate) in std::mem::take(&mut self.watches) {
            self.set_watchdog(&name, gate, around.interner);
        }
        self.carry_out(sources, around);
        if let Some(link) = self.attempt {
            self.establish(link, sources, around);
        }
        let mut index = 0;
        while let Some(link) = self.wires.get(index).map(|wire| wire.link) {
            again |= self.listen(link, sources, around);
            index += 1;
        }
        again |= self.supply(sources, around);
        let mut index = 0;
        while let Some(link) = self.wires.get(index).map(|wire| wire.link) {
            again |= self.write(link, sources, around);
            index += 1;
        }
        self.carry_out(sources, around);
        if self.is_gone() {
            Turn::Close
        } else if again {
            Turn::Again
        } else {
            Turn::Wait
        }
    }

    /// Looks whether the connection attempt has come to an end.
    fn establish(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) {
        let Some(carrier) = sources.carrier(link) else { return };
        match carrier.connection.establish() {
            Ok(Establishing::Waiting) => return,
            Ok(Establishing::Connected) => {
                let local = carrier.connection.local().map(|address| address.ip());
                match local {
                    Some(local) => {
                        let direction = Direction::Outgoing;
                        self.connected(Event::Connected { link, direction, local }, around.now);
                    }
                    None => self.refused(link, around),
                }
            }
            Err(error) => {
                log::info!(target: "network", "{error}");
                self.refused(link, around);
            }
        }
        self.carry_out(sources, around);
    }

    fn refused(&mut self, link: Link, around: &mut Surroundings<'_>) {
        self.attempt = None;
        around.asks.push(Ask::Drop(link));
        self.session.handle(Event::Refused, around.now);
    }

    /// Reads and handles what came, within a budget. True when there is more.
    fn listen(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) -> bool {
        let mut budget = Budget::new(limits::READS_PER_TURN);
        loop {
            if !around.api.keeps_up(&self.audience) {
                // A helper that must hear of this peer is behind: the bytes wait in the kernel.
                let waiting = sources.carrier(link).is_some_and(|c| c.connection.has_waiting());
                if waiting {
                    self.session.handle(Event::Waiting(link), around.now);
                }
                return false;
            }
            if !self.frames(link, sources, around) {
                return false;
            }
            let Some(carrier) = sources.carrier(link) else { return false };
            match carrier.connection.reader(around.shared, &mut budget) {
                Ok(Reading::Bytes(_)) => {}
                Ok(Reading::Blocked) => return false,
                Ok(Reading::Spent) => return true,
                Ok(Reading::Retry) => {
                    self.retry(link, sources, around);
                    return false;
                }
                Ok(Reading::Closed) => {
                    log::debug!(target: "network", "{}: closed by the peer", self.name());
                    self.lost(link, sources, around);
                    return false;
                }
                Err(error) => {
                    log::info!(target: "network", "{error}");
                    self.lost(link, sources, around);
                    return false;
                }
            }
        }
    }

    /// Handles every whole message that was read. False when the link is no longer the session's.
    fn frames(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) -> bool {
        loop {
            let Some(wire) = self.wire(link) else { return false };
            let size =
                wire.negotiated.as_ref().map_or(Negotiated::MESSAGE_SIZE, |n| n.message_size);
            let Some(carrier) = sources.carrier(link) else { return false };
            if !carrier.connection.is_open() {
                return false;
            }
            match message::frame(carrier.connection.unread(), size) {
                Ok(None) => return true,
                Ok(Some(frame)) => {
                    let length = frame.len();
                    self.receive(link, &frame, around);
                    if let Some(carrier) = sources.carrier(link) {
                        carrier.connection.consume(length);
                    }
                    if !around.api.keeps_up(&self.audience) {
                        self.carry_out(sources, around);
                        return true;
                    }
                }
                Err(notify) => self.fault(link, notify, around),
            }
            self.carry_out(sources, around);
        }
    }

    /// Tells the session and the helpers of a message that cannot be accepted.
    pub(super) fn fault(&mut self, link: Link, notify: Notify, around: &mut Surroundings<'_>) {
        log::warn!(target: "network", "{}: {notify}", self.name());
        self.session.handle(Event::Fault(link, notify), around.now);
    }

    /// The connection has ended.
    pub(super) fn lost(
        &mut self,
        link: Link,
        sources: &mut Sources,
        around: &mut Surroundings<'_>,
    ) {
        around.asks.push(Ask::Drop(link));
        self.wires.retain(|wire| wire.link != link);
        self.session.handle(Event::Lost(link), around.now);
        self.carry_out(sources, around);
    }

    /// Writes what waits. True when there is more and the kernel would take it.
    fn write(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) -> bool {
        let Some(carrier) = sources.carrier(link) else { return false };
        let before = carrier.connection.outbox.len();
        if before == 0 {
            return false;
        }
        let mut budget = Budget::new(limits::WRITES_PER_TURN);
        let written = carrier.connection.writer(around.shared, &mut budget);
        if carrier.connection.outbox.len() < before {
            self.session.handle(Event::Wrote(link), around.now);
        }
        match written {
            Ok(Writing::Done) => self.has_supply(),
            Ok(Writing::Blocked) => false,
            Ok(Writing::Spent) => true,
            Ok(Writing::Retry) => {
                self.retry(link, sources, around);
                false
            }
            Err(error) => {
                log::info!(target: "network", "{error}");
                self.lost(link, sources, around);
                false
            }
        }
    }

    /// No edge will come: look again in a moment.
    fn retry(&self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) {
        let Some(carrier) = sources.carrier(link) else { return };
        if carrier.timer.is_none() {
            let deadline = around.now + limits::RETRY;
            carrier.timer = Some(around.wheel.arm(deadline, Due::Retry(link)));
        }
    }
}
