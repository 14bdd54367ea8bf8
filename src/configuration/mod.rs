//! The language of configurations and routes: text in, plain values out.
//!
//! `load` reads one file, whole, and answers with a complete [`Configuration`] or with every
//! error of the file; nothing that runs is touched. `RouteParser` is the grammar of routes
//! alone: the sections use it, and so do the commands of helper programs. What depends on the
//! machine comes in as [`Options`]; the language knows no environment variable and no socket.

mod error;
mod neighbor;
mod process;
mod routes;

pub use error::{Error, Warning};
pub use neighbor::Neighbor;
pub use process::{Encoder, Lookup, Process};
pub use routes::{RouteList, Watched};

/// What a file asks for.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// In the order of the file; one for each family where a neighbor asks for multi-session.
    pub neighbors: Vec<Neighbor>,
    /// In the order of the file.
    pub processes: Vec<Process>,
    /// What was let through and should be mended; empty with [`Options::strict`].
    pub warnings: Vec<Warning>,
}

/// What the language must know of the world around it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Every warning is an error.
    pub strict: bool,
    /// `exabgp.bgp.passive`: no neighbor connects, so that ranges need not say `passive`.
    pub passive: bool,
    /// Where the programs of `process` sections are looked for, and by whom they are run.
    pub lookup: Lookup,
}
