//! What a new configuration changes: which sessions come, go, and start again.

use std::collections::HashMap;

use super::{Configuration, Neighbor};
use crate::bgp::neighbor::SessionSettings;

/// The neighbors of two configurations, compared by their identity.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    /// Only in the new one.
    pub added: Vec<&'a Neighbor>,
    /// Only in the old one.
    pub removed: Vec<&'a Neighbor>,
    /// In both, with settings that a session can not take over: the new form.
    pub restarted: Vec<&'a Neighbor>,
    /// In both: the session stays, its routes are compared. The old form and the new.
    pub kept: Vec<(&'a Neighbor, &'a Neighbor)>,
}

impl Configuration {
    /// What changes where this configuration follows `old`. Each list is in the order of its
    /// file.
    pub fn changes<'a>(&'a self, old: &'a Self) -> Changes<'a> {
        let named = |neighbors: &'a [Neighbor]| {
            let named = neighbors.iter().map(|neighbor| (neighbor.identity(), neighbor));
            named.collect::<HashMap<_, _>>()
        };
        let (before, after) = (named(&old.neighbors), named(&self.neighbors));
        let mut changes = Changes::default();
        for neighbor in &self.neighbors {
            match before.get(&neighbor.identity()) {
                None => changes.added.push(neighbor),
                Some(old) if needs_restart(&old.settings, &neighbor.settings) => {
                    changes.restarted.push(neighbor);
                }
                Some(old) => changes.kept.push((old, neighbor)),
            }
        }
        let gone = |neighbor: &&Neighbor| !after.contains_key(&neighbor.identity());
        changes.removed = old.neighbors.iter().filter(gone).collect();
        changes
    }
}

/// What tells a neighbor from all others of a file: its name, the interface of a link-local
/// address, and the port on which it is listened for.
pub type Identity<'a> = (&'a str, Option<&'a str>, u16);

impl Neighbor {
    /// By what this neighbor is found again in another configuration.
    pub fn identity(&self) -> Identity<'_> {
        (&self.name, self.settings.scope.as_deref(), self.settings.listen)
    }
}

/// Whether a session under the old settings must end for the new ones to hold. Descriptions,
/// what processes hear, and what is read again at each connection do not matter.
pub fn needs_restart(old: &SessionSettings, new: &SessionSettings) -> bool {
    let SessionSettings {
        description: _,
        peer,
        scope,
        local_address,
        local_link_local,
        router_id,
        local_as,
        peer_as,
        hold_time,
        rate_limit,
        host_name,
        domain_name,
        source_interface,
        passive,
        listen,
        connect,
        outgoing_ttl,
        incoming_ttl,
        md5_password,
        md5_base64,
        md5_ip,
        tcp_ao,
        group_updates,
        auto_flush,
        adj_rib_in,
        adj_rib_out,
        manual_eor: _,
        capability,
        families,
        families_written: _,
        add_path,
        nexthop,
        api: _,
    } = new;
    let automatic = local_address.is_none() || old.local_address.is_none();
    let identity = (peer, scope, local_as, peer_as, router_id)
        == (&old.peer, &old.scope, &old.local_as, &old.peer_as, &old.router_id);
    let addresses = (automatic || *local_address == old.local_address)
        && (local_link_local, source_interface) == (&old.local_link_local, &old.source_interface)
        && (automatic || *md5_ip == old.md5_ip);
    let transport = (passive, listen, connect, outgoing_ttl, incoming_ttl, md5_password)
        == (
            &old.passive,
            &old.listen,
            &old.connect,
            &old.outgoing_ttl,
            &old.incoming_ttl,
            &old.md5_password,
        )
        && (tcp_ao, *md5_base64 && md5_password.is_some())
            == (&old.tcp_ao, old.md5_base64 && old.md5_password.is_some());
    let open = (hold_time, host_name, domain_name, capability, families)
        == (&old.hold_time, &old.host_name, &old.domain_name, &old.capability, &old.families)
        && (add_path, nexthop) == (&old.add_path, &old.nexthop);
    let tables = (rate_limit, group_updates, auto_flush, adj_rib_in, adj_rib_out)
        == (
            &old.rate_limit,
            &old.group_updates,
            &old.auto_flush,
            &old.adj_rib_in,
            &old.adj_rib_out,
        );
    !(identity && addresses && transport && open && tables)
}

#[cfg(test)]
mod tests {
    use crate::configuration::{Options, RouteParser, parse};

    use super::*;

    fn read(text: &str) -> Configuration {
        parse("t", text.as_bytes(), &Options::default(), &mut RouteParser::new()).unwrap()
    }

    #[test]
    fn neighbors_come_go_stay_and_start_again() {
        let of = |a: &str, b: &str| {
            format!(
                "neighbor 127.0.0.1 {{ router-id 1.1.1.1; local-as 1; peer-as 2; {a} }}\n\
                 neighbor 127.0.0.2 {{ router-id 1.1.1.1; local-as 1; peer-as 2; {b} }}\n"
            )
        };
        let old = read(&of("", "hold-time 30;"));
        let new = read(&of("description new; manual-eor true;", "hold-time 31;"));
        let changes = new.changes(&old);
        assert_eq!((changes.added.len(), changes.removed.len()), (0, 0));
        assert_eq!((changes.kept.len(), changes.restarted.len()), (1, 1));
        let new = read(&of("peer-address 127.0.0.3;", "hold-time 30;"));
        let changes = new.changes(&old);
        assert_eq!((changes.added.len(), changes.removed.len()), (1, 1));
        assert_eq!((changes.kept.len(), changes.restarted.len()), (1, 0));
        assert!(changes.added.iter().all(|neighbor| neighbor.name.contains("127.0.0.3")));
        for (rest, restarts) in [
            ("api a { processes [ w ]; neighbor-changes; }", false),
            ("static { route 10.0.0.0/8 next-hop 192.0.2.9; }", false),
            ("capability { route-refresh; }", true),
            ("capability { add-path send; } add-path { ipv4 unicast; }", true),
            ("md5-password x;", true),
            ("tcp-ao { keyid 1; algorithm hmac-sha-256; password x; }", true),
            ("family { ipv4 unicast; }", true),
        ] {
            let process = "process w { run /bin/cat; }\n";
            let (old, new) = (read(&of("", "")), read(&format!("{process}{}", of("", rest))));
            assert_eq!(new.changes(&old).restarted.len(), usize::from(restarts), "{rest}");
        }
    }
}
