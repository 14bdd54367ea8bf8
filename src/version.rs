//! The version of the program, as reported by every interface.

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The name and version sent in the software-version capability.
pub const SOFTWARE: &str = concat!("ExaBGP/", env!("CARGO_PKG_VERSION"));
