//! Signals as readiness.
//!
//! A handler sets one flag a signal and writes a byte to a socket pair that the poll watches, so a
//! signal wakes the loop like any event, and the loop acts on it when it chooses to. The same signal
//! sent twice before it is taken is one signal.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use signal_hook::consts::{SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::{SigId, flag, low_level};

use super::network::io::{Defensive, Moved, fill};

/// A signal that the program acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Shut down.
    Terminate,
    /// Shut down.
    Hangup,
    /// Shut down.
    Interrupt,
    /// Restart all sessions.
    Alarm,
    /// Read the configuration again.
    User1,
    /// Read the configuration again and restart helpers that changed.
    User2,
    /// A helper has ended.
    Child,
}

impl Signal {
    /// All of them, in the order in which they are acted on: the most final first.
    pub const ALL: [Self; 7] = [
        Self::Terminate,
        Self::Hangup,
        Self::Interrupt,
        Self::Alarm,
        Self::User1,
        Self::User2,
        Self::Child,
    ];

    /// The number that the system gives it.
    pub const fn number(self) -> i32 {
        match self {
            Self::Terminate => SIGTERM,
            Self::Hangup => SIGHUP,
            Self::Interrupt => SIGINT,
            Self::Alarm => SIGALRM,
            Self::User1 => SIGUSR1,
            Self::User2 => SIGUSR2,
            Self::Child => SIGCHLD,
        }
    }

    /// The name that the system gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
            Self::Interrupt => "SIGINT",
            Self::Alarm => "SIGALRM",
            Self::User1 => "SIGUSR1",
            Self::User2 => "SIGUSR2",
            Self::Child => "SIGCHLD",
        }
    }
}

/// The installed handlers and the descriptor that they wake.
#[derive(Debug)]
pub struct Signals {
    wake: UnixStream,
    flags: [Arc<AtomicBool>; Signal::ALL.len()],
    handlers: Vec<SigId>,
}

impl Signals {
    /// Installs the handlers. SIGPIPE gets one that does nothing: a write to a closed pipe is an
    /// error then, and the helpers that we start do not inherit an ignored signal.
    ///
    /// # Errors
    /// When the system has no descriptor for the pair.
    pub fn install() -> io::Result<Self> {
        let (wake, waker) = std::os::unix::net::UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let flags = std::array::from_fn(|_| Arc::new(AtomicBool::new(false)));
        let mut signals =
            Self { wake: UnixStream::from_std(wake), flags, handlers: Vec::with_capacity(15) };
        for (signal, raised) in Signal::ALL.iter().zip(&signals.flags) {
            // The flag is set before the pair is written to: whoever is woken finds it.
            signals.handlers.push(flag::register(signal.number(), Arc::clone(raised))?);
            let waker = waker.try_clone()?;
            signals.handlers.push(low_level::pipe::register(signal.number(), waker)?);
        }
        signals.handlers.push(flag::register(SIGPIPE, Arc::new(AtomicBool::new(false)))?);
        Ok(signals)
    }

    /// Takes what was raised since the last call, in the order of `Signal::ALL`.
    pub fn take(&mut self) -> Raised {
        let mut bytes = [0; 64];
        // Before the flags: a signal that comes in between wakes us once more.
        while let Ok(Moved::Bytes(_)) = fill(&mut self.wake, &mut bytes, &mut Defensive::off()) {}
        let mut raised = [false; Signal::ALL.len()];
        for (raised, flag) in raised.iter_mut().zip(&self.flags) {
            *raised = flag.swap(false, Ordering::SeqCst);
        }
        Raised { raised, next: 0 }
    }

    /// Registers the descriptor that wakes the poll, once.
    ///
    /// # Errors
    /// What the poll reports.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.wake, token, Interest::READABLE)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            low_level::unregister(handler);
        }
    }
}

/// The signals of one `take`; an iterator that borrows nothing.
#[derive(Debug, Clone)]
pub struct Raised {
    raised: [bool; Signal::ALL.len()],
    next: usize,
}

impl Iterator for Raised {
    type Item = Signal;

    fn next(&mut self) -> Option<Signal> {
        loop {
            let at = self.next;
            let raised = *self.raised.get(at)?;
            self.next += 1;
            if raised {
                return Signal::ALL.get(at).copied();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mio::{Events, Poll};
    use nix::sys::signal::{Signal as System, raise};

    use super::*;
    use crate::reactor::network::testing::alone;

    #[test]
    fn signals_wake_the_poll_and_are_taken_in_order() {
        // Handlers belong to the whole process.
        alone("reactor::signal::tests::signals_wake_the_poll_and_are_taken_in_order", || {
            let mut signals = Signals::install().unwrap();
            let mut poll = Poll::new().unwrap();
            let mut events = Events::with_capacity(8);
            signals.register(poll.registry(), Token(7)).unwrap();
            assert_eq!(signals.take().count(), 0);

            for signal in Signal::ALL {
                raise(System::try_from(signal.number()).unwrap()).unwrap();
                poll.poll(&mut events, Some(Duration::from_secs(10))).unwrap();
                assert_eq!(events.iter().next().map(|event| event.token()), Some(Token(7)));
                assert_eq!(signals.take().collect::<Vec<_>>(), [signal]);
                assert_eq!(signals.take().count(), 0);
            }

            for signal in Signal::ALL.iter().rev().chain(&Signal::ALL) {
                raise(System::try_from(signal.number()).unwrap()).unwrap();
            }
            assert_eq!(signals.take().collect::<Vec<_>>(), Signal::ALL);
        });
    }

    #[test]
    fn a_broken_pipe_is_an_error_and_not_an_end() {
        alone("reactor::signal::tests::a_broken_pipe_is_an_error_and_not_an_end", || {
            let mut signals = Signals::install().unwrap();
            raise(System::SIGPIPE).unwrap();
            assert_eq!(signals.take().count(), 0);
        });
    }

    #[test]
    fn a_flood_of_signals_does_not_fill_the_pair() {
        alone("reactor::signal::tests::a_flood_of_signals_does_not_fill_the_pair", || {
            let mut signals = Signals::install().unwrap();
            for _ in 0..100_000 {
                raise(System::SIGUSR1).unwrap();
            }
            assert_eq!(signals.take().collect::<Vec<_>>(), [Signal::User1]);
            raise(System::SIGUSR2).unwrap();
            assert_eq!(signals.take().collect::<Vec<_>>(), [Signal::User2]);
        });
    }

    #[test]
    fn names_and_numbers_are_those_of_the_system() {
        for signal in Signal::ALL {
            let system = System::try_from(signal.number()).unwrap();
            assert_eq!(system.as_str(), signal.name());
        }
    }
}
