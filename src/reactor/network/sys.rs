//! Socket options that neither `socket2` nor `nix` can set: the keys of TCP MD5 and TCP-AO, and the
//! minimum TTL.
//!
//! This is the one file that may hold `unsafe`, and it holds two calls. Every value is laid out as
//! bytes first, so that nothing but a pointer and a length crosses into the system.
//!
//! TCP MD5 signatures: RFC 2385, tcp(7). TCP-AO: RFC 5925, `linux/tcp.h` since Linux 6.7. Minimum
//! TTL: RFC 5082, ip(7) and ipv6(7).

#![expect(unsafe_code, reason = "socket options that no safe wrapper knows")]

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use libc::{c_int, socklen_t};

/// Longest TCP MD5 key, in bytes.
pub const MD5_KEY_MAX: usize = libc::TCP_MD5SIG_MAXKEYLEN;

/// Longest TCP-AO key, in bytes.
pub const AO_KEY_MAX: usize = 80;

/// `TCP_AO_ADD_KEY`, `TCP_AO_DEL_KEY` and `TCP_AO_INFO` of `linux/tcp.h`.
const TCP_AO_ADD_KEY: c_int = 38;
const TCP_AO_DEL_KEY: c_int = 39;
const TCP_AO_INFO: c_int = 40;

/// The size of `struct tcp_ao_info_opt`.
const AO_INFO_LENGTH: usize = 48;

/// Drops what arrives with a TTL or hop limit below `ttl`; zero accepts everything.
///
/// # Errors
/// What the system reports.
pub fn set_minimum_ttl(socket: impl AsFd, ipv6: bool, ttl: u8) -> io::Result<()> {
    let (level, name) = if ipv6 {
        (libc::IPPROTO_IPV6, libc::IPV6_MINHOPCOUNT)
    } else {
        (libc::IPPROTO_IP, libc::IP_MINTTL)
    };
    set_option(socket.as_fd(), level, name, &c_int::from(ttl).to_ne_bytes())
}

/// Signs and checks every segment exchanged with the peers in `address`/`prefix_len` (RFC 2385).
///
/// An empty key removes the one that was set for exactly these peers.
///
/// # Errors
/// What the system reports: no such key to remove, a key longer than `MD5_KEY_MAX`, an address of
/// another family than the socket's, or no MD5 in this kernel.
pub fn set_md5_key(
    socket: impl AsFd,
    address: IpAddr,
    prefix_len: u8,
    key: &[u8],
) -> io::Result<()> {
    if key.len() > MD5_KEY_MAX {
        return Err(nix::errno::Errno::EINVAL.into());
    }
    let host = prefix_len == if address.is_ipv6() { 128 } else { 32 };
    let name = if host { libc::TCP_MD5SIG } else { libc::TCP_MD5SIG_EXT };
    let value = md5_value(address, if host { None } else { Some(prefix_len) }, key);
    set_option(socket.as_fd(), libc::IPPROTO_TCP, name, &value)
}

/// `struct tcp_md5sig`: socket address, flags, prefix length, key length, interface, key.
fn md5_value(address: IpAddr, prefix_len: Option<u8>, key: &[u8]) -> Vec<u8> {
    const PREFIX_FLAG: u8 = 1;
    let mut value = socket_address(address);
    value.push(if prefix_len.is_some() { PREFIX_FLAG } else { 0 });
    value.push(prefix_len.unwrap_or(0));
    value.extend(u16::try_from(key.len()).unwrap_or(u16::MAX).to_ne_bytes());
    value.extend([0; 4]);
    let start = value.len();
    value.extend(key);
    value.resize(start + MD5_KEY_MAX, 0);
    value
}

/// Signs and checks every segment exchanged with the peers in `address`/`prefix_len` with TCP-AO
/// (RFC 5925); the key has the same identifier in both directions. `algorithm` is the name that
/// the kernel has for it.
///
/// # Errors
/// What the system reports: a key of this identifier is there already, an algorithm or an address
/// family that does not fit, a key that is too long, or no TCP-AO in this kernel.
pub fn add_ao_key(
    socket: impl AsFd,
    (address, prefix_len): (IpAddr, u8),
    (id, algorithm): (u8, &str),
    key: &[u8],
) -> io::Result<()> {
    if key.len() > AO_KEY_MAX {
        return Err(nix::errno::Errno::EINVAL.into());
    }
    let value = ao_value((address, prefix_len), (id, algorithm), key);
    set_option(socket.as_fd(), libc::IPPROTO_TCP, TCP_AO_ADD_KEY, &value)
}

/// Forgets the TCP-AO key of this identifier for exactly these peers.
///
/// # Errors
/// What the system reports: no such key, or no TCP-AO in this kernel.
pub fn delete_ao_key(
    socket: impl AsFd,
    (address, prefix_len): (IpAddr, u8),
    id: u8,
) -> io::Result<()> {
    // `struct tcp_ao_del`: address, interface, flags, padding, prefix length, both identifiers,
    // the two keys to use instead, which no flag asks for, flags of the key.
    let mut value = socket_address(address);
    value.extend([0; 4 + 4 + 2]);
    value.extend([prefix_len, id, id, 0, 0, 0]);
    set_option(socket.as_fd(), libc::IPPROTO_TCP, TCP_AO_DEL_KEY, &value)
}

/// Whether the segments of this connection are signed with TCP-AO.
pub fn is_ao_signed(socket: impl AsFd) -> bool {
    let mut value = [0; AO_INFO_LENGTH];
    get_option(socket.as_fd(), libc::IPPROTO_TCP, TCP_AO_INFO, &mut value).is_ok()
}

/// `struct tcp_ao_add`: socket address, name of the algorithm, interface, flags, padding, prefix
/// length, both identifiers, length of the code (0: that of the algorithm), flags of the key,
/// key length, key.
fn ao_value(peers: (IpAddr, u8), (id, algorithm): (u8, &str), key: &[u8]) -> Vec<u8> {
    const NAME_LENGTH: usize = 64;
    let (address, prefix_len) = peers;
    let mut value = socket_address(address);
    let name = value.len();
    value.extend(algorithm.bytes().take(NAME_LENGTH - 1));
    value.resize(name + NAME_LENGTH, 0);
    value.extend([0; 4 + 4 + 2]);
    value.extend([prefix_len, id, id, 0, 0, u8::try_from(key.len()).unwrap_or(u8::MAX)]);
    let start = value.len();
    value.extend(key);
    value.resize(start + AO_KEY_MAX, 0);
    value
}

/// `struct sockaddr_storage` of an address without port.
fn socket_address(address: IpAddr) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of::<libc::sockaddr_storage>());
    match address {
        IpAddr::V4(address) => {
            bytes.extend(family(libc::AF_INET));
            bytes.extend([0; 2]); // port
            bytes.extend(address.octets());
        }
        IpAddr::V6(address) => {
            bytes.extend(family(libc::AF_INET6));
            bytes.extend([0; 2]); // port
            bytes.extend([0; 4]); // flow information
            bytes.extend(address.octets());
        }
    }
    bytes.resize(size_of::<libc::sockaddr_storage>(), 0);
    bytes
}

fn family(family: c_int) -> [u8; 2] {
    libc::sa_family_t::try_from(family).unwrap_or(0).to_ne_bytes()
}

fn set_option(socket: BorrowedFd<'_>, level: c_int, name: c_int, value: &[u8]) -> io::Result<()> {
    let length = socklen_t::try_from(value.len()).unwrap_or(0);
    // SAFETY: the descriptor is open, as it is borrowed; the kernel reads `length` bytes at the
    // pointer, which are those of `value`, and keeps nothing of them.
    let status =
        unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, value.as_ptr().cast(), length) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn get_option(
    socket: BorrowedFd<'_>,
    level: c_int,
    name: c_int,
    value: &mut [u8],
) -> io::Result<()> {
    let mut length = socklen_t::try_from(value.len()).unwrap_or(0);
    let descriptor = socket.as_raw_fd();
    // SAFETY: the descriptor is open, as it is borrowed; the kernel writes at most `length` bytes
    // at the pointer, which are those of `value`, and the length that it has into `length`.
    let status = unsafe {
        libc::getsockopt(descriptor, level, name, value.as_mut_ptr().cast(), &raw mut length)
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;

    fn socket(domain: Domain) -> Socket {
        Socket::new(domain, Type::STREAM, None).unwrap()
    }

    #[test]
    fn the_layout_is_that_of_the_kernel() {
        let value = md5_value("10.0.0.0".parse().unwrap(), Some(8), b"secret");
        assert_eq!(value.len(), 216);
        assert_eq!(value[..8], [2, 0, 0, 0, 10, 0, 0, 0]);
        assert_eq!(value[128..136], [1, 8, 6, 0, 0, 0, 0, 0]);
        assert_eq!(value[136..142], *b"secret");
        let value = md5_value("2001:db8::1".parse().unwrap(), None, b"k");
        assert_eq!(value[..2], [10, 0]);
        assert_eq!(value[8..12], [0x20, 0x01, 0x0d, 0xb8]);
        assert_eq!(value[128..132], [0, 0, 1, 0]);
    }

    #[test]
    fn the_kernel_takes_keys_of_hosts_and_prefixes_of_both_families() {
        let check = |domain, address: &str, prefix_len| {
            let socket = socket(domain);
            let address = address.parse().unwrap();
            set_md5_key(&socket, address, prefix_len, &[b'k'; MD5_KEY_MAX]).unwrap();
            set_md5_key(&socket, address, prefix_len, b"").unwrap();
            // The key is gone: it cannot be removed again.
            set_md5_key(&socket, address, prefix_len, b"").unwrap_err();
        };
        check(Domain::IPV4, "192.0.2.1", 32);
        check(Domain::IPV4, "192.0.2.0", 24);
        check(Domain::IPV6, "2001:db8::1", 128);
        check(Domain::IPV6, "2001:db8::", 32);
    }

    #[test]
    fn a_key_that_is_too_long_is_refused() {
        let socket = socket(Domain::IPV4);
        let address = "192.0.2.1".parse().unwrap();
        set_md5_key(&socket, address, 32, &[b'k'; MD5_KEY_MAX + 1]).unwrap_err();
    }

    #[test]
    fn a_key_of_the_other_family_is_refused() {
        set_md5_key(socket(Domain::IPV4), "2001:db8::1".parse().unwrap(), 128, b"k").unwrap_err();
    }

    #[test]
    fn the_layout_of_an_ao_key_is_that_of_the_kernel() {
        let peers = ("10.0.0.0".parse().unwrap(), 8);
        let value = ao_value(peers, (7, "hmac(sha1)"), b"secret");
        assert_eq!(value.len(), 288);
        assert_eq!(value[..8], [2, 0, 0, 0, 10, 0, 0, 0]);
        assert_eq!(value[128..139], *b"hmac(sha1)\0");
        assert_eq!(value[192..208], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 7, 0, 0, 6]);
        assert_eq!(value[208..215], *b"secret\0");
    }

    /// What a kernel without TCP-AO answers, and no other error.
    fn is_missing(error: &io::Error) -> bool {
        error.raw_os_error() == Some(libc::ENOPROTOOPT)
    }

    #[test]
    fn the_kernel_takes_ao_keys_or_says_that_it_has_none() {
        for (domain, address) in [(Domain::IPV4, "192.0.2.1"), (Domain::IPV6, "2001:db8::1")] {
            let address: IpAddr = address.parse().unwrap();
            let peers = (address, if address.is_ipv6() { 128 } else { 32 });
            for algorithm in ["hmac(sha1)", "cmac(aes128)", "hmac(sha256)"] {
                let socket = socket(domain);
                assert!(!is_ao_signed(&socket));
                match add_ao_key(&socket, peers, (1, algorithm), b"key") {
                    Ok(()) => {
                        assert!(is_ao_signed(&socket));
                        delete_ao_key(&socket, peers, 1).unwrap();
                        // The key is gone: it cannot be removed again.
                        delete_ao_key(&socket, peers, 1).unwrap_err();
                    }
                    Err(error) => {
                        assert!(is_missing(&error), "{algorithm}: {error}");
                        assert!(is_missing(&delete_ao_key(&socket, peers, 1).unwrap_err()));
                    }
                }
            }
        }
        let peers = ("192.0.2.1".parse().unwrap(), 32);
        let long = [b'k'; AO_KEY_MAX + 1];
        add_ao_key(socket(Domain::IPV4), peers, (1, "hmac(sha1)"), &long).unwrap_err();
    }

    #[test]
    fn the_kernel_takes_a_minimum_ttl() {
        set_minimum_ttl(socket(Domain::IPV4), false, 255).unwrap();
        set_minimum_ttl(socket(Domain::IPV6), true, 255).unwrap();
        let closed = std::fs::File::open("/dev/null").unwrap();
        set_minimum_ttl(closed, false, 255).unwrap_err();
    }
}
