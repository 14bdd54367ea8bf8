//! The client of the command line: what it prints where, and its exit codes.

use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::{Child, Stdio};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::openpty;

use super::{Stage, command, daemon, lines};
use crate::support::wait::PATIENCE;
use crate::support::{Deadline, Place, Stopwatch, wait};

const WAYS: [&str; 2] = ["--pipe", "--socket"];

#[test]
fn one_command_prints_its_answer() {
    let stage = Stage::new();
    for way in WAYS {
        for word in ["cli", "run"] {
            let finished = stage.exabgp(&[word, way, "version"]);
            assert_eq!((finished.code, &*finished.err), (Some(0), ""), "{finished:?}");
            let printed = lines(&finished.out);
            assert_eq!(printed.len(), 1, "{finished:?}");
            assert!(printed[0].starts_with("exabgp "), "{finished:?}");
        }
    }
}

#[test]
fn short_forms_are_shown_in_full() {
    let mut stage = Stage::new();
    stage.answers(0);
    let finished = stage.exabgp(&["cli", "s", "n", "s"]);
    let printed = lines(&finished.out);
    assert_eq!(finished.code, Some(0));
    assert_eq!(printed[0], "command: show neighbor summary");
    assert!(printed[1].starts_with("Peer            AS        up/down state"), "{printed:?}");
    assert!(printed[2].starts_with("127.0.0.1       65001 "), "{printed:?}");
    let finished = stage.exabgp(&["cli", "s", "a", "o", "e"]);
    let printed = lines(&finished.out);
    assert_eq!(printed[0], "command: show adj-rib out extensive");
    assert!(printed[1].starts_with("neighbor 127.0.0.1 local-ip "), "{printed:?}");
    let finished = stage.exabgp(&["cli", "show neighbor summary"]);
    assert_eq!((finished.code, lines(&finished.out).len()), (Some(0), 2), "{finished:?}");
}

#[test]
fn a_refused_command_fails() {
    let stage = Stage::new();
    for way in WAYS {
        let finished = stage.exabgp(&["cli", way, "bogus"]);
        assert_eq!((finished.code, &*finished.out), (Some(1), ""), "{finished:?}");
        assert_eq!(finished.err.lines().count(), 2, "{finished:?}");
        assert!(finished.err.starts_with("error: "), "{finished:?}");
    }
}

#[test]
fn reset_is_not_waited_for() {
    let stage = Stage::new();
    for way in WAYS {
        let finished = stage.exabgp(&["cli", way, "reset"]);
        assert_eq!((finished.code, &*finished.out), (Some(0), ""), "{finished:?}");
        assert_eq!(stage.exabgp(&["cli", way, "version"]).code, Some(0));
    }
}

#[test]
fn without_a_command_there_is_help() {
    let stage = Stage::new();
    for word in ["cli", "run"] {
        let finished = stage.exabgp(&[word]);
        assert_eq!((finished.code, &*finished.out), (Some(1), ""), "{finished:?}");
        assert!(finished.err.contains("Usage: exabgp"), "{finished:?}");
    }
}

#[test]
fn the_program_that_is_not_there_is_looked_for_in_vain() {
    let place = Place::new();
    for arguments in [&["cli", "version"][..], &["run", "--pipe", "version"]] {
        let finished = daemon::finish(&Place::new(), command(&place, arguments), b"");
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(finished.out.contains(&place.path().display().to_string()), "{finished:?}");
        assert!(finished.err.starts_with("error: "), "{finished:?}");
    }
    let both = daemon::finish(&Place::new(), command(&place, &["cli", "--pipe", "--socket"]), b"");
    assert_eq!(both.code, Some(1), "{both:?}");
}

#[test]
fn silence_is_not_waited_for_without_end() {
    let place = Place::new();
    let _mute = UnixListener::bind(place.join("exabgp.sock")).unwrap();
    let watch = Stopwatch::start();
    let finished = daemon::finish(
        &Place::new(),
        command(&place, &["cli", "--timeout", "0.3", "version"]),
        b"",
    );
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.err.contains("no answer"), "{finished:?}");
    assert!(watch.elapsed().as_secs() < 5, "{:?}", watch.elapsed());
}

#[test]
fn a_batch_is_read_from_standard_input() {
    let mut stage = Stage::new();
    let commands = "# routes\n\nannounce route 10.0.0.0/24 next-hop 10.0.0.9\nbogus\n\
                    announce route 10.0.1.0/24 next-hop 10.0.0.9\ns a o\n";
    for (way, dash) in [("--pipe", true), ("--socket", false)] {
        let mut arguments = vec!["cli", way];
        arguments.extend(dash.then_some("-"));
        let finished = stage.exabgp_with(&arguments, commands);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert_eq!(finished.err, "error: refused: bogus\n");
        assert_eq!(
            lines(&finished.out),
            [
                "127.0.0.1 ipv4 unicast 10.0.0.0/24 next-hop 10.0.0.9",
                "127.0.0.1 ipv4 unicast 10.0.1.0/24 next-hop 10.0.0.9",
            ]
        );
    }
    assert_eq!(stage.peer.update().announced, ["10.0.0.0/24"]);
    let finished = stage.exabgp_with(&["run", "--batch", "-"], "version\nbogus\n");
    assert_eq!(finished.code, Some(1), "{finished:?}");
    let printed = lines(&finished.out);
    assert_eq!(printed[0], "[1] version");
    assert_eq!(printed[2..], ["[2] bogus", "error", "2 commands, 1 failed"]);
    let file = stage.daemon.place().file("batch", "version\nping\n");
    let finished = stage.exabgp(&["run", "--batch", file.to_str().unwrap()]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(finished.out.ends_with("2 commands, 0 failed\n"), "{finished:?}");
}

#[test]
fn clients_of_the_pipes_wait_for_each_other() {
    let stage = Stage::new();
    let clients: Vec<Child> = (0..8)
        .map(|number| {
            let words = if number % 2 == 0 {
                ["cli", "--pipe", "version"]
            } else {
                ["cli", "--pipe", "queue-status"]
            };
            stage.command(&words).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for (number, client) in clients.into_iter().enumerate() {
        let output = client.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.starts_with("exabgp "), number % 2 == 0, "{number}: {text}");
    }
}

#[test]
fn a_long_answer_arrives_whole() {
    const COUNT: usize = 50_000;
    let stage = Stage::new();
    let commands: String = (0..COUNT)
        .map(|n| {
            format!(
                "announce route 10.{}.{}.{}/32 next-hop 10.0.0.9\n",
                n >> 16,
                n >> 8 & 255,
                n & 255
            )
        })
        .collect();
    let finished = stage.exabgp_with(&["cli", "-"], &commands);
    assert_eq!((finished.code, &*finished.out), (Some(0), ""), "{}", finished.err);
    for way in WAYS {
        let finished = stage.exabgp(&["cli", way, "show", "adj-rib", "out"]);
        assert_eq!((finished.code, lines(&finished.out).len()), (Some(0), COUNT), "{way}");
    }
}

#[test]
fn the_program_has_other_names() {
    let stage = Stage::new();
    for name in ["exabgpcli", "exabgp-cli"] {
        let path = stage.daemon.place().join(name);
        symlink(daemon::binary(), &path).unwrap();
        let mut client = std::process::Command::new(path);
        let known = stage.command(&["version"]);
        client.args(known.get_args()).env_clear();
        client.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let finished = daemon::finish(&Place::new(), client, b"");
        assert_eq!(finished.code, Some(0), "{finished:?}");
        assert!(finished.out.starts_with("exabgp "), "{finished:?}");
    }
}

/// A client at a terminal.
struct Terminal {
    master: std::fs::File,
    child: Child,
    seen: String,
}

impl Terminal {
    fn open(mut command: std::process::Command) -> Self {
        let pair = openpty(None, None).unwrap();
        let slave = std::fs::File::from(pair.slave);
        let child = command
            .env("TERM", "xterm")
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(slave)
            .spawn()
            .unwrap();
        fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        Self { master: pair.master.into(), child, seen: String::new() }
    }

    fn press(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the terminal shows a text behind what was waited for before.
    fn shows(&mut self, text: &str) {
        let deadline = Deadline::after(PATIENCE);
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let mut ready = [wait::readable(&self.master)];
            assert!(deadline.ready(&mut ready), "no '{text}' in {:?}", self.seen);
            let mut piece = [0; 4096];
            match self.master.read(&mut piece) {
                Ok(count) => self.seen += &String::from_utf8_lossy(&piece[..count]),
                Err(error) => panic!("no '{text}' in {:?}: {error}", self.seen),
            }
        }
    }
}

#[test]
fn a_conversation_completes_colours_and_remembers() {
    let mut stage = Stage::new();
    stage.answers(0);
    let mut terminal = Terminal::open(stage.command(&["cli"]));
    terminal.shows("exabgp> ");
    terminal.press("sho\tnei\tsum\t\r");
    terminal.shows("\x1b[1mPeer ");
    terminal.shows("\x1b[32m127.0.0.1");
    terminal.shows("exabgp> ");
    terminal.press("show neighbor 12\t extensive\r");
    terminal.shows("Neighbor 127.0.0.1");
    terminal.press("s a o\r");
    terminal.shows("family");
    terminal.shows("127.0.0.1  ipv4 unicast  10.99.0.0/24 next-hop 10.0.0.9");
    terminal.press("json peer list\r");
    terminal.shows("  {\r\n    \"peer-address\": \"127.0.0.1\"");
    terminal.press("bogus\r");
    terminal.shows("refused");
    for setting in ["set sync on\r", "set display json\r"] {
        terminal.shows("exabgp> ");
        terminal.press(setting);
        terminal.shows("\r\n");
    }
    terminal.shows("exabgp> ");
    terminal.press("version\r");
    terminal.shows("\"version\"");
    terminal.press("announce route 10.1.0.0/24 next-hop 10.0.0.9\r");
    assert_eq!(stage.peer.update().announced, ["10.1.0.0/24"]);
    terminal.press("history\r");
    terminal.shows("1 show neighbor summary");
    terminal.press("exit\r");
    let child = &mut terminal.child;
    let status = crate::support::until("the end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
    let history = std::fs::read_to_string(stage.path(".exabgp_history")).unwrap();
    assert!(history.contains("show neighbor summary"), "{history}");
    // Without a terminal there are no colours.
    let finished = stage.exabgp(&["cli", "show", "neighbor", "summary"]);
    assert!(!finished.out.contains('\x1b'), "{finished:?}");
}
