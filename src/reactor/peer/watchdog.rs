//! Watchdogs: configured routes that a command lets out and takes back, by name.

use std::collections::HashMap;

use super::Peer;
use crate::bgp::attribute::Interner;
use crate::configuration::Watched;
use crate::reactor::api::Gate;
use crate::rib::Route;

/// The positions that commands gave to watchdogs; the others are as configured.
#[derive(Debug, Default)]
pub(super) struct Gates(HashMap<Box<str>, Gate>);

impl Gates {
    /// Whether a route of this watchdog is announced.
    pub(super) fn is_open(&self, watched: &Watched) -> bool {
        self.0.get(&watched.name).map_or(!watched.withdrawn, |gate| *gate == Gate::Open)
    }
}

impl Peer {
    /// Lets the configured routes of a watchdog out, or takes them back; again is no change.
    pub(super) fn set_watchdog(&mut self, name: &str, gate: Gate, interner: &mut Interner) {
        let neighbor = std::rc::Rc::clone(&self.neighbor);
        let ours = neighbor.routes().filter_map(|(route, watched)| {
            watched.filter(|watched| &*watched.name == name).map(|watched| (route, watched))
        });
        let mut known = false;
        for (route, watched) in ours {
            known = true;
            let open = self.gates.is_open(watched);
            match gate {
                Gate::Open if !open => {
                    let attributes = self.resolve(route, interner);
                    self.outgoing.announce(Route { nlri: route.nlri.clone(), attributes });
                }
                Gate::Closed if open => {
                    self.outgoing.withdraw(route.nlri.clone(), &route.attributes);
                }
                Gate::Open | Gate::Closed => {}
            }
        }
        if known {
            self.gates.0.insert(name.into(), gate);
        }
    }
}
