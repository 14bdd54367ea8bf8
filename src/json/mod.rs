//! JSON as bytes, appended to the buffer that leaves: no tree, no intermediate string.
//!
//! Spacing and key order are part of the interface, hence this writer of our own. Whatever a
//! peer sent, the output is one line of ASCII.

mod indent;
mod writer;

pub use indent::indented;
pub use writer::{Dialect, List, Object, Writer};
