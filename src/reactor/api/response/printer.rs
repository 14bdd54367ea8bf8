//! Events as lines for whoever asks for one, without helper and session: `decode`.

use crate::bgp::Negotiated;
use crate::bgp::neighbor::SessionSettings;
use crate::json::{Dialect, Writer};
use crate::reactor::api::Audience;
use crate::reactor::clock::Clock;

use super::{Body, Content, Envelope, Manner, Message, json};

/// Renders the events of one neighbor.
#[derive(Debug)]
pub struct Printer {
    envelope: Envelope,
    audience: Audience,
    agreement: Vec<u8>,
    dialect: Dialect,
    compact: bool,
    whole_labels: bool,
    counter: u64,
}

impl Printer {
    /// Of a neighbor with these settings and this agreement, at the time of `clock`.
    pub fn new(settings: &SessionSettings, negotiated: &Negotiated, clock: &Clock) -> Self {
        let host = nix::unistd::gethostname().unwrap_or_default();
        let parent = u32::try_from(nix::unistd::getppid().as_raw()).unwrap_or(0);
        let mut envelope = Envelope::new(&host.to_string_lossy(), std::process::id(), parent);
        envelope.tick(clock.wall());
        let mut agreement = Vec::new();
        negotiated.json(&mut Writer::new(&mut agreement, Dialect::V4));
        Self {
            envelope,
            audience: Audience::new(settings),
            agreement,
            dialect: Dialect::V4,
            compact: false,
            whole_labels: false,
            counter: 0,
        }
    }

    /// In this dialect, and with bare strings for plain prefixes where `compact`.
    #[must_use]
    pub fn speaking(self, dialect: Dialect, compact: bool) -> Self {
        Self { dialect, compact, ..self }
    }

    /// With all bits of label stack entries, in either dialect.
    #[must_use]
    pub fn telling_whole_labels(self) -> Self {
        Self { whole_labels: true, ..self }
    }

    /// Appends the line of a message.
    pub fn line(&mut self, content: Content<'_>, message: Message<'_>, out: &mut Vec<u8>) {
        let body = Body::Parsed(content, message);
        let Self { agreement, compact, .. } = self;
        let manner = Manner { agreement, asked: false, compact: *compact, received: "in" };
        self.counter += 1;
        self.envelope.open(out, self.dialect, Some(self.counter), body.word());
        out.extend_from_slice(&self.audience.neighbor);
        let mut json = Writer::new(out, self.dialect);
        json.whole_labels |= self.whole_labels;
        json::body(&mut json, &body, manner);
        out.extend_from_slice(b" } }\n");
    }
}
