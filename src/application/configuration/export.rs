//! What the program knows of a configuration, and of configurations: `configuration export`,
//! `configuration example`, `schema export`.

use std::process::ExitCode;

use crate::application::{Call, Subcommand, USAGE, missing, output};
use crate::configuration::{self, RouteParser};
use crate::json;

/// Blanks a level, where nothing else is asked for.
const INDENT: usize = 2;

/// The most that makes sense.
const INDENT_MAX: usize = 16;

pub(in crate::application) static EXPORT: Subcommand = Subcommand {
    name: "configuration export",
    arguments: "CONFIGURATION",
    summary: "write a configuration as JSON, as it takes effect",
    options: |options| {
        options.optopt("o", "output", "write there, and not to standard output", "FILE");
        options.optopt("i", "indent", "blanks a level, 0 for one line (2)", "COUNT");
        options.optflag("p", "pdb", "accepted for compatibility, without effect");
    },
    run: |call| match &call.matches.free[..] {
        [name] => told(export(call, name)),
        _ => missing(&EXPORT, "one configuration is needed", USAGE),
    },
};

pub(in crate::application) static EXAMPLE: Subcommand = Subcommand {
    name: "configuration example",
    arguments: "[neighbor|full]",
    summary: "write a configuration that shows every keyword",
    options: |_| {},
    run: |call| match call.matches.free.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["full"] => {
            output::print(&configuration::example(true));
            ExitCode::SUCCESS
        }
        ["neighbor"] => {
            output::print(&configuration::example(false));
            ExitCode::SUCCESS
        }
        _ => missing(&EXAMPLE, "the example is of a neighbor, or full", USAGE),
    },
};

pub(in crate::application) static SCHEMA: Subcommand = Subcommand {
    name: "schema export",
    arguments: "[PART]",
    summary: "write the JSON Schema of what configuration export writes",
    options: |options| {
        options.optflag("c", "compact", "in one line");
    },
    run: schema,
};

fn told(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            output::error(&what);
            ExitCode::FAILURE
        }
    }
}

fn export(call: &Call, name: &str) -> Result<(), String> {
    let indent = match call.matches.opt_str("indent") {
        None => INDENT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|indent| *indent <= INDENT_MAX)
            .ok_or_else(|| format!("--indent {text}: not a number up to {INDENT_MAX}"))?,
    };
    let mut parser = RouteParser::new();
    let configuration = super::load(call, name, &mut parser)?;
    let mut json = Vec::new();
    configuration::export(&configuration, &mut json);
    let text = json::indented(&json, indent);
    match call.matches.opt_str("output") {
        Some(file) => std::fs::write(&file, text).map_err(|error| format!("{file}: {error}")),
        None => {
            output::print(&text);
            Ok(())
        }
    }
}

fn schema(call: &Call) -> ExitCode {
    let part = match &call.matches.free[..] {
        [] => None,
        [part] => Some(part.as_str()),
        _ => return missing(&SCHEMA, "one part at most", USAGE),
    };
    let mut json = Vec::new();
    if !configuration::schema(part, &mut json) {
        let parts = configuration::PARTS.join(", ");
        return told(Err(format!("unknown part {}: one of {parts}", part.unwrap_or_default())));
    }
    output::print(&json::indented(&json, if call.has("compact") { 0 } else { INDENT }));
    ExitCode::SUCCESS
}
