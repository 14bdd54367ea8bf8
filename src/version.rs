//! The version of the program, as reported by every interface.

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What stands before the version in the software-version capability.
pub const SOFTWARE: &str = "ExaBGP/";
