//! The canonical form of a text: `exabgp configuration fmt`.
//!
//! One statement a line, four blanks a level, at most one empty line between two things, comments
//! kept where they stand. Words are quoted where they must be or were, and joined lines are broken
//! anew behind column 100. Two texts that differ only in this are the same configuration.

use super::tree::{self, Comment, Item, Section};
use crate::text::{Error, Source, Word};

/// Where a line is broken, in characters.
const WIDTH: usize = 100;

/// A level of indentation.
const INDENT: &str = "    ";

/// The text in canonical form; an error where it has no form.
pub fn format(source: &Source<'_>) -> Result<String, Error> {
    Ok(items(&tree::read(source)?))
}

/// Items in canonical form.
pub(super) fn items(items: &[Item<'_>]) -> String {
    let mut out = String::new();
    block(&mut out, items, 0);
    out
}

fn block(out: &mut String, items: &[Item<'_>], depth: usize) {
    for item in items {
        match item {
            Item::Blank => out.push('\n'),
            Item::Comment(comment) => {
                indent(out, depth);
                out.push_str(&comment.text);
                out.push('\n');
            }
            Item::Statement(statement) => {
                line(out, &statement.words, ";", depth);
                note(out, statement.note.as_ref());
            }
            Item::Section(section) => braces(out, section, depth),
        }
    }
}

fn braces(out: &mut String, section: &Section<'_>, depth: usize) {
    line(out, &section.words, " {", depth);
    if section.items.is_empty() && section.note.is_none() {
        out.push_str(" }");
    } else {
        note(out, section.note.as_ref());
        block(out, &section.items, depth + 1);
        indent(out, depth);
        out.push('}');
    }
    note(out, section.end_note.as_ref());
}

/// The end of a line, with the comment that stands there.
fn note(out: &mut String, note: Option<&Comment>) {
    if let Some(note) = note {
        out.push(' ');
        out.push_str(&note.text);
    }
    out.push('\n');
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n(INDENT, depth));
}

/// The words of a statement and what ends it, on as many lines as they need.
fn line(out: &mut String, words: &[Word<'_>], end: &str, depth: usize) {
    indent(out, depth);
    let mut column = depth * INDENT.len();
    let mut first = true;
    for (at, word) in words.iter().enumerate() {
        let shown = shown(word);
        let width = shown.chars().count();
        let is_last = at + 1 == words.len();
        let tail = if is_last { end.len() } else { " \\".len() };
        let glued = first || (!word.quoted && &*word.text == ",");
        if !glued && column + 1 + width + tail > WIDTH {
            out.push_str(" \\\n");
            indent(out, depth + 1);
            column = (depth + 1) * INDENT.len();
        } else if !glued {
            out.push(' ');
            column += 1;
        }
        out.push_str(&shown);
        column += width;
        first = false;
    }
    out.push_str(end);
}

/// A word as it is written so that it is read as it was.
fn shown(word: &Word<'_>) -> String {
    let text = escaped(&word.text);
    if !word.quoted && !text.is_empty() {
        return text;
    }
    let quote = if word.text.contains('"') { '\'' } else { '"' };
    format!("{quote}{text}{quote}")
}

/// The text with a backslash before what would be taken for something else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() && u32::from(c) < 0x1_0000 => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let formatted = format(&Source::new("t", text)).unwrap();
        assert_eq!(formatted, expected);
        assert_eq!(format(&Source::new("t", formatted.as_str())).unwrap(), expected, "again");
    }

    #[test]
    fn one_statement_a_line() {
        check(
            "# first\n\n\n\nneighbor 127.0.0.1{local-as 1;peer-as  2; # two\nfamily{}\n\n}\n",
            "# first\n\nneighbor 127.0.0.1 {\n    local-as 1;\n    peer-as 2; # two\n    \
             family { }\n}\n",
        );
        check("a[b,c] ( d ) {e; # x\n}# y\n", "a [ b, c ] ( d ) {\n    e; # x\n} # y\n");
    }

    #[test]
    fn words_are_quoted_where_they_were() {
        check(
            "a \"b c\" '' \"it's\" 'say \"x\"' d\"e f\";",
            "a \"b c\" \"\" \"it's\" 'say \"x\"' \"de f\";\n",
        );
        check("a \"x\\ty\\\\z\\u0001\" \\u0041;", "a \"x\\ty\\\\z\\u0001\" A;\n");
    }

    #[test]
    fn long_lines_are_broken() {
        let words = "community [ ".to_owned() + &"65000:1 ".repeat(30) + "]";
        let text = format(&Source::new("t", format!("s {{ {words}; }}"))).unwrap();
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert!(text.lines().count() > 4, "{text}");
        check(&text.clone(), &text);
    }
}
