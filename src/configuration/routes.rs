//! The routes of one block: written once, shared by every neighbor that inherits the block.

use crate::rib::Route;

/// Routes in the order of the file, immutable once read. `next-hop self` is not resolved here:
/// each neighbor puts its own address in its place.
#[derive(Debug, Default)]
pub struct RouteList {
    routes: Vec<Route>,
    watched: Vec<Watched>,
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

impl RouteList {
    /// How many routes there are, those held back included.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// Every route, with its watchdog where it has one.
    pub fn iter(&self) -> impl Iterator<Item = (&Route, Option<&Watched>)> {
        let mut watched = self.watched.iter().peekable();
        self.routes
            .iter()
            .enumerate()
            .map(move |(index, route)| (route, watched.next_if(|watched| watched.index == index)))
    }
}
