//! Sections as tables, and the walk that reads a file by them.
//!
//! A [`Section`] names its keywords and the sections inside it; reading one is a loop over its
//! statements. An error ends its statement only: the walk goes on at the next `;` or `}`, so
//! that one run tells everything that is wrong with a file.

use std::borrow::Cow;

use super::scope::Scope;
use crate::text::{Error, Lexeme, Span, Tokens, Word};

/// Reads the words after a name.
pub(super) type Read = fn(&mut Scope<'_>, &mut Tokens<'_>) -> Result<(), Error>;

/// What a file may hold between two braces.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: &'static str,
    /// Shown with errors of its first line.
    pub(super) syntax: &'static str,
    pub(super) keywords: &'static [Keyword],
    pub(super) sections: &'static [&'static Self],
    /// Words of older releases, and what to write today.
    pub(super) gone: &'static [(&'static str, &'static str)],
    /// Reads the words between the name and the brace. An error still lets the statements be
    /// read, for the sake of their own errors, unless the section knows none.
    pub(super) open: Read,
    /// Checks the whole at the closing brace; the span is that of the first line.
    pub(super) close: fn(&mut Scope<'_>, Span) -> Result<(), Error>,
    /// Reads the words after a keyword that is in no table; `None` when it is no keyword.
    pub(super) other: fn(&mut Scope<'_>, &str, &mut Tokens<'_>) -> Option<Result<(), Error>>,
    /// The keywords that `other` reads.
    pub(super) names: fn() -> Vec<&'static str>,
    /// A statement that is lost is a route that is lost.
    pub(super) has_routes: bool,
}

impl Section {
    /// Whether no statement is known inside it.
    fn reads_nothing(&self) -> bool {
        self.keywords.is_empty() && self.sections.is_empty() && (self.names)().is_empty()
    }
}

/// A statement.
#[derive(Debug)]
pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) syntax: &'static str,
    pub(super) read: Read,
}

/// A section without words before its brace and without a check behind it.
pub(super) const PLAIN: Section = Section {
    name: "",
    syntax: "",
    keywords: &[],
    sections: &[],
    gone: &[],
    open: |_, _| Ok(()),
    close: |_, _| Ok(()),
    other: |_, _, _| None,
    names: Vec::new,
    has_routes: false,
};

/// An error, and the section in which it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) error: Error,
    pub(super) section: String,
}

/// How many errors of a file are told.
pub(super) const ERRORS_MAX: usize = 100;

/// The reader of a file.
#[derive(Debug)]
pub(super) struct Walk<'t, 's> {
    tokens: Tokens<'t>,
    scope: Scope<'s>,
    path: Vec<Cow<'static, str>>,
    faults: Vec<Fault>,
    /// The last line broke off inside a statement: the next one may be the rest of it.
    broken: bool,
    /// The text ended inside a section, which was told.
    ended: bool,
    /// What was read last, line ends apart, closed a section.
    after_close: bool,
}

impl<'t, 's> Walk<'t, 's> {
    pub(super) fn new(tokens: Tokens<'t>, scope: Scope<'s>) -> Self {
        let path = Vec::new();
        Self {
            tokens,
            scope,
            path,
            faults: Vec::new(),
            broken: false,
            ended: false,
            after_close: false,
        }
    }

    /// Reads everything. What was read comes back even with errors, which may be completed.
    pub(super) fn run(mut self, root: &'static Section) -> (Scope<'s>, Vec<Fault>) {
        self.body(root, None);
        (self.scope, self.faults)
    }

    /// The statements of a section, up to its brace; `opened` is `None` for the file.
    fn body(&mut self, section: &'static Section, opened: Option<Span>) {
        while self.faults.len() < ERRORS_MAX && !self.ended {
            let lexeme = self.tokens.next();
            let after_close = self.after_close;
            self.after_close = match lexeme {
                Ok(Lexeme::Newline) => after_close,
                _ => matches!(lexeme, Ok(Lexeme::Close)),
            };
            match lexeme {
                Ok(Lexeme::Newline) => {}
                Ok(Lexeme::End) => return self.end(section, opened, after_close),
                Ok(Lexeme::Close) => match opened {
                    Some(opened) => {
                        let closed = (section.close)(&mut self.scope, opened);
                        self.settle(closed);
                        return;
                    }
                    None => self.surplus_brace(),
                },
                Ok(Lexeme::Semicolon) => {
                    let error =
                        Error::new(self.tokens.last(), "unknown keyword \"\": nothing before ;");
                    self.fault(error);
                }
                Ok(Lexeme::Open) => {
                    if !self.broken {
                        let error =
                            Error::new(self.tokens.last(), "{ without the name of a section");
                        self.fault(error);
                    }
                    self.skip_block();
                }
                Ok(Lexeme::Word(word)) => self.statement(section, &word),
                Err(error) => self.abandon(error),
            }
        }
    }

    /// The text ends. Behind the brace of an inner section it is the last brace of the neighbor
    /// that was forgotten, as both releases take it; anywhere else the text is cut short.
    fn end(&mut self, section: &'static Section, opened: Option<Span>, after_close: bool) {
        let Some(opened) = opened else { return };
        self.ended = true;
        let what = format!("section {} is opened here and not closed", section.name);
        if after_close && self.path.len() == 1 {
            self.scope.warn(opened, what);
            let closed = (section.close)(&mut self.scope, opened);
            self.settle(closed);
        } else {
            self.fault(Error::new(opened, what));
        }
    }

    fn statement(&mut self, section: &'static Section, word: &Word<'_>) {
        let keyword = section.keywords.iter().find(|keyword| keyword.name == &*word.text);
        let inner = section.sections.iter().find(|inner| inner.name == &*word.text);
        let broken = std::mem::take(&mut self.broken);
        self.scope.has_statements = true;
        match (keyword, inner) {
            (Some(keyword), None) => self.keyword(section, keyword),
            (None, Some(inner)) => self.section(inner, word.span),
            (Some(keyword), Some(inner)) => match self.tokens.ending() {
                Lexeme::Open => self.section(inner, word.span),
                _ => self.keyword(section, keyword),
            },
            (None, None) => match (section.other)(&mut self.scope, &word.text, &mut self.tokens) {
                Some(read) => self.end_statement(section, (&word.text, word.span), read),
                None if broken => self.skip_statement(),
                None => self.abandon(unknown(section, word)),
            },
        }
    }

    fn keyword(&mut self, section: &'static Section, keyword: &'static Keyword) {
        let start = self.tokens.last();
        let read = (keyword.read)(&mut self.scope, &mut self.tokens)
            .map_err(|error| error.syntax(keyword.syntax))
            .map_err(|error| if section.has_routes { error } else { error.of(keyword.name) });
        self.end_statement(section, (keyword.name, start), read);
    }

    /// Reads the `;` behind a statement.
    fn end_statement(
        &mut self,
        section: &'static Section,
        (name, start): (&str, Span),
        read: Result<(), Error>,
    ) {
        if read.is_ok() && self.tokens.accept_end() {
            return self.settle(Ok(()));
        }
        if let Err(error) = read.and_then(|()| self.surplus_words()) {
            return self.abandon(error);
        }
        let span = self.tokens.span();
        match self.tokens.next() {
            Ok(Lexeme::Semicolon) => self.settle(Ok(())),
            Ok(Lexeme::Open) => {
                self.fault(Error::new(
                    span,
                    format!("{name} is no section: expected ; and not {{"),
                ));
                self.skip_block();
            }
            Ok(Lexeme::Close) => {
                self.tokens.seek(span.start);
                self.unended(section, name, start);
            }
            _ => {
                self.broken = true;
                let what = format!("{name} is not ended by ; on this line");
                self.fault(Error::new(start.to(self.tokens.last()), what));
            }
        }
    }

    /// `keyword value }`: read without effect by ExaBGP, which is let through where no route
    /// and no neighbor is lost.
    fn unended(&mut self, section: &'static Section, name: &str, span: Span) {
        let what = format!("{name} is not ended by ; before }}");
        if section.has_routes {
            self.fault(Error::new(span, what));
        } else {
            self.scope.warn(span, what);
            self.settle(Ok(()));
        }
    }

    fn section(&mut self, section: &'static Section, name: Span) {
        self.path.push(Cow::Borrowed(section.name));
        let depth = self.path.len();
        let opened = (section.open)(&mut self.scope, &mut self.tokens)
            .map_err(|error| error.syntax(section.syntax).of(section.name))
            .and_then(|()| self.surplus_words());
        if let Some(label) = self.scope.label.take() {
            self.path.push(Cow::Owned(label));
        }
        let failed = opened.is_err();
        self.settle(opened);
        if failed {
            self.tokens.recover();
        }
        let span = self.tokens.span();
        let first = name.to(self.tokens.last());
        match self.tokens.next() {
            Ok(Lexeme::Open) if section.reads_nothing() => self.skip_block(),
            Ok(Lexeme::Open) => self.body(section, Some(first)),
            Ok(Lexeme::Newline | Lexeme::End) if !failed => {
                let what = format!("section {} needs its {{ on this line", section.name);
                self.fault(Error::new(first, what).syntax(section.syntax));
                self.body_on_next_line(section, first);
            }
            Ok(Lexeme::Close) => {
                self.tokens.seek(span.start);
                if !failed {
                    let what = format!("section {} needs a {{", section.name);
                    self.fault(Error::new(first, what).syntax(section.syntax));
                }
            }
            _ if failed => {}
            _ => {
                let what = format!("{} is a section: expected {{ and not ;", section.name);
                self.fault(Error::new(first, what).syntax(section.syntax));
            }
        }
        self.path.truncate(depth - 1);
    }

    fn body_on_next_line(&mut self, section: &'static Section, first: Span) {
        while self.tokens.ending() == Lexeme::Newline && self.tokens.is_done() {
            drop(self.tokens.next());
        }
        let mut ahead = self.tokens.clone();
        if ahead.next() == Ok(Lexeme::Open) {
            self.tokens = ahead;
            self.body(section, Some(first));
        }
    }

    /// A brace too many: let through as the last thing of a file, as ExaBGP reads no further.
    fn surplus_brace(&mut self) {
        let span = self.tokens.last();
        let mut ahead = self.tokens.clone();
        let last = loop {
            match ahead.next() {
                Ok(Lexeme::Newline | Lexeme::Close) => {}
                Ok(Lexeme::End) => break true,
                _ => break false,
            }
        };
        if last {
            self.tokens = ahead;
            self.scope.warn(span, "unexpected }: no section is open".to_owned());
            self.settle(Ok(()));
        } else {
            self.fault(Error::new(span, "unexpected }: no section is open, and text follows"));
        }
    }

    /// Words behind a value are ignored, as ExaBGP does, and told.
    fn surplus_words(&mut self) -> Result<(), Error> {
        if let Some(span) = self.tokens.surplus()? {
            let words = self.tokens.slice(span.start, span.end).to_owned();
            self.scope.warn(span, format!("\"{words}\" is ignored: nothing is expected there"));
        }
        Ok(())
    }

    /// Drops the statement at fault.
    fn abandon(&mut self, error: Error) {
        self.fault(error);
        self.skip_statement();
    }

    fn skip_statement(&mut self) {
        self.tokens.recover();
        let span = self.tokens.span();
        match self.tokens.next() {
            Ok(Lexeme::Open) => self.skip_block(),
            Ok(Lexeme::Close) => self.tokens.seek(span.start),
            Ok(Lexeme::Newline) => self.broken = true,
            _ => {}
        }
    }

    /// Drops everything up to the brace that closes the one just read.
    fn skip_block(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.tokens.next() {
                Ok(Lexeme::Open) => depth += 1,
                Ok(Lexeme::Close) => depth -= 1,
                Ok(Lexeme::End) => {
                    self.ended = true;
                    return;
                }
                _ => {}
            }
        }
    }

    /// Keeps the error of a step, and the errors and warnings that the step left in the scope.
    fn settle(&mut self, result: Result<(), Error>) {
        if result.is_ok() && self.scope.is_silent() {
            return;
        }
        let section = self.path.join("/");
        self.scope.place_warnings(&section);
        let left = std::mem::take(&mut self.scope.errors);
        let faults: Vec<Error> = left.into_iter().chain(result.err()).collect();
        self.scope.told += faults.len();
        let faults = faults.into_iter();
        self.faults.extend(faults.map(|error| Fault { error, section: section.clone() }));
    }

    #[cold]
    fn fault(&mut self, error: Error) {
        self.settle(Err(error));
    }
}

/// The error for a word that the section does not know, with what it knows.
#[cold]
fn unknown(section: &Section, word: &Word<'_>) -> Error {
    if let Some((_, today)) = section.gone.iter().find(|(name, _)| *name == &*word.text) {
        return Error::new(word.span, format!("unknown keyword \"{}\": {today}", word.text));
    }
    let mut names: Vec<&str> = section.keywords.iter().map(|keyword| keyword.name).collect();
    names.extend(section.sections.iter().map(|inner| inner.name));
    names.extend((section.names)());
    unknown_word(word, &names)
}

/// The error for a word that is none of `names`.
#[cold]
pub(super) fn unknown_word(word: &Word<'_>, names: &[&'static str]) -> Error {
    let mut what = format!("unknown keyword \"{}\"", word.text);
    let near = nearest(&word.text, names.iter().copied());
    if !near.is_empty() {
        what += &format!(": did you mean {}?", near.join(" or "));
    }
    let mut known: Vec<&str> = Vec::with_capacity(names.len());
    for name in names {
        if !known.contains(name) {
            known.push(name);
        }
    }
    what += &format!(" (known here: {})", known.join(" "));
    Error::new(word.span, what)
}

/// The names at most two edits away, nearest first, three at most.
fn nearest(word: &str, names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let word = word.to_ascii_lowercase();
    let mut near: Vec<(usize, &str)> = names
        .map(|name| (distance(&word, name), name))
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.dedup();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How many letters must be put in, taken out or replaced to make one word the other; long
/// words are as far apart as can be.
fn distance(one: &str, other: &str) -> usize {
    if one.len() > 40 || other.len().abs_diff(one.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            let replaced = diagonal + usize::from(a != b);
            diagonal = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, expected) in [
            ("", "ab", 2),
            ("hold-tme", "hold-time", 1),
            ("kitten", "sittin", 2),
            ("same", "same", 0),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
        assert_eq!(distance("abc", "abcdef"), usize::MAX);
    }

    #[test]
    fn the_nearest_come_first() {
        let names = || ["origin", "med", "split", "name"].into_iter();
        assert_eq!(nearest("Med", names()), ["med"]);
        assert_eq!(nearest("nmae", names()), ["name"]);
        assert!(nearest("x", names()).is_empty());
    }
}
