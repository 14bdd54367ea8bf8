//! A connection over a scripted socket: blocked, closed and broken at every byte.
//!
//! The socket behaves as an edge-triggered kernel does. Bytes arrive, and room is made, in steps;
//! each step is one edge, and no other edge comes. So a connection that forgets that there is more
//! to read or to write stands still, and the test says so.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests stop the test like tests do"
)]

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

use exabgp::reactor::limits;
use exabgp::reactor::network::{
    Budget, Class, Connection, Defensive, Establishing, Farewell, Reading, Shared, Stream, Writing,
};
use nix::errno::Errno;

/// What the kernel does once all has arrived, or all room is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Nothing more.
    Silence,
    /// The peer has closed.
    End,
    /// The connection is broken.
    Broken(Errno),
}

/// A socket of which the test decides what has arrived, and for how much there is room.
#[derive(Debug)]
struct Socket {
    input: Vec<u8>,
    /// Bytes of the input that have been read.
    read: usize,
    /// Bytes of the input that have arrived.
    arrived: Cell<usize>,
    /// What follows after all that arrives.
    then: Cell<Then>,
    /// What was written.
    output: Vec<u8>,
    /// Bytes that may be written in all.
    room: Cell<usize>,
    /// What a write without room says, when it is not that it would block.
    wall: Cell<Option<Errno>>,
    /// Faults that pass: each is answered once, before the next call that would move bytes.
    hiccups: Cell<Option<Errno>>,
    /// Whether every call is first answered by that fault.
    always: Option<Errno>,
    shut: Cell<bool>,
    connected: Cell<bool>,
}

impl Socket {
    fn new(input: &[u8]) -> Self {
        Self {
            input: input.to_vec(),
            read: 0,
            arrived: Cell::new(0),
            then: Cell::new(Then::Silence),
            output: Vec::new(),
            room: Cell::new(0),
            wall: Cell::new(None),
            hiccups: Cell::new(None),
            always: None,
            shut: Cell::new(false),
            connected: Cell::new(true),
        }
    }

    fn waiting(&self) -> usize {
        self.arrived.get() - self.read
    }

    /// The fault that is due before the next call.
    fn hiccup(&self) -> Option<Errno> {
        let due = self.hiccups.take();
        if due.is_none() {
            self.hiccups.set(self.always);
        }
        due
    }
}

impl Read for Socket {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if let Some(errno) = self.hiccup() {
            return Err(errno.into());
        }
        let count = space.len().min(self.waiting());
        if count == 0 {
            let all = self.read == self.input.len();
            return match self.then.get() {
                Then::End if all => Ok(0),
                Then::Broken(errno) if all => Err(errno.into()),
                _ => Err(Errno::EAGAIN.into()),
            };
        }
        space[..count].copy_from_slice(&self.input[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(errno) = self.hiccup() {
            return Err(errno.into());
        }
        let count = bytes.len().min(self.room.get() - self.output.len());
        if count == 0 {
            return Err(self.wall.get().unwrap_or(Errno::EAGAIN).into());
        }
        self.output.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Socket {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self.then.get() {
            Then::Broken(errno) => Ok(Some(errno.into())),
            Then::Silence | Then::End => Ok(None),
        }
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        if self.connected.get() { Ok(there()) } else { Err(Errno::ENOTCONN.into()) }
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
    SocketAddr::from(([127, 0, 0, 1], 40_000))
}

fn there() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 2], 179))
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![0xff; 16];
    message.extend(u16::try_from(19 + body.len()).unwrap().to_be_bytes());
    message.push(kind);
    message.extend(body);
    message
}

/// Messages as a session has them: short ones, one of middle length, short ones.
fn conversation() -> Vec<Vec<u8>> {
    vec![
        message(1, &[4; 10]),
        message(4, &[]),
        message(2, &(0..=90).collect::<Vec<u8>>()),
        message(4, &[]),
        message(3, &[6, 2]),
    ]
}

/// How a conversation ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Nothing more arrives.
    Quiet,
    Closed,
    Lost(Class),
}

/// Reads as an event loop does, until nothing more arrives; the whole messages and the end.
fn listen(socket: Socket, steps: &[usize], calls: u32, shared: &mut Shared) -> (Vec<Vec<u8>>, End) {
    let mut connection = Connection::accepted(socket, here(), there());
    let mut steps = steps.iter();
    let mut messages = Vec::new();
    let mut turns = 0;
    let end = 'turns: loop {
        turns += 1;
        assert!(turns < 100_000, "the connection goes round in circles");
        let mut budget = Budget::new(calls);
        loop {
            match connection.reader(shared, &mut budget) {
                Ok(Reading::Bytes(count)) => assert!(count > 0),
                Ok(Reading::Blocked) => break,
                // The timer, and the next turn.
                Ok(Reading::Retry | Reading::Spent) => continue 'turns,
                Ok(Reading::Closed) => break 'turns End::Closed,
                Err(error) => break 'turns End::Lost(error.class),
            }
            take_messages(&mut connection, &mut messages);
        }
        let socket = connection.stream();
        assert_eq!(socket.waiting(), 0, "bytes wait and nobody will say so");
        let Some(step) = steps.next() else { break End::Quiet };
        socket.arrived.set(*step);
        let last = *step == socket.input.len() && socket.then.get() != Then::Silence;
        connection.ready(true, false);
        if last {
            connection.hang_up();
        }
    };
    assert_eq!(connection.unread().len() + messages.concat().len(), connection.stream().read);
    (messages, end)
}

fn take_messages(connection: &mut Connection<Socket>, messages: &mut Vec<Vec<u8>>) {
    while let Some(length) = connection.unread().get(16..18) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let Some(message) = connection.unread().get(..length) else { break };
        messages.push(message.to_vec());
        connection.consume(length);
    }
}

/// The messages that are whole within the first `count` bytes.
fn whole(count: usize) -> Vec<Vec<u8>> {
    let mut end = 0;
    let is_whole = |message: &Vec<u8>| {
        end += message.len();
        end <= count
    };
    conversation().into_iter().take_while(is_whole).collect()
}

#[test]
fn reading_is_blocked_at_every_byte() {
    let bytes = conversation().concat();
    for calls in [1, 3] {
        for at in 0..=bytes.len() {
            let socket = Socket::new(&bytes);
            let heard = listen(socket, &[at, bytes.len()], calls, &mut Shared::default());
            assert_eq!(heard, (conversation(), End::Quiet), "blocked at {at}");
        }
    }
}

#[test]
fn bytes_arrive_one_at_a_time() {
    let bytes = conversation().concat();
    let steps: Vec<usize> = (1..=bytes.len()).collect();
    let heard = listen(Socket::new(&bytes), &steps, 1, &mut Shared::default());
    assert_eq!(heard, (conversation(), End::Quiet));
}

#[test]
fn the_peer_closes_at_every_byte() {
    let bytes = conversation().concat();
    for at in 0..=bytes.len() {
        let socket = Socket::new(&bytes[..at]);
        socket.then.set(Then::End);
        let heard = listen(socket, &[at], 1, &mut Shared::default());
        assert_eq!(heard, (whole(at), End::Closed), "closed at {at}");
    }
}

#[test]
fn the_peer_closes_some_time_after_every_byte() {
    let bytes = conversation().concat();
    for at in 0..=bytes.len() {
        let socket = Socket::new(&bytes[..at]);
        socket.then.set(Then::End);
        // The last bytes arrive, all is read; then the end makes an edge of its own.
        let heard = listen(socket, &[at / 2, at, at], 3, &mut Shared::default());
        assert_eq!(heard, (whole(at), End::Closed), "closed at {at}");
    }
}

#[test]
fn the_connection_breaks_at_every_byte() {
    let bytes = conversation().concat();
    for errno in [Errno::ECONNRESET, Errno::ETIMEDOUT, Errno::EPIPE] {
        for at in 0..=bytes.len() {
            let socket = Socket::new(&bytes[..at]);
            socket.then.set(Then::Broken(errno));
            let heard = listen(socket, &[at], 3, &mut Shared::default());
            assert_eq!(heard, (whole(at), End::Lost(Class::Lost)), "{errno} at {at}");
        }
    }
}

#[test]
fn every_read_is_interrupted_or_finds_no_memory_first() {
    let bytes = conversation().concat();
    for errno in [Errno::EINTR, Errno::ENOBUFS, Errno::ENOMEM] {
        for at in 0..=bytes.len() {
            let mut socket = Socket::new(&bytes);
            socket.always = Some(errno);
            let heard = listen(socket, &[at, bytes.len()], 3, &mut Shared::default());
            assert_eq!(heard, (conversation(), End::Quiet), "{errno} at {at}");
        }
    }
}

#[test]
fn injected_faults_lose_nothing() {
    let bytes = conversation().concat();
    let steps: Vec<usize> = (1..=bytes.len()).step_by(7).chain([bytes.len()]).collect();
    for seed in 0..200 {
        let mut shared = Shared { defensive: Defensive::seeded(seed), ..Shared::default() };
        let heard = listen(Socket::new(&bytes), &steps, 3, &mut shared);
        assert_eq!(heard, (conversation(), End::Quiet), "seed {seed}");
        let spoken = speak(&bytes, &steps, 3, None, &mut shared);
        assert_eq!(spoken, (bytes.clone(), None), "seed {seed}");
    }
}

#[test]
fn the_longest_messages_arrive_in_pieces_of_every_kind() {
    let bytes: Vec<u8> =
        (0..6).flat_map(|_| message(2, &vec![7; limits::MESSAGE_MAX - 19])).collect();
    for piece in [1000, 4096, 65_534, 65_535, 65_536, 131_072, 200_000] {
        let steps: Vec<usize> =
            (1..).map(|count| count * piece).take_while(|end| *end < bytes.len()).collect();
        let steps = [&steps[..], &[bytes.len()]].concat();
        let (messages, end) = listen(Socket::new(&bytes), &steps, 3, &mut Shared::default());
        assert_eq!((messages.len(), end), (6, End::Quiet), "pieces of {piece}");
        assert!(messages.concat() == bytes);
    }
}

/// Writes as an event loop does, while room is made; what was written, and how it was cut short.
fn speak(
    bytes: &[u8],
    rooms: &[usize],
    calls: u32,
    wall: Option<Errno>,
    shared: &mut Shared,
) -> (Vec<u8>, Option<Class>) {
    speak_over(Socket::new(&[]), bytes, rooms, calls, wall, shared)
}

#[expect(clippy::too_many_arguments, reason = "a script has as many parts")]
fn speak_over(
    socket: Socket,
    bytes: &[u8],
    rooms: &[usize],
    calls: u32,
    wall: Option<Errno>,
    shared: &mut Shared,
) -> (Vec<u8>, Option<Class>) {
    let mut connection = Connection::accepted(socket, here(), there());
    connection.outbox.append(bytes);
    let mut rooms = rooms.iter();
    let mut turns = 0;
    loop {
        turns += 1;
        assert!(turns < 100_000, "the connection goes round in circles");
        match connection.writer(shared, &mut Budget::new(calls)) {
            Ok(Writing::Done) => {
                assert!(connection.outbox.is_empty());
                return (connection.stream().output.clone(), None);
            }
            Ok(Writing::Retry | Writing::Spent) => continue,
            Ok(Writing::Blocked) => {}
            Err(error) => return (connection.stream().output.clone(), Some(error.class)),
        }
        let socket = connection.stream();
        assert_eq!(socket.room.get(), socket.output.len(), "there is room and nobody will say so");
        match rooms.next() {
            Some(room) => socket.room.set((*room).max(socket.room.get())),
            None => socket.wall.set(wall),
        }
        connection.ready(false, true);
    }
}

#[test]
fn writing_is_blocked_at_every_byte() {
    let bytes = conversation().concat();
    for calls in [1, 3] {
        for at in 0..=bytes.len() {
            let rooms = [at, bytes.len()];
            let spoken = speak(&bytes, &rooms, calls, None, &mut Shared::default());
            assert_eq!(spoken, (bytes.clone(), None), "blocked at {at}");
        }
    }
}

#[test]
fn bytes_leave_one_at_a_time() {
    let bytes = conversation().concat();
    let rooms: Vec<usize> = (1..=bytes.len()).collect();
    let spoken = speak(&bytes, &rooms, 1, None, &mut Shared::default());
    assert_eq!(spoken, (bytes, None));
}

#[test]
fn what_is_appended_later_leaves_without_another_edge() {
    let socket = Socket::new(&[]);
    socket.room.set(1000);
    let mut connection = Connection::accepted(socket, here(), there());
    let mut shared = Shared::default();
    for message in conversation() {
        connection.outbox.append(&message);
        let written = connection.writer(&mut shared, &mut Budget::new(1));
        assert_eq!(written, Ok(Writing::Done));
    }
    assert_eq!(connection.stream().output, conversation().concat());
}

#[test]
fn the_connection_breaks_at_every_byte_written() {
    let bytes = conversation().concat();
    for errno in [Errno::EPIPE, Errno::ECONNRESET, Errno::ETIMEDOUT] {
        for at in 0..bytes.len() {
            let spoken = speak(&bytes, &[at], 3, Some(errno), &mut Shared::default());
            assert_eq!(spoken, (bytes[..at].to_vec(), Some(Class::Lost)), "{errno} at {at}");
        }
    }
}

#[test]
fn every_write_is_interrupted_or_finds_no_memory_first() {
    let bytes = conversation().concat();
    for errno in [Errno::EINTR, Errno::ENOBUFS, Errno::ENOMEM] {
        for at in 0..=bytes.len() {
            let mut socket = Socket::new(&[]);
            socket.always = Some(errno);
            let rooms = [at, bytes.len()];
            let spoken = speak_over(socket, &bytes, &rooms, 3, None, &mut Shared::default());
            assert_eq!(spoken, (bytes.clone(), None), "{errno} at {at}");
        }
    }
}

#[test]
fn a_blocked_writer_does_not_keep_the_reader_from_reading() {
    let bytes = conversation().concat();
    let socket = Socket::new(&bytes);
    socket.arrived.set(bytes.len());
    let mut connection = Connection::accepted(socket, here(), there());
    let (mut shared, mut messages) = (Shared::default(), Vec::new());
    connection.outbox.append(b"waits for ever");
    let mut budget = Budget::new(3);
    assert_eq!(connection.writer(&mut shared, &mut budget), Ok(Writing::Blocked));
    assert_eq!(connection.reader(&mut shared, &mut budget), Ok(Reading::Bytes(bytes.len())));
    take_messages(&mut connection, &mut messages);
    assert_eq!(messages, conversation());
    assert_eq!(connection.outbox.pending(), b"waits for ever");
}

/// Says a last message and lets the peer close after it; what the peer got.
fn part(rooms: &[usize], arrivals: &[usize], then: Then, shared: &mut Shared) -> Vec<u8> {
    let input = vec![9; 50];
    let socket = Socket::new(&input);
    socket.then.set(then);
    let mut connection = Connection::accepted(socket, here(), there());
    connection.outbox.append(&message(3, &[6, 2]));
    connection.finish(shared);
    let (mut rooms, mut arrivals) = (rooms.iter(), arrivals.iter());
    for _ in 0..1000 {
        match connection.linger(shared, &mut Budget::new(1)) {
            Farewell::Done => {
                assert!(connection.unread().is_empty());
                return connection.stream().output.clone();
            }
            Farewell::Again | Farewell::Retry => continue,
            Farewell::Waiting => {}
        }
        let socket = connection.stream();
        if let Some(room) = rooms.next() {
            assert!(!socket.shut.get(), "nothing was left to say");
            socket.room.set(*room);
            connection.ready(false, true);
        } else if let Some(arrival) = arrivals.next() {
            assert!(socket.shut.get(), "the peer does not know that we have finished");
            socket.arrived.set(*arrival);
            connection.ready(true, false);
            if *arrival == input.len() {
                connection.hang_up();
            }
        } else {
            panic!("the farewell does not end");
        }
    }
    panic!("the connection goes round in circles")
}

#[test]
fn a_last_message_is_said_whole_however_it_is_blocked() {
    let last = message(3, &[6, 2]);
    for seed in 0..20 {
        for at in 1..last.len() {
            let mut shared = Shared::default();
            if seed > 0 {
                shared.defensive = Defensive::seeded(seed);
            }
            for then in [Then::End, Then::Broken(Errno::ECONNRESET)] {
                let said = part(&[at, last.len()], &[0, 1, at, 50], then, &mut shared);
                assert_eq!(said, last, "blocked at {at}, seed {seed}");
            }
        }
    }
}

#[test]
fn a_last_message_to_a_broken_connection_is_given_up() {
    let last = message(3, &[6, 2]);
    for at in 0..last.len() {
        let socket = Socket::new(&[]);
        socket.room.set(at);
        socket.wall.set(Some(Errno::EPIPE));
        let mut connection = Connection::accepted(socket, here(), there());
        let mut shared = Shared::default();
        connection.outbox.append(&last);
        connection.finish(&mut shared);
        // A short write waits for an edge, which a broken connection gives at once.
        let mut farewell = connection.linger(&mut shared, &mut Budget::new(9));
        if farewell == Farewell::Waiting {
            connection.ready(false, true);
            farewell = connection.linger(&mut shared, &mut Budget::new(9));
        }
        assert_eq!(farewell, Farewell::Done, "broken at {at}");
        assert_eq!(connection.stream().output, last[..at]);
    }
}

#[test]
fn a_connection_is_established_by_the_event_that_means_it() {
    let socket = Socket::new(b"");
    socket.connected.set(false);
    socket.room.set(1000);
    let mut connection = Connection::connecting(socket, there());
    let mut shared = Shared::default();
    connection.outbox.append(b"open");
    for _ in 0..3 {
        assert_eq!(connection.establish(), Ok(Establishing::Waiting));
        let written = connection.writer(&mut shared, &mut Budget::new(9));
        assert_eq!(written, Ok(Writing::Blocked));
        connection.ready(false, true);
        assert_eq!(connection.establish(), Ok(Establishing::Waiting));
    }
    connection.stream().connected.set(true);
    connection.ready(false, true);
    assert_eq!(connection.establish(), Ok(Establishing::Connected));
    assert_eq!(connection.writer(&mut shared, &mut Budget::new(9)), Ok(Writing::Done));
    assert_eq!(connection.stream().output, b"open");
}

#[test]
fn an_attempt_fails_with_its_reason() {
    for (errno, class) in [
        (Errno::ECONNREFUSED, Class::Refused),
        (Errno::EHOSTUNREACH, Class::Unreachable),
        (Errno::ENETUNREACH, Class::Unreachable),
        (Errno::ETIMEDOUT, Class::Lost),
    ] {
        let socket = Socket::new(b"");
        socket.connected.set(false);
        socket.then.set(Then::Broken(errno));
        let mut connection = Connection::connecting(socket, there());
        connection.hang_up();
        connection.ready(false, true);
        let error = connection.establish().unwrap_err();
        assert_eq!((error.class, error.errno(), error.remote), (class, Some(errno), Some(there())));
    }
}
