//! Sockets that wait for peers.
//!
//! A listener serves one address and every neighbor that may call it there. It is edge-triggered
//! like a connection: `accept` is called until it blocks or the budget of the turn is spent.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::connection::Connection;
use super::error::{Class, Error, Operation, classify};
use super::io::attempt;
use super::options::{Key, MINIMUM_TTL, option, set_ttl};
use super::sys;
use crate::reactor::limits;

/// A bound socket that accepts connections without blocking.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    readable: bool,
    paused: bool,
    aborted: u64,
    /// The keys that the socket has, by the peers that they are for.
    keys: HashMap<(IpAddr, u8), Key>,
}

/// What one call of `accept` brought.
#[derive(Debug)]
#[must_use]
pub enum Accepted {
    /// A peer has called.
    Connection(Connection),
    /// Nobody waits: an event will come.
    Blocked,
    /// Somebody waits, and nothing can be done for now: arm a timer of `limits::ACCEPT_PAUSE`, then
    /// `resume`. Until then the listener is not ready.
    Pause(Error),
}

impl Listener {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// With `incoming_ttl` every connection is guarded, from its first segment (RFC 5082).
    ///
    /// # Errors
    /// When the address is in use, not ours, or not allowed; which option cannot be set.
    pub fn bind(address: SocketAddr, incoming_ttl: Option<u8>) -> Result<Self, Error> {
        let failed = |error| Error::new(Operation::Listen, &error).at(address);
        let domain = Domain::for_address(address);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).map_err(failed)?;
        let prepared = prepare(&socket, address.is_ipv6(), incoming_ttl);
        prepared.map_err(|error| error.at(address))?;
        socket.bind(&address.into()).map_err(failed)?;
        socket.listen(limits::LISTEN_BACKLOG).map_err(failed)?;
        let socket = TcpListener::from_std(socket.into());
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self {
            socket,
            address,
            readable: true,
            paused: false,
            aborted: 0,
            keys: HashMap::new(),
        })
    }

    /// Expects signed segments from the peers in each prefix of `wanted` and from nobody else
    /// (RFC 2385, RFC 5925). What the socket has already stays as it is.
    ///
    /// # Errors
    /// The first key that the kernel does not take; the others are set.
    pub fn guard(&mut self, wanted: &HashMap<(IpAddr, u8), Key>) -> Result<(), Error> {
        let stale = |(peers, key): (&(IpAddr, u8), &Key)| {
            (wanted.get(peers) != Some(key)).then_some(*peers)
        };
        for peers in self.keys.iter().filter_map(stale).collect::<Vec<_>>() {
            if let Some(key) = self.keys.remove(&peers) {
                // The peers may be under another key from now on: what fails shows there.
                drop(key.remove(&self.socket, peers));
            }
        }
        let mut first = Ok(());
        for (peers, key) in wanted {
            if self.keys.contains_key(peers) {
                continue;
            }
            match option(key.option(), key.set(&self.socket, *peers)) {
                Ok(()) => drop(self.keys.insert(*peers, key.clone())),
                Err(error) if first.is_ok() => {
                    first = Err(error.at(self.address).with(SocketAddr::new(peers.0, 0)));
                }
                Err(_) => {}
            }
        }
        first
    }

    /// Takes one waiting connection.
    ///
    /// Call until it blocks or pauses, or the turn has taken `limits::ACCEPTS_PER_TURN`.
    ///
    /// # Errors
    /// When the socket itself is broken.
    pub fn accept(&mut self) -> Result<Accepted, Error> {
        while self.is_ready() {
            match attempt(|| self.socket.accept()) {
                Ok(Some((stream, remote))) => match welcome(&stream) {
                    Ok(local) => {
                        return Ok(Accepted::Connection(Connection::accepted(
                            stream, local, remote,
                        )));
                    }
                    // It went away between the two calls.
                    Err(_) => self.aborted += 1,
                },
                Ok(None) => self.readable = false,
                Err(error) => match classify(&error) {
                    // Faults of one connection, or of the network it came from: accept(2).
                    Class::Aborted
                    | Class::Denied
                    | Class::Lost
                    | Class::Unreachable
                    | Class::Unsupported => self.aborted += 1,
                    Class::Descriptors | Class::Exhausted => {
                        self.paused = true;
                        return Ok(Accepted::Pause(self.error(&error)));
                    }
                    _ => return Err(self.error(&error)),
                },
            }
        }
        Ok(Accepted::Blocked)
    }

    /// Notes that an event came, or that a simulation says so.
    pub const fn ready(&mut self) {
        self.readable = true;
    }

    /// Ends a pause.
    pub const fn resume(&mut self) {
        self.paused = false;
    }

    /// Whether `accept` has something to try.
    pub const fn is_ready(&self) -> bool {
        self.readable && !self.paused
    }

    /// The address listened on, with the port that was taken.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that ended before they were accepted.
    pub const fn aborted(&self) -> u64 {
        self.aborted
    }

    /// Registers the socket, once.
    ///
    /// # Errors
    /// What the poll reports.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.socket, token, Interest::READABLE)
    }

    /// Takes the socket out of the poll.
    ///
    /// # Errors
    /// What the poll reports.
    pub fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.socket)
    }

    fn error(&self, error: &io::Error) -> Error {
        Error::new(Operation::Accept, error).at(self.address)
    }
}

/// Sets the options of a listening socket.
fn prepare(socket: &Socket, ipv6: bool, incoming_ttl: Option<u8>) -> Result<(), Error> {
    option("SO_REUSEADDR", socket.set_reuse_address(true))?;
    if ipv6 {
        option("IPV6_V6ONLY", socket.set_only_v6(true))?;
    }
    if let Some(ttl) = incoming_ttl.filter(|ttl| *ttl > 0) {
        // Our answers travel as far as we let the peer be.
        set_ttl(socket, ipv6, ttl)?;
        option(MINIMUM_TTL, sys::set_minimum_ttl(socket, ipv6, ttl))?;
    }
    option("O_NONBLOCK", socket.set_nonblocking(true))
}

/// The address that the peer called, once its stream is as ours are.
fn welcome(stream: &TcpStream) -> io::Result<SocketAddr> {
    stream.set_nodelay(true)?;
    stream.local_addr()
}

#[cfg(test)]
mod tests {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    use socket2::SockRef;

    use super::*;
    use crate::reactor::network::testing::{World, alone, loopback};
    use crate::reactor::network::{Md5Key, SocketOptions};

    #[test]
    fn a_second_listener_on_the_same_address_is_one_clear_error() {
        let first = Listener::bind(loopback("127.0.0.1"), None).unwrap();
        let error = Listener::bind(first.address(), None).unwrap_err();
        assert_eq!(error.class, Class::InUse);
        assert_eq!(
            error.to_string(),
            format!("listen {}: address already in use", first.address())
        );
    }

    #[test]
    fn both_families_listen_on_one_port() {
        let ipv6 = Listener::bind("[::]:0".parse().unwrap(), None).unwrap();
        let port = ipv6.address().port();
        match Listener::bind(SocketAddr::from(([127, 0, 0, 1], port)), None) {
            Ok(ipv4) => assert_eq!(ipv4.address().port(), port),
            // Somebody else may hold the port of the other family, on exactly this address only.
            Err(error) => assert_eq!(error.class, Class::InUse),
        }
        assert!(SockRef::from(&ipv6.socket).only_v6().unwrap());
    }

    #[test]
    fn an_address_that_is_not_ours_is_one_clear_error() {
        let error = Listener::bind("192.0.2.77:0".parse().unwrap(), None).unwrap_err();
        assert_eq!(error.class, Class::Unavailable);
    }

    #[test]
    fn a_connection_knows_both_addresses() {
        let mut world = World::new();
        let listener = world.listen("0.0.0.0:0".parse().unwrap(), None);
        let port = world.address(listener).port();
        let called = SocketAddr::from(([127, 0, 0, 5], port));
        let client = world.connect_to(called, &SocketOptions::default()).unwrap();
        let server = world.accept(listener).expect("a connection comes");
        world.establish(client).unwrap();
        assert_eq!(world.connection(server).local(), Some(called));
        assert_eq!(Some(world.connection(server).remote()), world.connection(client).local());
        assert!(world.nothing_to_accept(listener));
    }

    #[test]
    fn a_removed_key_is_no_longer_asked_for() {
        let mut world = World::new();
        let mut listener = Listener::bind(loopback("127.0.0.1"), None).unwrap();
        let network = "127.0.0.0".parse().unwrap();
        let key = |text: &[u8]| Key::Md5(Md5Key::new(text).unwrap());
        let wanted = |key| HashMap::from([((network, 8), key)]);
        listener.guard(&wanted(key(b"one"))).unwrap();
        listener.guard(&wanted(key(b"two"))).unwrap();
        assert_eq!(listener.keys, wanted(key(b"two")));
        listener.guard(&HashMap::new()).unwrap();
        assert!(listener.keys.is_empty());
        let remote = listener.address();
        let client = world.connect_to(remote, &SocketOptions::default()).unwrap();
        assert!(world.establish(client).is_ok());
    }

    #[test]
    fn without_descriptors_the_listener_pauses() {
        // The limit is that of the whole process, so this happens in one of its own.
        alone("reactor::network::listener::tests::without_descriptors_the_listener_pauses", || {
            let mut listener = Listener::bind(loopback("127.0.0.1"), None).unwrap();
            let client = std::net::TcpStream::connect(listener.address()).unwrap();
            let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
            // Descriptors are numbered from the lowest free one: none below this is.
            let limit = std::os::fd::AsRawFd::as_raw_fd(&client) + 1;
            setrlimit(Resource::RLIMIT_NOFILE, limit.try_into().unwrap(), hard).unwrap();
            match listener.accept().unwrap() {
                Accepted::Pause(error) => assert_eq!(error.class, Class::Descriptors),
                other => panic!("{other:?}"),
            }
            assert!(!listener.is_ready());
            assert!(matches!(listener.accept(), Ok(Accepted::Blocked)));
            setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
            listener.resume();
            assert!(listener.is_ready());
            assert!(matches!(listener.accept(), Ok(Accepted::Connection(_))));
        });
    }
}
