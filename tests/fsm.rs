//! The session told what happens, and what it then wants done, word for word.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail where it stands"
)]

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use exabgp::bgp::fsm::{
    Direction, Event, Link, Message, Output, Policy, Session, State, Stop, Timer,
};
use exabgp::bgp::message::open::Identity;
use exabgp::bgp::message::{Kind, Notify, Open};
use exabgp::bgp::neighbor::SessionSettings;
use exabgp::protocol::{Asn, Family, Prefix};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 9, 9));
const HIGHER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
const LOWER: Ipv4Addr = Ipv4Addr::new(1, 1, 1, 1);
const FIRST: Link = Link(1);
const SECOND: Link = Link(2);

/// A session, the time, and the timers that it armed.
struct Bench {
    session: Session,
    now: Instant,
    timers: HashMap<Timer, Instant>,
}

impl Bench {
    fn new(change: impl FnOnce(&mut SessionSettings, &mut Policy)) -> Self {
        let mut settings = neighbor(65010, 65020);
        settings.router_id = Some(Ipv4Addr::new(10, 9, 9, 9));
        let mut policy = Policy::default();
        change(&mut settings, &mut policy);
        let now = start_of_time();
        let session = Session::new(Rc::new(settings), policy, now);
        Self { session, now, timers: HashMap::new() }
    }

    /// A session that was started and connected.
    fn connected(change: impl FnOnce(&mut SessionSettings, &mut Policy)) -> Self {
        let mut bench = Self::new(change);
        bench.tell(Event::Start);
        bench.tell(outgoing(FIRST));
        bench
    }

    /// A session that took the OPEN of a peer of this identifier.
    fn confirming(router_id: Ipv4Addr) -> Self {
        let mut bench = Self::connected(|_, _| {});
        bench.tell(Event::Open(FIRST, open(router_id, 180)));
        bench
    }

    fn established(change: impl FnOnce(&mut SessionSettings, &mut Policy)) -> Self {
        let mut bench = Self::connected(change);
        bench.tell(Event::Open(FIRST, open(HIGHER, 180)));
        bench.tell(Event::Message(FIRST, Kind::Keepalive));
        assert_eq!(bench.session.state(), State::Established);
        bench
    }

    /// What the session wants done after an event; timers apart.
    fn tell(&mut self, event: Event) -> Vec<String> {
        self.session.handle(event, self.now);
        let mut wanted = Vec::new();
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Arm(timer, after) => {
                    self.timers.insert(timer, self.now + after);
                }
                Output::Disarm(timer) => {
                    self.timers.remove(&timer);
                }
                other => wanted.push(word(&other)),
            }
        }
        wanted
    }

    /// Lets the earliest timer fire; answers which, how long it took, and what came of it.
    fn wait(&mut self) -> (Timer, Duration, Vec<String>) {
        let earliest = self.timers.iter().min_by_key(|(timer, due)| (**due, **timer));
        let (timer, due) = earliest.map(|(timer, due)| (*timer, *due)).expect("a timer is armed");
        self.timers.remove(&timer);
        let passed = due.saturating_duration_since(self.now);
        self.now += passed;
        (timer, passed, self.tell(Event::Fired(timer)))
    }

    fn after(&mut self, duration: Duration) {
        self.now += duration;
    }
}

/// A neighbor on loopback with these AS numbers and IPv4 unicast alone.
fn neighbor(local_as: u32, peer_as: u32) -> SessionSettings {
    let mut settings = SessionSettings::new(Prefix::host(Ipv4Addr::LOCALHOST.into()));
    settings.local_address = Some(Ipv4Addr::LOCALHOST.into());
    settings.local_as = Some(Asn(local_as));
    settings.peer_as = Some(Asn(peer_as));
    settings.families = vec![Family::IPV4_UNICAST];
    settings
}

fn start_of_time() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "any instant will do, and there is no other")]
    Instant::now()
}

fn word(output: &Output) -> String {
    match output {
        Output::Connect => "connect".to_owned(),
        Output::Abandon => "abandon".to_owned(),
        Output::Send(Link(link), Message::Notification(notify)) => {
            format!("{link}: {}/{}", notify.code, notify.subcode)
        }
        Output::Send(Link(link), message) => format!("{link}: {}", message.kind()),
        Output::Close(Link(link)) => format!("{link}: close"),
        Output::Arm(timer, _) | Output::Disarm(timer) => format!("{timer:?}"),
        Output::Changed(_, state) => state.to_string(),
        Output::Connected(Link(link)) => format!("{link}: connected"),
        Output::Negotiated(Link(link), _) => format!("{link}: negotiated"),
        Output::Up(Link(link), _) => format!("{link}: up"),
        Output::Down(reason) => format!("down: {reason}"),
        Output::Finished => "finished".to_owned(),
    }
}

fn outgoing(link: Link) -> Event {
    Event::Connected { link, direction: Direction::Outgoing, local: HERE }
}

fn incoming(link: Link) -> Event {
    Event::Connected { link, direction: Direction::Incoming, local: HERE }
}

fn open_of(asn: u32, router_id: Ipv4Addr, hold_time: u16) -> Box<Open> {
    let mut settings = neighbor(asn, 65010);
    settings.hold_time = hold_time;
    let identity = Identity { asn: Asn(asn), router_id, restarting: true };
    let open = Open::from_settings(&settings, identity).unwrap();
    let mut bytes = Vec::new();
    open.pack(&mut bytes);
    Box::new(Open::unpack(&bytes[19..]).unwrap())
}

fn open(router_id: Ipv4Addr, hold_time: u16) -> Box<Open> {
    open_of(65020, router_id, hold_time)
}

const SECOND_LONG: Duration = Duration::from_secs(1);

#[test]
fn from_start_to_establishment() {
    let mut bench = Bench::new(|_, _| {});
    assert_eq!(bench.tell(Event::Start), ["ACTIVE", "connect", "IDLE"]);
    assert_eq!(bench.tell(Event::Start), [""; 0]);
    let wanted = ["1: connected", "CONNECT", "1: open", "OPENSENT"];
    assert_eq!(bench.tell(outgoing(FIRST)), wanted);
    let wanted = ["1: negotiated", "OPENCONFIRM", "1: keepalive"];
    assert_eq!(bench.tell(Event::Open(FIRST, open(HIGHER, 90))), wanted);
    assert_eq!(bench.session.negotiated().unwrap().hold_time, 90);
    assert_eq!(bench.session.received_open().unwrap().router_id, HIGHER);
    let wanted = ["ESTABLISHED", "1: up"];
    assert_eq!(bench.tell(Event::Message(FIRST, Kind::Keepalive)), wanted);
    assert_eq!(bench.tell(Event::Message(FIRST, Kind::Update)), [""; 0]);
    assert_eq!(bench.session.link(), Some(FIRST));
}

#[test]
fn a_passive_session_waits() {
    for change in [
        |settings: &mut SessionSettings, _: &mut Policy| settings.passive = true,
        |_: &mut SessionSettings, policy: &mut Policy| policy.passive = true,
    ] {
        let mut bench = Bench::new(change);
        assert_eq!(bench.tell(Event::Start), ["ACTIVE"]);
        assert!(bench.timers.is_empty());
        let wanted = ["IDLE", "1: connected", "CONNECT", "1: open", "OPENSENT"];
        assert_eq!(bench.tell(incoming(FIRST)), wanted);
        let wanted = ["down: closing connection", "IDLE", "ACTIVE"];
        assert_eq!(bench.tell(Event::Lost(FIRST)), wanted);
        assert!(bench.timers.is_empty());
    }
}

#[test]
fn messages_out_of_place_are_told() {
    for kind in [Kind::Keepalive, Kind::Update, Kind::RouteRefresh, Kind::Operational] {
        let mut bench = Bench::connected(|_, _| {});
        let wanted = ["1: 5/1", "1: close", "down: notification sent (5,1)", "IDLE"];
        assert_eq!(bench.tell(Event::Message(FIRST, kind)), wanted);
    }
    for kind in [Kind::Update, Kind::RouteRefresh, Kind::Operational] {
        let mut bench = Bench::confirming(HIGHER);
        assert_eq!(bench.tell(Event::Message(FIRST, kind))[0], "1: 5/2");
    }
    let mut bench = Bench::confirming(HIGHER);
    assert_eq!(bench.tell(Event::Open(FIRST, open(HIGHER, 180)))[0], "1: 5/2");
    let mut bench = Bench::established(|_, _| {});
    let wanted = ["1: 5/3", "1: close", "down: notification sent (5,3)", "IDLE"];
    assert_eq!(bench.tell(Event::Open(FIRST, open(HIGHER, 180))), wanted);
}

#[test]
fn an_open_that_is_not_acceptable_gets_no_keepalive() {
    for (theirs, subcode) in [
        (open_of(65021, HIGHER, 180), 2),
        (open(Ipv4Addr::UNSPECIFIED, 180), 3),
        (open(HIGHER, 1), 6),
    ] {
        let mut bench = Bench::connected(|_, _| {});
        let wanted = bench.tell(Event::Open(FIRST, theirs));
        assert_eq!(wanted[..2], [format!("1: 2/{subcode}"), "1: close".to_owned()]);
    }
}

#[test]
fn a_peer_that_sends_no_open_is_told() {
    let mut bench = Bench::connected(|_, policy| policy.open_wait = SECOND_LONG * 2);
    let (timer, passed, wanted) = bench.wait();
    assert_eq!((timer, passed), (Timer::OpenWait, SECOND_LONG * 2));
    assert_eq!(wanted, ["1: 5/1", "1: close", "down: notification sent (5,1)", "IDLE"]);
}

#[test]
fn silence_ends_a_session_after_the_hold_time() {
    let mut bench = Bench::connected(|_, _| {});
    bench.tell(Event::Open(FIRST, open(HIGHER, 3)));
    bench.tell(Event::Message(FIRST, Kind::Keepalive));
    bench.after(Duration::from_millis(500));
    bench.tell(Event::Message(FIRST, Kind::Update));
    let heard = bench.now;
    let mut keepalives = 0;
    loop {
        let (timer, _, wanted) = bench.wait();
        match (timer, wanted.as_slice()) {
            (Timer::Keepalive, [sent]) if sent == "1: keepalive" => keepalives += 1,
            // The timer was armed before the peer was heard last.
            (Timer::Hold, []) => {}
            (Timer::Hold, [notification, ..]) if notification == "1: 4/0" => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bench.now - heard, SECOND_LONG * 3);
    assert_eq!(keepalives, 3);
}

#[test]
fn a_session_under_load_never_touches_its_hold_timer() {
    let mut bench = Bench::established(|_, _| {});
    let armed = bench.timers[&Timer::Hold];
    for _ in 0..1000 {
        bench.after(Duration::from_millis(10));
        bench.session.handle(Event::Message(FIRST, Kind::Update), bench.now);
        assert_eq!(bench.session.poll_output(), None);
    }
    assert_eq!(bench.timers[&Timer::Hold], armed);
}

#[test]
fn a_peer_that_waits_for_us_is_alive() {
    let mut bench = Bench::established(|_, _| {});
    bench.after(SECOND_LONG * 180);
    bench.tell(Event::Waiting(FIRST));
    assert_eq!(bench.tell(Event::Fired(Timer::Hold)), [""; 0]);
    assert_eq!(bench.timers[&Timer::Hold], bench.now + SECOND_LONG * 180);
}

#[test]
fn keepalives_keep_their_pace() {
    let mut bench = Bench::established(|_, _| {});
    let first = bench.now;
    for count in 1..=3 {
        let due = bench.timers[&Timer::Keepalive];
        assert_eq!(due, first + SECOND_LONG * 60 * count);
        // The wheel is late, which must not add up.
        bench.now = due + Duration::from_millis(7);
        assert_eq!(bench.tell(Event::Fired(Timer::Keepalive)), ["1: keepalive"]);
    }
}

#[test]
fn without_hold_time_nobody_watches() {
    let mut bench = Bench::connected(|settings, _| settings.hold_time = 0);
    let wanted = bench.tell(Event::Open(FIRST, open(HIGHER, 180)));
    assert_eq!(wanted.last().unwrap(), "1: keepalive");
    // Something must end the wait for the confirmation.
    assert_eq!(bench.timers.keys().collect::<Vec<_>>(), [&Timer::OpenWait]);
    for _ in 0..3 {
        bench.tell(Event::Message(FIRST, Kind::Keepalive));
    }
    assert_eq!(bench.session.state(), State::Established);
    assert!(bench.timers.is_empty());
}

#[test]
fn a_peer_that_never_confirms_is_left() {
    for (hold_time, timer) in [(0, Timer::OpenWait), (30, Timer::Hold)] {
        let mut bench = Bench::connected(|_, _| {});
        bench.tell(Event::Open(FIRST, open(HIGHER, hold_time)));
        let (fired, wanted) = loop {
            match bench.wait() {
                (Timer::Keepalive, ..) => {}
                (fired, _, wanted) => break (fired, wanted),
            }
        };
        assert_eq!((fired, wanted[0].as_str()), (timer, "1: 4/0"));
    }
}

#[test]
fn attempts_are_further_and_further_apart() {
    let mut bench = Bench::new(|_, _| {});
    bench.tell(Event::Start);
    let mut gaps = Vec::new();
    for _ in 0..12 {
        assert_eq!(bench.tell(Event::Refused), [""; 0]);
        let (timer, passed, wanted) = bench.wait();
        assert_eq!(timer, Timer::ConnectRetry);
        assert_eq!(wanted, ["ACTIVE", "connect", "IDLE"]);
        gaps.push(passed.as_secs());
    }
    assert_eq!(gaps, [0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21]);
    assert_eq!(bench.session.attempts(), 13);
}

#[test]
fn a_peer_that_closes_after_accepting_is_tried_as_rarely() {
    let mut bench = Bench::new(|_, _| {});
    bench.tell(Event::Start);
    let mut gaps = Vec::new();
    for link in 1..=6 {
        bench.tell(outgoing(Link(link)));
        bench.tell(Event::Lost(Link(link)));
        gaps.push(bench.wait().1.as_secs());
    }
    assert_eq!(gaps, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn after_an_established_session_the_first_attempt_is_immediate() {
    let mut bench = Bench::new(|_, _| {});
    bench.tell(Event::Start);
    for _ in 0..5 {
        bench.tell(Event::Refused);
        bench.wait();
    }
    bench.tell(outgoing(FIRST));
    bench.tell(Event::Open(FIRST, open(HIGHER, 180)));
    bench.tell(Event::Message(FIRST, Kind::Keepalive));
    let wanted = bench.tell(Event::Notification(FIRST, Notify::new(6, 4)));
    assert_eq!(wanted, ["1: close", "down: notification received (6,4)", "IDLE"]);
    let (timer, passed, _) = bench.wait();
    assert_eq!((timer, passed), (Timer::ConnectRetry, Duration::ZERO));
}

#[test]
fn attempts_may_run_out() {
    let mut bench = Bench::new(|_, policy| policy.attempts = 2);
    bench.tell(Event::Start);
    bench.tell(Event::Refused);
    bench.wait();
    assert_eq!(bench.tell(Event::Refused), ["finished"]);
    assert!(bench.session.is_finished() && bench.timers.is_empty());
    let mut bench = Bench::established(|_, policy| policy.attempts = 1);
    let wanted = ["down: closing connection", "IDLE", "finished"];
    assert_eq!(bench.tell(Event::Lost(FIRST)), wanted);
}

#[test]
fn a_peer_out_of_a_range_is_gone_with_its_connection() {
    let mut bench = Bench::new(|settings, policy| {
        settings.passive = true;
        policy.ephemeral = true;
    });
    bench.tell(Event::Start);
    bench.tell(incoming(FIRST));
    assert_eq!(bench.tell(Event::Lost(FIRST)).last().unwrap(), "finished");
}

#[test]
fn our_as_may_be_that_of_the_peer() {
    let mut bench = Bench::new(|settings, _| {
        settings.local_as = None;
        settings.peer_as = None;
    });
    bench.tell(Event::Start);
    assert_eq!(bench.tell(outgoing(FIRST)), ["1: connected", "CONNECT"]);
    let wanted = ["1: open", "OPENSENT", "1: negotiated", "OPENCONFIRM", "1: keepalive"];
    let theirs = open_of(4_200_000_000, HIGHER, 180);
    assert_eq!(bench.tell(Event::Open(FIRST, theirs)), wanted);
    let negotiated = bench.session.negotiated().unwrap();
    assert_eq!(negotiated.local_as, Asn(4_200_000_000));
    assert!(negotiated.is_internal());
    assert_eq!(bench.session.sent_open().unwrap().asn, Asn(4_200_000_000));
}

#[test]
fn the_identifier_may_be_our_address() {
    let bench = Bench::connected(|settings, _| {
        settings.router_id = None;
        settings.local_address = None;
    });
    let ours = bench.session.sent_open().unwrap();
    assert_eq!(ours.router_id, Ipv4Addr::new(10, 9, 9, 9));
    let mut bench = Bench::new(|settings, _| {
        settings.router_id = None;
        settings.local_address = None;
    });
    bench.tell(Event::Start);
    let local = "2001:db8::1".parse().unwrap();
    let wanted =
        bench.tell(Event::Connected { link: FIRST, direction: Direction::Outgoing, local });
    assert_eq!(
        wanted[2..4],
        ["1: close", "down: no OPEN can be sent: router-id or AS number missing"]
    );
}

#[test]
fn a_teardown_says_its_code_and_comes_back_at_once() {
    let mut bench = Bench::established(|_, _| {});
    let wanted = ["1: 6/4", "1: close", "down: notification sent (6,4)", "IDLE"];
    assert_eq!(bench.tell(Event::Teardown(4)), wanted);
    assert_eq!(bench.wait().1, Duration::ZERO);
    let mut bench = Bench::new(|_, _| {});
    bench.tell(Event::Start);
    for _ in 0..5 {
        bench.tell(Event::Refused);
        bench.wait();
    }
    bench.tell(Event::Refused);
    assert_eq!(bench.tell(Event::Teardown(4)), [""; 0]);
    assert_eq!(bench.wait().1, Duration::ZERO);
}

#[test]
fn routes_survive_a_graceful_end() {
    let graceful = |settings: &mut SessionSettings, _: &mut Policy| {
        settings.capability.graceful_restart = Some(60);
    };
    let gone = "down: graceful restarted negotiated, closing without sending any notification";
    let mut bench = Bench::established(graceful);
    assert_eq!(bench.tell(Event::Teardown(4)), ["1: close", gone, "IDLE"]);
    let mut bench = Bench::established(graceful);
    let wanted = ["1: close", "down: stop, message [shutting down]", "IDLE", "finished"];
    assert_eq!(bench.tell(Event::Stop(Stop::ShuttingDown)), wanted);
    let mut bench = Bench::established(graceful);
    let settings = neighbor(65010, 65020);
    let wanted = bench.tell(Event::Reconfigured(Rc::new(settings)));
    assert_eq!(wanted, ["1: close", gone, "IDLE"]);
    // A neighbor that is removed does not come back: its routes must go.
    let mut bench = Bench::established(graceful);
    assert_eq!(bench.tell(Event::Stop(Stop::Removed))[0], "1: 6/3");
    // Before establishment the peer has no routes to keep.
    let mut bench = Bench::connected(graceful);
    assert_eq!(bench.tell(Event::Teardown(4))[0], "1: 6/4");
}

#[test]
fn the_end_is_said() {
    for (stop, subcode, reason) in [
        (Stop::Removed, 3, "down: stop, message [removed]"),
        (Stop::ShuttingDown, 2, "down: stop, message [shutting down]"),
        (Stop::Process, 2, "down: process problem"),
    ] {
        let mut bench = Bench::established(|_, _| {});
        let notification = format!("1: 6/{subcode}");
        let wanted = [notification.as_str(), "1: close", reason, "IDLE", "finished"];
        assert_eq!(bench.tell(Event::Stop(stop)), wanted);
        assert!(bench.timers.is_empty());
        assert_eq!(bench.tell(incoming(SECOND)), ["2: 6/3", "2: close"]);
        assert_eq!(bench.tell(Event::Start), [""; 0]);
    }
    let mut bench = Bench::new(|_, _| {});
    bench.tell(Event::Start);
    assert_eq!(bench.tell(Event::Stop(Stop::Removed)), ["abandon", "finished"]);
}

#[test]
fn other_settings_are_used_at_once() {
    let mut bench = Bench::established(|_, _| {});
    let mut settings = neighbor(65010, 65020);
    settings.hold_time = 90;
    settings.router_id = Some(LOWER);
    let wanted = ["1: 6/3", "1: close", "down: notification sent (6,3)", "IDLE"];
    assert_eq!(bench.tell(Event::Reconfigured(Rc::new(settings))), wanted);
    assert_eq!(bench.wait().1, Duration::ZERO);
    bench.tell(outgoing(SECOND));
    let ours = bench.session.sent_open().unwrap();
    assert_eq!((ours.hold_time, ours.router_id), (90, LOWER));
}

#[test]
fn a_second_connection_does_not_touch_an_established_session() {
    let mut bench = Bench::established(|_, _| {});
    assert_eq!(bench.tell(incoming(SECOND)), ["2: 6/7", "2: close"]);
    assert_eq!(bench.session.link(), Some(FIRST));
    assert_eq!(bench.tell(Event::Message(SECOND, Kind::Update)), [""; 0]);
}

#[test]
fn an_incoming_connection_while_ours_waits_for_the_open() {
    for (router_id, first_ends_at) in [(HIGHER, 1), (LOWER, 2)] {
        let mut bench = Bench::connected(|_, _| {});
        assert_eq!(bench.tell(incoming(SECOND)), ["2: open"]);
        assert_eq!(bench.session.rival(), Some(SECOND));
        let opened = bench.tell(Event::Open(SECOND, open(router_id, 180)));
        let established = bench.tell(Event::Message(SECOND, Kind::Keepalive));
        assert_eq!(established.last().unwrap(), "2: up");
        // The loser is told as soon as it is known to lose: by its identifier when the peer's is
        // the higher, else when the other connection is established.
        let told = if first_ends_at == 1 { &opened } else { &established };
        let position = told.iter().position(|word| word == "1: 6/7").unwrap();
        assert_eq!(told[position + 1], "1: close");
        assert_eq!(bench.session.link(), Some(SECOND));
    }
}

#[test]
fn a_peer_that_is_silent_on_both_connections_is_met_on_its_last() {
    let mut bench = Bench::connected(|_, _| {});
    bench.after(SECOND_LONG * 5);
    bench.tell(incoming(SECOND));
    let (timer, passed, wanted) = bench.wait();
    assert_eq!((timer, passed), (Timer::OpenWait, SECOND_LONG));
    assert_eq!(wanted[..2], ["1: 6/7", "1: close"]);
    assert_eq!(wanted[4..], ["2: connected", "CONNECT", "OPENSENT"]);
    // It then has the whole time for its OPEN, counted from when it connected.
    assert_eq!(bench.wait().1, SECOND_LONG * 59);
}

#[test]
fn both_connections_get_an_open_and_the_higher_speaker_decides() {
    // Ours got its OPEN first, but the peer is higher: its connection survives.
    let mut bench = Bench::connected(|_, _| {});
    bench.tell(incoming(SECOND));
    bench.tell(Event::Open(FIRST, open(HIGHER, 180)));
    assert_eq!(bench.session.rival(), Some(SECOND));
    let wanted = bench.tell(Event::Open(SECOND, open(HIGHER, 180)));
    assert_eq!(
        wanted,
        [
            "1: 6/7",
            "1: close",
            "down: closing outgoing connection as we have another incoming on with higher router-id",
            "IDLE",
            "2: connected",
            "CONNECT",
            "OPENSENT",
            "2: negotiated",
            "OPENCONFIRM",
            "2: keepalive"
        ]
    );
    // We are higher: the peer's connection is told as soon as the OPEN is known.
    let mut bench = Bench::connected(|_, _| {});
    bench.tell(incoming(SECOND));
    let wanted = bench.tell(Event::Open(FIRST, open(LOWER, 180)));
    assert_eq!(wanted[3..], ["2: 6/7", "2: close"]);
    assert_eq!(bench.session.link(), Some(FIRST));
}

#[test]
fn an_incoming_connection_when_the_open_is_known() {
    let mut bench = Bench::confirming(HIGHER);
    let wanted = bench.tell(incoming(SECOND));
    assert_eq!(wanted[..2], ["1: 6/7", "1: close"]);
    assert_eq!(wanted[4..], ["2: connected", "CONNECT", "2: open", "OPENSENT"]);
    let mut bench = Bench::confirming(LOWER);
    assert_eq!(bench.tell(incoming(SECOND)), ["2: 6/7", "2: close"]);
    assert_eq!(bench.session.state(), State::OpenConfirm);
}

#[test]
fn a_connection_of_ours_that_comes_late() {
    let mut bench = Bench::new(|_, _| {});
    bench.tell(Event::Start);
    let wanted = ["1: connected", "CONNECT", "1: open", "OPENSENT"];
    assert_eq!(bench.tell(incoming(FIRST)), wanted);
    bench.tell(Event::Open(FIRST, open(LOWER, 180)));
    // We are higher, but the peer may be further on the other connection: its OPEN decides.
    assert_eq!(bench.tell(outgoing(SECOND)), ["2: open"]);
    let wanted = bench.tell(Event::Open(SECOND, open(LOWER, 180)));
    assert_eq!(wanted[..2], ["1: 6/7", "1: close"]);
    assert_eq!(bench.session.link(), Some(SECOND));
    // Established on the connection of the peer, the attempt is given up.
    let mut bench = Bench::new(|_, _| {});
    bench.tell(Event::Start);
    bench.tell(incoming(FIRST));
    bench.tell(Event::Open(FIRST, open(LOWER, 180)));
    let wanted = bench.tell(Event::Message(FIRST, Kind::Keepalive));
    assert_eq!(wanted, ["abandon", "ESTABLISHED", "1: up"]);
    assert_eq!(bench.tell(outgoing(SECOND)), ["2: close"]);
}

#[test]
fn the_rival_takes_over_when_the_first_connection_is_lost() {
    let mut bench = Bench::connected(|_, _| {});
    bench.tell(incoming(SECOND));
    let wanted = bench.tell(Event::Lost(FIRST));
    assert_eq!(wanted, ["down: closing connection", "IDLE", "2: connected", "CONNECT", "OPENSENT"]);
    assert!(!bench.timers.contains_key(&Timer::ConnectRetry));
    bench.tell(Event::Open(SECOND, open(HIGHER, 180)));
    bench.tell(Event::Message(SECOND, Kind::Keepalive));
    assert_eq!(bench.session.state(), State::Established);
}

#[test]
fn what_goes_wrong_on_the_rival_stays_there() {
    let cases = [
        (Event::Fault(SECOND, Notify::NOT_SYNCHRONIZED), vec!["2: 1/1", "2: close"]),
        (Event::Message(SECOND, Kind::Update), vec!["2: 5/1", "2: close"]),
        (Event::Notification(SECOND, Notify::new(6, 7)), vec!["2: close"]),
        (Event::Open(SECOND, open_of(1, HIGHER, 180)), vec!["2: 2/2", "2: close"]),
        (Event::Lost(SECOND), vec![]),
    ];
    for (event, wanted) in cases {
        let mut bench = Bench::connected(|_, _| {});
        bench.tell(incoming(SECOND));
        assert_eq!(bench.tell(event), wanted);
        assert_eq!((bench.session.rival(), bench.session.link()), (None, Some(FIRST)));
    }
    // A third connection has no place.
    let mut bench = Bench::connected(|_, _| {});
    bench.tell(incoming(SECOND));
    assert_eq!(bench.tell(incoming(Link(3))), ["3: 6/7", "3: close"]);
}

#[test]
fn a_silent_rival_does_not_outlive_the_wait_for_its_open() {
    let mut bench = Bench::connected(|_, policy| policy.open_wait = SECOND_LONG * 10);
    bench.after(SECOND_LONG * 4);
    bench.tell(incoming(SECOND));
    bench.tell(Event::Open(FIRST, open(HIGHER, 180)));
    let (timer, passed, wanted) = bench.wait();
    assert_eq!((timer, passed), (Timer::OpenWait, SECOND_LONG * 10));
    assert_eq!(wanted, ["2: 5/1", "2: close"]);
    assert_eq!(bench.session.state(), State::OpenConfirm);
}

#[test]
fn a_peer_that_takes_nothing_is_left() {
    let mut bench = Bench::established(|_, _| {});
    bench.tell(Event::Blocked(FIRST));
    bench.after(SECOND_LONG * 100);
    bench.tell(Event::Wrote(FIRST));
    bench.tell(Event::Blocked(FIRST));
    bench.timers.retain(|timer, _| *timer == Timer::SendHold);
    // Progress was made since the timer was armed.
    let (_, passed, wanted) = bench.wait();
    assert_eq!((passed.as_secs(), wanted.len()), (380, 0));
    let (_, passed, wanted) = bench.wait();
    assert_eq!((passed.as_secs(), wanted[0].as_str()), (100, "1: 8/0"));
    let mut bench = Bench::established(|_, _| {});
    bench.tell(Event::Blocked(FIRST));
    bench.tell(Event::Wrote(FIRST));
    bench.timers.retain(|timer, _| *timer == Timer::SendHold);
    assert_eq!(bench.wait().2, [""; 0]);
    assert_eq!(bench.session.state(), State::Established);
}

#[test]
fn events_of_links_that_are_gone_are_ignored() {
    let mut bench = Bench::established(|_, _| {});
    for event in [
        Event::Lost(SECOND),
        Event::Open(SECOND, open(HIGHER, 180)),
        Event::Notification(SECOND, Notify::new(6, 2)),
        Event::Fault(SECOND, Notify::NOT_SYNCHRONIZED),
        Event::Message(SECOND, Kind::Keepalive),
        Event::Refused,
        Event::Fired(Timer::ConnectRetry),
        Event::Fired(Timer::OpenWait),
    ] {
        assert_eq!(bench.tell(event), [""; 0]);
    }
    assert_eq!(bench.session.state(), State::Established);
}

#[test]
fn the_hot_path_stays_small() {
    assert!(size_of::<Event>() <= 48, "{}", size_of::<Event>());
}

/// A generator without state of its own beyond a number: the same seed, the same events.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// What must hold whatever happens, in whatever order.
#[derive(Default)]
struct Invariants {
    state: State,
    live: Vec<Link>,
    connecting: bool,
    finished: bool,
}

impl Invariants {
    fn check(&mut self, seed: u64, session: &Session, output: &Output) {
        match output {
            Output::Connect => {
                assert!(!self.connecting, "seed {seed}: two attempts");
                self.connecting = true;
            }
            Output::Abandon => {
                assert!(self.connecting, "seed {seed}: no attempt to give up");
                self.connecting = false;
            }
            Output::Send(link, _) | Output::Connected(link) => {
                assert!(self.live.contains(link), "seed {seed}: {output:?} on a dead link");
            }
            Output::Close(link) => {
                assert!(self.live.contains(link), "seed {seed}: {link:?} is closed twice");
                self.live.retain(|live| live != link);
            }
            Output::Changed(from, to) => {
                assert_eq!(*from, self.state, "seed {seed}: a state was skipped");
                self.state = *to;
            }
            Output::Negotiated(link, _) | Output::Up(link, _) => {
                assert_eq!(session.link(), Some(*link), "seed {seed}");
            }
            Output::Down(_) => assert!(self.state >= State::Connect, "seed {seed}: down twice"),
            Output::Finished => {
                assert!(!self.finished, "seed {seed}: finished twice");
                self.finished = true;
            }
            Output::Arm(..) | Output::Disarm(_) => {}
        }
    }

    fn settle(&self, seed: u64, session: &Session) {
        assert_eq!(self.state, session.state(), "seed {seed}");
        let carried = session.state() >= State::Connect;
        assert_eq!(session.link().is_some(), carried, "seed {seed}: {}", session.state());
        let agreed = session.state() >= State::OpenConfirm;
        assert_eq!(session.negotiated().is_some(), agreed, "seed {seed}: {}", session.state());
        let held = [session.link(), session.rival()];
        for link in &self.live {
            assert!(held.contains(&Some(*link)), "seed {seed}: {link:?} is forgotten");
        }
        if session.state() == State::Established {
            assert_eq!(session.rival(), None, "seed {seed}");
        }
    }
}

fn random_event(
    dice: &mut Dice,
    links: &[Link],
    invariants: &mut Invariants,
    next: &mut usize,
) -> Event {
    let link = links.get(usize::try_from(dice.roll(3)).unwrap()).copied().unwrap_or(Link(0));
    let routers = [HIGHER, LOWER, Ipv4Addr::new(10, 9, 9, 9), Ipv4Addr::UNSPECIFIED];
    let kinds = [Kind::Update, Kind::Keepalive, Kind::RouteRefresh, Kind::Operational];
    let pick = usize::try_from(dice.roll(4)).unwrap();
    match dice.roll(24) {
        0 => Event::Start,
        1 => Event::Teardown(4),
        2 => Event::Reconfigured(Rc::new(neighbor(65010, 65020))),
        3..=5 => {
            *next += 1;
            invariants.live.push(Link(*next));
            incoming(Link(*next))
        }
        6..=8 if invariants.connecting => {
            *next += 1;
            invariants.connecting = false;
            invariants.live.push(Link(*next));
            outgoing(Link(*next))
        }
        9 if invariants.connecting => {
            invariants.connecting = false;
            Event::Refused
        }
        10 => {
            invariants.live.retain(|live| *live != link);
            Event::Lost(link)
        }
        11..=14 => Event::Open(link, open(routers[pick], 90)),
        15 => Event::Notification(link, Notify::new(6, 4)),
        16 => Event::Fault(link, Notify::NOT_SYNCHRONIZED),
        17 => Event::Blocked(link),
        18 => Event::Fired(Timer::ALL[pick]),
        19 if dice.roll(40) == 0 => Event::Stop(Stop::Removed),
        _ => Event::Message(link, kinds[pick]),
    }
}

#[test]
fn invariants_hold_in_any_order_of_events() {
    let mut reached = [0; 6];
    for seed in 0..600 {
        let mut dice = Dice(seed);
        let mut bench = Bench::new(|settings, policy| {
            settings.passive = seed % 7 == 0;
            settings.local_as = (seed % 5 != 0).then_some(Asn(65010));
            settings.capability.graceful_restart = (seed % 3 == 0).then_some(60);
            policy.attempts = if seed % 11 == 0 { 20 } else { 0 };
        });
        let mut invariants = Invariants::default();
        let mut next = 0;
        for _ in 0..300 {
            let links = [bench.session.link(), bench.session.rival()];
            let links: Vec<Link> = links.into_iter().flatten().collect();
            let event = random_event(&mut dice, &links, &mut invariants, &mut next);
            bench.after(Duration::from_millis(dice.roll(3000)));
            bench.session.handle(event, bench.now);
            while let Some(output) = bench.session.poll_output() {
                invariants.check(seed, &bench.session, &output);
            }
            invariants.settle(seed, &bench.session);
            reached[bench.session.state() as usize] += 1;
        }
    }
    assert!(reached.iter().all(|times| *times > 100), "{reached:?}");
}
