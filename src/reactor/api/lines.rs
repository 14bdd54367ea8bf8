//! Lines from a pipe: bounded, whatever the other side writes.
//!
//! Bytes wait in an inbox until their line is complete. A line longer than the limit is told once,
//! as [`Line::TooLong`], and skipped to its end; the lines after it are read as if it had not been.

use std::io::{self, Read};

use crate::reactor::limits::LINE_MAX;
use crate::reactor::network::{Defensive, Inbox, Moved, Pool, io::fill};

/// The reading side of a pipe, without the pipe.
#[derive(Debug)]
pub(super) struct LineReader {
    inbox: Inbox,
    /// Unread bytes known to hold no end of line, so that a long line is searched once.
    searched: usize,
    /// The line being received is too long: what comes is dropped up to its end.
    skipping: bool,
}

/// What was received.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line without its end, and how many bytes to `consume` when it is done with.
    Whole(&'a [u8], usize),
    /// A line that exceeds the limit; it has been dropped.
    TooLong,
}

impl LineReader {
    pub(super) const fn new() -> Self {
        Self { inbox: Inbox::with_limit(LINE_MAX + 1), searched: 0, skipping: false }
    }

    /// Reads once.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn fill(
        &mut self,
        from: &mut impl Read,
        pool: &mut Pool,
        defensive: &mut Defensive,
    ) -> io::Result<Moved> {
        let moved = fill(from, self.inbox.space(pool), defensive)?;
        match moved {
            Moved::Bytes(count) => self.inbox.filled(count),
            Moved::Blocked(_) | Moved::Closed => self.inbox.settle(pool),
        }
        Ok(moved)
    }

    /// The next line, if it is complete or too long to wait for.
    pub(super) fn next(&mut self) -> Option<Line<'_>> {
        loop {
            let unread = self.inbox.unread();
            let fresh = unread.get(self.searched..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', fresh) else {
                self.searched = unread.len();
                if !self.skipping && self.searched <= LINE_MAX {
                    return None;
                }
                self.inbox.consume(self.searched);
                self.searched = 0;
                if std::mem::replace(&mut self.skipping, true) {
                    return None;
                }
                return Some(Line::TooLong);
            };
            let length = self.searched + end;
            self.searched = 0;
            if std::mem::take(&mut self.skipping) {
                self.inbox.consume(length + 1);
                continue;
            }
            let line = self.inbox.unread().get(..length).unwrap_or_default();
            return Some(Line::Whole(line, length + 1));
        }
    }

    /// Drops bytes that `next` told.
    pub(super) fn consume(&mut self, count: usize) {
        self.inbox.consume(count);
    }

    /// Whether a line has begun and not ended. To be asked when `next` has nothing more.
    pub(super) const fn is_within_line(&self) -> bool {
        self.skipping || !self.inbox.is_empty()
    }

    /// Forgets everything, an unfinished line included.
    pub(super) fn clear(&mut self, pool: &mut Pool) {
        self.inbox.clear(pool);
        self.searched = 0;
        self.skipping = false;
    }
}

impl Default for LineReader {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read out of `bytes` when they come in pieces of `piece`.
    fn read(bytes: &[u8], piece: usize) -> Vec<String> {
        let (mut pool, mut off) = (Pool::new(), Defensive::off());
        let mut lines = LineReader::new();
        let mut found = Vec::new();
        for mut part in bytes.chunks(piece) {
            while !part.is_empty() {
                lines.fill(&mut part, &mut pool, &mut off).unwrap();
                loop {
                    let count = match lines.next() {
                        None => break,
                        Some(Line::TooLong) => {
                            found.push("<too long>".to_owned());
                            continue;
                        }
                        Some(Line::Whole(line, count)) => {
                            found.push(String::from_utf8_lossy(line).into_owned());
                            count
                        }
                    };
                    lines.consume(count);
                }
            }
        }
        found
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let bytes = b"one\n\nthree words here\nunfinished";
        for piece in 1..bytes.len() {
            assert_eq!(read(bytes, piece), ["one", "", "three words here"]);
        }
    }

    #[test]
    fn a_line_that_is_too_long_does_not_hurt_the_next() {
        let mut bytes = vec![b'x'; LINE_MAX + 1];
        bytes.extend_from_slice(b"\nafter\n");
        for piece in [1000, 65_536, bytes.len()] {
            assert_eq!(read(&bytes, piece), ["<too long>", "after"]);
        }
        let mut endless = vec![b'y'; 3 * LINE_MAX];
        endless.extend_from_slice(b"\nok\n");
        assert_eq!(read(&endless, 50_000), ["<too long>", "ok"]);
    }

    #[test]
    fn the_longest_line_is_taken() {
        let mut bytes = vec![b'x'; LINE_MAX];
        bytes.push(b'\n');
        let found = read(&bytes, 65_536);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].len(), LINE_MAX);
    }
}
