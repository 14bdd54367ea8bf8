//! The acceptance vectors of sessions, played against the program: each is the script of a peer,
//! on the loopback network. `qa/acceptance/README.md` tells the steps.
#![cfg(test)]

mod support;
mod vectors;

use std::any::Any;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use support::{Daemon, Deadline, Helper, Link, Listener, Peer, Stopwatch, place, unhex, wire};
use vectors::{Verdict, text};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How many scripts are played at once: most of them wait most of the time.
const AT_ONCE: usize = 8;

/// What a busy machine may add to the end of a span, and how much later than the speaker a peer
/// may notice its beginning.
const GRACE: Duration = Duration::from_millis(400);
const NOTICE: Duration = Duration::from_millis(100);

/// The configuration of the speaker.
#[derive(Clone)]
struct Speaker {
    /// Where it connects to.
    port: u16,
    /// Statements of the neighbor.
    settings: String,
    /// Sections before the neighbor: the helper.
    helper: String,
    /// Prefix, and what follows it.
    routes: Vec<(String, String)>,
    has_neighbor: bool,
}

impl Speaker {
    fn new(port: u16, settings: &str) -> Self {
        let route = |prefix: &str, rest: &str| (prefix.to_owned(), rest.to_owned());
        Self {
            port,
            settings: settings.to_owned(),
            helper: String::new(),
            routes: vec![
                route("172.16.8.0/24", "next-hop 198.51.100.7"),
                route("172.16.9.0/24", "next-hop 198.51.100.7 med 7"),
                route("2001:db8:77::/48", "next-hop 2001:db8::1"),
                route("172.16.10.0/24", "next-hop 198.51.100.7"),
            ],
            has_neighbor: true,
        }
    }

    fn text(&self) -> String {
        if !self.has_neighbor {
            // A file without any neighbor would be refused.
            return "neighbor 127.0.0.99 { router-id 10.9.9.9; local-address 127.0.0.1; \
                    local-as 65010; peer-as 65030; passive; }\n"
                .to_owned();
        }
        let routes: String =
            self.routes.iter().map(|(prefix, rest)| format!("route {prefix} {rest};\n")).collect();
        format!(
            "{}\nneighbor 127.0.0.1 {{ router-id 10.9.9.9; local-address 127.0.0.1; connect {};\n\
             local-as 65010; peer-as 65020; capability {{ route-refresh enable; }}\n\
             family {{ ipv4 unicast; ipv6 unicast; }}\n{}\nstatic {{\n{routes}}}\n}}\n",
            self.helper, self.port, self.settings
        )
    }

    /// Follows a `rewrite` step.
    fn rewrite(&mut self, changes: &Value) {
        let listed = |key: &str| changes[key].as_array().cloned().unwrap_or_default();
        for prefix in listed("routes-removed") {
            self.routes.retain(|(other, _)| other != text(&prefix));
        }
        for route in listed("routes-added").iter().chain(&listed("routes-changed")) {
            let mut words = text(route).splitn(3, ' ').skip(1).map(str::to_owned);
            let (prefix, rest) = (words.next().unwrap(), words.next().unwrap());
            match self.routes.iter_mut().find(|(other, _)| *other == prefix) {
                Some(known) => known.1 = rest,
                None => self.routes.push((prefix, rest)),
            }
        }
        if let Some(settings) = changes["settings"].as_str() {
            self.settings = settings.to_owned();
        }
        self.has_neighbor = changes["neighbor-removed"] != true;
    }
}

/// A script being played.
struct Play<'a> {
    speaker: Speaker,
    daemon: Daemon,
    listener: Listener,
    /// Where the speaker listens.
    door: SocketAddr,
    /// Connections by name; that of the speaker has none.
    peers: BTreeMap<String, Peer>,
    /// The name of the connection that steps are about.
    current: String,
    /// Since the last act of the peer.
    since: Stopwatch,
    helper: Option<Link>,
    /// What `established` stands for.
    established: &'a [Value],
}

impl<'a> Play<'a> {
    fn start(vector: &Value, steps: &[Value], established: &'a [Value]) -> Self {
        let listener = Listener::new();
        let settings = vector["settings"].as_str().unwrap_or("");
        let mut speaker = Speaker::new(listener.port(), settings);
        let commanded = steps.iter().any(|step| step[0] == "command");
        let helper = (commanded || !vector["event"].is_null()).then(|| Helper::new("listener"));
        if let Some(helper) = &helper {
            speaker.helper = helper.process();
            speaker.settings += &helper.api("receive { parsed; update; }");
        }
        let door = SocketAddr::new(HOME, place::free_port(HOME));
        let mut starting = Daemon::with(&speaker.text())
            .set("tcp.bind", "127.0.0.1")
            .set("tcp.port", door.port().to_string());
        for (name, value) in vector["environment"].as_object().into_iter().flatten() {
            starting = starting.set(name.strip_prefix("exabgp.").unwrap(), text(value));
        }
        let daemon = starting.start();
        let helper = helper.map(|helper| helper.accept());
        let (peers, current, since) = (BTreeMap::new(), String::new(), Stopwatch::start());
        Self { speaker, daemon, listener, door, peers, current, since, helper, established }
    }

    fn peer(&mut self) -> &mut Peer {
        self.peers.get_mut(&self.current).expect("a connection of this name")
    }

    fn steps(&mut self, steps: &[Value]) {
        steps.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Value) {
        let argument = |index: usize| &step[index];
        let number = |index: usize| u8::try_from(step[index].as_u64().unwrap()).unwrap();
        match text(argument(0)) {
            "established" => self.steps(self.established),
            "accept" => {
                let peer = self.listener.accept();
                self.peers.insert(self.current.clone(), peer);
                self.since = Stopwatch::start();
            }
            "expect" => self.expect(number(1), text(argument(2))),
            "expect-any-order" => self.expect_all(&step.as_array().unwrap()[1..]),
            "notification" => {
                let answer = self.peer().notified();
                assert_eq!(answer, (number(1), number(2)), "{step}");
            }
            "capability" => {
                let open = self.peer().their_open();
                assert_eq!(open.capability(number(1)), [unhex(text(argument(2)))], "{step}");
            }
            "send" | "send-raw" | "send-in-pieces" => self.send(step),
            "within" => {
                let since = self.since;
                self.step(argument(3));
                let [from, to] = [1, 2].map(|i| Duration::from_secs_f64(step[i].as_f64().unwrap()));
                let took = since.elapsed();
                assert!(from <= took + NOTICE && took <= to + GRACE, "{step} took {took:?}");
            }
            "silent" => {
                let time = Duration::from_secs_f64(argument(1).as_f64().unwrap());
                self.peer().only_keepalives(time);
            }
            "close" => {
                drop(self.peers.remove(&self.current));
                self.since = Stopwatch::start();
            }
            "closed" => self.peer().closed(),
            "connect" => self.connect(text(argument(1)), HOME),
            "connect-from" => {
                self.connect(text(argument(1)), text(argument(2)).parse().unwrap());
            }
            "on" => {
                let before = std::mem::replace(&mut self.current, text(argument(1)).to_owned());
                self.step(argument(2));
                self.current = before;
            }
            "use" => text(argument(1)).clone_into(&mut self.current),
            "command" => {
                self.helper.as_mut().expect("a helper").done(text(argument(1)));
            }
            "rewrite" => {
                self.speaker.rewrite(argument(1));
                self.daemon.reconfigure(&self.speaker.text());
            }
            "signal" => {
                self.daemon.signal(format!("SIG{}", text(argument(1))).parse::<Signal>().unwrap());
            }
            "exit" => assert_eq!(self.daemon.finish().code(), Some(i32::from(number(1)))),
            other => panic!("unknown step {other}"),
        }
    }

    fn expect(&mut self, kind: u8, body: &str) {
        let frame = if kind == wire::KEEPALIVE { self.peer().frame() } else { self.peer().next() };
        assert_eq!((frame.kind, frame.hex().as_str()), (kind, body), "{frame:?}");
    }

    fn expect_all(&mut self, expected: &[Value]) {
        let mut missing = expected.to_vec();
        while !missing.is_empty() {
            let frame = self.peer().next();
            let found = json!([frame.kind, frame.hex()]);
            let place = missing.iter().position(|message| *message == found);
            missing.remove(place.unwrap_or_else(|| panic!("{found} is not among {missing:?}")));
        }
    }

    fn send(&mut self, step: &Value) {
        let message = |index: usize| {
            let kind = u8::try_from(step[index].as_u64().unwrap()).unwrap();
            wire::message(kind, &unhex(text(&step[index + 1])))
        };
        match text(&step[0]) {
            "send-raw" => self.peer().send(&unhex(text(&step[1]))),
            "send" => self.peer().send(&message(1)),
            _ => {
                let length = usize::try_from(step[1].as_u64().unwrap()).unwrap();
                for piece in message(2).chunks(length) {
                    self.peer().send(piece);
                }
            }
        }
        self.since = Stopwatch::start();
    }

    fn connect(&mut self, name: &str, from: IpAddr) {
        let peer = Peer::connect(from, self.door);
        self.peers.insert(name.to_owned(), peer);
        self.since = Stopwatch::start();
    }

    /// Waits for the event of an UPDATE that holds these members.
    fn event(&mut self, members: &Value) {
        let link = self.helper.as_mut().expect("a helper");
        let deadline = Deadline::usual();
        let mut seen = Vec::new();
        while let Some(line) = link.try_line(deadline) {
            let event: Value = serde_json::from_str(&line).expect(&line);
            let update = &event["neighbor"]["message"]["update"];
            let mut members = members.as_object().unwrap().iter();
            if members.all(|(name, value)| update[name] == *value) {
                return;
            }
            seen.push(line);
        }
        panic!("no event with {members}, but {seen:?}");
    }
}

/// Plays one script; the verdict is what it failed with.
fn attempt(vector: &Value, steps: &Value, established: &[Value]) -> Verdict {
    let played = catch_unwind(AssertUnwindSafe(|| {
        let steps = steps.as_array().unwrap();
        let mut play = Play::start(vector, steps, established);
        play.steps(steps);
        if !vector["event"].is_null() {
            play.event(&vector["event"]);
        }
    }));
    played.map_err(|panic| said(panic.as_ref()))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let owned = panic.downcast_ref::<String>().cloned();
    owned.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap()
}

#[test]
fn every_script_of_a_peer() {
    let vectors = vectors::read("session.json");
    assert_eq!(vectors.len(), 38, "vectors were lost or won");
    let established = vectors[0]["steps"].as_array().unwrap();
    let next = AtomicUsize::new(0);
    let mut verdicts = vec![Err("not played".to_owned()); vectors.len()];
    let player = || {
        let mut played = Vec::new();
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some(vector) = vectors.get(index)
        {
            let mut verdict = attempt(vector, &vector["steps"], established);
            if verdict.is_err() && !vector["alternative"].is_null() {
                verdict = attempt(vector, &vector["alternative"], established);
            }
            played.push((index, verdict));
        }
        played
    };
    std::thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(player)).collect();
        for (index, verdict) in players.into_iter().flat_map(|player| player.join().unwrap()) {
            verdicts[index] = verdict;
        }
    });
    vectors::sum_up("session.json", &vectors, verdicts);
}
