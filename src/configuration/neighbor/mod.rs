//! `neighbor PEER { … }`: a session and the routes that go with it.

use std::rc::Rc;

use super::{RouteList, Watched};
use crate::bgp::neighbor::SessionSettings;
use crate::rib::Route;

/// A neighbor, complete and checked.
#[derive(Clone, Debug)]
pub struct Neighbor {
    /// Its identity: see [`SessionSettings::name`].
    pub name: Rc<str>,
    pub settings: Rc<SessionSettings>,
    /// Its own routes, then those of the templates it inherits.
    pub routes: Vec<Rc<RouteList>>,
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
