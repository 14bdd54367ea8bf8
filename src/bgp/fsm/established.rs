//! While routes flow: ESTABLISHED, and the timers that OPENCONFIRM shares with it.

use std::time::{Duration, Instant};

use super::open::unexpected;
use super::session::Manner;
use super::{Event, Message, Output, Reason, Session, State, Timer};
use crate::bgp::message::{Kind, Notify};

/// The shortest send hold time (RFC 9687 section 4.2).
const SEND_HOLD_MIN: Duration = Duration::from_secs(480);

impl Session {
    pub(super) fn handle_established(&mut self, event: Event, now: Instant) {
        match event {
            Event::Message(..) | Event::Waiting(_) => self.heard = now,
            Event::Blocked(_) => self.blocked(now),
            Event::Wrote(_) => self.blocked = None,
            Event::Fired(Timer::Hold) => self.hold(now),
            Event::Fired(Timer::Keepalive) => self.keepalive(now),
            Event::Fired(Timer::SendHold) => self.send_hold(now),
            Event::Open(..) => self.fail(unexpected(State::Established, Kind::Open), now),
            Event::Notification(link, notify) => {
                self.push(Output::Close(link));
                self.fall(Reason::Received(notify.code, notify.subcode), now);
            }
            Event::Fault(_, notify) => self.fail(notify, now),
            Event::Lost(_) => self.fall(Reason::Closed, now),
            Event::Stop(stop) => self.stop(stop),
            Event::Teardown(subcode) => self.restart(subcode, Manner::MayBeGraceful),
            Event::Reconfigured(settings) => self.reconfigure(settings),
            // Armed for another state, and overtaken.
            Event::Fired(Timer::ConnectRetry | Timer::OpenWait) => {}
            // No attempt is under way; a second connection was refused before.
            Event::Start | Event::Refused | Event::Connected { .. } => {}
        }
    }

    fn hold_time(&self) -> Duration {
        let seconds = self.negotiated.as_ref().map_or(0, |negotiated| negotiated.hold_time);
        Duration::from_secs(seconds.into())
    }

    fn keepalive_interval(&self) -> Duration {
        // Whole seconds, as the references count; the shortest hold time is 3.
        Duration::from_secs(self.hold_time().as_secs() / 3)
    }

    /// Starts to watch the silence of the peer and to break ours; neither without hold time.
    pub(super) fn arm_hold(&mut self, now: Instant) {
        let hold = self.hold_time();
        if hold.is_zero() {
            return;
        }
        let interval = self.keepalive_interval();
        self.keepalive_due = now + interval;
        self.push(Output::Arm(Timer::Hold, hold));
        self.push(Output::Arm(Timer::Keepalive, interval));
    }

    /// The hold timer is armed once and looks, when it fires, whether the peer was heard since.
    pub(super) fn hold(&mut self, now: Instant) {
        let left = (self.heard + self.hold_time()).saturating_duration_since(now);
        if left.is_zero() {
            self.fail(Notify::HOLD_TIMER_EXPIRED, now);
        } else {
            self.push(Output::Arm(Timer::Hold, left));
        }
    }

    /// Sends a KEEPALIVE, at a steady pace however late the timer was.
    pub(super) fn keepalive(&mut self, now: Instant) {
        let interval = self.keepalive_interval();
        let Some(link) = self.link().filter(|_| !interval.is_zero()) else { return };
        self.push(Output::Send(link, Message::Keepalive));
        self.keepalive_due += interval;
        if self.keepalive_due <= now {
            self.keepalive_due = now + interval;
        }
        let left = self.keepalive_due.saturating_duration_since(now);
        self.push(Output::Arm(Timer::Keepalive, left));
    }

    fn send_hold_time(&self) -> Duration {
        SEND_HOLD_MIN.max(self.hold_time() * 2)
    }

    /// The peer takes nothing of what waits for it. As with the hold timer, the timer is armed
    /// once and looks, when it fires, whether that is still so.
    pub(super) fn blocked(&mut self, now: Instant) {
        self.blocked.get_or_insert(now);
        if !self.send_hold_armed && !self.hold_time().is_zero() {
            self.send_hold_armed = true;
            self.push(Output::Arm(Timer::SendHold, self.send_hold_time()));
        }
    }

    pub(super) fn send_hold(&mut self, now: Instant) {
        self.send_hold_armed = false;
        let Some(since) = self.blocked else { return };
        let left = (since + self.send_hold_time()).saturating_duration_since(now);
        if left.is_zero() {
            self.fail(Notify::new(8, 0), now);
        } else {
            self.send_hold_armed = true;
            self.push(Output::Arm(Timer::SendHold, left));
        }
    }
}
