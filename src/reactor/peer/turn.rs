//! A turn: what one peer does when the loop comes to it.

use std::time::Instant;

use super::{Peer, PeerKey};
use crate::bgp::attribute::Interner;
use crate::bgp::fsm::{Direction, Event, Link};
use crate::bgp::message;
use crate::bgp::{Negotiated, message::Notify};
use crate::reactor::api::Api;
use crate::reactor::event_loop::Due;
use crate::reactor::limits;
use crate::reactor::network::{Budget, Establishing, Reading, Shared, Writing};
use crate::reactor::source::Sources;
use crate::reactor::wheel::Wheel;

/// What a bounded piece of work answers to the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reactor) enum Turn {
    /// There is more to do: run me in the next iteration.
    Again,
    /// An event or a timer will bring me back.
    Wait,
    /// Nothing is left: remove me.
    Close,
}

/// What a peer wants that only the loop can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reactor) enum Ask {
    /// Open a connection to the neighbor.
    Connect(PeerKey),
    /// Drop a connection now.
    Drop(Link),
    /// Close a connection once what it holds has left.
    Close(Link),
}

/// What a turn may use of the loop.
#[derive(Debug)]
pub(in crate::reactor) struct Surroundings<'a> {
    pub api: &'a mut Api,
    pub wheel: &'a mut Wheel<Due>,
    pub interner: &'a mut Interner,
    pub shared: &'a mut Shared,
    pub asks: &'a mut Vec<Ask>,
    pub now: Instant,
}

impl Peer {
    /// One turn: read, tell the session, draw routes, write.
    pub(in crate::reactor) fn turn(
        &mut self,
        sources: &mut Sources,
        around: &mut Surroundings<'_>,
    ) -> Turn {
        let mut again = false;
        for (name, gate) in std::mem::take(&mut self.watches) {
            self.set_watchdog(&name, gate, around.interner);
        }
        self.carry_out(sources, around);
        if let Some(link) = self.attempt {
            self.establish(link, sources, around);
        }
        let mut index = 0;
        while let Some(link) = self.wires.get(index).map(|wire| wire.link) {
            again |= self.listen(link, sources, around);
            index += 1;
        }
        again |= self.supply(sources, around);
        let mut index = 0;
        while let Some(link) = self.wires.get(index).map(|wire| wire.link) {
            again |= self.write(link, sources, around);
            index += 1;
        }
        self.carry_out(sources, around);
        if self.is_gone() {
            Turn::Close
        } else if again {
            Turn::Again
        } else {
            Turn::Wait
        }
    }

    /// Looks whether the connection attempt has come to an end.
    fn establish(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) {
        let Some(carrier) = sources.carrier(link) else { return };
        match carrier.connection.establish() {
            Ok(Establishing::Waiting) => return,
            Ok(Establishing::Connected) => {
                let local = carrier.connection.local().map(|address| address.ip());
                match local {
                    Some(local) => {
                        let direction = Direction::Outgoing;
                        self.connected(Event::Connected { link, direction, local }, around.now);
                    }
                    None => self.refused(link, around),
                }
            }
            Err(error) => {
                log::info!(target: "network", "{error}");
                self.refused(link, around);
            }
        }
        self.carry_out(sources, around);
    }

    fn refused(&mut self, link: Link, around: &mut Surroundings<'_>) {
        self.attempt = None;
        around.asks.push(Ask::Drop(link));
        self.session.handle(Event::Refused, around.now);
    }

    /// Reads and handles what came, within a budget. True when there is more.
    fn listen(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) -> bool {
        let mut budget = Budget::new(limits::READS_PER_TURN);
        loop {
            if !around.api.keeps_up(&self.audience) {
                // A helper that must hear of this peer is behind: the bytes wait in the kernel.
                let waiting = sources.carrier(link).is_some_and(|c| c.connection.has_waiting());
                if waiting {
                    self.session.handle(Event::Waiting(link), around.now);
                }
                return false;
            }
            if !self.frames(link, sources, around) {
                return false;
            }
            let Some(carrier) = sources.carrier(link) else { return false };
            match carrier.connection.reader(around.shared, &mut budget) {
                Ok(Reading::Bytes(_)) => {}
                Ok(Reading::Blocked) => return false,
                Ok(Reading::Spent) => return true,
                Ok(Reading::Retry) => {
                    self.retry(link, sources, around);
                    return false;
                }
                Ok(Reading::Closed) => {
                    log::debug!(target: "network", "{}: closed by the peer", self.name());
                    self.lost(link, sources, around);
                    return false;
                }
                Err(error) => {
                    log::info!(target: "network", "{error}");
                    self.lost(link, sources, around);
                    return false;
                }
            }
        }
    }

    /// Handles every whole message that was read. False when the link is no longer the session's.
    fn frames(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) -> bool {
        loop {
            let Some(wire) = self.wire(link) else { return false };
            let size =
                wire.negotiated.as_ref().map_or(Negotiated::MESSAGE_SIZE, |n| n.message_size);
            let Some(carrier) = sources.carrier(link) else { return false };
            if !carrier.connection.is_open() {
                return false;
            }
            match message::frame(carrier.connection.unread(), size) {
                Ok(None) => return true,
                Ok(Some(frame)) => {
                    let length = frame.len();
                    self.receive(link, &frame, around);
                    if let Some(carrier) = sources.carrier(link) {
                        carrier.connection.consume(length);
                    }
                    if !around.api.keeps_up(&self.audience) {
                        self.carry_out(sources, around);
                        return true;
                    }
                }
                Err(notify) => self.fault(link, notify, around),
            }
            self.carry_out(sources, around);
        }
    }

    /// Tells the session and the helpers of a message that cannot be accepted.
    pub(super) fn fault(&mut self, link: Link, notify: Notify, around: &mut Surroundings<'_>) {
        log::warn!(target: "network", "{}: {notify}", self.name());
        self.session.handle(Event::Fault(link, notify), around.now);
    }

    /// The connection has ended.
    pub(super) fn lost(
        &mut self,
        link: Link,
        sources: &mut Sources,
        around: &mut Surroundings<'_>,
    ) {
        around.asks.push(Ask::Drop(link));
        self.wires.retain(|wire| wire.link != link);
        self.session.handle(Event::Lost(link), around.now);
        self.carry_out(sources, around);
    }

    /// Writes what waits. True when there is more and the kernel would take it.
    fn write(&mut self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) -> bool {
        let Some(carrier) = sources.carrier(link) else { return false };
        let before = carrier.connection.outbox.len();
        if before == 0 {
            return false;
        }
        let mut budget = Budget::new(limits::WRITES_PER_TURN);
        let written = carrier.connection.writer(around.shared, &mut budget);
        if carrier.connection.outbox.len() < before {
            self.session.handle(Event::Wrote(link), around.now);
        }
        match written {
            Ok(Writing::Done) => self.has_supply(),
            Ok(Writing::Blocked) => {
                // The socket brings us back, unless the peer never reads again (RFC 9687).
                self.session.handle(Event::Blocked(link), around.now);
                false
            }
            Ok(Writing::Spent) => true,
            Ok(Writing::Retry) => {
                self.retry(link, sources, around);
                false
            }
            Err(error) => {
                log::info!(target: "network", "{error}");
                self.lost(link, sources, around);
                false
            }
        }
    }

    /// No edge will come: look again in a moment.
    fn retry(&self, link: Link, sources: &mut Sources, around: &mut Surroundings<'_>) {
        let Some(carrier) = sources.carrier(link) else { return };
        if carrier.timer.is_none() {
            let deadline = around.now + limits::RETRY;
            carrier.timer = Some(around.wheel.arm(deadline, Due::Retry(link)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::rc::Rc;
    use std::time::Duration;

    use mio::{Events, Poll};

    use super::*;
    use crate::bgp::fsm::{Policy, Session, State, Timer};
    use crate::bgp::message::open::Identity;
    use crate::bgp::message::{Kind, Open};
    use crate::configuration::{self, RouteParser};
    use crate::protocol::Asn;
    use crate::reactor::api::Options;
    use crate::reactor::clock::Clock;
    use crate::reactor::network::{SocketOptions, connect};
    use crate::reactor::source::{Carrier, Source};

    /// How long the peer may take for anything.
    const PATIENCE: Duration = Duration::from_secs(20);
    /// What a send-hold timer of RFC 9687 waits at least.
    const SEND_HOLD: Duration = Duration::from_mins(8);

    /// A peer at work on a real connection, and the other end of it.
    struct Stage {
        peer: Peer,
        link: Link,
        sources: Sources,
        api: Api,
        wheel: Wheel<Due>,
        interner: Interner,
        shared: Shared,
        asks: Vec<Ask>,
        poll: Poll,
        events: Events,
        now: Instant,
        other: TcpStream,
    }

    impl Stage {
        fn new() -> Self {
            let text = "neighbor 127.0.0.1 { router-id 10.0.0.2; local-address 127.0.0.1; \
                        local-as 65010; peer-as 65010; family { ipv4 unicast; } }";
            let mut parser = RouteParser::new();
            let read = configuration::parse("a", text.as_bytes(), &Default::default(), &mut parser);
            let neighbor = Rc::new(read.unwrap().neighbors.remove(0));
            let clock = Clock::new();
            let now = clock.now();
            let session = Session::new(Rc::clone(&neighbor.settings), Policy::default(), now);
            let mut interner = Interner::new();
            let mut peer = Peer::new(neighbor, session, &mut interner, now, 1);
            peer.key = Some(PeerKey(0));
            peer.session.handle(Event::Start, now);

            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let options = SocketOptions::default();
            let mut connection = connect(listener.local_addr().unwrap(), &options).unwrap();
            let mut sources = Sources::default();
            let poll = Poll::new().unwrap();
            connection.register(poll.registry(), sources.next_token()).unwrap();
            let carrier = Carrier { connection, owner: peer.key, timer: None };
            let link = Link(sources.insert(Source::Connection(Box::new(carrier))));
            peer.attempt = Some(link);
            let (other, _) = listener.accept().unwrap();
            Self {
                peer,
                link,
                sources,
                api: Api::new(Options::default(), &clock),
                wheel: Wheel::new(now),
                interner,
                shared: Shared::default(),
                asks: Vec::new(),
                poll,
                events: Events::with_capacity(8),
                now,
                other,
            }
        }

        fn turn(&mut self) {
            let mut around = Surroundings {
                api: &mut self.api,
                wheel: &mut self.wheel,
                interner: &mut self.interner,
                shared: &mut self.shared,
                asks: &mut self.asks,
                now: self.now,
            };
            while self.peer.turn(&mut self.sources, &mut around) == Turn::Again {}
        }

        /// Takes turns as events come until `done`.
        fn until(&mut self, done: impl Fn(&Self) -> bool) {
            let deadline = Clock::new().now() + PATIENCE;
            loop {
                self.turn();
                if done(self) {
                    return;
                }
                let left = deadline.checked_duration_since(Clock::new().now()).expect("in time");
                self.poll.poll(&mut self.events, Some(left)).unwrap();
                let carrier = self.sources.carrier(self.link).unwrap();
                self.events.iter().for_each(|event| carrier.connection.mark(event));
            }
        }

        fn establish(&mut self) {
            let asn = Asn(65010);
            let identity = Identity { asn, router_id: [10, 0, 0, 1].into(), restarting: false };
            let open = Open::from_settings(self.peer.settings(), identity).unwrap();
            let mut said = Vec::new();
            open.pack(&mut said);
            message::write(&mut said, Kind::Keepalive, |_| {}).unwrap();
            self.other.write_all(&said).unwrap();
            self.until(|stage| stage.peer.state() == State::Established);
        }

        fn armed(&mut self) -> bool {
            self.peer.timer(Timer::SendHold).is_some_and(|timer| timer.is_some())
        }
    }

    #[test]
    fn a_peer_that_reads_nothing_is_given_up() {
        let mut stage = Stage::new();
        stage.establish();
        assert!(!stage.armed(), "nothing waits");
        let much = vec![0; 1 << 25];
        stage.sources.carrier(stage.link).unwrap().connection.outbox.append(&much);
        stage.turn();
        assert!(stage.armed(), "32 MiB are more than the kernel takes");
        stage.now += SEND_HOLD;
        stage.peer.session.handle(Event::Fired(Timer::SendHold), stage.now);
        stage.turn();
        assert_eq!(stage.peer.state(), State::Idle);
        assert!(stage.asks.contains(&Ask::Close(stage.link)), "{:?}", stage.asks);
    }
}
