//! `exabgp configuration`: what there is to do with a configuration but to serve it.

mod diff;
mod export;
mod fmt;

pub(super) use diff::DIFF;
pub(super) use export::{EXAMPLE, EXPORT, SCHEMA};
pub(super) use fmt::FMT;

use std::path::Path;

use super::{Call, output, server};
use crate::configuration::{self, Configuration, RouteParser};

/// The configuration of a word of the command line, `-` for standard input; its warnings are told.
fn load(call: &Call, name: &str, parser: &mut RouteParser) -> Result<Configuration, String> {
    let options = server::options(&call.environment, false);
    let read = if name == "-" {
        let text = server::standard_input()?;
        configuration::parse("-", text.as_bytes(), &options, parser)
    } else {
        let file = server::locate(name, &call.environment)?;
        // Errors go by the name that was given, where that is enough.
        let file = if Path::new(name).is_file() { Path::new(name).to_owned() } else { file };
        configuration::load(&file, &options, parser)
    };
    let configuration = read.map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        format!("{name} is not a valid config file\n{}", lines.join("\n"))
    })?;
    for warning in &configuration.warnings {
        output::note(&format!("warning: {warning}"));
    }
    Ok(configuration)
}
