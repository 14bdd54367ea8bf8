//! A small world for tests: listeners and connections on loopback, driven by one poll.
//!
//! Everything waits for a condition with a deadline; nothing sleeps.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use mio::{Events, Poll, Token};

use super::error::Error;
use super::listener::{Accepted, Listener};
use super::options::{Key, Md5Key, SocketOptions};
use super::{Budget, Connection, Defensive, Establishing, Reading, Shared, Writing, outgoing};
use crate::reactor::clock::Clock;

const PATIENCE: Duration = Duration::from_secs(10);

/// A free port of a loopback address.
pub(crate) fn loopback(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().unwrap(), 0)
}

/// Runs a test again in a process of its own, since it changes what belongs to the process.
pub(crate) fn alone(test: &str, body: impl FnOnce()) {
    const MARK: &str = "EXABGP_TEST_ALONE";
    if std::env::vars_os().any(|(name, value)| name == MARK && value == test) {
        return body();
    }
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(MARK, test)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "no test has this name: {test}");
}

/// A byte of a stream, such that a piece that is missing or doubled shows.
fn numbered(position: usize) -> u8 {
    u8::try_from(position % 251).unwrap()
}

/// Sockets, named by number, and the poll that watches them.
pub(crate) struct World {
    poll: Poll,
    events: Events,
    shared: Shared,
    listeners: BTreeMap<usize, Listener>,
    connections: BTreeMap<usize, Connection>,
    next: usize,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            poll: Poll::new().unwrap(),
            events: Events::with_capacity(64),
            shared: Shared::default(),
            listeners: BTreeMap::new(),
            connections: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn listen(&mut self, address: SocketAddr, incoming_ttl: Option<u8>) -> usize {
        let mut listener = Listener::bind(address, incoming_ttl).unwrap();
        self.next += 1;
        listener.register(self.poll.registry(), Token(self.next)).unwrap();
        self.listeners.insert(self.next, listener);
        self.next
    }

    pub(crate) fn address(&self, listener: usize) -> SocketAddr {
        self.listeners[&listener].address()
    }

    pub(crate) fn protect(&mut self, listener: usize, network: (IpAddr, u8), key: &str) {
        let key = Key::Md5(Md5Key::new(key.as_bytes()).unwrap());
        let listener = self.listeners.get_mut(&listener).unwrap();
        listener.guard(&HashMap::from([(network, key)])).unwrap();
    }

    pub(crate) fn connect(
        &mut self,
        listener: usize,
        options: &SocketOptions,
    ) -> Result<usize, Error> {
        self.connect_to(self.address(listener), options)
    }

    pub(crate) fn connect_to(
        &mut self,
        remote: SocketAddr,
        options: &SocketOptions,
    ) -> Result<usize, Error> {
        outgoing::connect(remote, options).map(|connection| self.adopt(connection))
    }

    pub(crate) fn connection(&self, name: usize) -> &Connection {
        &self.connections[&name]
    }

    /// Waits for a connection; `None` when none came in time.
    pub(crate) fn accept(&mut self, listener: usize) -> Option<usize> {
        self.until(|world| match world.listeners.get_mut(&listener).unwrap().accept().unwrap() {
            Accepted::Connection(connection) => Some(world.adopt(connection)),
            Accepted::Blocked => None,
            Accepted::Pause(error) => panic!("{error}"),
        })
    }

    /// Waits for the end of a connection attempt.
    pub(crate) fn establish(&mut self, name: usize) -> Result<(), Error> {
        let end = self.until(|world| match world.connections.get_mut(&name).unwrap().establish() {
            Ok(Establishing::Connected) => Some(Ok(())),
            Ok(Establishing::Waiting) => None,
            Err(error) => Some(Err(error)),
        });
        end.expect("the attempt comes to an end")
    }

    /// Sends all of `bytes`.
    pub(crate) fn send(&mut self, name: usize, bytes: &[u8]) {
        self.connections.get_mut(&name).unwrap().outbox.append(bytes);
        let sent = self.until(|world| {
            let connection = world.connections.get_mut(&name).unwrap();
            let state = connection.writer(&mut world.shared, &mut Budget::new(1)).unwrap();
            (state == Writing::Done).then_some(())
        });
        sent.expect("all is sent");
    }

    /// Waits for so many bytes.
    pub(crate) fn receive(&mut self, name: usize, count: usize) -> Vec<u8> {
        let received = self.until(|world| {
            let connection = world.connections.get_mut(&name).unwrap();
            let _ = connection.reader(&mut world.shared, &mut Budget::new(1)).unwrap();
            (connection.unread().len() >= count).then(|| connection.unread().to_vec())
        });
        let received = received.expect("the bytes come");
        self.connections.get_mut(&name).unwrap().consume(received.len());
        received
    }

    /// Streams `total` bytes each way at once, in turns as small as they can be, while calls on
    /// both sockets are made to fail at random.
    pub(crate) fn stream(&mut self, names: [usize; 2], total: usize) {
        self.shared.defensive = Defensive::seeded(7);
        let (mut sent, mut received) = ([0; 2], [0; 2]);
        let done = self.until(|world| {
            // As a run queue does: on, as long as a latch says that something can be done.
            while received != [total; 2] {
                let mut worked = false;
                for (index, name) in names.into_iter().enumerate() {
                    let connection = world.connections.get_mut(&name).unwrap();
                    while sent[index] < total && !connection.outbox.is_high() {
                        connection.outbox.buffer().push(numbered(sent[index]));
                        sent[index] += 1;
                    }
                    worked |= connection.has_work();
                    let shared = &mut world.shared;
                    let _ = connection.writer(shared, &mut Budget::new(1)).unwrap();
                    let _ = connection.reader(shared, &mut Budget::new(1)).unwrap();
                    for byte in connection.unread() {
                        assert_eq!(*byte, numbered(received[index]));
                        received[index] += 1;
                    }
                    connection.consume(connection.unread().len());
                }
                if !worked {
                    return None;
                }
            }
            Some(())
        });
        assert!(done.is_some(), "an edge was lost: {sent:?} sent, {received:?} received");
        self.shared.defensive = Defensive::off();
    }

    /// Whether nobody waits at a listener now.
    pub(crate) fn nothing_to_accept(&mut self, listener: usize) -> bool {
        let listener = self.listeners.get_mut(&listener).unwrap();
        listener.ready();
        matches!(listener.accept(), Ok(Accepted::Blocked))
    }

    /// Whether nothing waits at a connection now.
    pub(crate) fn nothing_to_read(&mut self, name: usize) -> bool {
        let connection = self.connections.get_mut(&name).unwrap();
        connection.ready(true, false);
        connection.reader(&mut self.shared, &mut Budget::new(1)) == Ok(Reading::Blocked)
    }

    fn adopt(&mut self, mut connection: Connection) -> usize {
        self.next += 1;
        connection.register(self.poll.registry(), Token(self.next)).unwrap();
        self.connections.insert(self.next, connection);
        self.next
    }

    /// Waits for events until `done` answers, at most for `PATIENCE`.
    fn until<T>(&mut self, mut done: impl FnMut(&mut Self) -> Option<T>) -> Option<T> {
        let deadline = Clock::new().now() + PATIENCE;
        loop {
            if let Some(answer) = done(self) {
                return Some(answer);
            }
            let left = deadline.checked_duration_since(Clock::new().now())?;
            self.poll.poll(&mut self.events, Some(left)).unwrap();
            for event in &self.events {
                let Token(name) = event.token();
                if let Some(listener) = self.listeners.get_mut(&name) {
                    listener.ready();
                }
                if let Some(connection) = self.connections.get_mut(&name) {
                    connection.mark(event);
                }
            }
        }
    }
}
