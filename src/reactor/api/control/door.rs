//! The socket that clients connect to: bound for its owner alone, and who calls is looked at.
//!
//! The file has mode 0600. A socket that nobody serves any more is replaced, one that somebody
//! serves is left alone. The file is removed when the program ends, if it is still ours.

use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mio::net::UnixListener;
use mio::unix::pipe::{Receiver, Sender};
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{geteuid, getuid};

use crate::reactor::limits::ACCEPT_PAUSE;
use crate::reactor::network::{Class, classify, io::attempt};

/// What a client hears when too many are served.
const CROWDED: &[u8] = b"error: maximum concurrent clients reached\ndone\n";

/// The bound socket.
#[derive(Debug)]
pub(super) struct Door {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file.
    identity: (u64, u64),
    pub readable: bool,
    /// The program has no descriptor left for callers before this moment.
    pub pause: Option<Instant>,
    /// Who may call beside root and the present user: whoever started the program.
    starter: u32,
}

impl Door {
    /// Listens at `path`.
    ///
    /// # Errors
    /// What the system refuses; a socket that somebody serves is `AddrInUse`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        make_way(path)?;
        // The file must not be open to others for a moment.
        let before = umask(Mode::from_bits_truncate(0o177));
        let bound = UnixListener::bind(path);
        umask(before);
        let listener = bound?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        let at = path.symlink_metadata()?;
        Ok(Self {
            listener,
            path: path.to_owned(),
            identity: (at.dev(), at.ino()),
            readable: true,
            pause: None,
            starter: getuid().as_raw(),
        })
    }

    /// Enters the socket into the poll.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.listener, token, Interest::READABLE)
    }

    /// Whether somebody may be calling.
    pub(super) const fn is_ready(&self) -> bool {
        self.readable && self.pause.is_none()
    }

    /// Takes the next caller who may command the program.
    pub(super) fn accept(&mut self, now: Instant) -> Option<UnixStream> {
        while self.is_ready() {
            match attempt(|| self.listener.accept()) {
                Ok(Some((stream, _))) => {
                    let stream = UnixStream::from(OwnedFd::from(stream));
                    if self.admits(&stream) {
                        return Some(stream);
                    }
                }
                Ok(None) => self.readable = false,
                Err(error) if matches!(classify(&error), Class::Descriptors | Class::Exhausted) => {
                    log::error!(target: "processes", "clients must wait: {error}");
                    self.pause = Some(now + ACCEPT_PAUSE);
                }
                // One that has gone before it was taken.
                Err(error) => log::debug!(target: "processes", "no client taken: {error}"),
            }
        }
        None
    }

    fn admits(&self, stream: &UnixStream) -> bool {
        let caller = getsockopt(stream, PeerCredentials);
        let uid = caller.map(|caller| caller.uid());
        let known = [0, self.starter, geteuid().as_raw()];
        let admitted = uid.is_ok_and(|uid| known.contains(&uid));
        if !admitted {
            log::warn!(target: "processes", "client refused uid={}",
                uid.map_or_else(|errno| errno.to_string(), |uid| uid.to_string()));
        }
        admitted
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let still =
            self.path.symlink_metadata().is_ok_and(|at| (at.dev(), at.ino()) == self.identity);
        if still && let Err(error) = std::fs::remove_file(&self.path) {
            log::debug!(target: "processes", "{} stays: {error}", self.path.display());
        }
    }
}

/// Removes a socket that nobody serves.
fn make_way(path: &Path) -> io::Result<()> {
    let Ok(at) = path.symlink_metadata() else { return Ok(()) };
    if !at.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is not a socket"));
    }
    match mio::net::UnixStream::connect(path) {
        Err(error) if error.raw_os_error() == Some(Errno::ECONNREFUSED as i32) => {
            std::fs::remove_file(path)
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
        _ => Err(io::Error::new(io::ErrorKind::AddrInUse, "another program serves it")),
    }
}

/// The two directions of a connection, each with a descriptor of its own.
///
/// # Errors
/// When there is no descriptor left.
pub(super) fn ends(stream: UnixStream) -> io::Result<(Receiver, Sender)> {
    stream.set_nonblocking(true)?;
    let other = stream.try_clone()?;
    Ok((Receiver::from(OwnedFd::from(stream)), Sender::from(OwnedFd::from(other))))
}

/// Turns away a caller for whom there is no room.
pub(super) fn turn_away(mut stream: UnixStream) {
    let told = stream.set_nonblocking(true).and_then(|()| stream.write_all(CROWDED));
    log::warn!(target: "processes", "client refused: as many are served as may be, told={}",
        told.is_ok());
}
