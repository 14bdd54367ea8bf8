//! What helpers are told: events of the neighbors, in JSON or as text.
//!
//! An event is one line, made once for each form in which somebody wants it and copied to the
//! others who want the same. It is written where it waits to leave: into the queue of the helper.
//! `json` and `text` hold one function an event; what the dialects differ in is there and in the
//! envelope, and nowhere else.

mod envelope;
pub(super) mod json;
mod printer;
#[cfg(test)]
mod tests;
mod text;

pub(super) use envelope::Envelope;
pub use printer::Printer;

use crate::bgp::Negotiated;
use crate::bgp::message::update::Update;
use crate::bgp::message::{Kind, Notify, Open, Operational, RouteRefresh};
use crate::configuration::Encoder;
use crate::json::{Dialect, Writer};

use super::audience::{Audience, Direction, Event, Listener};
use super::{Api, ProcessId, slot};

/// The bytes of a message.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The 19 octets.
    pub header: &'a [u8],
    /// What follows them.
    pub body: &'a [u8],
}

/// A message on its way in or out.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub direction: Direction,
    pub frame: Frame<'a>,
    /// What the session has agreed on, once it has.
    pub negotiated: Option<&'a Negotiated>,
}

/// A message as it was understood.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    Open(&'a Open),
    Notification(&'a Notify),
    Keepalive,
    RouteRefresh(RouteRefresh),
    Operational(&'a Operational),
    Update(&'a Update<'a>),
}

impl Content<'_> {
    /// The kind of the message.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Open(_) => Kind::Open,
            Self::Notification(_) => Kind::Notification,
            Self::Keepalive => Kind::Keepalive,
            Self::RouteRefresh(_) => Kind::RouteRefresh,
            Self::Operational(_) => Kind::Operational,
            Self::Update(_) => Kind::Update,
        }
    }
}

/// How the messages of a neighbor are told in JSON.
#[derive(Clone, Copy, Debug)]
struct Manner<'a> {
    /// What the session has agreed on, as JSON; empty before that.
    agreement: &'a [u8],
    /// Some `api` section of the neighbor asks for it.
    asked: bool,
    /// A prefix with nothing beside it is a string.
    compact: bool,
    /// The direction of a message that came from the peer.
    received: &'static str,
}

/// What an event is about.
#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    Connected,
    Up,
    Down { reason: &'a str },
    Fsm { state: &'a str },
    Signal { number: i32, name: &'a str },
    Negotiated(&'a Negotiated),
    Packet(Kind, Message<'a>),
    Parsed(Content<'a>, Message<'a>),
}

impl Body<'_> {
    fn event(&self) -> Event {
        match self {
            Self::Connected | Self::Up | Self::Down { .. } => Event::State,
            Self::Fsm { .. } => Event::Fsm,
            Self::Signal { .. } => Event::Signal,
            Self::Negotiated(_) => Event::Negotiated,
            Self::Packet(kind, message) => Event::Message(message.direction, *kind),
            Self::Parsed(content, message) => Event::Message(message.direction, content.kind()),
        }
    }

    /// The `type` of the JSON event.
    fn word(&self) -> &'static str {
        match self {
            Self::Connected | Self::Up | Self::Down { .. } => "state",
            Self::Fsm { .. } => "fsm",
            Self::Signal { .. } => "signal",
            Self::Negotiated(_) => "negotiated",
            Self::Packet(kind, _) => kind.name(),
            Self::Parsed(content, _) => content.kind().name(),
        }
    }

    /// Whether the listener is told of this, and the bytes that go with it.
    fn told_to<'a>(&'a self, listener: &Listener) -> Option<Option<Frame<'a>>> {
        if !listener.hears(self.event()) {
            return None;
        }
        match self {
            Self::Packet(_, message) => {
                listener.forms(message.direction).packet.then_some(Some(message.frame))
            }
            Self::Parsed(_, message) => {
                let forms = listener.forms(message.direction);
                forms.parsed.then_some(forms.raw.then_some(message.frame))
            }
            _ => Some(None),
        }
    }
}

impl Api {
    /// Tells that TCP is established, in either direction.
    pub fn connected(&mut self, audience: &mut Audience) {
        self.tell(audience, &Body::Connected);
    }

    /// Tells that the session is established.
    pub fn up(&mut self, audience: &mut Audience) {
        self.tell(audience, &Body::Up);
    }

    /// Tells that the session has ended.
    pub fn down(&mut self, audience: &mut Audience, reason: &str) {
        self.tell(audience, &Body::Down { reason });
        audience.agreement.clear();
    }

    /// Tells that the FSM has entered a state, by its name in capitals.
    pub fn fsm(&mut self, audience: &mut Audience, state: &str) {
        self.tell(audience, &Body::Fsm { state });
    }

    /// Tells that the program has received a signal, by its number and its name.
    pub fn signal(&mut self, audience: &mut Audience, number: i32, name: &str) {
        self.tell(audience, &Body::Signal { number, name });
    }

    /// Tells what both sides have agreed on, now and with the updates and packets to come.
    pub fn negotiated(&mut self, audience: &mut Audience, negotiated: &Negotiated) {
        audience.agreement.clear();
        negotiated.json(&mut Writer::new(&mut audience.agreement, Dialect::V4));
        self.tell(audience, &Body::Negotiated(negotiated));
    }

    /// Shows the bytes of a message to those who want them as an event of their own. To be called
    /// before the message is decoded, so that one that is refused has been seen.
    pub fn packet(&mut self, audience: &mut Audience, kind: Kind, message: Message<'_>) {
        self.tell(audience, &Body::Packet(kind, message));
    }

    /// Tells what a message says. To be called before a message that is sent leaves.
    pub fn parsed(&mut self, audience: &mut Audience, content: Content<'_>, message: Message<'_>) {
        self.tell(audience, &Body::Parsed(content, message));
    }

    /// Tells every helper that the program ends.
    pub fn shutdown(&mut self) {
        let Self { processes, envelope, dirty, .. } = self;
        for (place, process) in processes.iter_mut().enumerate() {
            let Some(process) = process.as_mut().filter(|process| process.listens()) else {
                continue;
            };
            let is_client = process.is_client();
            let out = process.queue.events.buffer();
            match process.encoder {
                _ if is_client => out.extend_from_slice(b"shutdown\n"),
                Encoder::Json => {
                    envelope.open(out, process.dialect, None, "notification");
                    out.extend_from_slice(b"\"notification\": \"shutdown\" }\n");
                }
                Encoder::Text => text::shutdown(out, envelope),
            }
            dirty.add(ProcessId(place), process);
        }
    }

    fn tell(&mut self, audience: &mut Audience, body: &Body<'_>) {
        self.tune(audience);
        if !audience.hears(body.event()) {
            return;
        }
        let Self { processes, envelope, scratch, dirty, options, .. } = self;
        let Audience { listeners, neighbor, words, counter, negotiated, agreement, .. } = audience;
        let received = Direction::Receive.word();
        let manner = Manner { agreement, asked: *negotiated, compact: options.compact, received };
        let several = listeners.iter().filter(|one| body.told_to(one).is_some()).count() > 1;
        // The form in which `scratch` holds the event.
        let mut made: Option<(Encoder, Dialect, bool)> = None;
        let mut lost = false;
        for listener in listeners.iter() {
            let Some(raw) = body.told_to(listener) else { continue };
            let process = slot(processes, listener.process);
            let Some(process) = process else { continue };
            if !process.listens() {
                lost |= process.is_lost();
                continue;
            }
            let Listener { encoder, dialect, .. } = *listener;
            let out = process.queue.events.buffer();
            if encoder == Encoder::Json {
                *counter += 1;
                envelope.open(out, dialect, Some(*counter), body.word());
                if let Some(frame) = raw.filter(|_| matches!(body, Body::Parsed(..))) {
                    json::raw(&mut Writer::new(out, dialect), frame);
                }
                out.extend_from_slice(neighbor);
            }
            let render = |out: &mut Vec<u8>| match encoder {
                Encoder::Json => {
                    json::body(&mut Writer::new(out, dialect), body, manner);
                }
                Encoder::Text => text::body(out, words, body, raw, dialect),
            };
            if several {
                let form = (encoder, dialect, raw.is_some());
                if made != Some(form) {
                    scratch.clear();
                    render(scratch);
                    made = Some(form);
                }
                out.extend_from_slice(scratch);
            } else {
                render(out);
            }
            if encoder == Encoder::Json {
                out.extend_from_slice(b" } }\n");
            }
            dirty.add(listener.process, process);
        }
        if lost {
            self.missed();
        }
    }
}
