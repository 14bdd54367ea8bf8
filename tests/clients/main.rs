//! Clients of the running program: over named pipes, over the socket, by the command line.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod client;
mod completion;
mod pipes;
mod programs;
mod socket;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use support::daemon::{self, Finished, Starting};
use support::wait::{PATIENCE, readable};
use support::{Daemon, Deadline, IPV4, Listener, Open, Peer, Place, neighbor, until};

/// Makes a pair of named pipes.
fn make_pipes(folder: &Path, name: &str) {
    for end in ["in", "out"] {
        mkfifo(&folder.join(format!("{name}.{end}")), Mode::from_bits_truncate(0o600)).unwrap();
    }
}

/// The program serves clients in its private directory.
fn serving(starting: Starting) -> Starting {
    let folder = starting.place().path().display().to_string();
    starting
        .set("api.cli", "true")
        .set("log.level", "DEBUG")
        .variable("EXABGP_ROOT", &folder)
        .variable("exabgp_cli_pipe", &folder)
        .variable("exabgp_cli_socket", &folder)
}

/// A session, and a program that serves clients over pipes and socket.
struct Stage {
    daemon: Daemon,
    _listener: Listener,
    peer: Peer,
}

impl Stage {
    fn new() -> Self {
        Self::with(|starting| starting)
    }

    /// With other settings.
    fn with(adjust: impl FnOnce(Starting) -> Starting) -> Self {
        let listener = Listener::new();
        let starting = Daemon::with(&neighbor(&listener, IPV4));
        make_pipes(starting.place().path(), "exabgp");
        let daemon = adjust(serving(starting)).start();
        let mut peer = listener.establish(&Open::ipv4());
        peer.updates_until_eor();
        Self { daemon, _listener: listener, peer }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.daemon.place().join(name)
    }

    /// A writer that opens the pipe, writes and goes.
    fn write(&self, text: &str) {
        OpenOptions::new()
            .write(true)
            .open(self.path("exabgp.in"))
            .and_then(|mut pipe| pipe.write_all(text.as_bytes()))
            .expect("a write to the pipe");
    }

    /// Opens the answers to read, as if nobody else did.
    fn reader(&self) -> Lines<File> {
        let pipe = OpenOptions::new()
            .read(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(self.path("exabgp.out"));
        Lines::new(pipe.expect("the pipe of answers"))
    }

    /// Connects to the socket.
    fn caller(&self) -> Lines<UnixStream> {
        call(&self.path("exabgp.sock"))
    }

    /// A client of the command line in the same environment.
    fn command(&self, arguments: &[&str]) -> Command {
        command(self.daemon.place(), arguments)
    }

    /// Runs such a client to its end.
    fn exabgp(&self, arguments: &[&str]) -> Finished {
        daemon::finish(&Place::new(), self.command(arguments), b"")
    }

    /// The same, with an input.
    fn exabgp_with(&self, arguments: &[&str], input: &str) -> Finished {
        daemon::finish(&Place::new(), self.command(arguments), input.as_bytes())
    }

    /// The program does what clients ask, and the session carries it.
    fn answers(&mut self, number: u8) {
        let prefix = format!("10.99.{number}.0/24");
        let finished = self.exabgp(&["cli", "announce", "route", &prefix, "next-hop", "10.0.0.9"]);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        assert_eq!(self.peer.update().announced, [prefix]);
    }
}

/// A client that looks for the program in a directory.
fn command(place: &Place, arguments: &[&str]) -> Command {
    let folder = place.path();
    let mut command = daemon::command(place);
    command
        .args(arguments)
        .env("EXABGP_ROOT", folder)
        .env("exabgp_cli_pipe", folder)
        .env("exabgp_cli_socket", folder);
    command
}

/// Connects to a socket that is there soon.
fn call(path: &Path) -> Lines<UnixStream> {
    let stream = until("the socket", || UnixStream::connect(path).ok());
    stream.set_nonblocking(true).expect("a non-blocking socket");
    Lines::new(stream)
}

/// Lines of a descriptor that never blocks, with a deadline.
struct Lines<T> {
    from: T,
    received: Vec<u8>,
}

impl<T: Read + std::os::fd::AsFd> Lines<T> {
    fn new(from: T) -> Self {
        Self { from, received: Vec::new() }
    }

    /// The next line; `None` at the end of the file.
    fn line(&mut self) -> Option<String> {
        let deadline = Deadline::after(PATIENCE);
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            assert!(deadline.ready(&mut [readable(&self.from)]), "no line from the program");
            let mut piece = [0; 65536];
            match self.from.read(&mut piece) {
                Ok(0) => return None,
                Ok(count) => self.received.extend(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("reading an answer: {error}"),
            }
        }
    }

    /// An answer, with the word that ends it.
    fn answer(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().expect("an answer, not the end");
            let last = matches!(line.as_str(), "done" | "error");
            lines.push(line);
            if last {
                return lines;
            }
        }
    }
}

impl Lines<UnixStream> {
    /// Sends commands.
    fn say(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.from.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let mut room = [support::wait::both(&self.from)];
                    assert!(Deadline::usual().ready(&mut room), "the program takes no more");
                }
                Err(error) => panic!("sending a command: {error}"),
            }
        }
    }

    /// Sends a command and reads the answer.
    fn ask(&mut self, command: &str) -> Vec<String> {
        self.say(&format!("{command}\n"));
        self.answer()
    }
}

/// The lines of a text.
fn lines(text: &str) -> Vec<String> {
    BufReader::new(text.as_bytes()).lines().map(|line| line.expect("text")).collect()
}
