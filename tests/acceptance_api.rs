//! The vectors of `qa/acceptance/api-*.json`, played with the real program: a helper says the
//! commands, a scripted peer sees what leaves and sends what is received.
#![cfg(test)]

mod support;

use std::fmt::Write as _;

use serde_json::{Value, json};
use support::{Daemon, Deadline, Frame, Helper, Link, Listener, Peer, Update, hex, unhex, wire};

/// The vectors of a file that the program is old enough for.
fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/qa/acceptance/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let all: Vec<Value> = serde_json::from_str(&text).expect("an array of vectors");
    let built = |vector: &Value| vector["needs"] == "spine";
    let built: Vec<Value> = all.into_iter().filter(built).collect();
    assert!(!built.is_empty(), "{file}: no vector");
    built
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What is wrong, vector by vector, told at the end.
#[derive(Default)]
struct Faults(String);

impl Faults {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, id: &str, found: &T, expected: &T) {
        if found != expected {
            writeln!(self.0, "{id}:\n      found {found:?}\n   expected {expected:?}").unwrap();
        }
    }

    fn finish(self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}

/// A session to be: who speaks, and what else the configuration says.
struct Plan {
    local_as: u32,
    peer_as: u32,
    router_id: &'static str,
    settings: String,
    routes: &'static str,
    wishes: &'static str,
    encoder: &'static str,
    version: &'static str,
    environment: Vec<(String, String)>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            local_as: 65000,
            peer_as: 65000,
            router_id: "10.0.0.2",
            settings: "capability { route-refresh enable; operational enable; }".to_owned(),
            routes: "",
            wishes: "",
            encoder: "json",
            version: "4",
            environment: Vec::new(),
        }
    }
}

/// A program with one helper and one established session.
struct Session {
    daemon: Daemon,
    /// What a restart starts again.
    _helper: Helper,
    listener: Listener,
    peer: Peer,
    link: Link,
    plan: Plan,
    marks: u32,
    /// What left when the session came up.
    first: Vec<Frame>,
}

impl Session {
    fn start(plan: Plan) -> Self {
        let helper = Helper::new("p");
        let listener = Listener::new();
        let encoder = format!("encoder {};", plan.encoder);
        let configuration = format!(
            "{}neighbor 127.0.0.1 {{ router-id {}; local-address 127.0.0.1; local-as {}; \
             peer-as {}; connect {}; {} {} {} }}\n",
            helper.process_with(&encoder, ""),
            plan.router_id,
            plan.local_as,
            plan.peer_as,
            listener.port(),
            plan.settings,
            plan.routes,
            helper.api(plan.wishes),
        );
        let mut starting = Daemon::with(&configuration).set("api.version", plan.version);
        for (name, value) in &plan.environment {
            starting = starting.set(name, value);
        }
        let daemon = starting.start();
        let link = helper.accept();
        let peer = establish(&listener, plan.peer_as, "10.0.0.1");
        let mut session = Self {
            daemon,
            _helper: helper,
            listener,
            peer,
            link,
            plan,
            marks: 0,
            first: Vec::new(),
        };
        session.first = session.left();
        session
    }

    /// What has left since the last call, up to a route that nobody else announces.
    fn left(&mut self) -> Vec<Frame> {
        self.marks += 1;
        let mark = format!("announce route 192.0.2.77/32 next-hop 10.0.0.9 med {}", self.marks);
        self.link.say("enable-ack");
        self.link.say(&mark);
        let mut frames = Vec::new();
        loop {
            let frame = self.peer.next();
            let is_mark = frame.hex().ends_with("20c000024d");
            if is_mark {
                break;
            }
            frames.push(frame);
        }
        // The two acknowledgements, after those of commands that were not waited for.
        while self.link.reply().verdict != "done" {}
        while self.link.reply().verdict != "done" {}
        frames
    }

    /// Type and body of what has left, KEEPALIVEs left out.
    fn wire(&mut self) -> Vec<(u64, String)> {
        self.left().iter().map(|frame| (u64::from(frame.kind), frame.hex())).collect()
    }

    /// Takes the session that comes back after a loss.
    fn again(&mut self) {
        self.peer = establish(&self.listener, self.plan.peer_as, "10.0.0.1");
        self.left();
    }
}

/// Takes a connection to Established with the capabilities that the program offers.
fn establish(listener: &Listener, asn: u32, id: &str) -> Peer {
    let mut peer = listener.accept();
    let mut open = peer.their_open().id(id);
    if open.capability(65).is_empty() {
        open.asn = asn;
    } else {
        open = open.asn(asn);
    }
    peer.send(&open.bytes());
    peer.send(&wire::keepalive());
    let frame = peer.frame();
    assert_eq!(frame.kind, wire::KEEPALIVE, "the answer to our OPEN: {frame:?}");
    peer
}

/// `[type, body]…` of a vector.
fn expected_wire(vector: &Value) -> Vec<(u64, String)> {
    let list = vector["wire"].as_array().map_or(&[][..], Vec::as_slice);
    let pair = |entry: &Value| Some((entry[0].as_u64()?, entry[1].as_str()?.to_owned()));
    list.iter().filter_map(pair).collect()
}

/// The lines of an answer, `done` or `error` included.
fn answer(link: &mut Link, command: &str) -> Vec<String> {
    let reply = link.ask(command);
    let mut lines = reply.lines;
    lines.push(reply.verdict);
    lines
}

/// The lines without the reasons of which the vector has no words; dialect 6 gives one with each
/// refusal.
fn unexplained(told: Vec<String>, expected: &[String], dialect: &str) -> Vec<String> {
    let is_reason = |line: &String| line.starts_with("error: ");
    if dialect != "6" || expected.iter().any(is_reason) {
        return told;
    }
    let shown = |line: &&String| is_reason(line) || line.starts_with("{\"error\"");
    let refusals = told.iter().filter(|line| *line == "error").count();
    assert_eq!(told.iter().filter(shown).count(), refusals, "{told:?}");
    told.into_iter().filter(|line| !shown(&line) || expected.contains(line)).collect()
}

fn commands_of(dialect: &'static str, prefix: &str) {
    let mut faults = Faults::default();
    let mut session = Session::start(Plan { version: dialect, ..Plan::default() });
    for vector in vectors("api-commands") {
        let id = format!("{} {}", vector["id"], vector["command"]);
        let command = vector["command"].as_str().expect("a command");
        let verb = command.split(' ').next().unwrap_or_default();
        let bare = ["announce watchdog", "withdraw watchdog"];
        let prefixed = !bare.iter().any(|words| command.starts_with(words));
        let prefix = if prefixed && ["announce", "withdraw"].contains(&verb) { prefix } else { "" };
        let told = answer(&mut session.link, &format!("{prefix}{command}"));
        let reply = match (&vector["reply6"], dialect) {
            (Value::Array(_), "6") => strings(&vector["reply6"]),
            _ => strings(&vector["reply"]),
        };
        faults.compare(&id, &unexplained(told, &reply, dialect), &reply);
        faults.compare(&id, &session.wire(), &expected_wire(&vector));
    }
    session.daemon.lives();
    faults.finish();
}

#[test]
fn commands() {
    commands_of("4", "");
}

#[test]
fn commands_in_the_form_of_release_6() {
    commands_of("6", "peer * ");
}

#[test]
fn sessions() {
    let mut faults = Faults::default();
    for name in ["ebgp-2-octet", "add-path"] {
        let plan = match name {
            "ebgp-2-octet" => Plan {
                peer_as: 65001,
                settings: "capability { asn4 disable; }".to_owned(),
                ..Plan::default()
            },
            _ => Plan {
                settings: "capability { add-path send/receive; nexthop enable; } \
                    family { ipv4 unicast; ipv6 unicast; ipv4 mpls-vpn; } \
                    add-path { ipv4 unicast; ipv6 unicast; ipv4 mpls-vpn; } \
                    nexthop { ipv4 unicast ipv6; }"
                    .to_owned(),
                wishes: "receive { parsed; update; }",
                ..Plan::default()
            },
        };
        let mut session = Session::start(plan);
        for vector in vectors("api-sessions").iter().filter(|vector| vector["session"] == name) {
            let id = vector["id"].to_string();
            if let Some(body) = vector["received"].as_str() {
                session.peer.send(&wire::message(wire::UPDATE, &unhex(body)));
                let told = session.link.event_at("/neighbor/message/update", None);
                let update = &told["neighbor"]["message"]["update"];
                let announced = &update["announce"]["ipv4 unicast"]["10.0.0.9"];
                faults.compare(&id, announced, &vector["announce"]);
                faults.compare(&id, &update["withdraw"]["ipv4 unicast"], &vector["withdraw"]);
                continue;
            }
            let command = vector["command"].as_str().expect("a command");
            let told = answer(&mut session.link, command);
            faults.compare(&id, &told, &strings(&vector["reply"]));
            faults.compare(&id, &session.wire(), &expected_wire(vector));
        }
    }
    faults.finish();
}

/// Four sessions of one program, three of them bound to the helper.
#[test]
fn selectors() {
    let (helper, unbound) = (Helper::new("p"), Helper::new("unbound"));
    let peers = [
        ("P2", "10.0.0.2", 65000, 65001, "api { processes [ p ]; }"),
        ("P3", "10.0.0.3", 65000, 65002, "api { processes [ p ]; }"),
        ("P4", "10.0.0.4", 65005, 65002, "api { processes-match [ \"^p$\" ]; }"),
        ("P5", "10.0.0.5", 65006, 65006, ""),
    ];
    let listeners = peers.map(|_| Listener::new());
    let mut configuration = helper.process() + &unbound.process();
    for ((_, id, local, remote, api), listener) in peers.iter().zip(&listeners) {
        let port = listener.port();
        writeln!(
            configuration,
            "neighbor 127.0.0.1 {{ router-id {id}; local-address 127.0.0.1; local-as {local}; \
             peer-as {remote}; connect {port}; family {{ ipv4 unicast; }} {api} }}"
        )
        .unwrap();
    }
    let _daemon = Daemon::start(&configuration);
    let (mut link, mut other) = (helper.accept(), unbound.accept());
    let mut sessions: Vec<Peer> = peers
        .iter()
        .zip(&listeners)
        .map(|((_, _, _, asn, _), listener)| establish(listener, *asn, "10.0.0.99"))
        .collect();
    sessions.iter_mut().for_each(|peer| drop(peer.updates_until_eor()));
    let mut faults = Faults::default();
    let mut count = 0u8;
    for vector in vectors("api-selectors") {
        let link = if vector["process"] == "unbound" { &mut other } else { &mut link };
        let route = "announce route PREFIX next-hop 10.0.0.9";
        let selectors = strings(&vector["selectors"]);
        let commands = selectors.iter().map(|selector| format!("{selector} {route}"));
        for command in commands.chain(strings(&vector["commands"])) {
            count += 1;
            let prefix = format!("10.200.{count}.0/24");
            let command = command.trim().replace("PREFIX", &prefix);
            let id = format!("{} {command}", vector["id"]);
            let told = answer(link, &command);
            if vector["result"] == "error" {
                faults.compare(&id, &told, &vec!["error".to_owned()]);
            } else {
                faults.compare(&id, &told, &vec!["done".to_owned()]);
            }
            // Who has the route; those are also seen to send it.
            let shown = link.done("show adj-rib out extensive");
            let has = |id: &str| {
                let owner = format!("router-id {id} ");
                shown.iter().any(|line| line.contains(&owner) && line.contains(&prefix))
            };
            let found: Vec<&str> =
                peers.iter().filter(|(_, id, ..)| has(id)).map(|(name, ..)| *name).collect();
            let result = strings(&vector["result"]);
            faults.compare(&id, &found, &result.iter().map(String::as_str).collect());
            for ((name, ..), peer) in peers.iter().zip(&mut sessions) {
                if found.contains(name) {
                    assert_eq!(peer.update().announced, std::slice::from_ref(&prefix), "{id}");
                }
            }
        }
    }
    faults.finish();
}

/// One row of control commands in a session of its own.
fn control(vector: &Value, last: &str, dialect: &'static str, faults: &mut Faults) {
    let environment = vector["environment"].as_object().map_or_else(Vec::new, |settings| {
        let strip = |name: &String| name.trim_start_matches("exabgp.").to_owned();
        settings.iter().map(|(k, v)| (strip(k), v.as_str().unwrap_or_default().into())).collect()
    });
    let peer_as = if vector["id"] == "D42" { 65001 } else { 65000 };
    let plan = Plan { version: dialect, environment, peer_as, ..Plan::default() };
    let mut session = Session::start(plan);
    let silent = vector.get("environment").is_some();
    if silent {
        // Finding what left has turned the acknowledgements on.
        session.link.say("silence-ack");
    }
    let id = format!("{} {last:?} in dialect {dialect}", vector["id"]);
    let mut commands = strings(&vector["commands"]);
    // `session ack X` is a synonym of `X-ack`, wherever that stands; others of the last command.
    let old = last.strip_prefix("session ack ").map(|word| format!("{word}-ack"));
    let place = commands.iter().position(|command| Some(command) == old.as_ref());
    let place = place.unwrap_or(commands.len() - 1);
    last.clone_into(&mut commands[place]);
    let reply = match (&vector["reply6"], dialect) {
        (Value::Array(_), "6") => strings(&vector["reply6"]),
        (_, "6") => strings(&vector["reply"]).iter().map(|line| version_6(line)).collect(),
        _ => strings(&vector["reply"]),
    };
    for command in &commands {
        session.link.say(command);
    }
    let ends = ["restart", "shutdown"].iter().any(|word| last.ends_with(word));
    // An answer that is given whatever the acknowledgements, and that the row has not asked for.
    let (question, start) =
        if last.contains("ping") { ("peer list", "[{") } else { ("ping text", "pong ") };
    if !ends {
        session.link.say(question);
    }
    let mut told = Vec::new();
    let deadline = Deadline::usual();
    while let Some(line) = session.link.try_line(deadline) {
        if line.starts_with(start) {
            break;
        }
        if !line.starts_with("{ \"exabgp\"") {
            told.push(mask(&line.replace(env!("CARGO_PKG_VERSION"), "VERSION")));
        }
    }
    match vector.get("reply") {
        Some(_) => faults.compare(&id, &unexplained(told, &reply, dialect), &reply),
        None => faults.compare(&id, &told.last().map(String::as_str), &Some("done")),
    }
    let expected = expected_wire(vector);
    match expected.first() {
        Some((3, body)) => {
            let (code, subcode, data) = session.peer.notification();
            let found = hex(&[&[code, subcode], data.as_slice()].concat());
            let found = found.get(..body.len()).unwrap_or(&found);
            faults.compare(&id, &found, &body.as_str());
        }
        Some(_) => faults.compare(&id, &session.wire(), &expected),
        None if !ends && vector.get("wire").is_some() => {
            faults.compare(&id, &session.wire(), &expected);
        }
        None => {}
    }
}

/// The line with what varies as the vectors write it.
fn mask(line: &str) -> String {
    let is_uuid = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let mut words =
        line.split(|character: char| !character.is_ascii_hexdigit() && character != '-');
    if let Some(uuid) = words.find(|word| is_uuid(word)) {
        return line.replace(uuid, "UUID");
    }
    let index = line.split_once("{\"index\": \"").and_then(|(_, rest)| rest.split_once('"'));
    index.map_or_else(|| line.to_owned(), |(index, _)| line.replace(index, "HEX"))
}

/// The version as dialect 6 tells it; other lines are the same.
fn version_6(line: &str) -> String {
    match line {
        "exabgp VERSION" => r#"{"version": "VERSION", "application": "exabgp"}"#.to_owned(),
        _ => line.to_owned(),
    }
}

fn control_in(dialect: &'static str) {
    let mut faults = Faults::default();
    for vector in vectors("api-control") {
        let last = strings(&vector["commands"]).pop().expect("a command");
        for last in std::iter::once(last).chain(strings(&vector["synonyms"])) {
            control(&vector, &last, dialect, &mut faults);
        }
    }
    faults.finish();
}

#[test]
fn control_in_dialect_4() {
    control_in("4");
}

#[test]
fn control_in_dialect_6() {
    control_in("6");
}

/// The session of `api-rib.json`.
fn rib_plan() -> Plan {
    Plan {
        peer_as: 65001,
        settings: "capability { route-refresh enable; } \
            family { ipv4 unicast; ipv4 flow; ipv6 unicast; }"
            .to_owned(),
        routes: "static { \
            route 172.16.0.0/24 next-hop 10.0.0.9 watchdog dog; \
            route 172.16.1.0/24 next-hop 10.0.0.9 watchdog cat withdraw; \
            route 172.16.2.0/24 next-hop 10.0.0.9; }",
        ..Plan::default()
    }
}

#[test]
fn ribs() {
    let mut session = Session::start(rib_plan());
    let mut faults = Faults::default();
    let first: Vec<(u64, String)> =
        session.first.iter().map(|frame| (u64::from(frame.kind), frame.hex())).collect();
    for vector in vectors("api-rib") {
        let id = vector["id"].as_str().expect("an id");
        match id {
            "E1" => {
                faults.compare(id, &first, &expected_wire(&vector));
                announce_both(&mut session);
                continue;
            }
            // Played in a session of its own.
            "E10" => continue,
            "E22" => {
                comes_back(&mut session);
                continue;
            }
            _ => {}
        }
        if let Some(body) = vector["received"].as_str() {
            session.peer.send(&wire::message(wire::UPDATE, &unhex(body)));
            support::until("the route is kept", || {
                (!session.link.done("show adj-rib in").is_empty()).then_some(())
            });
        }
        let mut told = Vec::new();
        let mut verdicts = Vec::new();
        for command in strings(&vector["commands"]) {
            let reply = session.link.ask(&command);
            told.extend(reply.lines);
            verdicts.push(reply.verdict);
        }
        if vector.get("reply").is_some() {
            faults.compare(id, &verdicts, &strings(&vector["reply"]));
        }
        for line in strings(&vector["lines"]) {
            faults.compare(id, &told.contains(&line), &true);
        }
        if let Some(refresh) = vector.get("refresh") {
            resent(&mut session, id, &strings(refresh), &mut faults);
        }
        let wire = session.wire();
        if vector.get("wire").is_some() {
            faults.compare(id, &wire, &expected_wire(&vector));
        }
        shapes(id, &told, &mut faults);
    }
    faults.finish();
}

/// What the vectors find announced by command.
fn announce_both(session: &mut Session) {
    let route = "announce route 10.0.0.0/24 next-hop 10.0.0.9 med 5 community 65000:1";
    let rule = "announce flow route { match { destination 10.3.4.0/24; } then { accept; } }";
    session.link.done(route);
    session.link.done(rule);
    session.left();
}

#[test]
fn a_rib_is_cleared() {
    let mut session = Session::start(rib_plan());
    announce_both(&mut session);
    session.link.done("clear adj-rib out");
    let mut expected = vec!["0501180a0304", "10.0.0.0/24", "172.16.0.0/24", "172.16.2.0/24"];
    while !expected.is_empty() {
        for route in Update::parse(&session.peer.next().body).withdrawn {
            expected.retain(|expected| *expected != route);
        }
    }
    assert!(session.link.done("show adj-rib out").is_empty());
}

/// A table sent again: the markers of its begin, the routes, the markers of its end. The order of
/// the families is free.
fn resent(session: &mut Session, id: &str, expected: &[String], faults: &mut Faults) {
    let mut markers: Vec<String> = Vec::new();
    let mut routes = 0;
    while markers.len() < expected.len() {
        let frame = session.peer.next();
        if frame.kind == wire::UPDATE {
            assert_eq!(markers.len(), expected.len() / 2, "{id}: routes between the markers");
            routes += Update::parse(&frame.body).announced.len();
        } else {
            markers.push(frame.hex());
        }
    }
    faults.compare(id, &routes, &session.link.done("show adj-rib out").len());
    let (begins, ends) = markers.split_at_mut(expected.len() / 2);
    let (first, last) = expected.split_at(expected.len() / 2);
    for (found, expected) in [(begins, first), (ends, last)] {
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        faults.compare(id, &found.to_vec(), &expected);
    }
}

/// What the vectors say in words.
fn shapes(id: &str, told: &[String], faults: &mut Faults) {
    match id {
        "E11" | "E12" => faults.compare(id, &told.len(), &2),
        "E13" => faults.compare(id, &told.len(), &1),
        "E14" => {
            faults.compare(id, &told.len(), &1);
            let array: Value = serde_json::from_str(&told[0]).expect("a JSON array");
            faults.compare(id, &array[0]["fsm"], &json!("ESTABLISHED"));
        }
        "E16" => {
            let name = "neighbor 127.0.0.1 local-ip 127.0.0.1 local-as 65000 peer-as 65001 \
                router-id 10.0.0.2 family-allowed in-open ";
            let route =
                format!("{name}ipv4 unicast 10.0.0.0/24 next-hop 10.0.0.9 med 5 community 65000:1");
            faults.compare(id, &told.iter().all(|line| line.starts_with(name)), &true);
            faults.compare(id, &told.contains(&route), &true);
        }
        // Dialect 4 tells of prefixes alone.
        "E17" => {
            let tells = |text| told.iter().any(|line| line.contains(text));
            faults.compare(id, &tells("10.0.0.0/24"), &true);
            faults.compare(id, &tells("10.3.4.0/24"), &false);
        }
        "E18" => {
            let is_rule = |line: &&String| line.contains(" flow destination-ipv4 10.3.4.0/24");
            faults.compare(id, &told.iter().filter(is_rule).count(), &1);
            faults.compare(id, &told.iter().filter(|line| line.contains(" unicast ")).count(), &4);
            faults.compare(id, &told.len(), &5);
        }
        _ => {}
    }
}

/// The session drops and returns: everything is sent again, then the markers.
fn comes_back(session: &mut Session) {
    let shown = session.link.done("show adj-rib out").len();
    session.peer.send(&wire::notification(6, 4, &[]));
    session.peer = establish(&session.listener, session.plan.peer_as, "10.0.0.1");
    let routes: usize =
        session.peer.updates_until_eor().iter().map(|update| update.announced.len()).sum();
    assert_eq!(routes, shown, "routes sent again");
}

#[test]
fn received_updates_in_text() {
    let mut session = Session::start(Plan {
        wishes: "neighbor-changes; receive { parsed; update; notification; refresh; operational; }",
        encoder: "text",
        settings: "capability { route-refresh enable; operational enable; }".to_owned(),
        ..Plan::default()
    });
    let mut faults = Faults::default();
    for vector in vectors("api-text") {
        let id = vector["id"].to_string();
        let kind = u8::try_from(vector["type"].as_u64().expect("a type")).expect("a small type");
        let body = unhex(vector["received"].as_str().expect("a body"));
        session.peer.send(&wire::message(kind, &body));
        let mut told = Vec::new();
        for _ in 0..strings(&vector["lines"]).len() {
            let is_frame =
                |line: &str| line.ends_with("update start") || line.ends_with("update end");
            let mut line = session.link.line();
            while is_frame(&line) || line.ends_with(" connected") || line.ends_with(" up") {
                line = session.link.line();
            }
            told.push(line);
        }
        faults.compare(&id, &told, &strings(&vector["lines"]));
        if kind == wire::NOTIFICATION {
            session.again();
        }
    }
    faults.finish();
}

fn received_in(dialect: &'static str) {
    let mut faults = Faults::default();
    let (plain, special): (Vec<Value>, Vec<Value>) =
        vectors("api-received").into_iter().partition(|vector| vector.get("settings").is_none());
    let plan = |settings: &str| Plan {
        version: dialect,
        wishes: "neighbor-changes; receive { parsed; update; }",
        settings: settings.to_owned(),
        ..Plan::default()
    };
    let mut session = Session::start(plan(""));
    for vector in plain {
        received(&mut session, &vector, &mut faults);
    }
    for vector in special {
        let mut session = Session::start(plan(vector["settings"].as_str().unwrap_or_default()));
        received(&mut session, &vector, &mut faults);
    }
    faults.finish();
}

fn received(session: &mut Session, vector: &Value, faults: &mut Faults) {
    let id = format!("{} {} in dialect {}", vector["id"], vector["title"], session.plan.version);
    let body = unhex(vector["received"].as_str().expect("a body"));
    session.peer.send(&wire::message(wire::UPDATE, &body));
    if vector["reaction"] == "notification" {
        let (code, subcode) = session.peer.notified();
        faults.compare(&id, &json!([code, subcode]), &vector["notification"]);
        session.link.state("down");
        session.again();
        session.link.state("up");
        return;
    }
    let event = session.link.event_at("/neighbor/message", None);
    let mut message = event["neighbor"]["message"].clone();
    if vector["reaction"] == "withdraw" {
        let update = &message["update"];
        faults.compare(&id, &update["withdraw"], &vector["withdraw"]);
        faults.compare(&id, &update["announce"], &Value::Null);
        let mut attributes = update["attribute"].clone();
        let error = attributes.as_object_mut().and_then(|members| members.remove("error"));
        let error = error.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        faults.compare(&id, &error.starts_with("treat-as-withdraw"), &true);
        faults.compare(&id, &attributes, &vector["attribute"]);
        return;
    }
    if vector["reaction"] == "discard"
        && let Some(members) = message["update"]["attribute"].as_object_mut()
    {
        // Whether the loss of an attribute is told is free.
        members.remove("error");
    }
    let of_dialect = format!("json{}", session.plan.version);
    let expected = vector.get(&of_dialect).unwrap_or_else(|| &vector["json"]);
    faults.compare(&id, &message, expected);
}

#[test]
fn received_updates_in_dialect_4() {
    received_in("4");
}

#[test]
fn received_updates_in_dialect_6() {
    received_in("6");
}
