//! The settings file: `[section]` headers and `key = value` lines.
//!
//! `#` and `;` start comments at the start of a line only; a line indented deeper than its key goes
//! on with the value; `%%` is one `%`, and so is a lone `%`.

use std::collections::BTreeSet;
use std::fmt;

use super::value::unquote;

/// One `key = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The section it is in, as written.
    pub section: String,
    /// The key, in small letters.
    pub key: String,
    /// The value, without quotes.
    pub value: String,
    /// The line of the key, from 1.
    pub line: usize,
}

/// A line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    pub reason: Reason,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The key was set before in this section.
    DuplicateKey(String),
    /// The section was there before.
    DuplicateSection(String),
    /// A line before the first section.
    NoSection,
    /// Neither a section, nor a key and a value.
    NoValue,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateKey(key) => write!(out, "{key} is set a second time"),
            Self::DuplicateSection(name) => write!(out, "section [{name}] is there a second time"),
            Self::NoSection => out.write_str("a line before the first [section]"),
            Self::NoValue => out.write_str("neither a [section] nor key = value"),
        }
    }
}

/// Reads a whole file; the sections and entries keep their order.
///
/// # Errors
/// The first line that cannot be understood.
pub fn parse(text: &str) -> Result<Vec<Entry>, Fault> {
    let mut parser = Parser::default();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        parser.line(line, line_number).map_err(|reason| Fault { line: line_number, reason })?;
    }
    let mut entries = parser.entries;
    for entry in &mut entries {
        entry.value = unquote(&entry.value).replace("%%", "%");
    }
    Ok(entries)
}

#[derive(Debug, Default)]
struct Parser {
    entries: Vec<Entry>,
    section: Option<String>,
    sections: BTreeSet<String>,
    keys: BTreeSet<String>,
    /// Columns before the key of the last entry, while it may go on.
    indent: Option<usize>,
}

impl Parser {
    fn line(&mut self, line: &str, number: usize) -> Result<(), Reason> {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            return Ok(());
        }
        let indent = line.len() - line.trim_start().len();
        if self.indent.is_some_and(|of_key| indent > of_key)
            && let Some(entry) = self.entries.last_mut()
        {
            entry.value.push('\n');
            entry.value.push_str(content);
            return Ok(());
        }
        if let Some(name) = section_name(content) {
            return self.section(name);
        }
        let Some(section) = self.section.clone() else { return Err(Reason::NoSection) };
        let (key, value) = content.split_once(['=', ':']).ok_or(Reason::NoValue)?;
        let key = key.trim().to_lowercase();
        if key.is_empty() {
            return Err(Reason::NoValue);
        }
        if !self.keys.insert(key.clone()) {
            return Err(Reason::DuplicateKey(key));
        }
        let value = value.trim().to_owned();
        self.entries.push(Entry { section, key, value, line: number });
        self.indent = Some(indent);
        Ok(())
    }

    fn section(&mut self, name: &str) -> Result<(), Reason> {
        if !self.sections.insert(name.to_owned()) {
            return Err(Reason::DuplicateSection(name.to_owned()));
        }
        self.section = Some(name.to_owned());
        self.keys.clear();
        self.indent = None;
        Ok(())
    }
}

fn section_name(content: &str) -> Option<&str> {
    content.strip_prefix('[')?.split_once(']').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let entries = parse(text).unwrap();
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (entry.section.as_str(), entry.key.as_str(), entry.value.as_str()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    fn refuse(text: &str, line: usize, reason: Reason) {
        assert_eq!(parse(text), Err(Fault { line, reason }), "{text}");
    }

    #[test]
    fn sections_keys_and_values() {
        check(
            "# comment\n\n[exabgp.api]\nack = true\nChunk: 5\n; more\n[exabgp.tcp]\r\nbind =\r\n",
            &[
                ("exabgp.api", "ack", "true"),
                ("exabgp.api", "chunk", "5"),
                ("exabgp.tcp", "bind", ""),
            ],
        );
    }

    #[test]
    fn quotes_and_space_around_a_value_do_not_count() {
        check("[s]\na =  'x y' \nb = \"z\"\n", &[("s", "a", "x y"), ("s", "b", "z")]);
    }

    #[test]
    fn a_comment_after_a_value_belongs_to_it() {
        check("[s]\na = x ; y # z\n", &[("s", "a", "x ; y # z")]);
    }

    #[test]
    fn the_first_separator_counts() {
        check("[s]\na = x=y:z\nb: host:1 = 2\n", &[("s", "a", "x=y:z"), ("s", "b", "host:1 = 2")]);
    }

    #[test]
    fn percent_signs_may_be_doubled() {
        check("[s]\na = 100%% of %x%\n", &[("s", "a", "100% of %x%")]);
    }

    #[test]
    fn an_indented_line_goes_on_with_the_value() {
        check("[s]\na = one\n   two\nb = x\n", &[("s", "a", "one\ntwo"), ("s", "b", "x")]);
        check("[s]\n  a = one\n  b = two\n", &[("s", "a", "one"), ("s", "b", "two")]);
    }

    #[test]
    fn faults_say_where_and_what() {
        refuse("a = b\n", 1, Reason::NoSection);
        refuse("[s]\na\n", 2, Reason::NoValue);
        refuse("[s]\n= b\n", 2, Reason::NoValue);
        refuse("[s]\na = 1\nA = 2\n", 3, Reason::DuplicateKey("a".into()));
        refuse("[s]\n[t]\n[s]\n", 3, Reason::DuplicateSection("s".into()));
        refuse("[s\na\n", 1, Reason::NoSection);
    }

    #[test]
    fn the_same_key_may_be_in_two_sections() {
        check("[s]\na = 1\n[t]\na = 2\n", &[("s", "a", "1"), ("t", "a", "2")]);
    }

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!(parse("\n[s]\n\na = 1\n").unwrap()[0].line, 4);
    }
}
