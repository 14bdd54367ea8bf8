//! What a neighbor asks of its sockets, and the order in which a socket is told.
//!
//! Outgoing sockets are bound to the interface, keyed and given their TTL before they are bound to
//! the source address, so that the first segment already is as it must be. A minimum TTL guards
//! every socket of the neighbor, whichever side made the connection (RFC 5082).

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::AsFd;

use nix::net::if_::if_nametoindex;
use socket2::{SockRef, Socket};

use super::error::{Error, Operation};
use super::sys;
use crate::bgp::neighbor::AoAlgorithm;

/// The socket settings of one neighbor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SocketOptions {
    /// The address to connect from; the system chooses when there is none.
    pub source: Option<IpAddr>,
    /// The interface that all traffic must use (`source-interface`).
    pub interface: Option<String>,
    /// TTL or hop limit of what we send; zero and `None` leave the system's.
    pub outgoing_ttl: Option<u8>,
    /// Least TTL or hop limit of what we accept; zero and `None` accept all.
    pub incoming_ttl: Option<u8>,
    /// The key of the segments in both directions.
    pub key: Option<Key>,
}

impl SocketOptions {
    /// Tells an outgoing socket everything, in order, up to the call of `connect`.
    ///
    /// # Errors
    /// Which option could not be set and why; `Operation::Connect` when the source is not ours.
    pub fn prepare_outgoing(&self, socket: &Socket, remote: SocketAddr) -> Result<(), Error> {
        let set = |name, done: io::Result<()>| option(name, done).map_err(|e| e.with(remote));
        set("SO_REUSEADDR", socket.set_reuse_address(true))?;
        set("SO_REUSEPORT", socket.set_reuse_port(true))?;
        if let Some(interface) = &self.interface {
            set("SO_BINDTODEVICE", socket.bind_device(Some(interface.as_bytes())))?;
        }
        if let Some(key) = &self.key {
            let address = remote.ip();
            set(key.option(), key.set(socket, (address, host_len(address))))?;
        }
        self.set_ttls(socket, remote.is_ipv6()).map_err(|error| error.with(remote))?;
        set("TCP_NODELAY", socket.set_tcp_nodelay(true))?;
        if let Some(source) = self.source {
            let local = local_for(source, remote);
            socket
                .bind(&local.into())
                .map_err(|error| Error::new(Operation::Connect, &error).at(local).with(remote))?;
        }
        set("O_NONBLOCK", socket.set_nonblocking(true))
    }

    /// Tells an accepted socket what its listener, which may serve several neighbors, could not.
    ///
    /// # Errors
    /// Which option could not be set and why; a connection that is not signed with TCP-AO though
    /// its neighbor has a key, which must be closed.
    pub fn prepare_accepted(&self, socket: &impl AsFd, remote: SocketAddr) -> Result<(), Error> {
        if matches!(self.key, Some(Key::Ao(_))) && !sys::is_ao_signed(socket) {
            let unsigned = io::Error::from_raw_os_error(libc::ENOKEY);
            return Err(Error::new(Operation::Accept, &unsigned).with(remote));
        }
        self.set_ttls(&SockRef::from(socket), remote.is_ipv6()).map_err(|error| error.with(remote))
    }

    fn set_ttls(&self, socket: &Socket, ipv6: bool) -> Result<(), Error> {
        if let Some(ttl) = self.outgoing_ttl.filter(|ttl| *ttl > 0) {
            set_ttl(socket, ipv6, ttl)?;
        }
        if let Some(ttl) = self.incoming_ttl.filter(|ttl| *ttl > 0) {
            option(MINIMUM_TTL, sys::set_minimum_ttl(socket, ipv6, ttl))?;
        }
        Ok(())
    }
}

/// What signs and checks the segments of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// TCP MD5 signatures, RFC 2385.
    Md5(Md5Key),
    /// TCP-AO, RFC 5925.
    Ao(AoKey),
}

impl Key {
    /// The option that holds such a key, for errors.
    pub(super) const fn option(&self) -> &'static str {
        match self {
            Self::Md5(_) => MD5,
            Self::Ao(_) => TCP_AO,
        }
    }

    /// Gives a socket this key for the peers in a prefix.
    pub(super) fn set(&self, socket: &impl AsFd, peers: (IpAddr, u8)) -> io::Result<()> {
        match self {
            Self::Md5(key) => sys::set_md5_key(socket, peers.0, peers.1, key.bytes()),
            Self::Ao(AoKey { id, algorithm, bytes }) => {
                let name = match algorithm {
                    AoAlgorithm::HmacSha1 => "hmac(sha1)",
                    AoAlgorithm::AesCmac => "cmac(aes128)",
                    AoAlgorithm::HmacSha256 => "hmac(sha256)",
                };
                sys::add_ao_key(socket, peers, (*id, name), bytes)
            }
        }
    }

    /// Takes this key for the peers in a prefix from a socket that has it.
    pub(super) fn remove(&self, socket: &impl AsFd, peers: (IpAddr, u8)) -> io::Result<()> {
        match self {
            Self::Md5(_) => sys::set_md5_key(socket, peers.0, peers.1, &[]),
            Self::Ao(key) => sys::delete_ao_key(socket, peers, key.id),
        }
    }
}

/// A key of TCP-AO: 1 to 80 bytes, which are never shown, with the same identifier both ways.
#[derive(Clone, PartialEq, Eq)]
pub struct AoKey {
    id: u8,
    algorithm: AoAlgorithm,
    bytes: Vec<u8>,
}

impl AoKey {
    /// A key of these bytes; `None` when there are none, or too many.
    pub fn new(id: u8, algorithm: AoAlgorithm, bytes: &[u8]) -> Option<Self> {
        let fits = (1..=sys::AO_KEY_MAX).contains(&bytes.len());
        fits.then(|| Self { id, algorithm, bytes: bytes.to_vec() })
    }
}

impl fmt::Debug for AoKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AoKey({}, {}, …)", self.id, self.algorithm.name())
    }
}

/// A key of TCP MD5 signatures: 1 to 80 bytes, which are never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Md5Key(Vec<u8>);

impl Md5Key {
    /// Longest key, in bytes.
    pub const MAX: usize = sys::MD5_KEY_MAX;

    /// A key of these bytes; `None` when there are none, or too many.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (1..=Self::MAX).contains(&bytes.len()).then(|| Self(bytes.to_vec()))
    }

    /// The bytes of the key.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Md5Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Md5Key(…)")
    }
}

/// A socket address of `ip`, in the zone of an interface (name or number) where one is given.
///
/// # Errors
/// `Operation::Connect` when no interface has this name.
pub fn endpoint(ip: IpAddr, port: u16, zone: Option<&str>) -> Result<SocketAddr, Error> {
    let plain = SocketAddr::new(ip, port);
    let (IpAddr::V6(ip), Some(zone)) = (ip, zone) else { return Ok(plain) };
    let index = match zone.parse() {
        Ok(index) => index,
        Err(_) => if_nametoindex(zone)
            .map_err(|errno| Error::new(Operation::Connect, &errno.into()).with(plain))?,
    };
    Ok(SocketAddrV6::new(ip, port, 0, index).into())
}

pub(super) const MD5: &str = "TCP MD5 key";
pub(super) const TCP_AO: &str = "TCP-AO key";
pub(super) const MINIMUM_TTL: &str = "minimum TTL";

/// Names the option in the error of setting it.
pub(super) fn option(name: &'static str, done: io::Result<()>) -> Result<(), Error> {
    done.map_err(|error| Error::new(Operation::Option(name), &error))
}

/// Sets the TTL or hop limit of what is sent.
pub(super) fn set_ttl(socket: &Socket, ipv6: bool, ttl: u8) -> Result<(), Error> {
    let done =
        if ipv6 { socket.set_unicast_hops_v6(ttl.into()) } else { socket.set_ttl_v4(ttl.into()) };
    option("TTL", done)
}

/// The prefix length of a single address.
pub(super) const fn host_len(address: IpAddr) -> u8 {
    if address.is_ipv6() { 128 } else { 32 }
}

/// The source with any port; a link-local one is in the zone of its peer.
fn local_for(source: IpAddr, remote: SocketAddr) -> SocketAddr {
    match (source, remote) {
        (IpAddr::V6(source), SocketAddr::V6(remote)) if source.is_unicast_link_local() => {
            SocketAddrV6::new(source, 0, 0, remote.scope_id()).into()
        }
        _ => SocketAddr::new(source, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactor::network::Class;

    #[test]
    fn a_key_has_one_to_eighty_bytes() {
        assert!(Md5Key::new(b"").is_none());
        assert!(Md5Key::new(&[1; 80]).is_some_and(|key| key.bytes().len() == 80));
        assert!(Md5Key::new(&[1; 81]).is_none());
        let ao = |bytes: &[u8]| AoKey::new(1, AoAlgorithm::HmacSha256, bytes);
        assert!(ao(b"").is_none() && ao(&[1; 80]).is_some() && ao(&[1; 81]).is_none());
    }

    #[test]
    fn a_key_is_not_shown() {
        let md5 = Md5Key::new(b"secret").map(Key::Md5);
        let ao = AoKey::new(1, AoAlgorithm::AesCmac, b"secret").map(Key::Ao);
        for key in [md5, ao] {
            assert!(key.is_some());
            let options = SocketOptions { key, ..SocketOptions::default() };
            assert!(!format!("{options:?}").contains("secret"));
            assert!(!format!("{options:?}").contains("115"));
        }
    }

    #[test]
    fn a_connection_that_is_not_signed_is_not_taken_for_one_that_is() {
        let key = AoKey::new(1, AoAlgorithm::HmacSha1, b"secret").map(Key::Ao);
        let options = SocketOptions { key, ..SocketOptions::default() };
        let socket = Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let remote: SocketAddr = "192.0.2.1:179".parse().unwrap();
        let error = options.prepare_accepted(&socket, remote).unwrap_err();
        assert_eq!(error.to_string(), "accept 192.0.2.1:179: required key not available");
        // Where the kernel has no TCP-AO, nothing leaves: the error says what is needed.
        if let Err(error) = options.prepare_outgoing(&socket, remote) {
            assert_eq!(error.operation, Operation::Option(TCP_AO));
            assert_eq!(error.class, Class::Unsupported);
            assert!(error.to_string().ends_with("Linux 6.7 or later, with CONFIG_TCP_AO, does"));
        }
    }

    #[test]
    fn an_endpoint_has_the_zone_of_its_interface() {
        let ip: IpAddr = "fe80::1".parse().unwrap();
        let zone = |text| match endpoint(ip, 179, text) {
            Ok(SocketAddr::V6(address)) => Some(address.scope_id()),
            _ => None,
        };
        assert_eq!(zone(None), Some(0));
        assert_eq!(zone(Some("7")), Some(7));
        assert_eq!(zone(Some("lo")), if_nametoindex("lo").ok());
        let error = endpoint(ip, 179, Some("no-such-one")).unwrap_err();
        assert_eq!(error.class, Class::Unavailable);
        let ipv4 = endpoint("192.0.2.1".parse().unwrap(), 179, Some("lo")).unwrap();
        assert_eq!(ipv4.to_string(), "192.0.2.1:179");
    }

    #[test]
    fn a_link_local_source_is_in_the_zone_of_its_peer() {
        let remote = endpoint("fe80::2".parse().unwrap(), 179, Some("3")).unwrap();
        assert_eq!(local_for("fe80::1".parse().unwrap(), remote).to_string(), "[fe80::1%3]:0");
        assert_eq!(
            local_for("2001:db8::1".parse().unwrap(), remote).to_string(),
            "[2001:db8::1]:0"
        );
    }
}
