//! The words that TLVs share: lists, groups in parentheses, octets, and their counterparts in text.

use std::fmt;

use crate::bgp::attribute::pieces::{Piece, Pieces};
use crate::text::Error;
use crate::wire::from_hex;

/// Reads `item` or `[ item … ]`; commas may stand between items.
pub(in crate::bgp) fn list(
    pieces: &mut Pieces<'_, '_>,
    mut item: impl FnMut(&mut Pieces<'_, '_>) -> Result<(), Error>,
) -> Result<(), Error> {
    if !pieces.accept("[")? {
        return item(pieces);
    }
    while !pieces.accept("]")? {
        if !pieces.accept(",")? {
            item(pieces)?;
        }
    }
    Ok(())
}

/// Reads `( key value … )`; `member` reads the value and says whether it knows the key.
pub(in crate::bgp) fn group<'a>(
    pieces: &mut Pieces<'_, 'a>,
    mut member: impl FnMut(&Piece<'a>, &mut Pieces<'_, 'a>) -> Result<bool, Error>,
) -> Result<(), Error> {
    pieces.expect("(")?;
    while !pieces.accept(")")? {
        let key = pieces.next("a key or \")\"")?;
        if !member(&key, pieces)? {
            return Err(key.fault("is no key here"));
        }
    }
    Ok(())
}

/// Reads pairs of hexadecimal digits, behind `0x` or bare.
pub(in crate::bgp) fn octets(pieces: &mut Pieces<'_, '_>) -> Result<Box<[u8]>, Error> {
    let piece = pieces.next("octets")?;
    let text = piece.text();
    let octets = from_hex(text.strip_prefix("0x").unwrap_or(text))
        .map_err(|_| piece.fault("is not pairs of hexadecimal digits"))?;
    Ok(octets.into())
}

/// Reads `true` or `false`.
pub(in crate::bgp) fn boolean(pieces: &mut Pieces<'_, '_>) -> Result<bool, Error> {
    let piece = pieces.next("true or false")?;
    piece.text().parse().map_err(|_| piece.fault("is neither true nor false"))
}

/// Reads exactly `N` octets: an identifier in hexadecimal digits, dots allowed.
pub(in crate::bgp) fn identifier<const N: usize>(
    pieces: &mut Pieces<'_, '_>,
    what: &str,
) -> Result<[u8; N], Error> {
    let piece = pieces.next(what)?;
    let digits: String = piece.text().chars().filter(|digit| *digit != '.').collect();
    let octets = from_hex(&digits).ok().and_then(|octets| octets.try_into().ok());
    octets.ok_or_else(|| piece.fault(&format!("is not {what}")))
}

/// Reads an address of either family, or of one.
pub(in crate::bgp) fn address<T: std::str::FromStr>(
    pieces: &mut Pieces<'_, '_>,
    what: &str,
) -> Result<T, Error> {
    let piece = pieces.next(what)?;
    piece.text().parse().map_err(|_| piece.fault(&format!("is not {what}")))
}

/// Reads a number with a fraction.
pub(in crate::bgp) fn real<T: std::str::FromStr>(pieces: &mut Pieces<'_, '_>) -> Result<T, Error> {
    let piece = pieces.next("a number")?;
    let plain = piece.text().starts_with(|first: char| first.is_ascii_digit() || first == '-');
    let value = plain.then(|| piece.text().parse().ok()).flatten();
    value.ok_or_else(|| piece.fault("is not a number"))
}

/// `[ item … ]`.
pub(in crate::bgp) fn show<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    f.write_str("[")?;
    items.into_iter().try_for_each(|item| write!(f, " {item}"))?;
    f.write_str(" ]")
}

/// `0x` and lower-case digits.
#[derive(Debug)]
pub(in crate::bgp) struct Octets<'a>(pub(in crate::bgp) &'a [u8]);

impl fmt::Display for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", Digits(self.0))
    }
}

/// Lower-case digits.
#[derive(Debug)]
pub(in crate::bgp) struct Digits<'a>(pub(in crate::bgp) &'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}
