//! Connections that the peer makes: listening, ranges, collisions, keys and the time to live.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::support::wire::{self, Open};
use crate::support::{Daemon, IPV4, Listener, Peer, Relay, neighbor, place, until};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A neighbor at `peer` for which the program listens on `port` of 127.0.0.1.
fn listening(peer: &str, port: u16, rest: &str) -> String {
    format!(
        "neighbor {peer} {{
    router-id 10.0.0.1;
    local-address 127.0.0.1;
    local-as 65000;
    peer-as 65001;
    passive;
    listen {port};
{IPV4}{rest}
}}
"
    )
}

fn door() -> SocketAddr {
    SocketAddr::new(HOME, place::free_port(HOME))
}

#[test]
fn a_passive_neighbor_is_never_called() {
    let caller = place::own_address();
    let listener = Listener::bind(caller);
    let door = door();
    let rest = format!("    connect {};", listener.port());
    let _daemon = Daemon::start(&listening(&caller.to_string(), door.port(), &rest));
    let mut peer = Peer::connect(caller, door);
    peer.establish(&Open::ipv4());
    peer.updates_until_eor();
    assert!(listener.accept_within(Duration::ZERO).is_none(), "it called before");
    peer.leave();
    let mut peer = Peer::connect(caller, door);
    peer.establish(&Open::ipv4());
    assert!(listener.accept_within(Duration::ZERO).is_none(), "it called back");
}

#[test]
fn the_addresses_of_tcp_bind_are_open() {
    let caller = place::own_address();
    let door = door();
    let configuration = listening(&caller.to_string(), 1, "").replace("    listen 1;\n", "");
    let _daemon = Daemon::with(&configuration)
        .set("tcp.bind", "127.0.0.1")
        .set("tcp.port", door.port().to_string())
        .start();
    let mut peer = Peer::connect(caller, door);
    peer.establish(&Open::ipv4());
    peer.updates_until_eor();
}

#[test]
fn a_range_admits_every_address_in_it() {
    let door = door();
    let rest = "    static { route 10.0.0.0/24 next-hop 10.0.0.9; }";
    let mut daemon = Daemon::start(&listening("127.64.0.0/10", door.port(), rest));
    let mut peers: Vec<Peer> = (0..3).map(|_| Peer::connect(place::own_address(), door)).collect();
    for peer in &mut peers {
        peer.establish(&Open::ipv4());
    }
    for peer in &mut peers {
        assert_eq!(peer.updates_until_eor().len(), 1);
    }
    // One goes and comes back; its place was given up in between.
    peers.pop().expect("a peer").leave();
    let mut again = Peer::connect(place::own_address(), door);
    again.establish(&Open::ipv4());
    assert_eq!(again.updates_until_eor().len(), 1);
    daemon.lives();
}

#[test]
fn a_stranger_is_told_so() {
    let door = door();
    let friend = place::own_address();
    let mut daemon = Daemon::start(&listening(&friend.to_string(), door.port(), ""));
    let mut stranger = Peer::connect(place::own_address(), door);
    assert_eq!(stranger.notified(), (6, 3), "Peer De-configured");
    let mut peer = Peer::connect(friend, door);
    peer.establish(&Open::ipv4());
    daemon.lives();
}

/// A neighbor that the program calls and for which it listens as well.
fn both_ways(listener: &Listener, door: SocketAddr) -> String {
    let rest = format!("    listen {};\n{IPV4}", door.port());
    neighbor(listener, &rest)
}

#[test]
fn a_second_connection_loses_to_an_established_one() {
    let (listener, door) = (Listener::bind(place::own_address()), door());
    let _daemon = Daemon::start(&both_ways(&listener, door));
    let mut old = listener.establish(&Open::ipv4().hold(3));
    old.updates_until_eor();
    let mut new = Peer::connect(listener.ip(), door);
    new.offer(&Open::ipv4().bytes());
    assert_eq!(new.notified(), (6, 7), "Connection Collision Resolution");
    old.send(&wire::keepalive());
    assert_eq!(old.frame().kind, wire::KEEPALIVE);
}

/// Two connections that both have our OPEN, the first one called by the program: the rule of
/// RFC 4271 section 6.8 leaves the one that the speaker of the higher identifier made.
fn collision(id: &str, outgoing_stays: bool) {
    let (listener, door) = (Listener::bind(place::own_address()), door());
    let _daemon = Daemon::start(&both_ways(&listener, door));
    let open = Open::ipv4().id(id);
    let mut outgoing = listener.accept();
    outgoing.open(&open);
    let mut incoming = Peer::connect(listener.ip(), door);
    incoming.offer(&open.bytes());
    let (mut stays, mut goes) =
        if outgoing_stays { (outgoing, incoming) } else { (incoming, outgoing) };
    assert_eq!(goes.notified(), (6, 7), "Connection Collision Resolution");
    stays.send(&wire::keepalive());
    stays.updates_until_eor_from_open();
}

#[test]
fn the_higher_identifier_keeps_its_connection() {
    collision("10.0.0.2", false);
}

#[test]
fn the_lower_identifier_gives_way() {
    collision("9.0.0.2", true);
}

#[test]
fn a_key_protects_the_connection() {
    let listener = Listener::new();
    let relay = Relay::new(&listener, "a secret of ours", 0);
    let configuration = |key: &str| {
        neighbor(&listener, &format!("    md5-password '{key}';\n{IPV4}")).replace(
            &format!("connect {};", listener.port()),
            &format!("connect {};", relay.port()),
        )
    };
    let stranger = Daemon::start(&configuration("another secret"));
    assert!(listener.accept_within(Duration::from_millis(1500)).is_none(), "with the wrong key");
    drop(stranger);
    let _daemon = Daemon::start(&configuration("a secret of ours"));
    listener.establish(&Open::ipv4()).updates_until_eor();
}

#[test]
fn the_time_to_live_of_what_we_send_is_as_configured() {
    let listener = Listener::new();
    let relay = Relay::new(&listener, "", 255);
    let configuration = |ttl: &str| {
        neighbor(&listener, &format!("{ttl}{IPV4}")).replace(
            &format!("connect {};", listener.port()),
            &format!("connect {};", relay.port()),
        )
    };
    let far = Daemon::start(&configuration("    outgoing-ttl 254;\n"));
    assert!(listener.accept_within(Duration::from_millis(1500)).is_none(), "from too far away");
    drop(far);
    let _daemon = Daemon::start(&configuration("    outgoing-ttl 255;\n"));
    listener.establish(&Open::ipv4()).updates_until_eor();
}

#[test]
fn packets_from_too_far_away_are_not_heard() {
    let (caller, door) = (place::own_address(), door());
    let _daemon = Daemon::start(&listening(
        &caller.to_string(),
        door.port(),
        "    incoming-ttl 255;\n    outgoing-ttl 255;",
    ));
    let near = Duration::from_secs(2);
    let mut peer = until("a connection with a time to live of 255", || {
        Peer::dial_ttl(caller, door, near, Some(255))
    });
    peer.establish(&Open::ipv4());
    peer.updates_until_eor();
    let far = Peer::dial_ttl(place::own_address(), door, Duration::from_millis(300), Some(64));
    assert!(far.is_none(), "a time to live of 64 was accepted");
}
