//! One helper program: its pipes, its life, what it has yet to read and what it wrote.
//!
//! Nothing here waits. Pipes are non-blocking and end-of-file is an event; a helper that must go
//! is asked with SIGTERM, and killed by a timer when it does not listen.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::rc::Rc;
use std::time::Instant;

use mio::unix::pipe::{Receiver, Sender};
use nix::fcntl::{FcntlArg, fcntl};

use crate::configuration::{self, Encoder};
use crate::json::Dialect;
use crate::reactor::limits::{
    PIPE_BYTES, PROCESS_STUCK, PROCESS_WARN_EVERY, PROCESS_WARN_ITEMS, READS_PER_TURN,
};
use crate::reactor::network::{Budget, Moved, Shared, Wake};

use super::command::Group;
use super::control::{Kind, Output};
use super::lines::{Line, LineReader};
use super::queue::{Drained, Queue};
use super::respawn::Respawn;
use super::selector::Selection;

/// Names a helper for as long as it is configured. Never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub(super) usize);

/// The ends of the pipes to a helper that we hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    Stdin,
    Stdout,
    Stderr,
}

/// What becomes of what helpers write to their standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stderr {
    /// It goes where ours goes.
    #[default]
    Inherit,
    /// Line by line into the log: for a daemon, whose own leads nowhere.
    Log,
}

/// Whether and how the end of a command is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ack {
    Off,
    On,
    /// Errors come with their reason in every dialect.
    Explained,
}

/// A helper program, running or not; or clients that speak as helpers do.
#[derive(Debug)]
pub(super) struct Process {
    pub kind: Kind,
    pub name: Rc<str>,
    pub program: configuration::Process,
    /// In force since the helper was started.
    pub encoder: Encoder,
    pub dialect: Dialect,
    pub ack: Ack,
    /// What it has said since `group start`.
    pub group: Option<Box<Group>>,
    /// The dialect that was asked for, from the next start on.
    pub next_dialect: Option<Dialect>,
    /// Whether announcements are acknowledged when they are on the wire.
    pub sync: bool,
    pub queue: Queue,
    pub lines: LineReader,
    pub respawns: Respawn,
    /// What waits already has a place in the list of those to be written to.
    pub dirty: bool,
    /// It has a place in the list of those to be read.
    pub listed: bool,
    /// Peers have been held back because it reads slowly.
    pub held: bool,
    /// Its commands wait until it has read some of its replies.
    pub replies_first: bool,
    /// Its commands wait until a long one is done.
    pub busy: bool,
    /// The peers that its last selector chose.
    pub selection: Selection,
    pub pipes: Pipes,
    child: Option<Child>,
    exited: Option<ExitStatus>,
    /// A write found nobody at the other end.
    broken: bool,
    stuck: Option<Stuck>,
    /// When it was last said that much waits for it.
    warned: Option<Instant>,
}

/// The ends that are open, and what is known of their readiness.
#[derive(Debug, Default)]
pub(super) struct Pipes {
    pub stdin: Option<Sender>,
    pub stdout: Option<Receiver>,
    stderr: Option<Receiver>,
    errors: LineReader,
    pub writable: bool,
    pub readable: bool,
    speaks: bool,
}

/// Since when a helper has left more unread than it should.
#[derive(Clone, Copy, Debug)]
struct Stuck {
    deadline: Instant,
    told: bool,
}

/// What reading or writing has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flushed {
    /// Nothing is left to do until the pipe is writable.
    Rest,
    /// The pipe may take more.
    Again,
    /// No event will come; try again in a moment.
    Retry,
    /// Found to be broken just now.
    Broken,
    /// Nobody has come to read the answers: they are gone, and so is what goes on for them.
    Deserted,
}

impl Process {
    /// A helper that does not run yet.
    pub(super) fn new(program: &configuration::Process, dialect: Dialect, ack: Ack) -> Self {
        let mut process = Self {
            kind: Kind::Helper,
            name: Rc::clone(&program.name),
            program: program.clone(),
            encoder: program.encoder,
            dialect,
            ack,
            group: None,
            next_dialect: None,
            sync: false,
            queue: Queue::new(),
            lines: LineReader::new(),
            respawns: Respawn::default(),
            dirty: false,
            listed: false,
            held: false,
            replies_first: false,
            busy: false,
            selection: Selection::default(),
            pipes: Pipes::default(),
            child: None,
            exited: None,
            broken: false,
            stuck: None,
            warned: None,
        };
        process.adopt(program, dialect);
        process
    }

    /// Whether it has left more unread than it should, for long.
    pub(super) fn is_stuck(&self) -> bool {
        self.stuck.is_some_and(|stuck| stuck.told)
    }

    /// Takes what the configuration says from the next start on.
    pub(super) fn adopt(&mut self, program: &configuration::Process, dialect: Dialect) {
        self.program = program.clone();
        self.speak(program.version.unwrap_or(dialect));
    }

    fn speak(&mut self, dialect: Dialect) {
        self.dialect = dialect;
        self.encoder = self.program.encoder;
        if self.dialect == Dialect::V6 && self.encoder == Encoder::Text {
            log::warn!(target: "processes", "encoder changed process={} from=text to=json: \
                version 6 has no text", self.name);
            self.encoder = Encoder::Json;
        }
    }

    /// Starts the program.
    ///
    /// # Errors
    /// Why the system does not start it.
    pub(super) fn start(&mut self, stderr: Stderr) -> io::Result<()> {
        if let Some(dialect) = self.next_dialect.take() {
            self.speak(dialect);
        }
        let mut arguments = self.program.run.iter();
        let path = arguments.next().ok_or(io::ErrorKind::NotFound)?;
        let mut child = Command::new(path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(match stderr {
                Stderr::Inherit => Stdio::inherit(),
                Stderr::Log => Stdio::piped(),
            })
            // Terminal libraries write escape sequences to pipes otherwise.
            .env("TERM", "dumb")
            .env_remove("exabgp_cli_pipe")
            // A ^C at our terminal is for us alone.
            .process_group(0)
            .spawn()?;
        self.pipes = Pipes {
            stdin: child.stdin.take().map(|end| widen(Sender::from(end))),
            stdout: child.stdout.take().map(|end| widen(Receiver::from(end))),
            stderr: child.stderr.take().map(Receiver::from),
            writable: true,
            ..Pipes::default()
        };
        log::debug!(target: "processes", "process started name={} pid={}", self.name, child.id());
        self.child = Some(child);
        self.exited = None;
        self.broken = false;
        self.stuck = None;
        self.pipes.unblock()
    }

    /// Connects its input to a pipe of a test, as if it had been started.
    #[cfg(test)]
    pub(super) fn attach(&mut self, pipe: Sender) {
        self.pipes.stdin = Some(pipe);
    }

    /// Whether it has been started and has not been found dead.
    pub(super) fn is_running(&self) -> bool {
        self.child.is_some() && self.exited.is_none()
    }

    /// Whether it has ended and will not be started again by itself.
    pub(super) fn is_lost(&self) -> bool {
        self.child.is_none()
    }

    /// Whether there is somebody to write to.
    pub(super) fn listens(&self) -> bool {
        self.pipes.stdin.is_some() && !self.broken && self.exited.is_none()
    }

    /// The ends that are open.
    pub(super) fn ends(&self) -> impl Iterator<Item = End> + use<> {
        let pipes = &self.pipes;
        let ends = [
            pipes.stdin.is_some().then_some(End::Stdin),
            pipes.stdout.is_some().then_some(End::Stdout),
            pipes.stderr.is_some().then_some(End::Stderr),
        ];
        ends.into_iter().flatten()
    }

    /// Enters an end into the poll.
    ///
    /// # Errors
    /// What the system reports; nothing is done for an end that is closed.
    pub(super) fn register(
        &mut self,
        end: End,
        registry: &mio::Registry,
        token: mio::Token,
    ) -> io::Result<()> {
        let receiver = match end {
            End::Stdin => {
                return self.pipes.stdin.as_mut().map_or(Ok(()), |pipe| {
                    registry.register(pipe, token, mio::Interest::WRITABLE)
                });
            }
            End::Stdout => self.pipes.stdout.as_mut(),
            End::Stderr => self.pipes.stderr.as_mut(),
        };
        receiver.map_or(Ok(()), |pipe| registry.register(pipe, token, mio::Interest::READABLE))
    }

    /// Notes that an end is ready.
    pub(super) fn ready(&mut self, end: End) {
        match end {
            End::Stdin => self.pipes.writable = true,
            End::Stdout => self.pipes.readable = true,
            End::Stderr => self.pipes.speaks = true,
        }
    }

    /// Reads once from its output; the latch is cleared when there is no more.
    pub(super) fn fill(&mut self, shared: &mut Shared) -> Filled {
        let Some(pipe) = self.pipes.stdout.as_mut() else { return Filled::End };
        if !self.pipes.readable {
            return Filled::Nothing;
        }
        match self.lines.fill(pipe, &mut shared.pool, &mut shared.defensive) {
            Ok(Moved::Bytes(_)) => Filled::Some,
            // A dead helper whose output is held open by a child of its own is dead all the same.
            Ok(Moved::Blocked(_)) if self.exited.is_some() => Filled::End,
            Ok(Moved::Blocked(wake)) => {
                self.pipes.readable = wake == Wake::Retry;
                Filled::Nothing
            }
            Ok(Moved::Closed) => self.input_ended(shared),
            Err(error) if self.is_client() => {
                log::debug!(target: "processes", "client gone name={} error={error}", self.name);
                self.input_ended(shared)
            }
            Err(error) => {
                log::error!(target: "processes", "read failed process={} error={error}", self.name);
                Filled::End
            }
        }
    }

    /// Closes its output; true when an end was open.
    pub(super) fn close_output(&mut self) -> bool {
        self.pipes.readable = false;
        self.pipes.stdout.take().is_some()
    }

    /// Closes its input: what waits for it is forgotten. True when an end was open.
    pub(super) fn close_input(&mut self) -> bool {
        self.queue.clear();
        self.stuck = None;
        self.pipes.stdin.take().is_some()
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self, shared: &mut Shared, now: Instant) -> Flushed {
        if self.pipes.stdin.is_none()
            && !self.queue.is_empty()
            && let Kind::Fifo(fifo) = &mut self.kind
        {
            match fifo.open_output(self.queue.bytes(), now) {
                Output::Open(sender) => {
                    self.pipes.stdin = Some(sender);
                    self.pipes.writable = true;
                }
                Output::Nobody => return Flushed::Retry,
                Output::Deserted => return Flushed::Deserted,
            }
        }
        let Some(pipe) = self.pipes.stdin.as_mut() else {
            self.queue.clear();
            return Flushed::Rest;
        };
        if !self.pipes.writable {
            self.watch(now);
            return Flushed::Rest;
        }
        let before = self.queue.bytes();
        let mut budget = Budget::new(super::WRITES_PER_TURN);
        let flushed = match self.queue.drain(pipe, &mut budget, &mut shared.defensive) {
            Ok(Drained::All) => Flushed::Rest,
            Ok(Drained::Again) => Flushed::Again,
            Ok(Drained::Blocked(Wake::Edge)) => {
                self.pipes.writable = false;
                Flushed::Rest
            }
            Ok(Drained::Blocked(Wake::Retry)) => Flushed::Retry,
            Ok(Drained::Closed) => self.found_broken(None),
            Err(error) => self.found_broken(Some(&error)),
        };
        if self.is_client() && self.queue.bytes() < before {
            // Whoever reads slowly reads.
            self.stuck = None;
        }
        self.watch(now);
        flushed
    }

    fn found_broken(&mut self, error: Option<&io::Error>) -> Flushed {
        self.broken = !matches!(self.kind, Kind::Fifo(_));
        self.queue.clear();
        match error {
            _ if self.is_client() => {
                log::debug!(target: "processes", "client gone name={}", self.name);
            }
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                log::error!(target: "processes", "write failed process={} error={error}", self.name);
            }
            _ => log::error!(target: "processes", "write failed process={} error=\"it has closed \
                its input\"", self.name),
        }
        Flushed::Broken
    }

    /// Starts or stops the watch over a helper that does not read, and says that much waits.
    fn watch(&mut self, now: Instant) {
        let recently = |told| now.saturating_duration_since(told) < PROCESS_WARN_EVERY;
        if !self.pipes.writable
            && self.queue.bytes() >= PROCESS_WARN_ITEMS
            && !self.warned.is_some_and(recently)
        {
            let items = self.queue.items();
            if items > PROCESS_WARN_ITEMS {
                self.warned = Some(now);
                log::warn!(target: "processes", "process reads slowly name={} waiting={items} \
                    bytes={}", self.name, self.queue.bytes());
            }
        }
        if !self.queue.events.is_high() && !self.queue.replies.is_high() {
            self.stuck = None;
        } else if self.stuck.is_none() {
            self.stuck = Some(Stuck { deadline: now + PROCESS_STUCK, told: false });
        }
    }

    /// When somebody should look whether it still does not read.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.stuck.filter(|stuck| !stuck.told).map(|stuck| stuck.deadline)
    }

    /// Reports, once, that it has not been reading for long. True when nobody should wait for it
    /// any longer: named pipes have other users.
    #[must_use]
    pub(super) fn fire(&mut self, now: Instant) -> bool {
        let Some(stuck) = self.stuck.as_mut() else { return false };
        if stuck.told || stuck.deadline > now {
            return false;
        }
        stuck.told = true;
        if self.is_client() {
            log::warn!(target: "processes", "client does not read name={} waiting={} bytes={}",
                self.name, self.queue.items(), self.queue.bytes());
        } else {
            log::error!(target: "processes", "process does not read name={} waiting={} bytes={}: \
                its neighbors are not read until it does",
                self.name, self.queue.items(), self.queue.bytes());
        }
        matches!(self.kind, Kind::Fifo(_))
    }

    /// Whether its standard error may hold more to log.
    pub(super) fn speaks(&self) -> bool {
        self.pipes.speaks && self.pipes.stderr.is_some()
    }

    /// Logs what it wrote to its standard error, a few reads of it. True when that end was closed.
    pub(super) fn overhear(&mut self, shared: &mut Shared) -> bool {
        let Self { pipes, name, .. } = self;
        for _ in 0..READS_PER_TURN {
            if !pipes.speaks {
                return false;
            }
            let Some(pipe) = pipes.stderr.as_mut() else { return false };
            let moved = pipes.errors.fill(pipe, &mut shared.pool, &mut shared.defensive);
            while let Some(line) = pipes.errors.next() {
                let count = match line {
                    Line::Whole(text, count) => {
                        let text = String::from_utf8_lossy(text);
                        log::warn!(target: "processes", "stderr process={name} {}",
                            text.trim_end().escape_debug());
                        count
                    }
                    Line::TooLong => 0,
                };
                pipes.errors.consume(count);
            }
            match moved {
                Ok(Moved::Bytes(_)) => {}
                Ok(Moved::Blocked(_)) => pipes.speaks = false,
                Ok(Moved::Closed) | Err(_) => {
                    pipes.speaks = false;
                    return pipes.stderr.take().is_some();
                }
            }
        }
        false
    }

    /// Looks, without waiting, whether it has ended; true when that is news. What it wrote before
    /// is still to be read.
    pub(super) fn reap(&mut self) -> bool {
        if self.exited.is_some() {
            return false;
        }
        self.exited = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
        if self.exited.is_none() {
            return false;
        }
        self.queue.clear();
        self.pipes.readable = true;
        true
    }

    /// Whether it has ended and all that it wrote has been read.
    pub(super) fn is_finished(&self) -> bool {
        self.exited.is_some() && self.pipes.stdout.is_none()
    }

    /// How it ended, once it has.
    pub(super) fn exit_status(&self) -> Option<ExitStatus> {
        self.exited
    }

    /// Forgets the last run, as if it had never been started, and hands over what still runs.
    pub(super) fn reset(&mut self, ack: Ack, shared: &mut Shared) -> Option<Child> {
        self.pipes = Pipes::default();
        self.queue.clear();
        self.lines.clear(&mut shared.pool);
        self.ack = ack;
        self.sync = false;
        self.group = None;
        self.broken = false;
        self.stuck = None;
        self.warned = None;
        self.replies_first = false;
        let exited = self.exited.take().is_some();
        self.child.take().filter(|_| !exited)
    }
}

/// What reading has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// Bytes.
    Some,
    /// None, for now.
    Nothing,
    /// None, ever.
    End,
}

impl Pipes {
    fn unblock(&mut self) -> io::Result<()> {
        self.stdin.as_ref().map_or(Ok(()), |pipe| pipe.set_nonblocking(true))?;
        for pipe in [self.stdout.as_ref(), self.stderr.as_ref()].into_iter().flatten() {
            pipe.set_nonblocking(true)?;
        }
        Ok(())
    }
}

/// Asks for a pipe in which much fits; what the system grants is good enough.
fn widen<P: AsFd>(pipe: P) -> P {
    if let Ok(bytes) = i32::try_from(PIPE_BYTES)
        && let Err(errno) = fcntl(&pipe, FcntlArg::F_SETPIPE_SZ(bytes))
    {
        log::debug!(target: "processes", "pipe stays small error={errno}");
    }
    pipe
}
