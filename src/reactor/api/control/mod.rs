//! Clients: whoever opens the named pipes, and whoever connects to the socket.
//!
//! Both appear as one more process each, with the same bounded queues and the same commands. The
//! pipes are one process for all that use them; each connection to the socket is one of its own,
//! so that everybody hears the answers to his own commands only.

mod door;
mod fifo;
mod party;

use std::io;
use std::time::Instant;

use mio::{Registry, Token};

use super::process::{End, Process};
use super::{Api, Pipe, ProcessId, life, list, slot};
use crate::environment::control::Meeting;
use crate::reactor::limits::ACCEPTS_PER_TURN;
use crate::reactor::network::Shared;

use door::Door;

pub(super) use fifo::{Fifo, Output};
pub(super) use party::{Kind, Settled};

/// What the clients need beside their processes.
#[derive(Debug, Default)]
pub(super) struct Clients {
    door: Option<Door>,
    /// Clients of the socket served at once.
    most: usize,
    count: usize,
    /// How many were served so far, for their names.
    served: u64,
    /// Places of clients that have left.
    vacant: Vec<ProcessId>,
}

impl Api {
    /// Opens pipes and socket where the meeting says, unless they are open. What cannot be opened
    /// is told, and the program goes on without it. True when there is a socket that
    /// `register_door` must enter into the poll.
    pub fn meet(&mut self, meeting: &Meeting, shared: &mut Shared) -> bool {
        self.meet_at_pipes(meeting, shared);
        self.clients.most = meeting.clients_max;
        if self.clients.door.is_some() {
            return false;
        }
        let path = meeting.socket().or(meeting.new_socket.as_deref());
        let Some(path) = path.map(std::path::Path::to_path_buf) else { return false };
        match Door::open(&path) {
            Ok(door) => {
                log::info!(target: "processes", "clients may connect to {}", path.display());
                self.clients.door = Some(door);
                true
            }
            Err(error) => {
                log::warn!(target: "processes", "no clients at {}: {error}", path.display());
                false
            }
        }
    }

    fn meet_at_pipes(&mut self, meeting: &Meeting, shared: &mut Shared) {
        let open = self.ids().find(|id| {
            slot(&mut self.processes, *id).is_some_and(|p| matches!(p.kind, Kind::Fifo(_)))
        });
        let Some(paths) = meeting.pipes() else {
            log::debug!(target: "processes", "no pipes {0}.in and {0}.out in {1:?}",
                meeting.pipename, meeting.folders);
            return;
        };
        if let Some(process) = open.and_then(|id| slot(&mut self.processes, id))
            && let Kind::Fifo(fifo) = &process.kind
            && fifo.is_still(&paths)
        {
            return;
        }
        let input = paths.input.display().to_string();
        let output = paths.output.display().to_string();
        match Fifo::open(paths) {
            Ok((fifo, receiver)) => {
                log::info!(target: "processes", "clients may write to {input} and read {output}");
                if let Some(id) = open {
                    self.leave(id, shared);
                }
                let dialect = self.options.dialect;
                let kind = Kind::Fifo(fifo);
                let name = "api-internal-cli-pipe";
                self.enter(Process::of_clients(kind, name, dialect, (receiver, None)));
            }
            Err(error) => {
                log::error!(target: "processes", "no clients at {input} and {output}: {error}");
            }
        }
    }

    /// Enters the socket into the poll.
    ///
    /// # Errors
    /// What the system reports.
    pub fn register_door(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.clients.door.as_mut().map_or(Ok(()), |door| door.register(registry, token))
    }

    /// Notes that somebody calls at the socket.
    pub fn knock(&mut self) {
        if let Some(door) = self.clients.door.as_mut() {
            door.readable = true;
        }
    }

    /// Whether `admit` has something to try at once.
    pub fn is_called(&self) -> bool {
        let room = self.clients.count < self.clients.most || self.clients.most > 1;
        room && self.clients.door.as_ref().is_some_and(Door::is_ready)
    }

    /// Takes clients in, a few at a time.
    pub fn admit(&mut self, shared: &mut Shared, now: Instant) {
        for _ in 0..ACCEPTS_PER_TURN {
            if !self.is_called() {
                return;
            }
            let caller = self.clients.door.as_mut().and_then(|door| door.accept(now));
            let Some(stream) = caller else { return };
            if self.clients.count >= self.clients.most && !self.make_room(shared) {
                door::turn_away(stream);
                continue;
            }
            let ends = match door::ends(stream) {
                Ok((receiver, sender)) => (receiver, Some(sender)),
                Err(error) => {
                    log::error!(target: "processes", "client refused: {error}");
                    continue;
                }
            };
            self.clients.count += 1;
            self.clients.served += 1;
            let name = format!("api-internal-cli-socket-{}", self.clients.served);
            let kind = Kind::Client { ended: false };
            let process = Process::of_clients(kind, &name, self.options.dialect, ends);
            log::debug!(target: "processes", "client name={name}");
            self.enter(process);
        }
    }

    /// Lets a client go that has not been reading for long; false when there is none.
    fn make_room(&mut self, shared: &mut Shared) -> bool {
        let stuck = self.ids().find(|id| {
            slot(&mut self.processes, *id)
                .is_some_and(|p| p.is_stuck() && matches!(p.kind, Kind::Client { .. }))
        });
        stuck.is_some_and(|id| {
            self.leave(id, shared);
            true
        })
    }

    /// Gives clients a place among the processes.
    fn enter(&mut self, process: Process) {
        let ends: Vec<End> = process.ends().collect();
        let place = self.clients.vacant.pop().unwrap_or_else(|| {
            self.processes.push(None);
            ProcessId(self.processes.len() - 1)
        });
        if let Some(slot) = self.processes.get_mut(place.0) {
            *slot = Some(Box::new(process));
        }
        self.pipes.extend(ends.into_iter().map(|end| Pipe::Opened(place, end)));
    }

    /// Forgets clients that have gone: their place is another's from now on.
    pub(super) fn leave(&mut self, id: ProcessId, shared: &mut Shared) {
        let Some(mut process) = self.processes.get_mut(id.0).and_then(Option::take) else { return };
        process.ends().for_each(|end| life::closed(&mut self.pipes, id, end));
        process.lines.clear(&mut shared.pool);
        self.forget(id);
        self.talking.retain(|other| *other != id);
        self.dirty.0.retain(|other| *other != id);
        self.clients.count -= usize::from(matches!(process.kind, Kind::Client { .. }));
        self.clients.vacant.push(id);
        log::debug!(target: "processes", "client left name={}", process.name);
    }

    /// Drops what goes on for a process.
    fn forget(&mut self, id: ProcessId) {
        self.jobs.retain(|(owner, _)| *owner != id);
    }

    /// Nobody reads what clients of named pipes have asked for.
    pub(super) fn deserted(&mut self, id: ProcessId) {
        self.forget(id);
        let Some(process) = slot(&mut self.processes, id) else { return };
        if process.desert()
            && let Kind::Fifo(fifo) = &mut process.kind
            && std::mem::take(&mut fifo.watched)
        {
            life::closed(&mut self.pipes, id, End::Stdin);
        }
        list(&mut self.talking, id, process);
    }

    /// Acts on the end of what clients say: they go when they have been answered.
    pub(super) fn client_ended(&mut self, id: ProcessId, shared: &mut Shared) {
        if slot(&mut self.processes, id).is_some_and(|process| process.has_left()) {
            self.leave(id, shared);
        }
    }

    /// Acts on clients that nobody can write to.
    pub(super) fn client_lost(&mut self, id: ProcessId, shared: &mut Shared) {
        match slot(&mut self.processes, id).map(|process| &process.kind) {
            Some(Kind::Client { .. }) => self.leave(id, shared),
            Some(Kind::Fifo(_)) => self.deserted(id),
            Some(Kind::Helper) | None => {}
        }
    }

    /// Reports what became of the writing end of named pipes, and lets clients go that have left.
    pub(super) fn settle(&mut self, id: ProcessId, shared: &mut Shared) {
        let Some(process) = slot(&mut self.processes, id) else { return };
        match process.settle_output() {
            Some(Settled::Opened) => self.pipes.push(Pipe::Opened(id, End::Stdin)),
            Some(Settled::Closed) => life::closed(&mut self.pipes, id, End::Stdin),
            None => {}
        }
        self.client_ended(id, shared);
    }

    /// When callers that must wait are looked at again.
    pub(super) fn door_deadline(&self) -> Option<Instant> {
        self.clients.door.as_ref().and_then(|door| door.pause)
    }

    /// Ends a pause that is over.
    pub(super) fn open_door(&mut self, now: Instant) {
        if let Some(door) = self.clients.door.as_mut() {
            door.pause = door.pause.filter(|pause| *pause > now);
        }
    }
}
