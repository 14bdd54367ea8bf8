//! From a connection to agreement: CONNECT, OPENSENT and OPENCONFIRM, and the rival connection.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::session::{Carrier, Manner};
use super::{
    Direction, Event, Message, Output, Reason, Session, Speaker, State, Survivor, Timer, resolve,
};
use crate::bgp::Negotiated;
use crate::bgp::message::{Kind, Notify, Open};

/// How long a peer that connected while our connection waits for its OPEN may be silent on both.
/// Two speakers that connect at once hear each other well within it; one that came back after it
/// forgot the first connection speaks on the second, perhaps once it has heard us there.
const BOTH_SILENT: Duration = Duration::from_secs(1);

impl Session {
    pub(super) fn handle_open(&mut self, event: Event, now: Instant) {
        let confirming = self.state() == State::OpenConfirm;
        match event {
            Event::Open(_, open) if !confirming => self.opened(Rc::from(open), now),
            Event::Open(..) => self.fail(unexpected(State::OpenConfirm, Kind::Open), now),
            Event::Message(_, Kind::Keepalive) if confirming => self.establish(now),
            Event::Message(_, kind) => self.fail(unexpected(self.state(), kind), now),
            Event::Notification(link, notify) => {
                self.push(Output::Close(link));
                self.fall(Reason::Received(notify.code, notify.subcode), now);
            }
            Event::Fault(_, notify) => self.fail(notify, now),
            Event::Lost(_) => self.fall(Reason::Closed, now),
            Event::Stop(stop) => self.stop(stop),
            Event::Teardown(subcode) => self.restart(subcode, Manner::Final),
            Event::Reconfigured(settings) => self.reconfigure(settings),
            // The session lives on the connection of the peer.
            Event::Refused => self.connecting = false,
            Event::Waiting(_) => self.heard = now,
            Event::Blocked(_) => self.blocked(now),
            Event::Wrote(_) => self.blocked = None,
            Event::Fired(Timer::OpenWait) => self.open_wait(now),
            Event::Fired(Timer::Hold) if confirming => self.hold(now),
            Event::Fired(Timer::Keepalive) if confirming => self.keepalive(now),
            Event::Fired(Timer::SendHold) => self.send_hold(now),
            // Armed for another state, and overtaken.
            Event::Fired(Timer::ConnectRetry | Timer::Hold | Timer::Keepalive) => {}
            Event::Start | Event::Connected { .. } => {}
        }
    }

    /// The OPEN of the peer on the connection that carries the session.
    fn opened(&mut self, theirs: Rc<Open>, now: Instant) {
        let Some((link, local)) = self.carrier.as_ref().map(|c| (c.link, c.local)) else { return };
        if self.sent_open().is_none() {
            let Some(ours) = self.our_open(local, Some(theirs.real_as())) else {
                // The AS number of the peer is not one that we can say.
                return self.fail(Notify::with_text(2, 2, "no OPEN mirrors this AS number"), now);
            };
            self.push(Output::Send(link, Message::Open(ours.clone())));
            self.carrier.iter_mut().for_each(|carrier| carrier.ours = Some(ours.clone()));
            self.enter(State::OpenSent);
        }
        let Some(ours) = self.sent_open().cloned() else { return };
        match Negotiated::agree(&self.settings, &ours, &theirs) {
            Err(notify) => self.fail(notify, now),
            Ok(negotiated) => self.confirm(theirs, negotiated, now),
        }
    }

    /// Both OPENs agree.
    fn confirm(&mut self, theirs: Rc<Open>, negotiated: Negotiated, now: Instant) {
        let Some(carrier) = &mut self.carrier else { return };
        let link = carrier.link;
        carrier.theirs = Some(theirs);
        carrier.deadline = now + self.policy.open_wait;
        let negotiated = Rc::new(negotiated);
        self.negotiated = Some(negotiated.clone());
        self.push(Output::Negotiated(link, negotiated));
        self.enter(State::OpenConfirm);
        self.push(Output::Send(link, Message::Keepalive));
        self.heard = now;
        self.arm_hold(now);
        // A rival whose OPEN has not come loses if it would lose anyway.
        if let Some(rival) = &self.rival
            && self.survivor(rival.direction) == Survivor::Existing
        {
            self.drop_rival();
        }
        self.watch_open(now);
    }

    /// The peer confirmed: routes may flow.
    fn establish(&mut self, now: Instant) {
        let (Some(link), Some(negotiated)) = (self.link(), self.negotiated.clone()) else { return };
        self.drop_rival();
        if std::mem::take(&mut self.connecting) {
            self.push(Output::Abandon);
        }
        self.push(Output::Disarm(Timer::OpenWait));
        self.back_off.reset();
        self.heard = now;
        self.enter(State::Established);
        self.push(Output::Up(link, negotiated));
    }

    /// A second connection while the first is not established: RFC 4271 section 6.8.
    pub(super) fn contend(&mut self, mut carrier: Carrier, now: Instant) {
        if self.rival.is_some() {
            return self.refuse(carrier.link, 7);
        }
        // A peer that connects although its OPEN is known is answered at once. A connection of
        // ours that is late waits: the peer may be further than we know.
        if self.state() == State::OpenConfirm && carrier.direction == Direction::Incoming {
            return match self.survivor(carrier.direction) {
                Survivor::Existing => self.refuse(carrier.link, 7),
                Survivor::New => {
                    self.collide();
                    self.adopt(carrier, now);
                }
            };
        }
        carrier.ours = self.our_open(carrier.local, None);
        if let Some(open) = &carrier.ours {
            self.push(Output::Send(carrier.link, Message::Open(open.clone())));
        } else if self.settings.local_as.is_some() {
            return self.push(Output::Close(carrier.link));
        }
        self.rival = Some(carrier);
        self.watch_open(now);
    }

    /// What happens on the rival connection.
    pub(super) fn handle_rival(&mut self, event: Event, now: Instant) {
        match event {
            Event::Open(_, open) => self.rival_opened(Rc::from(open), now),
            Event::Message(link, kind) => {
                self.rival = None;
                self.dismiss(link, unexpected(State::OpenSent, kind));
            }
            Event::Fault(link, notify) => {
                self.rival = None;
                self.dismiss(link, notify);
            }
            Event::Notification(link, _) => {
                self.rival = None;
                self.push(Output::Close(link));
            }
            Event::Lost(_) => self.rival = None,
            Event::Waiting(_) | Event::Blocked(_) | Event::Wrote(_) => {}
            // Without a link, and so never about a rival.
            Event::Start
            | Event::Stop(_)
            | Event::Teardown(_)
            | Event::Reconfigured(_)
            | Event::Connected { .. }
            | Event::Refused
            | Event::Fired(_) => {}
        }
        self.watch_open(now);
    }

    fn rival_opened(&mut self, theirs: Rc<Open>, now: Instant) {
        let Some(mut rival) = self.rival.take() else { return };
        let mirrored = self.our_open(rival.local, Some(theirs.real_as()));
        let Some(ours) = rival.ours.clone().or(mirrored) else {
            return self.push(Output::Close(rival.link));
        };
        if let Err(notify) = Negotiated::agree(&self.settings, &ours, &theirs) {
            return self.dismiss(rival.link, notify);
        }
        let Some(carrier) = &self.carrier else { return };
        let (local, remote) = (Speaker::from(&*ours), Speaker::from(&*theirs));
        let survivor = resolve(local, remote, carrier.direction, rival.direction);
        match (self.state(), survivor) {
            (_, Survivor::New) => {
                self.collide();
                self.promote(rival, now);
            }
            (State::OpenConfirm, Survivor::Existing) => return self.refuse(rival.link, 7),
            // The survivor would be the other one, but its OPEN may never come: go on with this
            // one until it does.
            (_, Survivor::Existing) => {
                rival.deadline = now + self.policy.open_wait;
                self.push(Output::Connected(rival.link));
                self.rival = self.carrier.replace(rival);
            }
        }
        self.opened(theirs, now);
    }

    /// Closes the carrier in favour of another connection.
    fn collide(&mut self) {
        if let Some(carrier) = self.carrier.take() {
            self.refuse(carrier.link, 7);
        }
        self.push(Output::Down(Reason::Collision));
        self.enter(State::Idle);
    }

    /// Makes a rival, on which our OPEN was sent if it could be, the carrier.
    pub(super) fn promote(&mut self, rival: Carrier, now: Instant) {
        self.push(Output::Connected(rival.link));
        self.enter(State::Connect);
        let opened = rival.ours.is_some();
        self.carrier = Some(rival);
        if opened {
            self.enter(State::OpenSent);
        }
        self.watch_open(now);
    }

    fn drop_rival(&mut self) {
        if let Some(rival) = self.rival.take() {
            self.refuse(rival.link, 7);
        }
    }

    /// Who survives if another connection, opened by `new`, is compared with the carrier, whose
    /// OPENs are both known.
    fn survivor(&self, new: Direction) -> Survivor {
        let Some(carrier) = &self.carrier else { return Survivor::New };
        match (&carrier.ours, &carrier.theirs) {
            (Some(ours), Some(theirs)) => {
                let (local, remote) = (Speaker::from(&**ours), Speaker::from(&**theirs));
                resolve(local, remote, carrier.direction, new)
            }
            _ => Survivor::Existing,
        }
    }

    /// Arms the timer for the connection that must speak next.
    pub(super) fn watch_open(&mut self, now: Instant) {
        let watched = self.carrier.iter().filter(|carrier| self.is_watched(carrier));
        let deadlines = watched.chain(&self.rival).map(|carrier| carrier.deadline);
        match deadlines.chain(self.both_silent_until()).min() {
            Some(deadline) => {
                let left = deadline.saturating_duration_since(now);
                self.push(Output::Arm(Timer::OpenWait, left));
            }
            None => self.push(Output::Disarm(Timer::OpenWait)),
        }
    }

    /// Until when a newer connection of the peer waits for an OPEN on either.
    fn both_silent_until(&self) -> Option<Instant> {
        let (carrier, rival) = (self.carrier.as_ref()?, self.rival.as_ref()?);
        let newer = rival.direction == Direction::Incoming && rival.since >= carrier.since;
        (newer && carrier.theirs.is_none()).then(|| rival.since + BOTH_SILENT)
    }

    /// Without hold time nothing else ends the wait for the KEEPALIVE that confirms.
    fn is_watched(&self, carrier: &Carrier) -> bool {
        let held = self.negotiated.as_ref().is_some_and(|negotiated| negotiated.hold_time != 0);
        self.state() != State::Established && (carrier.theirs.is_none() || !held)
    }

    fn open_wait(&mut self, now: Instant) {
        if self.both_silent_until().is_some_and(|until| until <= now)
            && let Some(rival) = self.rival.take()
        {
            self.collide();
            return self.promote(rival, now);
        }
        let late = |carrier: &&Carrier| carrier.deadline <= now;
        if let Some(link) = self.rival.as_ref().filter(late).map(|rival| rival.link) {
            self.rival = None;
            self.dismiss(link, waited());
        }
        let carrier = self.carrier.as_ref().filter(late);
        if carrier.is_some_and(|carrier| self.is_watched(carrier)) {
            let notify = match self.state() {
                State::OpenConfirm => Notify::HOLD_TIMER_EXPIRED,
                _ => waited(),
            };
            return self.fail(notify, now);
        }
        self.watch_open(now);
    }
}

/// RFC 6608: the message that a state does not expect.
#[cold]
pub(super) fn unexpected(state: State, kind: Kind) -> Notify {
    let subcode = match state {
        State::Established => 3,
        State::OpenConfirm => 2,
        State::Idle | State::Active | State::Connect | State::OpenSent => 1,
    };
    Notify::with_text(5, subcode, format_args!("{kind} is not expected in {state}"))
}

fn waited() -> Notify {
    Notify::with_text(5, 1, "waited for the OPEN for too long")
}
