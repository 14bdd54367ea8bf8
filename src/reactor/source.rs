//! Everything that has a descriptor, in one slab: the key of an entry is its token in the poll.
//!
//! An entry is removed only between two batches of events (`retire`, then `reap`), so that no
//! event of a batch can reach another source that took its key.

use mio::{Registry, Token};
use slab::Slab;

use super::network::{Connection, Listener};
use super::peer::PeerKey;
use crate::bgp::fsm::Link;
use crate::reactor::api::{End, ProcessId};
use crate::reactor::wheel::TimerId;

/// What a token stands for.
#[derive(Debug)]
pub(super) enum Source {
    /// The pipe that signals write to.
    Signals,
    /// A socket that accepts connections.
    Listener(Listener),
    /// A BGP connection.
    Connection(Box<Carrier>),
    /// An end of a pipe to a helper, or to a client.
    Pipe(ProcessId, End),
    /// The socket that clients connect to.
    Door,
    /// Nothing any more: removed when the batch of events is over.
    Retired,
}

/// A connection and what belongs to it.
#[derive(Debug)]
pub(super) struct Carrier {
    pub connection: Connection,
    /// Whose it is; none when it is only told why it is refused.
    pub owner: Option<PeerKey>,
    /// The end of lingering, or the next try of a write without an edge to come.
    pub timer: Option<TimerId>,
}

/// The slab and what waits to leave it.
#[derive(Debug, Default)]
pub(super) struct Sources {
    slab: Slab<Source>,
    retired: Vec<usize>,
}

impl Sources {
    /// The key that the next insertion takes.
    pub(super) fn next_token(&self) -> Token {
        Token(self.slab.vacant_key())
    }

    /// Keeps a source, registered already with [`Sources::next_token`].
    pub(super) fn insert(&mut self, source: Source) -> usize {
        self.slab.insert(source)
    }

    /// What a key stands for.
    pub(super) fn get_mut(&mut self, key: usize) -> Option<&mut Source> {
        self.slab.get_mut(key)
    }

    /// The connection of a link.
    #[inline]
    pub(super) fn carrier(&mut self, link: Link) -> Option<&mut Carrier> {
        match self.slab.get_mut(link.0) {
            Some(Source::Connection(carrier)) => Some(carrier),
            _ => None,
        }
    }

    /// The listener behind a key.
    pub(super) fn listener(&mut self, key: usize) -> Option<&mut Listener> {
        match self.slab.get_mut(key) {
            Some(Source::Listener(listener)) => Some(listener),
            _ => None,
        }
    }

    /// The key of an end of a pipe.
    pub(super) fn pipe(&self, process: ProcessId, end: End) -> Option<usize> {
        self.slab.iter().find_map(|(key, source)| match source {
            Source::Pipe(other, side) if *other == process && *side == end => Some(key),
            _ => None,
        })
    }

    /// Every listener with its key.
    pub(super) fn listeners(&mut self) -> impl Iterator<Item = (usize, &mut Listener)> {
        self.slab.iter_mut().filter_map(|(key, source)| match source {
            Source::Listener(listener) => Some((key, listener)),
            _ => None,
        })
    }

    /// Ends a source now and frees its key at the next [`Sources::reap`].
    pub(super) fn retire(&mut self, key: usize, registry: &Registry) {
        let Some(source) = self.slab.get_mut(key) else { return };
        let gone = match source {
            Source::Connection(carrier) => carrier.connection.deregister(registry),
            Source::Listener(listener) => listener.deregister(registry),
            Source::Signals | Source::Pipe(..) | Source::Door => Ok(()),
            Source::Retired => return,
        };
        if let Err(error) = gone {
            log::debug!(target: "reactor", "cannot deregister source {key}: {error}");
        }
        *source = Source::Retired;
        self.retired.push(key);
    }

    /// Frees the keys of retired sources.
    pub(super) fn reap(&mut self) {
        for key in self.retired.drain(..) {
            self.slab.remove(key);
        }
    }
}
