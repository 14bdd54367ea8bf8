//! Connections that we make.

use std::net::SocketAddr;

use mio::net::TcpStream;
use socket2::{Domain, Protocol, Socket, Type};

use super::connection::Connection;
use super::error::{Class, Error, Operation, classify};
use super::options::SocketOptions;

/// Starts to connect to `remote`; `Connection::establish` tells how it ends.
///
/// # Errors
/// When an option cannot be set, the source address is not ours, or the system knows at once that
/// the peer cannot be reached.
pub fn connect(remote: SocketAddr, options: &SocketOptions) -> Result<Connection, Error> {
    let failed = |error| Error::new(Operation::Connect, &error).with(remote);
    let socket = Socket::new(Domain::for_address(remote), Type::STREAM, Some(Protocol::TCP))
        .map_err(failed)?;
    options.prepare_outgoing(&socket, remote)?;
    match socket.connect(&remote.into()) {
        Ok(()) => {}
        // An interrupted attempt goes on like one in progress.
        Err(error) if matches!(classify(&error), Class::InProgress | Class::Interrupted) => {}
        Err(error) => return Err(failed(error)),
    }
    Ok(Connection::connecting(TcpStream::from_std(socket.into()), remote))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactor::network::options::endpoint;
    use crate::reactor::network::testing::{World, loopback};
    use crate::reactor::network::{Key, Md5Key};

    #[test]
    fn a_session_is_made_and_bytes_pass() {
        for address in ["127.0.0.1", "::1"] {
            let mut world = World::new();
            let listener = world.listen(loopback(address), None);
            let client = world.connect(listener, &SocketOptions::default()).unwrap();
            let server = world.accept(listener).expect("a connection comes");
            assert!(world.establish(client).is_ok());
            assert!(world.connection(client).stream().nodelay().unwrap());
            assert!(world.connection(server).stream().nodelay().unwrap());
            let local = world.connection(client).local();
            assert_eq!(local, Some(world.connection(server).remote()));
            world.send(client, b"hello");
            assert_eq!(world.receive(server, 5), b"hello");
        }
    }

    #[test]
    fn no_edge_of_the_kernel_is_lost_in_a_flood_both_ways() {
        let mut world = World::new();
        let listener = world.listen(loopback("127.0.0.1"), None);
        let client = world.connect(listener, &SocketOptions::default()).unwrap();
        let server = world.accept(listener).expect("a connection comes");
        assert!(world.establish(client).is_ok());
        world.stream([client, server], 4_000_000);
    }

    #[test]
    fn nobody_listening_is_a_refusal() {
        let mut world = World::new();
        // The port is taken, so that nobody else listens on it either.
        let holder = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        holder.bind(&loopback("127.0.0.1").into()).unwrap();
        let remote = holder.local_addr().unwrap().as_socket().unwrap();
        let client = world.connect_to(remote, &SocketOptions::default()).unwrap();
        let error = world.establish(client).unwrap_err();
        assert_eq!((error.class, error.remote), (Class::Refused, Some(remote)));
    }

    #[test]
    fn the_source_address_is_used() {
        let mut world = World::new();
        let listener = world.listen(loopback("127.0.0.1"), None);
        let source = "127.0.0.9".parse().unwrap();
        let options = SocketOptions { source: Some(source), ..SocketOptions::default() };
        world.connect(listener, &options).unwrap();
        let server = world.accept(listener).expect("a connection comes");
        assert_eq!(world.connection(server).remote().ip(), source);
    }

    #[test]
    fn a_source_that_is_not_ours_is_one_clear_error() {
        let source = Some("192.0.2.77".parse().unwrap());
        let options = SocketOptions { source, ..SocketOptions::default() };
        let error = connect("127.0.0.1:179".parse().unwrap(), &options).unwrap_err();
        assert_eq!(error.class, Class::Unavailable);
        assert_eq!(
            error.to_string(),
            "connect 127.0.0.1:179 from 192.0.2.77:0: cannot assign requested address"
        );
    }

    #[test]
    fn an_unknown_interface_is_one_clear_error() {
        let options =
            SocketOptions { interface: Some("no-such-one".into()), ..SocketOptions::default() };
        let error = connect("127.0.0.1:179".parse().unwrap(), &options).unwrap_err();
        assert_eq!(error.operation, Operation::Option("SO_BINDTODEVICE"));
    }

    #[test]
    fn an_interface_is_accepted() {
        let mut world = World::new();
        let listener = world.listen(loopback("::1"), None);
        let remote = endpoint("::1".parse().unwrap(), world.address(listener).port(), Some("lo"));
        let options = SocketOptions { interface: Some("lo".into()), ..SocketOptions::default() };
        let client = world.connect_to(remote.unwrap(), &options).unwrap();
        assert!(world.accept(listener).is_some());
        assert!(world.establish(client).is_ok());
    }

    #[test]
    fn a_guarded_listener_refuses_what_comes_from_afar() {
        for address in ["127.0.0.1", "::1"] {
            let mut world = World::new();
            let listener = world.listen(loopback(address), Some(255));
            let far = SocketOptions { outgoing_ttl: Some(254), ..SocketOptions::default() };
            let near = SocketOptions { outgoing_ttl: Some(255), ..SocketOptions::default() };
            // The segments of the first are handled before those of the second are sent.
            let refused = world.connect(listener, &far).unwrap();
            let accepted = world.connect(listener, &near).unwrap();
            let server = world.accept(listener).expect("the near one comes through");
            assert!(world.establish(accepted).is_ok());
            assert_eq!(Some(world.connection(server).remote()), world.connection(accepted).local());
            assert!(world.connection(refused).is_connecting());
            assert!(world.nothing_to_accept(listener));
        }
    }

    #[test]
    fn a_guarded_connection_does_not_hear_what_comes_from_afar() {
        let mut world = World::new();
        let far = world.listen(loopback("127.0.0.1"), None);
        let near = world.listen(loopback("127.0.0.1"), Some(255));
        let options = SocketOptions {
            outgoing_ttl: Some(255),
            incoming_ttl: Some(255),
            ..SocketOptions::default()
        };
        // The answer of the first listener has the TTL of the system, 64.
        let refused = world.connect(far, &options).unwrap();
        let accepted = world.connect(near, &options).unwrap();
        assert!(world.establish(accepted).is_ok());
        assert!(world.connection(refused).is_connecting());
    }

    #[test]
    fn an_accepted_connection_can_be_guarded() {
        let mut world = World::new();
        let listener = world.listen(loopback("127.0.0.1"), None);
        let client = world.connect(listener, &SocketOptions::default()).unwrap();
        let server = world.accept(listener).expect("a connection comes");
        assert!(world.establish(client).is_ok());
        let guard = SocketOptions { incoming_ttl: Some(255), ..SocketOptions::default() };
        let connection = world.connection(server);
        guard.prepare_accepted(connection.stream(), connection.remote()).unwrap();
        world.send(client, b"from afar");
        assert!(world.nothing_to_read(server));
    }

    fn keyed(key: &[u8]) -> SocketOptions {
        SocketOptions { key: Md5Key::new(key).map(Key::Md5), ..SocketOptions::default() }
    }

    #[test]
    fn only_the_right_key_comes_through() {
        for (address, network, prefix_len) in [
            ("127.0.0.1", "127.0.0.1", 32),
            ("127.0.0.1", "127.0.0.0", 8),
            ("::1", "::1", 128),
            ("::1", "::", 64),
        ] {
            let mut world = World::new();
            let listener = world.listen(loopback(address), None);
            world.protect(listener, (network.parse().unwrap(), prefix_len), "right");
            let wrong = world.connect(listener, &keyed(b"wrong")).unwrap();
            let none = world.connect(listener, &SocketOptions::default()).unwrap();
            let right = world.connect(listener, &keyed(b"right")).unwrap();
            let server = world.accept(listener).expect("the right key comes through");
            assert!(world.establish(right).is_ok());
            assert_eq!(Some(world.connection(server).remote()), world.connection(right).local());
            assert!(world.connection(wrong).is_connecting());
            assert!(world.connection(none).is_connecting());
            assert!(world.nothing_to_accept(listener));
            world.send(right, b"signed");
            assert_eq!(world.receive(server, 6), b"signed");
        }
    }

    #[test]
    fn a_peer_without_key_does_not_answer_one_with_a_key() {
        let mut world = World::new();
        let listener = world.listen(loopback("127.0.0.1"), None);
        let keyed = world.connect(listener, &keyed(b"key")).unwrap();
        let plain = world.connect(listener, &SocketOptions::default()).unwrap();
        assert!(world.establish(plain).is_ok());
        assert!(world.connection(keyed).is_connecting());
    }
}
