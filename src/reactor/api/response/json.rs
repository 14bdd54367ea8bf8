//! Events in JSON: what stands in the `neighbor` object after the identity of the neighbor.

use crate::bgp::Negotiated;
use crate::bgp::negotiated::Refresh;
use crate::json::{Dialect, Writer};
use crate::protocol::Family;

use super::{Body, Content, Frame, Message};
use crate::bgp::message::open::Keys;
use crate::reactor::api::Direction;

/// The content of an event, from the comma after the identity. `with_negotiated`: some `api`
/// section of the neighbor asks for the agreement, which then goes with updates and packets.
pub(super) fn body(json: &mut Writer<'_>, body: &Body<'_>, with_negotiated: bool) {
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
            json.raw(", ");
            negotiated(json, Some(agreement));
            json.raw(" ");
        }
        Body::Packet(kind, message) => {
            direction(json, message);
            packet(json, kind.code(), message.frame);
            accompany(json, message, with_negotiated);
        }
        Body::Parsed(content, message) => {
            direction(json, message);
            parsed(json, content, message.direction);
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

fn direction(json: &mut Writer<'_>, message: Message<'_>) {
    json.raw(", \"direction\": \"");
    json.raw(message.direction.word());
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

fn parsed(json: &mut Writer<'_>, content: Content<'_>, direction: Direction) {
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
            update.json(json, false);
        }
        Content::Operational(operational) => {
            json.raw(", \"operational\": ");
            operational.json(json);
        }
    }
}

/// The agreement goes with updates and packets always in dialect 6, and where it is asked for in
/// dialect 4.
fn accompany(json: &mut Writer<'_>, message: Message<'_>, asked: bool) {
    if json.dialect == Dialect::V6 || (asked && message.negotiated.is_some()) {
        json.raw(", ");
        negotiated(json, message.negotiated);
        json.raw(" ");
    }
}

/// `"negotiated": { … }`; before the OPENs have crossed, that of a session without any
/// capability.
fn negotiated(json: &mut Writer<'_>, agreement: Option<&Negotiated>) {
    json.raw("\"negotiated\": ");
    json.object(|object| {
        let size = agreement.map_or(Negotiated::MESSAGE_SIZE, |agreed| agreed.message_size);
        object.field("message_size").number(u64::try_from(size).unwrap_or(u64::MAX));
        object.field("hold_time").number(agreement.map_or(0, |agreed| agreed.hold_time));
        object.field("asn4").boolean(agreement.is_some_and(|agreed| agreed.asn4));
        object.field("multisession").boolean(agreement.is_some_and(|agreed| agreed.multisession));
        object.field("operational").boolean(agreement.is_some_and(|agreed| agreed.operational));
        let refresh = agreement.map_or(Refresh::Absent, |agreed| agreed.refresh);
        object.field("refresh").string(match refresh {
            Refresh::Absent => "absent",
            Refresh::Normal => "normal",
            Refresh::Enhanced => "enhanced",
        });
        families(object.field("families"), agreement.map_or(&[], |agreed| &agreed.families));
        object.field("nexthop").tight_list(|list| {
            for (family, afi) in agreement.map_or(&[][..], |agreed| &agreed.nexthop) {
                list.element().display(&format_args!("{family} {afi}"));
            }
        });
        let json = object.field("add_path");
        json.raw("{\"send\": ");
        families(json, agreement.map_or(&[], |agreed| &agreed.addpath_send));
        json.raw(", \"receive\": ");
        families(json, agreement.map_or(&[], |agreed| &agreed.addpath_receive));
        json.raw("}");
    });
}

fn families(json: &mut Writer<'_>, families: &[Family]) {
    json.tight_list(|list| families.iter().for_each(|family| list.element().display(family)));
}
