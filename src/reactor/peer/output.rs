//! Carries out what the session wants, in order.

use std::rc::Rc;

use super::{Ask, Order, Peer, Surroundings};
use crate::bgp::Negotiated;
use crate::bgp::fsm::{self, Link, Output, Reason, State, Timer};
use crate::bgp::message::{HEADER, Kind};
use crate::reactor::api::{self, Content, Identity};
use crate::reactor::event_loop::Due;
use crate::reactor::source::Sources;

impl Peer {
    /// Does all that the session asks for.
    #[inline]
    pub(in crate::reactor) fn carry_out(
        &mut self,
        sources: &mut Sources,
        around: &mut Surroundings<'_>,
    ) {
        while let Some(output) = self.session.poll_output() {
            self.obey(output, sources, around);
        }
    }

    fn obey(&mut self, output: Output, sources: &mut Sources, around: &mut Surroundings<'_>) {
        match output {
            Output::Connect => around.asks.extend(self.key.map(Ask::Connect)),
            Output::Abandon => around.asks.extend(self.attempt.take().map(Ask::Drop)),
            Output::Send(link, message) => self.say(link, &message, sources, around),
            Output::Close(link) => {
                self.wires.retain(|wire| wire.link != link);
                around.asks.push(Ask::Close(link));
            }
            Output::Arm(timer, after) => {
                self.disarm(timer, around);
                if let Some(key) = self.key {
                    let id = around.wheel.arm(around.now + after, Due::Session(key, timer));
                    if let Some(slot) = self.timer(timer) {
                        *slot = Some(id);
                    }
                }
            }
            Output::Disarm(timer) => self.disarm(timer, around),
            Output::Changed(from, to) => self.changed(from, to, around),
            Output::Connected(link) => {
                let carrier = sources.carrier(link);
                let local = carrier.and_then(|c| c.connection.local()).map(|local| local.ip());
                self.readdress(local, around.interner);
                log::info!(target: "network", "{}: connected", self.name());
                around.api.connected(&mut self.audience);
            }
            Output::Negotiated(link, negotiated) => self.agreed(link, negotiated, around),
            Output::Up(link, negotiated) => self.rise(link, negotiated, around),
            Output::Down(reason) => self.fall(reason, around),
            Output::Finished => {
                self.leaving = true;
                self.disarm_all(around.wheel);
            }
        }
    }

    fn disarm(&mut self, timer: Timer, around: &mut Surroundings<'_>) {
        if let Some(id) = self.timer(timer).and_then(Option::take) {
            around.wheel.cancel(id);
        }
    }

    fn changed(&mut self, from: State, to: State, around: &mut Surroundings<'_>) {
        log::debug!(target: "network", "{}: {from} to {to}", self.name());
        around.api.fsm(&mut self.audience, to.name());
    }

    /// Sends a message of the session; the helpers hear of it first.
    fn say(
        &mut self,
        link: Link,
        message: &fsm::Message,
        sources: &mut Sources,
        around: &mut Surroundings<'_>,
    ) {
        let kind = message.kind();
        self.sent.count(kind);
        let Some(carrier) = sources.carrier(link) else { return };
        let buffer = carrier.connection.outbox.buffer();
        let start = buffer.len();
        message.pack(buffer);
        log::debug!(target: "message", "{}: sending {kind}", self.neighbor.name);
        if !self.audience.hears(api::Event::Message(api::Direction::Send, kind)) {
            return;
        }
        let bytes = buffer.get(start..).unwrap_or_default();
        let (header, body) = bytes.split_at_checked(HEADER).unwrap_or_default();
        let negotiated = self.wires.iter().find(|w| w.link == link);
        let told = api::Message {
            direction: api::Direction::Send,
            frame: api::Frame { header, body },
            negotiated: negotiated.and_then(|wire| wire.negotiated.as_deref()),
        };
        let content = match message {
            fsm::Message::Open(open) => Content::Open(open),
            fsm::Message::Notification(notify) => Content::Notification(notify),
            fsm::Message::Keepalive => Content::Keepalive,
        };
        around.api.packet(&mut self.audience, kind, told);
        around.api.parsed(&mut self.audience, content, told);
    }

    /// Both OPENs are known and agree.
    fn agreed(&mut self, link: Link, negotiated: Rc<Negotiated>, around: &mut Surroundings<'_>) {
        self.identify(Some(&negotiated));
        around.api.negotiated(&mut self.audience, &negotiated);
        if let Some(wire) = self.wires.iter_mut().find(|wire| wire.link == link) {
            wire.negotiated = Some(negotiated);
        }
    }

    /// Routes may flow.
    fn rise(&mut self, link: Link, negotiated: Rc<Negotiated>, around: &mut Surroundings<'_>) {
        log::info!(target: "network", "{}: established", self.name());
        self.since = around.now;
        self.incoming.clear(None);
        self.outgoing.established(&negotiated);
        let first = !std::mem::replace(&mut self.advised, true);
        for advice in &self.neighbor.operational {
            if first || advice.is_static() {
                self.orders.push_back(Order::Operational(advice.clone()));
            }
        }
        around.api.up(&mut self.audience);
        self.up = Some((link, negotiated));
    }

    /// A session that had a connection has ended.
    fn fall(&mut self, reason: Reason, around: &mut Surroundings<'_>) {
        log::info!(target: "network", "{}: down, {reason}", self.name());
        if self.up.take().is_some() {
            self.since = around.now;
            self.outgoing.lost();
            self.orders.clear();
        }
        around.api.down(&mut self.audience, &reason.to_string());
    }

    /// Tells events who the neighbor is, as far as it is known.
    pub(super) fn identify(&mut self, negotiated: Option<&Negotiated>) {
        let settings = &self.neighbor.settings;
        let identity = Identity {
            local: self.local.or(settings.local_address),
            local_as: negotiated.map(|n| n.local_as).or(settings.local_as),
            peer_as: negotiated.map(|n| n.peer_as).or(settings.peer_as),
            ..Identity::of(settings)
        };
        self.audience.identify(identity);
    }

    /// The kinds of message, for the counters.
    pub(super) fn count_received(&mut self, kind: Kind) {
        self.received.count(kind);
    }
}
