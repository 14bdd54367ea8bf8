//! What a peer is sent: the RIB is the queue, and the socket pulls.
//!
//! While the outbox has room, messages that were commanded leave first, then one group after the
//! other is drawn from the Adj-RIB-Out, packed straight into the outbox.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Order, Peer, Rate, Surroundings};
use crate::bgp::Negotiated;
use crate::bgp::attribute::Interner;
use crate::bgp::fsm::Link;
use crate::bgp::message::{self, HEADER, Kind, update};
use crate::configuration::Neighbor;
use crate::reactor::api::{self, Content};
use crate::reactor::event_loop::Due;
use crate::reactor::limits;
use crate::reactor::network::Outbox;
use crate::reactor::source::Sources;
use crate::rib::Drawn;

impl Peer {
    /// Whether something waits to be sent on the established session.
    pub(super) fn has_supply(&self) -> bool {
        self.up.is_some() && (!self.orders.is_empty() || self.outgoing.has_pending())
    }

    /// Fills the outbox within a budget. True when more waits and the outbox has room.
    pub(super) fn supply(
        &mut self,
        sources: &mut Sources,
        around: &mut Surroundings<'_>,
    ) -> bool {
        if !self.has_supply() {
            return false;
        }
        let Some((link, negotiated)) = self.up.clone() else { return false };
        let Some(carrier) = sources.carrier(link) else { return false };
        let outbox = &mut carrier.connection.outbox;
        for _ in 0..limits::UPDATES_PER_TURN {
            if outbox.is_high() {
                // The socket asks for more when it has taken these.
                return false;
            }
            if let Some(order) = self.orders.pop_front() {
                self.fulfil(&order, link, &negotiated, outbox, around);
            } else if !self.outgoing.has_pending() {
                return false;
            } else if !self.may_send(around) {
                return false;
            } else {
                self.draw(&negotiated, outbox, around);
            }
        }
        true
    }

    /// Draws one message or group from the RIB.
    fn draw(
        &mut self,
        negotiated: &Rc<Negotiated>,
        outbox: &mut Outbox,
        around: &mut Surroundings<'_>,
    ) {
        let buffer = outbox.buffer();
        let start = buffer.len();
        let drawn = self.outgoing.next(negotiated, buffer);
        self.sent.update += drawn.updates;
        self.sent.refresh += drawn.refreshes;
        if drawn.too_large > 0 {
            log::error!(
                target: "rib",
                "{}: {} routes have attributes that fit no message and were not sent",
                self.name(), drawn.too_large
            );
        }
        let heard = |kind| self.audience.hears(api::Event::Message(api::Direction::Send, kind));
        if heard(Kind::Update) || heard(Kind::RouteRefresh) {
            let written = buffer.get(start..).unwrap_or_default();
            self.tell_sent(written, negotiated, around);
        }
        self.count_rate(&drawn);
    }

    /// Tells the helpers of messages that are about to leave.
    fn tell_sent(
        &mut self,
        mut bytes: &[u8],
        negotiated: &Rc<Negotiated>,
        around: &mut Surroundings<'_>,
    ) {
        // What was written is read as the peer will read it.
        let mirrored = Negotiated {
            addpath_receive: negotiated.addpath_send.clone(),
            ..(**negotiated).clone()
        };
        while let Ok(Some(frame)) = message::frame(bytes, Negotiated::EXTENDED_MESSAGE_SIZE) {
            let told = api::Message {
                direction: api::Direction::Send,
                frame: api::Frame { header: frame.header, body: frame.body },
                negotiated: Some(negotiated),
            };
            around.api.packet(&mut self.audience, frame.kind, told);
            match frame.kind {
                Kind::Update => {
                    match update::decode(frame.body, &mirrored, around.interner) {
                        Ok(update) => {
                            let content = Content::Update(&update);
                            around.api.parsed(&mut self.audience, content, told);
                        }
                        Err(notify) => log::error!(
                            target: "rib", "{}: an UPDATE of ours reads as {notify}", self.name()
                        ),
                    }
                }
                Kind::RouteRefresh => {
                    if let Ok(refresh) = message::RouteRefresh::unpack(frame.body) {
                        let content = Content::Refresh(&refresh);
                        around.api.parsed(&mut self.audience, content, told);
                    }
                }
                _ => {}
            }
            bytes = bytes.get(frame.len()..).unwrap_or_default();
        }
    }

    /// Sends what was commanded beside routes.
    fn fulfil(
        &mut self,
        order: &Order,
        link: Link,
        negotiated: &Rc<Negotiated>,
        outbox: &mut Outbox,
        around: &mut Surroundings<'_>,
    ) {
        debug_assert!(self.wire(link).is_some(), "an established session has its connection");
        let buffer = outbox.buffer();
        let start = buffer.len();
        let (kind, content) = match order {
            Order::Operational(advice) => {
                if !negotiated.operational {
                    return;
                }
                advice.pack(buffer, self.settings().router_id);
                (Kind::Operational, Content::Operational(advice))
            }
            Order::Refresh(refresh) => {
                refresh.pack(buffer);
                (Kind::RouteRefresh, Content::Refresh(refresh))
            }
        };
        self.sent.count(kind);
        if !self.audience.hears(api::Event::Message(api::Direction::Send, kind)) {
            return;
        }
        let bytes = buffer.get(start..).unwrap_or_default();
        let (header, body) = bytes.split_at_checked(HEADER).unwrap_or_default();
        let told = api::Message {
            direction: api::Direction::Send,
            frame: api::Frame { header, body },
            negotiated: Some(negotiated),
        };
        around.api.packet(&mut self.audience, kind, told);
        around.api.parsed(&mut self.audience, content, told);
    }

    /// Whether the rate limit, if there is one, leaves room now; otherwise a timer brings us back.
    fn may_send(&mut self, around: &mut Surroundings<'_>) -> bool {
        let limit = self.settings().rate_limit;
        if limit == 0 {
            return true;
        }
        let over = |start: Instant| around.now.saturating_duration_since(start) >= SECOND;
        if self.rate.window.is_none_or(over) {
            self.rate = Rate { window: Some(around.now), used: 0 };
        }
        if self.rate.used < limit {
            return true;
        }
        if let (Some(start), Some(key)) = (self.rate.window, self.key) {
            around.wheel.arm(start + SECOND, Due::Rate(key));
        }
        false
    }

    fn count_rate(&mut self, drawn: &Drawn) {
        let messages = u32::try_from(drawn.updates).unwrap_or(u32::MAX);
        self.rate.used = self.rate.used.saturating_add(messages);
    }

    /// Takes the routes and wishes of a new configuration of the same neighbor.
    pub(in crate::reactor) fn reconfigure(
        &mut self,
        neighbor: Rc<Neighbor>,
        interner: &mut Interner,
    ) {
        self.neighbor = neighbor;
        self.ours = None;
        self.audience.subscribe(&self.neighbor.settings);
        self.identify(self.up.as_ref().map(|(_, n)| Rc::clone(n)).as_deref());
        self.outgoing.begin_replace();
        self.load(interner);
        self.outgoing.end_replace();
    }

    /// Our address may have become known, or be another one: `next-hop self` follows it.
    pub(super) fn readdress(&mut self, interner: &mut Interner) {
        if self.settings().local_address.is_none() {
            self.ours = None;
            self.outgoing.begin_replace();
            self.load(interner);
            self.outgoing.end_replace();
        }
    }
}

/// The window of a rate limit.
const SECOND: Duration = Duration::from_secs(1);
