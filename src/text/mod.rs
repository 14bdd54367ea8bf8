//! Words with positions: the one reader of configurations, commands and `encode` lines.
//!
//! Knows no keyword. A [`Source`] is the text and its name; [`Tokens`] walks it; an [`Error`]
//! carries the place, and is rendered with the line and a caret once, at the edge.

pub mod base64;
mod error;
mod number;
mod source;
mod span;
mod tokens;

pub use error::Error;
pub use source::{Place, Source};
pub use span::Span;
pub use tokens::{Lexeme, Tokens, Word};
