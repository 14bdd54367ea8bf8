//! A text as statements and sections, its comments included: the form without the meaning.
//!
//! What [`format`](super::format) writes again and [`migrate`](super::migrate) rewrites. Unlike
//! [`section`](super::section) it knows no keyword, and the first fault ends the reading.

use std::ops::Range;

use crate::text::{Error, Lexeme, Source, Span, Tokens, Word};

/// How deep sections may lie in each other; the language needs seven.
const DEPTH_MAX: usize = 32;

/// What a text is made of, in order.
#[derive(Clone, Debug)]
pub(super) enum Item<'a> {
    /// One empty line or several.
    Blank,
    /// A comment on a line of its own, with its `#`.
    Comment(Comment),
    Statement(Statement<'a>),
    Section(Section<'a>),
}

/// A comment.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    /// From the `#` on, in one line.
    pub(super) text: String,
    /// Where it stands in the text as it was given.
    pub(super) written: Range<usize>,
}

/// `words;`, and the comment behind it.
#[derive(Clone, Debug)]
pub(super) struct Statement<'a> {
    pub(super) words: Vec<Word<'a>>,
    /// From the first word to the end of the last one.
    pub(super) span: Span,
    /// The end of the statement, its `;` included where it has one.
    pub(super) end: usize,
    pub(super) note: Option<Comment>,
}

/// `words { … }`, and the comments behind its braces.
#[derive(Clone, Debug)]
pub(super) struct Section<'a> {
    pub(super) words: Vec<Word<'a>>,
    /// From the first word to the closing brace.
    pub(super) span: Span,
    /// The opening brace.
    pub(super) open: Span,
    pub(super) items: Vec<Item<'a>>,
    pub(super) note: Option<Comment>,
    pub(super) end_note: Option<Comment>,
}

impl Section<'_> {
    /// The statements and sections inside, by their first word.
    pub(super) fn has(&self, name: &str) -> bool {
        self.items.iter().any(|item| item.name() == Some(name))
    }
}

impl<'a> Item<'a> {
    /// The words of a statement, or before the brace of a section.
    pub(super) fn words(&self) -> &[Word<'a>] {
        match self {
            Self::Blank | Self::Comment(_) => &[],
            Self::Statement(statement) => &statement.words,
            Self::Section(section) => &section.words,
        }
    }

    /// The first of the words.
    pub(super) fn name(&self) -> Option<&str> {
        self.words().first().map(|word| &*word.text)
    }
}

/// The items of a text, or its first fault.
pub(super) fn read<'a>(source: &'a Source<'_>) -> Result<Vec<Item<'a>>, Error> {
    if let Some(error) = source.fault() {
        return Err(error.clone());
    }
    let mut reader = Reader {
        source,
        tokens: Tokens::new(source),
        items: Vec::new(),
        open: Vec::new(),
        blank: 0,
        ended: None,
    };
    while reader.line()? {}
    Ok(reader.items)
}

/// What the last thing on a line was, which a comment behind it belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Statement,
    Opened,
    Closed,
}

struct Reader<'a, 's> {
    source: &'a Source<'s>,
    tokens: Tokens<'a>,
    items: Vec<Item<'a>>,
    /// The sections around `items`, each with what it holds so far but for what is open in it.
    open: Vec<(Section<'a>, Vec<Item<'a>>)>,
    /// How many lines ended since something stood on one.
    blank: usize,
    /// Whether this line holds anything yet.
    ended: Option<Ended>,
}

impl<'a> Reader<'a, '_> {
    /// Reads one thing; false at the end of the text.
    fn line(&mut self) -> Result<bool, Error> {
        let before = self.tokens.last().end;
        let lexeme = self.tokens.next()?;
        let span = self.tokens.last();
        self.comment(before, span.start);
        match lexeme {
            Lexeme::Newline => {
                self.blank += usize::from(self.ended.is_none());
                self.ended = None;
            }
            Lexeme::Word(word) => self.words(word)?,
            Lexeme::Close => return self.close(span),
            Lexeme::End => return self.finish(),
            Lexeme::Semicolon => return Err(Error::new(span, "; ends nothing")),
            Lexeme::Open => return Err(Error::new(span, "{ without the name of a section")),
        }
        Ok(true)
    }

    /// Keeps the comment that stands between two places, if there is one.
    fn comment(&mut self, from: usize, to: usize) {
        let Some(at) = self.tokens.slice(from, to).find('#') else { return };
        let written = self.source.written(Span::new(from + at, to));
        let original = self.source.original().get(written.clone()).unwrap_or_default();
        let parts = original.split('\n').map(|part| part.trim_end().trim_end_matches('\\'));
        let text = parts.collect::<String>().trim_end().to_owned();
        let comment = Comment { text, written };
        let note = match self.ended {
            None => {
                self.push(Item::Comment(comment));
                self.ended = Some(Ended::Statement);
                return;
            }
            Some(Ended::Opened) => self.open.last_mut().map(|(section, _)| &mut section.note),
            Some(Ended::Statement | Ended::Closed) => match self.items.last_mut() {
                Some(Item::Statement(statement)) => Some(&mut statement.note),
                Some(Item::Section(section)) => Some(&mut section.end_note),
                Some(Item::Blank | Item::Comment(_)) | None => None,
            },
        };
        if let Some(note) = note {
            *note = Some(comment);
        }
    }

    fn push(&mut self, item: Item<'a>) {
        if std::mem::take(&mut self.blank) > 0 && !self.items.is_empty() {
            self.items.push(Item::Blank);
        }
        self.items.push(item);
    }

    /// The rest of a statement, or of the first line of a section.
    fn words(&mut self, first: Word<'a>) -> Result<(), Error> {
        let mut span = first.span;
        let mut words = vec![first];
        loop {
            let lexeme = self.tokens.next()?;
            let last = self.tokens.last();
            match lexeme {
                Lexeme::Word(word) => {
                    span = span.to(word.span);
                    words.push(word);
                }
                Lexeme::Semicolon | Lexeme::Close => {
                    let end = if lexeme == Lexeme::Semicolon { last.end } else { span.end };
                    self.push(Item::Statement(Statement { words, span, end, note: None }));
                    self.ended = Some(Ended::Statement);
                    if lexeme == Lexeme::Close {
                        self.close(last)?;
                    }
                    return Ok(());
                }
                Lexeme::Open if self.open.len() < DEPTH_MAX => {
                    let around = std::mem::take(&mut self.items);
                    let (items, note, end_note) = (Vec::new(), None, None);
                    let section = Section { words, span, open: last, items, note, end_note };
                    let blank = std::mem::take(&mut self.blank) > 0 && !around.is_empty();
                    let mut around = around;
                    around.extend(blank.then_some(Item::Blank));
                    self.open.push((section, around));
                    self.ended = Some(Ended::Opened);
                    return Ok(());
                }
                Lexeme::Open => return Err(Error::new(last, "too many sections are open")),
                Lexeme::Newline | Lexeme::End => {
                    return Err(Error::new(span, "not ended by ; or { on this line"));
                }
            }
        }
    }

    /// A closing brace; false where the rest of the text is not read.
    fn close(&mut self, brace: Span) -> Result<bool, Error> {
        let Some((mut section, around)) = self.open.pop() else {
            return self.surplus(brace);
        };
        section.items = std::mem::replace(&mut self.items, around);
        section.span = section.span.to(brace);
        self.blank = 0;
        self.items.push(Item::Section(section));
        self.ended = Some(Ended::Closed);
        Ok(true)
    }

    /// A brace too many means nothing as the last thing of a text.
    fn surplus(&mut self, brace: Span) -> Result<bool, Error> {
        loop {
            match self.tokens.next()? {
                Lexeme::Newline | Lexeme::Close => {}
                Lexeme::End => return Ok(false),
                _ => return Err(Error::new(brace, "unexpected }: no section is open")),
            }
        }
    }

    /// The end of the text: the last brace of a neighbor may be missing behind that of a section.
    fn finish(&mut self) -> Result<bool, Error> {
        let behind_brace = matches!(self.items.last(), Some(Item::Section(_)));
        match self.open.last() {
            None => Ok(false),
            Some(_) if self.open.len() == 1 && behind_brace => {
                self.close(self.tokens.last())?;
                Ok(false)
            }
            Some((section, _)) => {
                let first = section.words.first().map_or(section.span, |word| word.span);
                Err(Error::new(first, "the section is opened here and not closed"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in one line.
    fn shown(items: &[Item<'_>]) -> String {
        let note = |note: &Option<Comment>| {
            note.as_ref().map_or_else(String::new, |comment| comment.text.clone())
        };
        let words = |words: &[Word<'_>]| {
            let words: Vec<_> = words.iter().map(|word| &*word.text).collect();
            words.join(" ")
        };
        let one = |item: &Item<'_>| match item {
            Item::Blank => "~".to_owned(),
            Item::Comment(comment) => format!("<{}>", comment.text),
            Item::Statement(s) => format!("{};{}", words(&s.words), note(&s.note)),
            Item::Section(s) => {
                let (first, last) = (note(&s.note), note(&s.end_note));
                format!("{}{{{first} {} }}{last}", words(&s.words), shown(&s.items))
            }
        };
        items.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let source = Source::new("t", text);
        assert_eq!(shown(&read(&source).unwrap()), expected);
    }

    #[test]
    fn comments_stay_where_they_belong() {
        check(
            "a; # one\n# two\n\n\nb { # three\n c; # four\n} # five\n",
            "a;# one <# two> ~ b{# three c;# four }# five",
        );
        check("# \\\nlong \\q\na;", "<# long \\q> a;");
        check("a { b }", "a{ b; }");
        check("a { b { } ", "a{ b{  } }");
        check("a;\n}\n", "a;");
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for text in ["a\nb;", "a", "a {", "{", ";", "} a;", "a { b; ", "a\"", "x# y", "a \\u12;"] {
            let source = Source::new("t", text);
            assert!(read(&source).is_err(), "{text}");
        }
        let deep = "a { ".repeat(100_000);
        assert!(read(&Source::new("t", deep.as_str())).is_err());
    }
}
