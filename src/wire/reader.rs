//! A cursor over received bytes.
//!
//! Every method either yields what was asked for or a [`Malformed`] that names the field; no
//! method can read past the end, and [`Reader::done`] refuses leftovers.

use super::Malformed;

/// A cursor over a slice, consumed from the front.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// One octet.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, Malformed> {
        self.array::<1>(what).map(|[octet]| octet)
    }

    /// A 16-bit number, most significant octet first.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, Malformed> {
        self.array(what).map(u16::from_be_bytes)
    }

    /// A 24-bit number, most significant octet first.
    pub fn u24(&mut self, what: &'static str) -> Result<u32, Malformed> {
        self.array(what).map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// A 32-bit number, most significant octet first.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, Malformed> {
        self.array(what).map(u32::from_be_bytes)
    }

    /// A 64-bit number, most significant octet first.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, Malformed> {
        self.array(what).map(u64::from_be_bytes)
    }

    /// Exactly `N` octets, copied.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Short { what })?;
        self.rest = rest;
        Ok(*head)
    }

    /// The next `length` octets, borrowed.
    pub fn take(&mut self, what: &'static str, length: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Short { what })?;
        self.rest = rest;
        Ok(head)
    }

    /// A cursor over the next `length` octets: what a length field announced.
    pub fn sub(&mut self, what: &'static str, length: usize) -> Result<Self, Malformed> {
        self.take(what, length).map(Self::new)
    }

    /// All that is left; the cursor is then empty.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// What is left, without consuming it.
    pub fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    /// How many octets are left.
    pub fn len(&self) -> usize {
        self.rest.len()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next octet, without consuming it.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Refuses leftovers: the last call of every decoder.
    pub fn done(&self, what: &'static str) -> Result<(), Malformed> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(Malformed::Trailing { what, left }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_big_endian() {
        let mut reader = Reader::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(reader.u8("a"), Ok(1));
        assert_eq!(reader.u16("b"), Ok(0x0203));
        assert_eq!(reader.u24("c"), Ok(0x0004_0506));
        assert_eq!(reader.u32("d"), Ok(0x0708_090a));
        assert_eq!(reader.done("e"), Ok(()));
    }

    #[test]
    fn the_end_is_never_passed() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u32("number"), Err(Malformed::Short { what: "number" }));
        assert_eq!(reader.take("octets", 4), Err(Malformed::Short { what: "octets" }));
        assert_eq!(reader.take("octets", 2), Ok(&[1u8, 2][..]));
        assert_eq!(reader.done("all"), Err(Malformed::Trailing { what: "all", left: 1 }));
    }

    #[test]
    fn a_child_ends_where_its_length_says() {
        let mut reader = Reader::new(&[1, 2, 3]);
        let mut child = reader.sub("child", 2).unwrap();
        assert_eq!(child.rest(), &[1, 2]);
        assert!(child.is_empty());
        assert_eq!(reader.remaining(), &[3]);
    }
}
