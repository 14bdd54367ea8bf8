//! Lines and their answers, with peers that only note what they are asked.

mod answers;
mod dynamic;
mod group;
mod show;

use super::*;
use crate::bgp::fsm::State;
use crate::configuration::{self, Encoder};
use crate::reactor::api::Options;
use crate::reactor::api::context::{Context, Peer as _};
use crate::reactor::api::fake::Table;
use crate::reactor::api::job::Step;
use crate::reactor::clock::Clock;

/// A process, the peers, and what lies between them.
struct Talk {
    tree: Tree,
    table: Table,
    parser: RouteParser,
    process: Process,
    requests: Vec<Control>,
    about: About,
    now: Instant,
    options: Options,
}

impl Talk {
    fn new(dialect: Dialect) -> Self {
        Self::of("p", dialect)
    }

    fn of(name: &str, dialect: Dialect) -> Self {
        let program = configuration::Process {
            name: name.into(),
            run: vec!["/bin/true".to_owned()],
            encoder: Encoder::Json,
            respawn: true,
            version: None,
        };
        let now = Clock::new().now();
        let uuid = "UUID".to_owned();
        let about = About {
            version: crate::version::VERSION,
            uuid,
            pid: 7,
            parent: 6,
            started: now,
            start_secs: 1.5,
        };
        Self {
            tree: Tree::of_table::<Table>(),
            table: Table::four(),
            parser: RouteParser::new(),
            process: Process::new(&program, dialect, Ack::On),
            requests: Vec::new(),
            about,
            now,
            options: Options::default(),
        }
    }

    /// The lines of the answer.
    fn say(&mut self, line: impl AsRef<[u8]>) -> Vec<String> {
        let desk = Desk {
            tree: &self.tree,
            peers: &mut self.table,
            parser: &mut self.parser,
            requests: &mut self.requests,
            about: &self.about,
            now: self.now,
        };
        if let Some(mut job) = execute(desk, &mut self.process, line.as_ref()) {
            let Self { table, parser, now, .. } = self;
            let context = Context { peers: table, parser, now: *now };
            for _ in 0..100 {
                let mut out = Vec::new();
                let step = job.step(&context, &self.options, &mut out);
                self.process.queue.replies.append(&out);
                if step == Step::Done {
                    finish(&mut self.process);
                    break;
                }
            }
        }
        let told = String::from_utf8(self.process.queue.replies.pending().to_vec()).unwrap();
        self.process.queue.replies.clear();
        assert!(told.is_empty() || told.ends_with('\n'));
        told.lines().map(str::to_owned).collect()
    }

    /// The peers that an End-of-RIB asked with this selector reaches, or the answer.
    fn reached(&mut self, command: &str) -> Vec<String> {
        let answer = self.say(command);
        if answer != ["done"] {
            return answer;
        }
        let asked = self.table.asked();
        asked.iter().map(|asked| asked.split(' ').next().unwrap().to_owned()).collect()
    }
}

#[test]
fn selectors_choose_as_their_tests_say() {
    let mut talk = Talk::new(Dialect::V4);
    for (selectors, expected) in [
        (&["", "peer * "][..], &["P2", "P3", "P4"][..]),
        (&["neighbor 127.0.0.1 local-as 65005 ", "peer 127.0.0.1 local-as 65005 "], &["P4"]),
        (&["neighbor 127.0.0.1 peer-as 65002 ", "peer 127.0.0.1 peer-as 65002 "], &["P3", "P4"]),
        (&["neighbor 127.0.0.1 router-id 10.0.0.2 "], &["P2"]),
        (&["peer 127.0.0.1 family-allowed in-open "], &["P2", "P3", "P4"]),
        (
            &[
                "neighbor 127.0.0.1 router-id 10.0.0.2, neighbor 127.0.0.1 router-id 10.0.0.4 ",
                "neighbor 127.0.0.1 router-id 10.0.0.2 , neighbor 127.0.0.1 router-id 10.0.0.4 ",
                "peer [127.0.0.1 router-id 10.0.0.2, 127.0.0.1 router-id 10.0.0.4] ",
                "peer [ 127.0.0.1 router-id 10.0.0.2 , 127.0.0.1 router-id 10.0.0.4 ] ",
            ],
            &["P2", "P4"],
        ),
        (
            &["neighbor * ", "neighbor * peer-as 65001 ", "peer [* peer-as 65001] "],
            &["P2", "P3", "P4"],
        ),
        (&["neighbor 127.0.0.1 peer-as 65002 local-as 65005 "], &["P4"]),
        (
            &[
                "peer * peer-as 65001 ",
                "neighbor 127.0.0.9 ",
                "peer 127.0.0.9 ",
                "neighbor 127.0.0.1 banana 5 ",
                "peer 127.0.0.1 banana 5 ",
                "neighbor 127.0.0.1 router-id 10.0.0.5 ",
                "peer ",
                "neighbor ",
                "peer [ 127.0.0.1 ",
                "peer [ ] ",
            ],
            &["error"],
        ),
    ] {
        for selector in selectors {
            let command = format!(
                "{selector}announce operational asm afi ipv4 safi unicast \
                advisory x"
            );
            assert_eq!(talk.reached(&command), expected, "{command}");
        }
    }
}

#[test]
fn a_process_that_no_neighbor_names_commands_nobody() {
    let mut talk = Talk::of("unbound", Dialect::V4);
    for selector in ["", "neighbor * ", "peer * "] {
        let command =
            format!("{selector}announce operational asm afi ipv4 safi unicast advisory x");
        assert_eq!(talk.say(&command), ["error"], "{command}");
    }
    // The form of release 5 flushes whom it names; that of release 6 knows its own only.
    assert_eq!(talk.reached("neighbor 127.0.0.1 router-id 10.0.0.5 flush adj-rib out"), ["P5"]);
    assert_eq!(talk.say("peer * flush adj-rib out"), ["error"]);
    assert_eq!(talk.say("teardown 4"), ["error"]);
}

#[test]
fn a_selection_is_kept_until_the_peers_change() {
    let mut talk = Talk::new(Dialect::V4);
    let command = "neighbor 127.0.0.1 peer-as 65002 announce eor";
    assert_eq!(talk.reached(command), ["P3", "P4"]);
    talk.table.peers.remove(0);
    talk.table.generation += 1;
    assert_eq!(talk.reached(command), ["P3", "P4"]);
    talk.table.peers.clear();
    talk.table.generation += 1;
    assert_eq!(talk.say(command), ["error"]);
}

#[test]
fn incomplete_and_unknown_commands_are_refused() {
    let mut talk = Talk::new(Dialect::V4);
    for line in [
        "neighbor 127.0.0.1",
        "neighbor 127.0.0.1 show",
        "neighbor 127.0.0.1 announce",
        "neighbor 127.0.0.1 banana",
        "peer announce route 10.0.0.0/24 next-hop 10.0.0.9",
        "peer teardown 6",
        "neighbor 127.0.0.1 teardown",
        "neighbor 127.0.0.1 teardown x",
        "neighbor 127.0.0.1 teardown 300",
        "neighbor 127.0.0.1 version",
        "announce",
        "withdraw",
        "announce banana 1",
        "announce eor ipv4",
        "announce eor ipv4 banana",
        "announce route-refresh",
        "announce route-refresh ipv4 banana",
        "flush adj-rib in",
        "show adj-rib both",
        "show routes",
        "rib show",
        "peer delete",
        "peer delete 127.0.0.9",
        "delete neighbor 127.0.0.1 router-id 10.0.0.2 surplus",
        "crash",
        "nonsense",
        "{ } ;",
        "]",
    ] {
        assert_eq!(talk.say(line), ["error"], "{line}");
        assert_eq!(talk.table.asked(), [""; 0], "{line}");
    }
}

#[test]
fn dialect_6_tells_reasons() {
    let mut talk = Talk::new(Dialect::V6);
    assert_eq!(talk.say("announce banana 1"), ["error: unknown announce type: banana", "error"]);
    assert_eq!(talk.say("withdraw banana 1"), ["error: unknown withdraw type: banana", "error"]);
    assert_eq!(talk.say("announce"), ["error: announce needs a type", "error"]);
    assert_eq!(
        talk.say("peer 127.0.0.1 router-id 10.0.0.5 announce route 10.0.0.0/24 next-hop 1.2.3.4"),
        [
            "error: no api section of neighbor 127.0.0.1 local-ip 127.0.0.1 local-as 65006 \
             peer-as 65006 router-id 10.0.0.5 family-allowed in-open names the process p",
            "error"
        ]
    );
    assert_eq!(
        talk.say("peer 127.0.0.9 flush adj-rib out"),
        ["error: no neighbor has neighbor 127.0.0.9", "error"]
    );
    assert_eq!(
        talk.say("system api version 5"),
        [r#"{"error": "API version must be 4 or 6"}"#, "error"]
    );
    assert_eq!(talk.say("api version x"), [r#"{"error": "Invalid version: x"}"#, "error"]);
}

#[test]
fn comments_blanks_and_debug_are_not_commands() {
    let mut talk = Talk::new(Dialect::V4);
    for line in ["# a comment", "   # a comment", "#nospace", "", "  \t ", "\r", "# shutdown "] {
        assert_eq!(talk.say(line), ["done"], "{line:?}");
    }
    assert_eq!(talk.say("debug hello"), [""; 0]);
    assert!(talk.requests.is_empty());
}

#[test]
fn both_grammars_reach_the_same_commands() {
    for (old, new, words) in [
        ("reload", "daemon reload", "reload in progress"),
        ("restart", "daemon restart", "restart in progress"),
        ("shutdown", "daemon shutdown", "shutdown in progress"),
        ("reset", "session reset", "asynchronous queue cleared"),
    ] {
        for line in [old, new] {
            assert_eq!(Talk::new(Dialect::V4).say(line), [words, "done"], "{line}");
            let json = format!("{{\"status\": \"{words}\"}}");
            assert_eq!(Talk::new(Dialect::V6).say(line), [json.as_str(), "done"], "{line}");
        }
    }
    let mut talk = Talk::new(Dialect::V4);
    for line in ["shutdown", "daemon reload", "restart"] {
        talk.say(line);
    }
    assert_eq!(talk.requests, [Control::Shutdown, Control::Reload, Control::Restart]);
}

#[test]
fn the_last_word_chooses_the_form() {
    let mut talk = Talk::new(Dialect::V4);
    let version = crate::version::VERSION;
    let json = format!(r#"{{"version": "{version}", "application": "exabgp"}}"#);
    let text = format!("exabgp {version}");
    assert_eq!(talk.say("version json"), [json.as_str(), "done"]);
    assert_eq!(talk.say("ping"), [r#"{"pong": "UUID", "active": true}"#, "done"]);
    assert_eq!(talk.say("session ping u1 1.0"), [r#"{"pong": "UUID", "active": true}"#, "done"]);
    assert_eq!(talk.say("ping text"), ["pong UUID active=true", "done"]);
    let mut talk = Talk::new(Dialect::V6);
    assert_eq!(talk.say("system version"), [json.as_str(), "done"]);
    assert_eq!(talk.say("system version text"), [text.as_str(), "done"]);
    assert_eq!(talk.say("session bye c1"), ["done"]);
}

#[test]
fn the_dialect_changes_with_the_next_start() {
    let mut talk = Talk::new(Dialect::V4);
    assert_eq!(talk.say("api version"), ["API version: 4 (legacy (text/json))", "done"]);
    assert_eq!(
        talk.say("system api version 6"),
        ["API version set to 6 (effective on next process restart)", "done"]
    );
    assert_eq!(talk.process.next_dialect, Some(Dialect::V6));
    assert_eq!(talk.say("system api version 5"), ["error: API version must be 4 or 6", "error"]);
    let json = r#"{"api_version": 6, "description": "json-only"}"#;
    assert_eq!(Talk::new(Dialect::V6).say("api version"), [json, "done"]);
}

#[test]
fn messages_by_hand_go_to_established_peers() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers[1].state = State::Idle;
    assert_eq!(talk.say("announce eor"), ["done"]);
    assert_eq!(
        talk.table.asked(),
        ["P2 eor ipv4 unicast", "P4 eor ipv4 unicast", "P5 eor ipv4 unicast"]
    );
    assert_eq!(talk.say("peer * announce route-refresh ipv6 unicast"), ["done"]);
    assert_eq!(talk.table.asked(), ["P2 refresh ipv6 unicast", "P4 refresh ipv6 unicast"]);
    assert_eq!(talk.say("neighbor 127.0.0.1 router-id 10.0.0.3 announce eor"), ["error"]);
    assert_eq!(talk.say("announce operational zzz afi ipv4 safi unicast"), ["done"]);
    let foreign = "announce operational rpcp router-id 10.0.0.7 afi ipv4 safi unicast sequence 1 \
        counter 2";
    assert_eq!(talk.say(foreign), ["error"]);
    assert_eq!(talk.table.asked(), [""; 0]);
}

#[test]
fn a_teardown_without_a_name_is_for_the_peers_of_the_process() {
    let mut talk = Talk::new(Dialect::V4);
    assert_eq!(talk.say("teardown 4"), ["done"]);
    assert_eq!(talk.table.asked(), ["P2 teardown 4", "P3 teardown 4", "P4 teardown 4"]);
    assert_eq!(talk.say("neighbor 127.0.0.1 router-id 10.0.0.5 teardown 6"), ["done"]);
    assert_eq!(talk.table.asked(), ["P5 teardown 6"]);
}

#[test]
fn watchdogs_belong_to_everybody() {
    let mut talk = Talk::new(Dialect::V4);
    assert_eq!(talk.say("announce watchdog dog"), ["done"]);
    assert_eq!(talk.table.asked().len(), 4);
    assert_eq!(talk.say("withdraw watchdog"), ["done"]);
    assert_eq!(talk.table.asked()[0], "P2 watchdog p Closed");
}

#[test]
fn whole_ribs() {
    let mut talk = Talk::new(Dialect::V4);
    for (old, new, asked) in [
        ("flush adj-rib out", "rib flush out", "flush"),
        ("clear adj-rib in", "rib clear in", "clear in"),
        ("clear adj-rib out", "rib clear out", "clear out"),
    ] {
        for line in [old, new] {
            assert_eq!(talk.say(line), ["done"], "{line}");
            assert_eq!(talk.table.asked().len(), 4, "{line}");
            assert_eq!(talk.say(format!("peer 127.0.0.1 peer-as 65001 {line}")), ["done"]);
            assert_eq!(talk.table.asked(), [format!("P2 {asked}")], "{line}");
        }
    }
}

#[test]
fn hostile_lines_are_answered_like_any_other() {
    let mut talk = Talk::new(Dialect::V4);
    let long = "announce ".to_owned() + &"x".repeat(1_000_000);
    let nested = "neighbor ".repeat(50_000) + &"[".repeat(50_000);
    let selectors = |count| format!("peer [{}] announce eor", "127.0.0.1, ".repeat(count));
    let many = selectors(20_000);
    for line in [
        &b"\xff\xfe\x00\x01"[..],
        b"\0\0\0",
        b"announce \xc3\x28 route",
        "announce é".as_bytes(),
        long.as_bytes(),
        nested.as_bytes(),
        many.as_bytes(),
        b"peer [[[[",
        b"peer [,,,] announce eor",
        b"neighbor , , ,",
        b"\"",
        b"'",
        b"neighbor * neighbor * neighbor",
    ] {
        assert_eq!(talk.say(line), ["error"], "{:?}", &line[..line.len().min(40)]);
    }
    assert_eq!(talk.say(selectors(1000)), ["done"]);
    assert_eq!(talk.table.asked().len(), 3);
}

#[test]
fn every_spelling_leads_to_its_command() {
    let tree = Tree::of_table::<Table>();
    for (place, command) in Command::<Table>::ALL.iter().enumerate() {
        assert!(!command.help.is_empty());
        for spelling in command.spellings {
            let found = tree.walk(&mut Tokens::line(spelling)).command;
            assert_eq!(found, Some(place), "{spelling}");
        }
    }
    let names: Vec<_> = Command::<Table>::ALL.iter().map(|command| command.spellings[0]).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn whatever_is_said_answers_are_ascii() {
    for dialect in [Dialect::V4, Dialect::V6] {
        let mut talk = Talk::new(dialect);
        for line in ["announce é", "announce route é", "api version é", "help", "show neighbor é"]
        {
            assert!(talk.say(line).iter().all(|line| line.is_ascii()), "{line}");
        }
    }
}

#[test]
fn help_names_every_command() {
    let text = Talk::new(Dialect::V4).say("help");
    let json = Talk::new(Dialect::V6).say("help");
    let value: serde_json::Value = serde_json::from_str(&json[0]).unwrap();
    let listed = value["commands"].as_array().unwrap();
    assert_eq!(listed.len(), Command::<Table>::ALL.len());
    for command in Command::<Table>::ALL {
        let line = format!("{} {}", command.spellings[0], command.syntax);
        assert!(text.iter().any(|shown| shown.ends_with(&line)), "{line}");
    }
}

#[test]
fn routes_go_to_the_peers_that_carry_their_family() {
    let mut talk = Talk::new(Dialect::V4);
    talk.table.peers[0].settings.families = vec![crate::protocol::Family::IPV6_UNICAST];
    assert_eq!(talk.say("announce route 10.0.0.0/24 next-hop 10.0.0.9"), ["done"]);
    assert_eq!(talk.table.asked().len(), 2);
    assert_eq!(
        talk.say("peer * announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1"),
        ["done"]
    );
    assert_eq!(talk.table.asked().len(), 3);
    let one = "neighbor 127.0.0.1 router-id 10.0.0.3 ";
    let several = "announce attributes med 1 next-hop 10.0.0.9 nlri 10.2.0.1/32 10.2.0.2/32";
    assert_eq!(talk.say(format!("{one}{several}")), ["done"]);
    assert_eq!(talk.table.asked().len(), 2);
    assert_eq!(talk.say(format!("{one}withdraw route 10.99.0.0/24")), ["done"]);
    assert_eq!(talk.table.asked().len(), 1);
}

#[test]
fn a_route_that_cannot_be_read_announces_nothing() {
    let mut four = Talk::new(Dialect::V4);
    let mut six = Talk::new(Dialect::V6);
    for (line, reason) in [
        ("announce route 10.0.19.0/24", "announce requires nexthop: 10.0.19.0/24"),
        ("announce route nonsense", "Could not parse route: route nonsense"),
        ("announce route", "Could not parse route: route"),
        (
            "announce  route 10.0.20.0/33   next-hop 10.0.0.9",
            "Could not parse route: route 10.0.20.0/33 next-hop 10.0.0.9",
        ),
        (
            "peer * announce route 10.85.0.0/24 next-hop 10.0.0.9 wibble",
            "Could not parse route: route 10.85.0.0/24 next-hop 10.0.0.9 wibble",
        ),
        (
            "announce attributes med 100 next-hop 10.0.0.9",
            "column 46: expected nlri and a prefix before the end",
        ),
        ("announce ipv4", "column 14: expected a subsequent address family before the end"),
    ] {
        assert_eq!(four.say(line), ["error"], "{line}");
        let told = six.say(line);
        assert_eq!(told, [format!("error: {reason}").as_str(), "error"], "{line}");
        assert_eq!(four.table.asked(), [""; 0], "{line}");
    }
    assert_eq!(four.say("announce route 10.0.0.0/24 next-hop 10.0.0.9"), ["done"]);
}

#[test]
fn a_synchronous_answer_waits_for_the_wire() {
    let mut talk = Talk::new(Dialect::V4);
    let route = "announce route 10.0.0.0/24 next-hop 10.0.0.9";
    assert_eq!(talk.say("enable-sync"), ["done"]);
    talk.table.peers[1].flushed = false;
    assert_eq!(talk.say(route), [""; 0], "a peer has yet to send it");
    assert_eq!(talk.say(format!("{route} async")), ["done"]);
    talk.table.peers[1].flushed = true;
    assert_eq!(talk.say(route), ["done"]);
    assert_eq!(talk.say("disable-sync"), ["done"]);
    talk.table.peers[1].flushed = false;
    assert_eq!(talk.say(route), ["done"]);
    assert_eq!(talk.say(format!("{route} sync")), [""; 0]);
}

proptest::proptest! {
    #[test]
    fn every_line_has_one_verdict(
        dialect in proptest::bool::ANY,
        words in proptest::collection::vec(
            proptest::sample::select(WORDS.to_vec()),
            0..12,
        ),
        noise in proptest::collection::vec(proptest::num::u8::ANY, 0..8),
    ) {
        let mut talk = Talk::new(if dialect { Dialect::V6 } else { Dialect::V4 });
        talk.table.peers.truncate(2);
        let line = words.join(" ");
        let garbled = [line.as_bytes(), &noise].concat();
        for line in [line.as_bytes(), &garbled] {
            talk.process.ack = Ack::On;
            talk.process.sync = false;
            let told = talk.say(line);
            let is_verdict = |line: &&String| *line == "done" || *line == "error";
            let quiet = str::from_utf8(line).is_ok_and(|line| {
                let line = line.trim();
                line.starts_with("debug ") || line.contains("silence")
            });
            let count = told.iter().filter(is_verdict).count();
            proptest::prop_assert!(count == 1 || quiet, "{line:?}: {told:?}");
            proptest::prop_assert!(told.iter().all(|line| line.is_ascii()), "{told:?}");
        }
    }
}

const WORDS: &[&str] = &[
    "announce",
    "withdraw",
    "route",
    "attributes",
    "ipv4",
    "unicast",
    "eor",
    "route-refresh",
    "watchdog",
    "operational",
    "asm",
    "afi",
    "safi",
    "advisory",
    "10.0.0.0/24",
    "next-hop",
    "self",
    "10.0.0.9",
    "nlri",
    "neighbor",
    "peer",
    "*",
    "[",
    "]",
    ",",
    "127.0.0.1",
    "router-id",
    "show",
    "adj-rib",
    "out",
    "in",
    "extensive",
    "json",
    "text",
    "summary",
    "configuration",
    "list",
    "rib",
    "flush",
    "clear",
    "teardown",
    "4",
    "daemon",
    "session",
    "system",
    "ack",
    "enable",
    "silence",
    "version",
    "help",
    "status",
    "ping",
    "api",
    "sync",
    "async",
    "#",
    "\"",
    "{",
    ";",
    "debug",
    "é",
    "split",
    "/26",
    "med",
    "5",
    "community",
    "65000:1",
    "disable",
    "queue-status",
    "reset",
    "crash",
];
