//! Renames keys of a JSON text where they stand: spacing, order and numbers stay as they were.

use std::ops::Range;

/// A key with another name, in objects that hold or lie under a key that contains `within`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rename {
    pub(super) old: &'static str,
    pub(super) new: &'static str,
    pub(super) within: &'static str,
}

/// How deep values may lie in each other.
const DEPTH_MAX: usize = 256;

/// The text with its keys renamed; `None` where it is no JSON object.
pub(super) fn rename(text: &str, renames: &[Rename]) -> Option<String> {
    let keys = Keys::of(text)?;
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for key in &keys.keys {
        let name = text.get(key.range.clone())?;
        let applies = |rename: &&Rename| rename.old == name && keys.is_within(text, key, rename);
        if let Some(rename) = renames.iter().find(applies) {
            out.push_str(text.get(at..key.range.start)?);
            out.push_str(rename.new);
            at = key.range.end;
        }
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// The keys of a text, and how they lie in each other.
#[derive(Default)]
struct Keys {
    /// In the order of the text.
    keys: Vec<Key>,
    /// For each object, the key under which it lies.
    objects: Vec<Option<usize>>,
}

struct Key {
    /// Between the quotes.
    range: Range<usize>,
    object: usize,
}

/// What is open around a place.
struct Frame {
    /// The object, `None` in a list.
    object: Option<usize>,
    /// The key read last, here or around the list.
    key: Option<usize>,
}

impl Keys {
    fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut keys = Self::default();
        let mut frames: Vec<Frame> = Vec::new();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' if frames.len() < DEPTH_MAX => {
                    let key = frames.last().and_then(|frame| frame.key);
                    let object = (*byte == b'{').then_some(keys.objects.len());
                    if object.is_some() {
                        keys.objects.push(key);
                    }
                    frames.push(Frame { object, key });
                }
                b'{' | b'[' => return None,
                b'}' | b']' => {
                    let frame = frames.pop()?;
                    if frame.object.is_some() != (*byte == b'}') {
                        return None;
                    }
                    if frames.is_empty() {
                        let rest = text.get(at + 1..)?;
                        return rest.trim().is_empty().then_some(keys);
                    }
                }
                b'"' => {
                    let end = end_of_string(bytes, at + 1)?;
                    let frame = frames.last_mut()?;
                    let behind = bytes.get(end + 1..)?.iter().find(|b| !b.is_ascii_whitespace());
                    if let (Some(object), Some(b':')) = (frame.object, behind) {
                        frame.key = Some(keys.keys.len());
                        keys.keys.push(Key { range: at + 1..end, object });
                    }
                    at = end;
                }
                _ if frames.is_empty() && !byte.is_ascii_whitespace() => return None,
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Whether the object of a key holds the context of a rename, or lies under it.
    fn is_within(&self, text: &str, key: &Key, rename: &Rename) -> bool {
        let is_context = |key: &Key| {
            let name = text.get(key.range.clone()).unwrap_or_default();
            name.to_ascii_lowercase().contains(rename.within)
        };
        if self.keys.iter().any(|other| other.object == key.object && is_context(other)) {
            return true;
        }
        let mut object = key.object;
        while let Some(above) = self.objects.get(object).copied().flatten() {
            let Some(above) = self.keys.get(above) else { return false };
            if is_context(above) {
                return true;
            }
            object = above.object;
        }
        false
    }
}

/// Where the string ends whose first character is at `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENAMES: &[Rename] = &[Rename { old: "ip", new: "prefix", within: "reach" }];

    #[test]
    fn keys_are_renamed_in_their_context_only() {
        let text = r#"{ "ip": 1, "a-Reach": [ { "ip" : "ip", "x": { "ip": "}\"" } } ], "b": 2 }"#;
        let new = r#"{ "prefix": 1, "a-Reach": [ { "prefix" : "ip", "x": { "prefix": "}\"" } } ], "b": 2 }"#;
        assert_eq!(rename(text, RENAMES).as_deref(), Some(new));
        let apart = r#"{"b": {"ip": 1}, "c": ["reach", {"ip": 2}]}"#;
        assert_eq!(rename(apart, RENAMES).as_deref(), Some(apart));
    }

    #[test]
    fn what_is_no_object_is_told() {
        for text in ["", "announce", "{", "{\"a\": 1", "{]", "{} x", "\"ip\"", "{\"a\\"] {
            assert_eq!(rename(text, RENAMES), None, "{text}");
        }
        assert_eq!(rename(&"[".repeat(100_000), RENAMES), None);
    }
}
