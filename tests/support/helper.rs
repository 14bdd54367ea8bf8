//! Helper processes whose two ends the test holds.
//!
//! The program starts a small script, which connects back to a socket of the test and then only
//! copies: what the test writes becomes the helper's output, what the program tells the helper
//! becomes the test's input. Each connection is one life of the helper, so deaths and restarts
//! are seen as they happen.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::place::Place;
use super::wait::{Deadline, PATIENCE, both, readable};

const BRIDGE: &str = r#"#!/usr/bin/env python3
"""Copies between the program's pipes and a socket: bridge SOCKET [deaf] [closed]."""
import os
import socket
import sys
import threading

link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
link.connect(sys.argv[1])
link.sendall(b"%d\n" % os.getpid())


def commands():
    try:
        while data := link.recv(65536):
            while data:
                data = data[os.write(1, data):]
    except OSError:
        pass
    os._exit(0)


def events():
    try:
        while data := os.read(0, 65536):
            link.sendall(data)
    except OSError:
        pass
    os._exit(0)


if "closed" in sys.argv:
    os.close(0)
elif "deaf" not in sys.argv:
    threading.Thread(target=events, daemon=True).start()
commands()
"#;

/// A helper that the configuration names.
pub struct Helper {
    place: Place,
    name: String,
    script: PathBuf,
    socket: UnixListener,
}

impl Helper {
    /// A helper of this name.
    pub fn new(name: &str) -> Self {
        let place = Place::new();
        let script = place.script("helper", BRIDGE);
        let socket = UnixListener::bind(place.join("link")).expect("a socket");
        socket.set_nonblocking(true).expect("a non-blocking socket");
        Self { place, name: name.to_owned(), script, socket }
    }

    /// Lets a helper of another user connect back.
    pub fn open_to_all(&self) {
        let all = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(self.place.join("link"), all).expect("a socket for all");
    }

    /// The `process` section of a configuration, with the JSON encoder.
    pub fn process(&self) -> String {
        self.process_with("encoder json;", "")
    }

    /// The `process` section with other statements, and with words for the script: `deaf` never
    /// reads, `closed` closes its input.
    pub fn process_with(&self, statements: &str, words: &str) -> String {
        format!(
            "process {} {{\n    run {} {} {words};\n    {statements}\n}}\n",
            self.name,
            self.script.display(),
            self.place.join("link").display(),
        )
    }

    /// The `api` section of a neighbor: the helper may command it, and hears what `wishes` say.
    pub fn api(&self, wishes: &str) -> String {
        format!("    api {{ processes [ {} ]; {wishes} }}\n", self.name)
    }

    /// The next life of the helper.
    pub fn accept(&self) -> Link {
        self.accept_within(PATIENCE).expect("the helper is started")
    }

    /// The next life of the helper, if it begins in time.
    pub fn accept_within(&self, patience: Duration) -> Option<Link> {
        let deadline = Deadline::after(patience);
        loop {
            match self.socket.accept() {
                Ok((stream, _)) => return Some(Link::new(stream)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("accept: {error}"),
            }
            if !deadline.ready(&mut [readable(&self.socket)]) {
                return None;
            }
        }
    }
}

/// What the program answered to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The lines before the last one, without events.
    pub lines: Vec<String>,
    /// `done` or `error`.
    pub verdict: String,
}

/// One life of a helper.
pub struct Link {
    stream: UnixStream,
    /// The process id of the script.
    pub pid: u32,
    inbox: Vec<u8>,
    ended: bool,
    events: VecDeque<String>,
    seen: Vec<String>,
}

impl Link {
    fn new(stream: UnixStream) -> Self {
        stream.set_nonblocking(true).expect("a non-blocking socket");
        let mut link = Self {
            stream,
            pid: 0,
            inbox: Vec::new(),
            ended: false,
            events: VecDeque::new(),
            seen: Vec::new(),
        };
        link.pid = link.line().parse().expect("a process id");
        link
    }

    /// Writes octets as the helper's output, while reading what comes.
    pub fn raw(&mut self, bytes: &[u8]) {
        assert!(self.offer(bytes), "the helper is gone");
    }

    /// As [`Link::raw`]; false when the helper ended before it had everything.
    pub fn offer(&mut self, mut bytes: &[u8]) -> bool {
        let deadline = Deadline::after(PATIENCE * 2);
        while !bytes.is_empty() {
            assert!(deadline.ready(&mut [both(&self.stream)]), "the program takes no more");
            self.read();
            match self.stream.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return false,
            }
        }
        true
    }

    /// Writes a line.
    pub fn say(&mut self, line: &str) {
        self.raw(format!("{line}\n").as_bytes());
    }

    fn read(&mut self) {
        let mut piece = [0_u8; 65536];
        match self.stream.read(&mut piece) {
            Ok(0) => self.ended = true,
            Ok(count) => self.inbox.extend(&piece[..count]),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => {}
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => self.ended = true,
                _ => panic!("reading as the helper: {error}"),
            },
        }
    }

    /// The next line that is not empty, if there is one before the deadline and before the end.
    pub fn try_line(&mut self, deadline: Deadline) -> Option<String> {
        loop {
            while let Some(end) = self.inbox.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.inbox.drain(..=end).collect();
                let line = String::from_utf8(line).expect("UTF-8 from the program");
                assert!(line.is_ascii(), "not ASCII: {line}");
                let line = line.trim_end_matches(['\n', '\r']).to_owned();
                if !line.is_empty() {
                    self.seen.push(line.clone());
                    return Some(line);
                }
            }
            if self.ended || !deadline.ready(&mut [readable(&self.stream)]) {
                return None;
            }
            self.read();
        }
    }

    /// The next line that is not empty, an answer or an event.
    pub fn line(&mut self) -> String {
        self.try_line(Deadline::usual()).expect("a line from the program")
    }

    /// Sends a command and collects the answer. Events that come between are kept for later.
    pub fn ask(&mut self, command: &str) -> Reply {
        self.say(command);
        self.reply()
    }

    /// Collects the answer to a command that was sent before.
    pub fn reply(&mut self) -> Reply {
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            match line.as_str() {
                "done" | "error" => return Reply { lines, verdict: line },
                event if event.starts_with("{ \"exabgp\"") => self.events.push_back(line),
                _ => lines.push(line),
            }
        }
    }

    /// Sends a command that must be done, and answers the lines before `done`.
    pub fn done(&mut self, command: &str) -> Vec<String> {
        let reply = self.ask(command);
        assert_eq!(reply.verdict, "done", "{command}: {:?}", reply.lines);
        reply.lines
    }

    /// Sends a command that must be refused, and answers the lines before `error`.
    pub fn refused(&mut self, command: &str) -> Vec<String> {
        let reply = self.ask(command);
        assert_eq!(reply.verdict, "error", "{command}: {:?}", reply.lines);
        reply.lines
    }

    /// The next event, as it was written.
    pub fn event_line(&mut self) -> String {
        if let Some(line) = self.events.pop_front() {
            return line;
        }
        self.line()
    }

    /// The next event, which must be valid JSON.
    pub fn event(&mut self) -> Value {
        let line = self.event_line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in event: {line}"))
    }

    /// The next event that has a place in the document and, if given, this value there. Others
    /// before it are passed over, but must be valid.
    pub fn event_at(&mut self, pointer: &str, value: Option<&str>) -> Value {
        loop {
            let event = self.event();
            match (event.pointer(pointer), value) {
                (Some(_), None) => return event,
                (Some(found), Some(value)) if found == value => return event,
                _ => {}
            }
        }
    }

    /// Waits for the state event of this name.
    pub fn state(&mut self, state: &str) -> Value {
        self.event_at("/neighbor/state", Some(state))
    }

    /// Waits for the end of the helper.
    pub fn end(&mut self) {
        let deadline = Deadline::usual();
        while let Some(line) = self.try_line(deadline) {
            self.events.push_back(line);
        }
        assert!(self.ended, "the helper still runs");
    }

    /// Every line that was read so far.
    pub fn seen(&self) -> &[String] {
        &self.seen
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the last of {} lines that helper {} read:", self.seen.len(), self.pid);
            for line in self.seen.iter().rev().take(20).rev() {
                println!("  {line}");
            }
        }
    }
}
