//! The language of former releases made today's: `exabgp migrate conf`.
//!
//! From one release to the next, a step at a time. A step reads the text as a tree, so that
//! comments and quoted words are what they are, and edits it where it stands: what needs no
//! change keeps its form. Only groups, which are gone, are written anew.

mod group;
mod old;
mod process;
mod words;

use std::ops::Range;

use super::tree::{self, Comment, Item, Section, Statement};
use crate::text::{Error, Source, Span};

/// A release whose language is known, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    V3_4,
    V4,
    V5,
    Main,
}

impl Release {
    /// Every release, in the order of time.
    pub const ALL: [Self; 4] = [Self::V3_4, Self::V4, Self::V5, Self::Main];

    /// The name that people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::V3_4 => "3.4",
            Self::V4 => "4",
            Self::V5 => "5",
            Self::Main => "main",
        }
    }

    /// The release of that name; `6` is another one of main.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "6" { "main" } else { name };
        Self::ALL.into_iter().find(|release| release.name() == name)
    }
}

/// A text in the language of another release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    pub text: String,
    /// What was changed, a sentence each, in the order of the steps and of the text.
    pub changes: Vec<String>,
}

/// The text, which is of release `from`, in the language of `to`, which must be a later one.
/// With `bridge`, every helper program is started through `exabgp migrate api`.
pub fn migrate(
    name: &str,
    text: &str,
    (from, to): (Release, Release),
    bridge: bool,
) -> Result<Migrated, String> {
    let mut text = text.to_owned();
    let mut changes = Vec::new();
    let mut step = |rules: &[Rule]| -> Result<(), String> {
        for rule in rules {
            let source = Source::new(name, text.as_str());
            let told = |error: Error| error.render(&source);
            let items = tree::read(&source).map_err(told)?;
            let mut edits = Edits { source: &source, edits: Vec::new() };
            rule(&items, &mut edits);
            let (edited, told) = edits.apply();
            text = edited;
            changes.extend(told);
        }
        Ok(())
    };
    let crosses = |release: Release| from < release && release <= to;
    if crosses(Release::V4) {
        step(&[group::expand, process::gather, old::neighbors])?;
    }
    if crosses(Release::V5) {
        step(&[words::to_5])?;
    }
    if crosses(Release::Main) {
        step(&[words::to_main])?;
    }
    if bridge {
        let wrap = if from < Release::V5 { process::bridge_4 } else { process::bridge_5 };
        step(&[wrap])?;
    }
    Ok(Migrated { text, changes })
}

/// A change of the language: what it does to a text.
type Rule = fn(&[Item<'_>], &mut Edits<'_, '_>);

/// The edits of a text.
struct Edits<'a, 's> {
    source: &'a Source<'s>,
    edits: Vec<Edit>,
}

/// Puts `text` where `range` of the original is.
struct Edit {
    range: Range<usize>,
    text: String,
    /// What is told of it, where it is told.
    change: Option<String>,
}

impl Edits<'_, '_> {
    /// Puts `text` in the place of `span`.
    fn replace(&mut self, span: Span, text: impl Into<String>, change: &str) {
        let line = self.source.place(span).line;
        let change = Some(format!("line {line}: {change}"));
        self.edits.push(Edit { range: self.source.written(span), text: text.into(), change });
    }

    /// Puts `new` in the place of each word `old` of a comment; nothing is told.
    fn reword(&mut self, comment: &Comment, old: &str, new: &str) {
        let text = self.source.original().get(comment.written.clone()).unwrap_or_default();
        for (at, _) in text.match_indices(old) {
            let start = comment.written.start + at;
            let range = start..start + old.len();
            self.edits.push(Edit { range, text: new.to_owned(), change: None });
        }
    }

    /// Puts `text` before `span`.
    fn insert(&mut self, span: Span, text: impl Into<String>, change: &str) {
        self.replace(Span::new(span.start, span.start), text, change);
    }

    /// Takes `span` out, and its line where nothing else is on it; nothing is told.
    fn remove(&mut self, span: Span) {
        let mut range = self.source.written(span);
        let text = self.source.original();
        let before = text.get(..range.start).unwrap_or_default();
        let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
        let after = text.get(range.end..).unwrap_or_default();
        let rest = after.trim_start_matches([' ', '\t', '\r']);
        let alone = before.trim_end_matches([' ', '\t']).ends_with('\n');
        if alone && rest.starts_with('\n') {
            range = range.start - blanks..range.end + (after.len() - rest.len()) + 1;
        }
        self.edits.push(Edit { range, text: String::new(), change: None });
    }

    /// What stands before `span` on its line, where that is blank; else a level.
    fn indent(&self, span: Span) -> String {
        let start = self.source.written(span).start;
        let before = self.source.original().get(..start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        if line.trim().is_empty() { line.to_owned() } else { "    ".to_owned() }
    }

    /// The text with its edits made; of two that overlap, the first in the text is.
    fn apply(mut self) -> (String, Vec<String>) {
        self.edits.sort_by_key(|edit| edit.range.start);
        let original = self.source.original();
        let mut out = String::with_capacity(original.len() + 256);
        let mut changes = Vec::new();
        let mut at = 0;
        for edit in self.edits {
            if edit.range.start < at {
                continue;
            }
            out.push_str(original.get(at..edit.range.start).unwrap_or_default());
            out.push_str(&edit.text);
            changes.extend(edit.change);
            at = edit.range.end;
        }
        out.push_str(original.get(at..).unwrap_or_default());
        (out, changes)
    }
}

/// Calls `visit` with every statement, and the names of the sections around it.
fn statements<'i, 'a>(items: &'i [Item<'a>], visit: &mut dyn FnMut(&[&str], &'i Statement<'a>)) {
    fn walk<'i, 'a>(
        items: &'i [Item<'a>],
        path: &mut Vec<&'i str>,
        visit: &mut dyn FnMut(&[&str], &'i Statement<'a>),
    ) {
        for item in items {
            match item {
                Item::Statement(statement) => visit(path, statement),
                Item::Section(section) => {
                    path.push(item.name().unwrap_or_default());
                    walk(&section.items, path, visit);
                    path.pop();
                }
                Item::Blank | Item::Comment(_) => {}
            }
        }
    }
    walk(items, &mut Vec::new(), visit);
}

/// Every comment.
fn comments<'i>(items: &'i [Item<'_>]) -> Vec<&'i Comment> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Blank => {}
            Item::Comment(comment) => found.push(comment),
            Item::Statement(statement) => found.extend(&statement.note),
            Item::Section(section) => {
                found.extend(&section.note);
                found.extend(comments(&section.items));
                found.extend(&section.end_note);
            }
        }
    }
    found
}

/// Every `neighbor` section: at the root and in templates.
fn neighbors<'i, 'a>(items: &'i [Item<'a>]) -> Vec<&'i Section<'a>> {
    let mut found = Vec::new();
    for item in items {
        if let Item::Section(section) = item {
            match item.name() {
                Some("neighbor") => found.push(section),
                Some("template") => found.extend(neighbors(&section.items)),
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(versions: (Release, Release), text: &str, expected: &str) {
        let migrated = migrate("t", text, versions, false).unwrap();
        assert_eq!(migrated.text, expected, "{:?}", migrated.changes);
        assert_eq!(migrated.changes.is_empty(), text == expected);
    }

    #[test]
    fn a_step_changes_words_and_what_comments_say_of_them_and_no_texts() {
        check(
            (Release::V5, Release::Main),
            "# nlri-mpls\nneighbor 1.1.1.1 { family {\n  ipv4  nlri-mpls; } # nlri-mpls\n \
             description \"nlri-mpls\"; }\n",
            "# labeled-unicast\nneighbor 1.1.1.1 { family {\n  ipv4  labeled-unicast; } # labeled-unicast\n \
             description \"nlri-mpls\"; }\n",
        );
        check(
            (Release::V4, Release::V5),
            "neighbor 1.1.1.1 { capability { route refresh; } flow { route a { match { fragment \
             [ not-a-fragment =not-a-fragment ]; } } } }\n",
            "neighbor 1.1.1.1 { capability { route-refresh; } flow { route a { match { fragment \
             [ !is-fragment !is-fragment ]; } } } }\n",
        );
    }

    #[test]
    fn what_needs_no_change_keeps_its_form() {
        let text = "neighbor 1.1.1.1  {\n\tlocal-as 1 ;peer-as\\\n 2; }\n";
        check((Release::V3_4, Release::Main), text, text);
    }

    #[test]
    fn a_text_that_is_none_is_refused_with_its_place() {
        let versions = (Release::V4, Release::Main);
        let error = migrate("x.conf", "a {\n b;\n", versions, false).unwrap_err();
        assert!(error.starts_with("x.conf:1:1: "), "{error}");
    }
}
