//! A growing buffer whose length fields are patched once their content is known.

use super::TooLong;

/// Appends to a buffer owned by somebody else: an outbox, most of the time.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Appends after what `out` holds already.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// One octet.
    pub fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    /// A 16-bit number, most significant octet first.
    pub fn u16(&mut self, value: u16) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    /// The low 24 bits of a number, most significant octet first.
    pub fn u24(&mut self, value: u32) {
        let [_, a, b, c] = value.to_be_bytes();
        self.out.extend_from_slice(&[a, b, c]);
    }

    /// A 32-bit number, most significant octet first.
    pub fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    /// A 64-bit number, most significant octet first.
    pub fn u64(&mut self, value: u64) {
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    /// Octets as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// How many octets the buffer holds.
    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// Forgets what was written after `position`.
    pub fn truncate(&mut self, position: usize) {
        self.out.truncate(position);
    }

    /// Writes `bytes` over what stands at `position`; false when they would not fit there.
    pub fn patch(&mut self, position: usize, bytes: &[u8]) -> bool {
        let end = position.saturating_add(bytes.len());
        match self.out.get_mut(position..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                true
            }
            None => false,
        }
    }

    /// A body behind its 8-bit length. A body over 255 octets is taken back.
    pub fn sized_u8(&mut self, body: impl FnOnce(&mut Self)) -> Result<(), TooLong> {
        let start = self.position();
        self.u8(0);
        body(self);
        let length = self.position().saturating_sub(start + 1);
        match u8::try_from(length) {
            Ok(value) => {
                self.patch(start, &[value]);
                Ok(())
            }
            Err(_) => {
                self.truncate(start);
                Err(TooLong { length })
            }
        }
    }

    /// A body behind its 16-bit length. A body over 65535 octets is taken back.
    pub fn sized_u16(&mut self, body: impl FnOnce(&mut Self)) -> Result<(), TooLong> {
        let start = self.position();
        self.u16(0);
        body(self);
        let length = self.position().saturating_sub(start + 2);
        match u16::try_from(length) {
            Ok(value) => {
                self.patch(start, &value.to_be_bytes());
                Ok(())
            }
            Err(_) => {
                self.truncate(start);
                Err(TooLong { length })
            }
        }
    }

    /// The same buffer for a shorter time.
    pub fn reborrow(&mut self) -> Writer<'_> {
        Writer { out: self.out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_patched_afterwards() {
        let mut out = vec![0xff];
        let mut writer = Writer::new(&mut out);
        writer
            .sized_u16(|w| {
                w.u8(1);
                assert_eq!(w.sized_u8(|w| w.u24(0x0002_0304)), Ok(()));
            })
            .unwrap();
        assert_eq!(out, [0xff, 0, 5, 1, 3, 2, 3, 4]);
    }

    #[test]
    fn a_body_that_does_not_fit_is_taken_back() {
        let mut out = vec![7];
        let mut writer = Writer::new(&mut out);
        assert_eq!(writer.sized_u8(|w| w.bytes(&[0; 256])), Err(TooLong { length: 256 }));
        assert_eq!(out, [7]);
    }

    #[test]
    fn a_patch_stays_inside() {
        let mut out = vec![1, 2, 3];
        let mut writer = Writer::new(&mut out);
        assert!(writer.patch(1, &[9, 9]));
        assert!(!writer.patch(2, &[9, 9]));
        assert_eq!(out, [1, 9, 9]);
    }
}
