//! Events as lines for whoever asks for one, without helper and session: `decode`.

use crate::bgp::neighbor::SessionSettings;
use crate::configuration::Encoder;
use crate::json::{Dialect, Writer};
use crate::reactor::api::Audience;
use crate::reactor::clock::Clock;

use super::{Body, Content, Envelope, Message, json, text};

/// Renders the events of one neighbor.
#[derive(Debug)]
pub struct Printer {
    envelope: Envelope,
    audience: Audience,
    encoder: Encoder,
    dialect: Dialect,
    compact: bool,
    counter: u64,
}

impl Printer {
    /// Of a neighbor with these settings, at the time of `clock`.
    pub fn new(settings: &SessionSettings, dialect: Dialect, compact: bool, clock: &Clock) -> Self {
        let host = nix::unistd::gethostname().unwrap_or_default();
        let parent = u32::try_from(nix::unistd::getppid().as_raw()).unwrap_or(0);
        let mut envelope = Envelope::new(&host.to_string_lossy(), std::process::id(), parent);
        envelope.tick(clock.wall());
        let audience = Audience::new(settings);
        Self { envelope, audience, encoder: Encoder::Json, dialect, compact, counter: 0 }
    }

    /// Appends the line of a message.
    pub fn line(&mut self, content: Content<'_>, message: Message<'_>, out: &mut Vec<u8>) {
        let body = Body::Parsed(content, message);
        match self.encoder {
            Encoder::Json => {
                self.counter += 1;
                self.envelope.open(out, self.dialect, Some(self.counter), body.word());
                out.extend_from_slice(&self.audience.neighbor);
                json::body(&mut Writer::new(out, self.dialect), &body, false, self.compact);
                out.extend_from_slice(b" } }\n");
            }
            Encoder::Text => text::body(out, &self.audience.words, &body, None),
        }
    }
}
