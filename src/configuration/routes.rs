//! The routes of one block: written once, shared by every neighbor that inherits the block.

use super::route::Extra;
use crate::bgp::attribute::NextHop;
use crate::protocol::Family;
use crate::rib::Route;
use crate::text::Span;

/// Routes in the order of the file, immutable once read. `next-hop self` is not resolved here:
/// each neighbor puts its own address in its place.
#[derive(Debug, Default)]
pub struct RouteList {
    routes: Vec<Route>,
    watched: Vec<Watched>,
    kinds: Vec<Kind>,
}

/// A route that a watchdog announces and withdraws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The index of the route in its list.
    pub index: usize,
    /// The name of the watchdog.
    pub name: Box<str>,
    /// Whether the route is held back until the watchdog announces it.
    pub withdrawn: bool,
}

/// Routes that are checked alike, and where the first of them stands.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) family: Family,
    /// The next hop is `self`.
    pub(super) through_us: bool,
    pub(super) span: Span,
}

impl RouteList {
    /// How many routes there are, those held back included.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// Every route.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The routes that have a watchdog, in the order of the list.
    pub fn watched(&self) -> &[Watched] {
        &self.watched
    }

    /// Every route, with its watchdog where it has one.
    pub fn iter(&self) -> impl Iterator<Item = (&Route, Option<&Watched>)> {
        let mut watched = self.watched.iter().peekable();
        self.routes
            .iter()
            .enumerate()
            .map(move |(index, route)| (route, watched.next_if(|watched| watched.index == index)))
    }

    pub(super) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }
}

/// A list being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    routes: Vec<Route>,
    watched: Vec<Watched>,
    kinds: Vec<Kind>,
    /// How many routes were there before the statement under way.
    before: usize,
}

impl Gathered {
    /// Where the routes of the next statement are put.
    pub(super) fn room(&mut self) -> &mut Vec<Route> {
        self.before = self.routes.len();
        &mut self.routes
    }

    /// Notes what a statement at `span` said beside its routes.
    pub(super) fn note(&mut self, extra: Extra, span: Span) {
        let Some(first) = self.routes.get(self.before) else { return };
        // The routes of a statement are of one family and have one next hop.
        let family = first.nlri.family();
        let through_us = first.attributes.next_hop() == NextHop::OurAddress;
        let same = |kind: &Kind| kind.family == family && kind.through_us == through_us;
        if !self.kinds.iter().any(same) {
            self.kinds.push(Kind { family, through_us, span });
        }
        if let Some(name) = extra.watchdog {
            let watched = |index| Watched { index, name: name.clone(), withdrawn: extra.withdraw };
            self.watched.extend((self.before..self.routes.len()).map(watched));
        }
    }

    /// The list, without the room that was kept for more.
    pub(super) fn finish(mut self) -> RouteList {
        self.routes.shrink_to_fit();
        RouteList { routes: self.routes, watched: self.watched, kinds: self.kinds }
    }
}
