//! Events as text: `neighbor ADDRESS …`.
//!
//! Every event but `operational` is followed by an empty line, as helpers of old expect. What a
//! peer has supplied is escaped, so that an event never spans more lines than it should.

use std::io::Write as _;

use crate::bgp::message::update::Lines;
use crate::bgp::message::{Kind, Printable, notification};
use crate::json::{Dialect, Writer};

use super::{Body, Content, Envelope, Frame};

/// A whole event with its end of line. `head` is `neighbor ADDRESS `.
pub(super) fn body(
    out: &mut Vec<u8>,
    head: &str,
    body: &Body<'_>,
    raw: Option<Frame<'_>>,
    dialect: Dialect,
) {
    if let Body::Parsed(Content::Update(update), message) = *body {
        let start = [head, message.direction.word()].concat();
        let octets = raw.map(|frame| (frame.header, frame.body));
        update.text(out, &Lines { start: &start, dialect, octets });
        out.push(b'\n');
        return;
    }
    out.extend_from_slice(head.as_bytes());
    match *body {
        Body::Connected => out.extend_from_slice(b"connected\n"),
        Body::Up => out.extend_from_slice(b"up\n"),
        Body::Down { reason } => {
            let written = writeln!(out, "down - {}", Printable(reason));
            debug_assert!(written.is_ok(), "a buffer in memory takes everything");
        }
        // Nobody is told of these in text: see `Listener::new`.
        Body::Fsm { .. } | Body::Signal { .. } | Body::Negotiated(_) => {}
        Body::Packet(kind, message) => {
            word(out, message.direction.word());
            let code = [b'0' + kind.code()];
            out.extend_from_slice(&code);
            bytes(out, Some(message.frame));
            out.push(b'\n');
        }
        Body::Parsed(content, message) => {
            word(out, message.direction.word());
            parsed(out, content);
            bytes(out, raw);
            out.push(b'\n');
            if content.kind() == Kind::Operational {
                return;
            }
        }
    }
    out.push(b'\n');
}

/// The end of the program.
pub(super) fn shutdown(out: &mut Vec<u8>, envelope: &Envelope) {
    let written = writeln!(out, "shutdown {} {}\n", envelope.pid, envelope.parent);
    debug_assert!(written.is_ok(), "a buffer in memory takes everything");
}

fn parsed(out: &mut Vec<u8>, content: Content<'_>) {
    let written = match content {
        Content::Open(open) => write!(out, "{open}"),
        Content::Notification(notify) => write!(out, "{}", notification::Text(notify)),
        Content::Keepalive => write!(out, "keepalive"),
        // A block of lines: see `body`.
        Content::Update(_) => Ok(()),
        Content::RouteRefresh(refresh) => write!(out, "{refresh}"),
        Content::Operational(operational) => write!(out, "{operational}"),
    };
    debug_assert!(written.is_ok(), "a buffer in memory takes everything");
}

/// ` header 0x… body 0x…`
fn bytes(out: &mut Vec<u8>, frame: Option<Frame<'_>>) {
    let Some(frame) = frame else { return };
    out.extend_from_slice(b" header ");
    hex(out, frame.header);
    if !frame.body.is_empty() {
        out.extend_from_slice(b" body ");
        hex(out, frame.body);
    }
}

fn word(out: &mut Vec<u8>, word: &str) {
    out.extend_from_slice(word.as_bytes());
    out.push(b' ');
}

fn hex(out: &mut Vec<u8>, octets: &[u8]) {
    out.extend_from_slice(b"0x");
    Writer::new(out, Dialect::V4).hex_digits(octets);
}
