//! What the value of a keyword may be, read from the syntax that errors and the reference show:
//! one string a keyword says it to people and to programs.
//!
//! `true|false`, `0-255`, `"<text>"`, `<port>`: alternatives are parted by bars, what stands in
//! angle brackets is a kind of value, and a keyword whose value is in square brackets may be alone.

/// A kind of value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A switch.
    Boolean,
    /// A number, both ends included.
    Integer(u32, u32),
    /// This very word.
    Word(String),
    /// A text of at most so many characters that matches every one of these expressions.
    Text { patterns: Vec<String>, longest: Option<u16> },
}

/// An IPv4 address, four decimal numbers.
const V4: &str = r"((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

/// An address of fe80::/10, given that it is one of IPv6.
const LINK_LOCAL: &str = "[fF][eE][89abAB][0-9a-fA-F]:";

/// The name of a host: letters, digits, dots and hyphens between letters or digits.
const HOST: &str = r"^[A-Za-z0-9]+(\.?(-+\.?)*[A-Za-z0-9]+)*$";

/// The values of a keyword, by its syntax; `None` where it is more than one value.
pub(super) fn values(syntax: &str) -> Option<Vec<Value>> {
    let (_, rest) = syntax.split_once(' ')?;
    let bare = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let rest = bare.filter(|inner| !inner.contains('[')).unwrap_or(rest);
    if rest == "<address>[/<mask length>]" {
        return Some(vec![peer()]);
    }
    if rest.contains(['…', '{', '[']) {
        return None;
    }
    // "0 or 3-65535" and "0|3-65535" say the same.
    let rest = rest.replace(" or ", "|");
    let mut values = Vec::new();
    for alternative in rest.split('|') {
        let value = value(alternative)?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.contains(&Value::Boolean) {
        // `enable|disable` is a switch; elsewhere `disable` is a word of its own.
        values.retain(|value| *value != Value::Word("disable".to_owned()));
    }
    Some(values)
}

/// What one alternative stands for.
fn value(text: &str) -> Option<Value> {
    let text = text.trim_matches('"');
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    match inner {
        None if matches!(text, "true" | "false" | "enable") => Some(Value::Boolean),
        None if text.contains(['<', ' ']) => None,
        None => range(text).or_else(|| Some(Value::Word(text.to_owned()))),
        Some("IPv4 address") => Some(matching([format!("^{V4}$")])),
        Some("address") => Some(matching([format!("^({V4}|{})$", v6())])),
        Some("address in fe80::/10") => {
            Some(matching([format!("^{}$", v6()), format!("^{LINK_LOCAL}")]))
        }
        Some("AS number" | "messages a second") => Some(Value::Integer(0, u32::MAX)),
        Some("port") => Some(Value::Integer(0, 65535)),
        Some("seconds below 4096") => Some(Value::Integer(0, 4095)),
        Some("text" | "interface") => Some(matching([])),
        Some("text of at most 80 octets") => {
            Some(Value::Text { patterns: Vec::new(), longest: Some(80) })
        }
        Some("text of 1 to 80 octets") => {
            Some(Value::Text { patterns: vec!["^.".to_owned()], longest: Some(80) })
        }
        Some("name") => Some(Value::Text { patterns: vec![HOST.to_owned()], longest: Some(255) }),
        Some(inner) => range(inner),
    }
}

fn matching(patterns: impl Into<Vec<String>>) -> Value {
    Value::Text { patterns: patterns.into(), longest: None }
}

/// `N` or `N-M`.
fn range(text: &str) -> Option<Value> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(Value::Integer(first.parse().ok()?, last.parse().ok()?))
}

/// Whom a session is with: an address, a range, or a link-local address and its interface.
fn peer() -> Value {
    let v6 = v6();
    let v4_length = "(/0*([0-9]|[12][0-9]|3[0-2]))?";
    let v6_length = "(/0*([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?";
    matching([format!("^({V4}{v4_length}|{v6}{v6_length}|fe80:[0-9a-fA-F:.]*%.+)$")])
}

/// An IPv6 address (RFC 4291 section 2.2), one alternative for each place of `::`.
fn v6() -> String {
    let h = "[0-9a-fA-F]{1,4}";
    let mut forms = vec![format!("({h}:){{7}}{h}"), format!("({h}:){{6}}{V4}")];
    for before in 0..=7_u8 {
        let after = 7 - before;
        let head = match before {
            0 => ":".to_owned(),
            before => format!("({h}:){{{before}}}"),
        };
        let tail = match after {
            0 => ":".to_owned(),
            after => format!("((:{h}){{1,{after}}}|:)"),
        };
        forms.push(head.clone() + &tail);
        if let Some(after) = 5_u8.checked_sub(before) {
            forms.push(format!("{head}(:{h}){{0,{after}}}:{V4}"));
        }
    }
    format!("({})", forms.join("|"))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use regex_lite::Regex;

    use super::*;

    #[test]
    fn syntaxes_are_read() {
        let word = |word: &str| Value::Word(word.to_owned());
        for (syntax, expected) in [
            ("passive [true|false]", Some(vec![Value::Boolean])),
            ("aigp [enable|disable]", Some(vec![Value::Boolean])),
            ("hold-time 0 or 3-65535", Some(vec![Value::Integer(0, 0), Value::Integer(3, 65535)])),
            ("outgoing-ttl 0-255|disable", Some(vec![Value::Integer(0, 255), word("disable")])),
            ("keyid <0-255>", Some(vec![Value::Integer(0, 255)])),
            ("encoder text|json", Some(vec![word("text"), word("json")])),
            ("run <program> [<argument> …]", None),
            ("inherit <template> or [ <template> … ]", None),
        ] {
            assert_eq!(values(syntax), expected, "{syntax}");
        }
    }

    #[test]
    fn addresses_are_told_from_what_is_none() {
        let v6 = Regex::new(&format!("^{}$", v6())).unwrap();
        for text in [
            "::",
            "::1",
            "1::",
            "1::2",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:1.2.3.4",
            "::ffff:1.2.3.4",
            "::1.2.3.4",
            "1:2::1.2.3.4",
            "64:ff9b::1.2.3.4",
            "fe80::1",
            "FE80::A",
            "1:2:3:4:5::1.2.3.4",
            "",
            ":",
            ":::",
            "1",
            "1:2",
            "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "12345::",
            "g::",
            "::1.2.3",
            "::256.1.1.1",
            "1:2:3:4:5:6:7:1.2.3.4",
            "fe80::1%lo",
            "1:2:3:4:5:6::1.2.3.4",
            "1::2:3:4:5:6:7:8",
        ] {
            assert_eq!(v6.is_match(text), text.parse::<Ipv6Addr>().is_ok(), "{text}");
        }
    }
}
