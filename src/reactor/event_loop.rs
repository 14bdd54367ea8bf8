//! One iteration of the loop, in order.
//!
//! Signals; accepts; a turn for each queued peer; commands of helpers; a step of each long answer;
//! what commands asked of the program; flush; removal of what was closed; wait; due timers. Readiness only sets latches
//! and queues owners; the work is done in their turns.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use super::Reactor;
use super::api::{Context, Control};
use super::limits;
use super::peer::{PeerKey, Surroundings, Turn};
use super::signal::Signal;
use super::source::Source;
use crate::bgp::fsm::{Link, Timer};

/// What a timer of the wheel stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reactor) enum Due {
    /// A timer of a session.
    Session(PeerKey, Timer),
    /// The rate limit of a peer leaves room again.
    Rate(PeerKey),
    /// A connection on which no edge will come.
    Retry(Link),
    /// The end of the patience with a connection that was closed.
    Linger(Link),
    /// The end of a pause of a listener.
    Resume(usize),
    /// Something of the helpers.
    Api,
    /// `exabgp.tcp.delay` is over.
    Start,
    /// The reload that was asked for on the command line.
    Reload,
}

/// Whether the loop goes on.
#[derive(Debug)]
pub(super) enum Flow {
    Continue,
    Stop(ExitCode),
}

impl Reactor {
    /// Runs until the program ends.
    ///
    /// # Errors
    /// When the poll itself fails.
    pub fn run(&mut self) -> io::Result<ExitCode> {
        loop {
            if let Flow::Stop(code) = self.iterate()? {
                return Ok(code);
            }
        }
    }

    fn iterate(&mut self) -> io::Result<Flow> {
        self.take_signals();
        self.accept();
        self.api.admit(&mut self.shared, self.clock.now());
        self.turns();
        self.commands();
        self.obey();
        self.carry_out();
        self.linger();
        self.flush();
        self.sources.reap();
        if let Some(code) = self.is_over() {
            return Ok(Flow::Stop(code));
        }
        self.wait()?;
        self.fire();
        Ok(Flow::Continue)
    }

    /// Acts on what was raised since the last look.
    fn take_signals(&mut self) {
        let raised = self.signals.take();
        for signal in raised {
            log::info!(target: "reactor", "received {}", signal.name());
            if signal != Signal::Child {
                self.tell_signal(signal);
            }
            match signal {
                Signal::Terminate | Signal::Hangup | Signal::Interrupt => self.shut_down(),
                Signal::Alarm => self.restart(),
                Signal::User1 => self.reload(false),
                Signal::User2 => self.reload(true),
                Signal::Child => self.api.reap(&mut self.shared, self.clock.now()),
            }
        }
    }

    fn tell_signal(&mut self, signal: Signal) {
        for index in 0..self.peers.len() {
            let Some(key) = self.peers.keys().get(index).copied() else { return };
            if let Some(peer) = self.peers.get_mut(key) {
                self.api.signal(&mut peer.audience, signal.number(), signal.name());
            }
        }
    }

    /// Acts on what commands asked of the program as a whole.
    fn obey(&mut self) {
        let requests: Vec<Control> = self.api.requests().collect();
        for request in requests {
            match request {
                Control::Create(neighbor) => self.create(neighbor),
                Control::Delete(names) => self.delete(&names),
                Control::Shutdown => self.shut_down(),
                Control::Reload => self.reload(false),
                Control::Restart => self.restart(),
                Control::Terminate => {
                    log::error!(target: "reactor", "a helper was lost: the program ends");
                    self.exit = ExitCode::FAILURE;
                    self.shut_down();
                }
            }
        }
    }

    /// Gives a turn to each peer that was queued when it began.
    pub(super) fn turns(&mut self) {
        for _ in 0..self.peers.queued() {
            let Some(key) = self.peers.next_queued() else { return };
            let Some(peer) = self.peers.get_mut(key) else { continue };
            let turn = peer.turn(
                &mut self.sources,
                &mut Surroundings {
                    api: &mut self.api,
                    wheel: &mut self.wheel,
                    interner: self.parser.interner(),
                    shared: &mut self.shared,
                    asks: &mut self.asks,
                    now: self.clock.now(),
                },
            );
            match turn {
                Turn::Again => self.peers.wake(key),
                Turn::Wait => {}
                Turn::Close => self.remove(key),
            }
            self.carry_out();
        }
    }

    /// Runs complete commands of the helpers, and a step of their long answers.
    fn commands(&mut self) {
        let mut context =
            Context { peers: &mut self.peers, parser: &mut self.parser, now: self.clock.now() };
        self.busy = self.api.commands(&mut self.shared, &mut context);
        self.busy |= self.api.jobs(&mut context);
    }

    /// Writes what waits for the helpers, and looks after their pipes.
    fn flush(&mut self) {
        self.busy |= self.api.flush(&mut self.shared, self.clock.now());
        if self.api.relieved() {
            for key in self.peers.keys().to_vec() {
                self.peers.wake(key);
            }
        }
        self.watch_pipes();
        self.arm_api();
    }

    /// Sleeps until something is ready or due; only notes what is ready.
    fn wait(&mut self) -> io::Result<()> {
        let busy = self.peers.queued() > 0
            || !self.lingering.is_empty()
            || self.busy
            || self.api.is_called()
            || self.sources.listeners().any(|(_, listener)| listener.is_ready());
        let timeout = if busy {
            Some(Duration::ZERO)
        } else {
            let now = self.clock.refresh();
            self.wheel.next_deadline().map(|deadline| deadline.saturating_duration_since(now))
        };
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            Err(error) => return Err(error),
        }
        self.clock.refresh();
        self.api.tick(self.clock.wall());
        for event in &self.events {
            let key = event.token().0;
            match self.sources.get_mut(key) {
                Some(Source::Connection(carrier)) => {
                    carrier.connection.mark(event);
                    match carrier.owner {
                        Some(owner) if !carrier.connection.is_finishing() => self.peers.wake(owner),
                        _ => self.lingering.push(Link(key)),
                    }
                }
                Some(Source::Listener(listener)) => listener.ready(),
                Some(Source::Pipe(process, end)) => self.api.ready(*process, *end),
                Some(Source::Door) => self.api.knock(),
                Some(Source::Signals | Source::Retired) | None => {}
            }
        }
        Ok(())
    }

    /// Turns due timers into events.
    fn fire(&mut self) {
        let now = self.clock.now();
        let mut due = std::mem::take(&mut self.due);
        self.wheel.fire(now, &mut due);
        for timer in due.drain(..) {
            match timer {
                Due::Session(key, timer) => {
                    if let Some(peer) = self.peers.touch(key) {
                        peer.fired(timer, now);
                    }
                }
                Due::Rate(key) => self.peers.wake(key),
                Due::Retry(link) => self.retry(link),
                Due::Linger(link) => self.drop_link(link),
                Due::Resume(key) => {
                    if let Some(listener) = self.sources.listener(key) {
                        listener.resume();
                    }
                }
                Due::Api => {
                    self.api_timer = None;
                    self.api.fire(&mut self.shared, now);
                }
                Due::Start => self.start_all(),
                Due::Reload => self.reload(false),
            }
        }
        self.due = due;
    }

    /// Keeps one timer of the wheel at the next moment the helpers need.
    fn arm_api(&mut self) {
        let wanted = self.api.deadline();
        if self.api_timer.map(|(_, deadline)| deadline) == wanted {
            return;
        }
        if let Some((id, _)) = self.api_timer.take() {
            self.wheel.cancel(id);
        }
        self.api_timer = wanted.map(|deadline| (self.wheel.arm(deadline, Due::Api), deadline));
    }

    /// Whether everything has been said and done.
    fn is_over(&mut self) -> Option<ExitCode> {
        if self.peers.is_empty() && self.was_peopled && self.settings.tcp.attempts > 0 {
            // Every peer has used up its attempts.
            self.shut_down();
        }
        let quiet = self.stopping && self.peers.is_empty() && self.finishing == 0;
        (quiet && self.api.is_stopped()).then_some(self.exit)
    }
}

/// How long the poll may hold events before they are looked at.
pub(super) const EVENTS: usize = limits::EVENTS_PER_WAIT;
