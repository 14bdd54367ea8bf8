//! What is wrong with a configuration: where, in which section, and what was expected there.

use std::fmt;

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
