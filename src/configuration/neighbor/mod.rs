//! `neighbor PEER { … }`: a session and the routes that go with it.

mod add_path;
mod api;
mod capability;
mod close;
mod draft;
mod family;
mod keyword;
mod nexthop;
mod tcp_ao;

use std::rc::Rc;

use super::scope::Scope;
use super::section::{PLAIN, Section};
use super::{RouteList, Watched, announce, flow, l2vpn, operational, static_};
use crate::bgp::message::Operational;
use crate::bgp::neighbor::SessionSettings;
use crate::rib::Route;
use crate::text::{Error, Tokens};

pub(super) use api::{Draft as ApiDraft, WISHES, both_lists, subscriptions};
pub(super) use capability::CAPABILITY;
pub(super) use close::{Complete, close};
pub(super) use draft::Draft;
pub(super) use keyword::{GONE, KEYWORDS};
pub(super) use tcp_ao::TCP_AO;

/// A neighbor, complete and checked.
#[derive(Clone, Debug)]
pub struct Neighbor {
    /// Its identity: see [`SessionSettings::name`].
    pub name: Rc<str>,
    pub settings: Rc<SessionSettings>,
    /// Its own routes, then those of the templates it inherits.
    pub routes: Vec<Rc<RouteList>>,
    /// What is sent as soon as the session is up.
    pub operational: Vec<Operational>,
}

impl Neighbor {
    /// Every route of the families of this neighbor, with its watchdog where it has one. IPv4
    /// unicast is kept even where the family is not configured, as it may yet be negotiated.
    pub fn routes(&self) -> impl Iterator<Item = (&Route, Option<&Watched>)> {
        let split = self.settings.capability.multi_session;
        let families = &self.settings.families;
        let ours = move |route: &Route| !split || families.contains(&route.nlri.family());
        self.routes.iter().flat_map(|list| list.iter()).filter(move |(route, _)| ours(route))
    }
}

/// The sections inside a neighbor, and inside a neighbor of a template.
pub(super) static SECTIONS: &[&Section] = &[
    &family::FAMILY,
    &CAPABILITY,
    &add_path::ADD_PATH,
    &nexthop::NEXTHOP,
    &api::API,
    &static_::STATIC,
    &announce::ANNOUNCE,
    &operational::OPERATIONAL,
    &flow::FLOW,
    &l2vpn::L2VPN,
    &TCP_AO,
];

pub(super) static NEIGHBOR: Section = Section {
    name: "neighbor",
    syntax: "neighbor <address>[/<mask length>] { … }",
    keywords: KEYWORDS,
    sections: SECTIONS,
    gone: GONE,
    open,
    close,
    ..PLAIN
};

fn open(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.neighbor = Draft { told: scope.told, ..Draft::default() };
    scope.neighbor.peer = match draft::given(tokens, keyword::peer) {
        Ok(peer) => peer,
        Err(error) => {
            scope.neighbor.is_nameless = true;
            return Err(error);
        }
    };
    Ok(())
}
