//! Commands that take longer than their turn: they go on in steps, or wait for something.
//!
//! The commands of a process are executed in their order, so while one goes on the next ones wait.

use std::borrow::Borrow;
use std::rc::Rc;

use super::Options;
use super::command::neighbor::members_of;
use super::context::{Context, Peer, Peers};
use crate::bgp::attribute::Attributes;
use crate::bgp::nlri::{About, Nlri, Packed};
use crate::environment::RoutesFormat;
use crate::json::{Dialect, Writer};
use crate::protocol::{Family, Safi};
use crate::reactor::limits::PROCESS_HIGH;

/// A command that goes on.
#[derive(Debug)]
pub(super) enum Job {
    /// What waits for each helper, told when all of them can be looked at.
    Queues { json: bool },
    /// The routes of peers, a line each.
    Routes(Routes),
    /// Done when the peers, by name, have sent what was announced.
    Sent { peers: Vec<Rc<str>> },
}

/// What a step has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There is more to do at once.
    Again,
    /// Nothing can be done before something happens.
    Wait,
    Done,
}

impl Job {
    /// Goes on; what it has to show is appended to `out`, in whole lines.
    pub(super) fn step<P: Peers>(
        &mut self,
        context: &Context<'_, P>,
        options: &Options,
        out: &mut Vec<u8>,
    ) -> Step {
        match self {
            // The helpers are not within reach from here: see `Api::queues`.
            Self::Queues { .. } => Step::Done,
            Self::Routes(routes) => routes.step(context, options, out),
            Self::Sent { peers } => {
                let waits =
                    |name: &Rc<str>| find(context.peers, name).is_some_and(|p| !p.is_flushed());
                peers.retain(waits);
                if peers.is_empty() { Step::Done } else { Step::Wait }
            }
        }
    }
}

/// Routes passed in one step, unless `exabgp.api.chunk` says more: a few milliseconds of work.
const LINES_PER_STEP: usize = 8192;

/// Which routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    In,
    Out,
}

/// How they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Text,
}

/// Families that are shown alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Flow,
    Inet,
    L2vpn,
}

/// What is asked of `show adj-rib`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub table: Table,
    pub form: Form,
    /// `None`: every family.
    pub class: Option<Class>,
    pub extensive: bool,
    pub dialect: Dialect,
}

/// The routes of peers, and how far they have been shown.
#[derive(Debug)]
pub(super) struct Routes {
    wanted: Wanted,
    /// The peers left to show, the present one last.
    peers: Vec<Rc<str>>,
    /// Routes of the present peer that have been passed.
    passed: usize,
}

impl Routes {
    /// The routes of these peers.
    pub(super) fn new(wanted: Wanted, mut peers: Vec<Rc<str>>) -> Self {
        peers.reverse();
        Self { wanted, peers, passed: 0 }
    }

    /// Shows as many lines as one step should. Routes come and go between steps: what is shown is
    /// what is there when its place is reached.
    fn step<P: Peers>(
        &mut self,
        context: &Context<'_, P>,
        options: &Options,
        out: &mut Vec<u8>,
    ) -> Step {
        let lines = options.chunk.max(LINES_PER_STEP);
        let Some(peer) = self.peers.last().and_then(|name| find(context.peers, name)) else {
            self.peers.pop();
            self.passed = 0;
            return if self.peers.is_empty() { Step::Done } else { Step::Again };
        };
        let shown = Shown { routes: self, peer, now: context.now, format: options.routes_format };
        let passed = match self.wanted.table {
            Table::In => shown.lines(peer.incoming().iter(), lines, out),
            Table::Out => shown.lines(peer.outgoing().iter(), lines, out),
        };
        match passed {
            Some(passed) => self.passed += passed,
            None => {
                self.peers.pop();
                self.passed = 0;
            }
        }
        if self.peers.is_empty() { Step::Done } else { Step::Again }
    }
}

/// Routes of one peer being shown.
struct Shown<'a, P> {
    routes: &'a Routes,
    peer: &'a P,
    now: std::time::Instant,
    format: RoutesFormat,
}

impl<P: Peer> Shown<'_, P> {
    /// Appends at most so many lines; how many routes that takes, or `None` when it was the rest.
    fn lines<'r, N: Borrow<Packed>>(
        &self,
        routes: impl Iterator<Item = (N, &'r Rc<Attributes>)>,
        lines: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        for (count, (nlri, attributes)) in routes.skip(self.routes.passed).enumerate() {
            let nlri = nlri.borrow();
            if count == lines || out.len() >= PROCESS_HIGH {
                return Some(count);
            }
            if self.routes.wanted.class.is_none_or(|class| class.holds(nlri.family())) {
                self.line(nlri, attributes, out);
            }
        }
        None
    }

    fn line(&self, packed: &Packed, attributes: &Attributes, out: &mut Vec<u8>) {
        // What is in a RIB was read before.
        let Ok(nlri) = Nlri::unpack(packed.bytes(), packed.family()) else { return };
        let Wanted { form, dialect, .. } = self.routes.wanted;
        let about = About {
            family: packed.family(),
            path_id: packed.path_id(),
            next_hop: attributes.next_hop(),
            dialect,
        };
        match (form, self.format, dialect) {
            (Form::Text, ..) => self.text(&nlri, &about, attributes, out),
            (Form::Json, RoutesFormat::V2, Dialect::V4) => {
                self.json_v2(&nlri, &about, attributes, out);
            }
            (Form::Json, ..) => {
                let prefix = nlri.prefix().map(|prefix| prefix.to_string());
                if prefix.is_some() || dialect == Dialect::V6 {
                    self.json_v1(prefix, &nlri, &about, out);
                }
            }
        }
    }

    fn text(&self, nlri: &Nlri, about: &About, attributes: &Attributes, out: &mut Vec<u8>) {
        let mut json = Writer::new(out, about.dialect);
        if self.routes.wanted.extensive {
            json.raw(self.peer.name());
        } else {
            json.raw(&self.peer.settings().peer.address().to_string());
        }
        json.raw(&format!(" {} ", about.family));
        nlri.text(out, about);
        if self.routes.wanted.extensive {
            let words = attributes.told();
            if !words.is_empty() {
                out.push(b' ');
                out.extend_from_slice(words.as_bytes());
            }
        }
        out.push(b'\n');
    }

    /// `{"ADDRESS": {"routes": [{"prefix": …, "family": …}]}}`, the members of the route the other
    /// way round in dialect 6.
    fn json_v1(&self, prefix: Option<String>, nlri: &Nlri, about: &About, out: &mut Vec<u8>) {
        let family = about.family.to_string();
        let (key, value) = match prefix {
            Some(prefix) => ("prefix", prefix),
            None => {
                let mut text = Vec::new();
                nlri.text(&mut text, about);
                ("nlri", String::from_utf8_lossy(&text).into_owned())
            }
        };
        let members = match about.dialect {
            Dialect::V4 => [(key, value), ("family", family)],
            Dialect::V6 => [("family", family), (key, value)],
        };
        let mut json = Writer::new(out, about.dialect);
        json.raw("{");
        json.display(&self.peer.settings().peer.address());
        json.raw(": {\"routes\": [{");
        for (index, (key, value)) in members.iter().enumerate() {
            json.raw(if index == 0 { "" } else { ", " });
            json.string(key);
            json.raw(": ");
            json.string(value);
        }
        json.raw("}]");
        if self.routes.wanted.extensive {
            json.raw(", ");
            members_of(self.peer, self.now, &mut json);
        }
        json.raw("}}\n");
    }

    /// `{"peer": {"address": …}, "route": {"nlri": {…}, "attributes": {…}}}`
    fn json_v2(&self, nlri: &Nlri, about: &About, attributes: &Attributes, out: &mut Vec<u8>) {
        let mut json = Writer::new(out, about.dialect);
        json.raw("{\"peer\": {\"address\": ");
        json.display(&self.peer.settings().peer.address());
        json.raw("}, ");
        if self.routes.wanted.extensive {
            members_of(self.peer, self.now, &mut json);
            json.raw(", ");
        }
        json.raw("\"route\": {\"nlri\": ");
        json.object(|object| {
            match nlri.prefix().map(|prefix| prefix.to_string()) {
                Some(prefix) => object.field("prefix").string(&prefix),
                None => nlri.members(object, about),
            }
            let next_hop = object.field("nexthop");
            match about.next_hop.address() {
                Some(address) => next_hop.address(address),
                None => next_hop.null(),
            }
            object.field("family").object(|family| {
                family.field("afi").display(&about.family.afi);
                family.field("safi").display(&about.family.safi);
            });
        });
        json.raw(", \"attributes\": ");
        json.object(|object| attributes.json(object));
        json.raw("}}\n");
    }
}

impl Class {
    fn holds(self, family: Family) -> bool {
        match family.safi {
            Safi::FLOW | Safi::FLOW_VPN => self == Self::Flow,
            Safi::VPLS | Safi::EVPN => self == Self::L2vpn,
            Safi::UNICAST | Safi::MULTICAST | Safi::NLRI_MPLS | Safi::MPLS_VPN => {
                self == Self::Inet
            }
            _ => false,
        }
    }
}

/// The peer of this name, unless it has been removed.
fn find<'p, P: Peers>(peers: &'p P, name: &Rc<str>) -> Option<&'p P::Peer> {
    (0..peers.count()).filter_map(|place| peers.peer(place)).find(|peer| peer.name() == name)
}
