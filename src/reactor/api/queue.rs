//! Lines toward a helper: events in their order, and replies, which may overtake them.
//!
//! A helper that waits for an acknowledgement must not wait for a million events first, so replies
//! have a queue of their own, written first wherever a line ends. Nothing is ever dropped: over
//! the high mark of events the peers are read no more, over that of replies no command is taken.

use std::io::{self, Write};

use crate::reactor::limits::{PROCESS_HIGH, PROCESS_LOW};
use crate::reactor::network::{Budget, Defensive, Moved, Outbox, Wake, io::drain};

/// The lines that wait for one helper.
#[derive(Debug)]
pub(super) struct Queue {
    pub events: Outbox,
    pub replies: Outbox,
    /// Bytes left of an event of which the beginning was written.
    partial: usize,
}

/// How writing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    /// Nothing is left.
    All,
    /// The pipe is full.
    Blocked(Wake),
    /// The budget is spent; the pipe may take more.
    Again,
    /// Nobody will read it.
    Closed,
}

impl Queue {
    pub(super) const fn new() -> Self {
        Self {
            events: Outbox::with_marks(PROCESS_LOW, PROCESS_HIGH),
            replies: Outbox::with_marks(PROCESS_LOW, PROCESS_HIGH),
            partial: 0,
        }
    }

    /// Writes what waits, within the budget.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn drain(
        &mut self,
        to: &mut impl Write,
        budget: &mut Budget,
        defensive: &mut Defensive,
    ) -> io::Result<Drained> {
        while !self.is_empty() {
            if !budget.spend() {
                return Ok(Drained::Again);
            }
            let replies = self.partial == 0 && !self.replies.is_empty();
            let chunk = match (replies, self.partial) {
                (true, _) => self.replies.pending(),
                (false, 0) => self.events.pending(),
                (false, partial) => self.events.pending().get(..partial).unwrap_or_default(),
            };
            let count = match drain(to, chunk, defensive)? {
                Moved::Bytes(count) => count,
                Moved::Blocked(wake) => return Ok(Drained::Blocked(wake)),
                Moved::Closed => return Ok(Drained::Closed),
            };
            if replies {
                self.replies.taken(count);
            } else {
                self.partial = rest_of_line(chunk, count, self.partial);
                self.events.taken(count);
            }
        }
        Ok(Drained::All)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.replies.is_empty()
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.events.len() + self.replies.len()
    }

    /// Lines that wait, one that is partly written included.
    pub(super) fn items(&self) -> usize {
        let lines = |outbox: &Outbox| memchr::memchr_iter(b'\n', outbox.pending()).count();
        lines(&self.events) + lines(&self.replies)
    }

    /// Forgets what waits.
    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.replies.clear();
        self.partial = 0;
    }
}

/// How much of a line is left when `count` bytes of `chunk` were written; `partial` was left
/// before, where the chunk is the rest of a line.
fn rest_of_line(chunk: &[u8], count: usize, partial: usize) -> usize {
    if partial > 0 {
        return partial.saturating_sub(count);
    }
    let (written, rest) = chunk.split_at_checked(count).unwrap_or((chunk, &[]));
    if written.last() == Some(&b'\n') {
        0
    } else {
        memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes at most so many bytes a call and a number of calls, then blocks.
    struct Pipe {
        read: Vec<u8>,
        calls: usize,
        most: usize,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.calls == 0 {
                return Err(io::Error::from(nix::errno::Errno::EAGAIN));
            }
            self.calls -= 1;
            let count = bytes.len().min(self.most);
            self.read.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn drain(queue: &mut Queue, pipe: &mut Pipe, calls: usize) -> Drained {
        pipe.calls = calls;
        queue.drain(pipe, &mut Budget::new(1000), &mut Defensive::off()).unwrap()
    }

    #[test]
    fn replies_go_first_but_never_into_an_event() {
        for most in 1..40 {
            let mut queue = Queue::new();
            let mut pipe = Pipe { read: Vec::new(), calls: 0, most };
            queue.events.append(b"event number one\nevent number two\n");
            assert!(matches!(drain(&mut queue, &mut pipe, 1), Drained::Blocked(_) | Drained::All));
            queue.replies.append(b"done\nerror\n");
            queue.events.append(b"event number three\n");
            assert_eq!(drain(&mut queue, &mut pipe, 100), Drained::All);
            let read = String::from_utf8(pipe.read).unwrap();
            let lines: Vec<&str> = read.lines().collect();
            let events: Vec<_> = lines.iter().filter(|line| line.starts_with("event n")).collect();
            assert_eq!(
                events,
                [&"event number one", &"event number two", &"event number three"],
                "{most}"
            );
            let replies = lines.iter().filter(|line| !line.starts_with("event n"));
            assert_eq!(replies.copied().collect::<Vec<_>>(), ["done", "error"], "{most}");
            let last = lines.last().copied();
            assert_eq!(last, Some("event number three"), "{most}");
        }
    }

    #[test]
    fn a_budget_ends_the_turn() {
        let mut queue = Queue::new();
        queue.events.append(b"abcdef\n");
        let mut pipe = Pipe { read: Vec::new(), calls: 9, most: 2 };
        let drained = queue.drain(&mut pipe, &mut Budget::new(2), &mut Defensive::off()).unwrap();
        assert_eq!((drained, &*pipe.read), (Drained::Again, &b"abcd"[..]));
        assert_eq!((queue.items(), queue.bytes()), (1, 3));
    }
}
