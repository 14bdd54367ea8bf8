//! A BGP speaker that does exactly what its test says.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use super::wait::{Deadline, PATIENCE, readable};
use super::wire::{self, Frame, Open, Update};

/// A port where the program under test may connect to us.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// A free port of the address.
    pub fn bind(ip: impl Into<IpAddr>) -> Self {
        Self::at(SocketAddr::new(ip.into(), 0))
    }

    /// A free port of 127.0.0.1.
    pub fn new() -> Self {
        Self::bind([127, 0, 0, 1])
    }

    /// A given address and port.
    pub fn at(address: SocketAddr) -> Self {
        let socket = TcpListener::bind(address).expect("a listening socket");
        socket.set_nonblocking(true).expect("a non-blocking socket");
        let address = socket.local_addr().expect("its address");
        Self { socket, address }
    }

    /// Our address.
    pub fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// Our port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Makes the receive buffers of the connections to come as small as the system allows.
    pub fn shrink(&self) {
        let socket = socket2::SockRef::from(&self.socket);
        socket.set_recv_buffer_size(2048).expect("a small buffer");
    }

    /// The next connection.
    pub fn accept(&self) -> Peer {
        self.accept_within(PATIENCE).expect("a connection from the program")
    }

    /// The next connection, if it comes in time.
    pub fn accept_within(&self, patience: Duration) -> Option<Peer> {
        let deadline = Deadline::after(patience);
        loop {
            match self.socket.accept() {
                Ok((stream, _)) => return Some(Peer::new(stream)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("accept: {error}"),
            }
            if !deadline.ready(&mut [readable(&self.socket)]) {
                return None;
            }
        }
    }

    /// The next connection, taken to Established with our OPEN.
    pub fn establish(&self, open: &Open) -> Peer {
        let mut peer = self.accept();
        peer.establish(open);
        peer
    }
}

/// One connection with the program under test.
pub struct Peer {
    stream: TcpStream,
    inbox: Vec<u8>,
    seen: Vec<Frame>,
    theirs: Option<Open>,
}

impl Peer {
    fn new(stream: TcpStream) -> Self {
        stream.set_nonblocking(false).expect("a blocking socket");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, inbox: Vec::new(), seen: Vec::new(), theirs: None }
    }

    /// Connects to the program from one of our addresses. `None`: refused, or no answer in time.
    pub fn dial(from: IpAddr, to: SocketAddr, patience: Duration) -> Option<Self> {
        Self::dial_ttl(from, to, patience, None)
    }

    /// As [`Peer::dial`], with the time to live that our packets carry.
    pub fn dial_ttl(
        from: IpAddr,
        to: SocketAddr,
        patience: Duration,
        ttl: Option<u32>,
    ) -> Option<Self> {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))
            .expect("a socket");
        if let Some(ttl) = ttl {
            socket.set_ttl_v4(ttl).expect("a time to live");
        }
        socket.bind(&SocketAddr::new(from, 0).into()).expect("our address");
        socket.connect_timeout(&to.into(), patience).ok()?;
        Some(Self::new(socket.into()))
    }

    /// Connects as soon as the program listens.
    pub fn connect(from: IpAddr, to: SocketAddr) -> Self {
        super::until("the program listens", || Self::dial(from, to, Duration::from_secs(2)))
    }

    /// Sends octets.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the program reads");
    }

    /// Sends octets that the program may no longer want.
    pub fn offer(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes));
    }

    /// Sends each octet in a segment of its own.
    pub fn trickle(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.send(std::slice::from_ref(byte));
        }
    }

    /// Exchanges OPEN and KEEPALIVE; returns once the program's KEEPALIVE is here.
    pub fn establish(&mut self, open: &Open) {
        self.open(open);
        self.send(&wire::keepalive());
        let frame = self.frame();
        assert_eq!(frame.kind, wire::KEEPALIVE, "the answer to our OPEN: {frame:?}");
    }

    /// Sends our OPEN and reads theirs.
    pub fn open(&mut self, open: &Open) -> Open {
        self.send(&open.bytes());
        self.their_open()
    }

    /// Reads their OPEN, which must be the next message.
    pub fn their_open(&mut self) -> Open {
        let frame = self.frame();
        assert_eq!(frame.kind, wire::OPEN, "the first message: {frame:?}");
        let open = Open::parse(&frame.body);
        self.theirs = Some(open.clone());
        open
    }

    /// The next message, if one is complete before the deadline and before the end.
    pub fn try_frame(&mut self, deadline: Deadline) -> Result<Frame, &'static str> {
        loop {
            if let Some(frame) = self.take_frame() {
                self.seen.push(frame.clone());
                return Ok(frame);
            }
            let Some(left) = deadline.left() else { return Err("no message in time") };
            self.stream.set_read_timeout(Some(left)).expect("a time-out");
            let mut piece = [0_u8; 65536];
            match self.stream.read(&mut piece) {
                Ok(0) => return Err("the connection was closed"),
                Ok(count) => self.inbox.extend(&piece[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                    ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                        return Err("the connection was reset");
                    }
                    _ => panic!("reading from the program: {error}"),
                },
            }
        }
    }

    fn take_frame(&mut self) -> Option<Frame> {
        let header = self.inbox.get(..19)?;
        assert_eq!(&header[..16], &[0xff; 16], "the marker of {}", wire::hex(&self.inbox));
        let length = usize::from(u16::from_be_bytes([header[16], header[17]]));
        let kind = header[18];
        let body = self.inbox.get(19..length)?.to_vec();
        self.inbox.drain(..length);
        Some(Frame { kind, body })
    }

    /// The next message.
    pub fn frame(&mut self) -> Frame {
        self.try_frame(Deadline::usual()).expect("a message from the program")
    }

    /// The next message that is no KEEPALIVE.
    pub fn next(&mut self) -> Frame {
        loop {
            let frame = self.frame();
            if frame.kind != wire::KEEPALIVE {
                return frame;
            }
        }
    }

    /// The body of the next message, which must be an UPDATE, in hexadecimal.
    pub fn update_hex(&mut self) -> String {
        let frame = self.next();
        assert_eq!(frame.kind, wire::UPDATE, "{frame:?}");
        frame.hex()
    }

    /// The next message, which must be an UPDATE.
    pub fn update(&mut self) -> Update {
        let frame = self.next();
        assert_eq!(frame.kind, wire::UPDATE, "{frame:?}");
        Update::parse(&frame.body)
    }

    /// Every UPDATE until the End-of-RIB of IPv4 unicast, which is not among them.
    pub fn updates_until_eor(&mut self) -> Vec<Update> {
        let mut updates = Vec::new();
        loop {
            let frame = self.next();
            assert_eq!(frame.kind, wire::UPDATE, "{frame:?}");
            if frame.body == [0; 4] {
                return updates;
            }
            updates.push(Update::parse(&frame.body));
        }
    }

    /// As [`Peer::updates_until_eor`], from wherever the exchange of OPENs stands.
    pub fn updates_until_eor_from_open(&mut self) -> Vec<Update> {
        let mut frame = self.frame();
        while frame.kind == wire::OPEN || frame.kind == wire::KEEPALIVE {
            frame = self.frame();
        }
        assert_eq!(frame.kind, wire::UPDATE, "{frame:?}");
        if frame.body == [0; 4] {
            return Vec::new();
        }
        let mut updates = vec![Update::parse(&frame.body)];
        updates.extend(self.updates_until_eor());
        updates
    }

    /// The NOTIFICATION that must come now, after at most messages of other types: code, subcode
    /// and data; then the end of the connection.
    pub fn notification(&mut self) -> (u8, u8, Vec<u8>) {
        let deadline = Deadline::usual();
        loop {
            let frame = self.try_frame(deadline).expect("a NOTIFICATION");
            if frame.kind == wire::NOTIFICATION {
                self.closed();
                return (frame.body[0], frame.body[1], frame.body[2..].to_vec());
            }
        }
    }

    /// Code and subcode of the NOTIFICATION that must come now.
    pub fn notified(&mut self) -> (u8, u8) {
        let (code, subcode, _) = self.notification();
        (code, subcode)
    }

    /// Waits for the end of the connection; nothing may come before but KEEPALIVE.
    pub fn closed(&mut self) {
        let deadline = Deadline::usual();
        loop {
            match self.try_frame(deadline) {
                Ok(frame) if frame.kind == wire::KEEPALIVE => {}
                Ok(frame) => panic!("instead of the end: {frame:?}"),
                Err("no message in time") => panic!("the connection is still open"),
                Err(_) => return,
            }
        }
    }

    /// Ends the connection, and waits until the program has noticed.
    pub fn leave(mut self) {
        self.stream.shutdown(std::net::Shutdown::Write).expect("an open connection");
        self.closed();
    }

    /// The address and port of the program's end.
    pub fn address(&self) -> SocketAddr {
        self.stream.peer_addr().expect("the other end")
    }

    /// Their OPEN, once it was read.
    pub fn theirs(&self) -> &Open {
        self.theirs.as_ref().expect("their OPEN was read")
    }

    /// The socket, for what has no name here.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Reads for the given time and answers how many KEEPALIVEs came; anything else is a failure.
    pub fn only_keepalives(&mut self, time: Duration) -> usize {
        let deadline = Deadline::after(time);
        let mut count = 0;
        loop {
            match self.try_frame(deadline) {
                Ok(frame) if frame.kind == wire::KEEPALIVE => count += 1,
                Ok(frame) => panic!("nothing but KEEPALIVE was expected: {frame:?}"),
                Err("no message in time") => return count,
                Err(end) => panic!("{end}"),
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("what the program sent on this connection ({} messages):", self.seen.len());
            for frame in self.seen.iter().rev().take(30).rev() {
                println!("  {frame:?}");
            }
            println!("  and {} octets of an unfinished message", self.inbox.len());
        }
    }
}
