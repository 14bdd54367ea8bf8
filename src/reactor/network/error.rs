//! What goes wrong with sockets: the class of an errno, and an error that says where.
//!
//! The class decides what the reactor does; the text is for the operator. Both come from here, so
//! that no other file compares error numbers.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use nix::errno::Errno;

/// What an error means to the reactor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A connection ended before it was accepted.
    Aborted,
    /// The call cannot proceed now; an edge will tell.
    Blocked,
    /// The system refuses it to this user.
    Denied,
    /// No descriptor is free.
    Descriptors,
    /// The kernel has no memory or buffer; no edge will tell when it has.
    Exhausted,
    /// Anything else: a defect of ours, or of the machine.
    Fatal,
    /// Somebody else has this address.
    InUse,
    /// A connection is being made.
    InProgress,
    /// A signal came; call again.
    Interrupted,
    /// The connection is gone.
    Lost,
    /// The peer does not listen.
    Refused,
    /// The address is not ours.
    Unavailable,
    /// The network does not reach the peer.
    Unreachable,
    /// The system does not know this option, family or protocol.
    Unsupported,
}

/// The class of what the system reported.
pub fn classify(error: &io::Error) -> Class {
    match error.raw_os_error() {
        Some(number) => class_of(Errno::from_raw(number)),
        None => class_of_kind(error.kind()),
    }
}

const fn class_of(errno: Errno) -> Class {
    match errno {
        Errno::ECONNABORTED | Errno::EPROTO => Class::Aborted,
        Errno::EAGAIN => Class::Blocked,
        Errno::EACCES | Errno::EPERM => Class::Denied,
        Errno::EMFILE | Errno::ENFILE => Class::Descriptors,
        Errno::ENOBUFS | Errno::ENOMEM => Class::Exhausted,
        Errno::EADDRINUSE => Class::InUse,
        Errno::EINPROGRESS | Errno::EALREADY => Class::InProgress,
        Errno::EINTR => Class::Interrupted,
        Errno::ECONNRESET
        | Errno::ENETRESET
        | Errno::ENOTCONN
        | Errno::EPIPE
        | Errno::ESHUTDOWN
        | Errno::ETIMEDOUT => Class::Lost,
        Errno::ECONNREFUSED => Class::Refused,
        Errno::EADDRNOTAVAIL | Errno::ENODEV => Class::Unavailable,
        Errno::EHOSTDOWN | Errno::EHOSTUNREACH | Errno::ENETDOWN | Errno::ENETUNREACH => {
            Class::Unreachable
        }
        Errno::EAFNOSUPPORT
        | Errno::ENOPROTOOPT
        | Errno::EOPNOTSUPP
        | Errno::EPROTONOSUPPORT
        | Errno::ESOCKTNOSUPPORT => Class::Unsupported,
        _ => Class::Fatal,
    }
}

/// The class of an error that the system did not make: by a library, or by the script of a test.
const fn class_of_kind(kind: io::ErrorKind) -> Class {
    match kind {
        io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::NotConnected
        | io::ErrorKind::TimedOut
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::WriteZero => Class::Lost,
        io::ErrorKind::ConnectionAborted => Class::Aborted,
        io::ErrorKind::ConnectionRefused => Class::Refused,
        io::ErrorKind::OutOfMemory => Class::Exhausted,
        io::ErrorKind::Unsupported => Class::Unsupported,
        _ => Class::Fatal,
    }
}

/// What was being done when it went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Accept,
    Connect,
    Listen,
    /// Setting the named socket option.
    Option(&'static str),
    Read,
    Write,
}

impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => out.write_str("accept"),
            Self::Connect => out.write_str("connect"),
            Self::Listen => out.write_str("listen"),
            Self::Option(name) => write!(out, "set {name}"),
            Self::Read => out.write_str("read"),
            Self::Write => out.write_str("write"),
        }
    }
}

/// A failed operation on a socket: what was done, between which addresses, and why it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    pub operation: Operation,
    pub class: Class,
    pub local: Option<SocketAddr>,
    pub remote: Option<SocketAddr>,
    cause: Cause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Errno(Errno),
    Kind(io::ErrorKind),
}

impl Error {
    /// An error of `operation`, without addresses.
    pub fn new(operation: Operation, error: &io::Error) -> Self {
        let cause = match error.raw_os_error() {
            Some(number) => Cause::Errno(Errno::from_raw(number)),
            None => Cause::Kind(error.kind()),
        };
        Self { operation, class: classify(error), local: None, remote: None, cause }
    }

    /// The same error, of a socket that has or asks for this address.
    #[must_use]
    pub const fn at(mut self, local: SocketAddr) -> Self {
        self.local = Some(local);
        self
    }

    /// The same error, of a socket whose other end is this address.
    #[must_use]
    pub const fn with(mut self, remote: SocketAddr) -> Self {
        self.remote = Some(remote);
        self
    }

    /// The error number, where the system gave one.
    pub const fn errno(&self) -> Option<Errno> {
        match self.cause {
            Cause::Errno(errno) => Some(errno),
            Cause::Kind(_) => None,
        }
    }
}

impl fmt::Display for Error {
    /// One line: `connect 192.0.2.1:179 from 192.0.2.2:0: connection refused`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.operation)?;
        match (self.local, self.remote) {
            (None, None) => {}
            (Some(address), None) | (None, Some(address)) => write!(out, " {address}")?,
            (Some(local), Some(remote)) => write!(out, " {remote} from {local}")?,
        }
        match self.cause {
            Cause::Errno(errno) => {
                let words = errno.desc();
                let mut letters = words.chars();
                let first = letters.next().unwrap_or('?').to_ascii_lowercase();
                write!(out, ": {first}{}", letters.as_str())?;
            }
            Cause::Kind(kind) => write!(out, ": {kind}")?,
        }
        match (self.operation, self.class) {
            (Operation::Option(super::options::TCP_AO), Class::Unsupported) => out.write_str(
                ": this kernel has no TCP-AO; Linux 6.7 or later, with CONFIG_TCP_AO, does",
            ),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(errno: Errno, class: Class) {
        assert_eq!(classify(&io::Error::from(errno)), class, "{errno}");
    }

    #[test]
    fn every_errno_has_its_class() {
        check(Errno::EACCES, Class::Denied);
        check(Errno::EADDRINUSE, Class::InUse);
        check(Errno::EADDRNOTAVAIL, Class::Unavailable);
        check(Errno::EAFNOSUPPORT, Class::Unsupported);
        check(Errno::EAGAIN, Class::Blocked);
        check(Errno::EALREADY, Class::InProgress);
        check(Errno::EBADF, Class::Fatal);
        check(Errno::ECONNABORTED, Class::Aborted);
        check(Errno::ECONNREFUSED, Class::Refused);
        check(Errno::ECONNRESET, Class::Lost);
        check(Errno::EHOSTDOWN, Class::Unreachable);
        check(Errno::EHOSTUNREACH, Class::Unreachable);
        check(Errno::EINPROGRESS, Class::InProgress);
        check(Errno::EINTR, Class::Interrupted);
        check(Errno::EINVAL, Class::Fatal);
        check(Errno::EMFILE, Class::Descriptors);
        check(Errno::ENETDOWN, Class::Unreachable);
        check(Errno::ENETRESET, Class::Lost);
        check(Errno::ENETUNREACH, Class::Unreachable);
        check(Errno::ENFILE, Class::Descriptors);
        check(Errno::ENOBUFS, Class::Exhausted);
        check(Errno::ENODEV, Class::Unavailable);
        check(Errno::ENOMEM, Class::Exhausted);
        check(Errno::ENOPROTOOPT, Class::Unsupported);
        check(Errno::ENOTCONN, Class::Lost);
        check(Errno::EOPNOTSUPP, Class::Unsupported);
        check(Errno::EPERM, Class::Denied);
        check(Errno::EPIPE, Class::Lost);
        check(Errno::EPROTO, Class::Aborted);
        check(Errno::EPROTONOSUPPORT, Class::Unsupported);
        check(Errno::ESHUTDOWN, Class::Lost);
        check(Errno::ESOCKTNOSUPPORT, Class::Unsupported);
        check(Errno::ETIMEDOUT, Class::Lost);
        check(Errno::EWOULDBLOCK, Class::Blocked);
    }

    #[test]
    fn errors_without_a_number_are_classed_by_kind() {
        let check = |kind, class| assert_eq!(classify(&io::Error::from(kind)), class);
        check(io::ErrorKind::BrokenPipe, Class::Lost);
        check(io::ErrorKind::ConnectionAborted, Class::Aborted);
        check(io::ErrorKind::ConnectionRefused, Class::Refused);
        check(io::ErrorKind::OutOfMemory, Class::Exhausted);
        check(io::ErrorKind::InvalidData, Class::Fatal);
    }

    #[test]
    fn the_message_names_operation_addresses_and_reason() {
        let local: SocketAddr = "127.0.0.1:179".parse().unwrap();
        let remote: SocketAddr = "[2001:db8::1]:1179".parse().unwrap();
        let show = |error: Error| error.to_string();
        let error = |operation, errno: Errno| Error::new(operation, &io::Error::from(errno));
        assert_eq!(
            show(error(Operation::Listen, Errno::EADDRINUSE).at(local)),
            "listen 127.0.0.1:179: address already in use"
        );
        assert_eq!(
            show(error(Operation::Connect, Errno::ECONNREFUSED).with(remote).at(local)),
            "connect [2001:db8::1]:1179 from 127.0.0.1:179: connection refused"
        );
        assert_eq!(
            show(error(Operation::Option("TCP MD5 key"), Errno::EPERM).with(remote)),
            "set TCP MD5 key [2001:db8::1]:1179: operation not permitted"
        );
        let kind = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(show(Error::new(Operation::Read, &kind)), "read: unexpected end of file");
    }
}
