//! What is wrong with a text, where, and what was expected there.

use std::borrow::Cow;
use std::fmt;

use super::{Place, Source, Span};

/// A fault in a text. Small to return; the words are made only when one is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Fault>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    span: Span,
    what: Cow<'static, str>,
    syntax: Option<&'static str>,
}

impl Error {
    /// A fault at `span`; `what` is a lower-case phrase that names the value and the rule. It stays
    /// one line of bounded length, whatever the value holds.
    #[cold]
    pub fn new(span: Span, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Fault { span, what: tame(what.into()), syntax: None }))
    }

    /// Adds the syntax that was expected, unless one nearer to the fault was given; an empty one
    /// says nothing.
    #[must_use]
    pub fn syntax(mut self, syntax: &'static str) -> Self {
        if !syntax.is_empty() {
            self.0.syntax.get_or_insert(syntax);
        }
        self
    }

    /// Puts `name` before the phrase: the keyword whose value is at fault.
    #[must_use]
    pub fn of(mut self, name: &str) -> Self {
        self.0.what = format!("{name}: {}", self.0.what).into();
        self
    }

    /// Where.
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// The phrase.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// The syntax expected, where one is known.
    pub fn expected(&self) -> Option<&'static str> {
        self.0.syntax
    }

    /// The fault with its place, the line, a caret, and the syntax: several lines.
    pub fn render(&self, source: &Source<'_>) -> String {
        let place = source.place(self.0.span);
        let Place { line, column, .. } = &place;
        format!("{}:{line}:{column}: {}\n{}", source.name(), self.0.what, self.excerpt(&place))
    }

    /// The line at fault, a caret below it, and the syntax.
    pub fn excerpt(&self, place: &Place) -> String {
        let (start, lead) = if place.cut > 0 { ("…", 1) } else { ("", 0) };
        let shown: String =
            place.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let indent = " ".repeat((place.column + lead).saturating_sub(place.cut + 1));
        let tail = "~".repeat(place.width.saturating_sub(1));
        let mut out = format!("    {start}{shown}\n    {indent}^{tail}");
        if let Some(syntax) = self.0.syntax {
            out += &format!("\n    syntax: {syntax}");
        }
        out
    }
}

/// How much of a phrase is told, in octets.
const WHAT_MAX: usize = 2000;

/// A phrase whose control characters are spelled, and which ends where it gets too long.
fn tame(mut what: Cow<'static, str>) -> Cow<'static, str> {
    if let Some(end) = (WHAT_MAX..what.len()).find(|end| what.is_char_boundary(*end)) {
        let kept = what.get(..end).unwrap_or_default();
        what = Cow::Owned(format!("{kept}…"));
    }
    if !what.contains(char::is_control) {
        return what;
    }
    let spelled = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    Cow::Owned(what.chars().map(spelled).collect())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_shows_the_place() {
        let source = Source::new("x.conf", "a;\n\tmed 12x;\n");
        let error = Error::new(Span::new(8, 11), "med: not a number").syntax("med <number>");
        let expected =
            "x.conf:2:6: med: not a number\n     med 12x;\n         ^~~\n    syntax: med <number>";
        assert_eq!(error.render(&source), expected);
    }

    #[test]
    fn a_phrase_is_one_line_of_bounded_length() {
        let phrase = |what: String| Error::new(Span::default(), what).to_string();
        assert_eq!(phrase("\"a\nb\u{1b}é\" is no".into()), "\"a\\nb\\u{1b}é\" is no");
        assert!(phrase("é".repeat(WHAT_MAX)).len() <= WHAT_MAX + 4);
    }

    #[test]
    fn what_has_no_syntax_shows_none() {
        let source = Source::new("x.conf", "flow;\n");
        let error = Error::new(Span::new(0, 4), "not supported").syntax("");
        assert!(!error.render(&source).contains("syntax"));
        assert!(error.syntax("flow <rule>").render(&source).ends_with("syntax: flow <rule>"));
    }
}
