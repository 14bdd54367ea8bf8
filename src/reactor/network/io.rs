//! The two calls that move bytes, and the only place that knows a call which would block.
//!
//! `fill` and `drain` are generic over `Read` and `Write`, so that a test can script a socket. An
//! interrupted call is repeated at once. A call that cannot proceed says who will wake us: the
//! kernel, by an edge, or nobody, and then the caller arms a timer of `limits::RETRY`.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read, Write};

use super::error::{Class, classify};

/// What became of an attempt to move bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// So many bytes moved; zero only when none were asked for.
    Bytes(usize),
    /// Nothing can move now.
    Blocked(Wake),
    /// The other side has closed this direction.
    Closed,
}

/// Who tells that a blocked direction can move again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// The kernel: a readiness event will come.
    Edge,
    /// Nobody: try again after `limits::RETRY`.
    Retry,
}

/// Reads once into `space`.
///
/// # Errors
/// What the system reports, except that the call would block or was interrupted.
pub fn fill(
    from: &mut impl Read,
    space: &mut [u8],
    defensive: &mut Defensive,
) -> io::Result<Moved> {
    if space.is_empty() {
        return Ok(Moved::Bytes(0));
    }
    if defensive.strikes() {
        return Ok(Moved::Blocked(Wake::Retry));
    }
    moved(|| from.read(space))
}

/// Writes `bytes` once; a short count is not an error.
///
/// # Errors
/// What the system reports, except that the call would block or was interrupted.
pub fn drain(to: &mut impl Write, bytes: &[u8], defensive: &mut Defensive) -> io::Result<Moved> {
    if bytes.is_empty() {
        return Ok(Moved::Bytes(0));
    }
    if defensive.strikes() {
        return Ok(Moved::Blocked(Wake::Retry));
    }
    moved(|| to.write(bytes))
}

/// Makes a call on a descriptor that never blocks; `None` when it would have to.
///
/// # Errors
/// What the system reports, except that the call would block or was interrupted.
pub fn attempt<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<Option<T>> {
    loop {
        match call() {
            Ok(value) => return Ok(Some(value)),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock => return Ok(None),
                _ => return Err(error),
            },
        }
    }
}

/// Locks a file for its holder alone, without waiting; false while another holds it.
///
/// # Errors
/// What the system reports: there are file systems without locks.
pub fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn moved(call: impl FnMut() -> io::Result<usize>) -> io::Result<Moved> {
    match attempt(call) {
        Ok(Some(0)) => Ok(Moved::Closed),
        Ok(Some(count)) => Ok(Moved::Bytes(count)),
        Ok(None) => Ok(Moved::Blocked(Wake::Edge)),
        // The kernel has no memory for us; it does not tell when it has some again.
        Err(error) if classify(&error) == Class::Exhausted => Ok(Moved::Blocked(Wake::Retry)),
        Err(error) => Err(error),
    }
}

/// Calls that one turn may still make; what is left over waits for the next turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(u32);

impl Budget {
    /// A budget of so many calls.
    pub const fn new(calls: u32) -> Self {
        Self(calls)
    }

    /// Takes one call from the budget; false when none is left.
    pub fn spend(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }

    /// Whether nothing is left.
    pub const fn is_spent(self) -> bool {
        self.0 == 0
    }
}

/// The fault injector behind `debug.defensive`: calls that would have moved bytes block at random.
///
/// The faults come from a seeded generator, so that a run can be repeated.
#[derive(Debug, Clone, Default)]
pub struct Defensive {
    /// State of an xorshift generator; zero when no fault is wanted.
    state: u64,
}

impl Defensive {
    /// No faults.
    pub const fn off() -> Self {
        Self { state: 0 }
    }

    /// One call in eight blocks, in an order that `seed` decides.
    pub const fn seeded(seed: u64) -> Self {
        // An xorshift generator must not start at zero.
        Self { state: seed | 1 << 63 }
    }

    fn strikes(&mut self) -> bool {
        if self.state == 0 {
            return false;
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.is_multiple_of(8)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use nix::errno::Errno;

    use super::*;

    /// Answers each call with the next entry of a script.
    struct Script(VecDeque<Result<usize, Errno>>);

    impl Script {
        fn new(answers: &[Result<usize, Errno>]) -> Self {
            Self(answers.iter().copied().collect())
        }

        fn next(&mut self, most: usize) -> io::Result<usize> {
            let answer = self.0.pop_front().expect("one answer for each call");
            answer.map(|count| count.min(most)).map_err(io::Error::from)
        }
    }

    impl Read for Script {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            self.next(space.len())
        }
    }

    impl Write for Script {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.next(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn check(answers: &[Result<usize, Errno>], expected: Moved) {
        let mut off = Defensive::off();
        let mut space = [0; 8];
        assert_eq!(fill(&mut Script::new(answers), &mut space, &mut off).unwrap(), expected);
        assert_eq!(drain(&mut Script::new(answers), &space, &mut off).unwrap(), expected);
    }

    #[test]
    fn bytes_move_once() {
        check(&[Ok(3)], Moved::Bytes(3));
        check(&[Ok(100)], Moved::Bytes(8));
    }

    #[test]
    fn nothing_read_or_written_means_closed() {
        check(&[Ok(0)], Moved::Closed);
    }

    #[test]
    fn a_call_that_would_block_waits_for_an_edge() {
        check(&[Err(Errno::EAGAIN)], Moved::Blocked(Wake::Edge));
    }

    #[test]
    fn an_interrupted_call_is_repeated() {
        check(&[Err(Errno::EINTR), Err(Errno::EINTR), Ok(5)], Moved::Bytes(5));
        check(&[Err(Errno::EINTR), Err(Errno::EAGAIN)], Moved::Blocked(Wake::Edge));
    }

    #[test]
    fn without_kernel_memory_the_caller_must_try_again() {
        check(&[Err(Errno::ENOBUFS)], Moved::Blocked(Wake::Retry));
        check(&[Err(Errno::ENOMEM)], Moved::Blocked(Wake::Retry));
    }

    #[test]
    fn other_faults_are_reported() {
        let mut off = Defensive::off();
        for errno in [Errno::ECONNRESET, Errno::EPIPE, Errno::ETIMEDOUT, Errno::EBADF] {
            let mut space = [0; 8];
            let error = fill(&mut Script::new(&[Err(errno)]), &mut space, &mut off).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(errno as i32));
            let error = drain(&mut Script::new(&[Err(errno)]), &space, &mut off).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(errno as i32));
        }
    }

    #[test]
    fn empty_buffers_make_no_call() {
        let mut off = Defensive::off();
        assert_eq!(fill(&mut Script::new(&[]), &mut [], &mut off).unwrap(), Moved::Bytes(0));
        assert_eq!(drain(&mut Script::new(&[]), &[], &mut off).unwrap(), Moved::Bytes(0));
    }

    #[test]
    fn a_budget_is_spent_call_by_call() {
        let mut budget = Budget::new(2);
        assert!(!budget.is_spent());
        assert!(budget.spend());
        assert!(budget.spend());
        assert!(budget.is_spent());
        assert!(!budget.spend());
    }

    #[test]
    fn faults_are_injected_as_often_as_promised_and_repeatably() {
        let strikes = |seed| {
            let mut defensive = Defensive::seeded(seed);
            (0..8000).map(|_| defensive.strikes()).collect::<Vec<_>>()
        };
        let count = strikes(1).iter().filter(|struck| **struck).count();
        assert!((800..1200).contains(&count), "{count}");
        assert_eq!(strikes(1), strikes(1));
        assert_ne!(strikes(1), strikes(2));
    }

    #[test]
    fn an_injected_fault_makes_no_call_and_expects_no_edge() {
        let mut defensive = Defensive::seeded(3);
        let mut blocked = 0;
        for _ in 0..100 {
            let mut source = Script::new(&[Ok(1)]);
            match fill(&mut source, &mut [0; 8], &mut defensive).unwrap() {
                Moved::Blocked(wake) => {
                    assert_eq!(wake, Wake::Retry);
                    assert_eq!(source.0.len(), 1);
                    blocked += 1;
                }
                moved => assert_eq!(moved, Moved::Bytes(1)),
            }
        }
        assert!(blocked > 0);
    }
}
