//! The destinations of log lines, and how each is written to without blocking.
//!
//! The standard error that we were given is shared with whoever started us, and with our helpers:
//! making it non-blocking would make theirs so too. A pipe or a terminal is therefore opened once
//! more, a socket is sent to with MSG_DONTWAIT, and where neither works each write is preceded by
//! the question whether it would block.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, send};
use nix::unistd::{geteuid, write};

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The file of this path.
    File(PathBuf),
    /// The syslog server at this address.
    Host(SocketAddr),
    /// Standard error.
    Stderr,
    /// Standard error too: standard output is for the results of commands.
    Stdout,
    /// The syslog server of this machine, at this socket.
    Syslog(PathBuf),
}

impl Destination {
    /// The destination that a setting names; `home` is what `~` stands for.
    ///
    /// # Errors
    /// When it is none: lines then go to standard error.
    pub fn parse(text: &str, home: Option<&str>) -> Result<Self, Warning> {
        let unknown = || Warning::Unknown(text.to_owned());
        match text {
            "stdout" => return Ok(Self::Stdout),
            "stderr" => return Ok(Self::Stderr),
            "syslog" => return Ok(Self::Syslog(SYSLOG.into())),
            _ => {}
        }
        if let Some(host) = text.strip_prefix("host:") {
            return host_address(host).map(Self::Host).ok_or_else(unknown);
        }
        let path = text.strip_prefix("file:").unwrap_or(text);
        let path = match (path.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => Path::new(home).join(rest),
            _ => PathBuf::from(path),
        };
        if path.is_absolute() { Ok(Self::File(path)) } else { Err(unknown()) }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(out, "file {}", path.display()),
            Self::Host(address) => write!(out, "syslog at {address}"),
            Self::Stderr | Self::Stdout => out.write_str("standard error"),
            Self::Syslog(path) => write!(out, "syslog at {}", path.display()),
        }
    }
}

/// Why lines do not go where they should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The destination could not be opened.
    Unopened { destination: Destination, reason: String },
    /// The setting names no destination.
    Unknown(String),
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unopened { destination, reason } => {
                write!(out, "cannot log to {destination}: {reason}")
            }
            Self::Unknown(text) => {
                let text = text.escape_debug();
                write!(
                    out,
                    "cannot log to '{text}': it is none of stdout, stderr, syslog, \
                     host:ADDRESS, file:PATH or an absolute path"
                )
            }
        }
    }
}

/// An open destination.
#[derive(Debug)]
pub(super) struct Target {
    descriptor: OwnedFd,
    way: Way,
}

/// How bytes are handed over without blocking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Each line is one datagram.
    Datagram,
    /// Ask before each write.
    Poll,
    /// A socket: send without waiting.
    Send,
    /// A file, or a description of our own that does not block.
    Write,
}

/// What became of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// So many were taken.
    Bytes(usize),
    /// None can be taken now.
    Full,
    /// Nobody takes any more, unless the destination is opened again.
    Gone,
}

const SYSLOG: &str = "/dev/log";
const SYSLOG_PORT: u16 = 514;
/// Longest datagram: what syslog servers take.
const DATAGRAM_BYTES_MAX: usize = 8192;

impl Target {
    /// Opens a destination.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn open(destination: &Destination) -> io::Result<Self> {
        match destination {
            Destination::File(path) => file(path),
            Destination::Host(address) => host(*address),
            Destination::Stderr | Destination::Stdout => standard_error(),
            Destination::Syslog(path) => syslog(path),
        }
    }

    /// Hands over bytes, as many as are taken at once.
    pub(super) fn put(&self, bytes: &[u8]) -> Put {
        loop {
            let done = match self.way {
                Way::Datagram => self.put_datagram(bytes),
                Way::Poll => self.put_piece(bytes),
                Way::Send => send(self.descriptor.as_raw_fd(), bytes, WITHOUT_WAITING),
                Way::Write => write(&self.descriptor, bytes),
            };
            match done {
                Ok(count) if count > 0 => return Put::Bytes(count),
                Err(Errno::EINTR) => {}
                Err(Errno::ECONNREFUSED | Errno::ECONNRESET | Errno::ENOTCONN | Errno::EPIPE) => {
                    return Put::Gone;
                }
                Ok(_) | Err(_) => return Put::Full,
            }
        }
    }

    /// Whether each line is a datagram of its own, which needs no line end.
    pub(super) fn is_datagram(&self) -> bool {
        self.way == Way::Datagram
    }

    /// Whether somebody looks at the lines on a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        self.descriptor.is_terminal()
    }

    fn put_datagram(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let most = bytes.len().min(DATAGRAM_BYTES_MAX);
        let cut = bytes.get(..most).unwrap_or(bytes);
        let descriptor = self.descriptor.as_raw_fd();
        let sent = match send(descriptor, cut, WITHOUT_WAITING) {
            // The refusal of an earlier datagram, which is told only now.
            Err(Errno::ECONNREFUSED) => send(descriptor, cut, WITHOUT_WAITING),
            sent => sent,
        };
        sent.map(|_| bytes.len())
    }

    fn put_piece(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let mut ready = [PollFd::new(self.descriptor.as_fd(), PollFlags::POLLOUT)];
        poll(&mut ready, PollTimeout::ZERO)?;
        // An error is told by the write.
        let mut events = ready.iter().filter_map(PollFd::revents);
        let writable =
            events.any(|events| events.intersects(PollFlags::POLLOUT | PollFlags::POLLERR));
        // So much fits into a pipe that has any room.
        let piece = bytes.get(..bytes.len().min(libc::PIPE_BUF)).unwrap_or(bytes);
        if writable { write(&self.descriptor, piece) } else { Err(Errno::EAGAIN) }
    }
}

const WITHOUT_WAITING: MsgFlags = MsgFlags::MSG_DONTWAIT.union(MsgFlags::MSG_NOSIGNAL);

/// The address after `host:`; names are not looked up, since that blocks.
fn host_address(text: &str) -> Option<SocketAddr> {
    let address = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, SYSLOG_PORT));
    address.or_else(|_| text.parse()).ok()
}

fn file(path: &Path) -> io::Result<Target> {
    // A link is followed when it was made by root or by us, and by nobody else. Without O_NONBLOCK
    // the opening of a named pipe would wait for its reader.
    let link = fs::symlink_metadata(path).ok().filter(|status| status.file_type().is_symlink());
    let trusted = link.is_some_and(|link| link.uid() == 0 || link.uid() == geteuid().as_raw());
    let follow = if trusted { 0 } else { libc::O_NOFOLLOW };
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o640)
        .custom_flags(follow | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    Ok(Target { descriptor: file.into(), way: Way::Write })
}

fn syslog(path: &Path) -> io::Result<Target> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    Ok(Target { descriptor: socket.into(), way: Way::Datagram })
}

fn host(address: SocketAddr) -> io::Result<Target> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(address)?;
    Ok(Target { descriptor: socket.into(), way: Way::Datagram })
}

fn standard_error() -> io::Result<Target> {
    shared(io::stderr().as_fd().try_clone_to_owned()?)
}

/// A descriptor that others use too.
fn shared(descriptor: OwnedFd) -> io::Result<Target> {
    let file = File::from(descriptor);
    let kind = file.metadata()?.file_type();
    let way = if kind.is_socket() {
        Way::Send
    } else if kind.is_fifo() || kind.is_char_device() {
        let again = OpenOptions::new()
            .write(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(format!("/proc/self/fd/{}", file.as_raw_fd()));
        match again {
            Ok(ours) => return Ok(Target { descriptor: ours.into(), way: Way::Write }),
            Err(_) => Way::Poll,
        }
    } else {
        Way::Write
    };
    Ok(Target { descriptor: file.into(), way })
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// A folder of this test alone, removed at its end.
    pub(in crate::logger) struct Folder(pub(in crate::logger) PathBuf);

    impl Folder {
        pub(in crate::logger) fn new(test: &str) -> Self {
            let name = format!("exabgp-logger-{test}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    /// A target that writes to a pipe which somebody else holds, and the other end of it.
    pub(in crate::logger) fn pipe() -> (Target, io::PipeReader) {
        let (reader, writer) = io::pipe().unwrap();
        (shared(writer.into()).unwrap(), reader)
    }

    #[test]
    fn destinations_are_named() {
        let check = |text, expected| {
            assert_eq!(Destination::parse(text, Some("/home/x")).ok(), expected, "{text}");
        };
        let file = |path: &str| Some(Destination::File(path.into()));
        let host = |address: &str| Some(Destination::Host(address.parse().unwrap()));
        check("stdout", Some(Destination::Stdout));
        check("stderr", Some(Destination::Stderr));
        check("syslog", Some(Destination::Syslog("/dev/log".into())));
        check("host:192.0.2.1", host("192.0.2.1:514"));
        check("host:2001:db8::1", host("[2001:db8::1]:514"));
        check("host:192.0.2.1:1514", host("192.0.2.1:1514"));
        check("host:name.example", None);
        check("file:/var/log/x", file("/var/log/x"));
        check("/var/log/x", file("/var/log/x"));
        check("~/x", file("/home/x/x"));
        check("file:~/x", file("/home/x/x"));
        check("x.log", None);
        check("", None);
        let error = Destination::parse("x.log", None).unwrap_err();
        assert!(error.to_string().starts_with("cannot log to 'x.log': it is none of stdout,"));
    }

    #[test]
    fn a_full_pipe_takes_nothing_and_does_not_block() {
        let (target, mut reader) = pipe();
        assert_eq!(target.way, Way::Write);
        let mut taken = 0;
        while let Put::Bytes(count) = target.put(&[b'x'; 1000]) {
            taken += count;
        }
        assert!(taken >= 4096, "{taken}");
        let mut space = vec![0; taken];
        reader.read_exact(&mut space).unwrap();
        assert_eq!(target.put(b"more"), Put::Bytes(4));
    }

    #[test]
    fn a_pipe_that_others_share_stays_as_it_was() {
        let (_reader, writer) = io::pipe().unwrap();
        let target = shared(writer.try_clone().unwrap().into()).unwrap();
        let flags = |fd: &dyn AsFd| {
            let bits = nix::fcntl::fcntl(fd.as_fd(), nix::fcntl::FcntlArg::F_GETFL).unwrap();
            nix::fcntl::OFlag::from_bits_truncate(bits)
        };
        assert!(flags(&target.descriptor).contains(nix::fcntl::OFlag::O_NONBLOCK));
        assert!(!flags(&writer).contains(nix::fcntl::OFlag::O_NONBLOCK));
    }

    #[test]
    fn a_shared_pipe_that_cannot_be_opened_again_is_asked_first() {
        let (mut reader, writer) = io::pipe().unwrap();
        let target = Target { descriptor: writer.into(), way: Way::Poll };
        let mut taken = 0;
        while let Put::Bytes(count) = target.put(&[b'x'; 10_000]) {
            assert!(count <= libc::PIPE_BUF);
            taken += count;
        }
        let mut space = vec![0; taken];
        reader.read_exact(&mut space).unwrap();
        assert_eq!(target.put(b"more"), Put::Bytes(4));
        drop(reader);
        assert_eq!(target.put(b"more"), Put::Gone);
    }

    #[test]
    fn a_full_socket_takes_nothing_and_does_not_block() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let target = shared(ours.into()).unwrap();
        assert_eq!(target.way, Way::Send);
        while let Put::Bytes(_) = target.put(&[b'x'; 10_000]) {}
        assert_eq!(target.put(b"x"), Put::Full);
        drop(theirs);
        assert_eq!(target.put(b"x"), Put::Gone);
    }

    #[test]
    fn syslog_takes_one_line_a_datagram() {
        let folder = Folder::new("syslog");
        let path = folder.0.join("log");
        let server = UnixDatagram::bind(&path).unwrap();
        let target = syslog(&path).unwrap();
        let line = vec![b'x'; 20_000];
        assert_eq!(target.put(b"line"), Put::Bytes(4));
        assert_eq!(target.put(&line), Put::Bytes(20_000));
        let mut space = [0; 30_000];
        assert_eq!(server.recv(&mut space).unwrap(), 4);
        assert_eq!(server.recv(&mut space).unwrap(), DATAGRAM_BYTES_MAX);
        while let Put::Bytes(_) = target.put(b"line") {}
        assert_eq!(target.put(b"line"), Put::Full);
        drop(server);
        assert_eq!(target.put(b"line"), Put::Gone);
    }

    #[test]
    fn a_host_takes_datagrams_and_may_be_down() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let target = Target::open(&Destination::Host(address)).unwrap();
        assert_eq!(target.put(b"line"), Put::Bytes(4));
        let mut space = [0; 16];
        assert_eq!(server.recv(&mut space).unwrap(), 4);
        drop(server);
        for _ in 0..3 {
            assert_eq!(target.put(b"line"), Put::Bytes(4));
        }
        // Once somebody listens again, lines arrive again.
        let server = UdpSocket::bind(address).unwrap();
        assert_eq!(target.put(b"again"), Put::Bytes(5));
        let count = server.recv(&mut space).unwrap();
        assert_eq!(&space[..count], b"again");
    }

    #[test]
    fn a_file_is_appended_to_and_not_for_everybody() {
        let folder = Folder::new("file");
        let path = folder.0.join("log");
        fs::write(&path, "before\n").unwrap();
        let target = Target::open(&Destination::File(path.clone())).unwrap();
        assert_eq!(target.put(b"after\n"), Put::Bytes(6));
        assert_eq!(fs::read_to_string(&path).unwrap(), "before\nafter\n");
        let other = folder.0.join("new");
        file(&other).unwrap();
        assert_eq!(fs::metadata(&other).unwrap().mode() & 0o137, 0);
    }

    #[test]
    fn links_are_followed_when_we_or_root_made_them() {
        let folder = Folder::new("link");
        let (path, target) = (folder.0.join("log"), folder.0.join("target"));
        symlink(&target, &path).unwrap();
        file(&path).unwrap();
        assert!(target.exists());
        if geteuid().is_root() {
            fs::remove_file(&target).unwrap();
            std::os::unix::fs::lchown(&path, Some(65_534), None).unwrap();
            file(&path).unwrap_err();
            assert!(!target.exists());
        }
    }

    #[test]
    fn a_named_pipe_without_reader_is_an_error() {
        let folder = Folder::new("fifo");
        let path = folder.0.join("log");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let error = Target::open(&Destination::File(path)).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENXIO));
    }

    #[test]
    fn standard_error_can_be_opened() {
        assert!(!Target::open(&Destination::Stderr).unwrap().is_datagram());
    }
}
