//! Words in which brackets and commas stand by themselves, whether or not blanks surround them.
//!
//! A command splits at parentheses, a configuration does not: `(1,2)` is five words in one and
//! three in the other. Read through here, both are five.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::text::{Error, Span, Tokens, Word};

/// A bracket, a comma, or what stands between them.
#[derive(Clone, Debug)]
pub(in crate::bgp) struct Piece<'a> {
    word: Word<'a>,
}

impl<'a> From<Word<'a>> for Piece<'a> {
    fn from(word: Word<'a>) -> Self {
        Self { word }
    }
}

impl Piece<'_> {
    /// The characters.
    pub(in crate::bgp) fn text(&self) -> &str {
        &self.word
    }

    /// A decimal number that fits `T`: digits only.
    pub(in crate::bgp) fn number<T: std::str::FromStr>(&self) -> Option<T> {
        let text = self.text();
        text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
    }

    /// A fault of this piece.
    #[cold]
    pub(in crate::bgp) fn fault(&self, what: &str) -> Error {
        self.word.fault(what)
    }
}

/// A walk over the pieces of the words to come.
#[derive(Debug)]
pub(in crate::bgp) struct Pieces<'t, 'a> {
    tokens: &'t mut Tokens<'a>,
    /// The rest of the last word.
    waiting: VecDeque<Piece<'a>>,
}

impl<'t, 'a> Pieces<'t, 'a> {
    /// From the next word on.
    pub(in crate::bgp) fn new(tokens: &'t mut Tokens<'a>) -> Self {
        Self { tokens, waiting: VecDeque::new() }
    }

    /// The next piece; `what` names it in the error when there is none.
    pub(in crate::bgp) fn next(&mut self, what: &str) -> Result<Piece<'a>, Error> {
        if let Some(piece) = self.waiting.pop_front() {
            return Ok(piece);
        }
        let word = self.tokens.word(what)?;
        if word.quoted || !word.contains(['(', ')']) || word.len() == 1 {
            return Ok(Piece { word });
        }
        self.split(&word);
        self.waiting.pop_front().ok_or_else(|| self.tokens.missing(what))
    }

    /// A decimal number that fits `T`; `what` names it in the error.
    pub(in crate::bgp) fn number<T: std::str::FromStr>(&mut self, what: &str) -> Result<T, Error> {
        let piece = self.next(what)?;
        piece.number().ok_or_else(|| piece.fault(&format!("is not {what}")))
    }

    /// A number, decimal or with `0x`, that fits `T`; `what` names it in the error.
    pub(in crate::bgp) fn number_or_hex<T: TryFrom<u32>>(
        &mut self,
        what: &str,
    ) -> Result<T, Error> {
        let piece = self.next(what)?;
        let value = match piece.text().strip_prefix("0x") {
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                u32::from_str_radix(digits, 16).ok()
            }
            _ => piece.number(),
        };
        let value = value.and_then(|value| T::try_from(value).ok());
        value.ok_or_else(|| piece.fault(&format!("is not {what}")))
    }

    /// Whether the next piece is `text`; it stays.
    pub(in crate::bgp) fn sees(&mut self, text: &str) -> Result<bool, Error> {
        if self.waiting.is_empty() {
            if self.tokens.is_done() {
                return Ok(false);
            }
            let piece = self.next("a word")?;
            self.waiting.push_front(piece);
        }
        Ok(self.waiting.front().is_some_and(|piece| !piece.word.quoted && piece.text() == text))
    }

    /// Consumes the next piece if it is `text`.
    pub(in crate::bgp) fn accept(&mut self, text: &str) -> Result<bool, Error> {
        let matches = self.sees(text)?;
        if matches {
            self.waiting.pop_front();
        }
        Ok(matches)
    }

    /// Consumes `text`, which must come next.
    pub(in crate::bgp) fn expect(&mut self, text: &str) -> Result<(), Error> {
        if self.accept(text)? {
            return Ok(());
        }
        match self.waiting.front() {
            Some(piece) => Err(piece.fault(&format!("stands where \"{text}\" was expected"))),
            None => Err(self.tokens.missing(&format!("\"{text}\""))),
        }
    }

    /// Refuses a word of which only a part was used.
    pub(in crate::bgp) fn done(&mut self) -> Result<(), Error> {
        match self.waiting.front() {
            None => Ok(()),
            Some(piece) => Err(piece.fault("was not expected here")),
        }
    }

    /// Whether no rest of a word waits.
    pub(in crate::bgp) fn is_drained(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Asks about the next whole word, which stays.
    pub(in crate::bgp) fn peek_word(&mut self, question: impl FnOnce(&str) -> bool) -> bool {
        self.tokens.peek().is_some_and(|word| question(word))
    }

    fn split(&mut self, word: &Word<'a>) {
        let mut start = 0;
        for (at, bracket) in word.match_indices(['(', ')']) {
            self.push(word, start, at);
            self.push(word, at, at + bracket.len());
            start = at + bracket.len();
        }
        self.push(word, start, word.len());
    }

    fn push(&mut self, word: &Word<'a>, start: usize, end: usize) {
        let text = match &word.text {
            Cow::Borrowed(text) => text.get(start..end).map(Cow::Borrowed),
            Cow::Owned(text) => text.get(start..end).map(|text| Cow::Owned(text.to_owned())),
        };
        let Some(text) = text.filter(|text| !text.is_empty()) else { return };
        let span = Span::new(word.span.start + start, word.span.start + end);
        self.waiting.push_back(Piece { word: Word { text, span, quoted: false } });
    }
}
