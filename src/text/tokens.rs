//! Splits a text into words and punctuation, keeping the place of each.
//!
//! A statement is one logical line: words, then `;`, `{` or `}`. A word is a slice of the text;
//! only a quote opened inside a word makes a copy. In a command line, which ends with the text,
//! parentheses are words by themselves, as programs write `(1,2)` and `( 1, 2 )` alike.

use std::borrow::Cow;
use std::ops::Deref;

use super::{Error, Source, Span};

/// A word and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The characters, without quotes.
    pub text: Cow<'a, str>,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether it was quoted, and so is never punctuation.
    pub quoted: bool,
}

impl Deref for Word<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Word<'_> {
    /// A fault of this word: `what` follows the word in quotes.
    #[cold]
    pub fn fault(&self, what: &str) -> Error {
        Error::new(self.span, format!("\"{}\" {what}", self.text))
    }
}

/// What a text is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lexeme<'a> {
    Word(Word<'a>),
    /// `;`
    Semicolon,
    /// `{`
    Open,
    /// `}`
    Close,
    /// The end of a logical line.
    Newline,
    /// The end of the text.
    End,
}

/// A walk over the words of a text.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    soft: &'a [usize],
    at: usize,
    parentheses: bool,
    ahead: Option<(Result<Lexeme<'a>, Error>, Span, usize)>,
    last: Span,
    /// Where the plain statement found last ends.
    plain: usize,
}

impl<'a> Tokens<'a> {
    /// The words of a configuration.
    pub fn new(source: &'a Source<'_>) -> Self {
        Self {
            text: source.text(),
            soft: source.soft(),
            at: 0,
            parentheses: false,
            ahead: None,
            last: Span::default(),
            plain: 0,
        }
    }

    /// The words of a command.
    pub fn command(source: &'a Source<'_>) -> Self {
        Self { parentheses: true, ..Self::new(source) }
    }

    /// The words of a command without escapes, straight from the bytes that were received.
    pub fn line(text: &'a str) -> Self {
        let last = Span::default();
        Self { text, soft: &[], at: 0, parentheses: true, ahead: None, last, plain: 0 }
    }

    /// The next lexeme, consumed.
    #[expect(clippy::should_implement_trait, reason = "it can fail, and never ends")]
    pub fn next(&mut self) -> Result<Lexeme<'a>, Error> {
        match self.ahead.take() {
            Some((lexeme, span, at)) => {
                self.last = span;
                self.at = at;
                lexeme
            }
            None => {
                let (lexeme, span) = self.lex();
                self.last = span;
                lexeme
            }
        }
    }

    /// The next word, when a word comes next; it stays.
    pub fn peek(&mut self) -> Option<&Word<'a>> {
        match &self.fill().0 {
            Ok(Lexeme::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The place of what comes next.
    pub fn span(&mut self) -> Span {
        self.fill().1
    }

    /// The place of what was consumed last.
    pub fn last(&self) -> Span {
        self.last
    }

    /// The next word, consumed; `what` names it in the error when there is none.
    pub fn word(&mut self, what: &str) -> Result<Word<'a>, Error> {
        let before = (self.at, self.last);
        match self.next()? {
            Lexeme::Word(word) => Ok(word),
            _ => {
                (self.at, self.last) = before;
                Err(self.missing(what))
            }
        }
    }

    /// Whether no word comes next: the statement has no more.
    pub fn is_done(&mut self) -> bool {
        !matches!(self.fill().0, Ok(Lexeme::Word(_)) | Err(_))
    }

    /// Consumes the next word if it is `text`, unquoted.
    pub fn accept(&mut self, text: &str) -> bool {
        let matches = self.peek().is_some_and(|word| !word.quoted && word.text == text);
        if matches {
            self.at = self.ahead.take().map_or(self.at, |(_, span, at)| {
                self.last = span;
                at
            });
        }
        matches
    }

    /// Consumes the `;` that ends the statement, if it comes next.
    pub fn accept_end(&mut self) -> bool {
        let at = self.offset();
        let ends = self.byte(at) == Some(b';');
        if ends {
            self.last = Span::new(at, at + 1);
            self.seek(at + 1);
        }
        ends
    }

    /// Goes to the next line that holds anything, if nothing is left in this one.
    pub fn skip_lines(&mut self) {
        if self.soft.is_empty() && self.ahead.is_none() {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
            self.at += rest.iter().position(|byte| !blank(byte)).unwrap_or(0);
        }
    }

    /// Consumes `text`, which must come next.
    pub fn expect(&mut self, text: &str) -> Result<(), Error> {
        if self.accept(text) { Ok(()) } else { Err(self.missing(&format!("\"{text}\""))) }
    }

    /// One `item`, or `[ item … ]`: calls `item` for each. Commas between items are ignored.
    pub fn list(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if !self.accept("[") {
            return item(self);
        }
        loop {
            while self.accept(",") {}
            if self.accept("]") {
                return Ok(());
            }
            if self.is_done() {
                return Err(self.missing("\"]\""));
            }
            item(self)?;
        }
    }

    /// Drops the words left in the statement and answers with the place of them, if any.
    pub fn surplus(&mut self) -> Result<Option<Span>, Error> {
        let mut surplus: Option<Span> = None;
        while !self.is_done() {
            let word = self.word("word")?;
            surplus = Some(surplus.map_or(word.span, |span| span.to(word.span)));
        }
        Ok(surplus)
    }

    /// The text from the next lexeme on, as written: for memos keyed by text.
    pub fn remaining(&mut self) -> &'a str {
        let start = self.offset();
        self.text.get(start..).unwrap_or_default()
    }

    /// The words left in the statement, as written, when a `;` or the end of the text ends it and
    /// neither a quote, a comment nor an escape is among them; all of it stays to be read.
    pub fn plain(&mut self) -> Option<&'a str> {
        let start = self.offset();
        if start < self.plain {
            return self.text.get(start..self.plain);
        }
        let rest = self.text.as_bytes().get(start..)?;
        let end = match memchr::memchr3(b';', b'\n', b'{', rest) {
            Some(end) if rest.get(end) == Some(&b';') => end,
            None => rest.len(),
            Some(_) => return None,
        };
        let words = rest.get(..end)?;
        let hidden = memchr::memchr3(b'"', b'\'', b'#', words).is_some()
            || memchr::memchr(b'}', words).is_some();
        if hidden || !self.soft.is_empty() {
            return None;
        }
        self.plain = start + end;
        self.text.get(start..self.plain)
    }

    /// Goes to the end of the words that [`Tokens::plain`] answered with.
    pub fn pass(&mut self, words: &str) {
        let offset = self.offset();
        self.seek(offset + words.len());
    }

    /// What ends the statement that is being read; all of it stays to be read.
    pub fn ending(&mut self) -> Lexeme<'a> {
        if self.plain().is_some_and(|words| words.len() < self.remaining().len()) {
            return Lexeme::Semicolon;
        }
        let mut ahead = self.clone();
        loop {
            match ahead.next() {
                Ok(Lexeme::Word(_)) | Err(_) => {}
                Ok(end) => return end,
            }
        }
    }

    /// Where the next lexeme starts, in bytes of the text; comments may stand before it.
    pub fn offset(&mut self) -> usize {
        if self.ahead.is_none() {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
            self.at += rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
            return self.at;
        }
        self.fill().1.start
    }

    /// Goes on from this offset, at which a lexeme must start.
    pub fn seek(&mut self, offset: usize) {
        self.ahead = None;
        self.at = offset;
    }

    /// The text between two offsets, as written.
    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Recovers from an error: drops everything up to the end of the statement, which is left
    /// to be read, or the end of the line.
    pub fn recover(&mut self) {
        loop {
            match self.fill().0 {
                Ok(Lexeme::Word(_)) | Err(_) => drop(self.next()),
                Ok(_) => return,
            }
        }
    }

    /// The error that `what` should come next.
    #[cold]
    pub fn missing(&mut self, what: &str) -> Error {
        let (lexeme, span, _) = self.fill();
        let span = *span;
        match lexeme {
            Err(error) => error.clone(),
            Ok(Lexeme::Word(word)) => {
                Error::new(span, format!("expected {what}, found \"{}\"", word.text))
            }
            Ok(Lexeme::Semicolon) => Error::new(span, format!("expected {what} before ;")),
            Ok(Lexeme::Open) => Error::new(span, format!("expected {what}, found {{")),
            Ok(Lexeme::Close) => Error::new(span, format!("expected {what}, found }}")),
            Ok(Lexeme::Newline) => {
                Error::new(span, format!("expected {what} before the end of the line"))
            }
            Ok(Lexeme::End) => Error::new(span, format!("expected {what} before the end")),
        }
    }

    fn fill(&mut self) -> &(Result<Lexeme<'a>, Error>, Span, usize) {
        if self.ahead.is_none() {
            let (lexeme, span) = self.lex();
            let next = std::mem::replace(&mut self.at, span.start);
            self.ahead = Some((lexeme, span, next));
        }
        const END: &(Result<Lexeme<'static>, Error>, Span, usize) =
            &(Ok(Lexeme::End), Span { start: 0, end: 0 }, 0);
        self.ahead.as_ref().unwrap_or(END)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// One lexeme from `self.at`, which is left after it.
    fn lex(&mut self) -> (Result<Lexeme<'a>, Error>, Span) {
        let kind = loop {
            let Some(byte) = self.byte(self.at) else {
                return (Ok(Lexeme::End), Span::new(self.at, self.at));
            };
            match byte {
                b'\n' if self.soft.binary_search(&self.at).is_err() => break Lexeme::Newline,
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.comment(),
                b';' => break Lexeme::Semicolon,
                b'{' => break Lexeme::Open,
                b'}' => break Lexeme::Close,
                _ => return self.lex_word(),
            }
        };
        let start = self.at;
        self.at += 1;
        (Ok(kind), Span::new(start, self.at))
    }

    fn comment(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(length) = bytes.get(self.at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
            self.at += length;
            if self.soft.binary_search(&self.at).is_err() {
                return;
            }
            self.at += 1;
        }
        self.at = self.text.len();
    }

    fn lex_word(&mut self) -> (Result<Lexeme<'a>, Error>, Span) {
        let start = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            self.at += rest.iter().position(ends_word).unwrap_or(rest.len());
            match self.byte(self.at) {
                Some(quote @ (b'"' | b'\'')) => return self.lex_quoted(start, quote),
                Some(b'#') => {
                    let span = Span::new(start, self.at + 1);
                    self.comment();
                    let what = "a comment hides the end of the statement: put a space before #";
                    return (Err(Error::new(span, what)), span);
                }
                Some(b',' | b'[' | b']') => {
                    self.at += usize::from(self.at == start);
                    break;
                }
                Some(b'(' | b')') if self.parentheses => {
                    self.at += usize::from(self.at == start);
                    break;
                }
                Some(b'(' | b')') => self.at += 1,
                _ => break,
            }
        }
        let span = Span::new(start, self.at);
        let text = Cow::Borrowed(self.slice(start, self.at));
        (Ok(Lexeme::Word(Word { text, span, quoted: false })), span)
    }

    /// A closing quote ends the word; what stood before the opening one belongs to it.
    fn lex_quoted(&mut self, start: usize, quote: u8) -> (Result<Lexeme<'a>, Error>, Span) {
        let open = self.at;
        let mut close = open + 1;
        loop {
            match self.byte(close) {
                Some(byte) if byte == quote => break,
                Some(b'\n') if self.soft.binary_search(&close).is_err() => {
                    return self.unterminated(start, close);
                }
                Some(_) => close += 1,
                None => return self.unterminated(start, close),
            }
        }
        self.at = close + 1;
        let inner = self.slice(open + 1, close);
        let text = if start == open {
            Cow::Borrowed(inner)
        } else {
            Cow::Owned(format!("{}{inner}", self.slice(start, open)))
        };
        let span = Span::new(start, self.at);
        (Ok(Lexeme::Word(Word { text, span, quoted: true })), span)
    }

    fn unterminated(&mut self, start: usize, end: usize) -> (Result<Lexeme<'a>, Error>, Span) {
        self.at = end;
        let span = Span::new(start, end);
        (Err(Error::new(span, "the quote is not closed on this line")), span)
    }
}

/// Whether a word may end here, or more must be looked at.
fn ends_word(byte: &u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b';'
            | b'{'
            | b'}'
            | b'"'
            | b'\''
            | b'#'
            | b','
            | b'['
            | b']'
            | b'('
            | b')'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let source = Source::new("t", text);
        let mut tokens = Tokens::new(&source);
        let mut found = Vec::new();
        loop {
            found.push(match tokens.next() {
                Ok(Lexeme::Word(word)) => word.to_string(),
                Ok(Lexeme::Semicolon) => ";".to_owned(),
                Ok(Lexeme::Open) => "{".to_owned(),
                Ok(Lexeme::Close) => "}".to_owned(),
                Ok(Lexeme::Newline) => "\n".to_owned(),
                Ok(Lexeme::End) => return found,
                Err(error) => format!("!{error}"),
            });
        }
    }

    #[test]
    fn words_and_punctuation() {
        assert_eq!(
            words("a [b,c] (d) {e;}"),
            ["a", "[", "b", ",", "c", "]", "(d)", "{", "e", ";", "}"]
        );
        assert_eq!(words("x # y\nz"), ["x", "\n", "z"]);
        assert_eq!(words("ab\"c d\" \"\"'q'"), ["abc d", "", "q"]);
        assert_eq!(words("\"a # ; { } [ ]\";"), ["a # ; { } [ ]", ";"]);
        assert_eq!(words("a\\nb \"c\\nd\""), ["a", "b", "c\nd"]);
    }

    #[test]
    fn faults_are_told_and_passed() {
        assert_eq!(words("x# note\ny").len(), 3);
        assert!(words("x# note\ny").first().unwrap().starts_with("!a comment"));
        assert_eq!(words("\"open;\ny").len(), 3);
    }

    #[test]
    fn commands_split_at_parentheses() {
        let mut tokens = Tokens::line("(1,2)");
        for expected in ["(", "1", ",", "2", ")"] {
            assert_eq!(&*tokens.word("x").unwrap(), expected);
        }
        assert!(tokens.is_done());
    }

    #[test]
    fn lists_take_commas_and_single_items() {
        for text in ["[ a b ]", "[a,b]", "[ a, b, ]"] {
            let mut found = Vec::new();
            let mut tokens = Tokens::line(text);
            tokens.list(|t| t.word("item").map(|word| found.push(word.to_string()))).unwrap();
            assert_eq!(found, ["a", "b"]);
        }
        assert!(Tokens::line("[ a").list(|t| t.word("item").map(drop)).is_err());
    }

    #[test]
    fn a_plain_statement_is_known_without_reading_it() {
        for (text, plain, ending) in [
            ("a b; c", Some("a b"), Lexeme::Semicolon),
            ("a b", Some("a b"), Lexeme::End),
            ("a \"b;\" c; d", None, Lexeme::Semicolon),
            ("a {", None, Lexeme::Open),
            ("a\nb;", None, Lexeme::Newline),
            ("a } b;", None, Lexeme::Close),
            ("a # ;\n", None, Lexeme::Newline),
        ] {
            let mut tokens = Tokens::line(text);
            assert_eq!(tokens.plain(), plain, "{text}");
            assert_eq!(tokens.ending(), ending, "{text}");
            assert!(tokens.accept("a"));
        }
        let mut tokens = Tokens::line("a b; c");
        tokens.pass("a b");
        assert_eq!(tokens.next().unwrap(), Lexeme::Semicolon);
    }

    #[test]
    fn peeking_does_not_consume() {
        let mut tokens = Tokens::line("one two");
        assert_eq!(tokens.peek().map(|word| word.to_string()).as_deref(), Some("one"));
        assert!(!tokens.accept("two"));
        assert!(tokens.accept("one"));
        assert_eq!(tokens.remaining(), "two");
        assert_eq!(tokens.offset(), 4);
    }
}
