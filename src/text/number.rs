//! Numbers, switches and addresses: the words that every layer reads alike.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Error, Tokens};

impl Tokens<'_> {
    /// A decimal number that fits `T`: digits only, no sign.
    pub fn number<T: TryFrom<u64>>(&mut self, what: &str) -> Result<T, Error> {
        let word = self.word(what)?;
        decimal(&word)
            .and_then(|value| T::try_from(value).ok())
            .ok_or_else(|| word.fault(&format!("is not {what}")))
    }

    /// A number, decimal or with `0x`.
    pub fn number_or_hex<T: TryFrom<u64>>(&mut self, what: &str) -> Result<T, Error> {
        let word = self.word(what)?;
        let value = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                u64::from_str_radix(digits, 16).ok()
            }
            Some(_) => None,
            None => decimal(&word),
        };
        value
            .and_then(|value| T::try_from(value).ok())
            .ok_or_else(|| word.fault(&format!("is not {what}")))
    }

    /// A switch: the words of both releases, in any case.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        let word = self.word("true or false")?;
        let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
        if is(&["true", "enable", "enabled", "yes", "1"]) {
            Ok(true)
        } else if is(&["false", "disable", "disabled", "no", "0"]) {
            Ok(false)
        } else {
            Err(word.fault("is neither true nor false").syntax("true|false|enable|disable|yes|no"))
        }
    }

    /// A switch that may stand alone, in which case it means `bare`.
    pub fn boolean_or(&mut self, bare: bool) -> Result<bool, Error> {
        if self.is_done() { Ok(bare) } else { self.boolean() }
    }

    /// An IPv4 or IPv6 address, without zone.
    pub fn address(&mut self) -> Result<IpAddr, Error> {
        let word = self.word("an IP address")?;
        word.parse().map_err(|_| word.fault("is not an IP address"))
    }

    /// An IPv4 address.
    pub fn ipv4(&mut self) -> Result<Ipv4Addr, Error> {
        let word = self.word("an IPv4 address")?;
        word.parse().map_err(|_| word.fault("is not an IPv4 address"))
    }

    /// An IPv6 address, without zone.
    pub fn ipv6(&mut self) -> Result<Ipv6Addr, Error> {
        let word = self.word("an IPv6 address")?;
        word.parse().map_err(|_| word.fault("is not an IPv6 address"))
    }
}

/// Digits only: no sign, no space.
fn decimal(word: &str) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    word.bytes().try_fold(0u64, |value, digit| match digit {
        b'0'..=b'9' => value.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_and_fit() {
        assert_eq!(Tokens::line("4294967295").number::<u32>("a number").ok(), Some(u32::MAX));
        for bad in ["4294967296", "-1", "+1", "1.0", "x", "\"\""] {
            let error = Tokens::line(bad).number::<u32>("a number").unwrap_err();
            assert!(error.what().contains("is not a number"), "{error}");
        }
        assert_eq!(Tokens::line("0xff").number_or_hex::<u8>("x").ok(), Some(255));
        assert!(Tokens::line("0x+f").number_or_hex::<u8>("x").is_err());
    }

    #[test]
    fn switches() {
        for (text, value) in [("TRUE", true), ("enabled", true), ("no", false), ("0", false)] {
            assert_eq!(Tokens::line(text).boolean().ok(), Some(value));
        }
        assert!(Tokens::line("on").boolean().is_err());
        assert_eq!(Tokens::line(";").boolean_or(true).ok(), Some(true));
    }

    #[test]
    fn addresses_have_no_zone_and_no_short_form() {
        assert!(Tokens::line("10.0.0.1").address().is_ok());
        assert!(Tokens::line("10.0.1").address().is_err());
        assert!(Tokens::line("fe80::1%lo").address().is_err());
    }
}
