//! A helper of a former release behind the daemon of today: its commands are converted on their
//! way out, the events on their way in.
//!
//! One thread polls four pipes. Octets are written where the poll says that a pipe has room, and
//! never more than a pipe takes at once (PIPE_BUF), so that a reader that is slow in one direction
//! does not stop the other; a full buffer stops the reading of what fills it.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitCode, Stdio};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::api::Converter;
use super::output;

/// What a pipe with room for anything takes without blocking, in octets.
const WRITE_MAX: usize = 4096;

/// How much waits for a slow reader before the other side is no longer read, in octets.
const WAITING_MAX: usize = 1 << 20;

/// Exit code of a program that could not be started.
const NOT_STARTED: u8 = 1;

/// Added to the number of the signal that ended the program.
const BY_SIGNAL: u8 = 128;

/// Runs a program until it ends, and answers with its exit code.
pub(super) fn run(program: &str, arguments: &[String], converter: &Converter) -> ExitCode {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            output::error(&format!("{program}: {error}"));
            return ExitCode::from(NOT_STARTED);
        }
    };
    let carried = carry(&mut child, converter);
    if let Err(error) = &carried {
        output::error(&format!("{program}: {error}"));
    }
    // Its pipes are closed by now: a program that reads learns of it.
    match child.wait() {
        Ok(status) => ExitCode::from(match (status.code(), status.signal()) {
            (Some(code), _) => u8::try_from(code).unwrap_or(u8::MAX),
            (None, signal) => signal
                .and_then(|signal| u8::try_from(signal).ok())
                .map_or(u8::MAX, |signal| BY_SIGNAL.saturating_add(signal)),
        }),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Carries lines both ways until the program has closed its output, or nobody reads it.
fn carry(child: &mut Child, converter: &Converter) -> io::Result<()> {
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("the program has no pipes"));
    };
    let own = |fd: BorrowedFd<'_>| fd.try_clone_to_owned().map(File::from);
    let mut events =
        Way::new(own(io::stdin().as_fd())?, File::from(std::os::fd::OwnedFd::from(input)));
    let mut commands =
        Way::new(File::from(std::os::fd::OwnedFd::from(output)), own(io::stdout().as_fd())?);
    while commands.is_open() {
        let ready = wait(&events, &commands)?;
        let [event_read, event_write, command_read, command_write] = ready;
        events.turn((event_read, event_write), |line| converter.backward(line));
        commands.turn((command_read, command_write), |line| converter.forward(line));
    }
    Ok(())
}

/// Which of the four ends can be used: each way's source, then its sink.
fn wait(events: &Way, commands: &Way) -> io::Result<[bool; 4]> {
    let mut polled = Vec::with_capacity(4);
    let mut ready = [false; 4];
    for (at, (fd, flags)) in [events.source(), events.sink(), commands.source(), commands.sink()]
        .into_iter()
        .enumerate()
        .filter_map(|(at, wanted)| Some((at, wanted?)))
    {
        polled.push((at, PollFd::new(fd, flags)));
    }
    let (places, mut fds): (Vec<usize>, Vec<PollFd<'_>>) = polled.into_iter().unzip();
    match poll(&mut fds, PollTimeout::NONE) {
        Ok(_) => {}
        Err(Errno::EINTR) => return Ok(ready),
        Err(errno) => return Err(errno.into()),
    }
    for (at, fd) in places.into_iter().zip(fds) {
        if let Some(ready) = ready.get_mut(at) {
            *ready = fd.any().unwrap_or(false);
        }
    }
    Ok(ready)
}

/// One direction: lines from a source, converted, to a sink.
struct Way {
    /// `None` at its end.
    from: Option<File>,
    /// `None` once nobody reads, or everything is written.
    to: Option<File>,
    /// The start of a line.
    partial: Vec<u8>,
    waiting: Vec<u8>,
}

impl Way {
    fn new(from: File, to: File) -> Self {
        Self { from: Some(from), to: Some(to), partial: Vec::new(), waiting: Vec::new() }
    }

    /// Whether anything can still be carried.
    fn is_open(&self) -> bool {
        self.to.is_some()
    }

    /// The source, where there is room for what it gives.
    fn source(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        let has_room = self.waiting.len() < WAITING_MAX && self.to.is_some();
        self.from.as_ref().filter(|_| has_room).map(|file| (file.as_fd(), PollFlags::POLLIN))
    }

    /// The sink, where something waits for it.
    fn sink(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        let wanted = !self.waiting.is_empty();
        self.to.as_ref().filter(|_| wanted).map(|file| (file.as_fd(), PollFlags::POLLOUT))
    }

    /// Reads and writes once, as far as the ends are ready.
    fn turn(&mut self, (readable, writable): (bool, bool), convert: impl Fn(&str) -> String) {
        if readable {
            self.read(&convert);
        }
        if writable {
            self.write();
        }
        if self.from.is_none() && self.waiting.is_empty() {
            self.to = None;
        }
    }

    fn read(&mut self, convert: impl Fn(&str) -> String) {
        let Some(file) = &mut self.from else { return };
        let mut buffer = [0; 1 << 14];
        let count = file.read(&mut buffer).unwrap_or(0);
        self.partial.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if count == 0 {
            self.from = None;
            if !self.partial.is_empty() {
                self.partial.push(b'\n');
            }
        }
        let end = memchr::memrchr(b'\n', &self.partial).map_or(0, |at| at + 1);
        if end == 0 {
            if self.partial.len() > WAITING_MAX {
                // No line of either side is so long: it goes on as it is.
                self.waiting.append(&mut self.partial);
            }
            return;
        }
        let rest = self.partial.split_off(end);
        for line in self.partial.split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            self.waiting.extend_from_slice(convert(&line).as_bytes());
            self.waiting.push(b'\n');
        }
        // What `split` finds behind the last line feed is no line.
        self.waiting.pop();
        self.partial = rest;
    }

    fn write(&mut self) {
        let Some(file) = &mut self.to else { return };
        let chunk = self.waiting.get(..WRITE_MAX.min(self.waiting.len())).unwrap_or_default();
        match file.write(chunk) {
            Ok(count) => drop(self.waiting.drain(..count)),
            Err(_) => {
                // Nobody reads any more, and so nothing needs to be made for it.
                self.to = None;
                self.from = None;
                self.waiting.clear();
            }
        }
    }
}
