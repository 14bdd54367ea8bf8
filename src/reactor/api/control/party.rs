//! Clients as processes: what differs from a helper program.
//!
//! Clients speak and hear through the same queues and commands as helpers. They are not started,
//! not started again, told no events, and may command every peer.

use mio::unix::pipe::{Receiver, Sender};

use super::Fifo;
use crate::configuration::{self, Encoder};
use crate::json::Dialect;
use crate::reactor::api::process::{Ack, Filled, Process};
use crate::reactor::network::Shared;

/// Who is at the other end of the pipes.
#[derive(Debug)]
pub(in crate::reactor::api) enum Kind {
    /// A program that we start.
    Helper,
    /// Whoever opens a pair of named pipes.
    Fifo(Fifo),
    /// A client of the socket; `ended` when it says no more.
    Client { ended: bool },
}

/// What became of the writing end of named pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reactor::api) enum Settled {
    /// It is open and full: the poll must tell when it is not.
    Opened,
    /// It was in the poll and is closed.
    Closed,
}

impl Process {
    /// Clients, who speak and hear through these ends. They are told the end of each command,
    /// whatever helpers are told.
    pub(in crate::reactor::api) fn of_clients(
        kind: Kind,
        name: &str,
        dialect: Dialect,
        (input, output): (Receiver, Option<Sender>),
    ) -> Self {
        let program = configuration::Process {
            name: name.into(),
            run: Vec::new(),
            encoder: match dialect {
                Dialect::V4 => Encoder::Text,
                Dialect::V6 => Encoder::Json,
            },
            respawn: false,
            version: None,
        };
        let mut process = Self::new(&program, dialect, Ack::On);
        process.kind = kind;
        process.pipes.stdin = output;
        process.pipes.stdout = Some(input);
        process.pipes.writable = true;
        process
    }

    /// Whether it is no program of the configuration.
    pub(in crate::reactor::api) const fn is_client(&self) -> bool {
        !matches!(self.kind, Kind::Helper)
    }

    /// Whether it is a client that says no more and has been answered.
    pub(in crate::reactor::api) fn has_left(&self) -> bool {
        matches!(self.kind, Kind::Client { ended: true }) && !self.busy && self.queue.is_empty()
    }

    /// What the end of what is read means: named pipes wait for the next writer, who must not
    /// find the half line of the last one.
    pub(in crate::reactor::api) fn input_ended(&mut self, shared: &mut Shared) -> Filled {
        let filled = match &mut self.kind {
            Kind::Helper => return Filled::End,
            Kind::Client { ended: true } | Kind::Fifo(_) => Filled::Nothing,
            Kind::Client { ended } => {
                *ended = true;
                Filled::End
            }
        };
        self.pipes.readable = false;
        if self.lines.is_within_line() {
            log::warn!(target: "processes", "line without end dropped name={}: its writer has gone",
                self.name);
            self.lines.clear(&mut shared.pool);
        }
        filled
    }

    /// Gives up those who should have read: what waits for them is gone, and their end of the
    /// pipe is closed. True when an end was open.
    pub(in crate::reactor::api) fn desert(&mut self) -> bool {
        self.busy = false;
        self.replies_first = false;
        self.close_input()
    }

    /// Keeps the writing end of named pipes open only while something waits: a reader is to see
    /// the end of the file after its answer. What the reactor has to hear of it, if anything.
    pub(in crate::reactor::api) fn settle_output(&mut self) -> Option<Settled> {
        let Kind::Fifo(fifo) = &mut self.kind else { return None };
        let pipes = &mut self.pipes;
        if self.queue.is_empty() {
            let open = pipes.stdin.take().is_some();
            return (open && std::mem::take(&mut fifo.watched)).then_some(Settled::Closed);
        }
        let full = pipes.stdin.is_some() && !pipes.writable;
        let news = full && !fifo.watched;
        fifo.watched |= full;
        news.then_some(Settled::Opened)
    }
}
