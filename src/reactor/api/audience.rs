//! Who listens to a neighbor, and to what: the `api` sections, resolved to running helpers.
//!
//! Each peer owns one. Asking whether anybody wants an event is a look at a bit mask, so an event
//! that nobody hears costs nothing; the constant part of the events of a neighbor is made once
//! and kept here, and so is the counter of its JSON events.

use std::net::{IpAddr, Ipv4Addr};

use crate::bgp::message::Kind;
use crate::bgp::neighbor::{SessionSettings, Subscription, Wishes};
use crate::configuration::Encoder;
use crate::json::{Dialect, Writer};
use crate::protocol::Asn;

use super::ProcessId;

/// What a helper may be told of a neighbor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// `connected`, `up` or `down`.
    State,
    Fsm,
    Signal,
    Negotiated,
    /// A message of this kind that was received or is about to be sent.
    Message(Direction, Kind),
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Receive,
    Send,
}

impl Direction {
    /// The word in events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Send => "send",
        }
    }
}

impl Event {
    /// The bit of this event in a mask.
    fn bit(self) -> u16 {
        match self {
            Self::State => 1 << 12,
            Self::Fsm => 1 << 13,
            Self::Signal => 1 << 14,
            Self::Negotiated => 1 << 15,
            Self::Message(Direction::Receive, kind) => 1 << (kind.code() - 1),
            Self::Message(Direction::Send, kind) => 1 << (kind.code() + 5),
        }
    }
}

/// The forms in which one helper is told of the messages of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Forms {
    /// The bytes, as an event of their own, before the decoded one.
    pub packet: bool,
    /// The decoded form.
    pub parsed: bool,
    /// The bytes, inside the decoded form.
    pub raw: bool,
}

impl Forms {
    /// What `consolidate`, `packets` and `parsed` come to. The two directions differ: what is
    /// sent needs `packets` beside `consolidate` to show its bytes.
    fn of(wishes: Wishes, direction: Direction) -> Self {
        if wishes.consolidate {
            let raw = direction == Direction::Receive || wishes.packets;
            return Self { packet: false, parsed: true, raw };
        }
        Self { packet: wishes.packets, parsed: wishes.parsed, raw: false }
    }

    fn any(self) -> bool {
        self.packet || self.parsed
    }
}

/// One helper that listens to a neighbor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listener {
    pub process: ProcessId,
    pub encoder: Encoder,
    pub dialect: Dialect,
    hears: u16,
    receive: Forms,
    send: Forms,
}

impl Listener {
    /// The helper `process`, told as `subscription` says. Text has no words for some events.
    pub(super) fn new(
        process: ProcessId,
        encoder: Encoder,
        dialect: Dialect,
        subscription: &Subscription,
    ) -> Self {
        let receive = Forms::of(subscription.receive, Direction::Receive);
        let send = Forms::of(subscription.send, Direction::Send);
        let json = encoder == Encoder::Json;
        let mut hears = 0;
        let mut when = |wanted: bool, event: Event| hears |= if wanted { event.bit() } else { 0 };
        when(subscription.neighbor_changes, Event::State);
        when(subscription.fsm && json, Event::Fsm);
        when(subscription.signal && json, Event::Signal);
        when(subscription.negotiated && json, Event::Negotiated);
        for (direction, wishes, forms) in [
            (Direction::Receive, subscription.receive, receive),
            (Direction::Send, subscription.send, send),
        ] {
            for (kind, wanted) in [
                (Kind::Open, wishes.open),
                (Kind::Update, wishes.update),
                (Kind::Notification, wishes.notification),
                (Kind::Keepalive, wishes.keepalive),
                (Kind::RouteRefresh, wishes.refresh),
                (Kind::Operational, wishes.operational),
            ] {
                when(wanted && forms.any(), Event::Message(direction, kind));
            }
        }
        Self { process, encoder, dialect, hears, receive, send }
    }

    /// Whether the helper is told of `event`.
    pub(super) fn hears(&self, event: Event) -> bool {
        self.hears & event.bit() != 0
    }

    /// The forms of the messages of this direction.
    pub(super) fn forms(&self, direction: Direction) -> Forms {
        match direction {
            Direction::Receive => self.receive,
            Direction::Send => self.send,
        }
    }
}

/// Who a neighbor is, as events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub peer: IpAddr,
    /// Our address, once it is known.
    pub local: Option<IpAddr>,
    pub local_as: Option<Asn>,
    pub peer_as: Option<Asn>,
    /// The configured one.
    pub router_id: Option<Ipv4Addr>,
}

impl Identity {
    /// What the settings alone say; addresses and AS numbers that depend on the connection are
    /// filled in by [`Audience::identify`] when they are known.
    pub fn of(settings: &SessionSettings) -> Self {
        Self {
            peer: settings.peer.address(),
            local: settings.local_address,
            local_as: settings.local_as,
            peer_as: settings.peer_as,
            router_id: settings.router_id,
        }
    }
}

/// The helpers that listen to one neighbor, and what all its events have in common.
#[derive(Debug)]
pub struct Audience {
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) listeners: Vec<Listener>,
    /// The union of what the listeners hear.
    hears: u16,
    /// The set of helpers for which `listeners` holds; see `Api::tune`.
    pub(super) generation: u64,
    pub(super) identity: Identity,
    /// `"neighbor": { "address": …, "router-id": "…" `, up to the comma.
    pub(super) neighbor: Vec<u8>,
    /// `neighbor ADDRESS `
    pub(super) words: String,
    /// JSON events told so far.
    pub(super) counter: u64,
    /// What the session has agreed on, as JSON; empty before that.
    pub(super) agreement: Vec<u8>,
    /// Some `api` section asks for `negotiated`: in dialect 4 it then accompanies updates.
    pub(super) negotiated: bool,
}

impl Audience {
    /// Of a neighbor with these settings; `Api::tune` finds the helpers that they name.
    pub fn new(settings: &SessionSettings) -> Self {
        let identity = Identity::of(settings);
        let mut audience = Self {
            subscriptions: settings.api.clone(),
            listeners: Vec::new(),
            hears: 0,
            generation: 0,
            identity,
            neighbor: Vec::new(),
            words: String::new(),
            counter: 0,
            agreement: Vec::new(),
            negotiated: settings.api.iter().any(|subscription| subscription.negotiated),
        };
        audience.render();
        audience
    }

    /// Takes the `api` sections of a configuration read again; `Api::tune` finds the helpers.
    pub fn subscribe(&mut self, settings: &SessionSettings) {
        self.subscriptions.clone_from(&settings.api);
        self.negotiated = settings.api.iter().any(|subscription| subscription.negotiated);
        self.generation = 0;
    }

    /// Notes what has become known of the neighbor. Cheap when nothing is new.
    pub fn identify(&mut self, identity: Identity) {
        if self.identity != identity {
            self.identity = identity;
            self.render();
        }
    }

    /// What is known of the neighbor.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether anybody is told of `event`: ask before preparing it.
    #[inline]
    pub fn hears(&self, event: Event) -> bool {
        self.hears & event.bit() != 0
    }

    /// Replaces the listeners.
    pub(super) fn listen(&mut self, listeners: Vec<Listener>, generation: u64) {
        self.hears = listeners.iter().fold(0, |hears, listener| hears | listener.hears);
        self.listeners = listeners;
        self.generation = generation;
    }

    fn render(&mut self) {
        self.neighbor.clear();
        let mut json = Writer::new(&mut self.neighbor, Dialect::V4);
        json.raw("\"neighbor\": { \"address\": { \"local\": ");
        match self.identity.local {
            Some(address) => json.address(address),
            None => json.string("None"),
        }
        json.raw(", \"peer\": ");
        json.address(self.identity.peer);
        json.raw(" }, \"asn\": { \"local\": ");
        for (label, asn) in [("", self.identity.local_as), (", \"peer\": ", self.identity.peer_as)]
        {
            json.raw(label);
            match asn {
                Some(asn) => json.number(asn.0),
                None => json.null(),
            }
        }
        json.raw(" }");
        if let Some(id) = self.identity.router_id {
            json.raw(", \"router-id\": ");
            json.ipv4(id);
        }
        json.raw(" ");
        self.words = format!("neighbor {} ", self.identity.peer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Prefix;

    fn listener(subscription: &Subscription, encoder: Encoder) -> Listener {
        Listener::new(ProcessId(0), encoder, Dialect::V4, subscription)
    }

    #[test]
    fn a_kind_without_a_form_is_silent_and_so_is_a_form_without_a_kind() {
        let mut wishes = Wishes { update: true, ..Wishes::default() };
        let update = Event::Message(Direction::Receive, Kind::Update);
        let hears = |wishes| {
            let subscription = Subscription { receive: wishes, ..Subscription::default() };
            listener(&subscription, Encoder::Json).hears(update)
        };
        assert!(!hears(wishes));
        wishes.parsed = true;
        assert!(hears(wishes));
        wishes.update = false;
        assert!(!hears(wishes));
    }

    #[test]
    fn every_event_has_a_bit_of_its_own() {
        let mut seen = 0u16;
        let kinds = [
            Kind::Open,
            Kind::Update,
            Kind::Notification,
            Kind::Keepalive,
            Kind::RouteRefresh,
            Kind::Operational,
        ];
        let messages = [Direction::Receive, Direction::Send]
            .into_iter()
            .flat_map(|direction| kinds.map(|kind| Event::Message(direction, kind)));
        let others = [Event::State, Event::Fsm, Event::Signal, Event::Negotiated];
        for event in messages.chain(others) {
            assert_eq!(seen & event.bit(), 0, "{event:?}");
            seen |= event.bit();
        }
        assert_eq!(seen, u16::MAX);
    }

    #[test]
    fn forms_follow_the_table() {
        let wishes = |consolidate, packets, parsed| Wishes {
            consolidate,
            packets,
            parsed,
            ..Wishes::default()
        };
        let forms = |packet, parsed, raw| Forms { packet, parsed, raw };
        for (wishes, receive, send) in [
            (wishes(true, false, false), forms(false, true, true), forms(false, true, false)),
            (wishes(true, true, false), forms(false, true, true), forms(false, true, true)),
            (wishes(true, false, true), forms(false, true, true), forms(false, true, false)),
            (wishes(false, true, true), forms(true, true, false), forms(true, true, false)),
            (wishes(false, true, false), forms(true, false, false), forms(true, false, false)),
            (wishes(false, false, true), forms(false, true, false), forms(false, true, false)),
            (wishes(false, false, false), Forms::default(), Forms::default()),
        ] {
            assert_eq!(Forms::of(wishes, Direction::Receive), receive);
            assert_eq!(Forms::of(wishes, Direction::Send), send);
        }
    }

    #[test]
    fn text_has_no_word_for_fsm_signal_and_negotiated() {
        let subscription = Subscription {
            neighbor_changes: true,
            fsm: true,
            signal: true,
            negotiated: true,
            ..Subscription::default()
        };
        for event in [Event::Fsm, Event::Signal, Event::Negotiated] {
            assert!(listener(&subscription, Encoder::Json).hears(event));
            assert!(!listener(&subscription, Encoder::Text).hears(event));
        }
        assert!(listener(&subscription, Encoder::Text).hears(Event::State));
    }

    #[test]
    fn the_neighbor_is_told_as_far_as_it_is_known() {
        let mut settings = SessionSettings::new(Prefix::host("192.0.2.1".parse().unwrap()));
        settings.local_as = Some(Asn(65000));
        let mut audience = Audience::new(&settings);
        assert_eq!(
            String::from_utf8(audience.neighbor.clone()).unwrap(),
            r#""neighbor": { "address": { "local": "None", "peer": "192.0.2.1" }, "asn": { "local": 65000, "peer": null } "#
        );
        audience.identify(Identity {
            local: Some("192.0.2.2".parse().unwrap()),
            peer_as: Some(Asn(65001)),
            router_id: Some(Ipv4Addr::new(10, 0, 0, 2)),
            ..audience.identity()
        });
        assert_eq!(
            String::from_utf8(audience.neighbor.clone()).unwrap(),
            r#""neighbor": { "address": { "local": "192.0.2.2", "peer": "192.0.2.1" }, "asn": { "local": 65000, "peer": 65001 }, "router-id": "10.0.0.2" "#
        );
    }
}
