//! Helper programs: what they say is done, what happens they are told.
//!
//! The reactor owns one [`Api`] and calls it in its phases: `ready` when a pipe can move bytes,
//! `commands` and `jobs` to act on what helpers wrote, `flush` to write what waits for them,
//! `reap` when a child has ended. Each peer owns an [`Audience`], through which it tells events.
//! A pipe that was opened or closed is reported by `pipes`, since the poll is the reactor's; what
//! commands ask of the program as a whole is reported by `requests`.

mod audience;
mod command;
pub mod context;
mod control;
#[cfg(test)]
mod fake;
mod job;
mod leaving;
mod life;
mod lines;
mod process;
mod queue;
mod respawn;
mod response;
mod selector;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::time::{Duration, Instant, SystemTime};

use crate::environment::{ApiVersion, RoutesFormat, Settings};
use crate::json::{Dialect, Writer};
use crate::reactor::clock::Clock;
use crate::reactor::limits::COMMANDS_PER_TURN;
use crate::reactor::network::Shared;

pub use audience::{Audience, Direction, Event, Identity};
pub use command::{Described, commands};
pub use context::{Context, Control, Counts, Gate, Peer, Peers, Standing};
pub use process::{End, ProcessId, Stderr};
pub use response::{Content, Frame, Message, Printer};

use audience::Listener;
use control::Clients;
use job::{Job, Step};
use leaving::Leaving;
use lines::Line;
use process::{Filled, Flushed, Process};
use response::Envelope;

/// Writes to one helper in one turn: what it can take after these fills its pipe again.
const WRITES_PER_TURN: u32 = 4;

/// Time for a helper that must go to read the end of its input and end by itself.
const GRACE: Duration = Duration::from_millis(200);

/// Time for the last events to be read when the program stops.
const STOP_DRAIN: Duration = Duration::from_secs(1);

/// What of the settings is for the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Commands are acknowledged until a helper asks otherwise.
    pub ack: bool,
    /// Lines that `show adj-rib` renders in one step.
    pub chunk: usize,
    /// Unicast NLRI are bare strings in JSON.
    pub compact: bool,
    /// Helpers that end are started again, unless their section says otherwise.
    pub respawn: bool,
    /// The loss of a helper ends the program.
    pub terminate: bool,
    /// The dialect of helpers that do not name theirs.
    pub dialect: Dialect,
    /// The form of `show adj-rib … json`.
    pub routes_format: RoutesFormat,
    /// Where the standard error of helpers goes.
    pub stderr: Stderr,
    /// The version that commands report.
    pub version: &'static str,
}

impl From<&Settings> for Options {
    fn from(settings: &Settings) -> Self {
        let api = &settings.api;
        Self {
            ack: api.ack,
            chunk: usize::try_from(api.chunk).unwrap_or(usize::MAX).max(1),
            compact: api.compact,
            respawn: api.respawn,
            terminate: api.terminate,
            dialect: match api.version {
                ApiVersion::Four => Dialect::V4,
                ApiVersion::Six => Dialect::V6,
            },
            routes_format: api.show_routes_format,
            stderr: if settings.daemon.daemonize { Stderr::Log } else { Stderr::Inherit },
            version: settings.version(),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ack: true,
            chunk: 1,
            compact: false,
            respawn: true,
            terminate: false,
            dialect: Dialect::V4,
            routes_format: RoutesFormat::V1,
            stderr: Stderr::Inherit,
            version: crate::version::VERSION,
        }
    }
}

/// Who the program is, as commands and events show it.
#[derive(Clone, Debug)]
struct About {
    version: &'static str,
    /// Another one at each start of the program.
    uuid: String,
    pid: u32,
    parent: u32,
    started: Instant,
    /// The same moment in seconds since 1970.
    start_secs: f64,
}

impl About {
    fn of_this_program(version: &'static str, clock: &Clock) -> Self {
        // The seeds of hash maps come from the system and differ from start to start.
        let random = || RandomState::new().build_hasher().finish();
        let (high, low) = (random(), random());
        let uuid = format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        );
        Self {
            version,
            uuid,
            pid: std::process::id(),
            parent: std::os::unix::process::parent_id(),
            started: clock.now(),
            start_secs: clock.wall_seconds(),
        }
    }
}

/// What happened to a pipe: the reactor enters it into its poll, or forgets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    Opened(ProcessId, End),
    Closed(ProcessId, End),
}

/// Which helpers a reload starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Those that do not run.
    Missing,
    /// Those whose section has changed.
    Changed,
    /// All of them.
    All,
}

/// The helpers and everything between them and the reactor.
#[derive(Debug)]
pub struct Api {
    options: Options,
    /// By `ProcessId`. A place is never given to another helper; those of clients are used again.
    processes: Vec<Option<Box<Process>>>,
    leaving: Vec<Leaving>,
    clients: Clients,
    /// Another number whenever an audience must look for its helpers again.
    generation: u64,
    /// Helpers whose output has something to act on.
    talking: VecDeque<ProcessId>,
    dirty: Dirty,
    pipes: Vec<Pipe>,
    requests: Vec<Control>,
    envelope: Envelope,
    scratch: Vec<u8>,
    jobs: VecDeque<(ProcessId, Job)>,
    commands: Option<command::Tree>,
    about: About,
    stop: Stop,
    /// A helper that had held back peers has caught up.
    relieved: bool,
    /// A write must be tried again at this moment, as no event will come.
    retry: Option<Instant>,
}

/// The helpers for which something waits, each once.
#[derive(Debug, Default)]
struct Dirty(VecDeque<ProcessId>);

impl Dirty {
    fn add(&mut self, id: ProcessId, process: &mut Process) {
        if !std::mem::replace(&mut process.dirty, true) {
            self.0.push_back(id);
        }
    }
}

impl Api {
    /// Without helpers.
    pub fn new(options: Options, clock: &Clock) -> Self {
        let about = About::of_this_program(options.version, clock);
        let host = nix::unistd::gethostname().unwrap_or_default();
        let mut envelope = Envelope::new(&host.to_string_lossy(), about.pid, about.parent);
        envelope.tick(clock.wall());
        Self {
            options,
            processes: Vec::new(),
            leaving: Vec::new(),
            clients: Clients::default(),
            generation: 1,
            talking: VecDeque::new(),
            dirty: Dirty::default(),
            pipes: Vec::new(),
            requests: Vec::new(),
            envelope,
            scratch: Vec::new(),
            jobs: VecDeque::new(),
            commands: None,
            about,
            stop: Stop::No,
            relieved: false,
            retry: None,
        }
    }

    /// Sets the time that events carry.
    pub fn tick(&mut self, wall: SystemTime) {
        self.envelope.tick(wall);
    }

    /// The pipes that were opened and closed since the last call.
    pub fn pipes(&mut self) -> std::vec::Drain<'_, Pipe> {
        self.pipes.drain(..)
    }

    /// What commands, or lost helpers, have asked of the program since the last call.
    pub fn requests(&mut self) -> std::vec::Drain<'_, Control> {
        self.requests.drain(..)
    }

    /// Enters a pipe into the poll; a pipe that is closed already is left out.
    ///
    /// # Errors
    /// What the system reports.
    pub fn register(
        &mut self,
        id: ProcessId,
        end: End,
        registry: &mio::Registry,
        token: mio::Token,
    ) -> io::Result<()> {
        let process = slot(&mut self.processes, id);
        process.map_or(Ok(()), |process| process.register(end, registry, token))
    }

    /// Executes commands, helper after helper, a limited number of each. True when there is more
    /// to do at once, `requests` included.
    pub fn commands<P: Peers + 'static>(
        &mut self,
        shared: &mut Shared,
        context: &mut Context<'_, P>,
    ) -> bool {
        let tree = self.commands.take().unwrap_or_else(command::Tree::of_table::<P>);
        for _ in 0..self.talking.len() {
            if self.requests.iter().any(Control::is_urgent) {
                break;
            }
            let Some(id) = self.talking.pop_front() else { break };
            let Some(process) = slot(&mut self.processes, id) else { continue };
            process.listed = false;
            if process.overhear(shared) {
                life::closed(&mut self.pipes, id, End::Stderr);
            }
            if process.speaks() {
                list(&mut self.talking, id, process);
            }
            self.listen(id, shared, context, &tree);
        }
        self.commands = Some(tree);
        !self.talking.is_empty() || !self.requests.is_empty()
    }

    /// Takes a step of each command that goes on. True when there is more to do at once.
    pub fn jobs<P: Peers>(&mut self, context: &mut Context<'_, P>) -> bool {
        let mut again = false;
        for _ in 0..self.jobs.len() {
            let Some((id, mut job)) = self.jobs.pop_front() else { break };
            let full = slot(&mut self.processes, id).filter(|p| p.queue.replies.is_high());
            if let Some(process) = full {
                // It goes on when some of it has been read.
                process.replies_first = true;
                self.jobs.push_back((id, job));
                continue;
            }
            let mut out = std::mem::take(&mut self.scratch);
            out.clear();
            let step = match &mut job {
                Job::Queues { json } => self.queues(*json, &mut out),
                _ => job.step(context, &self.options, &mut out),
            };
            let Self { processes, talking, dirty, jobs, .. } = self;
            if let Some(process) = slot(processes, id) {
                process.queue.replies.append(&out);
                match step {
                    Step::Done => {
                        command::finish(process);
                        process.busy = false;
                        list(talking, id, process);
                    }
                    Step::Again | Step::Wait => jobs.push_back((id, job)),
                }
                dirty.add(id, process);
                again |= step != Step::Wait;
            }
            self.scratch = out;
        }
        again
    }

    /// Tells how much waits for each helper.
    fn queues(&self, json: bool, out: &mut Vec<u8>) -> Step {
        let mut first = true;
        let mut writer = Writer::new(out, Dialect::V4);
        for process in self.processes.iter().flatten().filter(|process| process.listens()) {
            let (items, bytes) = (process.queue.items(), process.queue.bytes());
            if json {
                writer.raw(if first { "{" } else { ", " });
                writer.string(&process.name);
                writer.raw(&format!(": {{\"items\": {items}, \"bytes\": {bytes}}}"));
            } else {
                writer.raw(&format!("{}: {items} items ({bytes} bytes)\n", process.name));
            }
            first = false;
        }
        writer.raw(match (json, first) {
            (true, true) => "{}\n",
            (true, false) => "}\n",
            (false, true) => "no queued messages\n",
            (false, false) => "",
        });
        Step::Done
    }

    /// Executes the commands of one helper.
    fn listen<P: Peers + 'static>(
        &mut self,
        id: ProcessId,
        shared: &mut Shared,
        context: &mut Context<'_, P>,
        tree: &command::Tree,
    ) {
        for _ in 0..COMMANDS_PER_TURN {
            let Self { processes, jobs, dirty, requests, about, .. } = self;
            let Some(process) = slot(processes, id) else { return };
            process.replies_first = process.queue.replies.is_high();
            if process.busy || process.replies_first {
                return;
            }
            let mut lines = std::mem::take(&mut process.lines);
            let count = match lines.next() {
                Some(Line::Whole(line, count)) => {
                    let Context { peers, parser, now } = context;
                    let (peers, parser, now) = (&mut **peers, &mut **parser, *now);
                    let desk = command::Desk { tree, peers, parser, requests, about, now };
                    if let Some(job) = command::execute(desk, process, line) {
                        process.busy = true;
                        jobs.push_back((id, job));
                    }
                    count
                }
                Some(Line::TooLong) => {
                    command::refuse(process, "the line is too long");
                    0
                }
                None => {
                    process.lines = lines;
                    match process.fill(shared) {
                        Filled::Some => continue,
                        Filled::Nothing => return,
                        Filled::End => return self.output_ended(id, shared, context.now),
                    }
                }
            };
            lines.consume(count);
            process.lines = lines;
            if !process.queue.is_empty() {
                dirty.add(id, process);
            }
            if requests.last().is_some_and(Control::is_urgent) {
                // The next command may be about the neighbor that comes or goes.
                break;
            }
        }
        if let Some(process) = slot(&mut self.processes, id) {
            list(&mut self.talking, id, process);
        }
    }

    /// Notes that a pipe can move bytes, or has an end or a fault to tell.
    pub fn ready(&mut self, id: ProcessId, end: End) {
        let Self { processes, talking, dirty, .. } = self;
        let Some(process) = slot(processes, id) else { return };
        process.ready(end);
        match end {
            End::Stdin => dirty.add(id, process),
            End::Stdout | End::Stderr => list(talking, id, process),
        }
    }

    /// Whether a peer with this audience should be read: false while a helper that hears of it
    /// has more waiting than it should.
    pub fn keeps_up(&mut self, audience: &Audience) -> bool {
        let mut keeps_up = true;
        for listener in &audience.listeners {
            let Some(process) = slot(&mut self.processes, listener.process) else { continue };
            if process.queue.events.is_high() {
                process.held = true;
                keeps_up = false;
            }
        }
        keeps_up
    }

    /// Whether, since the last call, a helper has caught up for which peers had been held back:
    /// they may all be tried again.
    pub fn relieved(&mut self) -> bool {
        std::mem::take(&mut self.relieved)
    }

    /// Finds the helpers that an audience names, if they are others than before.
    pub fn tune(&self, audience: &mut Audience) {
        if audience.generation == self.generation {
            return;
        }
        let mut listeners = Vec::new();
        for subscription in &audience.subscriptions {
            let mut running = self.ids().zip(&self.processes);
            let found = running.find_map(|(id, process)| {
                let process = process.as_deref()?;
                (process.name == subscription.process).then_some((id, process))
            });
            if let Some((id, process)) = found {
                listeners.push(Listener::new(id, process.encoder, process.dialect, subscription));
            }
        }
        audience.listen(listeners, self.generation);
    }

    /// Writes what waits. True when there is more to write at once.
    pub fn flush(&mut self, shared: &mut Shared, now: Instant) -> bool {
        let mut again = false;
        for _ in 0..self.dirty.0.len() {
            let Some(id) = self.dirty.0.pop_front() else { break };
            let Self { processes, dirty, talking, .. } = self;
            let Some(process) = slot(processes, id) else { continue };
            process.dirty = false;
            let flushed = process.flush(shared, now);
            if process.held && process.queue.events.is_low() {
                process.held = false;
                self.relieved = true;
            }
            if process.replies_first && process.queue.replies.is_low() {
                process.replies_first = false;
                list(talking, id, process);
            }
            match flushed {
                Flushed::Rest => {}
                Flushed::Again => {
                    dirty.add(id, process);
                    again = true;
                }
                Flushed::Retry => {
                    dirty.add(id, process);
                    self.retry.get_or_insert(now + crate::reactor::limits::RETRY);
                }
                Flushed::Broken if process.is_client() => self.client_lost(id, shared),
                Flushed::Broken => self.lost(id),
                Flushed::Deserted => self.deserted(id),
            }
            self.settle(id, shared);
        }
        let drained = |process: &Process| process.queue.is_empty() || !process.listens();
        if matches!(self.stop, Stop::Draining(_))
            && self.processes.iter().flatten().all(|process| drained(process))
        {
            self.close(shared, now);
        }
        // Those who have read enough of their answers are listened to again.
        again || !self.talking.is_empty() || !self.requests.is_empty()
    }

    /// When `fire` should be called next.
    pub fn deadline(&self) -> Option<Instant> {
        let stuck = self.processes.iter().flatten().filter_map(|process| process.deadline());
        let leaving = self.leaving.iter().filter_map(Leaving::deadline);
        let stop = match self.stop {
            Stop::Draining(deadline) => Some(deadline),
            Stop::No | Stop::Closed => None,
        };
        let timers = stuck.chain(leaving).chain(self.retry).chain(stop);
        timers.chain(self.door_deadline()).min()
    }

    /// Does what is due: reports helpers that do not read, ends those that must go.
    pub fn fire(&mut self, shared: &mut Shared, now: Instant) {
        self.retry = self.retry.filter(|retry| *retry > now);
        for id in self.ids() {
            if slot(&mut self.processes, id).is_some_and(|process| process.fire(now)) {
                self.deserted(id);
            }
        }
        self.open_door(now);
        self.leaving.iter_mut().for_each(|leaving| leaving.fire(now));
        if matches!(self.stop, Stop::Draining(deadline) if deadline <= now) {
            self.close(shared, now);
        }
    }

    /// Begins the end: helpers are told, and let go when they have read it. Afterwards the loop
    /// goes on with `flush`, `reap` and `fire` until `is_stopped`.
    pub fn stop(&mut self, now: Instant) {
        if self.stop == Stop::No {
            self.shutdown();
            self.stop = Stop::Draining(now + STOP_DRAIN);
        }
    }

    /// Whether every helper is gone, after `stop`.
    pub fn is_stopped(&self) -> bool {
        self.stop == Stop::Closed && self.leaving.is_empty()
    }
}

/// How far the end of the program has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    No,
    /// The last events are being read, until this moment at most.
    Draining(Instant),
    /// Every pipe is closed.
    Closed,
}

fn slot(processes: &mut [Option<Box<Process>>], id: ProcessId) -> Option<&mut Process> {
    processes.get_mut(id.0).and_then(Option::as_deref_mut)
}

fn list(talking: &mut VecDeque<ProcessId>, id: ProcessId, process: &mut Process) {
    if !std::mem::replace(&mut process.listed, true) {
        talking.push_back(id);
    }
}
