//! The acceptance vectors of the wire format, played against the library: a configuration becomes
//! OPENs, both sides agree, routes leave as UPDATEs, and received bytes become events.
//!
//! Everything goes the way of the program: the configuration is read, `Negotiated::agree` meets
//! the OPEN of the peer, the Adj-RIB-Out writes the messages, `Update::decode` reads them and the
//! printer of events tells them. Vectors of parts that are not built are counted, not required.

#![cfg(test)]

mod support;
mod vectors;

use std::net::Ipv4Addr;

use exabgp::bgp::Negotiated;
use exabgp::bgp::attribute::{Interner, NextHop};
use exabgp::bgp::message::open::Identity;
use exabgp::bgp::message::update::Update;
use exabgp::bgp::message::{self, Frame, Kind, Notify, Open, Operational, RouteRefresh};
use exabgp::configuration::{Configuration, Neighbor, RouteParser, Watched, parse};
use exabgp::json::Dialect;
use exabgp::protocol::Asn;
use exabgp::reactor::api::{self, Content, Direction, Printer};
use exabgp::reactor::clock::Clock;
use exabgp::rib::{Budget, Options, Outgoing, Route};
use serde_json::{Value, json};
use support::{hex, unhex, wire};
use vectors::{Verdict, play, text};

/// Octets of the header of a message.
const HEADER: usize = 19;

/// The identifier of the peer where nothing depends on it.
const PEER_ID: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// The configuration that a vector describes.
fn configuration(vector: &Value) -> String {
    let number = |key: &str, default| vector[key].as_u64().unwrap_or(default);
    let families: Vec<&str> = match vector["families"].as_array() {
        Some(families) => families.iter().map(text).collect(),
        None => vec!["ipv4 unicast"],
    };
    format!(
        "neighbor 127.0.0.1 {{ router-id {}; local-address 127.0.0.1; local-as {}; peer-as {};\n\
         family {{ {}; }}\n{}\n{}\n}}\n",
        vector["router-id"].as_str().unwrap_or("10.0.0.2"),
        number("local-as", 65010),
        number("peer-as", 65020),
        families.join("; "),
        vector["settings"].as_str().unwrap_or(""),
        vector["routes"].as_str().unwrap_or(""),
    )
}

/// One side of a session, as configured.
struct Side {
    parser: RouteParser,
    neighbor: Neighbor,
    ours: Open,
}

impl Side {
    /// Reads the configuration of a vector and makes our OPEN. The error says who refused.
    fn new(vector: &Value) -> Result<Self, String> {
        let mut parser = RouteParser::new();
        let text = configuration(vector);
        let read = parse("qa.conf", text.as_bytes(), &Default::default(), &mut parser);
        let Configuration { mut neighbors, .. } =
            read.map_err(|errors| format!("refused: {}", errors[0]))?;
        let neighbor = neighbors.remove(0);
        let identity = Identity {
            asn: neighbor.settings.local_as.unwrap(),
            router_id: neighbor.settings.router_id.unwrap(),
            restarting: vector["restarting"] != false,
        };
        let ours = Open::from_settings(&neighbor.settings, identity)
            .map_err(|error| format!("refused: {error}"))?;
        Ok(Self { parser, neighbor, ours })
    }

    /// The body of our OPEN.
    fn open(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.ours.pack(&mut out);
        out.split_off(HEADER)
    }

    /// The agreement with a peer that answers our own capabilities, without those it lacks.
    fn agree(&self, vector: &Value) -> Negotiated {
        let peer_as = self.neighbor.settings.peer_as.unwrap();
        let identity = Identity { asn: peer_as, router_id: PEER_ID, restarting: true };
        let theirs = Open::from_settings(&self.neighbor.settings, identity).unwrap();
        let mut out = Vec::new();
        theirs.pack(&mut out);
        let mut theirs = wire::Open::parse(&out[HEADER..]);
        for code in vector["peer-lacks"].as_array().into_iter().flatten() {
            theirs.capabilities.retain(|(other, _)| u64::from(*other) != code.as_u64().unwrap());
        }
        let theirs = Open::unpack(&theirs.bytes()[HEADER..]).unwrap();
        Negotiated::agree(&self.neighbor.settings, &self.ours, &theirs).unwrap()
    }

    /// The routes that no watchdog holds back, with `next-hop self` resolved.
    fn routes(&mut self) -> Vec<Route> {
        let Self { parser, neighbor, .. } = self;
        let mut resolved = |route: &Route| {
            let mut route = route.clone();
            if let (NextHop::OurAddress, Some(ours)) =
                (route.attributes.next_hop(), neighbor.our_address(&route.nlri))
            {
                let next_hop = NextHop::Address(ours);
                route.attributes = parser.interner().with_next_hop(&route.attributes, next_hop);
            }
            route
        };
        let held = |watched: Option<&Watched>| watched.is_some_and(|watched| watched.withdrawn);
        let free = neighbor.routes().filter(|(_, watched)| !held(*watched));
        free.map(|(route, _)| resolved(route)).collect()
    }

    /// A printer of events in one dialect.
    fn printer(&self, negotiated: &Negotiated, dialect: Dialect) -> Printer {
        let settings = &self.neighbor.settings;
        Printer::new(settings, negotiated, &Clock::new()).speaking(dialect, false)
    }
}

/// The messages that leave when the routes of the configuration are announced, and those that
/// follow when all are withdrawn. End-of-RIB markers are left out.
fn leaving(side: &mut Side, negotiated: &Negotiated) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let settings = &side.neighbor.settings;
    let options = Options { keep: true, group: settings.group_updates, manual_eor: true };
    let mut rib = Outgoing::new(options, 1);
    for route in side.routes() {
        rib.announce(route);
    }
    rib.established(negotiated);
    let announced = drain(&mut rib, negotiated);
    rib.clear(None);
    let withdrawn = drain(&mut rib, negotiated);
    (announced, withdrawn)
}

fn drain(rib: &mut Outgoing, negotiated: &Negotiated) -> Vec<Vec<u8>> {
    let mut outbox = Vec::new();
    let budget = Budget { messages: usize::MAX, octets: usize::MAX };
    rib.next(negotiated, &mut outbox, budget, &mut ());
    assert!(!rib.has_pending(), "something is left");
    let mut messages = Vec::new();
    let mut rest = outbox.as_slice();
    while !rest.is_empty() {
        let frame = message::frame(rest, negotiated.message_size).unwrap().unwrap();
        let (whole, behind) = rest.split_at(frame.len());
        if frame.kind == Kind::Update {
            messages.push(whole.to_vec());
        }
        rest = behind;
    }
    messages
}

/// Whether these messages are those of a vector: bodies where it lists texts, lengths where it
/// lists numbers.
fn compare(what: &str, expected: &Value, messages: &[Vec<u8>]) -> Verdict {
    let Some(expected) = expected.as_array() else { return Ok(()) };
    let found: Vec<Value> = messages
        .iter()
        .map(|whole| match expected.first() {
            Some(Value::Number(_)) => json!(whole.len()),
            _ => json!(hex(&whole[HEADER..])),
        })
        .collect();
    if found == *expected { Ok(()) } else { Err(format!("{what} {found:?}, not {expected:?}")) }
}

/// A vector of the routes that leave.
fn encode(vector: &Value) -> Verdict {
    let side = Side::new(vector);
    if vector["reject"] == true {
        return match side {
            Ok(_) => Err("accepted".to_owned()),
            Err(_) => Ok(()),
        };
    }
    let mut side = side?;
    if let Some(parameters) = vector["parameters"].as_str() {
        let found = hex(&side.open()[10..]);
        if found != parameters {
            return Err(format!("parameters {found}, not {parameters}"));
        }
    }
    let negotiated = side.agree(vector);
    let (announced, withdrawn) = leaving(&mut side, &negotiated);
    compare("updates", &vector["updates"], &announced)?;
    compare("lengths", &vector["lengths"], &announced)?;
    compare("withdraws", &vector["withdraws"], &withdrawn)?;
    compare("withdraw-lengths", &vector["withdraw-lengths"], &withdrawn)
}

/// The `message` of the event of an UPDATE.
fn update(side: &Side, negotiated: &Negotiated, body: &[u8], dialect: Dialect) -> Told {
    let mut interner = Interner::new();
    let update = Update::decode(body, negotiated, &mut interner)?;
    let mut printer = side.printer(negotiated, dialect);
    Ok(told(&mut printer, Content::Update(&update), &wire::message(wire::UPDATE, body)))
}

/// What an event says, or the answer that ends the session.
type Told = Result<Value, Notify>;

/// The members of an event that say of whom it is.
const ABOUT: [&str; 4] = ["address", "asn", "router-id", "direction"];

/// What the event of a received message says beside who the neighbor is.
fn told(printer: &mut Printer, content: Content<'_>, whole: &[u8]) -> Value {
    let (header, body) = whole.split_at(HEADER);
    let frame = api::Frame { header, body };
    let mut out = Vec::new();
    printer.line(
        content,
        api::Message { direction: Direction::Receive, frame, negotiated: None },
        &mut out,
    );
    let mut event: Value = serde_json::from_slice(&out)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out)));
    let mut neighbor = event["neighbor"].take();
    match content {
        Content::Update(_) => neighbor["message"].take(),
        _ => {
            let members = neighbor.as_object_mut().unwrap();
            members.retain(|name, _| !ABOUT.contains(&name.as_str()));
            neighbor
        }
    }
}

/// The NOTIFICATION of a vector, against the answer.
fn notification(vector: &Value, answer: Told) -> Verdict {
    let notify = match answer {
        Err(notify) => notify,
        Ok(event) => return Err(format!("accepted: {event}")),
    };
    let found = json!([notify.code, notify.subcode]);
    if found != vector["notification"] {
        return Err(format!("{notify}, not {}", vector["notification"]));
    }
    match vector["data"].as_str() {
        Some(data) if data != hex(&notify.data) => {
            Err(format!("data {}, not {data}", hex(&notify.data)))
        }
        _ => Ok(()),
    }
}

/// The JSON of a vector in one dialect.
fn expected(vector: &Value, dialect: Dialect) -> &Value {
    let own = match dialect {
        Dialect::V4 => &vector["json4"],
        Dialect::V6 => &vector["json6"],
    };
    if own.is_null() { &vector["json"] } else { own }
}

/// Takes the members of these names out of a value, at any depth.
fn without(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !names.contains(&name.as_str()));
            members.values_mut().for_each(|member| without(member, names));
        }
        Value::Array(values) => values.iter_mut().for_each(|member| without(member, names)),
        _ => {}
    }
}

fn same(mut found: Value, expected: &Value, free: &[&str]) -> Verdict {
    let mut expected = expected.clone();
    without(&mut found, free);
    without(&mut expected, free);
    if found == expected { Ok(()) } else { Err(format!("{found}\n   not {expected}")) }
}

const DIALECTS: [Dialect; 2] = [Dialect::V4, Dialect::V6];

/// A vector of an UPDATE that is received.
fn decode(vector: &Value) -> Verdict {
    let side = Side::new(vector)?;
    let negotiated = side.agree(vector);
    let body = unhex(text(&vector["body"]));
    for dialect in DIALECTS {
        let answer = update(&side, &negotiated, &body, dialect);
        let event = match answer {
            Err(_) if !vector["notification"].is_null() => {
                notification(vector, answer)?;
                continue;
            }
            Err(notify) => {
                let may = json!([notify.code, notify.subcode]) == vector["or-notification"];
                let refused = || format!("refused: {notify}");
                may.then_some(()).ok_or_else(refused)?;
                continue;
            }
            Ok(event) => event,
        };
        if expected(vector, dialect).is_null() {
            return Err(format!("accepted: {event}"));
        }
        let free: Vec<&str> = vector["free"].as_array().into_iter().flatten().map(text).collect();
        same(event, expected(vector, dialect), &free)?;
    }
    Ok(())
}

/// A vector of an UPDATE with a fault.
fn malformed(vector: &Value) -> Verdict {
    let side = Side::new(vector)?;
    let negotiated = side.agree(vector);
    let body = unhex(text(&vector["body"]));
    for dialect in DIALECTS {
        let answer = update(&side, &negotiated, &body, dialect);
        let reaction = text(&vector["reaction"]);
        if reaction == "notification" {
            notification(vector, answer)?;
            continue;
        }
        let mut event = answer.map_err(|notify| format!("refused: {notify}"))?;
        match reaction {
            "keep" => {}
            "accept" | "ignore" => same(event, expected(vector, dialect), &[])?,
            "discard" => {
                let attribute = &mut event["update"]["attribute"];
                if let Some(members) = attribute.as_object_mut() {
                    members.remove("error");
                }
                same(event, expected(vector, dialect), &[])?;
            }
            "withdraw" => withdrawn(vector, &event["update"])?,
            other => return Err(format!("unknown reaction {other}")),
        }
    }
    Ok(())
}

/// An UPDATE whose routes are treated as withdrawn (RFC 7606).
fn withdrawn(vector: &Value, update: &Value) -> Verdict {
    if !update["announce"].is_null() {
        return Err(format!("announced: {update}"));
    }
    let mut attribute = update["attribute"].clone();
    let error = attribute.as_object_mut().and_then(|members| members.remove("error"));
    let error = error.unwrap_or_default();
    if !error.as_str().is_some_and(|error| error.starts_with("treat-as-withdraw")) {
        return Err(format!("without an error: {update}"));
    }
    same(attribute, &vector["attribute"], &[])?;
    same(update["withdraw"].clone(), &vector["withdraw"], &[])
}

/// A vector of our OPEN.
fn open(vector: &Value) -> Verdict {
    let found = hex(&Side::new(vector)?.open());
    let expected = text(&vector["open"]);
    if found == expected { Ok(()) } else { Err(format!("{found}\n   not {expected}")) }
}

/// The event of a whole message before anything is negotiated.
fn whole(printer: &mut Printer, bytes: &[u8]) -> Told {
    if bytes[HEADER - 1] == wire::REFRESH {
        // The decoder alone: the length check would answer before it.
        let refresh = RouteRefresh::unpack(&bytes[HEADER..])?;
        return Ok(told(printer, Content::RouteRefresh(refresh), bytes));
    }
    let frame = message::frame(bytes, Negotiated::MESSAGE_SIZE)?;
    let Frame { kind, body, .. } = frame.unwrap_or_else(|| panic!("cut short: {}", hex(bytes)));
    Ok(match kind {
        Kind::Open => told(printer, Content::Open(&Open::unpack(body)?), bytes),
        Kind::Notification => told(printer, Content::Notification(&Notify::unpack(body)), bytes),
        Kind::Keepalive => told(printer, Content::Keepalive, bytes),
        Kind::Operational => {
            told(printer, Content::Operational(&Operational::unpack(body)?), bytes)
        }
        Kind::Update | Kind::RouteRefresh => panic!("{kind:?} is not looked for here"),
    })
}

/// A vector of a message that is no UPDATE.
fn message_of(vector: &Value) -> Verdict {
    let side = Side::new(&json!({}))?;
    let bytes = unhex(text(&vector["message"]));
    for dialect in DIALECTS {
        let answer = whole(&mut side.printer(&Negotiated::wide(), dialect), &bytes);
        if vector["notification"].is_null() {
            let event = answer.map_err(|notify| format!("refused: {notify}"))?;
            same(event, &vector["json"], &[])?;
        } else if answer.is_err() || vector["or-ignore"] != true {
            notification(vector, answer)?;
        }
    }
    Ok(())
}

/// A vector of the agreement of two OPENs.
fn negotiate(vector: &Value) -> Verdict {
    let side = Side::new(vector)?;
    let bytes = unhex(text(&vector["peer-open"]));
    let answer = message::frame(&bytes, Negotiated::MESSAGE_SIZE)
        .and_then(|frame| Open::unpack(frame.unwrap().body))
        .and_then(|theirs| Negotiated::agree(&side.neighbor.settings, &side.ours, &theirs))
        .map(|agreed| agreement(&agreed));
    if vector["negotiated"].is_null() {
        return notification(vector, answer);
    }
    same(answer.map_err(|notify| format!("refused: {notify}"))?, &vector["negotiated"], &[])
}

fn agreement(agreed: &Negotiated) -> Value {
    let families: Vec<String> = agreed.families.iter().map(ToString::to_string).collect();
    let Asn(local_as) = agreed.local_as;
    let Asn(peer_as) = agreed.peer_as;
    json!({
        "hold-time": agreed.hold_time,
        "asn4": agreed.asn4,
        "families": families,
        "message-size": agreed.message_size,
        "refresh": agreed.refresh.name(),
        "peer-as": peer_as,
        "local-as": local_as,
    })
}

#[test]
fn routes_leave_as_these_messages() {
    play("wire-encode.json", 184, encode);
}

#[test]
fn messages_hold_as_much_as_they_may() {
    play("packing.json", 20, encode);
}

#[test]
fn received_updates_are_these_events() {
    play("wire-decode.json", 122, decode);
}

#[test]
fn faults_cost_what_they_must() {
    play("wire-malformed.json", 86, malformed);
}

#[test]
fn our_open_says_what_is_configured() {
    play("open-encode.json", 26, open);
}

#[test]
fn received_messages_are_these_events() {
    play("message-decode.json", 47, message_of);
}

#[test]
fn both_sides_agree_on_this() {
    play("negotiate.json", 19, negotiate);
}
