//! `process NAME { … }`: a helper program, found and checked when the file is read.

use std::path::PathBuf;
use std::rc::Rc;

use crate::json::Dialect;

/// The form in which a process is told of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoder {
    Json,
    #[default]
    Text,
}

/// A helper program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub name: Rc<str>,
    /// The path of the program as it was found, then its arguments.
    pub run: Vec<String>,
    pub encoder: Encoder,
    /// Whether it is started again when it ends.
    pub respawn: bool,
    /// The dialect of this process; `None`: that of `exabgp.api.version`.
    pub version: Option<Dialect>,
}

/// Where programs are looked for, and who will run them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// `EXABGP_ETC`, where it is set.
    pub etc: Option<PathBuf>,
    /// The working directory.
    pub directory: PathBuf,
    /// The entries of `PATH`, in order.
    pub path: Vec<PathBuf>,
    /// The effective user and the groups of this program.
    pub user: u32,
    pub groups: Vec<u32>,
}
