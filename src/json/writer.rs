//! Appends JSON values to a byte buffer.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which release's output is spoken: the words differ in a few places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// As ExaBGP 5.0, `"exabgp": "5.0.0"`.
    #[default]
    V4,
    /// As ExaBGP 6.0, `"exabgp": "6.0.0"`.
    V6,
}

/// Appends JSON to a buffer owned by somebody else.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// The dialect that values with two forms choose by.
    pub dialect: Dialect,
    /// Label stack entries of prefixes are told with all their 24 bits behind the label: always
    /// in the dialect of 6.0, and by `decode`.
    pub whole_labels: bool,
}

impl<'a> Writer<'a> {
    /// Appends after what `out` holds already.
    pub fn new(out: &'a mut Vec<u8>, dialect: Dialect) -> Self {
        Self { out, dialect, whole_labels: dialect == Dialect::V6 }
    }

    /// Bytes that are JSON already.
    pub fn raw(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Bytes that are JSON already, rendered before.
    pub fn raw_bytes(&mut self, json: &[u8]) {
        self.out.extend_from_slice(json);
    }

    /// `{ "key": value, … }`
    pub fn object(&mut self, body: impl FnOnce(&mut Object<'_, 'a>)) {
        self.raw("{ ");
        let mut object = Object { writer: self, empty: true };
        body(&mut object);
        let close = if object.empty { "}" } else { " }" };
        self.raw(close);
    }

    /// `{"key": value, …}`, the spacing of small objects.
    pub fn tight_object(&mut self, body: impl FnOnce(&mut Object<'_, 'a>)) {
        self.raw("{");
        body(&mut Object { writer: self, empty: true });
        self.raw("}");
    }

    /// `[ value, … ]`
    pub fn list(&mut self, body: impl FnOnce(&mut List<'_, 'a>)) {
        self.raw("[ ");
        let mut list = List { writer: self, empty: true };
        body(&mut list);
        let close = if list.empty { "]" } else { " ]" };
        self.raw(close);
    }

    /// `[value, …]`, the spacing of numbers in paths and communities.
    pub fn tight_list(&mut self, body: impl FnOnce(&mut List<'_, 'a>)) {
        self.raw("[");
        body(&mut List { writer: self, empty: true });
        self.raw("]");
    }

    /// A string, quoted and escaped into ASCII.
    pub fn string(&mut self, text: &str) {
        self.out.push(b'"');
        self.escaped(text);
        self.out.push(b'"');
    }

    /// What `value` displays, as a string.
    pub fn display(&mut self, value: &impl fmt::Display) {
        self.out.push(b'"');
        let written = write!(Escape { out: self.out }, "{value}");
        debug_assert!(written.is_ok(), "a buffer in memory takes everything");
        self.out.push(b'"');
    }

    /// A number.
    pub fn number(&mut self, value: impl Into<u64>) {
        push_decimal(self.out, value.into());
    }

    /// A number with a fraction; `null` when it is not finite.
    pub fn float(&mut self, value: f64) {
        if value.is_finite() {
            let written = write!(Escape { out: self.out }, "{value:?}");
            debug_assert!(written.is_ok(), "a buffer in memory takes everything");
        } else {
            self.null();
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// `"0x…"`, upper-case digits.
    pub fn hex(&mut self, bytes: &[u8]) {
        self.raw("\"0x");
        self.hex_digits(bytes);
        self.out.push(b'"');
    }

    /// Upper-case hexadecimal digits, without quotes.
    pub fn hex_digits(&mut self, bytes: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        self.out.reserve(bytes.len() * 2);
        for octet in bytes {
            for nibble in [octet >> 4, octet & 15] {
                self.out.extend(DIGITS.get(usize::from(nibble)));
            }
        }
    }

    /// An address, as a string.
    pub fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => self.ipv4(v4),
            IpAddr::V6(v6) => self.ipv6(v6),
        }
    }

    /// An IPv4 address, as a string.
    pub fn ipv4(&mut self, address: Ipv4Addr) {
        self.out.push(b'"');
        push_ipv4(self.out, address);
        self.out.push(b'"');
    }

    /// An IPv6 address, as a string.
    pub fn ipv6(&mut self, address: Ipv6Addr) {
        self.display(&address);
    }

    /// An address and its mask length, as a string.
    pub fn prefix(&mut self, address: IpAddr, length: u8) {
        self.out.push(b'"');
        match address {
            IpAddr::V4(v4) => push_ipv4(self.out, v4),
            IpAddr::V6(v6) => {
                let written = write!(Escape { out: self.out }, "{v6}");
                debug_assert!(written.is_ok(), "a buffer in memory takes everything");
            }
        }
        self.out.push(b'/');
        push_decimal(self.out, u64::from(length));
        self.out.push(b'"');
    }

    /// How many bytes the buffer holds.
    pub fn position(&self) -> usize {
        self.out.len()
    }

    fn escaped(&mut self, text: &str) {
        let written = Escape { out: self.out }.write_str(text);
        debug_assert!(written.is_ok(), "a buffer in memory takes everything");
    }
}

/// The members of an object being written.
#[derive(Debug)]
pub struct Object<'w, 'a> {
    writer: &'w mut Writer<'a>,
    empty: bool,
}

impl<'a> Object<'_, 'a> {
    /// Starts a member; exactly one value must follow. `key` is plain ASCII of ours.
    pub fn field(&mut self, key: &str) -> &mut Writer<'a> {
        debug_assert!(!key.contains(['"', '\\']) && !key.contains(char::is_control));
        self.separate();
        self.writer.raw("\"");
        self.writer.raw(key);
        self.writer.raw("\": ");
        self.writer
    }

    /// Starts a member whose key is a name that somebody chose.
    pub fn named(&mut self, key: &str) -> &mut Writer<'a> {
        self.separate();
        self.writer.string(key);
        self.writer.raw(": ");
        self.writer
    }

    /// Whether label stack entries are told with all their bits.
    pub fn whole_labels(&self) -> bool {
        self.writer.whole_labels
    }

    /// The dialect of the writer.
    pub fn dialect(&self) -> Dialect {
        self.writer.dialect
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.empty) {
            self.writer.raw(", ");
        }
    }
}

/// The elements of a list being written.
#[derive(Debug)]
pub struct List<'w, 'a> {
    writer: &'w mut Writer<'a>,
    empty: bool,
}

impl<'a> List<'_, 'a> {
    /// Starts an element; exactly one value must follow.
    pub fn element(&mut self) -> &mut Writer<'a> {
        if !std::mem::take(&mut self.empty) {
            self.writer.raw(", ");
        }
        self.writer
    }
}

/// Escapes what is written through it, so that the output is printable ASCII.
struct Escape<'a> {
    out: &'a mut Vec<u8>,
}

impl fmt::Write for Escape<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let plain = |octet: &u8| matches!(octet, b' '..=b'~') && !matches!(octet, b'"' | b'\\');
        if text.as_bytes().iter().all(plain) {
            self.out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        for character in text.chars() {
            match character {
                '"' => self.out.extend_from_slice(b"\\\""),
                '\\' => self.out.extend_from_slice(b"\\\\"),
                '\n' => self.out.extend_from_slice(b"\\n"),
                '\r' => self.out.extend_from_slice(b"\\r"),
                '\t' => self.out.extend_from_slice(b"\\t"),
                ' '..='~' => self.out.extend(u8::try_from(character)),
                _ => {
                    let mut units = [0; 2];
                    for unit in character.encode_utf16(&mut units) {
                        self.out.extend_from_slice(b"\\u");
                        for shift in [12, 8, 4, 0] {
                            let nibble = u32::from(*unit >> shift & 15);
                            let digit = char::from_digit(nibble, 16).unwrap_or('0');
                            self.out.extend(u8::try_from(digit));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn push_ipv4(out: &mut Vec<u8>, address: Ipv4Addr) {
    let [a, b, c, d] = address.octets();
    push_octet(out, a);
    for octet in [b, c, d] {
        out.push(b'.');
        push_octet(out, octet);
    }
}

fn push_octet(out: &mut Vec<u8>, octet: u8) {
    if octet >= 100 {
        out.push(b'0' + octet / 100);
    }
    if octet >= 10 {
        out.push(b'0' + octet / 10 % 10);
    }
    out.push(b'0' + octet % 10);
}

fn push_decimal(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut used = 0;
    for place in digits.iter_mut().rev() {
        *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
        used += 1;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(body: impl FnOnce(&mut Writer<'_>)) -> String {
        let mut out = Vec::new();
        body(&mut Writer::new(&mut out, Dialect::V4));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn spacing_is_the_one_consumers_know() {
        let text = written(|json| {
            json.object(|o| {
                o.field("med").number(5u32);
                o.field("path").tight_list(|l| {
                    l.element().number(1u32);
                    l.element().number(4_200_000_000u32);
                });
                o.field("ids").list(|l| l.element().ipv4(Ipv4Addr::new(10, 0, 255, 1)));
                o.field("none").list(|_| {});
                o.field("empty").object(|_| {});
            });
        });
        let expected = concat!(
            r#"{ "med": 5, "path": [1, 4200000000], "ids": [ "10.0.255.1" ], "#,
            r#""none": [ ], "empty": { } }"#
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn strings_become_ascii_on_one_line() {
        assert_eq!(
            written(|json| json.string("a\"b\\c\nd\u{7f}é\u{1F600}")),
            r#""a\"b\\c\nd\u007f\u00e9\ud83d\ude00""#
        );
    }

    #[test]
    fn numbers_and_octets() {
        assert_eq!(written(|json| json.number(u64::MAX)), u64::MAX.to_string());
        assert_eq!(written(|json| json.number(0u8)), "0");
        assert_eq!(written(|json| json.float(1e9)), "1000000000.0");
        assert_eq!(written(|json| json.float(f64::NAN)), "null");
        assert_eq!(written(|json| json.hex(&[0x0a, 0xff])), "\"0x0AFF\"");
        assert_eq!(
            written(|json| json.prefix("2001:db8::".parse().unwrap(), 32)),
            "\"2001:db8::/32\""
        );
    }
}
