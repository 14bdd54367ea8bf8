//! A configuration as JSON, as it takes effect: defaults filled in, templates merged, routes
//! expanded. What [`schema`](super::schema) describes.
//!
//! The keys are the words of the language. A route is the statement that makes it.

use super::schema::{self, Choice};
use super::{Configuration, Encoder, Neighbor, Process, statement};
use crate::bgp::neighbor::{AddPath, Capabilities, SessionSettings, Subscription, Wishes};
use crate::json::{Dialect, Object, Writer};
use crate::protocol::Asn;

/// Appends a configuration: one object, its neighbors by name and its processes by name, sorted.
pub fn export(configuration: &Configuration, out: &mut Vec<u8>) {
    let mut neighbors: Vec<&Neighbor> = configuration.neighbors.iter().collect();
    neighbors.sort_by(|one, other| one.name.cmp(&other.name));
    neighbors.dedup_by(|one, other| one.name == other.name);
    let mut processes: Vec<&Process> = configuration.processes.iter().collect();
    processes.sort_by(|one, other| one.name.cmp(&other.name));
    Writer::new(out, Dialect::V6).object(|top| {
        top.field("neighbors").object(|all| {
            for one in neighbors {
                all.field(&one.name).object(|fields| neighbor(fields, one));
            }
        });
        top.field("processes").object(|all| {
            for one in processes {
                all.field(&one.name).object(|fields| process(fields, one));
            }
        });
    });
}

type Fields<'w, 'o> = Object<'w, 'o>;

fn process(fields: &mut Fields<'_, '_>, process: &Process) {
    fields.field("run").list(|words| {
        for word in &process.run {
            words.element().string(word);
        }
    });
    let encoder = if process.encoder == Encoder::Json { "json" } else { "text" };
    fields.field("encoder").string(encoder);
    fields.field("respawn").boolean(process.respawn);
    if let Some(version) = process.version {
        fields.field("version").string(if version == Dialect::V4 { "4" } else { "6" });
    }
}

fn neighbor(fields: &mut Fields<'_, '_>, neighbor: &Neighbor) {
    let settings = &*neighbor.settings;
    identity(fields, settings);
    transport(fields, settings);
    fields.field("capability").object(|fields| capability(fields, &settings.capability));
    let families = settings.families.iter().map(ToString::to_string);
    words(fields, "family", families);
    let through = settings.nexthop.iter().map(|(family, through)| format!("{family} {through}"));
    words(fields, "nexthop", through);
    let add_path = settings.add_path.iter().map(|entry| match entry.limit {
        Some(limit) => format!("{} limit {limit}", entry.family),
        None => entry.family.to_string(),
    });
    words(fields, "add-path", add_path);
    fields.field("api").object(|all| {
        for subscription in &settings.api {
            all.field(&subscription.process).object(|fields| api(fields, subscription));
        }
    });
    fields.field("routes").list(|routes| {
        for (route, watched) in neighbor.routes() {
            let mut text = statement(route);
            if let Some(watched) = watched {
                let held = if watched.withdrawn { " withdraw" } else { "" };
                text += &format!(" watchdog {}{held}", watched.name);
            }
            routes.element().string(&text);
        }
    });
    fields.field("operational").number(u64::try_from(neighbor.operational.len()).unwrap_or(0));
}

/// A list of texts.
fn words(fields: &mut Fields<'_, '_>, key: &str, words: impl Iterator<Item = String>) {
    fields.field(key).list(|list| {
        for word in words {
            list.element().string(&word);
        }
    });
}

/// A text, where there is one.
fn text<T: ToString>(fields: &mut Fields<'_, '_>, key: &str, value: Option<T>) {
    if let Some(value) = value {
        fields.field(key).string(&value.to_string());
    }
}

fn identity(fields: &mut Fields<'_, '_>, settings: &SessionSettings) {
    let peer = match (&settings.scope, settings.peer.is_range()) {
        (Some(scope), _) => format!("{}%{scope}", settings.peer.address()),
        (None, true) => settings.peer.to_string(),
        (None, false) => settings.peer.address().to_string(),
    };
    text(fields, "description", settings.description.as_deref());
    text(fields, "peer-address", Some(peer));
    text(fields, "router-id", settings.router_id);
    text(fields, "host-name", settings.host_name.as_deref());
    text(fields, "domain-name", settings.domain_name.as_deref());
    let local = settings.local_address.map_or_else(|| "auto".to_owned(), |ip| ip.to_string());
    text(fields, "local-address", Some(local));
    text(fields, "local-link-local", settings.local_link_local);
    text(fields, "source-interface", settings.source_interface.as_deref());
    asn(fields, "local-as", settings.local_as);
    asn(fields, "peer-as", settings.peer_as);
}

fn asn(fields: &mut Fields<'_, '_>, key: &str, value: Option<Asn>) {
    match value {
        Some(Asn(number)) => fields.field(key).number(number),
        None => fields.field(key).string("auto"),
    }
}
