//! The session: what it owns, what all phases share, and the only writer of its state.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{BackOff, Direction, Event, Link, Message, Output, Reason, State, Stop, Timer};
use crate::bgp::Negotiated;
use crate::bgp::message::open::Identity;
use crate::bgp::message::{Notify, Open};
use crate::bgp::neighbor::SessionSettings;
use crate::protocol::Asn;

/// What the process, rather than the neighbor, decides about its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// No session connects by itself.
    pub passive: bool,
    /// How long a peer may take to send its OPEN.
    pub open_wait: Duration,
    /// How many connections are tried in all; 0 for no limit.
    pub attempts: u32,
    /// The session is over with its first connection: a peer out of a range.
    pub ephemeral: bool,
    /// The version of the program that peers are told, where they are.
    pub version: &'static str,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            passive: false,
            open_wait: Duration::from_secs(60),
            attempts: 0,
            ephemeral: false,
            version: crate::version::VERSION,
        }
    }
}

/// A session with one peer: at most one connection that carries it, and at most one rival.
#[derive(Debug)]
pub struct Session {
    pub(super) settings: Rc<SessionSettings>,
    pub(super) policy: Policy,
    state: State,
    /// The connection that carries the session; there is one from CONNECT on.
    pub(super) carrier: Option<Carrier>,
    /// A second connection, until it is known which of the two survives.
    pub(super) rival: Option<Carrier>,
    /// An outgoing connection is under way.
    pub(super) connecting: bool,
    pub(super) started: bool,
    pub(super) finished: bool,
    pub(super) attempts: u32,
    pub(super) back_off: BackOff,
    pub(super) negotiated: Option<Rc<Negotiated>>,
    /// When the peer was last heard; the hold time counts from here.
    pub(super) heard: Instant,
    /// When the next KEEPALIVE is due.
    pub(super) keepalive_due: Instant,
    /// Since when the peer takes nothing of what waits for it.
    pub(super) blocked: Option<Instant>,
    pub(super) send_hold_armed: bool,
    outputs: VecDeque<Output>,
}

/// A connection and the OPENs that were exchanged on it.
#[derive(Debug)]
pub(super) struct Carrier {
    pub(super) link: Link,
    pub(super) direction: Direction,
    pub(super) local: IpAddr,
    pub(super) ours: Option<Rc<Open>>,
    pub(super) theirs: Option<Rc<Open>>,
    /// When it came up.
    pub(super) since: Instant,
    /// Until when the peer must have sent what OPENSENT or OPENCONFIRM wait for.
    pub(super) deadline: Instant,
}

impl Session {
    /// A session that waits for [`Event::Start`].
    pub fn new(settings: Rc<SessionSettings>, policy: Policy, now: Instant) -> Self {
        Self {
            settings,
            policy,
            state: State::Idle,
            carrier: None,
            rival: None,
            connecting: false,
            started: false,
            finished: false,
            attempts: 0,
            back_off: BackOff::default(),
            negotiated: None,
            heard: now,
            keepalive_due: now,
            blocked: None,
            send_hold_armed: false,
            outputs: VecDeque::new(),
        }
    }

    /// Takes an event. An UPDATE or KEEPALIVE of an established session is noted and no more.
    #[inline]
    pub fn handle(&mut self, event: Event, now: Instant) {
        match event {
            Event::Message(link, _) if self.state == State::Established => {
                if self.link() == Some(link) {
                    self.heard = now;
                }
            }
            event => self.dispatch(event, now),
        }
    }

    /// The next thing to do; ask until there is none, after every event.
    #[inline]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The connection that carries the session.
    #[inline]
    pub fn link(&self) -> Option<Link> {
        self.carrier.as_ref().map(|carrier| carrier.link)
    }

    /// The second connection, while it is not known which of the two survives.
    pub fn rival(&self) -> Option<Link> {
        self.rival.as_ref().map(|rival| rival.link)
    }

    /// What was agreed; from OPENCONFIRM on.
    pub fn negotiated(&self) -> Option<&Rc<Negotiated>> {
        self.negotiated.as_ref()
    }

    /// The OPEN that was sent on the connection which carries the session.
    pub fn sent_open(&self) -> Option<&Rc<Open>> {
        self.carrier.as_ref()?.ours.as_ref()
    }

    /// The OPEN that was received on the connection which carries the session.
    pub fn received_open(&self) -> Option<&Rc<Open>> {
        self.carrier.as_ref()?.theirs.as_ref()
    }

    /// The settings in use.
    pub fn settings(&self) -> &Rc<SessionSettings> {
        &self.settings
    }

    /// Whether the session will do nothing more.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// How many connections were tried.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    fn dispatch(&mut self, event: Event, now: Instant) {
        if self.finished {
            if let Event::Connected { link, .. } = event {
                self.refuse(link, 3);
            }
            return;
        }
        if let Event::Connected { link, direction, local } = event {
            let deadline = now + self.policy.open_wait;
            let (ours, theirs) = (None, None);
            let carrier = Carrier { link, direction, local, ours, theirs, since: now, deadline };
            return self.connected(carrier, now);
        }
        match event.link() {
            Some(link) if self.rival() == Some(link) => self.handle_rival(event, now),
            Some(link) if self.link() != Some(link) => {}
            Some(_) | None => match self.state {
                State::Idle | State::Active => self.handle_idle(event, now),
                State::Connect | State::OpenSent | State::OpenConfirm => {
                    self.handle_open(event, now);
                }
                State::Established => self.handle_established(event, now),
            },
        }
    }

    fn connected(&mut self, carrier: Carrier, now: Instant) {
        // A connection of ours that was not asked for, or was given up meanwhile.
        if carrier.direction == Direction::Outgoing && !std::mem::take(&mut self.connecting) {
            return self.push(Output::Close(carrier.link));
        }
        match self.state {
            State::Idle | State::Active if !self.started => self.refuse(carrier.link, 5),
            State::Idle | State::Active => self.adopt(carrier, now),
            State::Connect | State::OpenSent | State::OpenConfirm => self.contend(carrier, now),
            State::Established => self.refuse(carrier.link, 7),
        }
    }

    pub(super) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// The only writer of the state.
    pub(super) fn enter(&mut self, to: State) {
        let from = std::mem::replace(&mut self.state, to);
        if to == State::Idle {
            self.negotiated = None;
            self.blocked = None;
            for timer in [Timer::OpenWait, Timer::Hold, Timer::Keepalive, Timer::SendHold] {
                self.push(Output::Disarm(timer));
            }
            self.send_hold_armed = false;
        }
        self.push(Output::Changed(from, to));
    }

    /// Tells a connection why it is not wanted (a Cease of this subcode) and closes it.
    pub(super) fn refuse(&mut self, link: Link, subcode: u8) {
        self.dismiss(link, Notify::cease(subcode));
    }

    /// Sends a last word on a connection and closes it.
    pub(super) fn dismiss(&mut self, link: Link, notify: Notify) {
        self.push(Output::Send(link, Message::Notification(notify)));
        self.push(Output::Close(link));
    }

    /// Ends the session because of something that the peer did: it is told, and tried again.
    pub(super) fn fail(&mut self, notify: Notify, now: Instant) {
        let reason = Reason::Sent(notify.code, notify.subcode);
        if let Some(carrier) = self.carrier.take() {
            self.dismiss(carrier.link, notify);
        }
        self.fall(reason, now);
    }

    /// The carrier is gone: the rival takes over, or another attempt is made later.
    pub(super) fn fall(&mut self, reason: Reason, now: Instant) {
        self.carrier = None;
        self.push(Output::Down(reason));
        self.enter(State::Idle);
        match self.rival.take() {
            Some(rival) => self.promote(rival, now),
            None => self.retry(),
        }
    }

    /// Ends every connection by the will of the operator, with a Cease of `subcode` unless the
    /// peer shall keep our routes (RFC 4724: a NOTIFICATION would make it drop them).
    pub(super) fn leave(&mut self, subcode: u8, manner: Manner) -> Option<Reason> {
        let keeps = self.settings.capability.graceful_restart.is_some();
        let graceful = manner == Manner::MayBeGraceful && keeps && self.state == State::Established;
        if std::mem::take(&mut self.connecting) {
            self.push(Output::Abandon);
        }
        if let Some(rival) = self.rival.take() {
            self.refuse(rival.link, subcode);
        }
        let carrier = self.carrier.take()?;
        if graceful {
            self.push(Output::Close(carrier.link));
            return Some(Reason::Graceful);
        }
        self.refuse(carrier.link, subcode);
        Some(Reason::Sent(6, subcode))
    }

    /// The operator ends the connection; the next one is made at once.
    pub(super) fn restart(&mut self, subcode: u8, manner: Manner) {
        self.back_off.reset();
        if let Some(reason) = self.leave(subcode, manner) {
            self.push(Output::Down(reason));
            self.enter(State::Idle);
        } else if self.state != State::Idle {
            self.enter(State::Idle);
        }
        if self.started {
            self.retry();
        }
    }

    /// Takes other settings and starts anew with them.
    pub(super) fn reconfigure(&mut self, settings: Rc<SessionSettings>) {
        self.attempts = 0;
        // What the peer was told about graceful restart is in the settings that end.
        let reason = self.leave(3, Manner::MayBeGraceful);
        self.settings = settings;
        if let Some(reason) = reason {
            self.push(Output::Down(reason));
        }
        self.restart(3, Manner::Final);
    }

    /// Ends for good.
    pub(super) fn stop(&mut self, stop: Stop) {
        let (subcode, manner, reason) = match stop {
            Stop::Removed => (3, Manner::Final, Reason::Removed),
            Stop::ShuttingDown => (2, Manner::MayBeGraceful, Reason::ShuttingDown),
            Stop::Process => (2, Manner::Final, Reason::Process),
        };
        if self.leave(subcode, manner).is_some() {
            self.push(Output::Down(reason));
        }
        if self.state != State::Idle {
            self.enter(State::Idle);
        }
        self.finish();
    }

    /// Nothing more will happen.
    pub(super) fn finish(&mut self) {
        self.finished = true;
        self.push(Output::Disarm(Timer::ConnectRetry));
        self.push(Output::Finished);
    }

    /// Our OPEN on a connection: `None` when nothing tells our AS number, which a peer that is
    /// heard first does, or our identifier.
    pub(super) fn our_open(&self, local: IpAddr, mirrored: Option<Asn>) -> Option<Rc<Open>> {
        let identity = Identity {
            asn: self.settings.local_as.or(mirrored)?,
            router_id: self.router_id(local)?,
            // The references set the flag in every OPEN: routes are kept across our restarts.
            restarting: true,
        };
        let mut open = Open::from_settings(&self.settings, identity).ok()?;
        open.capabilities.report(self.policy.version);
        Some(Rc::new(open))
    }

    /// The configured identifier, else the first of our addresses that can be one.
    fn router_id(&self, local: IpAddr) -> Option<Ipv4Addr> {
        let addresses = self.settings.local_address.into_iter().chain([local]);
        let mut usable = addresses.filter_map(|address| match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        });
        self.settings.router_id.or_else(|| usable.next())
    }
}

/// Whether an end may be silent so that the peer keeps our routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    MayBeGraceful,
    Final,
}
