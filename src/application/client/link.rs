//! A connection to the program: a command goes out, lines come back until the one that ends them.
//!
//! The descriptors never block; each wait has a deadline, which any line that arrives postpones.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::pipes;
use crate::environment::control::PipePaths;
use crate::reactor::clock::Clock;
use crate::reactor::network::io::attempt;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    Error,
    /// The program ends, and answers nothing more.
    Shutdown,
}

/// Takes the lines of an answer.
pub(super) trait Sink {
    /// One line, without its end.
    fn line(&mut self, line: &str);

    /// No more lines are there for now.
    fn pause(&mut self) {}

    /// Whether nobody wants to see more.
    fn is_deaf(&self) -> bool {
        false
    }
}

/// Nobody is interested.
impl Sink for () {
    fn line(&mut self, _: &str) {}
}

impl Sink for Vec<String> {
    fn line(&mut self, line: &str) {
        self.push(line.to_owned());
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Link {
    reader: File,
    writer: File,
    clock: Clock,
    patience: Duration,
    received: Vec<u8>,
    /// Bytes of `received` that were looked at.
    taken: usize,
    /// The other side comes and goes: an end of file means nothing.
    comes_and_goes: bool,
}

/// Bytes asked for in one read.
const PIECE: usize = 64 * 1024;

/// Time between two looks at pipes whose writer is away.
const LOOK: Duration = Duration::from_millis(10);

impl Link {
    /// Connects to the socket at `path`.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn socket(path: &Path, patience: Duration) -> io::Result<Self> {
        let stream = UnixStream::connect(path)?;
        stream.set_nonblocking(true)?;
        let writer = stream.try_clone()?;
        Ok(Self::over(OwnedFd::from(stream).into(), OwnedFd::from(writer).into(), patience, false))
    }

    /// Opens the pipes, and reads what former clients have left in them.
    ///
    /// # Errors
    /// What cannot be opened, or that nobody is there, as a sentence.
    pub(super) fn pipes(paths: &PipePaths, patience: Duration) -> Result<Self, String> {
        let (reader, writer) = pipes::open(paths, patience)?;
        let mut link = Self::over(reader, writer, patience, true);
        link.synchronise()?;
        Ok(link)
    }

    fn over(reader: File, writer: File, patience: Duration, comes_and_goes: bool) -> Self {
        let clock = Clock::new();
        Self { reader, writer, clock, patience, received: Vec::new(), taken: 0, comes_and_goes }
    }

    /// Passes over answers to others: what follows the answer to our own question is for us.
    fn synchronise(&mut self) -> Result<(), String> {
        self.send("session ping")?;
        let mut asked = false;
        loop {
            let line = self.line(&mut ())?;
            if line.starts_with("{\"pong\"") || line.starts_with("pong ") {
                asked = true;
            } else if asked && verdict(&line).is_some() {
                return Ok(());
            }
        }
    }

    /// Sends a command, gives the lines of its answer to `sink`, and tells how it ended.
    ///
    /// # Errors
    /// Why there is no answer, as a sentence.
    pub(super) fn ask(&mut self, command: &str, sink: &mut impl Sink) -> Result<Verdict, String> {
        self.send(command)?;
        if matches!(command, "reset" | "session reset" | "silence-ack" | "session ack silence") {
            return Ok(Verdict::Done);
        }
        self.answer(sink)
    }

    /// Reads one answer.
    ///
    /// # Errors
    /// Why there is none, as a sentence.
    pub(super) fn answer(&mut self, sink: &mut impl Sink) -> Result<Verdict, String> {
        loop {
            let line = self.line(sink);
            if let Ok(line) = &line
                && verdict(line).is_none()
            {
                sink.line(line);
                if sink.is_deaf() {
                    return Err("nobody reads the answer".to_owned());
                }
                continue;
            }
            sink.pause();
            return line.map(|line| verdict(&line).unwrap_or(Verdict::Done));
        }
    }

    /// Whether the other side is still there, as far as can be told without asking.
    pub(super) fn is_open(&mut self) -> bool {
        self.comes_and_goes || !matches!(self.read(), Ok(Some(0)) | Err(_))
    }

    /// Writes a command line.
    pub(super) fn send(&mut self, command: &str) -> Result<(), String> {
        let line = [command, "\n"].concat();
        let mut rest = line.as_bytes();
        let mut deadline = self.clock.refresh() + self.patience;
        while !rest.is_empty() {
            match attempt(|| self.writer.write(rest)) {
                Ok(Some(count)) => {
                    rest = rest.get(count..).unwrap_or_default();
                    deadline = self.clock.refresh() + self.patience;
                }
                Ok(None) => {
                    if !wait(self.writer.as_fd(), PollFlags::POLLOUT, deadline, &mut self.clock) {
                        return Err("exabgp takes no command".to_owned());
                    }
                }
                Err(error) => return Err(lost(&error)),
            }
        }
        Ok(())
    }

    /// The next line.
    fn line(&mut self, sink: &mut impl Sink) -> Result<String, String> {
        let deadline = self.clock.refresh() + self.patience;
        loop {
            let fresh = self.received.get(self.taken..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', fresh) {
                let line = fresh.get(..end).unwrap_or_default();
                let line = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
                self.taken += end + 1;
                return Ok(line);
            }
            self.received.drain(..self.taken);
            self.taken = 0;
            match self.read() {
                Ok(Some(0)) if self.comes_and_goes => {
                    // Nobody writes at the moment, and poll would say so without end.
                    if !pause(deadline, &mut self.clock) {
                        return Err(silent(self.patience));
                    }
                }
                Ok(Some(0)) => return Err("exabgp has closed the connection".to_owned()),
                Ok(Some(_)) => {}
                Ok(None) => {
                    sink.pause();
                    if !wait(self.reader.as_fd(), PollFlags::POLLIN, deadline, &mut self.clock) {
                        return Err(silent(self.patience));
                    }
                }
                Err(error) => return Err(lost(&error)),
            }
        }
    }

    /// Reads once; `None` when nothing is there, zero at the end.
    fn read(&mut self) -> io::Result<Option<usize>> {
        let before = self.received.len();
        self.received.resize(before + PIECE, 0);
        let space = self.received.get_mut(before..).unwrap_or_default();
        let read = attempt(|| self.reader.read(space));
        let count = read.as_ref().map_or(0, |count| count.unwrap_or(0));
        self.received.truncate(before + count);
        read
    }
}

/// Whether a line ends an answer, and how.
fn verdict(line: &str) -> Option<Verdict> {
    match line {
        "done" => Some(Verdict::Done),
        "error" => Some(Verdict::Error),
        "shutdown" => Some(Verdict::Shutdown),
        _ => {
            let answer = line.strip_prefix("{ \"answer\": \"")?;
            match answer.split_once('"')?.0 {
                "done" => Some(Verdict::Done),
                "error" => Some(Verdict::Error),
                "shutdown" => Some(Verdict::Shutdown),
                _ => None,
            }
        }
    }
}

fn silent(patience: Duration) -> String {
    format!(
        "no answer from exabgp for {} s (normal after the command session ack disable)",
        patience.as_secs_f64()
    )
}

fn lost(error: &io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EPIPE | Errno::ECONNRESET) => "exabgp has closed the connection".to_owned(),
        _ => format!("the connection to exabgp is lost: {error}"),
    }
}

/// Waits until the descriptor is ready; false when the deadline has passed.
fn wait(
    descriptor: std::os::fd::BorrowedFd<'_>,
    flags: PollFlags,
    deadline: Instant,
    clock: &mut Clock,
) -> bool {
    loop {
        let left = deadline.saturating_duration_since(clock.refresh());
        if left.is_zero() {
            return false;
        }
        let left = left.max(Duration::from_millis(1));
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(descriptor, flags)], timeout) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => return true,
        }
    }
}

/// Lets a moment pass; false when the deadline has passed.
pub(super) fn pause(deadline: Instant, clock: &mut Clock) -> bool {
    let timeout = PollTimeout::try_from(LOOK).unwrap_or(PollTimeout::MAX);
    let waited = poll(&mut [], timeout);
    waited.is_ok() && deadline > clock.refresh() || waited == Err(Errno::EINTR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_in_any_form() {
        for (line, expected) in [
            ("done", Some(Verdict::Done)),
            ("error", Some(Verdict::Error)),
            ("shutdown", Some(Verdict::Shutdown)),
            ("{ \"answer\": \"done\", \"message\": \"command completed\" }", Some(Verdict::Done)),
            ("{ \"answer\": \"error\" }", Some(Verdict::Error)),
            ("error: no such route", None),
            ("{\"answer\": \"done\"}", None),
            ("", None),
        ] {
            assert_eq!(verdict(line), expected, "{line}");
        }
    }
}
