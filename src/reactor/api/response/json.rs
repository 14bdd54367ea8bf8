//! Events in JSON: what stands in the `neighbor` object after the identity of the neighbor.

use crate::json::{Dialect, Writer};

use super::{Body, Content, Frame, Manner, Message};
use crate::bgp::message::open::Keys;
use crate::reactor::api::Direction;

/// The content of an event, from the comma after the identity.
pub(super) fn body(json: &mut Writer<'_>, body: &Body<'_>, manner: Manner<'_>) {
    match *body {
        Body::Connected => json.raw(", \"state\": \"connected\""),
        Body::Up => json.raw(", \"state\": \"up\""),
        Body::Down { reason } => {
            json.raw(", \"state\": \"down\", \"reason\": ");
            json.string(reason);
        }
        Body::Fsm { state } => {
            json.raw(", \"state\": ");
            json.string(state);
        }
        Body::Signal { number, name } => {
            json.raw(", \"code\": ");
            json.display(&number);
            json.raw(", \"name\": ");
            json.string(name);
        }
        Body::Negotiated(agreement) => {
            json.raw(", \"negotiated\": ");
            agreement.json(json);
            json.raw(" ");
        }
        Body::Packet(kind, message) => {
            direction(json, message, manner);
            packet(json, kind.code(), message.frame);
            accompany(json, manner);
        }
        Body::Parsed(content, message) => {
            direction(json, message, manner);
            parsed(json, content, message.direction, manner);
        }
    }
}

/// The bytes of a message, as members of the event itself.
pub(super) fn raw(json: &mut Writer<'_>, frame: Frame<'_>) {
    json.raw("\"header\": ");
    json.hex(frame.header);
    json.raw(", ");
    if !frame.body.is_empty() {
        json.raw("\"body\": ");
        json.hex(frame.body);
        json.raw(", ");
    }
}

fn direction(json: &mut Writer<'_>, message: Message<'_>, manner: Manner<'_>) {
    json.raw(", \"direction\": \"");
    json.raw(match message.direction {
        Direction::Receive => manner.received,
        Direction::Send => Direction::Send.word(),
    });
    json.raw("\"");
}

fn packet(json: &mut Writer<'_>, category: u8, frame: Frame<'_>) {
    json.raw(", \"message\": ");
    json.object(|message| {
        message.field("category").number(category);
        message.field("header").hex(frame.header);
        message.field("body").hex(frame.body);
    });
}

fn parsed(json: &mut Writer<'_>, content: Content<'_>, direction: Direction, manner: Manner<'_>) {
    match content {
        Content::Open(open) => {
            json.raw(", \"open\": ");
            let keys = match direction {
                Direction::Receive => Keys::Codes,
                Direction::Send => Keys::Names,
            };
            open.json(keys, json);
        }
        Content::Notification(notify) => {
            json.raw(", \"notification\": ");
            notify.json(json);
            json.raw(" ");
        }
        Content::Keepalive => json.raw(" "),
        Content::RouteRefresh(refresh) => {
            json.raw(", \"route-refresh\": ");
            refresh.json(json);
        }
        Content::Update(update) => {
            json.raw(", \"message\": ");
            update.json(json, manner.compact);
            accompany(json, manner);
        }
        Content::Operational(operational) => {
            json.raw(", \"operational\": ");
            operational.json(json);
        }
    }
}

/// The agreement goes with updates and packets always in dialect 6, and where it is asked for in
/// dialect 4.
fn accompany(json: &mut Writer<'_>, manner: Manner<'_>) {
    let agreement = match (json.dialect, manner.agreement) {
        (Dialect::V4, _) if !manner.asked => return,
        (Dialect::V4, b"") => return,
        (Dialect::V6, b"") => DISAGREEMENT.as_bytes(),
        (_, agreement) => agreement,
    };
    json.raw(", \"negotiated\": ");
    json.raw_bytes(agreement);
    json.raw(" ");
}

/// What a session without any capability would have agreed on: told before the OPENs have crossed.
const DISAGREEMENT: &str = concat!(
    r#"{ "message_size": 4096, "hold_time": 0, "asn4": false, "multisession": false, "#,
    r#""operational": false, "refresh": "absent", "families": [], "nexthop": [], "#,
    r#""add_path": {"send": [], "receive": []} }"#
);
