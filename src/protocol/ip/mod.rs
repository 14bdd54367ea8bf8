//! The names that fields of IP packets have for people: protocols, ports, ICMP, TCP flags,
//! fragments.

pub mod fragment;
pub mod icmp;
pub mod port;
pub mod protocol;
pub mod tcp;

/// The names of the values of a field, or of its bits.
#[derive(Debug, PartialEq, Eq)]
pub struct Names {
    /// Read and shown; in the order in which bits are told.
    shown: &'static [(&'static str, u16)],
    /// Read only.
    read: &'static [(&'static str, u16)],
}

impl Names {
    /// A field whose values have no names.
    pub const NONE: Self = Self { shown: &[], read: &[] };

    /// The value of a name: in any case, with `_` for `-`.
    pub fn value(&self, name: &str) -> Option<u16> {
        let mut known = self.shown.iter().chain(self.read);
        known.find(|(known, _)| is(name, known)).map(|(_, value)| *value)
    }

    /// The name that a value is shown by.
    pub fn name(&self, value: u64) -> Option<&'static str> {
        let of = |(_, known): &&(&str, u16)| u64::from(*known) == value;
        self.shown.iter().find(of).map(|(name, _)| *name)
    }

    /// Every name that is shown, with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u16)> {
        self.shown.iter().copied()
    }
}

/// Whether a word is this name, which is in lower case: in any case, with `_` for `-`.
fn is(word: &str, name: &str) -> bool {
    word.len() == name.len() && word.bytes().map(folded).eq(name.bytes())
}

/// Lower case, with `-` for `_`.
fn folded(byte: u8) -> u8 {
    match byte {
        b'_' => b'-',
        _ => byte.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_and_by_one_name() {
        assert_eq!(icmp::TYPES.value("Echo_Request"), Some(8));
        assert_eq!(icmp::TYPES.value("echo"), None);
        assert_eq!(icmp::TYPES.name(8), Some("echo-request"));
        assert_eq!(icmp::TYPES.name(0x1_0008), None);
        assert_eq!(tcp::FLAGS.value("urgent"), Some(32));
        assert_eq!(tcp::FLAGS.name(32), Some("urg"));
        assert_eq!(protocol::NAMES.value("icmpv6"), Some(58));
        assert_eq!(protocol::NAMES.name(58), None);
        assert_eq!(icmp::CODES.value("ip-header-bad"), Some(2));
        assert_eq!(icmp::CODES.name(2), None);
    }

    #[test]
    fn a_name_means_one_value_and_is_in_lower_case() {
        let tables = [&protocol::NAMES, &icmp::TYPES, &icmp::CODES, &tcp::FLAGS, &fragment::FLAGS];
        for table in tables {
            for (name, value) in table.shown.iter().chain(table.read) {
                assert_eq!(table.value(name), Some(*value), "{name}");
                assert!(name.bytes().all(|byte| folded(byte) == byte), "{name}");
            }
            for (name, value) in table.iter() {
                assert_eq!(table.name(u64::from(value)), Some(name));
            }
        }
    }
}
