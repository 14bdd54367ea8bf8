//! Two speakers, a network and a clock that exist in this process alone.
//!
//! Sessions run as in the program: their outputs become frames, frames become bytes, and bytes
//! arrive late, in pieces, or not at all, as a seed decides. Days pass in milliseconds. A failure
//! names its seed, which brings it back.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may fail where it stands, and says which seed brings it back"
)]

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use exabgp::bgp::Negotiated;
use exabgp::bgp::fsm::{
    Direction, Event, Link, Output, Policy, Reason, Session, State, Stop, Timer,
};
use exabgp::bgp::message::{self, Frame, Kind, Notify, Open, RouteRefresh, frame};
use exabgp::bgp::neighbor::SessionSettings;
use exabgp::protocol::{Asn, Family, Prefix};

const SECOND: Duration = Duration::from_secs(1);

/// The same seed, the same numbers.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides.max(1)
    }

    fn up_to(&mut self, most: Duration) -> Duration {
        let micros = u64::try_from(most.as_micros()).unwrap();
        Duration::from_micros(self.roll(micros + 1))
    }
}

/// How the network treats what is given to it.
#[derive(Clone, Copy)]
struct Weather {
    /// The longest delay of a piece; pieces of one direction keep their order.
    delay: Duration,
    /// The longest piece, in octets.
    piece: usize,
}

/// Something that is going to happen.
#[derive(Debug)]
enum Coming {
    /// A connection attempt of a side arrives at the other one.
    Knock { from: usize, attempt: u64 },
    /// The answer to an attempt.
    Answer { to: usize, attempt: u64, link: Option<Link> },
    /// Bytes arrive.
    Piece { to: usize, link: Link, bytes: Vec<u8> },
    /// The end of the bytes of a connection arrives.
    End { to: usize, link: Link },
    /// A timer is due, unless it was armed again since.
    Due { to: usize, timer: Timer, armed: u64 },
    /// Somebody decides something.
    Decide { to: usize, event: Event },
}

/// One end of a connection.
struct End {
    inbox: Vec<u8>,
    message_size: usize,
    /// When the last piece sent from here arrives.
    latest: Instant,
    open: bool,
    /// How many UPDATEs were sent and received here.
    sent: u32,
    received: u32,
}

/// A speaker: its session, its ends of connections, and what became of it.
struct Side {
    session: Session,
    ends: HashMap<Link, End>,
    timers: HashMap<Timer, u64>,
    /// The attempt under way.
    attempt: Option<u64>,
    listens: bool,
    attempts: Vec<Instant>,
    downs: Vec<(Instant, Reason)>,
    notified: Vec<Notify>,
    ups: usize,
}

struct World {
    seed: u64,
    start: Instant,
    now: Instant,
    dice: Dice,
    weather: Weather,
    /// While silent, the network swallows everything and tells nobody.
    silent: bool,
    sides: [Side; 2],
    coming: BTreeMap<(Instant, u64), Coming>,
    count: u64,
}

/// Names the seed when a test fails.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, at {:?}", self.seed, self.now - self.start);
        }
    }
}

impl World {
    fn new(seed: u64, weather: Weather, settings: [SessionSettings; 2]) -> Self {
        #[expect(clippy::disallowed_methods, reason = "any instant will do, and there is no other")]
        let start = Instant::now();
        let side = |settings| Side {
            session: Session::new(Rc::new(settings), Policy::default(), start),
            ends: HashMap::new(),
            timers: HashMap::new(),
            attempt: None,
            listens: true,
            attempts: Vec::new(),
            downs: Vec::new(),
            notified: Vec::new(),
            ups: 0,
        };
        let dice = Dice::new(seed);
        let (sides, coming) = (settings.map(side), BTreeMap::new());
        Self { seed, start, now: start, dice, weather, silent: false, sides, coming, count: 0 }
    }

    /// Lets an event come to a side after a time.
    fn decide(&mut self, to: usize, after: Duration, event: Event) {
        self.plan(self.now + after, Coming::Decide { to, event });
    }

    fn plan(&mut self, at: Instant, coming: Coming) {
        self.count += 1;
        self.coming.insert((at, self.count), coming);
    }

    /// Lets time pass until `done`, at most for `limit`; answers whether it was.
    fn run_until(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + limit;
        while !done(self) {
            match self.coming.first_key_value() {
                Some(((at, _), _)) if *at <= end => self.step(),
                _ => {
                    self.now = end;
                    return done(self);
                }
            }
        }
        true
    }

    fn run(&mut self, time: Duration) {
        self.run_until(time, |_| false);
    }

    fn step(&mut self) {
        let Some(((at, _), coming)) = self.coming.pop_first() else { return };
        self.now = at;
        match coming {
            Coming::Knock { from, attempt } => self.knock(from, attempt),
            Coming::Answer { to, attempt, link } => self.answer(to, attempt, link),
            Coming::Piece { to, link, bytes } => self.read(to, link, &bytes),
            Coming::End { to, link } => {
                if self.sides[to].ends.get_mut(&link).is_some_and(|end| end.open) {
                    self.shut(to, link);
                    self.tell(to, Event::Lost(link));
                }
            }
            Coming::Due { to, timer, armed } => {
                if self.sides[to].timers.get(&timer) == Some(&armed) {
                    self.sides[to].timers.remove(&timer);
                    self.tell(to, Event::Fired(timer));
                }
            }
            Coming::Decide { to, event } => self.tell(to, event),
        }
    }

    fn delay(&mut self) -> Duration {
        self.dice.up_to(self.weather.delay)
    }

    /// The other side learns of a connection before the one that asked for it does.
    fn knock(&mut self, from: usize, attempt: u64) {
        let to = 1 - from;
        let back = self.now + self.delay();
        if !self.sides[to].listens || self.silent {
            return self.plan(back, Coming::Answer { to: from, attempt, link: None });
        }
        self.count += 1;
        let link = Link(usize::try_from(self.count).unwrap());
        for side in [from, to] {
            let end = End {
                inbox: Vec::new(),
                message_size: Negotiated::MESSAGE_SIZE,
                latest: back,
                open: side == to,
                sent: 0,
                received: 0,
            };
            self.sides[side].ends.insert(link, end);
        }
        self.plan(back, Coming::Answer { to: from, attempt, link: Some(link) });
        self.tell(to, Event::Connected { link, direction: Direction::Incoming, local: local(to) });
    }

    fn answer(&mut self, to: usize, attempt: u64, link: Option<Link>) {
        let wanted = self.sides[to].attempt == Some(attempt);
        if wanted {
            self.sides[to].attempt = None;
        }
        match (wanted, link) {
            (true, None) => self.tell(to, Event::Refused),
            (false, None) => {}
            (true, Some(link)) => {
                self.sides[to].ends.get_mut(&link).unwrap().open = true;
                let direction = Direction::Outgoing;
                self.tell(to, Event::Connected { link, direction, local: local(to) });
            }
            // Given up meanwhile: the other side sees a connection that ends.
            (false, Some(link)) => {
                let at = self.now + self.delay();
                self.plan(at, Coming::End { to: 1 - to, link });
            }
        }
    }

    /// Bytes arrive: whole messages among them become events.
    fn read(&mut self, to: usize, link: Link, bytes: &[u8]) {
        if let Some(end) = self.sides[to].ends.get_mut(&link) {
            end.inbox.extend_from_slice(bytes);
        }
        loop {
            let Some(end) = self.sides[to].ends.get_mut(&link).filter(|end| end.open) else {
                return;
            };
            let (length, event) = match frame(&end.inbox, end.message_size) {
                Ok(None) => return,
                Ok(Some(found)) => {
                    if found.kind == Kind::Update {
                        end.received += 1;
                        let counted = u32::from_be_bytes(found.body[..4].try_into().unwrap());
                        assert_eq!(counted, end.received, "a message was lost or doubled");
                    }
                    (found.len(), decode(link, found))
                }
                Err(notify) => (0, Event::Fault(link, notify)),
            };
            end.inbox.drain(..length);
            if let Event::Notification(_, notify) = &event {
                let notify = notify.clone();
                self.sides[to].notified.push(notify);
            }
            self.tell(to, event);
        }
    }

    /// Cuts bytes into pieces and lets them arrive one after the other.
    fn send(&mut self, from: usize, link: Link, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.silent {
            let length = 1 + self.dice.roll(u64::try_from(self.weather.piece).unwrap());
            let length = rest.len().min(usize::try_from(length).unwrap());
            let (piece, after) = rest.split_at(length);
            rest = after;
            let at = self.later(from, link);
            self.plan(at, Coming::Piece { to: 1 - from, link, bytes: piece.to_vec() });
        }
    }

    /// When the next piece sent on a connection arrives.
    fn later(&mut self, from: usize, link: Link) -> Instant {
        let at = self.now + self.delay();
        let end = self.sides[from].ends.get_mut(&link).unwrap();
        end.latest = end.latest.max(at);
        end.latest
    }

    /// The end of a side is no more.
    fn shut(&mut self, side: usize, link: Link) {
        self.sides[side].ends.get_mut(&link).unwrap().open = false;
    }

    fn tell(&mut self, to: usize, event: Event) {
        self.sides[to].session.handle(event, self.now);
        while let Some(output) = self.sides[to].session.poll_output() {
            self.act(to, output);
        }
    }

    fn act(&mut self, side: usize, output: Output) {
        match output {
            Output::Connect => {
                self.count += 1;
                let attempt = self.count;
                self.sides[side].attempt = Some(attempt);
                self.sides[side].attempts.push(self.now);
                let at = self.now + self.delay();
                self.plan(at, Coming::Knock { from: side, attempt });
            }
            Output::Abandon => self.sides[side].attempt = None,
            Output::Send(link, message) => {
                let mut bytes = Vec::new();
                message.pack(&mut bytes);
                self.send(side, link, &bytes);
            }
            Output::Close(link) => {
                self.shut(side, link);
                if !self.silent {
                    let at = self.later(side, link);
                    self.plan(at, Coming::End { to: 1 - side, link });
                }
            }
            Output::Arm(timer, after) => {
                self.count += 1;
                let armed = self.count;
                self.sides[side].timers.insert(timer, armed);
                self.plan(self.now + after, Coming::Due { to: side, timer, armed });
            }
            Output::Disarm(timer) => {
                self.sides[side].timers.remove(&timer);
            }
            Output::Negotiated(link, negotiated) => {
                let end = self.sides[side].ends.get_mut(&link).unwrap();
                end.message_size = negotiated.message_size;
            }
            Output::Up(link, _) => {
                self.sides[side].ups += 1;
                self.updates(side, link, 20);
            }
            Output::Down(reason) => self.sides[side].downs.push((self.now, reason)),
            Output::Changed(..) | Output::Connected(_) | Output::Finished => {}
        }
    }

    /// Sends UPDATEs, numbered; one in ten may be as long as was agreed.
    fn updates(&mut self, side: usize, link: Link, count: u32) {
        for _ in 0..count {
            let end = self.sides[side].ends.get_mut(&link).unwrap();
            end.sent += 1;
            let number = end.sent;
            let room = if number.is_multiple_of(10) {
                end.message_size - message::HEADER - 4
            } else {
                300
            };
            let padding = usize::try_from(self.dice.roll(u64::try_from(room).unwrap())).unwrap();
            let mut bytes = Vec::new();
            message::write(&mut bytes, Kind::Update, |writer| {
                writer.u32(number);
                writer.bytes(&vec![0xff; padding]);
            })
            .unwrap();
            self.send(side, link, &bytes);
        }
    }

    /// Breaks every connection, what is under way included.
    fn cut(&mut self) {
        self.coming
            .retain(|_, coming| !matches!(coming, Coming::Piece { .. } | Coming::End { .. }));
        for side in 0..2 {
            let open = self.sides[side].ends.iter().filter(|(_, end)| end.open);
            let mut links: Vec<Link> = open.map(|(link, _)| *link).collect();
            links.sort_unstable();
            for link in links {
                let at = self.now + self.delay();
                self.plan(at, Coming::End { to: side, link });
            }
        }
    }

    fn state(&self, side: usize) -> State {
        self.sides[side].session.state()
    }

    /// Both sides are established, on the same connection.
    fn is_up(&self) -> bool {
        let [left, right] = &self.sides;
        self.state(0) == State::Established
            && self.state(1) == State::Established
            && left.session.link() == right.session.link()
    }

    /// Starts both within a moment and waits until they are up.
    fn come_up(&mut self) {
        for side in 0..2 {
            let after = self.delay();
            self.decide(side, after, Event::Start);
        }
        assert!(self.run_until(SECOND * 300, Self::is_up), "they do not come up");
    }

    /// What must hold once they are up and nobody disturbs them.
    fn settle(&mut self) {
        self.run(SECOND * 30);
        assert!(self.is_up(), "they do not stay up");
        let link = self.sides[0].session.link().unwrap();
        for side in &self.sides {
            let open = side.ends.iter().filter(|(_, end)| end.open);
            assert_eq!(open.map(|(link, _)| *link).collect::<Vec<_>>(), [link]);
            assert!(side.session.rival().is_none());
        }
        let [left, right] = [0, 1].map(|side| &self.sides[side].ends[&link]);
        assert_eq!((left.sent, right.sent), (right.received, left.received));
        assert!(left.sent >= 20);
        let [left, right] = [0, 1].map(|side| self.sides[side].session.negotiated().unwrap());
        assert_eq!((left.local_as, left.peer_as), (right.peer_as, right.local_as));
        assert_eq!(left.hold_time, right.hold_time);
        assert_eq!(left.families, right.families);
    }
}

fn decode(link: Link, found: Frame<'_>) -> Event {
    match found.kind {
        Kind::Open => match Open::unpack(found.body) {
            Ok(open) => Event::Open(link, Box::new(open)),
            Err(notify) => Event::Fault(link, notify),
        },
        Kind::Notification => Event::Notification(link, Notify::unpack(found.body)),
        Kind::RouteRefresh => match RouteRefresh::unpack(found.body) {
            Ok(_) => Event::Message(link, found.kind),
            Err(notify) => Event::Fault(link, notify),
        },
        Kind::Update | Kind::Keepalive | Kind::Operational => Event::Message(link, found.kind),
    }
}

fn local(side: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, if side == 0 { 1 } else { 2 }))
}

/// Two neighbors of each other, internal, on IPv4 unicast.
fn neighbors(
    change: impl FnOnce(&mut SessionSettings, &mut SessionSettings),
) -> [SessionSettings; 2] {
    let neighbor = |side: usize| {
        let mut settings = SessionSettings::new(Prefix::host(local(1 - side)));
        settings.local_address = Some(local(side));
        settings.local_as = Some(Asn(65000));
        settings.peer_as = Some(Asn(65000));
        settings.families = vec![Family::IPV4_UNICAST];
        settings
    };
    let (mut left, mut right) = (neighbor(0), neighbor(1));
    change(&mut left, &mut right);
    [left, right]
}

fn weather(delay: u64, piece: usize) -> Weather {
    Weather { delay: Duration::from_millis(delay), piece }
}

fn one_way(left: &mut SessionSettings, _: &mut SessionSettings) {
    left.passive = true;
}

#[test]
fn messages_in_pieces_of_any_length() {
    for (seed, piece) in [1, 2, 3, 7, 18, 19, 20, 23, 100, 4096, 100_000].into_iter().enumerate() {
        let seed = u64::try_from(seed).unwrap();
        let mut world = World::new(seed, weather(0, piece), neighbors(one_way));
        world.come_up();
        world.settle();
        assert_eq!(world.now - world.start, SECOND * 30, "no time passes without delay");
    }
}

#[test]
fn delays_of_any_length() {
    for seed in 0..200 {
        let mut world = World::new(seed, weather(1 + seed * 7, 3000), neighbors(one_way));
        world.come_up();
        world.settle();
        assert_eq!(world.sides[0].ups + world.sides[1].ups, 2);
    }
}

#[test]
fn long_and_short_messages_are_what_was_agreed() {
    for seed in 0..40 {
        let settings = neighbors(|left, right| {
            left.passive = true;
            left.capability.extended_message = seed % 2 == 0;
            right.capability.extended_message = seed % 4 < 2;
        });
        let mut world = World::new(seed, weather(5, 9000), settings);
        world.come_up();
        world.settle();
        let agreed = world.sides[0].session.negotiated().unwrap().message_size;
        assert_eq!(agreed, if seed % 4 == 0 { 65535 } else { 4096 });
    }
}

#[test]
fn both_connect_at_once() {
    let mut collisions = 0;
    for seed in 0..600 {
        let mut dice = Dice::new(seed ^ 0xc011);
        let settings = neighbors(|left, right| {
            let mut id = || Some(Ipv4Addr::new(10, 0, 0, u8::try_from(1 + dice.roll(3)).unwrap()));
            (left.router_id, right.router_id) = (id(), id());
            if left.router_id == right.router_id {
                // Equal identifiers belong to different AS (RFC 6286).
                (left.local_as, right.peer_as) = (Some(Asn(70_000)), Some(Asn(70_000)));
            }
            if dice.roll(4) == 0 {
                left.local_as = None;
                right.peer_as = None;
                left.peer_as = right.local_as;
                right.router_id = Some(Ipv4Addr::new(10, 0, 0, 9));
            }
        });
        let mut world = World::new(seed, weather(1 + dice.roll(200), 2000), settings);
        world.come_up();
        world.settle();
        let told = world.sides.iter().flat_map(|side| &side.notified);
        collisions += told.filter(|notify| (notify.code, notify.subcode) == (6, 7)).count();
        for notify in world.sides.iter().flat_map(|side| &side.notified) {
            // The side that starts last turns connections away until it does.
            assert!(matches!((notify.code, notify.subcode), (6, 5 | 7)), "{notify}");
        }
    }
    assert!(collisions > 300, "only {collisions} collisions in 600 seeds");
}

#[test]
fn connections_that_break_at_any_moment() {
    for seed in 0..300 {
        let settings = neighbors(|left, _| left.passive = seed % 2 == 0);
        let mut world = World::new(seed, weather(30, 1500), settings);
        for side in 0..2 {
            world.decide(side, Duration::ZERO, Event::Start);
        }
        for _ in 0..8 {
            let time = world.dice.up_to(Duration::from_millis(400));
            world.run(time);
            world.cut();
        }
        assert!(world.run_until(SECOND * 300, World::is_up), "they do not come back");
        world.settle();
    }
}

#[test]
fn silence_is_noticed_by_both_and_healed() {
    for seed in 0..60 {
        let hold = u16::try_from(3 + seed % 20).unwrap();
        let settings = neighbors(|left, right| {
            left.passive = true;
            left.hold_time = 3 * hold;
            right.hold_time = hold;
        });
        let mut world = World::new(seed, weather(20, 1500), settings);
        world.come_up();
        // Long enough for every timer to be in its stride.
        let time = world.dice.up_to(SECOND * 60);
        world.run(time);
        assert!(world.is_up());
        world.sides.iter_mut().for_each(|side| side.downs.clear());
        world.silent = true;
        let began = world.now;
        world.run(SECOND * 120);
        for side in &world.sides {
            let (at, reason) = side.downs.first().unwrap();
            assert_eq!(*reason, Reason::Sent(4, 0));
            let noticed = *at - began;
            let hold = Duration::from_secs(hold.into());
            // The last message may be as old as the pause between two KEEPALIVEs.
            assert!(noticed <= hold + SECOND && noticed >= hold * 2 / 3 - SECOND, "{noticed:?}");
        }
        world.silent = false;
        assert!(world.run_until(SECOND * 300, World::is_up), "they do not come back");
        world.settle();
    }
}

#[test]
fn a_peer_that_refuses_is_tried_at_the_gaps_that_are_known() {
    let mut world = World::new(0, weather(0, 1000), neighbors(one_way));
    world.sides[0].listens = false;
    world.decide(1, Duration::ZERO, Event::Start);
    world.decide(0, Duration::ZERO, Event::Start);
    world.run(SECOND * 600);
    let attempts = &world.sides[1].attempts;
    let gaps: Vec<u64> = attempts.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    let expected = [0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21, 26, 32, 39, 47, 57, 60, 60, 60, 60, 60];
    assert_eq!(gaps, expected);
    assert!(world.sides[1].downs.is_empty(), "what was never up does not go down");
    world.sides[0].listens = true;
    assert!(world.run_until(SECOND * 61, World::is_up));
    // Once established, the gaps start over.
    world.sides[0].listens = false;
    world.cut();
    let (cut, known) = (world.now, world.sides[1].attempts.len());
    world.run(SECOND * 20);
    let attempts = &world.sides[1].attempts[known..];
    let gaps: Vec<u64> = attempts.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert_eq!((attempts[0] - cut, gaps.as_slice()), (Duration::ZERO, &[1, 2, 3, 4, 5][..]));
}

#[test]
fn sides_that_disagree_tell_each_other_and_rest() {
    for seed in 0..20 {
        let settings = neighbors(|left, _| {
            left.passive = true;
            left.peer_as = Some(Asn(64999));
        });
        let mut world = World::new(seed, weather(10, 1000), settings);
        world.decide(0, Duration::ZERO, Event::Start);
        world.decide(1, Duration::ZERO, Event::Start);
        world.run(SECOND * 600);
        assert_eq!(world.sides[0].ups + world.sides[1].ups, 0);
        let notified = &world.sides[1].notified;
        assert!(notified.iter().all(|notify| (notify.code, notify.subcode) == (2, 2)));
        assert!((15..30).contains(&notified.len()), "{} attempts", notified.len());
    }
}

#[test]
fn operators_at_work() {
    for seed in 0..300 {
        let settings = neighbors(|left, right| {
            left.capability.graceful_restart = (seed % 3 == 0).then_some(60);
            right.capability.route_refresh = true;
        });
        let mut world = World::new(seed, weather(20, 1500), settings);
        world.come_up();
        for _ in 0..6 {
            let to = usize::try_from(world.dice.roll(2)).unwrap();
            let event = match world.dice.roll(3) {
                0 => Event::Teardown(4),
                1 => {
                    let mut settings = (**world.sides[to].session.settings()).clone();
                    settings.hold_time = 30 + u16::try_from(world.dice.roll(60)).unwrap();
                    Event::Reconfigured(Rc::new(settings))
                }
                _ => Event::Teardown(2),
            };
            let after = world.dice.up_to(Duration::from_millis(300));
            world.decide(to, after, event);
            world.run(after);
        }
        assert!(world.run_until(SECOND * 300, World::is_up), "they do not come back");
        world.settle();
        let known = world.sides[1].downs.len();
        world.tell(0, Event::Stop(Stop::ShuttingDown));
        world.run(SECOND);
        assert!(world.sides[0].session.is_finished());
        let silent = seed % 3 == 0;
        let (_, reason) = world.sides[1].downs[known];
        let expected = if silent { Reason::Closed } else { Reason::Received(6, 2) };
        assert_eq!(reason, expected);
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    let story = || {
        let mut world = World::new(42, weather(100, 500), neighbors(|_, _| {}));
        world.come_up();
        world.cut();
        world.run(SECOND * 100);
        let downs = world.sides.iter().flat_map(|side| &side.downs);
        let downs: Vec<_> = downs.map(|(at, reason)| (*at - world.start, *reason)).collect();
        (downs, world.count)
    };
    assert_eq!(story(), story());
}
