//! A neighbor in the language of the configuration, as `show neighbor configuration` prints it.

use std::fmt::{Display, Write as _};

use crate::bgp::neighbor::{AddPath, SessionSettings, Subscription, Wishes};

/// Appends the neighbor, line by line, its routes left out.
pub(super) fn show(text: &mut String, settings: &SessionSettings) {
    let peer = if settings.peer.is_range() {
        settings.peer.to_string()
    } else {
        settings.peer.address().to_string()
    };
    let mut out = Indented { text, depth: 0 };
    out.open("neighbor", &peer);
    identity(&mut out, settings);
    out.text.push('\n');
    transport(&mut out, settings);
    capability(&mut out, settings);
    out.section("family", settings.families.iter().map(ToString::to_string));
    let nexthop = settings.nexthop.iter().map(|(family, afi)| format!("{family} {afi}"));
    out.section("nexthop", nexthop);
    out.section("add-path", settings.add_path.iter().map(|entry| entry.family.to_string()));
    settings.api.iter().for_each(|subscription| api(&mut out, subscription));
    out.close();
}

fn identity(out: &mut Indented<'_>, settings: &SessionSettings) {
    out.text_word("description", settings.description.as_deref());
    out.word("router-id", or_none(settings.router_id));
    out.word("host-name", or_none(settings.host_name.as_deref()));
    out.word("domain-name", or_none(settings.domain_name.as_deref()));
    let local = settings.local_address.map_or_else(|| "auto".to_owned(), |ip| ip.to_string());
    out.word("local-address", local);
    out.word("source-interface", or_none(settings.source_interface.as_deref()));
    let or_auto = |asn: Option<crate::protocol::Asn>| {
        asn.map_or_else(|| "auto".to_owned(), |asn| asn.to_string())
    };
    out.word("local-as", or_auto(settings.local_as));
    out.word("peer-as", or_auto(settings.peer_as));
    out.word("hold-time", settings.hold_time);
    match settings.rate_limit {
        0 => out.word("rate-limit", "disable"),
        limit => out.word("rate-limit", limit),
    }
    out.word("manual-eor", settings.manual_eor);
}

fn transport(out: &mut Indented<'_>, settings: &SessionSettings) {
    out.word("passive", settings.passive);
    for (name, port) in [("listen", settings.listen), ("connect", settings.connect)] {
        if port != 0 {
            out.word(name, port);
        }
    }
    out.word("group-updates", settings.group_updates);
    out.word("auto-flush", settings.auto_flush);
    out.word("adj-rib-in", settings.adj_rib_in);
    out.word("adj-rib-out", settings.adj_rib_out);
    if settings.md5_password.is_some() {
        out.text_word("md5-password", settings.md5_password.as_deref());
    }
    out.word("md5-base64", settings.md5_base64);
    if let Some(address) = settings.md5_ip.or(settings.local_address) {
        out.word("md5-ip", format_args!("\"{address}\""));
    }
    for (name, ttl) in
        [("outgoing-ttl", settings.outgoing_ttl), ("incoming-ttl", settings.incoming_ttl)]
    {
        if let Some(ttl) = ttl {
            out.word(name, ttl);
        }
    }
}

fn capability(out: &mut Indented<'_>, settings: &SessionSettings) {
    let capability = &settings.capability;
    let enable = |on: bool| if on { "enable" } else { "disable" };
    out.open("capability", "");
    out.word("asn4", enable(capability.asn4));
    out.word("route-refresh", enable(capability.route_refresh));
    match capability.graceful_restart {
        Some(seconds) => out.word("graceful-restart", seconds),
        None => out.word("graceful-restart", "disable"),
    }
    out.word("software-version", enable(capability.software_version));
    let nexthop = capability.nexthop.unwrap_or(!settings.nexthop.is_empty());
    out.word("nexthop", enable(nexthop));
    out.word(
        "add-path",
        match capability.add_path {
            AddPath::Disabled => "disable",
            AddPath::Receive => "receive",
            AddPath::Send => "send",
            AddPath::Both => "send/receive",
        },
    );
    out.word("multi-session", enable(capability.multi_session));
    out.word("operational", enable(capability.operational));
    out.word("aigp", enable(capability.aigp));
    out.close();
}

fn api(out: &mut Indented<'_>, subscription: &Subscription) {
    out.open("api", "");
    out.word("processes", format_args!("[ {} ]", subscription.process));
    for (name, on) in [
        ("neighbor-changes", subscription.neighbor_changes),
        ("negotiated", subscription.negotiated),
        ("fsm", subscription.fsm),
        ("signal", subscription.signal),
    ] {
        if on {
            out.line(name);
        }
    }
    for (name, wishes) in [("receive", subscription.receive), ("send", subscription.send)] {
        if wishes != Wishes::default() {
            out.section(name, words(wishes).into_iter().map(str::to_owned));
        }
    }
    out.close();
}

fn words(wishes: Wishes) -> Vec<&'static str> {
    let words = [
        ("packets", wishes.packets),
        ("parsed", wishes.parsed),
        ("consolidate", wishes.consolidate),
        ("notification", wishes.notification),
        ("open", wishes.open),
        ("keepalive", wishes.keepalive),
        ("update", wishes.update),
        ("refresh", wishes.refresh),
        ("operational", wishes.operational),
    ];
    words.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect()
}

fn or_none(value: Option<impl Display>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| value.to_string())
}

/// Statements, indented by two blanks a level.
struct Indented<'a> {
    text: &'a mut String,
    depth: usize,
}

impl Indented<'_> {
    fn raw(&mut self, arguments: std::fmt::Arguments<'_>) {
        let indent = self.depth * 2;
        let written = writeln!(self.text, "{:indent$}{arguments}", "");
        debug_assert!(written.is_ok(), "a string in memory takes everything");
    }

    /// `name;`
    fn line(&mut self, name: &str) {
        self.raw(format_args!("{name};"));
    }

    /// `name value;`
    fn word(&mut self, name: &str, value: impl Display) {
        self.raw(format_args!("{name} {value};"));
    }

    /// `name "value";`, with everything in it that the language would not read back escaped.
    fn text_word(&mut self, name: &str, value: Option<&str>) {
        let value = value.unwrap_or("None");
        self.raw(format_args!("{name} \"{}\";", value.escape_default()));
    }

    fn open(&mut self, name: &str, of: &str) {
        let blank = if of.is_empty() { "" } else { " " };
        self.raw(format_args!("{name}{blank}{of} {{"));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.raw(format_args!("}}"));
    }

    fn section(&mut self, name: &str, lines: impl Iterator<Item = String>) {
        self.open(name, "");
        lines.for_each(|line| self.line(&line));
        self.close();
    }
}
