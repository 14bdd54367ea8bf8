//! Named pipes: `NAME.in`, which clients write to, and `NAME.out`, which they read.
//!
//! They were made by the operator, for whoever shall command the program. The reading end of
//! `.in` stays open, so that no writer waits. The writing end of `.out` is opened when there is
//! something to say and closed when it is said, so that readers see the end of an answer. What
//! nobody reads is kept for a while and then dropped, and stops nobody.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Instant;

use mio::unix::pipe::{Receiver, Sender};
use nix::errno::Errno;
use nix::fcntl::OFlag;

use crate::environment::control::PipePaths;
use crate::reactor::limits::{CONTROL_KEEP, PROCESS_HIGH};
use crate::reactor::network::io::lock;

/// A pair of named pipes that is served.
#[derive(Debug)]
pub(in crate::reactor::api) struct Fifo {
    pub(super) paths: PipePaths,
    /// Device and inode of `.in`: another pair of the same names is another one.
    identity: (u64, u64),
    /// The writing end is in the poll.
    pub(super) watched: bool,
    /// How much waited for a reader at the last look, and since when it was that much.
    waiting: Option<(usize, Instant)>,
    /// Nobody came the last time either.
    deserted: bool,
    /// A fault of `.out` was told.
    told: bool,
}

/// What opening `.out` has come to.
#[derive(Debug)]
pub(in crate::reactor::api) enum Output {
    /// Somebody reads.
    Open(Sender),
    /// Nobody reads yet; no event tells when somebody does.
    Nobody,
    /// Nobody has come for too long.
    Deserted,
}

impl Fifo {
    /// Opens the pair for this program alone.
    ///
    /// # Errors
    /// What the system refuses; another program that serves the pair is `ResourceBusy`.
    pub(super) fn open(paths: PipePaths) -> io::Result<(Self, Receiver)> {
        let input = fifo(&paths.input, OFlag::O_RDONLY)?;
        match lock(&input) {
            Ok(true) => {}
            Ok(false) => return Err(io::ErrorKind::ResourceBusy.into()),
            Err(error) => {
                log::debug!(target: "processes", "{} is not locked: {error}", paths.input.display());
            }
        }
        let identity = identity(&input.metadata()?);
        let fifo =
            Self { paths, identity, watched: false, waiting: None, deserted: false, told: false };
        Ok((fifo, Receiver::from(OwnedFd::from(input))))
    }

    /// Whether `paths` lead to the pair that is open.
    pub(super) fn is_still(&self, paths: &PipePaths) -> bool {
        self.paths == *paths
            && paths.input.metadata().is_ok_and(|at| identity(&at) == self.identity)
    }

    /// Opens the writing end for a reader who is there; `bytes` wait for it.
    pub(in crate::reactor::api) fn open_output(&mut self, bytes: usize, now: Instant) -> Output {
        match fifo(&self.paths.output, OFlag::O_WRONLY) {
            Ok(file) => {
                self.waiting = None;
                self.deserted = false;
                self.told = false;
                return Output::Open(Sender::from(OwnedFd::from(file)));
            }
            Err(error) if error.raw_os_error() == Some(Errno::ENXIO as i32) => {}
            Err(error) => {
                if !std::mem::replace(&mut self.told, true) {
                    log::error!(target: "processes", "cannot write to {}: {error}",
                        self.paths.output.display());
                }
            }
        }
        let since = match self.waiting {
            Some((before, since)) if before == bytes => since,
            _ => now,
        };
        let full = bytes >= PROCESS_HIGH;
        if now.saturating_duration_since(since) < CONTROL_KEEP && !(full && self.deserted) {
            self.waiting = Some((bytes, since));
            return Output::Nobody;
        }
        self.waiting = None;
        if full && !std::mem::replace(&mut self.deserted, true) {
            log::warn!(target: "processes", "answers dropped bytes={bytes}: nobody reads {}",
                self.paths.output.display());
        }
        Output::Deserted
    }
}

fn identity(metadata: &std::fs::Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Opens a named pipe without waiting for the other side; refuses what is none.
fn fifo(path: &Path, mode: OFlag) -> io::Result<File> {
    let write = mode == OFlag::O_WRONLY;
    let file = OpenOptions::new()
        .read(!write)
        .write(write)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_CLOEXEC).bits())
        .open(path)?;
    if file.metadata()?.file_type().is_fifo() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a named pipe"))
    }
}
