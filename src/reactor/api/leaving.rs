//! Helpers that must go: asked with SIGTERM, and killed by a timer when they do not listen.

use std::process::Child;
use std::rc::Rc;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::reactor::limits::PROCESS_END;

/// A helper that was told to go, until it is gone.
#[derive(Debug)]
pub(super) struct Leaving {
    name: Rc<str>,
    child: Child,
    /// The next measure and when it is due; `None` after the last.
    next: Option<(Instant, Signal)>,
}

impl Leaving {
    /// Sends SIGTERM at `ask`, and SIGKILL at `force`.
    pub(super) fn new(name: Rc<str>, child: Child, ask: Instant) -> Self {
        Self { name, child, next: Some((ask, Signal::SIGTERM)) }
    }

    /// When the next measure is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next.map(|(deadline, _)| deadline)
    }

    /// Takes the measure that is due.
    pub(super) fn fire(&mut self, now: Instant) {
        let Some((deadline, signal)) = self.next else { return };
        if deadline > now {
            return;
        }
        if signal == Signal::SIGKILL {
            log::warn!(target: "processes", "process killed name={}: it did not end when asked",
                self.name);
        }
        let sent = i32::try_from(self.child.id()).map(|pid| kill(Pid::from_raw(pid), signal));
        if let Ok(Err(errno)) = sent {
            log::debug!(target: "processes", "no signal sent process={} error={errno}", self.name);
        }
        self.next = (signal == Signal::SIGTERM).then_some((now + PROCESS_END, Signal::SIGKILL));
    }

    /// Ends it at once, and waits for that.
    #[cfg(test)]
    pub(super) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Looks, without waiting, whether it is gone.
    pub(super) fn is_gone(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}
