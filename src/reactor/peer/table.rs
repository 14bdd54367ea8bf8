//! The peers: by key, in the order of their definition, and those that have work to do.

use std::collections::VecDeque;
use std::net::IpAddr;

use slab::Slab;

use super::Peer;

/// The key of a peer; reused after its removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerKey(pub(in crate::reactor) usize);

/// To whom an incoming connection belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reactor) enum Caller {
    /// A neighbor of its own.
    Known(PeerKey),
    /// A range, for which a neighbor must be made.
    InRange(PeerKey),
    /// More than one range.
    Ambiguous,
    /// Nobody we know.
    Unknown,
}

/// Every peer, and the queue of those to be given a turn.
#[derive(Debug, Default)]
pub struct Peers {
    slab: Slab<Peer>,
    order: Vec<PeerKey>,
    queue: VecDeque<PeerKey>,
    generation: u64,
}

impl Peers {
    /// Adds a peer at the end of the order.
    pub(in crate::reactor) fn insert(&mut self, peer: Peer) -> PeerKey {
        let key = PeerKey(self.slab.insert(peer));
        self.order.push(key);
        self.generation += 1;
        key
    }

    /// Removes a peer.
    pub(in crate::reactor) fn remove(&mut self, key: PeerKey) -> Option<Peer> {
        let peer = self.slab.try_remove(key.0)?;
        self.order.retain(|other| *other != key);
        self.queue.retain(|other| *other != key);
        self.generation += 1;
        Some(peer)
    }

    /// The peer of a key.
    pub fn get(&self, key: PeerKey) -> Option<&Peer> {
        self.slab.get(key.0)
    }

    /// The peer of a key, which is also given a turn.
    #[inline]
    pub fn touch(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.wake(key);
        self.slab.get_mut(key.0)
    }

    /// The peer of a key.
    #[inline]
    pub(in crate::reactor) fn get_mut(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.slab.get_mut(key.0)
    }

    /// Gives a peer a turn in the next iteration.
    #[inline]
    pub(in crate::reactor) fn wake(&mut self, key: PeerKey) {
        if let Some(peer) = self.slab.get_mut(key.0)
            && !std::mem::replace(&mut peer.queued, true)
        {
            self.queue.push_back(key);
        }
    }

    /// The next peer to be given a turn.
    pub(in crate::reactor) fn next_queued(&mut self) -> Option<PeerKey> {
        let key = self.queue.pop_front()?;
        if let Some(peer) = self.slab.get_mut(key.0) {
            peer.queued = false;
        }
        Some(key)
    }

    /// How many peers wait for a turn.
    pub(in crate::reactor) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Every key, in the order of definition.
    pub fn keys(&self) -> &[PeerKey] {
        &self.order
    }

    /// Every peer, in the order of definition.
    pub fn iter(&self) -> impl Iterator<Item = (PeerKey, &Peer)> {
        self.order.iter().filter_map(|key| Some((*key, self.get(*key)?)))
    }

    /// The peer of a name.
    pub fn find(&self, name: &str) -> Option<PeerKey> {
        self.iter().find(|(_, peer)| &**peer.name() == name).map(|(key, _)| key)
    }

    /// How many peers there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Another number after each change of the set of peers.
    pub(in crate::reactor) fn generation(&self) -> u64 {
        self.generation
    }

    /// Notes that something by which commands choose peers has changed.
    pub(in crate::reactor) fn changed(&mut self) {
        self.generation += 1;
    }

    /// Whose a connection from `remote` to `local` is: a neighbor of that address before a range.
    pub(in crate::reactor) fn caller(&self, remote: IpAddr, local: IpAddr) -> Caller {
        let mut range = None;
        for (key, peer) in self.iter() {
            let settings = peer.settings();
            let here = settings.local_address.is_none_or(|address| address == local);
            if !here || !settings.peer.contains(remote) || peer.is_leaving() {
                continue;
            }
            if !settings.peer.is_range() {
                return Caller::Known(key);
            }
            match range {
                None => range = Some(Caller::InRange(key)),
                Some(_) => range = Some(Caller::Ambiguous),
            }
        }
        range.unwrap_or(Caller::Unknown)
    }
}
