//! The client's ends of the named pipes, for one client at a time.
//!
//! Clients that use the pipes at the same time would read each other's answers, so each waits,
//! with a lock on `.out`, until the one before it is done.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::{at, link};
use crate::environment::control::PipePaths;
use crate::reactor::clock::Clock;
use crate::reactor::network::io::lock;

/// Opens `.out` to read and `.in` to write.
///
/// # Errors
/// What cannot be opened, or that nobody is there, as a sentence.
pub(super) fn open(paths: &PipePaths, patience: Duration) -> Result<(File, File), String> {
    // To read and to write, so that there is always a writer: otherwise poll would report the end
    // of the file until the program has something to say. Reading alone does as well.
    let reader = end(&paths.output, true, true).or_else(|_| end(&paths.output, true, false));
    let reader = reader.map_err(|error| at(&paths.output, &error))?;
    let mut clock = Clock::new();
    let deadline = clock.now() + patience;
    loop {
        // Where the file system has no locks, clients must not meet.
        if lock(&reader).unwrap_or(true) {
            break;
        }
        if !link::pause(deadline, &mut clock) {
            return Err(format!("{} is used by another client", paths.output.display()));
        }
    }
    let writer = end(&paths.input, false, true).map_err(|error| {
        if error.raw_os_error() == Some(Errno::ENXIO as i32) {
            format!("no exabgp reads {}", paths.input.display())
        } else {
            at(&paths.input, &error)
        }
    })?;
    Ok((reader, writer))
}

fn end(path: &Path, read: bool, write: bool) -> io::Result<File> {
    OpenOptions::new()
        .read(read)
        .write(write)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_CLOEXEC).bits())
        .open(path)
}
