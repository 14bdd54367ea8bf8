//! A text with a name, ready to be split into words.
//!
//! Continued lines are joined and escapes are resolved before words are looked at, because an
//! escape may spell a quote or a comment sign. A text without a backslash, which is nearly every
//! text, is used as it is; otherwise a decoded copy is made together with the means to find the
//! place of each of its bytes in the original.

use std::borrow::Cow;
use std::ops::Range;

use super::{Error, Span};

/// How much of a line is shown before and after a place, in bytes.
const SHOWN: usize = 120;

/// A text with a name.
#[derive(Debug)]
pub struct Source<'a> {
    name: Cow<'a, str>,
    original: Cow<'a, str>,
    decoded: Option<Decoded>,
    fault: Option<Error>,
}

/// What is left once escapes and continuations are resolved.
#[derive(Debug, Default)]
struct Decoded {
    text: String,
    /// Where runs copied unchanged start: offset in `text`, offset in the original.
    runs: Vec<(usize, usize)>,
    /// Offsets in `text` of line feeds that come from an escape and so end no line.
    soft: Vec<usize>,
}

/// A place as people count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from one.
    pub line: usize,
    /// In characters, counted from one.
    pub column: usize,
    /// How many characters of the line the span covers.
    pub width: usize,
    /// The line, without its end; of a very long line, the part around the place.
    pub text: String,
    /// How many characters of the line are left out before `text`.
    pub cut: usize,
}

impl<'a> Source<'a> {
    /// Prepares `text`; a bad escape or a NUL is kept for [`Source::fault`].
    pub fn new(name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        let original = text.into();
        let (decoded, fault) = match memchr::memchr(b'\\', original.as_bytes()) {
            None => (None, None),
            Some(_) => {
                let (decoded, fault) = decode(&original);
                (Some(decoded), fault)
            }
        };
        let mut source = Self { name: name.into(), original, decoded, fault };
        if let (None, Some(at)) = (&source.fault, memchr::memchr(0, source.text().as_bytes())) {
            // Programs, passwords and names could not be handed to the system with one inside.
            source.fault = Some(Error::new(Span::new(at, at + 1), "there is a NUL in the text"));
        }
        source
    }

    /// A text whose backslashes mean themselves, as in [`Tokens::line`](super::Tokens::line).
    pub fn raw(name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        Self { name: name.into(), original: text.into(), decoded: None, fault: None }
    }

    /// The name: of a file, or what stands for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong with the text as such: a bad escape, or a NUL.
    pub fn fault(&self) -> Option<&Error> {
        self.fault.as_ref()
    }

    /// The text to split into words.
    pub(super) fn text(&self) -> &str {
        self.decoded.as_ref().map_or(&self.original, |decoded| &decoded.text)
    }

    /// Offsets of line feeds that end no line.
    pub(super) fn soft(&self) -> &[usize] {
        self.decoded.as_ref().map_or(&[], |decoded| &decoded.soft)
    }

    /// The text as it was given.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// Where the words of a span stand in the text as it was given.
    pub fn written(&self, span: Span) -> Range<usize> {
        let start = self.locate(span.start).min(self.original.len());
        // The end of the last character, and not the start of the next: lines may be joined there.
        let last = span.end.saturating_sub(1).max(span.start);
        let last = self.locate(last).min(self.original.len());
        let end = match self.original.as_bytes().get(last) {
            Some(b'\\') | None => self.locate(span.end).min(self.original.len()),
            Some(_) if span.end > span.start => last + 1,
            Some(_) => start,
        };
        start..end.max(start)
    }

    /// Line, column and text of a span.
    pub fn place(&self, span: Span) -> Place {
        let start = self.locate(span.start).min(self.original.len());
        let end = self.locate(span.end).clamp(start, self.original.len());
        let bytes = self.original.as_bytes();
        let before = bytes.get(..start).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let first = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let after = bytes.get(start..).unwrap_or_default();
        let last = memchr::memchr(b'\n', after).map_or(bytes.len(), |at| start + at);
        let piece = |from: usize, to: usize| {
            String::from_utf8_lossy(bytes.get(from..to.max(from)).unwrap_or_default())
        };
        let from = self.boundary(first.max(start.saturating_sub(SHOWN)));
        let to = self.boundary(last.min(start.saturating_add(SHOWN)));
        Place {
            line,
            column: count(bytes.get(first..start)) + 1,
            width: count(bytes.get(start..end.min(to).max(start))),
            text: piece(from, to).trim_end().to_owned(),
            cut: count(bytes.get(first..from)),
        }
    }

    /// The first byte of a character at or after `at`.
    fn boundary(&self, at: usize) -> usize {
        (at..self.original.len()).find(|at| self.original.is_char_boundary(*at)).unwrap_or(at)
    }

    fn locate(&self, offset: usize) -> usize {
        let Some(decoded) = &self.decoded else { return offset };
        let after = decoded.runs.partition_point(|(at, _)| *at <= offset);
        match after.checked_sub(1).and_then(|index| decoded.runs.get(index)) {
            Some((at, original)) => original + (offset - at),
            None => offset,
        }
    }
}

/// How many characters start in these bytes of a text.
fn count(bytes: Option<&[u8]>) -> usize {
    bytes.unwrap_or_default().iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// Resolves continuations, then escapes.
fn decode(original: &str) -> (Decoded, Option<Error>) {
    let mut decoded = Decoded::default();
    let mut fault = None;
    let mut offset = 0;
    for line in original.split_inclusive('\n') {
        let body = line.trim_end();
        let (kept, continued) = match body.strip_suffix('\\') {
            Some(kept) if line.ends_with('\n') => (kept, true),
            _ => (body, false),
        };
        if let Err(error) = decoded.line(kept, offset) {
            fault.get_or_insert(error);
        }
        if !continued && line.ends_with('\n') {
            decoded.run(offset + line.len() - 1);
            decoded.text.push('\n');
        }
        offset += line.len();
    }
    (decoded, fault)
}

impl Decoded {
    fn run(&mut self, original: usize) {
        self.runs.push((self.text.len(), original));
    }

    fn line(&mut self, line: &str, start: usize) -> Result<(), Error> {
        let mut rest = line;
        let mut result = Ok(());
        while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
            let offset = start + line.len() - rest.len();
            let (plain, escape) = rest.split_at(at);
            self.run(offset);
            self.text.push_str(plain);
            self.run(offset + at);
            let mut characters = escape.chars();
            characters.next();
            match characters.next() {
                None => self.text.push('\\'),
                Some('b') => self.text.push('\u{8}'),
                Some('f') => self.text.push('\u{c}'),
                Some('n') => {
                    self.soft.push(self.text.len());
                    self.text.push('\n');
                }
                Some('r') => self.text.push('\r'),
                Some('t') => self.text.push('\t'),
                Some('u') => match unicode(characters.as_str()) {
                    Some((character, after)) => {
                        self.text.push(character);
                        characters = after.chars();
                    }
                    None => {
                        let span = Span::new(self.text.len(), self.text.len() + 2);
                        let error =
                            Error::new(span, "\\u must be followed by four hexadecimal digits");
                        result = result.and(Err(error));
                        self.text.push_str("\\u");
                    }
                },
                Some(other) => self.text.push(other),
            }
            rest = characters.as_str();
        }
        self.run(start + line.len() - rest.len());
        self.text.push_str(rest);
        result
    }
}

fn unicode(text: &str) -> Option<(char, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok()?;
    // Half of a surrogate pair is no character: it is kept as the replacement character.
    Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_a_fault_of_the_text() {
        for text in ["a\0b;", "a\\u0000b;"] {
            let source = Source::new("t", text);
            assert_eq!(source.place(source.fault().unwrap().span()).column, 2, "{text:?}");
        }
        assert!(Source::raw("t", "a\\u0000b;").fault().is_none());
    }

    #[test]
    fn plain_text_is_not_copied() {
        let source = Source::new("a", "one two;\nthree;\n");
        assert!(matches!(source.original, Cow::Borrowed(_)) && source.decoded.is_none());
        let place = source.place(Span::new(9, 14));
        assert_eq!((place.line, place.column, place.width), (2, 1, 5));
        assert_eq!(place.text, "three;");
    }

    #[test]
    fn lines_are_joined_and_escapes_resolved() {
        let source = Source::new("a", "m\\\ned \\u0041\\q\\tx\\n;\nnext;\n");
        assert_eq!(source.text(), "med Aq\tx\n;\nnext;\n");
        assert_eq!(source.soft(), &[8]);
        let at = source.text().find("next").unwrap();
        let place = source.place(Span::new(at, at + 4));
        assert_eq!((place.line, place.column, place.text.as_str()), (3, 1, "next;"));
    }

    #[test]
    fn words_are_found_where_they_were_written() {
        let source = Source::new("a", "one \\\n two\\u0041;");
        let written = |word: &str| {
            let at = source.text().find(word).unwrap();
            let span = Span::new(at, at + word.len());
            source.original().get(source.written(span)).map(str::to_owned)
        };
        assert_eq!(source.text(), "one  twoA;");
        assert_eq!(written("one").as_deref(), Some("one"));
        assert_eq!(written("twoA").as_deref(), Some("two\\u0041"));
        assert_eq!(written(";").as_deref(), Some(";"));
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_kept() {
        let text = format!("{}X{}", "é".repeat(1000), "b".repeat(1000));
        let source = Source::new("a", text.as_str());
        let place = source.place(Span::new(2000, 2001));
        assert_eq!((place.line, place.column, place.width), (1, 1001, 1));
        assert_eq!(place.text.chars().nth(place.column - place.cut - 1), Some('X'));
        assert!(place.text.len() <= 2 * SHOWN);
        assert!(source.place(Span::new(0, 4000)).width <= 2 * SHOWN);
    }

    #[test]
    fn a_short_escape_is_a_fault() {
        let source = Source::new("a", "x \"\\u12\";\n");
        let error = source.fault().unwrap();
        assert_eq!(source.place(error.span()).column, 4);
    }
}
