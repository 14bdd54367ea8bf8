//! Configured routes under a name, announced and withdrawn together by whoever watches a service.
//!
//! Only routes of the configuration take part. A route may start held back.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Outgoing, Route};

/// A configured route under a name.
#[derive(Clone, Debug)]
pub struct Guarded {
    pub name: Rc<str>,
    pub route: Route,
    /// Whether it is announced; one marked `withdraw` starts without.
    pub is_out: bool,
}

/// The guarded routes of a neighbor, in the order of the configuration.
#[derive(Debug, Default)]
pub struct Watchdog {
    routes: Vec<Guarded>,
}

impl Watchdog {
    /// The routes of a configuration. Those that are out are not announced by this: they are
    /// among the routes that the neighbor starts with ([`Watchdog::announced`]).
    pub fn new(routes: Vec<Guarded>) -> Self {
        Self { routes }
    }

    /// Takes over the routes of a configuration read again: those it had keep their state.
    pub fn replace(&mut self, mut routes: Vec<Guarded>) {
        let key = |guarded: &Guarded| (Rc::clone(&guarded.name), guarded.route.nlri.clone());
        let before: HashMap<_, _> = self.routes.iter().map(|old| (key(old), old.is_out)).collect();
        for guarded in &mut routes {
            if let Some(is_out) = before.get(&key(guarded)) {
                guarded.is_out = *is_out;
            }
        }
        self.routes = routes;
    }

    /// The routes that are out.
    pub fn announced(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|guarded| guarded.is_out).map(|guarded| &guarded.route)
    }

    /// Announces what is held back under a name; how many routes that were.
    pub fn announce(&mut self, name: &str, rib: &mut Outgoing) -> usize {
        self.turn(name, true, |route| {
            rib.announce(route.clone());
        })
    }

    /// Withdraws what is out under a name; how many routes that were.
    pub fn withdraw(&mut self, name: &str, rib: &mut Outgoing) -> usize {
        self.turn(name, false, |route| rib.withdraw(route.nlri.clone(), &route.attributes))
    }

    fn turn(&mut self, name: &str, out: bool, mut each: impl FnMut(&Route)) -> usize {
        let turned = |guarded: &&mut Guarded| &*guarded.name == name && guarded.is_out != out;
        let turning = self.routes.iter_mut().filter(turned);
        turning
            .map(|guarded| {
                guarded.is_out = out;
                each(&guarded.route);
            })
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Family;
    use crate::rib::testing::{Words, internal, outgoing, routes};

    #[test]
    fn routes_turn_once() {
        let negotiated = internal(&[Family::IPV4_UNICAST]);
        let mut words = Words::default();
        let mut guarded = |name: &str, prefix: &str, is_out| {
            let route = words.route(&format!("{prefix} next-hop 198.51.100.7"));
            Guarded { name: name.into(), route, is_out }
        };
        let configured = vec![
            guarded("dog", "172.16.0.0/24", true),
            guarded("cat", "172.16.1.0/24", false),
            guarded("cat", "172.16.2.0/24", false),
        ];
        let mut watchdog = Watchdog::new(configured.clone());
        let mut rib = outgoing();
        watchdog.announced().for_each(|route| {
            rib.announce(route.clone());
        });
        rib.established(&negotiated);
        assert_eq!(routes(&mut rib, &negotiated).len(), 1);
        assert_eq!(watchdog.announce("cat", &mut rib), 2);
        assert_eq!(watchdog.announce("cat", &mut rib), 0);
        assert_eq!(watchdog.announce("dog", &mut rib), 0);
        assert_eq!(watchdog.announce("bird", &mut rib), 0);
        assert_eq!(routes(&mut rib, &negotiated).len(), 1);
        assert_eq!(watchdog.withdraw("dog", &mut rib), 1);
        assert_eq!(watchdog.withdraw("dog", &mut rib), 0);
        assert_eq!(routes(&mut rib, &negotiated), ["000418ac10000000"]);
        watchdog.replace(configured);
        assert_eq!(watchdog.announced().count(), 2, "cat is out, dog is not");
    }
}
