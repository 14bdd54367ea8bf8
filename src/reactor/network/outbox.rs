//! Bytes that wait to leave.
//!
//! Writers append to one growing buffer, directly, and the socket takes from its head in pieces as
//! large as the kernel accepts. Two marks tell a producer when to start and when to stop; nothing
//! is refused over the high mark, since a KEEPALIVE or a reply must always fit. The memory is given
//! back when the traffic falls quiet, and kept while it flows.

use crate::reactor::limits;

/// A buffer between a producer and a descriptor.
///
/// Invariant: `head <= buffer.len()`.
#[derive(Debug)]
pub struct Outbox {
    buffer: Vec<u8>,
    head: usize,
    low: usize,
    high: usize,
    /// Bytes taken since the buffer was last empty.
    taken: usize,
}

impl Outbox {
    /// An outbox toward a BGP peer.
    pub const fn new() -> Self {
        Self::with_marks(limits::OUTBOX_LOW, limits::OUTBOX_HIGH)
    }

    /// An outbox whose producer starts below `low` bytes and stops at `high`.
    pub const fn with_marks(low: usize, high: usize) -> Self {
        Self { buffer: Vec::new(), head: 0, low, high, taken: 0 }
    }

    /// The buffer to append to. Only append: what is in it already is on its way.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        // Room at the head is made good when it costs less than what has been taken from there, so
        // that a byte is moved at most once on average.
        if self.head > 0 && self.head >= self.len() {
            self.buffer.drain(..self.head);
            self.head = 0;
        }
        &mut self.buffer
    }

    /// Appends `bytes`.
    pub fn append(&mut self, bytes: &[u8]) {
        self.buffer().extend_from_slice(bytes);
    }

    /// What waits, in one piece.
    pub fn pending(&self) -> &[u8] {
        self.buffer.get(self.head..).unwrap_or_default()
    }

    /// Notes that the first `count` pending bytes have left.
    pub fn taken(&mut self, count: usize) {
        debug_assert!(count <= self.len(), "more was taken than is pending");
        self.head = (self.head + count).min(self.buffer.len());
        self.taken += count;
        if self.head == self.buffer.len() {
            self.emptied();
        }
    }

    /// Number of bytes that wait.
    pub const fn len(&self) -> usize {
        self.buffer.len() - self.head
    }

    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a producer may start: less waits than the low mark.
    pub const fn is_low(&self) -> bool {
        self.len() < self.low
    }

    /// Whether a producer must stop: the high mark is reached.
    pub const fn is_high(&self) -> bool {
        self.len() >= self.high
    }

    /// Bytes that may be appended before the high mark is reached.
    pub const fn room(&self) -> usize {
        self.high.saturating_sub(self.len())
    }

    /// Forgets what waits and gives the memory back.
    pub fn clear(&mut self) {
        self.buffer = Vec::new();
        self.head = 0;
        self.taken = 0;
    }

    /// All has left: keep the memory while it is used, else give it back.
    fn emptied(&mut self) {
        self.buffer.clear();
        self.head = 0;
        // So little passed since the last time that this is a KEEPALIVE, not a stream.
        if self.taken <= limits::OUTBOX_KEEP_BYTES {
            self.buffer.shrink_to(limits::OUTBOX_KEEP_BYTES);
        }
        self.taken = 0;
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_leave_in_order() {
        let mut outbox = Outbox::new();
        outbox.append(b"hello ");
        outbox.buffer().extend_from_slice(b"world");
        assert_eq!(outbox.pending(), b"hello world");
        outbox.taken(3);
        assert_eq!(outbox.pending(), b"lo world");
        outbox.append(b"!");
        assert_eq!(outbox.pending(), b"lo world!");
        outbox.taken(9);
        assert!(outbox.is_empty());
    }

    #[test]
    fn the_marks_start_and_stop_a_producer() {
        let mut outbox = Outbox::with_marks(10, 20);
        assert!(outbox.is_low() && !outbox.is_high());
        outbox.append(&[0; 10]);
        assert!(!outbox.is_low() && !outbox.is_high());
        assert_eq!(outbox.room(), 10);
        outbox.append(&[0; 15]);
        assert!(outbox.is_high());
        assert_eq!(outbox.room(), 0);
        outbox.taken(16);
        assert!(outbox.is_low());
    }

    #[test]
    fn the_memory_stays_while_bytes_stream_and_goes_when_they_do_not() {
        let mut outbox = Outbox::new();
        for _ in 0..3 {
            outbox.append(&[0; 100_000]);
            outbox.taken(100_000);
            assert!(outbox.buffer.capacity() >= 100_000);
        }
        outbox.append(&[0; 19]);
        outbox.taken(19);
        assert!(outbox.buffer.capacity() <= limits::OUTBOX_KEEP_BYTES);
    }

    #[test]
    fn what_has_left_does_not_hold_memory() {
        let mut outbox = Outbox::new();
        outbox.append(&[0; 1000]);
        for _ in 0..100_000 {
            outbox.append(&[1; 100]);
            outbox.taken(100);
        }
        assert_eq!(outbox.len(), 1000);
        assert!(outbox.buffer.capacity() < 10_000, "{}", outbox.buffer.capacity());
    }

    proptest! {
        #[test]
        fn it_behaves_as_a_queue(
            steps in prop::collection::vec((any::<bool>(), 0..5000usize), 1..100),
        ) {
            let mut outbox = Outbox::new();
            let mut model: VecDeque<u8> = VecDeque::new();
            let mut next = 0u8;
            for (append, size) in steps {
                if append {
                    for _ in 0..size {
                        next = next.wrapping_add(37);
                        outbox.buffer().push(next);
                        model.push_back(next);
                    }
                } else {
                    let count = size.min(model.len());
                    outbox.taken(count);
                    model.drain(..count);
                }
                prop_assert!(outbox.pending() == model.make_contiguous());
            }
        }
    }
}
