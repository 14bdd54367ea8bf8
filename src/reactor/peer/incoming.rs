//! Messages of the peer: to the session, to the Adj-RIB-In, to the helpers that asked.
//!
//! An UPDATE that nobody wants is counted and left alone.

use std::rc::Rc;

use super::{Peer, Surroundings};
use crate::bgp::Negotiated;
use crate::bgp::attribute::Verdict;
use crate::bgp::fsm::{Event, Link};
use crate::bgp::message::refresh::Subtype;
use crate::bgp::message::update::Update;
use crate::bgp::message::{Frame, Kind, Notify, Open, Operational, RouteRefresh};
use crate::reactor::api::{self, Content};

/// A message and how it came.
struct Received<'a> {
    link: Link,
    frame: &'a Frame<'a>,
    /// By what it is read, once both OPENs are known.
    negotiated: Option<Rc<Negotiated>>,
    /// Whether a helper is told of it.
    heard: bool,
}

impl Received<'_> {
    fn told(&self) -> api::Message<'_> {
        api::Message {
            direction: api::Direction::Receive,
            frame: api::Frame { header: self.frame.header, body: self.frame.body },
            negotiated: self.negotiated.as_deref(),
        }
    }
}

impl Peer {
    /// One whole message of the peer, whose header is good.
    #[inline]
    pub(super) fn receive(&mut self, link: Link, frame: &Frame<'_>, around: &mut Surroundings<'_>) {
        self.count_received(frame.kind);
        let heard = api::Event::Message(api::Direction::Receive, frame.kind);
        let heard = self.audience.hears(heard);
        let negotiated = self.wire(link).and_then(|wire| wire.negotiated.clone());
        let received = Received { link, frame, negotiated, heard };
        if heard {
            around.api.packet(&mut self.audience, frame.kind, received.told());
        }
        let done = match frame.kind {
            Kind::Update => self.update(&received, around),
            Kind::Keepalive => {
                self.tell(Content::Keepalive, &received, around);
                self.session.handle(Event::Message(link, Kind::Keepalive), around.now);
                Ok(())
            }
            Kind::Open => self.open(&received, around),
            Kind::Notification => {
                let notify = Notify::unpack(frame.body);
                log::info!(target: "network", "{}: received {notify}", self.neighbor.name);
                self.tell(Content::Notification(&notify), &received, around);
                self.session.handle(Event::Notification(link, notify), around.now);
                Ok(())
            }
            Kind::RouteRefresh => self.refresh(&received, around),
            Kind::Operational => self.advice(&received, around),
        };
        if let Err(notify) = done {
            self.fault(link, notify, around);
        }
    }

    fn tell(
        &mut self,
        content: Content<'_>,
        received: &Received<'_>,
        around: &mut Surroundings<'_>,
    ) {
        if received.heard {
            around.api.parsed(&mut self.audience, content, received.told());
        }
    }

    fn open(
        &mut self,
        received: &Received<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        let open = Open::unpack(received.frame.body)?;
        self.tell(Content::Open(&open), received, around);
        self.session.handle(Event::Open(received.link, Box::new(open)), around.now);
        Ok(())
    }

    fn update(
        &mut self,
        received: &Received<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        let link = received.link;
        self.session.handle(Event::Message(link, Kind::Update), around.now);
        let Some(negotiated) = &received.negotiated else { return Ok(()) };
        let up = self.up.as_ref().is_some_and(|(current, _)| *current == link);
        let kept = self.neighbor.settings.adj_rib_in;
        if !up || !(received.heard || kept) {
            return Ok(());
        }
        let update = Update::decode(received.frame.body, negotiated, around.interner)?;
        if update.verdict != Verdict::Keep {
            let verdict = &update.verdict;
            log::warn!(target: "parser", "{}: UPDATE with a fault: {verdict:?}", self.neighbor.name);
        }
        self.tell(Content::Update(&update), received, around);
        if kept {
            self.incoming.update(&update);
        }
        Ok(())
    }

    fn refresh(
        &mut self,
        received: &Received<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        let refresh = RouteRefresh::unpack(received.frame.body)?;
        self.tell(Content::RouteRefresh(refresh), received, around);
        self.session.handle(Event::Message(received.link, Kind::RouteRefresh), around.now);
        if refresh.subtype == Subtype::Query
            && let Some((link, negotiated)) = &self.up
            && *link == received.link
            && negotiated.has(refresh.family)
        {
            self.outgoing.refresh(Some(refresh.family), negotiated);
        }
        Ok(())
    }

    fn advice(
        &mut self,
        received: &Received<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        let advice = Operational::unpack(received.frame.body)?;
        self.tell(Content::Operational(&advice), received, around);
        self.session.handle(Event::Message(received.link, Kind::Operational), around.now);
        Ok(())
    }
}
