//! Octets as hexadecimal text, both ways.

use std::fmt;

/// Shows octets as upper-case hexadecimal digits, without prefix.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

/// Why a text is not hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadHex {
    /// The character at this offset is not a hexadecimal digit.
    Digit { offset: usize },
    /// The number of digits is odd.
    Odd,
}

impl fmt::Display for BadHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit { offset } => write!(f, "not a hexadecimal digit at offset {offset}"),
            Self::Odd => f.write_str("odd number of hexadecimal digits"),
        }
    }
}

impl std::error::Error for BadHex {}

/// The octets that `text` names, two digits each.
pub fn from_hex(text: &str) -> Result<Vec<u8>, BadHex> {
    let mut out = Vec::with_capacity(text.len() / 2);
    from_hex_into(text.as_bytes(), &mut out)?;
    Ok(out)
}

/// Appends the octets that `text` names; on an error `out` may hold the first ones.
pub fn from_hex_into(text: &[u8], out: &mut Vec<u8>) -> Result<(), BadHex> {
    let (pairs, odd) = text.as_chunks::<2>();
    for (index, &[high, low]) in pairs.iter().enumerate() {
        let high = digit(high).ok_or(BadHex::Digit { offset: index * 2 })?;
        let low = digit(low).ok_or(BadHex::Digit { offset: index * 2 + 1 })?;
        out.push(high << 4 | low);
    }
    if odd.is_empty() { Ok(()) } else { Err(BadHex::Odd) }
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(from_hex("00fFa1"), Ok(vec![0, 255, 0xa1]));
        assert_eq!(Hex(&[0, 255, 0xa1]).to_string(), "00FFA1");
        assert_eq!(from_hex("0g"), Err(BadHex::Digit { offset: 1 }));
        assert_eq!(from_hex("012"), Err(BadHex::Odd));
    }
}
