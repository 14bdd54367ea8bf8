//! Before there is a connection: IDLE and ACTIVE.

use std::time::{Duration, Instant};

use super::session::{Carrier, Manner};
use super::{Direction, Event, Message, Output, Reason, Session, State, Timer};

impl Session {
    pub(super) fn handle_idle(&mut self, event: Event, _now: Instant) {
        match event {
            Event::Start if !self.started => {
                self.started = true;
                self.attempt();
            }
            Event::Start => {}
            Event::Stop(stop) => self.stop(stop),
            Event::Teardown(subcode) => self.restart(subcode, Manner::Final),
            Event::Reconfigured(settings) => self.reconfigure(settings),
            Event::Refused if std::mem::take(&mut self.connecting) => self.retry(),
            Event::Fired(Timer::ConnectRetry) if self.started && !self.connecting => self.attempt(),
            // An answer to an attempt that was given up, or a timer of a session that ended.
            Event::Refused | Event::Fired(_) => {}
            // Handled before, or about a connection while there is none.
            Event::Connected { .. }
            | Event::Lost(_)
            | Event::Open(..)
            | Event::Notification(..)
            | Event::Message(..)
            | Event::Fault(..)
            | Event::Waiting(_)
            | Event::Blocked(_)
            | Event::Wrote(_) => {}
        }
    }

    fn is_passive(&self) -> bool {
        self.policy.passive || self.settings.passive || self.settings.peer.is_range()
    }

    /// Connects, or waits for the peer to connect.
    fn attempt(&mut self) {
        self.enter(State::Active);
        if self.is_passive() {
            return;
        }
        self.attempts += 1;
        self.connecting = true;
        self.push(Output::Connect);
        // A connection under way shows as IDLE, as in ExaBGP.
        self.enter(State::Idle);
    }

    /// Arranges for the next attempt after one that failed or a session that ended.
    pub(super) fn retry(&mut self) {
        if self.policy.ephemeral {
            self.finish();
        } else if self.connecting {
            // The answer to the attempt that is under way decides.
        } else if self.is_passive() {
            self.enter(State::Active);
        } else if self.policy.attempts != 0 && self.attempts >= self.policy.attempts {
            self.finish();
        } else {
            let pause: Duration = self.back_off.take();
            self.push(Output::Arm(Timer::ConnectRetry, pause));
        }
    }

    /// Makes a connection the one that carries the session.
    pub(super) fn adopt(&mut self, mut carrier: Carrier, now: Instant) {
        self.push(Output::Disarm(Timer::ConnectRetry));
        if carrier.direction == Direction::Incoming {
            self.back_off.reset();
        }
        if self.state() == State::Active {
            self.enter(State::Idle);
        }
        self.push(Output::Connected(carrier.link));
        self.enter(State::Connect);
        let link = carrier.link;
        carrier.ours = self.our_open(carrier.local, None);
        match &carrier.ours {
            Some(open) => {
                let open = Message::Open(open.clone());
                self.carrier = Some(carrier);
                self.push(Output::Send(link, open));
                self.enter(State::OpenSent);
            }
            // Our AS number is the peer's: it speaks first.
            None if self.settings.local_as.is_none() => self.carrier = Some(carrier),
            None => {
                self.push(Output::Close(link));
                return self.fall(Reason::NoOpen, now);
            }
        }
        self.watch_open(now);
    }
}
