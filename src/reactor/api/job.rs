//! Commands that take longer than their turn: they go on in steps, or wait for something.
//!
//! The commands of a process are executed in their order, so while one goes on the next ones wait.

use std::rc::Rc;

use super::Options;
use super::command::index;
use super::command::neighbor::members_of;
use super::context::{Context, Peer, Peers};
use crate::bgp::attribute::Attributes;
use crate::bgp::nlri::{About, Nlri, Packed};
use crate::environment::RoutesFormat;
use crate::json::{Dialect, Writer};
use crate::protocol::{Afi, Family, Safi};
use crate::reactor::limits::PROCESS_HIGH;
use crate::rib::Place;

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

/// Routes looked at in one step, unless `exabgp.api.chunk` says more: a few milliseconds of work.
const ROUTES_PER_STEP: usize = 8192;

/// Which routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    In,
    Out,
}

/// How they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// All in one array, with their indexes.
    Array,
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

/// What is asked of `show adj-rib`, or of `routes list`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub table: Table,
    pub form: Form,
    /// `None`: every family.
    pub class: Option<Class>,
    pub afi: Option<Afi>,
    pub safi: Option<Safi>,
    pub extensive: bool,
    pub dialect: Dialect,
}

impl Wanted {
    fn holds(&self, family: Family) -> bool {
        self.class.is_none_or(|class| class.holds(family))
            && self.afi.is_none_or(|afi| afi == family.afi)
            && self.safi.is_none_or(|safi| safi == family.safi)
    }
}

/// The routes of peers, and how far they have been shown.
#[derive(Debug)]
pub(super) struct Routes {
    wanted: Wanted,
    /// The peers left to show, the present one last.
    peers: Vec<Rc<str>>,
    /// The next route of the present peer.
    place: Place,
    /// The beginning of an array, which is one line and shown when it is whole.
    array: Vec<u8>,
}

impl Routes {
    /// The routes of these peers.
    pub(super) fn new(wanted: Wanted, mut peers: Vec<Rc<str>>) -> Self {
        peers.reverse();
        Self { wanted, peers, place: Place::default(), array: Vec::new() }
    }

    /// Shows as many lines as one step should. Routes come and go between steps: what is shown is
    /// what is there when its place is reached.
    fn step<P: Peers>(
        &mut self,
        context: &Context<'_, P>,
        options: &Options,
        out: &mut Vec<u8>,
    ) -> Step {
        let is_array = self.wanted.form == Form::Array;
        if let Some(peer) = self.peers.last().and_then(|name| find(context.peers, name)) {
            let wanted = self.wanted;
            let shown = Shown { wanted, peer, now: context.now, format: options.routes_format };
            let out = if is_array { &mut self.array } else { &mut *out };
            let full = out.len() + PROCESS_HIGH;
            let show = |nlri: &Packed, attributes: &Rc<Attributes>| {
                if wanted.holds(nlri.family()) {
                    shown.line(nlri, attributes, out);
                }
                out.len() < full
            };
            let most = options.chunk.max(ROUTES_PER_STEP);
            let ended = match wanted.table {
                Table::In => peer.incoming().visit(&mut self.place, most, show),
                Table::Out => peer.outgoing().visit(&mut self.place, most, show),
            };
            if !ended {
                return Step::Again;
            }
        }
        self.peers.pop();
        self.place = Place::default();
        if !self.peers.is_empty() {
            return Step::Again;
        }
        if is_array {
            out.extend_from_slice(if self.array.is_empty() { b"[" } else { b"" });
            out.append(&mut self.array);
            out.extend_from_slice(b"]\n");
        }
        Step::Done
    }
}

/// Routes of one peer being shown.
struct Shown<'a, P> {
    wanted: Wanted,
    peer: &'a P,
    now: std::time::Instant,
    format: RoutesFormat,
}

/// A route as events and `show` tell it: its NLRI, next hop included, and its attributes.
pub(super) fn told(packed: &Packed, attributes: &Attributes, dialect: Dialect) -> String {
    let mut out = Vec::new();
    let about = about(packed, attributes, dialect);
    if let Ok(nlri) = Nlri::unpack(packed.bytes(), packed.family()) {
        nlri.text(&mut out, &about);
    }
    let mut text = String::from_utf8_lossy(&out).into_owned();
    let words = attributes.told();
    if !words.is_empty() {
        text.push(' ');
        text += &words;
    }
    text
}

fn about(packed: &Packed, attributes: &Attributes, dialect: Dialect) -> About {
    About {
        family: packed.family(),
        path_id: packed.path_id(),
        next_hop: attributes.next_hop(),
        dialect,
    }
}

impl<P: Peer> Shown<'_, P> {
    fn line(&self, packed: &Packed, attributes: &Attributes, out: &mut Vec<u8>) {
        // What is in a RIB was read before.
        let Ok(nlri) = Nlri::unpack(packed.bytes(), packed.family()) else { return };
        let Wanted { form, dialect, .. } = self.wanted;
        let about = about(packed, attributes, dialect);
        match (form, self.format, dialect) {
            (Form::Array, ..) => {
                let first = out.is_empty();
                let mut json = Writer::new(out, dialect);
                json.raw(if first { "[{\"index\": " } else { ", {\"index\": " });
                json.string(&index::of(packed));
                json.raw(", \"route\": ");
                json.string(&told(packed, attributes, dialect));
                json.raw(", \"neighbor\": ");
                json.string(self.peer.name());
                json.raw("}");
            }
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
        if self.wanted.extensive {
            json.raw(self.peer.name());
        } else {
            json.raw(&self.peer.settings().peer.address().to_string());
        }
        json.raw(&format!(" {} ", about.family));
        nlri.text(out, about);
        if self.wanted.extensive {
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
        if self.wanted.extensive {
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
        if self.wanted.extensive {
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
