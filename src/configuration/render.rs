//! A neighbor as the configuration that makes it: `show neighbor configuration`, `validate -n`.
//!
//! The order of the statements and the blank lines are those of ExaBGP, which programs read.

use std::fmt::{self, Display, Write};
use std::net::IpAddr;

use super::Neighbor;
use crate::bgp::attribute::NextHop;
use crate::bgp::neighbor::{AddPath, Capabilities, SessionSettings, Subscription, Wishes};
use crate::bgp::nlri::{About, Nlri, Packed};
use crate::json::Dialect;
use crate::protocol::Afi;
use crate::rib::Route;

/// The settings of a neighbor as a section, without its routes.
pub fn settings(settings: &SessionSettings) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _: fmt::Result = section(&mut out, settings);
    out.push('}');
    out
}

/// A route as text: the NLRI, its next hop, its attributes. `next-hop self` is shown as `ours`
/// where that is known.
pub fn route(route: &Route, ours: Option<IpAddr>, dialect: Dialect) -> String {
    let family = route.nlri.family();
    let next_hop = match (route.attributes.next_hop(), ours) {
        (NextHop::OurAddress, Some(address)) => NextHop::Address(address),
        (next_hop, _) => next_hop,
    };
    let about = About { family, path_id: route.nlri.path_id(), next_hop, dialect };
    let mut out = Vec::new();
    if let Ok(nlri) = Nlri::unpack(route.nlri.bytes(), family) {
        nlri.text(&mut out, &about);
    }
    let attributes = route.attributes.to_string();
    if !attributes.is_empty() && !attributes.starts_with(' ') {
        out.push(b' ');
    }
    out.extend_from_slice(attributes.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

impl Neighbor {
    /// The neighbor as a section, with its routes as a list.
    pub fn render(&self) -> String {
        let mut out = settings(&self.settings);
        out.pop();
        out.push_str("\nstatic { ");
        for (item, _) in self.routes() {
            out.push_str("\n    ");
            out.push_str(&route(item, self.our_address(&item.nlri), Dialect::V4));
        }
        out.push_str("\n}}");
        out
    }

    /// What `next-hop self` stands for, as far as it is known before the session is up: our
    /// address where it is of the family of the route, else the router identifier, except for IPv6.
    pub fn our_address(&self, nlri: &Packed) -> Option<IpAddr> {
        let over_ipv4 = nlri.family().afi != Afi::IPV6;
        match self.settings.local_address {
            Some(address) if address.is_ipv4() == over_ipv4 => Some(address),
            _ if over_ipv4 => self.settings.router_id.map(IpAddr::V4),
            _ => None,
        }
    }
}

/// A value, or the word for none.
struct Or<T>(Option<T>, &'static str);

impl<T: Display> Display for Or<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str(self.1),
        }
    }
}

/// A text in quotes that do not occur in it.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.replace('\\', "\\\\");
        let quote = if text.contains('"') { '\'' } else { '"' };
        write!(f, "{quote}{text}{quote}")
    }
}

fn section(out: &mut String, settings: &SessionSettings) -> fmt::Result {
    let range = settings.peer.is_range();
    let peer = if range { settings.peer.to_string() } else { settings.peer.address().to_string() };
    write!(out, "neighbor {peer}")?;
    if let Some(scope) = &settings.scope {
        write!(out, "%{scope}")?;
    }
    writeln!(out, " {{")?;
    identity(out, settings)?;
    transport(out, settings)?;
    capability(out, &settings.capability)?;
    writeln!(out, "  family {{")?;
    for family in &settings.families {
        writeln!(out, "    {family};")?;
    }
    writeln!(out, "  }}\n  nexthop {{")?;
    for (family, through) in &settings.nexthop {
        writeln!(out, "    {family} {through};")?;
    }
    writeln!(out, "  }}\n  add-path {{")?;
    for entry in &settings.add_path {
        write!(out, "    {}", entry.family)?;
        if let Some(limit) = entry.limit {
            write!(out, " limit {limit}")?;
        }
        writeln!(out, ";")?;
    }
    writeln!(out, "  }}")?;
    settings.api.iter().try_for_each(|subscription| api(out, subscription))
}

fn identity(out: &mut String, settings: &SessionSettings) -> fmt::Result {
    let description = settings.description.as_deref().unwrap_or_default();
    writeln!(out, "  description {};", Quoted(description))?;
    writeln!(out, "  router-id {};", Or(settings.router_id, "None"))?;
    writeln!(out, "  host-name {};", Or(settings.host_name.as_deref(), "None"))?;
    writeln!(out, "  domain-name {};", Or(settings.domain_name.as_deref(), "None"))?;
    writeln!(out, "  local-address {};", Or(settings.local_address, "auto"))?;
    writeln!(out, "  source-interface {};", Or(settings.source_interface.as_deref(), "None"))?;
    writeln!(out, "  local-as {};", Or(settings.local_as, "auto"))?;
    writeln!(out, "  peer-as {};", Or(settings.peer_as, "auto"))?;
    writeln!(out, "  hold-time {};", settings.hold_time)?;
    let rate = (settings.rate_limit > 0).then_some(settings.rate_limit);
    writeln!(out, "  rate-limit {};", Or(rate, "disable"))?;
    writeln!(out, "  manual-eor {};", settings.manual_eor)
}

fn transport(out: &mut String, settings: &SessionSettings) -> fmt::Result {
    writeln!(out, "\n  passive {};", settings.passive)?;
    if settings.listen > 0 {
        writeln!(out, "\n  listen {};", settings.listen)?;
    }
    if settings.connect > 0 {
        writeln!(out, "\n  connect {};", settings.connect)?;
    }
    writeln!(out, "  group-updates {};", settings.group_updates)?;
    writeln!(out, "  auto-flush {};", settings.auto_flush)?;
    writeln!(out, "  adj-rib-in {};", settings.adj_rib_in)?;
    writeln!(out, "  adj-rib-out {};", settings.adj_rib_out)?;
    if let Some(password) = &settings.md5_password {
        writeln!(out, "  md5-password {};", Quoted(password))?;
    }
    writeln!(out, "  md5-base64 {};", settings.md5_base64)?;
    if let Some(address) = settings.md5_ip {
        writeln!(out, "  md5-ip \"{address}\";")?;
    }
    if let Some(ttl) = settings.outgoing_ttl {
        writeln!(out, "  outgoing-ttl {ttl};")?;
    }
    if let Some(ttl) = settings.incoming_ttl {
        writeln!(out, "  incoming-ttl {ttl};")?;
    }
    if let Some(key) = &settings.tcp_ao {
        writeln!(out, "  tcp-ao {{\n    keyid {};", key.keyid)?;
        writeln!(out, "    algorithm {};", key.algorithm.name())?;
        writeln!(out, "    password {};\n    base64 {};\n  }}", Quoted(&key.password), key.base64)?;
    }
    Ok(())
}

fn capability(out: &mut String, capability: &Capabilities) -> fmt::Result {
    let switch = |on: bool| if on { "enable" } else { "disable" };
    let add_path = match capability.add_path {
        AddPath::Disabled => "disable",
        AddPath::Receive => "receive",
        AddPath::Send => "send",
        AddPath::Both => "send/receive",
    };
    writeln!(out, "  capability {{")?;
    writeln!(out, "    asn4 {};", switch(capability.asn4))?;
    writeln!(out, "    route-refresh {};", switch(capability.route_refresh))?;
    writeln!(out, "    graceful-restart {};", Or(capability.graceful_restart, "disable"))?;
    writeln!(out, "    software-version {};", switch(capability.software_version))?;
    writeln!(out, "    nexthop {};", switch(capability.nexthop.unwrap_or(false)))?;
    writeln!(out, "    add-path {add_path};")?;
    writeln!(out, "    multi-session {};", switch(capability.multi_session))?;
    writeln!(out, "    operational {};", switch(capability.operational))?;
    writeln!(out, "    aigp {};", switch(capability.aigp))?;
    writeln!(out, "  }}")
}

fn api(out: &mut String, subscription: &Subscription) -> fmt::Result {
    writeln!(out, "  api {{\n    processes [ {} ];", subscription.process)?;
    for (name, on) in [
        ("neighbor-changes", subscription.neighbor_changes),
        ("negotiated", subscription.negotiated),
        ("fsm", subscription.fsm),
        ("signal", subscription.signal),
    ] {
        if on {
            writeln!(out, "    {name};")?;
        }
    }
    wishes(out, "receive", subscription.receive)?;
    wishes(out, "send", subscription.send)?;
    writeln!(out, "  }}")
}

fn wishes(out: &mut String, direction: &str, wishes: Wishes) -> fmt::Result {
    if wishes == Wishes::default() {
        return Ok(());
    }
    writeln!(out, "    {direction} {{")?;
    for (name, on) in [
        ("packets", wishes.packets),
        ("parsed", wishes.parsed),
        ("consolidate", wishes.consolidate),
        ("notification", wishes.notification),
        ("open", wishes.open),
        ("keepalive", wishes.keepalive),
        ("update", wishes.update),
        ("refresh", wishes.refresh),
        ("operational", wishes.operational),
    ] {
        if on {
            writeln!(out, "      {name};")?;
        }
    }
    writeln!(out, "    }}")
}

#[cfg(test)]
mod tests {
    use crate::configuration::{Options, RouteParser, parse};

    const TEXT: &str = r#"process w { run /bin/cat; encoder json; }
neighbor 127.0.0.1 {
  router-id 10.0.0.2; local-address 127.0.0.1; local-as 65000; peer-as 65001;
  description "a b"; listen 1790; connect 1791; outgoing-ttl 3; incoming-ttl 254;
  md5-password x; rate-limit 5; host-name aa;
  capability { add-path send/receive; graceful-restart 10; route-refresh; }
  family { ipv4 unicast; ipv6 unicast; ipv4 nlri-mpls; }
  nexthop { ipv4 unicast ipv6; }
  add-path { ipv4 unicast; }
  api a {
    processes [ w ]; neighbor-changes;
    receive { parsed; update; } send { packets; open; }
  }
  static { route 10.0.0.0/24 next-hop self med 5; route 10.0.1.0/24 next-hop 1.2.3.4 label 5; }
}
"#;

    /// What ExaBGP 5.0 prints for this text.
    const SHOWN: &str = r#"neighbor 127.0.0.1 {
  description "a b";
  router-id 10.0.0.2;
  host-name aa;
  domain-name None;
  local-address 127.0.0.1;
  source-interface None;
  local-as 65000;
  peer-as 65001;
  hold-time 180;
  rate-limit 5;
  manual-eor false;

  passive false;

  listen 1790;

  connect 1791;
  group-updates true;
  auto-flush true;
  adj-rib-in true;
  adj-rib-out true;
  md5-password "x";
  md5-base64 false;
  md5-ip "127.0.0.1";
  outgoing-ttl 3;
  incoming-ttl 254;
  capability {
    asn4 enable;
    route-refresh enable;
    graceful-restart 10;
    software-version disable;
    nexthop enable;
    add-path send/receive;
    multi-session disable;
    operational disable;
    aigp disable;
  }
  family {
    ipv4 unicast;
    ipv4 nlri-mpls;
    ipv6 unicast;
  }
  nexthop {
    ipv4 unicast ipv6;
  }
  add-path {
    ipv4 unicast;
  }
  api {
    processes [ w ];
    neighbor-changes;
    receive {
      parsed;
      update;
    }
    send {
      packets;
      open;
    }
  }

static { 
    10.0.0.0/24 next-hop 127.0.0.1 med 5
    10.0.1.0/24 label 5 next-hop 1.2.3.4
}}"#;

    #[test]
    fn a_neighbor_is_printed_as_it_always_was() {
        let mut parser = RouteParser::new();
        let read = parse("t", TEXT.as_bytes(), &Options::default(), &mut parser).unwrap();
        assert_eq!(read.neighbors.first().unwrap().render(), SHOWN);
    }

    #[test]
    fn what_is_printed_is_read_as_the_same() {
        let mut parser = RouteParser::new();
        let text = TEXT.replace("a b", "it's");
        let read = parse("t", text.as_bytes(), &Options::default(), &mut parser).unwrap();
        let settings = &read.neighbors.first().unwrap().settings;
        let process = "process w { run /bin/cat; }\n".to_owned();
        let again = process + &super::settings(settings).replace("None", "\"\"");
        let again = parse("t", again.as_bytes(), &Options::default(), &mut parser).unwrap();
        let other = &again.neighbors.first().unwrap().settings;
        assert!(!crate::configuration::needs_restart(settings, other));
        assert_eq!(settings.description, other.description);
        assert_eq!(settings.api, other.api);
    }
}
