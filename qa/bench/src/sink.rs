//! A peer that takes everything and counts it.
//!
//! It listens at one address a session, since the program tells its neighbors apart by address.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use getopts::Matches;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::{Failure, hold, microseconds, number, wire};

/// How often KEEPALIVEs are sent: the hold time is 180 seconds.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(50);

struct Session {
    stream: TcpStream,
    inbox: Vec<u8>,
    filled: usize,
    established: bool,
    eor: bool,
}

/// What all sessions together received.
#[derive(Default)]
struct Totals {
    updates: usize,
    announced: usize,
    withdrawn: usize,
    bytes: usize,
    opens: usize,
    established: usize,
    eors: usize,
    /// The last host announced, and how many messages began before it.
    last: u32,
    misplaced: usize,
    late: Vec<u32>,
}

impl Totals {
    fn print(&self, event: &str, start: Instant) {
        println!(
            "{{\"event\": \"{event}\", \"seconds\": {:.6}, \"updates\": {}, \"announced\": {}, \
             \"withdrawn\": {}, \"bytes\": {}, \"misplaced\": {}}}",
            start.elapsed().as_secs_f64(),
            self.updates,
            self.announced,
            self.withdrawn,
            self.bytes,
            self.misplaced
        );
    }
}

/// What the person asked for.
struct Wishes {
    peers: usize,
    hold: bool,
    then: Option<usize>,
    latency: Option<usize>,
}

pub fn run(matches: &Matches) -> Result<(), Failure> {
    let base: Ipv4Addr = matches.opt_get_default("base", Ipv4Addr::LOCALHOST)?;
    let wishes = Wishes {
        peers: number(matches, "peers", 1)?,
        hold: matches.opt_present("hold"),
        then: matches.opt_get("then")?,
        latency: if matches.opt_present("latency") {
            Some(number(matches, "count", 1000)?)
        } else {
            None
        },
    };
    let mut port = u16::try_from(number(matches, "port", 0)?)?;
    let mut poll = Poll::new()?;
    let mut listeners = Vec::new();
    for index in 0..wishes.peers {
        let ip = Ipv4Addr::from(u32::from(base) + u32::try_from(index)?);
        let mut listener = TcpListener::bind(SocketAddr::new(IpAddr::V4(ip), port))?;
        port = listener.local_addr()?.port();
        poll.registry().register(&mut listener, Token(index), Interest::READABLE)?;
        listeners.push(listener);
    }
    println!("{{\"event\": \"listening\", \"port\": {port}}}");
    serve(&mut poll, &listeners, &wishes, matches)
}

fn serve(
    poll: &mut Poll,
    listeners: &[TcpListener],
    wishes: &Wishes,
    matches: &Matches,
) -> Result<(), Failure> {
    let start = Instant::now();
    let mut sessions: HashMap<Token, Session> = HashMap::new();
    let mut next = wishes.peers;
    let mut totals = Totals::default();
    let mut alive = Instant::now();
    let mut events = Events::with_capacity(1024);
    let mut released = false;
    loop {
        match poll.poll(&mut events, Some(KEEPALIVE_INTERVAL)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            outcome => outcome?,
        }
        if alive.elapsed() >= KEEPALIVE_INTERVAL {
            alive = Instant::now();
            for session in sessions.values_mut().filter(|session| session.established) {
                session.stream.write_all(&wire::keepalive())?;
            }
        }
        for event in &events {
            if let Some(listener) = listeners.get(event.token().0) {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    poll.registry().register(&mut stream, Token(next), Interest::READABLE)?;
                    let session = Session {
                        stream,
                        inbox: vec![0; if wishes.peers > 1 { 16 << 10 } else { 1 << 20 }],
                        filled: 0,
                        established: false,
                        eor: false,
                    };
                    sessions.insert(Token(next), session);
                    next += 1;
                }
            } else if let Some(session) = sessions.get_mut(&event.token())
                && !turn(session, &mut totals, wishes, start)?
            {
                sessions.remove(&event.token());
            }
        }
        if wishes.hold && !released && totals.opens >= wishes.peers {
            released = true;
            hold(matches)?;
            for session in sessions.values_mut() {
                session.stream.write_all(&wire::keepalive())?;
            }
        }
    }
}

/// Reads what is there; false when the session ended.
fn turn(
    session: &mut Session,
    totals: &mut Totals,
    wishes: &Wishes,
    start: Instant,
) -> Result<bool, Failure> {
    loop {
        match session.stream.read(&mut session.inbox[session.filled..]) {
            Ok(0) => return Ok(false),
            Ok(count) => session.filled += count,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return Ok(true),
                ErrorKind::Interrupted => continue,
                _ => return Ok(false),
            },
        }
        let mut at = 0;
        while let Some((kind, body, length)) = wire::frame(&session.inbox[at..session.filled]) {
            totals.bytes += length;
            match kind {
                wire::OPEN => {
                    session.stream.write_all(&wire::open(0x0a00_0002))?;
                    totals.opens += 1;
                    if !wishes.hold {
                        session.stream.write_all(&wire::keepalive())?;
                    } else if totals.opens == wishes.peers {
                        totals.print("open", start);
                    }
                }
                wire::KEEPALIVE if !session.established => {
                    session.established = true;
                    totals.established += 1;
                    if totals.established == wishes.peers {
                        totals.print("established", start);
                    }
                }
                wire::UPDATE => {
                    let counts = wire::count(body).ok_or("an UPDATE that cannot be read")?;
                    session.eor |= updated(totals, &counts, session.eor, wishes, start);
                }
                wire::NOTIFICATION => {
                    println!("{{\"event\": \"notification\", \"code\": {:?}}}", &body[..2]);
                }
                _ => {}
            }
            at += length;
        }
        session.inbox.copy_within(at..session.filled, 0);
        session.filled -= at;
    }
}

/// Counts an UPDATE, prints a stage that it completes, and answers whether it is an End-of-RIB.
fn updated(
    totals: &mut Totals,
    counts: &wire::Counts,
    after: bool,
    wishes: &Wishes,
    start: Instant,
) -> bool {
    totals.updates += 1;
    let before = totals.announced;
    totals.announced += counts.announced;
    totals.withdrawn += counts.withdrawn;
    if let Some((first, last)) = counts.ends {
        totals.misplaced += usize::from(first < totals.last);
        totals.last = last;
    }
    if counts.eor {
        totals.eors += 1;
        if totals.eors == wishes.peers {
            totals.print("eor", start);
            if wishes.then.is_some() {
                *totals = Totals {
                    established: totals.established,
                    eors: totals.eors,
                    ..Totals::default()
                };
            }
        }
        return true;
    }
    if let (true, Some(then)) = (after, wishes.then)
        && before < then
        && totals.announced >= then
    {
        totals.print("then", start);
    }
    if let (Some(count), Some(med)) = (wishes.latency, counts.med) {
        totals.late.push(microseconds().wrapping_sub(med));
        if totals.late.len() == count {
            totals.late.sort_unstable();
            let rank = |percent: usize| totals.late[(count - 1) * percent / 100];
            println!(
                "{{\"event\": \"latency\", \"p50\": {}, \"p90\": {}, \"p99\": {}, \"max\": {}}}",
                rank(50),
                rank(90),
                rank(99),
                rank(100)
            );
        }
    }
    false
}
