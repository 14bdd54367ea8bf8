//! A peer that gives many routes at once.
//!
//! With `--refresh` it asks for a refresh after the last one: the program answers when it has taken
//! everything that came before, which is how the end is seen from outside.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Instant;

use getopts::Matches;

use crate::{Failure, hold, number, wire};

pub fn run(matches: &Matches) -> Result<(), Failure> {
    let base: Ipv4Addr = matches.opt_get_default("base", Ipv4Addr::LOCALHOST)?;
    let port = u16::try_from(number(matches, "port", 0)?)?;
    let count = number(matches, "count", 1_000_000)?;
    let sets = number(matches, "sets", 1)?;
    let each = number(matches, "each", usize::MAX)?;
    let stream = stream(count, sets, each);

    let listener = TcpListener::bind((base, port))?;
    println!("{{\"event\": \"listening\", \"port\": {}}}", listener.local_addr()?.port());
    let (mut socket, _) = listener.accept()?;
    socket.set_nodelay(true)?;
    let mut inbox = Inbox { bytes: Vec::new(), socket: socket.try_clone()? };
    while inbox.next()?.0 != wire::OPEN {}
    socket.write_all(&wire::open(0x0a00_0002))?;
    socket.write_all(&wire::keepalive())?;
    // What the program has to say: one route at least where it is asked to answer a refresh, and
    // its End-of-RIB, in either order.
    let (mut route, mut eor) = (!matches.opt_present("refresh"), false);
    while !(route && eor) {
        if let (wire::UPDATE, body) = inbox.next()? {
            eor |= body.len() == 4;
            route |= body.len() > 4;
        }
    }
    println!("{{\"event\": \"established\", \"bytes\": {}}}", stream.len());
    hold(matches)?;
    let start = Instant::now();
    let mut writer = socket.try_clone()?;
    let writing = std::thread::spawn(move || writer.write_all(&stream));
    if matches.opt_present("refresh") {
        while !matches!(inbox.next()?, (wire::UPDATE, body) if body.len() > 4) {}
        println!(
            "{{\"event\": \"taken\", \"seconds\": {:.6}, \"announced\": {count}}}",
            start.elapsed().as_secs_f64()
        );
    }
    // The session stays until the other side has had enough.
    while inbox.next().is_ok()
        && (!writing.is_finished() || socket.write_all(&wire::keepalive()).is_ok())
    {}
    Ok(())
}

/// Every route, the End-of-RIB, and the request for a refresh.
fn stream(count: usize, sets: usize, each: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut body = Vec::with_capacity(wire::MESSAGE_MAX);
    let share = count.div_ceil(sets);
    let mut sent = 0;
    while sent < count {
        let set = sent / share;
        let attributes = wire::attributes(u32::try_from(set).unwrap_or_default());
        let room = (wire::MESSAGE_MAX - 19 - 4 - attributes.len()) / 4;
        let end = count.min((set + 1) * share).min(sent + room.min(each));
        body.clear();
        body.extend([0, 0]);
        body.extend(u16::try_from(attributes.len()).unwrap_or_default().to_be_bytes());
        body.extend(&attributes);
        for number in sent..end {
            let prefix = 0x0100_0000 + u32::try_from(number).unwrap_or_default() * 256;
            body.push(24);
            body.extend(&prefix.to_be_bytes()[..3]);
        }
        wire::message(&mut out, wire::UPDATE, &body);
        sent = end;
    }
    wire::message(&mut out, wire::UPDATE, &[0; 4]);
    wire::message(&mut out, 5, &[0, 1, 0, 1]);
    out
}

struct Inbox {
    bytes: Vec<u8>,
    socket: TcpStream,
}

impl Inbox {
    /// The next message: type and body.
    fn next(&mut self) -> Result<(u8, Vec<u8>), Failure> {
        loop {
            if let Some((kind, body, length)) = wire::frame(&self.bytes) {
                let message = (kind, body.to_vec());
                self.bytes.drain(..length);
                return Ok(message);
            }
            let mut piece = [0; 65536];
            match self.socket.read(&mut piece)? {
                0 => return Err("the program closed the session".into()),
                count => self.bytes.extend(&piece[..count]),
            }
        }
    }
}
