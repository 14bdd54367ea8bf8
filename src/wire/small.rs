//! A short run of octets, kept without allocation when it has at most 22 of them.

use std::fmt;
use std::hash::{Hash, Hasher};

/// Immutable octets: inline up to [`Small::INLINE`], else boxed. 24 octets wide.
#[derive(Clone)]
pub struct Small(Form);

#[derive(Clone)]
enum Form {
    Inline { length: u8, octets: [u8; Small::INLINE] },
    Boxed(Box<[u8]>),
}

impl Small {
    /// The longest run kept without allocation, in octets.
    pub const INLINE: usize = 22;

    /// A copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        let mut octets = [0; Self::INLINE];
        match (octets.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(bytes);
                Self(Form::Inline { length, octets })
            }
            _ => Self(Form::Boxed(bytes.into())),
        }
    }

    /// The octets.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Form::Inline { length, octets } => {
                octets.get(..usize::from(*length)).unwrap_or_default()
            }
            Form::Boxed(octets) => octets,
        }
    }
}

impl PartialEq for Small {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Small {}

impl Hash for Small {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl fmt::Debug for Small {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", super::Hex(self.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_runs_read_back() {
        for length in [0, 1, 21, 22, 23, 300] {
            let bytes: Vec<u8> = (0..=255).cycle().take(length).collect();
            assert_eq!(Small::new(&bytes).as_slice(), bytes);
        }
        assert_eq!(size_of::<Small>(), 24);
    }
}
