//! A configuration as JSON, as it takes effect: defaults filled in, templates merged, routes
//! expanded. What [`schema`](super::schema) describes.
//!
//! The keys are the words of the language. A route is the statement that makes it.

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
                all.named(&one.name).object(|fields| neighbor(fields, one));
            }
        });
        top.field("processes").object(|all| {
            for one in processes {
                all.named(&one.name).object(|fields| process(fields, one));
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
            all.named(&subscription.process).object(|fields| api(fields, subscription));
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

fn transport(fields: &mut Fields<'_, '_>, settings: &SessionSettings) {
    fields.field("hold-time").number(settings.hold_time);
    match settings.rate_limit {
        0 => fields.field("rate-limit").string("disable"),
        limit => fields.field("rate-limit").number(limit),
    }
    fields.field("manual-eor").boolean(settings.manual_eor);
    fields.field("passive").boolean(settings.passive);
    fields.field("listen").number(settings.listen);
    fields.field("connect").number(settings.connect);
    fields.field("group-updates").boolean(settings.group_updates);
    fields.field("auto-flush").boolean(settings.auto_flush);
    fields.field("adj-rib-in").boolean(settings.adj_rib_in);
    fields.field("adj-rib-out").boolean(settings.adj_rib_out);
    text(fields, "md5-password", settings.md5_password.as_deref());
    fields.field("md5-base64").boolean(settings.md5_base64);
    text(fields, "md5-ip", settings.md5_ip);
    for (key, ttl) in
        [("outgoing-ttl", settings.outgoing_ttl), ("incoming-ttl", settings.incoming_ttl)]
    {
        match ttl {
            Some(ttl) => fields.field(key).number(ttl),
            None => fields.field(key).string("disable"),
        }
    }
    if let Some(ao) = &settings.tcp_ao {
        fields.field("tcp-ao").object(|fields| {
            fields.field("keyid").number(ao.keyid);
            fields.field("algorithm").string(ao.algorithm.name());
            fields.field("password").string(&ao.password);
            fields.field("base64").boolean(ao.base64);
        });
    }
}

fn capability(fields: &mut Fields<'_, '_>, capability: &Capabilities) {
    fields.field("asn4").boolean(capability.asn4);
    fields.field("route-refresh").boolean(capability.route_refresh);
    match capability.graceful_restart {
        Some(seconds) => fields.field("graceful-restart").number(seconds),
        None => fields.field("graceful-restart").string("disable"),
    }
    fields.field("software-version").boolean(capability.software_version);
    if let Some(nexthop) = capability.nexthop {
        fields.field("nexthop").boolean(nexthop);
    }
    fields.field("add-path").string(match capability.add_path {
        AddPath::Disabled => "disable",
        AddPath::Receive => "receive",
        AddPath::Send => "send",
        AddPath::Both => "send/receive",
    });
    fields.field("multi-session").boolean(capability.multi_session);
    fields.field("operational").boolean(capability.operational);
    fields.field("aigp").boolean(capability.aigp);
    fields.field("extended-message").boolean(capability.extended_message);
    if let Some(offered) = capability.link_local_nexthop {
        fields.field("link-local-nexthop").boolean(offered);
    }
    fields.field("link-local-prefer").boolean(capability.link_local_prefer);
}

/// The switches of an `api` section, in the order in which they are written.
pub(super) const SWITCHES: [&str; 4] = ["neighbor-changes", "negotiated", "fsm", "signal"];

fn api(fields: &mut Fields<'_, '_>, subscription: &Subscription) {
    let Subscription { neighbor_changes, negotiated, fsm, signal, .. } = subscription;
    for (name, on) in SWITCHES.into_iter().zip([neighbor_changes, negotiated, fsm, signal]) {
        fields.field(name).boolean(*on);
    }
    wishes(fields, "receive", subscription.receive);
    wishes(fields, "send", subscription.send);
}

fn wishes(fields: &mut Fields<'_, '_>, direction: &str, wishes: Wishes) {
    let named = [
        ("parsed", wishes.parsed),
        ("packets", wishes.packets),
        ("consolidate", wishes.consolidate),
        ("open", wishes.open),
        ("update", wishes.update),
        ("notification", wishes.notification),
        ("keepalive", wishes.keepalive),
        ("refresh", wishes.refresh),
        ("operational", wishes.operational),
    ];
    let asked = named.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned());
    words(fields, direction, asked);
}
