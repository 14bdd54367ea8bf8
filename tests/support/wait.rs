//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How long a wait lasts before the test fails. Far above what a loaded machine needs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A moment after which waiting is over.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline `patience` from now.
    pub fn after(patience: Duration) -> Self {
        Self(Instant::now() + patience)
    }

    /// The usual deadline.
    pub fn usual() -> Self {
        Self::after(PATIENCE)
    }

    /// The time that is left, `None` when it is over.
    pub fn left(&self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// The time that is left as `poll` takes it, at least a millisecond until it is over.
    pub fn timeout(&self) -> Option<PollTimeout> {
        self.left().map(|left| {
            PollTimeout::try_from(left.max(Duration::from_millis(1))).unwrap_or(PollTimeout::MAX)
        })
    }

    /// Waits until one of the descriptors is ready; false when the deadline passed.
    pub fn ready(&self, descriptors: &mut [PollFd<'_>]) -> bool {
        while let Some(timeout) = self.timeout() {
            match poll(descriptors, timeout) {
                Ok(0) | Err(nix::errno::Errno::EINTR) => {}
                Ok(_) => return true,
                Err(error) => panic!("poll: {error}"),
            }
        }
        false
    }
}

/// The time since a moment.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts at zero.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start or the last lap.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// The time since the start or the last lap; the next lap begins.
    pub fn lap(&mut self) -> Duration {
        let elapsed = self.elapsed();
        *self = Self::start();
        elapsed
    }
}

/// Asks until the answer is there. For what has no descriptor to wait on: a file, `/proc`, the end
/// of a child. Fails with `what` after the usual deadline.
pub fn until<T>(what: &str, answer: impl FnMut() -> Option<T>) -> T {
    until_within(PATIENCE, what, answer)
}

/// As [`until`], with another patience.
pub fn until_within<T>(patience: Duration, what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let deadline = Deadline::after(patience);
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(deadline.left().is_some(), "still waiting after {patience:?}: {what}");
        Deadline::after(Duration::from_millis(3)).ready(&mut []);
    }
}

/// A descriptor that `poll` watches for input.
pub fn readable<'a>(descriptor: &'a impl std::os::fd::AsFd) -> PollFd<'a> {
    PollFd::new(descriptor.as_fd(), PollFlags::POLLIN)
}

/// A descriptor that `poll` watches for input and for room.
pub fn both<'a>(descriptor: &'a impl std::os::fd::AsFd) -> PollFd<'a> {
    PollFd::new(descriptor.as_fd(), PollFlags::POLLIN | PollFlags::POLLOUT)
}
