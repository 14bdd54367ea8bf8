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

impl Peer {
    /// One whole message of the peer, whose header is good.
    #[inline]
    pub(super) fn receive(&mut self, link: Link, frame: &Frame<'_>, around: &mut Surroundings<'_>) {
        self.count_received(frame.kind);
        let heard = api::Event::Message(api::Direction::Receive, frame.kind);
        let heard = self.audience.hears(heard);
        let negotiated = self.wire(link).and_then(|wire| wire.negotiated.clone());
        if heard {
            let message = told(frame, negotiated.as_deref());
            around.api.packet(&mut self.audience, frame.kind, message);
        }
        let done = match frame.kind {
            Kind::Update => self.update(link, frame, negotiated.as_ref(), heard, around),
            Kind::Keepalive => {
                self.tell(Content::Keepalive, frame, negotiated.as_deref(), heard, around);
                self.session.handle(Event::Message(link, Kind::Keepalive), around.now);
                Ok(())
            }
            Kind::Open => self.open(link, frame, heard, around),
            Kind::Notification => {
                let notify = Notify::unpack(frame.body);
                log::info!(target: "network", "{}: received {notify}", self.name());
                let content = Content::Notification(&notify);
                self.tell(content, frame, negotiated.as_deref(), heard, around);
                self.session.handle(Event::Notification(link, notify), around.now);
                Ok(())
            }
            Kind::RouteRefresh => self.refresh(link, frame, negotiated.as_ref(), heard, around),
            Kind::Operational => {
                self.advice(link, frame, negotiated.as_deref(), heard, around)
            }
        };
        if let Err(notify) = done {
            self.fault(link, notify, around);
        }
    }

    fn tell(
        &mut self,
        content: Content<'_>,
        frame: &Frame<'_>,
        negotiated: Option<&Negotiated>,
        heard: bool,
        around: &mut Surroundings<'_>,
    ) {
        if heard {
            around.api.parsed(&mut self.audience, content, told(frame, negotiated));
        }
    }

    fn open(
        &mut self,
        link: Link,
        frame: &Frame<'_>,
        heard: bool,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        let open = Open::unpack(frame.body)?;
        self.tell(Content::Open(&open), frame, None, heard, around);
        self.session.handle(Event::Open(link, Box::new(open)), around.now);
        Ok(())
    }

    fn update(
        &mut self,
        link: Link,
        frame: &Frame<'_>,
        negotiated: Option<&Rc<Negotiated>>,
        heard: bool,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        self.session.handle(Event::Message(link, Kind::Update), around.now);
        let Some(negotiated) = negotiated else { return Ok(()) };
        let up = self.up.as_ref().is_some_and(|(current, _)| *current == link);
        let kept = self.settings().adj_rib_in;
        if !up || !(heard || kept) {
            return Ok(());
        }
        let update = Update::decode(frame.body, negotiated, around.interner)?;
        if update.verdict != Verdict::Keep {
            let verdict = &update.verdict;
            log::warn!(target: "parser", "{}: UPDATE with a fault: {verdict:?}", self.name());
        }
        if heard {
            let message = told(frame, Some(negotiated));
            around.api.parsed(&mut self.audience, Content::Update(&update), message);
        }
        if kept {
            self.incoming.update(&update);
        }
        Ok(())
    }

    fn refresh(
        &mut self,
        link: Link,
        frame: &Frame<'_>,
        negotiated: Option<&Rc<Negotiated>>,
        heard: bool,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        let refresh = RouteRefresh::unpack(frame.body)?;
        let content = Content::RouteRefresh(refresh);
        self.tell(content, frame, negotiated.map(|n| &**n), heard, around);
        self.session.handle(Event::Message(link, Kind::RouteRefresh), around.now);
        let Some((_, negotiated)) = self.up.as_ref().filter(|(current, _)| *current == link) else {
            return Ok(());
        };
        if refresh.subtype == Subtype::Query && negotiated.has(refresh.family) {
            let negotiated = Rc::clone(negotiated);
            self.outgoing.refresh(Some(refresh.family), &negotiated);
        }
        Ok(())
    }

    fn advice(
        &mut self,
        link: Link,
        frame: &Frame<'_>,
        negotiated: Option<&Negotiated>,
        heard: bool,
        around: &mut Surroundings<'_>,
    ) -> Result<(), Notify> {
        let advice = Operational::unpack(frame.body)?;
        self.tell(Content::Operational(&advice), frame, negotiated, heard, around);
        self.session.handle(Event::Message(link, Kind::Operational), around.now);
        Ok(())
    }
}

fn told<'a>(frame: &Frame<'a>, negotiated: Option<&'a Negotiated>) -> api::Message<'a> {
    api::Message {
        direction: api::Direction::Receive,
        frame: api::Frame { header: frame.header, body: frame.body },
        negotiated,
    }
}
