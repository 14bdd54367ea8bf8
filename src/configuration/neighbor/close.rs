//! The end of a neighbor: templates are merged in, defaults filled, the whole is checked.

use std::net::IpAddr;
use std::rc::Rc;

use super::api::Draft as ApiDraft;
use super::draft::{Draft, Scalars};
use crate::bgp::message::Operational;
use crate::bgp::neighbor::{AddPath, SessionSettings};
use crate::configuration::RouteList;
use crate::configuration::scope::{Given, Scope};
use crate::protocol::{Afi, Family};
use crate::text::{Error, Span, base64};

/// The longest key, in octets: TCP_MD5SIG_MAXKEYLEN and TCP_AO_MAXKEYLEN of Linux.
const KEY_MAX: usize = 80;

/// A neighbor that was read and checked, as far as it does not depend on processes.
#[derive(Debug)]
pub(crate) struct Complete {
    pub(crate) settings: SessionSettings,
    pub(crate) apis: Vec<ApiDraft>,
    pub(crate) routes: Vec<Rc<RouteList>>,
    pub(crate) operational: Vec<Operational>,
}

/// The end of a `neighbor` section.
pub(crate) fn close(scope: &mut Scope<'_>, opened: Span) -> Result<(), Error> {
    let mut draft = std::mem::take(&mut scope.neighbor);
    let mut complete_otherwise = draft.told == scope.told;
    for (name, span) in std::mem::take(&mut draft.inherit) {
        match scope.templates.iter().find(|template| template.name == name) {
            Some(template) => {
                complete_otherwise &= !template.is_faulty;
                draft.inherit(&template.draft);
            }
            None => scope.warn(span, format!("inherit: \"{name}\" is no template read before")),
        }
    }
    let own = Rc::new(std::mem::take(&mut draft.routes).finish());
    let mut lists = std::mem::take(&mut draft.lists);
    if !own.is_empty() {
        lists.insert(0, own);
    }
    let Some((peer, interface)) = draft.peer.take().map(|(peer, _)| peer) else { return Ok(()) };
    let mut settings = SessionSettings::new(peer);
    settings.scope = interface;
    fill(&mut settings, &draft);
    let mut check = Check { scope, draft: &draft, opened, settings: &mut settings };
    if complete_otherwise {
        check.presence();
    }
    check.derive();
    check.addresses();
    check.password();
    check.routes(&lists);
    check.uniqueness();
    let Draft { apis, operational, .. } = draft;
    scope.neighbors.push(Complete { settings, apis, routes: lists, operational });
    Ok(())
}

/// Puts what was written over the defaults.
fn fill(settings: &mut SessionSettings, draft: &Draft) {
    fn put<T: Clone>(place: &mut T, given: &Given<T>) {
        if let Some((value, _)) = given {
            place.clone_from(value);
        }
    }
    fn put_some<T: Clone>(place: &mut Option<T>, given: &Given<T>) {
        *place = given.as_ref().map(|(value, _)| value.clone());
    }
    let Scalars { description, router_id, local_address, local_link_local, .. } = &draft.scalars;
    put_some(&mut settings.description, description);
    put_some(&mut settings.router_id, router_id);
    put(&mut settings.local_address, local_address);
    put_some(&mut settings.local_link_local, local_link_local);
    let Scalars { local_as, peer_as, hold_time, rate_limit, .. } = &draft.scalars;
    put(&mut settings.local_as, local_as);
    put(&mut settings.peer_as, peer_as);
    put(&mut settings.hold_time, hold_time);
    put(&mut settings.rate_limit, rate_limit);
    let Scalars { host_name, domain_name, source_interface, .. } = &draft.scalars;
    put_some(&mut settings.host_name, host_name);
    put_some(&mut settings.domain_name, domain_name);
    put_some(&mut settings.source_interface, source_interface);
    settings.source_interface = settings.source_interface.take().filter(|name| !name.is_empty());
    let Scalars { passive, listen, connect, outgoing_ttl, incoming_ttl, .. } = &draft.scalars;
    put(&mut settings.passive, passive);
    put(&mut settings.listen, listen);
    put(&mut settings.connect, connect);
    put(&mut settings.outgoing_ttl, outgoing_ttl);
    put(&mut settings.incoming_ttl, incoming_ttl);
    let Scalars { md5_password, md5_base64, md5_ip, .. } = &draft.scalars;
    put_some(&mut settings.md5_password, md5_password);
    settings.md5_password = settings.md5_password.take().filter(|password| !password.is_empty());
    put(&mut settings.md5_base64, md5_base64);
    put_some(&mut settings.md5_ip, md5_ip);
    let Scalars { group_updates, auto_flush, adj_rib_in, adj_rib_out, manual_eor, .. } =
        &draft.scalars;
    put(&mut settings.group_updates, group_updates);
    put(&mut settings.auto_flush, auto_flush);
    put(&mut settings.adj_rib_in, adj_rib_in);
    put(&mut settings.adj_rib_out, adj_rib_out);
    put(&mut settings.manual_eor, manual_eor);
    settings.capability = draft.capability.complete(settings.hold_time);
    settings.families_written = !draft.all_families && !draft.families.is_empty();
    if settings.families_written {
        settings.families.clone_from(&draft.families);
        settings.families.sort_unstable();
        settings.families.dedup();
    }
}

/// A neighbor under examination; errors go to the scope.
struct Check<'c, 's> {
    scope: &'c mut Scope<'s>,
    draft: &'c Draft,
    opened: Span,
    settings: &'c mut SessionSettings,
}

impl Check<'_, '_> {
    fn error(&mut self, span: Span, what: impl Into<std::borrow::Cow<'static, str>>) {
        self.scope.errors.push(Error::new(span, what));
    }

    fn presence(&mut self) {
        let scalars = &self.draft.scalars;
        let mut missing = Vec::new();
        missing.extend(scalars.local_as.is_none().then_some("local-as"));
        missing.extend(scalars.peer_as.is_none().then_some("peer-as"));
        if !missing.is_empty() {
            self.error(self.opened, format!("the neighbor has no {}", missing.join(" and no ")));
        }
        let automatic = self.settings.local_address.is_none();
        let ours = matches!(self.settings.local_address, Some(IpAddr::V4(_)));
        if self.settings.router_id.is_none() && !ours {
            let why = if automatic { "an automatic local-address" } else { "an IPv6 session" };
            self.error(self.opened, format!("the neighbor has no router-id, and {why}"));
        }
        let section = &self.draft.tcp_ao;
        let missing = section.missing();
        if let (Some(first), false) = (section.place(), missing.is_empty()) {
            self.error(first, format!("tcp-ao: the section has no {}", missing.join(" and no ")));
        }
        if let (true, Some((1.., span))) = (automatic, scalars.listen) {
            self.error(span, "listen: the neighbor has no local-address to listen on");
        }
    }

    /// What follows from other values.
    fn derive(&mut self) {
        let draft = self.draft;
        let settings = &mut *self.settings;
        if let (None, Some(IpAddr::V4(address))) = (settings.router_id, settings.local_address) {
            settings.router_id = Some(address);
        }
        settings.md5_ip = settings.md5_ip.or(settings.local_address);
        let named = |family: &Family| settings.families.contains(family);
        let kept = |(family, through): &(Family, Afi)| {
            named(family) && named(&Family::new(*through, family.safi))
        };
        settings.nexthop = draft.nexthop.iter().copied().filter(kept).collect();
        settings.nexthop.sort_unstable();
        settings.nexthop.dedup();
        if settings.capability.nexthop.is_none() && !draft.nexthop.is_empty() {
            settings.capability.nexthop = Some(true);
        }
        let entries = draft.add_path.iter().filter(|entry| named(&entry.family));
        let mut add_path: Vec<_> = entries.copied().collect();
        add_path.sort_by_key(|entry| entry.family);
        add_path.dedup_by_key(|entry| entry.family);
        if draft.add_path_all {
            add_path.retain(|entry| entry.limit.is_some());
            let rest = |family: &&Family| add_path.iter().all(|entry| entry.family != **family);
            let rest: Vec<Family> = settings.families.iter().filter(rest).copied().collect();
            if !add_path.is_empty() {
                let entry = |family| crate::bgp::neighbor::AddPathFamily { family, limit: None };
                add_path.extend(rest.into_iter().map(entry));
                add_path.sort_by_key(|entry| entry.family);
            }
        } else if add_path.is_empty() && !draft.add_path.is_empty() {
            // An empty list stands for every family, and none of those named is carried.
            settings.capability.add_path = AddPath::Disabled;
        }
        settings.add_path = add_path;
        if settings.capability.route_refresh && !settings.adj_rib_out {
            settings.adj_rib_out = true;
            let span = draft.scalars.adj_rib_out.map_or(self.opened, |(_, span)| span);
            self.scope.warn(span, "adj-rib-out: route-refresh needs it, it is turned on");
        }
    }

    fn addresses(&mut self) {
        let peer = self.settings.peer;
        let local = self.draft.scalars.local_address;
        if let Some((Some(address), span)) = local
            && address.is_ipv4() != peer.address().is_ipv4()
        {
            let what = format!(
                "local-address: {address} and the peer {} are of different families",
                peer.address()
            );
            self.error(span, what);
        }
        let passive = self.settings.passive || self.scope.options.passive;
        if peer.is_range() && !passive {
            let what = format!("the peer {peer} is a range: it must be passive");
            self.error(self.opened, what);
        }
    }

    fn password(&mut self) {
        self.key("md5-password", &self.draft.scalars.md5_password, self.settings.md5_base64);
        let section = &self.draft.tcp_ao;
        let Some(first) = section.place() else { return };
        self.key("tcp-ao: password", &section.password, section.is_base64());
        if self.settings.md5_password.is_some() {
            self.error(first, "tcp-ao: the neighbor has an md5-password too: write one of them");
        }
        self.settings.tcp_ao = section.complete();
    }

    /// The octets of a key must be known, and be no more than the kernel takes.
    fn key(&mut self, name: &str, password: &Given<Box<str>>, is_base64: bool) {
        let Some((password, span)) = password else { return };
        let length = if is_base64 {
            match base64::decode(password) {
                Some(key) => key.len(),
                None => {
                    self.error(*span, format!("{name}: \"{password}\" is not base64"));
                    return;
                }
            }
        } else {
            password.len()
        };
        if length > KEY_MAX {
            let what = format!("{name}: \"{password}\" is longer than {KEY_MAX} octets");
            self.error(*span, what);
        }
    }

    /// Each kind of route is looked at once, however many there are of it.
    fn routes(&mut self, lists: &[Rc<RouteList>]) {
        let over_ipv4 = self.settings.peer.address().is_ipv4();
        for kind in lists.iter().flat_map(|list| list.kinds()) {
            let family = kind.family;
            let carried =
                family == Family::IPV4_UNICAST || self.settings.families.contains(&family);
            if !carried {
                self.error(kind.span, format!("{family} is not a family of this neighbor"));
            }
            if kind.through_us && over_ipv4 && family.afi == Afi::IPV6 {
                let what = "next-hop self: a route of IPv6 has no next hop in a session over IPv4";
                self.error(kind.span, what);
            }
        }
    }

    /// The name tells neighbors apart, but for those that listen: they differ in their port.
    fn uniqueness(&mut self) {
        let settings = &self.settings;
        let scope = settings.scope.as_deref().unwrap_or_default();
        let identity = match settings.listen {
            0 => format!("{} {scope}", settings.name()),
            port => format!("{} {scope} port {port}", settings.peer),
        };
        if !self.scope.identities.insert(identity) {
            let what = format!("there is another neighbor like this: {}", settings.name());
            self.error(self.opened, what);
        }
    }
}
