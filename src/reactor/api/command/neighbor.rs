//! `show neighbor`: how the sessions stand, as a table, in full, in JSON, or as configured.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::{Outcome, Reply, Request};
use crate::bgp::fsm::State;
use crate::bgp::neighbor::{AddPath, SessionSettings};
use crate::configuration::render;
use crate::json::{Dialect, Writer};
use crate::protocol::Family;
use crate::reactor::api::context::{Counts, Peer, Peers, Standing};

/// The forms of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Configuration,
    Extensive,
    Json,
    Summary,
}

/// `show neighbor [<ip>] [summary|extensive|configuration] [json]`, in any order. In dialect 6
/// the answer is the JSON array, whatever else is asked.
pub(super) fn show<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let mut form = None;
    let mut only: Option<String> = None;
    while let Ok(word) = request.tokens.word("a form") {
        match &*word {
            "configuration" => form = Some(Form::Configuration),
            "extensive" => form = Some(Form::Extensive),
            "summary" => form = Some(Form::Summary),
            "json" => request.json = true,
            "text" => {}
            _ => only = Some(word.text.into_owned()),
        }
    }
    if request.json {
        form = Some(Form::Json);
    }
    match form {
        None => {
            request.line(&["please specify summary, extensive or configuration"]);
            request.line(&["you can filter by peer ip address adding it after the word neighbor"]);
        }
        Some(form) => answer(request, form, only.as_deref()),
    }
    Ok(Reply::Done)
}

/// The members of the JSON of a peer.
pub(in crate::reactor::api) fn members_of<P: Peer>(peer: &P, now: Instant, json: &mut Writer<'_>) {
    Facts::of(peer, peer.standing(now)).members(json);
}

/// `peer list`
pub(super) fn list<P: Peers>(request: &mut Request<'_, P>) -> Outcome {
    let Request { peers, out, .. } = request;
    let mut json = Writer::new(out, Dialect::V4);
    json.tight_list(|list| {
        for peer in (0..peers.count()).filter_map(|place| peers.peer(place)) {
            let json = list.element();
            json.raw("{\"peer-address\": ");
            json.display(&peer.settings().peer.address());
            json.raw(", \"peer-as\": ");
            number_or_null(json, peer.settings().peer_as.map(|asn| u64::from(asn.0)));
            json.raw(", \"state\": ");
            json.string(peer.state().name());
            json.raw("}");
        }
    });
    json.raw("\n");
    Ok(Reply::Done)
}

fn answer<P: Peers>(request: &mut Request<'_, P>, form: Form, only: Option<&str>) {
    let Request { peers, chosen, out, now, .. } = request;
    let wanted = |peer: &P::Peer| form == Form::Json || only.is_none_or(|only| is_at(peer, only));
    let shown = chosen.iter().filter_map(|place| peers.peer(*place)).filter(|peer| wanted(peer));
    match form {
        Form::Json => {
            let mut json = Writer::new(out, Dialect::V4);
            json.tight_list(|list| {
                shown.for_each(|peer| Facts::of(peer, peer.standing(*now)).json(list.element()));
            });
            json.raw("\n");
        }
        Form::Summary => {
            let head = "Peer            AS        up/down state       |     #sent     #recvd\n";
            let mut text = head.to_owned();
            shown.for_each(|peer| Facts::of(peer, peer.standing(*now)).summary(&mut text));
            out.extend_from_slice(text.as_bytes());
        }
        Form::Extensive => {
            let mut text = String::new();
            shown.for_each(|peer| Facts::of(peer, peer.standing(*now)).extensive(&mut text));
            out.extend_from_slice(text.as_bytes());
        }
        Form::Configuration => {
            for peer in shown {
                out.extend_from_slice(render::settings(peer.settings()).as_bytes());
                out.push(b'\n');
            }
        }
    }
}

/// Whether the peer has this address.
pub(super) fn is_at<P: Peer>(peer: &P, address: &str) -> bool {
    let prefix = peer.settings().peer;
    address.parse::<IpAddr>().is_ok_and(|address| address == prefix.address())
        || address == prefix.to_string()
}

/// Code points of the capabilities that are shown.
const ROUTE_REFRESH: u8 = 2;
const EXTENDED_MESSAGE: u8 = 6;
const GRACEFUL_RESTART: u8 = 64;
const ASN4: u8 = 65;
const MULTISESSION: u8 = 68;
const ADD_PATH: u8 = 69;
const CISCO_MULTISESSION: u8 = 131;
const OPERATIONAL: u8 = 185;

/// What the answers have in common.
struct Facts<'a> {
    settings: &'a SessionSettings,
    standing: Standing<'a>,
    /// Name, whether we offer it, whether the peer does, once it has said so.
    capabilities: [(&'static str, bool, Option<bool>); 7],
    families: Vec<FamilyFacts>,
}

/// A configured family.
struct FamilyFacts {
    name: String,
    /// Whether the peer carries it too, once it has said so.
    common: Option<bool>,
    /// Whether path identifiers are sent and received; `None` while that is open.
    send: Option<bool>,
    receive: Option<bool>,
}

impl<'a> Facts<'a> {
    fn of<P: Peer>(peer: &'a P, standing: Standing<'a>) -> Self {
        let settings = peer.settings();
        let offer = &settings.capability;
        let has = |codes: &[u8]| {
            let remote = standing.remote?;
            Some(codes.iter().any(|code| remote.capabilities.has(*code)))
        };
        let add_path = offer.add_path != AddPath::Disabled;
        let capabilities = [
            ("asn4", offer.asn4, has(&[ASN4])),
            ("route-refresh", offer.route_refresh, has(&[ROUTE_REFRESH])),
            ("multi-session", offer.multi_session, has(&[MULTISESSION, CISCO_MULTISESSION])),
            ("operational", offer.operational, has(&[OPERATIONAL])),
            ("add-path", add_path, has(&[ADD_PATH])),
            ("extended-message", offer.extended_message, has(&[EXTENDED_MESSAGE])),
            ("graceful-restart", offer.graceful_restart.is_some(), has(&[GRACEFUL_RESTART])),
        ];
        let negotiated = standing.negotiated;
        let families = settings.families.iter().map(|family| FamilyFacts {
            name: family.to_string(),
            common: negotiated.map(|agreed| agreed.has(*family)),
            send: path_ids(settings, *family, negotiated.map(|n| n.sends_path_id(*family))),
            receive: path_ids(settings, *family, negotiated.map(|n| n.receives_path_id(*family))),
        });
        Self { settings, standing, capabilities, families: families.collect() }
    }

    fn is_up(&self) -> bool {
        self.standing.state == State::Established
    }

    fn peer_address(&self) -> String {
        self.settings.peer.address().to_string()
    }

    fn local_address(&self) -> String {
        let address = self.standing.local_address.or(self.settings.local_address);
        or_else("None", address)
    }

    fn local_id(&self) -> String {
        or_else("None", self.settings.router_id)
    }

    fn local_as(&self) -> Option<u32> {
        self.settings.local_as.or(self.settings.peer_as).map(|asn| asn.0)
    }

    fn peer_as(&self) -> Option<u32> {
        let remote = || self.standing.remote.map(crate::bgp::message::Open::real_as);
        self.settings.peer_as.or_else(remote).map(|asn| asn.0)
    }

    /// Kinds of messages with what was sent and received of each.
    fn messages(&self) -> [(&'static str, u64, u64); 6] {
        let Standing { sent, received, .. } = self.standing;
        let row = |name, of: fn(Counts) -> u64| (name, of(sent), of(received));
        [
            row("open", |counts| counts.open),
            row("notification", |counts| counts.notification),
            row("keepalive", |counts| counts.keepalive),
            row("update", |counts| counts.update),
            row("refresh", |counts| counts.refresh),
            row("total", Counts::total),
        ]
    }

    fn summary(&self, text: &mut String) {
        let up = if self.is_up() { clock(self.standing.since) } else { "down".to_owned() };
        put(
            text,
            format_args!(
                "{:<15} {:<7} {up:>9} {:<12} {:>10} {:>10}\n",
                self.peer_address(),
                or_else("n/a", self.peer_as()),
                self.standing.state.name().to_ascii_lowercase(),
                self.standing.sent.update,
                self.standing.received.update,
            ),
        );
    }

    fn extensive(&self, text: &mut String) {
        let remote = self.standing.remote;
        let since = clock(self.standing.since);
        put(text, format_args!("Neighbor {}\n\n", self.peer_address()));
        text.push_str("    Session                       Local\n");
        row(text, "local", &self.local_address(), "", "");
        row(text, "state", self.standing.state.name(), "", "");
        row(text, if self.is_up() { "up for" } else { "down for" }, &since, "", "");
        text.push_str("\n    Setup                         Local          Remote\n");
        row(text, "AS", &or_else("None", self.local_as()), &or_else("n/a", self.peer_as()), "");
        let id = or_else("n/a", remote.map(|open| open.router_id));
        row(text, "ID", &self.local_id(), &id, "");
        let hold = or_else("n/a", remote.map(|open| open.hold_time));
        row(text, "hold-time", &self.settings.hold_time.to_string(), &hold, "");
        text.push_str("\n    Capability                    Local          Remote\n");
        for (name, local, remote) in &self.capabilities {
            row(text, &format!("{name}:"), enabled(Some(*local)), enabled(*remote), "");
        }
        text.push_str(
            "\n    Families                      Local          Remote        Add-Path\n",
        );
        for family in &self.families {
            let name = format!("{}:", family.name);
            row(text, &name, "enabled", enabled(family.common), family.add_path());
        }
        text.push_str("\n    Message Statistic              Sent        Received\n");
        for (name, sent, received) in self.messages() {
            row(text, &format!("{name}:"), &sent.to_string(), &received.to_string(), "");
        }
        text.push('\n');
    }

    fn json(&self, json: &mut Writer<'_>) {
        json.raw("{");
        self.members(json);
        json.raw("}");
    }

    fn members(&self, json: &mut Writer<'_>) {
        json.raw("\"state\": ");
        json.string(if self.is_up() { "up" } else { "down" });
        json.raw(", \"duration\": ");
        json.number(self.standing.since.as_secs());
        json.raw(", \"fsm\": ");
        json.string(self.standing.state.name());
        json.raw(", \"local\": {\"capabilities\": ");
        members(json, self.capabilities.iter().map(|(name, local, _)| (*name, Some(*local))));
        json.raw(", \"families\": ");
        members(json, self.families.iter().map(|family| (&*family.name, Some(true))));
        json.raw(", \"add-path\": ");
        members(json, self.families.iter().map(|family| (&*family.name, family.send)));
        json.raw(", \"address\": ");
        json.string(&self.local_address());
        json.raw(", \"as\": ");
        number_or_null(json, self.local_as().map(u64::from));
        json.raw(", \"id\": ");
        json.string(&self.local_id());
        json.raw(", \"hold\": ");
        json.number(self.settings.hold_time);
        json.raw("}, \"peer\": ");
        self.peer_json(json);
        let messages = self.messages();
        json.raw(", \"messages\": {\"sent\": ");
        counts(json, messages.iter().map(|(name, sent, _)| (*name, *sent)));
        json.raw(", \"received\": ");
        counts(json, messages.iter().map(|(name, _, received)| (*name, *received)));
        json.raw("}, \"capabilities\": ");
        let common = self.capabilities.iter().filter(|(.., remote)| *remote == Some(true));
        strings(json, common.map(|(name, ..)| *name));
        json.raw(", \"families\": ");
        let common = self.families.iter().filter(|family| family.common == Some(true));
        strings(json, common.map(|family| &*family.name));
        json.raw(", \"add-path\": {");
        for (index, family) in self.families.iter().enumerate() {
            json.raw(if index == 0 { "" } else { ", " });
            json.string(&family.name);
            json.raw(": ");
            json.string(family.add_path());
        }
        json.raw("}");
    }

    fn peer_json(&self, json: &mut Writer<'_>) {
        let remote = self.standing.remote;
        json.raw("{\"capabilities\": ");
        members(json, self.capabilities.iter().map(|(name, _, remote)| (*name, *remote)));
        json.raw(", \"families\": ");
        members(json, self.families.iter().map(|family| (&*family.name, family.common)));
        json.raw(", \"add-path\": ");
        members(json, self.families.iter().map(|family| (&*family.name, family.receive)));
        json.raw(", \"address\": ");
        json.string(&self.peer_address());
        json.raw(", \"as\": ");
        number_or_null(json, self.peer_as().map(u64::from));
        json.raw(", \"id\": ");
        match remote {
            Some(open) => json.ipv4(open.router_id),
            None => json.null(),
        }
        json.raw(", \"hold\": ");
        number_or_null(json, remote.map(|open| u64::from(open.hold_time)));
        json.raw("}");
    }
}

impl FamilyFacts {
    fn add_path(&self) -> &'static str {
        match (self.send == Some(true), self.receive == Some(true)) {
            (true, true) => "send/receive",
            (true, false) => "send",
            (false, true) => "receive",
            (false, false) => "disabled",
        }
    }
}

/// Before the OPENs have crossed it is open for the families that we offer, and no for the rest.
fn path_ids(settings: &SessionSettings, family: Family, agreed: Option<bool>) -> Option<bool> {
    let offered = settings.capability.add_path != AddPath::Disabled
        && (settings.add_path.is_empty()
            || settings.add_path.iter().any(|entry| entry.family == family));
    agreed.or_else(|| (!offered).then_some(false))
}

/// A duration as `H:MM:SS`, days before it.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let time = format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60);
    match days {
        0 => time,
        1 => format!("1 day, {time}"),
        _ => format!("{days} days, {time}"),
    }
}

fn row(text: &mut String, name: &str, local: &str, remote: &str, more: &str) {
    put(text, format_args!("   {name:<20} {local:>15} {remote:>15} {more:<15}\n"));
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a string in memory takes everything");
}

fn or_else(otherwise: &str, value: Option<impl ToString>) -> String {
    value.map_or_else(|| otherwise.to_owned(), |value| value.to_string())
}

fn enabled(value: Option<bool>) -> &'static str {
    match value {
        None => "n/a",
        Some(true) => "enabled",
        Some(false) => "disabled",
    }
}

fn number_or_null(json: &mut Writer<'_>, value: Option<u64>) {
    match value {
        Some(value) => json.number(value),
        None => json.null(),
    }
}

/// `{"name": true, …}`
fn members<'a>(json: &mut Writer<'_>, members: impl Iterator<Item = (&'a str, Option<bool>)>) {
    json.raw("{");
    for (index, (name, value)) in members.enumerate() {
        json.raw(if index == 0 { "" } else { ", " });
        json.string(name);
        json.raw(": ");
        match value {
            Some(value) => json.boolean(value),
            None => json.null(),
        }
    }
    json.raw("}");
}

/// `{"name": 1, …}`
fn counts<'a>(json: &mut Writer<'_>, counts: impl Iterator<Item = (&'a str, u64)>) {
    json.raw("{");
    for (index, (name, count)) in counts.enumerate() {
        json.raw(if index == 0 { "" } else { ", " });
        json.string(name);
        json.raw(": ");
        json.number(count);
    }
    json.raw("}");
}

/// `["a", "b"]`
fn strings<'a>(json: &mut Writer<'_>, strings: impl Iterator<Item = &'a str>) {
    json.tight_list(|list| strings.for_each(|text| list.element().string(text)));
}
