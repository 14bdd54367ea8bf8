//! A socket with two latches, an inbox and an outbox.
//!
//! Readiness comes as edges: an event sets a latch, and only a call that finds the socket drained
//! or full clears it. A turn may therefore stop at its budget, or not read at all while its owner
//! is paused, and no edge is lost. The non-blocking `reader` and `writer` are here, and what each
//! answer asks of the event loop is one variant of `Reading`, `Writing` or `Farewell`.
//!
//! Life: connecting, open, then draining (a last message leaves), shut (we said all, the peer may
//! still be talking), ended. Only `establish`, `finish` and `linger` move it along.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};

use mio::event::{Event, Source};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::error::{Error, Operation};
use super::inbox::{Inbox, Pool};
use super::io::{Budget, Defensive, Moved, Wake, drain, fill};
use super::outbox::Outbox;

/// What a connection needs of its socket; a test scripts one.
pub trait Stream: Read + Write {
    /// The pending error of the socket, which is cleared by asking (SO_ERROR).
    ///
    /// # Errors
    /// When the question itself fails.
    fn take_error(&self) -> io::Result<Option<io::Error>>;

    /// The address of the other end.
    ///
    /// # Errors
    /// When the socket is not connected.
    fn peer_addr(&self) -> io::Result<SocketAddr>;

    /// The address of this end.
    ///
    /// # Errors
    /// When the socket has none.
    fn local_addr(&self) -> io::Result<SocketAddr>;

    /// Tells the peer that nothing more will be sent.
    ///
    /// # Errors
    /// When the connection is gone.
    fn shutdown_write(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Self::take_error(self)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Self::peer_addr(self)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Self::local_addr(self)
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// What all connections of one loop share.
#[derive(Debug, Default)]
pub struct Shared {
    pub pool: Pool,
    pub defensive: Defensive,
}

/// A TCP connection that never blocks.
#[derive(Debug)]
pub struct Connection<S = TcpStream> {
    stream: S,
    phase: Phase,
    readable: bool,
    writable: bool,
    /// The peer has closed its direction, or an error waits: the end must be read.
    hung_up: bool,
    local: Option<SocketAddr>,
    remote: SocketAddr,
    /// Received bytes.
    pub inbox: Inbox,
    /// Bytes to send.
    pub outbox: Outbox,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connecting,
    Open,
    Draining,
    Shut,
    Ended,
}

/// How far a connection attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Establishing {
    /// The socket is connected.
    Connected,
    /// Not yet: an event will come.
    Waiting,
}

/// What one call of the reader brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Reading {
    /// So many new bytes are unread: parse, consume, and read again.
    Bytes(usize),
    /// Nothing waits: an event will come.
    Blocked,
    /// Nothing can be read and no event will come: arm a timer of `limits::RETRY`.
    Retry,
    /// The budget is spent, or the inbox full: take another turn.
    Spent,
    /// The peer has closed. What is unread is all there will be.
    Closed,
}

/// What the writer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Writing {
    /// The outbox is empty.
    Done,
    /// The socket is full: an event will come.
    Blocked,
    /// Nothing can be written and no event will come: arm a timer of `limits::RETRY`.
    Retry,
    /// The budget is spent: take another turn.
    Spent,
}

/// How far the end of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Farewell {
    /// Drop the connection: all was said, or nothing can be said any more.
    Done,
    /// An event will come; drop the connection when `limits::LINGER` is over.
    Waiting,
    /// No event will come: arm a timer of `limits::RETRY`.
    Retry,
    /// Take another turn.
    Again,
}

impl<S: Stream> Connection<S> {
    /// A connection that is being made to `remote`.
    pub const fn connecting(stream: S, remote: SocketAddr) -> Self {
        Self::new(stream, Phase::Connecting, None, remote)
    }

    /// A connection that `remote` made to us.
    pub const fn accepted(stream: S, local: SocketAddr, remote: SocketAddr) -> Self {
        Self::new(stream, Phase::Open, Some(local), remote)
    }

    const fn new(stream: S, phase: Phase, local: Option<SocketAddr>, remote: SocketAddr) -> Self {
        // A socket is tried once before anybody waits for it, except that one which is still
        // connecting must not be asked for its peer before the first event.
        let open = matches!(phase, Phase::Open);
        Self {
            stream,
            phase,
            readable: open,
            writable: open,
            hung_up: false,
            local,
            remote,
            inbox: Inbox::new(),
            outbox: Outbox::new(),
        }
    }

    /// Sets the latches that an event asks for. It does nothing else: work is done in a turn.
    pub fn mark(&mut self, event: &Event) {
        self.ready(event.is_readable(), event.is_writable() || event.is_error());
        if event.is_read_closed() || event.is_error() {
            self.hang_up();
        }
    }

    /// Sets latches without an event: after a retry timer, or in a simulation.
    pub const fn ready(&mut self, readable: bool, writable: bool) {
        self.readable |= readable;
        self.writable |= writable;
    }

    /// Notes that the peer has closed, or that the connection is gone: the end waits to be read.
    pub const fn hang_up(&mut self) {
        self.readable = true;
        self.hung_up = true;
    }

    /// Looks whether the connection attempt has come to an end.
    ///
    /// # Errors
    /// When it was refused or ran out: `Class` says which.
    pub fn establish(&mut self) -> Result<Establishing, Error> {
        if self.phase != Phase::Connecting {
            return Ok(Establishing::Connected);
        }
        if !self.writable {
            return Ok(Establishing::Waiting);
        }
        match self.stream.take_error() {
            Err(error) | Ok(Some(error)) => return Err(self.error(Operation::Connect, &error)),
            Ok(None) => {}
        }
        if self.stream.peer_addr().is_err() {
            // A spurious event: neither failed nor connected. The real one will come.
            self.writable = false;
            return Ok(Establishing::Waiting);
        }
        self.local = self.stream.local_addr().ok();
        self.phase = Phase::Open;
        Ok(Establishing::Connected)
    }

    /// Reads once, as much as the inbox holds.
    ///
    /// Call until the answer is not `Bytes`.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn reader(&mut self, shared: &mut Shared, budget: &mut Budget) -> Result<Reading, Error> {
        if self.phase != Phase::Open || !self.readable {
            self.inbox.settle(&mut shared.pool);
            return Ok(Reading::Blocked);
        }
        if self.inbox.is_full() || !budget.spend() {
            return Ok(Reading::Spent);
        }
        let space = self.inbox.space(&mut shared.pool);
        let offered = space.len();
        match fill(&mut self.stream, space, &mut shared.defensive) {
            Ok(Moved::Bytes(count)) => {
                self.inbox.filled(count);
                // A short read means that the socket is drained, and that the next byte makes an
                // edge. The end of the stream makes none if it was announced with these bytes.
                self.readable = count == offered || self.hung_up;
                Ok(Reading::Bytes(count))
            }
            Ok(Moved::Blocked(Wake::Edge)) => {
                self.readable = false;
                self.inbox.settle(&mut shared.pool);
                Ok(Reading::Blocked)
            }
            Ok(Moved::Blocked(Wake::Retry)) => Ok(Reading::Retry),
            Ok(Moved::Closed) => Ok(Reading::Closed),
            Err(error) => Err(self.error(Operation::Read, &error)),
        }
    }

    /// Writes what the outbox holds, as far as socket and budget allow.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn writer(&mut self, shared: &mut Shared, budget: &mut Budget) -> Result<Writing, Error> {
        if self.phase == Phase::Connecting {
            return Ok(Writing::Blocked);
        }
        while !self.outbox.is_empty() {
            if !self.writable {
                return Ok(Writing::Blocked);
            }
            if !budget.spend() {
                return Ok(Writing::Spent);
            }
            let pending = self.outbox.pending();
            let offered = pending.len();
            match drain(&mut self.stream, pending, &mut shared.defensive) {
                Ok(Moved::Bytes(count)) => {
                    self.outbox.taken(count);
                    // A short write means that the socket is full, and that room makes an edge.
                    self.writable = count == offered;
                }
                Ok(Moved::Blocked(Wake::Edge)) => {
                    self.writable = false;
                    return Ok(Writing::Blocked);
                }
                Ok(Moved::Blocked(Wake::Retry)) => return Ok(Writing::Retry),
                Ok(Moved::Closed) => {
                    let closed = io::Error::from(io::ErrorKind::WriteZero);
                    return Err(self.error(Operation::Write, &closed));
                }
                Err(error) => return Err(self.error(Operation::Write, &error)),
            }
        }
        Ok(Writing::Done)
    }

    /// Begins the end: what is in the outbox still leaves, nothing more is parsed.
    ///
    /// Then call `linger` in each turn, and drop the connection when it is done or when
    /// `limits::LINGER` has passed.
    pub fn finish(&mut self, shared: &mut Shared) {
        self.phase = match self.phase {
            Phase::Connecting => Phase::Ended,
            Phase::Open => Phase::Draining,
            phase => phase,
        };
        self.inbox.clear(&mut shared.pool);
    }

    /// Moves a finished connection toward its end.
    ///
    /// A close with unread bytes makes the kernel send a reset, which may overtake our last
    /// message; so we say that we have finished, and read and forget until the peer does too.
    pub fn linger(&mut self, shared: &mut Shared, budget: &mut Budget) -> Farewell {
        if self.phase == Phase::Draining {
            match self.writer(shared, budget) {
                Ok(Writing::Done) => {
                    let said = self.stream.shutdown_write();
                    self.phase = if said.is_ok() { Phase::Shut } else { Phase::Ended };
                }
                Ok(Writing::Blocked) => return Farewell::Waiting,
                Ok(Writing::Retry) => return Farewell::Retry,
                Ok(Writing::Spent) => return Farewell::Again,
                Err(_) => self.phase = Phase::Ended,
            }
        }
        if self.phase == Phase::Shut { self.forget(shared, budget) } else { Farewell::Done }
    }

    /// Reads and forgets until the peer closes.
    fn forget(&mut self, shared: &mut Shared, budget: &mut Budget) -> Farewell {
        while self.readable {
            if !budget.spend() {
                return Farewell::Again;
            }
            let space = self.inbox.space(&mut shared.pool);
            match fill(&mut self.stream, space, &mut shared.defensive) {
                Ok(Moved::Bytes(_)) => {}
                Ok(Moved::Blocked(Wake::Edge)) => self.readable = false,
                Ok(Moved::Blocked(Wake::Retry)) => return Farewell::Retry,
                Ok(Moved::Closed) | Err(_) => {
                    self.phase = Phase::Ended;
                    self.inbox.clear(&mut shared.pool);
                    return Farewell::Done;
                }
            }
        }
        self.inbox.clear(&mut shared.pool);
        Farewell::Waiting
    }

    /// Received bytes that wait to be consumed.
    pub fn unread(&self) -> &[u8] {
        self.inbox.unread()
    }

    /// Notes that the first `count` unread bytes were understood.
    pub fn consume(&mut self, count: usize) {
        self.inbox.consume(count);
    }

    /// Whether the peer has spoken and was not yet heard: it is alive, whatever its hold timer says.
    pub fn has_waiting(&self) -> bool {
        self.readable || !self.inbox.is_empty()
    }

    /// Whether a turn can do something now: read, or write what waits.
    pub fn has_work(&self) -> bool {
        self.readable || (self.writable && !self.outbox.is_empty())
    }

    /// Whether the connection attempt has not come to an end.
    pub fn is_connecting(&self) -> bool {
        self.phase == Phase::Connecting
    }

    /// Whether bytes may be exchanged.
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether `finish` was called.
    pub fn is_finishing(&self) -> bool {
        matches!(self.phase, Phase::Draining | Phase::Shut | Phase::Ended)
    }

    /// The address of this end, once it is known.
    pub const fn local(&self) -> Option<SocketAddr> {
        self.local
    }

    /// The address of the other end.
    pub const fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// The socket, to set options on it.
    pub const fn stream(&self) -> &S {
        &self.stream
    }

    fn error(&self, operation: Operation, error: &io::Error) -> Error {
        let error = Error::new(operation, error).with(self.remote);
        self.local.map_or(error, |local| error.at(local))
    }
}

impl<S: Stream + Source> Connection<S> {
    /// Registers the socket, once, for both directions.
    ///
    /// # Errors
    /// What the poll reports.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.stream, token, Interest::READABLE | Interest::WRITABLE)
    }

    /// Takes the socket out of the poll.
    ///
    /// # Errors
    /// What the poll reports.
    pub fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.stream)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::VecDeque;

    use nix::errno::Errno;

    use super::*;
    use crate::reactor::network::Class;

    /// A socket that answers from a script, and panics when it is called more often than that.
    #[derive(Debug, Default)]
    struct Script {
        reads: VecDeque<Result<Vec<u8>, Errno>>,
        writes: VecDeque<Result<usize, Errno>>,
        written: Vec<u8>,
        error: Cell<Option<Errno>>,
        peer: bool,
        shut: Cell<bool>,
    }

    impl Script {
        fn read(mut self, bytes: &[u8]) -> Self {
            self.reads.push_back(Ok(bytes.to_vec()));
            self
        }

        fn read_fails(mut self, errno: Errno) -> Self {
            self.reads.push_back(Err(errno));
            self
        }

        fn write(mut self, count: usize) -> Self {
            self.writes.push_back(Ok(count));
            self
        }

        fn write_fails(mut self, errno: Errno) -> Self {
            self.writes.push_back(Err(errno));
            self
        }
    }

    impl Read for Script {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            let bytes = self.reads.pop_front().expect("no read is expected")?;
            space[..bytes.len()].copy_from_slice(&bytes);
            Ok(bytes.len())
        }
    }

    impl Write for Script {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.writes.pop_front().expect("no write is expected")?.min(bytes.len());
            self.written.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Stream for Script {
        fn take_error(&self) -> io::Result<Option<io::Error>> {
            Ok(self.error.take().map(io::Error::from))
        }

        fn peer_addr(&self) -> io::Result<SocketAddr> {
            if self.peer { Ok(there()) } else { Err(Errno::ENOTCONN.into()) }
        }

        fn local_addr(&self) -> io::Result<SocketAddr> {
            Ok(here())
        }

        fn shutdown_write(&self) -> io::Result<()> {
            self.shut.set(true);
            Ok(())
        }
    }

    fn here() -> SocketAddr {
        "127.0.0.1:1".parse().unwrap()
    }

    fn there() -> SocketAddr {
        "127.0.0.2:2".parse().unwrap()
    }

    fn open(script: Script) -> (Connection<Script>, Shared, Budget) {
        (Connection::accepted(script, here(), there()), Shared::default(), Budget::new(100))
    }

    #[test]
    fn a_short_read_waits_for_the_next_edge_without_a_call() {
        let (mut connection, mut shared, mut budget) = open(Script::default().read(b"abc"));
        let mut read = || connection.reader(&mut shared, &mut budget).unwrap();
        assert_eq!(read(), Reading::Bytes(3));
        assert_eq!(read(), Reading::Blocked);
        assert_eq!(connection.unread(), b"abc");
        assert!(!connection.has_work());
    }

    #[test]
    fn a_full_read_is_followed_by_another() {
        let block = vec![7; crate::reactor::limits::INBOX_BLOCK_BYTES];
        let script = Script::default().read(&block).read_fails(Errno::EAGAIN);
        let (mut connection, mut shared, mut budget) = open(script);
        assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Bytes(block.len())));
        connection.consume(block.len());
        assert!(connection.has_work());
        assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Blocked));
        assert!(!connection.has_work());
        assert_eq!(shared.pool.spare(), 1);
    }

    #[test]
    fn an_end_announced_with_the_last_bytes_is_seen() {
        let (mut connection, mut shared, mut budget) = open(Script::default().read(b"x").read(b""));
        connection.hang_up();
        assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Bytes(1)));
        assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Closed));
        assert_eq!(connection.unread(), b"x");
    }

    #[test]
    fn a_spent_budget_keeps_the_latch() {
        let (mut connection, mut shared, _) = open(Script::default().read(b"abc"));
        assert_eq!(connection.reader(&mut shared, &mut Budget::new(0)), Ok(Reading::Spent));
        assert!(connection.has_work());
        assert_eq!(connection.reader(&mut shared, &mut Budget::new(1)), Ok(Reading::Bytes(3)));
    }

    #[test]
    fn a_full_inbox_is_not_read_into() {
        let (mut connection, mut shared, mut budget) = open(Script::default());
        loop {
            let space = connection.inbox.space(&mut shared.pool).len();
            if space == 0 {
                break;
            }
            connection.inbox.filled(space);
        }
        assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Spent));
    }

    #[test]
    fn no_kernel_memory_asks_for_a_retry_and_keeps_the_latch() {
        let script = Script::default().read_fails(Errno::ENOMEM).write_fails(Errno::ENOBUFS);
        let (mut connection, mut shared, mut budget) = open(script);
        connection.outbox.append(b"abc");
        assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Retry));
        assert_eq!(connection.writer(&mut shared, &mut budget), Ok(Writing::Retry));
        assert!(connection.readable && connection.writable);
    }

    #[test]
    fn faults_name_both_ends() {
        let script = Script::default().read_fails(Errno::ECONNRESET).write_fails(Errno::EPIPE);
        let (mut connection, mut shared, mut budget) = open(script);
        connection.outbox.append(b"abc");
        let error = connection.reader(&mut shared, &mut budget).unwrap_err();
        assert_eq!(error.class, Class::Lost);
        assert_eq!(
            error.to_string(),
            "read 127.0.0.2:2 from 127.0.0.1:1: connection reset by peer"
        );
        let error = connection.writer(&mut shared, &mut budget).unwrap_err();
        assert_eq!(error.to_string(), "write 127.0.0.2:2 from 127.0.0.1:1: broken pipe");
    }

    #[test]
    fn a_short_write_waits_for_room() {
        let (mut connection, mut shared, mut budget) = open(Script::default().write(2).write(9));
        connection.outbox.append(b"hello");
        assert_eq!(connection.writer(&mut shared, &mut budget), Ok(Writing::Blocked));
        assert!(!connection.writable);
        connection.ready(false, true);
        assert_eq!(connection.writer(&mut shared, &mut budget), Ok(Writing::Done));
        assert_eq!(connection.stream().written, b"hello");
    }

    #[test]
    fn a_full_socket_clears_the_latch() {
        let (mut connection, mut shared, mut budget) =
            open(Script::default().write_fails(Errno::EAGAIN));
        connection.outbox.append(b"hello");
        assert_eq!(connection.writer(&mut shared, &mut Budget::new(0)), Ok(Writing::Spent));
        assert_eq!(connection.writer(&mut shared, &mut budget), Ok(Writing::Blocked));
        assert_eq!(connection.writer(&mut shared, &mut budget), Ok(Writing::Blocked));
        assert_eq!(connection.outbox.len(), 5);
    }

    #[test]
    fn an_attempt_waits_for_its_event_and_passes_over_a_spurious_one() {
        let script = Script { peer: false, ..Script::default() };
        let mut connection = Connection::connecting(script, there());
        let (mut shared, mut budget) = (Shared::default(), Budget::new(9));
        connection.outbox.append(b"early");
        assert_eq!(connection.establish(), Ok(Establishing::Waiting));
        assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Blocked));
        assert_eq!(connection.writer(&mut shared, &mut budget), Ok(Writing::Blocked));
        connection.ready(false, true);
        assert_eq!(connection.establish(), Ok(Establishing::Waiting));
        assert!(!connection.writable);
        connection.stream.peer = true;
        connection.ready(false, true);
        assert_eq!(connection.establish(), Ok(Establishing::Connected));
        assert_eq!((connection.local(), connection.remote()), (Some(here()), there()));
        assert!(connection.is_open());
    }

    #[test]
    fn a_refused_attempt_says_so() {
        let script = Script::default();
        script.error.set(Some(Errno::ECONNREFUSED));
        let mut connection = Connection::connecting(script, there());
        connection.ready(true, true);
        let error = connection.establish().unwrap_err();
        assert_eq!(error.class, Class::Refused);
        assert_eq!(error.to_string(), "connect 127.0.0.2:2: connection refused");
    }

    #[test]
    fn the_last_message_leaves_and_the_peer_is_heard_out() {
        let script = Script::default().write(2).write(4).read(b"ignored");
        let (mut connection, mut shared, mut budget) = open(script);
        connection.outbox.append(b"cease");
        connection.finish(&mut shared);
        assert!(connection.is_finishing() && !connection.is_open());
        assert_eq!(connection.linger(&mut shared, &mut budget), Farewell::Waiting);
        connection.ready(false, true);
        assert!(!connection.stream().shut.get());
        // The peer's bytes are read until there are none, then the end is awaited.
        connection.stream.reads.push_back(Err(Errno::EAGAIN));
        assert_eq!(connection.linger(&mut shared, &mut budget), Farewell::Waiting);
        assert!(connection.stream().shut.get());
        assert_eq!(connection.stream().written, b"cease");
        connection.ready(true, false);
        connection.stream.reads.push_back(Ok(Vec::new()));
        assert_eq!(connection.linger(&mut shared, &mut budget), Farewell::Done);
        assert_eq!(connection.linger(&mut shared, &mut budget), Farewell::Done);
        assert_eq!(connection.unread(), b"");
    }

    #[test]
    fn a_lost_connection_has_no_farewell() {
        let (mut connection, mut shared, mut budget) =
            open(Script::default().write_fails(Errno::ECONNRESET));
        connection.outbox.append(b"cease");
        connection.finish(&mut shared);
        assert_eq!(connection.linger(&mut shared, &mut budget), Farewell::Done);
        let mut connection = Connection::connecting(Script::default(), there());
        connection.finish(&mut shared);
        assert_eq!(connection.linger(&mut shared, &mut budget), Farewell::Done);
    }

    #[test]
    fn a_farewell_keeps_to_its_budget() {
        let (mut connection, mut shared, _) = open(Script::default().write(9).read(b"a").read(b""));
        connection.outbox.append(b"cease");
        connection.finish(&mut shared);
        assert_eq!(connection.linger(&mut shared, &mut Budget::new(0)), Farewell::Again);
        assert_eq!(connection.linger(&mut shared, &mut Budget::new(1)), Farewell::Again);
        assert_eq!(connection.linger(&mut shared, &mut Budget::new(1)), Farewell::Again);
        assert_eq!(connection.linger(&mut shared, &mut Budget::new(1)), Farewell::Done);
    }
}
