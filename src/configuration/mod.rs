//! The language of configurations and routes: text in, plain values out.
//!
//! [`load`] reads one file, whole, and answers with a complete [`Configuration`] or with every
//! error of the file; nothing that runs is touched. [`RouteParser`] is the grammar of routes
//! alone: the sections use it, and so do the commands of helper programs. What depends on the
//! machine comes in as [`Options`]; the language knows no environment variable and no socket.

mod announce;
mod error;
mod export;
mod flow;
mod format;
mod l2vpn;
mod lookup;
mod migrate;
mod neighbor;
mod operational;
mod process;
mod reference;
mod reload;
pub mod render;
mod root;
mod route;
mod routes;
mod schema;
mod scope;
mod section;
mod statement;
mod static_;
mod syntax;
mod template;
mod tree;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

pub use error::{Error, Warning};
pub use export::export;
pub use format::format;
pub use lookup::Lookup;
pub use migrate::{Migrated, Release, migrate};
pub use neighbor::Neighbor;
pub use process::{Encoder, Process};
pub use reference::{example, reference};
pub use reload::{Changes, Identity, needs_restart};
pub use route::{Extra, Form, Intent, RouteParser};
pub use routes::{RouteList, Watched};
pub use schema::{PARTS, schema};
pub use statement::statement;

/// The largest file that is read, in octets.
const FILE_MAX: u64 = 1 << 32;

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

/// Reads a file. The attribute sets of its routes are those of `parser`.
pub fn load(
    file: &Path,
    options: &Options,
    parser: &mut RouteParser,
) -> Result<Configuration, Vec<Error>> {
    let name = file.display().to_string();
    match read(file) {
        Ok(bytes) => parse(&name, &bytes, options, parser),
        Err(error) => Err(vec![Error::of_file(&name, what(&error))]),
    }
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let open = File::open(file)?;
    let length = open.metadata()?.len();
    if length > FILE_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    if open.take(FILE_MAX).read_to_end(&mut bytes)? as u64 == FILE_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn what(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "file not found".to_owned(),
        io::ErrorKind::FileTooLarge => format!("the file is larger than {FILE_MAX} octets"),
        _ => format!("the file can not be read: {error}"),
    }
}

/// Reads a text that stands for the file `name`, in whose directory programs are looked for too.
pub fn parse(
    name: &str,
    text: &[u8],
    options: &Options,
    parser: &mut RouteParser,
) -> Result<Configuration, Vec<Error>> {
    let read = root::read(name, text, options, parser);
    // The routes keep their sets; the texts have served.
    parser.forget();
    if !options.strict {
        return read;
    }
    match read {
        Ok(configuration) if configuration.warnings.is_empty() => Ok(configuration),
        Ok(configuration) => {
            Err(configuration.warnings.into_iter().map(|warning| warning.0).collect())
        }
        Err(errors) => Err(errors),
    }
}
