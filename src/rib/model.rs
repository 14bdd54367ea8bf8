//! Adj-RIB-Out against a model so simple that it can be trusted: a map of what is wanted, and a
//! peer that applies every message it gets.

use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;

use crate::bgp::Negotiated;
use crate::bgp::attribute::{Attribute, Attributes, Interner, Med, NextHop};
use crate::bgp::message::update::Update;
use crate::bgp::negotiated::Refresh;
use crate::bgp::nlri::{Draft, Packed};
use crate::protocol::{Afi, Distinguisher, Family, Label, Safi};

use super::testing::internal;
use super::{Budget, Event, Observer, Options, Outgoing, Route};

const VPN: Family = Family::new(Afi::IPV4, Safi::MPLS_VPN);

/// What happens to a RIB.
#[derive(Clone, Debug)]
enum Step {
    Announce(Announcement),
    /// Every prefix of the world, with these attributes: more than a message holds.
    AnnounceAll(u8),
    Withdraw(Announcement),
    /// Some messages leave.
    Send(usize),
    Lost,
    Established,
    Refresh(Option<Family>),
    Clear(Option<Family>),
    /// The configuration becomes these routes.
    Configure(Vec<Announcement>),
    EndOfRib,
}

/// A route of a small world: prefixes, paths, labels and attributes come again and again.
#[derive(Clone, Copy, Debug)]
struct Announcement {
    prefix: u8,
    path: Option<u8>,
    label: u8,
    med: u8,
}

impl Announcement {
    fn family(self) -> Family {
        match self.prefix % 4 {
            0 | 1 => Family::IPV4_UNICAST,
            2 => Family::IPV6_UNICAST,
            _ => VPN,
        }
    }

    fn route(self, interner: &mut Interner) -> Route {
        let family = self.family();
        let text = match family.afi {
            Afi::IPV6 => format!("2001:db8:{:x}::/48", self.prefix),
            _ => format!("10.{}.0.0/{}", self.prefix, 15 + self.prefix % 3),
        };
        let mut draft = Draft::new(crate::protocol::Prefix::from_text_lenient(&text).unwrap());
        draft.path_id = self.path.map(u32::from);
        draft.labels = vec![Label::new(u32::from(self.label) + 16).unwrap()];
        draft.distinguisher = Distinguisher::from_text("65000:1");
        let mut builder = Attributes::builder();
        builder.add(Attribute::Med(Med(u32::from(self.med))));
        builder.set_next_hop(NextHop::Address(match family.afi {
            Afi::IPV6 => "2001:db8::1".parse().unwrap(),
            // Some IPv4 routes are in MP_REACH (RFC 8950), and many in one.
            _ if self.med == 2 && family.safi == Safi::UNICAST => "2001:db8::2".parse().unwrap(),
            _ => "192.0.2.1".parse().unwrap(),
        }));
        let attributes = interner.intern(builder.build());
        Route { nlri: draft.finish(family).unwrap(), attributes }
    }
}

fn announcement() -> impl Strategy<Value = Announcement> {
    (0..12u8, prop::option::weighted(0.3, 1..3u8), 0..2u8, 0..3u8)
        .prop_map(|(prefix, path, label, med)| Announcement { prefix, path, label, med })
}

fn family() -> impl Strategy<Value = Option<Family>> {
    prop::option::of(prop::sample::select(vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST, VPN]))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => announcement().prop_map(Step::Announce),
        1 => (0..3u8).prop_map(Step::AnnounceAll),
        5 => announcement().prop_map(Step::Withdraw),
        5 => (1..6usize).prop_map(Step::Send),
        1 => Just(Step::Lost),
        2 => Just(Step::Established),
        1 => family().prop_map(Step::Refresh),
        1 => family().prop_map(Step::Clear),
        1 => prop::collection::vec(announcement(), 0..8).prop_map(Step::Configure),
        1 => Just(Step::EndOfRib),
    ]
}

/// What tells routes apart, in a form that does not depend on the code under test.
type Key = (Family, Option<u32>, String);

fn key(nlri: &Packed, path_ids: bool) -> Key {
    let bytes = match nlri.family() {
        // Without label: distinguisher and prefix.
        VPN => &nlri.bytes()[4..],
        _ => nlri.bytes(),
    };
    (nlri.family(), nlri.path_id().filter(|_| path_ids), crate::wire::Hex(bytes).to_string())
}

/// The state of the world.
struct World {
    rib: Outgoing,
    negotiated: Negotiated,
    interner: Interner,
    wanted: BTreeMap<Key, (u32, Packed)>,
    peer: Peer,
    configured: Vec<Announcement>,
    keep: bool,
    is_up: bool,
}

/// Applies what it gets.
#[derive(Default)]
struct Peer {
    table: BTreeMap<Key, (u32, Packed)>,
    /// What was wrong with a message.
    fault: Option<String>,
    updates: usize,
}

fn med(attributes: &Attributes) -> u32 {
    match attributes.get(4) {
        Some(Attribute::Med(Med(med))) => *med,
        other => panic!("{other:?}"),
    }
}

struct Wire<'a> {
    peer: &'a mut Peer,
    wanted: &'a BTreeMap<Key, (u32, Packed)>,
    negotiated: &'a Negotiated,
    interner: &'a mut Interner,
}

impl Observer for Wire<'_> {
    fn event(&mut self, event: Event<'_>) {
        let Event::Update(sent) = event else { return };
        self.peer.updates += 1;
        assert!(sent.octets.len() <= self.negotiated.message_size);
        let update = Update::decode(&sent.octets[19..], self.negotiated, self.interner).unwrap();
        for run in update.withdrawn() {
            for entry in run {
                self.peer.table.remove(&key(&entry.pack(run.family()), true));
            }
        }
        for section in update.announced() {
            for entry in section.run {
                let nlri = entry.pack(section.run.family());
                let told = (med(&section.attributes), nlri.clone());
                let key = key(&nlri, true);
                if self.wanted.get(&key) != Some(&told) {
                    self.peer.fault = Some(format!("{key:?} is sent as {told:?}"));
                }
                self.peer.table.insert(key, told);
            }
        }
    }
}

impl World {
    fn new(keep: bool, group: bool, message_size: usize) -> Self {
        let mut negotiated = internal(&[Family::IPV4_UNICAST, Family::IPV6_UNICAST, VPN]);
        negotiated.addpath_send.clone_from(&negotiated.families);
        negotiated.addpath_receive.clone_from(&negotiated.families);
        negotiated.refresh = Refresh::Enhanced;
        negotiated.nexthop.push((Family::IPV4_UNICAST, Afi::IPV6));
        negotiated.message_size = message_size;
        Self {
            rib: Outgoing::new(Options { keep, group, manual_eor: false }, 11),
            negotiated,
            interner: Interner::new(),
            wanted: BTreeMap::new(),
            peer: Peer::default(),
            configured: Vec::new(),
            keep,
            is_up: false,
        }
    }

    /// The path identifier that the peer sees: a route without has zero.
    fn seen(route: &Route) -> (Key, (u32, Packed)) {
        let path_id = Some(route.nlri.path_id().unwrap_or(0));
        let nlri = Packed::new(route.nlri.family(), path_id, route.nlri.bytes());
        (key(&nlri, true), (med(&route.attributes), nlri))
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Announce(announcement) => self.announce(*announcement),
            Step::AnnounceAll(med) => {
                for prefix in (0..=255).rev() {
                    self.announce(Announcement { prefix, path: None, label: 0, med: *med });
                }
            }
            Step::Withdraw(announcement) => {
                let route = announcement.route(&mut self.interner);
                self.wanted.remove(&Self::seen(&route).0);
                self.rib.withdraw(route.nlri, &route.attributes);
            }
            Step::Send(messages) => self.send(*messages),
            Step::Lost => {
                self.rib.lost();
                self.is_up = false;
                self.peer.table.clear();
                if !self.keep {
                    self.wanted.clear();
                }
            }
            Step::Established if self.is_up => {}
            Step::Established => {
                self.is_up = true;
                self.rib.established(&self.negotiated);
            }
            Step::Refresh(family) => self.rib.refresh(*family, &self.negotiated),
            // Without Adj-RIB-Out nobody remembers what to withdraw.
            Step::Clear(_) if !self.keep => {}
            Step::Clear(family) => {
                self.rib.clear(*family);
                self.wanted.retain(|key, _| family.is_some_and(|family| family != key.0));
            }
            Step::Configure(new) => self.configure(new.clone()),
            Step::EndOfRib => self.rib.end_of_rib(Family::IPV4_UNICAST),
        }
    }

    fn announce(&mut self, announcement: Announcement) {
        let route = announcement.route(&mut self.interner);
        let (key, told) = Self::seen(&route);
        self.wanted.insert(key, told);
        self.rib.announce(route);
    }

    fn configure(&mut self, new: Vec<Announcement>) {
        let mut routes = |list: &[Announcement]| -> Vec<Route> {
            list.iter().map(|route| route.route(&mut self.interner)).collect()
        };
        let (before, after) = (routes(&self.configured), routes(&new));
        // Of a route given twice the last counts.
        let last = |list: &[Route]| list.iter().map(Self::seen).collect::<BTreeMap<_, _>>();
        let (was, is) = (last(&before), last(&after));
        self.wanted.retain(|key, _| !was.contains_key(key) || is.contains_key(key));
        self.wanted.extend(is.into_iter().filter(|(key, told)| was.get(key) != Some(told)));
        self.rib.replace(&before, &after);
        self.configured = new;
    }

    fn send(&mut self, messages: usize) {
        let Self { rib, negotiated, interner, wanted, peer, .. } = self;
        let mut outbox = Vec::new();
        let budget = Budget { messages, octets: usize::MAX };
        let mut wire = Wire { peer, wanted, negotiated, interner };
        let progress = rib.next(negotiated, &mut outbox, budget, &mut wire);
        assert_eq!(progress.octets, outbox.len());
        assert!(progress.messages <= messages);
    }

    /// The peer ends up with what is wanted, and is then told nothing more.
    fn settle(&mut self) {
        self.apply(&Step::Established);
        self.send(usize::MAX);
        assert!(!self.rib.has_pending() && self.rib.waiting() == 0);
        assert_eq!(self.peer.fault, None);
        assert_eq!(self.peer.table, self.wanted);
        let updates = self.peer.updates;
        self.send(usize::MAX);
        assert_eq!(self.peer.updates, updates);
        if self.keep {
            let listed = self.rib.iter().map(|(nlri, attributes)| {
                Self::seen(&Route { nlri: nlri.clone(), attributes: Rc::clone(attributes) })
            });
            assert_eq!(listed.collect::<BTreeMap<_, _>>(), self.wanted);
            assert_eq!(self.rib.len(), self.wanted.len());
        } else {
            assert!(self.rib.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_peer_ends_up_with_what_is_wanted(
        steps in prop::collection::vec(step(), 0..80),
        keep in prop::bool::weighted(0.8),
        group: bool,
        // Around the length at which an attribute needs another octet for its own.
        message_size in prop_oneof![100..400usize, Just(4096usize)],
    ) {
        let mut world = World::new(keep, group, message_size);
        for step in &steps {
            world.apply(step);
            prop_assert_eq!(&world.peer.fault, &None);
        }
        world.settle();
        world.apply(&Step::Lost);
        world.settle();
    }
}
