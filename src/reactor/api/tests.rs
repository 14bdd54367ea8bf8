//! Helpers that run, in a loop like that of the reactor: what they say, hear and come to.

use std::cell::Cell;
use std::time::Duration;

use mio::{Events, Poll, Token};

use super::fake::Table;
use super::*;
use crate::bgp::neighbor::{SessionSettings, Subscription};
use crate::configuration::{Encoder, Process as Program, RouteParser};
use crate::protocol::Prefix;

/// A loop that serves helpers and nothing else.
struct Rig {
    api: Api,
    shared: Shared,
    poll: Poll,
    pipes: Vec<(ProcessId, End)>,
    clock: Clock,
    table: Table,
    parser: RouteParser,
    folder: std::path::PathBuf,
}

impl Rig {
    fn new(options: Options) -> Self {
        thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
        let count = COUNT.replace(COUNT.get() + 1);
        let thread = format!("{:?}", std::thread::current().id());
        let number: String = thread.chars().filter(char::is_ascii_digit).collect();
        let name = format!("exabgp-api-{}-{number}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Clock::new();
        Self {
            api: Api::new(options, &clock),
            shared: Shared::default(),
            poll: Poll::new().unwrap(),
            pipes: Vec::new(),
            clock,
            table: Table::four(),
            parser: RouteParser::new(),
            folder,
        }
    }

    /// A helper called p that runs this script, with `$F` the folder of the test.
    fn program(&self, script: &str) -> Program {
        let script = format!("F={}; {script}", self.folder.display());
        Program {
            name: "p".into(),
            run: vec!["/bin/sh".to_owned(), "-c".to_owned(), script],
            encoder: Encoder::Json,
            respawn: true,
            version: None,
        }
    }

    fn start(&mut self, script: &str) {
        let program = self.program(script);
        self.configure(&[program], Restart::Changed);
    }

    fn configure(&mut self, programs: &[Program], restart: Restart) {
        self.api.configure(programs, restart, &mut self.shared, self.clock.now());
    }

    /// One iteration.
    fn turn(&mut self) {
        for pipe in self.api.pipes().collect::<Vec<_>>() {
            if let Pipe::Opened(id, end) = pipe {
                let token = Token(self.pipes.len());
                self.pipes.push((id, end));
                self.api.register(id, end, self.poll.registry(), token).unwrap();
            }
        }
        let mut events = Events::with_capacity(64);
        match self.poll.poll(&mut events, Some(Duration::from_millis(5))) {
            // Other tests of this program send signals.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => events.clear(),
            polled => polled.unwrap(),
        }
        let now = self.clock.refresh();
        for event in &events {
            let (id, end) = self.pipes[event.token().0];
            self.api.ready(id, end);
        }
        let Self { api, shared, table, parser, .. } = self;
        let mut context = Context { peers: table, parser, now };
        api.commands(shared, &mut context);
        api.jobs(&mut context);
        api.flush(shared, now);
        api.reap(shared, now);
        api.fire(shared, now);
    }

    /// Goes on until `done` says so.
    fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let deadline = self.clock.refresh() + Duration::from_secs(20);
        while !done(self) {
            assert!(self.clock.now() < deadline, "{what}: it does not happen");
            self.turn();
        }
    }

    /// What a helper has written to a file of the folder.
    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    fn until_file(&mut self, name: &str, expected: &str) {
        self.until(expected, |rig| rig.read(name) == expected);
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        for mut child in self
            .api
            .processes
            .iter_mut()
            .flatten()
            .filter_map(|process| process.reset(process::Ack::Off, &mut self.shared))
        {
            child.kill().ok();
            child.wait().ok();
        }
        self.api.leaving.iter_mut().for_each(Leaving::kill);
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn audience(rig: &Rig) -> Audience {
    let mut settings = SessionSettings::new(Prefix::host("127.0.0.1".parse().unwrap()));
    let process = "p".into();
    settings.api =
        vec![Subscription { process, neighbor_changes: true, ..Subscription::default() }];
    let mut audience = Audience::new(&settings);
    rig.api.tune(&mut audience);
    audience
}

#[test]
fn a_command_is_obeyed_and_answered() {
    let mut rig = Rig::new(Options::default());
    rig.start(
        "echo announce eor; read a; echo $a >> $F/out; echo nonsense; read b; \
        echo $b >> $F/out; cat > $F/rest",
    );
    rig.until_file("out", "done\nerror\n");
    assert_eq!(rig.table.asked().len(), 4);
}

#[test]
fn a_helper_lives_in_an_environment_of_its_own() {
    let mut rig = Rig::new(Options::default());
    rig.start("echo $TERM $(cut -d' ' -f5 /proc/$$/stat) $$ > $F/new; mv $F/new $F/env; cat");
    rig.until("environment", |rig| !rig.read("env").is_empty());
    let words = rig.read("env");
    let words: Vec<&str> = words.split_whitespace().collect();
    assert_eq!(words[0], "dumb");
    assert_eq!(words[1], words[2], "the helper leads its process group");
}

#[test]
fn half_a_line_waits_for_the_other_half_and_dies_with_the_helper() {
    let mut rig = Rig::new(Options { respawn: false, ..Options::default() });
    rig.start("printf 'announce '; sleep 0.05; printf 'eor\\nannounce eor ipv6'; exit 0");
    rig.until("the end of the helper", |rig| {
        let running = rig.api.processes[0].as_ref().unwrap().is_running();
        !running && rig.api.processes[0].as_ref().unwrap().ends().next().is_none()
    });
    assert_eq!(rig.table.asked()[0], "P2 eor ipv4 unicast");
}

#[test]
fn all_that_was_written_before_the_end_is_obeyed() {
    let mut rig = Rig::new(Options { respawn: false, ..Options::default() });
    rig.start(
        "i=0; while [ $i -lt 2000 ]; do echo peer 127.0.0.1 router-id 10.0.0.2 announce eor; \
        i=$((i+1)); done",
    );
    let mut count = 0;
    rig.until("two thousand commands", |rig| {
        count += rig.table.asked().len();
        count == 2000
    });
}

#[test]
fn a_helper_that_dies_is_started_six_times() {
    let mut rig = Rig::new(Options::default());
    rig.start("echo x >> $F/starts; exit 1");
    rig.until_file("starts", "x\nx\nx\nx\nx\nx\n");
    rig.until("the last end", |rig| !rig.api.processes[0].as_ref().unwrap().is_running());
    for _ in 0..10 {
        rig.turn();
    }
    assert_eq!(rig.read("starts").len(), 12);
    assert!(rig.api.requests.is_empty());
    // A reload asks for it again.
    let program = rig.program("echo again > $F/starts; cat");
    rig.configure(&[program], Restart::Changed);
    rig.until_file("starts", "again\n");
}

#[test]
fn the_loss_of_a_helper_ends_the_program_when_asked() {
    let mut rig = Rig::new(Options { terminate: true, ..Options::default() });
    rig.start("exit 1");
    rig.until("the request", |rig| rig.api.requests().any(|asked| asked == Control::Terminate));
    let mut missing = rig.program("");
    missing.run = vec!["/nonexistent/program".to_owned()];
    rig.configure(&[missing], Restart::Changed);
    assert_eq!(rig.api.requests().collect::<Vec<_>>(), [Control::Terminate]);
}

#[test]
fn without_respawn_the_end_is_the_end() {
    for (options, section) in
        [(Options { respawn: false, ..Options::default() }, true), (Options::default(), false)]
    {
        let mut rig = Rig::new(options);
        let program = Program { respawn: section, ..rig.program("echo x >> $F/starts; exit 0") };
        rig.configure(&[program], Restart::Changed);
        rig.until("the end", |rig| !rig.api.processes[0].as_ref().unwrap().is_running());
        rig.turn();
        rig.turn();
        assert_eq!(rig.read("starts"), "x\n");
    }
}

#[test]
fn a_slow_reader_holds_back_its_peers_and_nothing_else() {
    let mut rig = Rig::new(Options::default());
    nix::unistd::mkfifo(&rig.folder.join("go"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    rig.start("read go < $F/go; cat > $F/out");
    let mut listening = audience(&rig);
    let reason = "x".repeat(1000);
    let mut told = 0;
    rig.until("the mark", |rig| {
        for _ in 0..100 {
            rig.api.down(&mut listening, &reason);
            told += 1;
        }
        !rig.api.keeps_up(&listening)
    });
    assert!(!rig.api.relieved());
    std::fs::write(rig.folder.join("go"), "\n").unwrap();
    rig.until("relief", |rig| rig.api.relieved());
    rig.until("every event", |rig| rig.read("out").lines().count() == told);
    assert!(rig.api.keeps_up(&listening));
    for (index, line) in rig.read("out").lines().enumerate() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["counter"], index + 1);
    }
}

#[test]
fn a_helper_that_does_not_read_is_reported_once() {
    let mut rig = Rig::new(Options::default());
    rig.start("sleep 100");
    let mut listening = audience(&rig);
    let reason = "x".repeat(10_000);
    rig.until("the mark", |rig| {
        (0..100).for_each(|_| rig.api.down(&mut listening, &reason));
        !rig.api.keeps_up(&listening)
    });
    rig.turn();
    let deadline = rig.api.deadline().unwrap();
    assert!(deadline > rig.clock.now() + Duration::from_secs(20));
    rig.api.fire(&mut rig.shared, deadline);
    assert_eq!(rig.api.deadline(), None, "told once");
}

#[test]
fn a_helper_that_floods_without_reading_is_not_listened_to() {
    let mut rig = Rig::new(Options::default());
    nix::unistd::mkfifo(&rig.folder.join("go"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    rig.start("yes version & read go < $F/go; cat > $F/out");
    rig.until("full replies", |rig| rig.api.processes[0].as_ref().unwrap().replies_first);
    let waiting = rig.api.processes[0].as_ref().unwrap().queue.bytes();
    (0..10).for_each(|_| rig.turn());
    assert!(rig.api.processes[0].as_ref().unwrap().queue.bytes() <= waiting);
    std::fs::write(rig.folder.join("go"), "\n").unwrap();
    rig.until("more than what waited", |rig| rig.read("out").len() > 2 * waiting);
}

#[test]
fn a_closed_input_is_noticed_and_commands_go_on() {
    let mut rig = Rig::new(Options::default());
    rig.start("exec 0<&-; echo ready > $F/ready; while sleep 0.02; do echo announce eor; done");
    let mut listening = audience(&rig);
    rig.until_file("ready", "ready\n");
    rig.until("the fault", |rig| {
        rig.api.up(&mut listening);
        !rig.api.processes[0].as_ref().unwrap().listens()
    });
    rig.table.asked();
    rig.until("another command", |rig| !rig.table.asked().is_empty());
}

#[test]
fn a_reload_starts_again_only_what_has_changed() {
    let mut rig = Rig::new(Options::default());
    let programs = |rig: &Rig, second: &str| {
        let mut other = rig.program(&format!("echo {second} >> $F/second; cat"));
        other.name = "q".into();
        [rig.program("echo x >> $F/first; cat"), other]
    };
    let before = programs(&rig, "a");
    rig.configure(&before, Restart::Changed);
    rig.until_file("second", "a\n");
    let after = programs(&rig, "b");
    rig.configure(&after, Restart::Changed);
    rig.until_file("second", "a\nb\n");
    rig.until_file("first", "x\n");
    rig.configure(&after, Restart::All);
    rig.until_file("first", "x\nx\n");
    rig.configure(&after[1..], Restart::Changed);
    rig.until("the end of the removed", |rig| rig.api.leaving.is_empty());
    assert!(rig.api.processes[0].is_none());
}

#[test]
fn the_end_is_told_then_the_input_ends() {
    let mut rig = Rig::new(Options::default());
    rig.start("trap '' TERM; cat > $F/out; echo end > $F/end");
    let mut listening = audience(&rig);
    rig.api.down(&mut listening, "stop, message [shutting down]");
    let now = rig.clock.now();
    rig.api.stop(now);
    rig.until("the end", |rig| rig.api.is_stopped());
    let out = rig.read("out");
    let lines: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["neighbor"]["state"], "down");
    assert_eq!(lines[1]["notification"], "shutdown");
    assert_eq!(rig.read("end"), "end\n");
}

#[test]
fn a_helper_that_will_not_go_is_killed() {
    let mut rig = Rig::new(Options::default());
    rig.start("trap '' TERM; echo x > $F/ready; while :; do sleep 0.1; done");
    rig.until_file("ready", "x\n");
    let now = rig.clock.now();
    rig.api.stop(now);
    rig.until("the end", |rig| rig.api.is_stopped());
    assert!(rig.clock.now() >= now + crate::reactor::limits::PROCESS_END);
}

#[test]
fn what_helpers_complain_of_is_read() {
    let mut rig = Rig::new(Options { stderr: Stderr::Log, ..Options::default() });
    rig.start(
        "i=0; while [ $i -lt 3000 ]; do echo complaint about a lot of things >&2; \
        i=$((i+1)); done; echo x > $F/done; cat",
    );
    rig.until_file("done", "x\n");
}

#[test]
fn what_waits_is_told() {
    let mut rig = Rig::new(Options::default());
    rig.start("echo queue-status; echo queue-status json; head -4 > $F/new; mv $F/new $F/out; cat");
    let expected = "p: 0 items (0 bytes)\ndone\n{\"p\": {\"items\": 0, \"bytes\": 0}}\ndone\n";
    rig.until("four lines", |rig| !rig.read("out").is_empty());
    assert_eq!(rig.read("out"), expected);
}

#[test]
fn garbage_hurts_nobody() {
    let mut rig = Rig::new(Options::default());
    rig.start("head -c 3000000 /dev/urandom; echo; echo announce eor; cat > /dev/null");
    rig.until("the command behind it", |rig| {
        rig.table.asked().iter().any(|asked| asked == "P2 eor ipv4 unicast")
    });
}
