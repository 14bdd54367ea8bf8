//! The routes that a statement makes: one, or as many as `split` cuts its prefix into.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use super::{End, Form, Words};
use crate::bgp::attribute::Attributes;
use crate::bgp::nlri::Draft;
use crate::protocol::{Family, Prefix};
use crate::rib::Route;
use crate::text::{Error, Span};

/// By how many bits a prefix may be split: a million routes.
const SPLIT_BITS_MAX: u8 = 20;

/// Appends the routes of `words`; `routes` is left as it was when there is an error.
pub(super) fn expand(
    words: &Words,
    attributes: &Rc<Attributes>,
    end: End,
    routes: &mut Vec<Route>,
) -> Result<(), Error> {
    end.check(attributes)?;
    let family = match end.form {
        Form::Family(family) => family,
        Form::Route | Form::Attributes => words.draft.family(),
    };
    let whole = words.draft.prefix;
    let length = match words.split {
        Some((length, span)) => split_length(whole, length, span)?,
        None => whole.length(),
    };
    let first = words.draft.finish(family).map_err(|error| end.error(error.what()))?;
    if length == whole.length() {
        routes.push(Route { nlri: first, attributes: Rc::clone(attributes) });
        return Ok(());
    }
    let mut draft = words.draft.clone();
    let parts = parts(whole, length).map(|prefix| part(&mut draft, prefix, family));
    let before = routes.len();
    for nlri in parts {
        match nlri {
            Ok(nlri) => routes.push(Route { nlri, attributes: Rc::clone(attributes) }),
            Err(error) => {
                routes.truncate(before);
                return Err(end.error(error.what()));
            }
        }
    }
    Ok(())
}

fn part(
    draft: &mut Draft,
    prefix: Prefix,
    family: Family,
) -> Result<crate::bgp::nlri::Packed, crate::bgp::nlri::Unfinished> {
    draft.prefix = prefix;
    draft.finish(family)
}

/// The length to which a prefix is split; its own when it is that long already.
fn split_length(whole: Prefix, length: u8, span: Span) -> Result<u8, Error> {
    let width = if whole.address().is_ipv4() { 32 } else { 128 };
    if length > width {
        return Err(Error::new(span, format!("split: \"/{length}\" is longer than an address")));
    }
    let length = length.max(whole.length());
    if length - whole.length() > SPLIT_BITS_MAX {
        let what =
            format!("split: \"/{length}\" makes more than 2^{SPLIT_BITS_MAX} routes of {whole}");
        return Err(Error::new(span, what));
    }
    Ok(length)
}

/// The prefixes of `length` bits inside a shorter one, in order.
fn parts(whole: Prefix, length: u8) -> impl Iterator<Item = Prefix> {
    let count = 1_u32 << (length - whole.length()).min(SPLIT_BITS_MAX);
    (0..count).filter_map(move |index| {
        let address = match whole.address() {
            IpAddr::V4(address) => {
                let shifted = index.checked_shl(32 - u32::from(length)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() | shifted))
            }
            IpAddr::V6(address) => {
                let shifted = u128::from(index).checked_shl(128 - u32::from(length)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() | shifted))
            }
        };
        Prefix::new(address, length).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, length: u8) -> Vec<String> {
        let whole = Prefix::from_text(text).unwrap();
        parts(whole, length).map(|prefix| prefix.to_string()).collect()
    }

    #[test]
    fn parts_are_in_order_and_whole() {
        assert_eq!(
            split("198.51.100.0/24", 26),
            ["198.51.100.0/26", "198.51.100.64/26", "198.51.100.128/26", "198.51.100.192/26"]
        );
        assert_eq!(split("0.0.0.0/0", 1), ["0.0.0.0/1", "128.0.0.0/1"]);
        assert_eq!(split("2001:db8::/127", 128), ["2001:db8::/128", "2001:db8::1/128"]);
    }

    #[test]
    fn lengths_are_bounded() {
        let length = |text: &str, length| {
            split_length(Prefix::from_text(text).unwrap(), length, Span::default()).ok()
        };
        assert_eq!(length("10.0.0.0/8", 8), Some(8));
        assert_eq!(length("10.0.0.0/8", 4), Some(8));
        assert_eq!(length("10.0.0.0/8", 28), Some(28));
        assert_eq!(length("10.0.0.0/8", 29), None);
        assert_eq!(length("10.0.0.0/24", 33), None);
        assert_eq!(length("0.0.0.0/0", 32), None);
    }
}
