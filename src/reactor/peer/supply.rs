//! What a peer is sent: the RIB is the queue, and the socket pulls.
//!
//! While the outbox has room, messages that were commanded leave first, then one group after the
//! other is drawn from the Adj-RIB-Out, packed straight into the outbox.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Audience, Counts, Order, Peer, Rate, Surroundings};
use crate::bgp::Negotiated;
use crate::bgp::attribute::Interner;
use crate::bgp::message::update::Update;
use crate::bgp::message::{HEADER, Kind};
use crate::bgp::negotiated::Refresh;
use crate::configuration::Neighbor;
use crate::reactor::api::{self, Api, Content};
use crate::reactor::event_loop::Due;
use crate::reactor::limits;
use crate::reactor::network::Outbox;
use crate::reactor::source::Sources;
use crate::rib;

impl Peer {
    /// Whether something waits to be sent on the established session.
    pub(super) fn has_supply(&self) -> bool {
        self.up.is_some() && (!self.orders.is_empty() || self.outgoing.has_pending())
    }

    /// Fills the outbox within a budget. True when more waits and the outbox has room.
    pub(super) fn supply(&mut self, sources: &mut Sources, around: &mut Surroundings<'_>) -> bool {
        if !self.has_supply() {
            return false;
        }
        let Some((link, negotiated)) = self.up.clone() else { return false };
        let Some(carrier) = sources.carrier(link) else { return false };
        let outbox = &mut carrier.connection.outbox;
        while !outbox.is_high()
            && let Some(order) = self.orders.pop_front()
        {
            self.fulfil(&order, &negotiated, outbox, around);
        }
        let messages = self.allowance(around);
        if outbox.is_high() || messages == 0 || !self.outgoing.has_pending() {
            // The socket, a timer or a command brings us back.
            return false;
        }
        self.draw(&negotiated, outbox, messages, around)
    }

    /// Draws messages from the RIB, so many at most. True when more waits.
    fn draw(
        &mut self,
        negotiated: &Rc<Negotiated>,
        outbox: &mut Outbox,
        messages: usize,
        around: &mut Surroundings<'_>,
    ) -> bool {
        let budget = rib::Budget { messages, octets: outbox.room() };
        let hears = |kind| self.audience.hears(api::Event::Message(api::Direction::Send, kind));
        let mut told = Told {
            heard: hears(Kind::Update) || hears(Kind::RouteRefresh) || hears(Kind::Keepalive),
            name: &self.neighbor.name,
            audience: &mut self.audience,
            api: around.api,
            interner: around.interner,
            negotiated,
            sent: &mut self.sent,
        };
        let progress = self.outgoing.next(negotiated, outbox.buffer(), budget, &mut told);
        if self.neighbor.settings.rate_limit > 0 {
            self.rate.used = self.rate.used.saturating_add(progress.updates);
        }
        progress.more
    }

    /// Sends what was commanded beside routes.
    fn fulfil(
        &mut self,
        order: &Order,
        negotiated: &Rc<Negotiated>,
        outbox: &mut Outbox,
        around: &mut Surroundings<'_>,
    ) {
        let buffer = outbox.buffer();
        let start = buffer.len();
        let (kind, content) = match order {
            Order::Operational(advice) => {
                let family = advice.family().is_none_or(|family| negotiated.has(family));
                if !negotiated.operational || !family {
                    return;
                }
                let id =
                    self.session.sent_open().map_or(Ipv4Addr::UNSPECIFIED, |open| open.router_id);
                advice.pack(id, &mut self.sequence, buffer);
                (Kind::Operational, Content::Operational(advice))
            }
            Order::Refresh(_) if negotiated.refresh == Refresh::Absent => return,
            Order::Refresh(refresh) => {
                refresh.pack(buffer);
                (Kind::RouteRefresh, Content::RouteRefresh(*refresh))
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

    /// How many UPDATEs may be drawn now. Where a rate limit leaves none, a timer brings us back.
    fn allowance(&mut self, around: &mut Surroundings<'_>) -> usize {
        let turn = limits::UPDATES_PER_TURN as usize;
        let Ok(limit) = usize::try_from(self.settings().rate_limit) else { return turn };
        if limit == 0 {
            return turn;
        }
        let over = |start: Instant| around.now.saturating_duration_since(start) >= SECOND;
        if self.rate.window.is_none_or(over) {
            self.rate = Rate { window: Some(around.now), used: 0 };
        }
        let left = limit.saturating_sub(self.rate.used);
        if left == 0
            && let (Some(start), Some(key)) = (self.rate.window, self.key)
        {
            around.wheel.arm(start + SECOND, Due::Rate(key));
        }
        left.min(turn)
    }

    /// Takes the routes and wishes of a new configuration of the same neighbor.
    pub(in crate::reactor) fn reconfigure(
        &mut self,
        neighbor: Rc<Neighbor>,
        interner: &mut Interner,
    ) {
        let before = self.configured(interner);
        self.neighbor = neighbor;
        self.audience.subscribe(&self.neighbor.settings);
        self.identify(self.up.as_ref().map(|(_, n)| Rc::clone(n)).as_deref());
        let after = self.configured(interner);
        self.outgoing.replace(&before, &after);
    }

    /// Our address has become known, or is another one: `next-hop self` follows it.
    pub(super) fn readdress(&mut self, local: Option<IpAddr>, interner: &mut Interner) {
        if self.local == local {
            return;
        }
        let before = self.configured(interner);
        self.local = local;
        self.identify(None);
        let after = self.configured(interner);
        self.outgoing.replace(&before, &after);
    }
}

/// Tells the helpers what leaves, before it does, and counts it.
struct Told<'a> {
    heard: bool,
    name: &'a str,
    audience: &'a mut Audience,
    api: &'a mut Api,
    interner: &'a mut Interner,
    negotiated: &'a Rc<Negotiated>,
    sent: &'a mut Counts,
}

impl Told<'_> {
    fn tell(&mut self, content: Content<'_>, bytes: &[u8]) {
        let (header, body) = bytes.split_at_checked(HEADER).unwrap_or_default();
        let told = api::Message {
            direction: api::Direction::Send,
            frame: api::Frame { header, body },
            negotiated: Some(self.negotiated),
        };
        self.api.packet(self.audience, content.kind(), told);
        self.api.parsed(self.audience, content, told);
    }
}

impl rib::Observer for Told<'_> {
    fn event(&mut self, event: rib::Event<'_>) {
        match event {
            rib::Event::Update(sent) => {
                self.sent.count(Kind::Update);
                if self.heard {
                    let Some(view) = sent.view(self.negotiated, self.interner) else { return };
                    self.tell(Content::Update(&view), sent.octets);
                }
            }
            rib::Event::EndOfRib(family, bytes) => {
                self.sent.count(Kind::Update);
                if self.heard {
                    let body = bytes.get(HEADER..).unwrap_or_default();
                    let view = Update::decode(body, self.negotiated, self.interner);
                    debug_assert!(view.is_ok(), "our marker of {family} can be read");
                    if let Ok(view) = view {
                        self.tell(Content::Update(&view), bytes);
                    }
                }
            }
            rib::Event::Refresh(refresh, bytes) => {
                self.sent.count(Kind::RouteRefresh);
                if self.heard {
                    self.tell(Content::RouteRefresh(refresh), bytes);
                }
            }
            rib::Event::Keepalive(bytes) => {
                self.sent.count(Kind::Keepalive);
                if self.heard {
                    self.tell(Content::Keepalive, bytes);
                }
            }
            rib::Event::Refused(nlri, error) => {
                log::error!(target: "rib", "{}: {nlri:?} is not sent: {error}", self.name);
            }
        }
    }
}

/// The window of a rate limit.
const SECOND: Duration = Duration::from_secs(1);
