//! Received bytes that wait to be understood.
//!
//! An inbox is a growing buffer with a head and a tail, not a ring: what is unread is always one
//! slice. Blocks are borrowed from a pool that all inboxes share and given back as soon as nothing
//! waits, so a quiet connection holds no memory, and the next reader finds a block that is still in
//! the processor's cache. Blocks are zeroed once, when they are made.

use crate::reactor::limits;

/// A buffer between a descriptor and a parser.
///
/// Invariant: `head <= tail <= buffer.len()`.
#[derive(Debug)]
pub struct Inbox {
    buffer: Vec<u8>,
    head: usize,
    tail: usize,
    limit: usize,
}

impl Inbox {
    /// An inbox for BGP messages.
    pub const fn new() -> Self {
        Self::with_limit(limits::INBOX_BLOCK_BYTES)
    }

    /// An inbox in which up to `limit` bytes may wait, at least one block.
    pub const fn with_limit(limit: usize) -> Self {
        let least = limits::INBOX_BLOCK_BYTES;
        let limit = if limit < least { least } else { limit };
        Self { buffer: Vec::new(), head: 0, tail: 0, limit }
    }

    /// Free space to read into; empty when the limit is reached.
    pub fn space(&mut self, pool: &mut Pool) -> &mut [u8] {
        if self.buffer.len() - self.tail < limits::READ_BYTES_MIN {
            self.make_room(pool);
        }
        self.buffer.get_mut(self.tail..).unwrap_or_default()
    }

    /// Notes that `count` bytes were read into `space`.
    pub fn filled(&mut self, count: usize) {
        debug_assert!(count <= self.buffer.len() - self.tail, "more was read than there was space");
        self.tail = (self.tail + count).min(self.buffer.len());
    }

    /// Notes that the first `count` unread bytes were understood.
    pub fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.len(), "more was consumed than is unread");
        self.head = (self.head + count).min(self.tail);
        if self.head == self.tail {
            self.head = 0;
            self.tail = 0;
        }
    }

    /// What was received and not yet consumed.
    pub fn unread(&self) -> &[u8] {
        self.buffer.get(self.head..self.tail).unwrap_or_default()
    }

    /// Number of unread bytes.
    pub const fn len(&self) -> usize {
        self.tail - self.head
    }

    /// Whether nothing is unread.
    pub const fn is_empty(&self) -> bool {
        self.head == self.tail
    }

    /// Whether as much waits as may.
    pub const fn is_full(&self) -> bool {
        self.len() >= self.limit
    }

    /// Gives back what the unread bytes do not need; called when the socket has no more.
    pub fn settle(&mut self, pool: &mut Pool) {
        let unread = self.len();
        if unread > limits::INBOX_ASIDE_BYTES || unread == self.buffer.len() {
            return;
        }
        let aside = self.unread().to_vec();
        pool.give(std::mem::replace(&mut self.buffer, aside));
        self.head = 0;
        self.tail = unread;
    }

    /// Forgets what is unread and gives the memory back.
    pub fn clear(&mut self, pool: &mut Pool) {
        self.consume(self.len());
        self.settle(pool);
    }

    fn make_room(&mut self, pool: &mut Pool) {
        let unread = self.len();
        let wanted = (unread + limits::READ_BYTES_MIN).next_power_of_two();
        let wanted = wanted.clamp(limits::INBOX_BLOCK_BYTES, self.limit);
        if wanted > self.buffer.len() {
            let mut block = pool.take(wanted);
            if let Some(start) = block.get_mut(..unread) {
                start.copy_from_slice(self.unread());
            }
            pool.give(std::mem::replace(&mut self.buffer, block));
        } else {
            self.buffer.copy_within(self.head..self.tail, 0);
        }
        self.head = 0;
        self.tail = unread;
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Spare blocks for the inboxes of one thread.
#[derive(Debug, Default)]
pub struct Pool {
    /// Each of exactly `INBOX_BLOCK_BYTES`, wholly initialised.
    spare: Vec<Vec<u8>>,
}

impl Pool {
    /// A pool without blocks; they are made when they are first needed.
    pub const fn new() -> Self {
        Self { spare: Vec::new() }
    }

    /// Number of blocks that nobody uses.
    pub const fn spare(&self) -> usize {
        self.spare.len()
    }

    fn take(&mut self, size: usize) -> Vec<u8> {
        let spare = if size == limits::INBOX_BLOCK_BYTES { self.spare.pop() } else { None };
        spare.unwrap_or_else(|| vec![0; size])
    }

    fn give(&mut self, block: Vec<u8>) {
        if block.len() == limits::INBOX_BLOCK_BYTES && self.spare.len() < limits::INBOX_BLOCKS_SPARE
        {
            self.spare.push(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    fn receive(inbox: &mut Inbox, pool: &mut Pool, bytes: &[u8]) -> usize {
        let space = inbox.space(pool);
        let count = bytes.len().min(space.len());
        space[..count].copy_from_slice(&bytes[..count]);
        inbox.filled(count);
        count
    }

    #[test]
    fn an_unused_inbox_holds_no_memory() {
        let inbox = Inbox::new();
        assert_eq!(inbox.buffer.capacity(), 0);
        assert_eq!(inbox.unread(), b"");
    }

    #[test]
    fn bytes_come_out_as_they_went_in() {
        let (mut inbox, mut pool) = (Inbox::new(), Pool::new());
        receive(&mut inbox, &mut pool, b"hello");
        receive(&mut inbox, &mut pool, b" world");
        assert_eq!(inbox.unread(), b"hello world");
        inbox.consume(6);
        assert_eq!(inbox.unread(), b"world");
        inbox.consume(5);
        assert!(inbox.is_empty());
    }

    #[test]
    fn a_read_always_finds_large_space() {
        let (mut inbox, mut pool) = (Inbox::new(), Pool::new());
        let message = vec![7; limits::MESSAGE_MAX];
        for _ in 0..10 {
            assert!(inbox.space(&mut pool).len() >= limits::READ_BYTES_MIN);
            receive(&mut inbox, &mut pool, &message);
            // All but one byte of the longest message may wait for the rest.
            let unread = inbox.len();
            inbox.consume(unread.saturating_sub(limits::MESSAGE_MAX - 1));
        }
        assert_eq!(inbox.buffer.len(), limits::INBOX_BLOCK_BYTES);
    }

    #[test]
    fn blocks_return_to_the_pool_and_serve_the_next() {
        let (mut first, mut second, mut pool) = (Inbox::new(), Inbox::new(), Pool::new());
        receive(&mut first, &mut pool, b"hello");
        assert_eq!(pool.spare(), 0);
        first.consume(5);
        first.settle(&mut pool);
        assert_eq!((pool.spare(), first.buffer.capacity()), (1, 0));
        receive(&mut second, &mut pool, b"world");
        assert_eq!((pool.spare(), second.unread()), (0, &b"world"[..]));
    }

    #[test]
    fn a_small_remainder_is_put_aside() {
        let (mut inbox, mut pool) = (Inbox::new(), Pool::new());
        receive(&mut inbox, &mut pool, b"whole message, part");
        inbox.consume(15);
        inbox.settle(&mut pool);
        assert_eq!(pool.spare(), 1);
        assert_eq!(inbox.unread(), b"part");
        receive(&mut inbox, &mut pool, b"ial");
        assert_eq!(inbox.unread(), b"partial");
    }

    #[test]
    fn a_large_remainder_stays_in_its_block() {
        let (mut inbox, mut pool) = (Inbox::new(), Pool::new());
        let part = vec![1; limits::INBOX_ASIDE_BYTES + 1];
        receive(&mut inbox, &mut pool, &part);
        inbox.settle(&mut pool);
        assert_eq!(pool.spare(), 0);
        assert_eq!(inbox.unread(), part);
    }

    #[test]
    fn an_inbox_grows_to_its_limit_and_no_further() {
        let limit = limits::LINE_MAX;
        let (mut inbox, mut pool) = (Inbox::with_limit(limit), Pool::new());
        let line = vec![b'a'; limit + 1];
        let mut sent = 0;
        while sent < line.len() {
            let count = receive(&mut inbox, &mut pool, &line[sent..]);
            if count == 0 {
                break;
            }
            sent += count;
        }
        assert_eq!(sent, limit);
        assert!(inbox.is_full());
        assert_eq!(inbox.unread(), &line[..limit]);
        // What is larger than a block is not worth keeping.
        inbox.clear(&mut pool);
        assert_eq!((inbox.buffer.capacity(), pool.spare()), (0, 1));
    }

    #[test]
    fn the_pool_keeps_only_a_few_blocks() {
        let mut pool = Pool::new();
        let mut inboxes: Vec<Inbox> = (0..40).map(|_| Inbox::new()).collect();
        for inbox in &mut inboxes {
            receive(inbox, &mut pool, b"x");
        }
        for inbox in &mut inboxes {
            inbox.clear(&mut pool);
        }
        assert_eq!(pool.spare(), limits::INBOX_BLOCKS_SPARE);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_behaves_as_a_queue(steps in prop::collection::vec((0..3u8, 0..90_000usize), 1..40)) {
            let mut pool = Pool::new();
            let mut inbox = Inbox::with_limit(300_000);
            let mut model: VecDeque<u8> = VecDeque::new();
            let mut next = 0u8;
            for (what, size) in steps {
                match what {
                    0 => {
                        next = next.wrapping_add(31);
                        let bytes = vec![next; size];
                        let count = receive(&mut inbox, &mut pool, &bytes);
                        let room = limits::READ_BYTES_MIN.min(300_000 - model.len());
                        prop_assert!(count == size || count >= room);
                        model.extend(&bytes[..count]);
                    }
                    1 => {
                        let count = size.min(model.len());
                        inbox.consume(count);
                        model.drain(..count);
                    }
                    _ => inbox.settle(&mut pool),
                }
                prop_assert_eq!(inbox.len(), model.len());
                prop_assert!(inbox.unread() == model.make_contiguous());
            }
        }
    }
}
