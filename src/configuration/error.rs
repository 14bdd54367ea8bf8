//! What is wrong with a configuration: where, in which section, and what was expected there.

use std::fmt;

use super::section::Fault;
use crate::text::Source;

/// An error of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The name of the file, or what stands for it.
    pub file: String,
    /// The line and the column, counted from one; 0 when the file as a whole is at fault.
    pub line: usize,
    pub column: usize,
    /// The path of the section, as `neighbor/api/send`; empty outside of sections.
    pub section: String,
    /// A lower-case phrase that names the value and the rule.
    pub what: String,
    /// The line at fault with a caret below, and the syntax where it is known; may be empty.
    pub excerpt: String,
}

/// What is let through, unless asked to be strict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub Error);

impl Error {
    /// A fault with its place in the text.
    pub(super) fn new(source: &Source<'_>, fault: &Fault) -> Self {
        let place = source.place(fault.error.span());
        Self {
            file: source.name().to_owned(),
            line: place.line,
            column: place.column,
            section: fault.section.clone(),
            what: fault.error.what().to_owned(),
            excerpt: fault.error.excerpt(&place),
        }
    }

    /// A fault of the file as a whole.
    pub(super) fn of_file(file: &str, what: String) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
            section: String::new(),
            what,
            excerpt: String::new(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.excerpt.is_empty() {
            write!(f, "\n{}", self.excerpt)?;
        }
        if !self.section.is_empty() {
            write!(f, "\n    syntax error in section {}", self.section)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
