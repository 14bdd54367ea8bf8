//! Connections from birth to end: accepting, connecting, refusing, lingering.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Reactor;
use super::event_loop::Due;
use super::limits;
use super::network::{
    Accepted, AoKey, Budget, Class, Connection, Error, Farewell, Key, Listener, Md5Key, Operation,
    SocketOptions, connect, endpoint,
};
use super::peer::{Ask, Caller, PeerKey};
use super::source::{Carrier, Source};
use crate::bgp::fsm::{Direction, Event, Link};
use crate::bgp::message::Notify;
use crate::bgp::neighbor::SessionSettings;
use crate::text::base64;

/// The BGP port.
const PORT: u16 = 179;

impl Reactor {
    /// Listens where the settings say, and for each neighbor that asks for it.
    pub(super) fn listen(&mut self) -> Result<(), Error> {
        for address in self.settings.tcp.bind.clone() {
            self.listen_on(SocketAddr::new(address, self.settings.tcp.port), None)?;
        }
        Ok(())
    }

    /// Listens for the neighbors that have a port of their own, and gives the kernel the keys of
    /// all of them.
    pub(super) fn listen_for_neighbors(&mut self) -> Result<(), Error> {
        for index in 0..self.peers.len() {
            let Some(peer) = self.peers.keys().get(index).and_then(|key| self.peers.get(*key))
            else {
                continue;
            };
            let neighbor = std::rc::Rc::clone(&peer.neighbor);
            self.listen_for(&neighbor.settings)?;
        }
        self.guard_listeners()
    }

    /// Listens for one neighbor, where it asks for it.
    pub(super) fn listen_for(&mut self, settings: &SessionSettings) -> Result<(), Error> {
        if settings.listen == 0 {
            return Ok(());
        }
        let any = if settings.peer.address().is_ipv6() {
            IpAddr::V6(Ipv6Addr::UNSPECIFIED)
        } else {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED)
        };
        let address = settings.md5_ip.or(settings.local_address).unwrap_or(any);
        self.listen_on(SocketAddr::new(address, settings.listen), settings.incoming_ttl)
    }

    /// Gives each listener the keys of the neighbors that may call it there. Without TCP-AO in
    /// the kernel the neighbors that need it have no session, and all others go on.
    fn guard_listeners(&mut self) -> Result<(), Error> {
        for index in self.sources.listeners().map(|(index, _)| index).collect::<Vec<_>>() {
            let Some(address) = self.sources.listener(index).map(|l| l.address().ip()) else {
                continue;
            };
            let mut keys = HashMap::new();
            for peer in self.peers.keys().iter().filter_map(|key| self.peers.get(*key)) {
                let settings = peer.settings();
                let ours = settings.md5_ip.or(settings.local_address).unwrap_or(address);
                if ours.is_ipv4() == address.is_ipv4()
                    && (address.is_unspecified() || ours == address)
                    && let Some(key) = key(settings)
                {
                    let peer = settings.peer;
                    keys.insert((peer.masked().address(), peer.length()), key);
                }
            }
            let guarded = self.sources.listener(index).map_or(Ok(()), |l| l.guard(&keys));
            match guarded {
                Err(error) if error.class == Class::Unsupported => {
                    log::error!(target: "network", "{error}");
                }
                other => other?,
            }
        }
        Ok(())
    }

    fn listen_on(&mut self, address: SocketAddr, ttl: Option<u8>) -> Result<(), Error> {
        if self.sources.listeners().any(|(_, listener)| listener.address() == address) {
            return Ok(());
        }
        let mut listener = Listener::bind(address, ttl)?;
        let token = self.sources.next_token();
        if let Err(error) = listener.register(self.poll.registry(), token) {
            return Err(Error::new(Operation::Listen, &error).at(address));
        }
        log::info!(target: "network", "listening on {}", listener.address());
        self.sources.insert(Source::Listener(listener));
        Ok(())
    }

    /// Takes what waits at the listeners, a bounded number at a time.
    pub(super) fn accept(&mut self) {
        let ready: Vec<usize> = self
            .sources
            .listeners()
            .filter(|(_, listener)| listener.is_ready())
            .map(|(key, _)| key)
            .collect();
        for key in ready {
            for _ in 0..limits::ACCEPTS_PER_TURN {
                let Some(listener) = self.sources.listener(key) else { break };
                match listener.accept() {
                    Ok(Accepted::Connection(connection)) => self.adopt(connection),
                    Ok(Accepted::Blocked) => break,
                    Ok(Accepted::Pause(error)) => {
                        log::error!(target: "network", "{error}: accepting pauses for a second");
                        let deadline = self.clock.now() + limits::ACCEPT_PAUSE;
                        self.wheel.arm(deadline, Due::Resume(key));
                        break;
                    }
                    Err(error) => {
                        log::error!(target: "network", "{error}: no longer listening there");
                        self.sources.retire(key, self.poll.registry());
                        break;
                    }
                }
            }
        }
    }

    /// Gives an accepted connection to its peer, or refuses it.
    fn adopt(&mut self, connection: Connection) {
        let remote = connection.remote();
        let Some(local) = connection.local() else { return };
        let owner = match self.peers.caller(remote.ip(), local.ip()) {
            Caller::Known(key) => key,
            Caller::InRange(key) => match self.instantiate(key, remote.ip(), local.ip()) {
                Some(key) => key,
                None => return,
            },
            Caller::Ambiguous => {
                let text = "more than one peer range matches";
                return self.refuse(connection, &Notify::with_data(6, 5, text.as_bytes()));
            }
            Caller::Unknown => {
                log::info!(target: "network", "no neighbor for {remote} at {local}: refused");
                let text = "no session configured for the peer";
                return self.refuse(connection, &Notify::with_data(6, 3, text.as_bytes()));
            }
        };
        if self.stopping {
            return self.refuse(connection, &Notify::communicate(2, ""));
        }
        let Some(link) = self.carry(connection, Some(owner)) else { return };
        let now = self.clock.now();
        if let Some(peer) = self.peers.touch(owner) {
            let options = socket_options(peer.settings());
            if let Some(carrier) = self.sources.carrier(link)
                && let Err(error) = options.prepare_accepted(carrier.connection.stream(), remote)
            {
                log::warn!(target: "network", "{error}");
                if error.operation == Operation::Accept {
                    return self.drop_link(link);
                }
            }
            let direction = Direction::Incoming;
            peer.connected(Event::Connected { link, direction, local: local.ip() }, now);
        }
    }

    /// Registers a connection.
    fn carry(&mut self, mut connection: Connection, owner: Option<PeerKey>) -> Option<Link> {
        let token = self.sources.next_token();
        if let Err(error) = connection.register(self.poll.registry(), token) {
            log::error!(target: "network", "{}: {error}", connection.remote());
            return None;
        }
        let carrier = Box::new(Carrier { connection, owner, timer: None });
        Some(Link(self.sources.insert(Source::Connection(carrier))))
    }

    /// Tells a caller why it is refused, and closes.
    fn refuse(&mut self, mut connection: Connection, why: &Notify) {
        why.pack(connection.outbox.buffer());
        if let Some(link) = self.carry(connection, None) {
            self.close_link(link);
        }
    }

    /// Does what peers asked for.
    pub(super) fn carry_out(&mut self) {
        let mut asks = std::mem::take(&mut self.asks);
        for ask in asks.drain(..) {
            match ask {
                Ask::Connect(key) => self.connect(key),
                Ask::Drop(link) => self.drop_link(link),
                Ask::Close(link) => self.close_link(link),
            }
        }
        self.asks = asks;
    }

    /// Starts an outgoing connection.
    fn connect(&mut self, key: PeerKey) {
        let Some(peer) = self.peers.get(key) else { return };
        let settings = peer.settings();
        let port = match (settings.connect, self.settings.tcp.connect_port) {
            (0, Some(port)) => port,
            (0, None) => PORT,
            (port, _) => port,
        };
        let started = endpoint(settings.peer.address(), port, settings.scope.as_deref())
            .and_then(|remote| connect(remote, &socket_options(settings)));
        let now = self.clock.now();
        let link = match started {
            Ok(connection) => self.carry(connection, Some(key)),
            Err(error) => {
                let is_ours = error.class == Class::Unsupported;
                let level = if is_ours { log::Level::Error } else { log::Level::Info };
                log::log!(target: "network", level, "{error}");
                None
            }
        };
        let Some(peer) = self.peers.touch(key) else { return };
        match link {
            Some(link) => peer.attempt = Some(link),
            None => peer.session.handle(Event::Refused, now),
        }
    }

    /// Ends a connection once what it holds has left, or when it has had its time.
    fn close_link(&mut self, link: Link) {
        let Some(carrier) = self.sources.carrier(link) else { return };
        if carrier.connection.is_finishing() {
            return;
        }
        carrier.connection.finish(&mut self.shared);
        carrier.owner = None;
        if let Some(timer) = carrier.timer.take() {
            self.wheel.cancel(timer);
        }
        let deadline = self.clock.now() + limits::LINGER;
        carrier.timer = Some(self.wheel.arm(deadline, Due::Linger(link)));
        self.finishing += 1;
        self.lingering.push(link);
    }

    /// Moves closed connections toward their end.
    pub(super) fn linger(&mut self) {
        for link in std::mem::take(&mut self.lingering) {
            let Some(carrier) = self.sources.carrier(link) else { continue };
            let mut budget = Budget::new(limits::READS_PER_TURN);
            match carrier.connection.linger(&mut self.shared, &mut budget) {
                Farewell::Done => self.drop_link(link),
                Farewell::Waiting => {}
                Farewell::Retry => {
                    self.wheel.arm(self.clock.now() + limits::RETRY, Due::Retry(link));
                }
                Farewell::Again => self.lingering.push(link),
            }
        }
    }

    /// A moment has passed on a connection that no edge would wake.
    pub(super) fn retry(&mut self, link: Link) {
        let Some(carrier) = self.sources.carrier(link) else { return };
        carrier.connection.ready(true, true);
        match carrier.owner {
            Some(owner) => {
                carrier.timer = None;
                self.peers.wake(owner);
            }
            None => self.lingering.push(link),
        }
    }

    /// Drops a connection now.
    pub(super) fn drop_link(&mut self, link: Link) {
        let Some(carrier) = self.sources.carrier(link) else { return };
        if let Some(timer) = carrier.timer.take() {
            self.wheel.cancel(timer);
        }
        if carrier.connection.is_finishing() {
            self.finishing = self.finishing.saturating_sub(1);
        }
        carrier.connection.finish(&mut self.shared);
        self.sources.retire(link.0, self.poll.registry());
    }
}

/// The socket settings of a neighbor.
fn socket_options(settings: &SessionSettings) -> SocketOptions {
    SocketOptions {
        source: settings.md5_ip.or(settings.local_address),
        interface: settings.source_interface.as_deref().map(ToOwned::to_owned),
        outgoing_ttl: settings.outgoing_ttl,
        incoming_ttl: settings.incoming_ttl,
        key: key(settings),
    }
}

/// The key of the segments of a session, decoded.
fn key(settings: &SessionSettings) -> Option<Key> {
    fn decoded(password: &str, is_base64: bool) -> Option<Cow<'_, [u8]>> {
        let bytes = Cow::Borrowed(password.as_bytes());
        if is_base64 { base64::decode(password).map(Cow::Owned) } else { Some(bytes) }
    }
    if let Some(key) = &settings.tcp_ao {
        let bytes = decoded(&key.password, key.base64)?;
        return AoKey::new(key.keyid, key.algorithm, &bytes).map(Key::Ao);
    }
    let bytes = decoded(settings.md5_password.as_deref()?, settings.md5_base64)?;
    Md5Key::new(&bytes).map(Key::Md5)
}
