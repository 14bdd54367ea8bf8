//! `exabgp configuration fmt`: configurations in canonical form.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::application::{Call, Subcommand, USAGE, migrate, missing, output, server};
use crate::configuration;
use crate::text::Source;

pub(in crate::application) static FMT: Subcommand = Subcommand {
    name: "configuration fmt",
    arguments: "CONFIGURATION...",
    summary: "write configurations in canonical form",
    options: |options| {
        options.optflag("i", "inplace", "rewrite the files");
        options.optflag("c", "check", "list the files of another form, and fail if there are any");
    },
    run,
};

fn run(call: &Call) -> ExitCode {
    if call.matches.free.is_empty() {
        return missing(&FMT, "no configuration was given", USAGE);
    }
    let mut good = true;
    for name in &call.matches.free {
        good &= one(call, name).unwrap_or_else(|what| {
            output::error(&what);
            false
        });
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Formats a file; false where its form is to be told and another one.
fn one(call: &Call, name: &str) -> Result<bool, String> {
    let at_fault = |error: std::io::Error| format!("{name}: {error}");
    let text = if name == "-" {
        server::standard_input()?
    } else {
        fs::read_to_string(name).map_err(at_fault)?
    };
    let source = Source::new(name, text.strip_prefix('\u{feff}').unwrap_or(&text));
    let formatted = configuration::format(&source).map_err(|error| error.render(&source))?;
    if call.has("check") {
        if formatted != text {
            output::print(&format!("{name}\n"));
        }
        return Ok(formatted == text);
    }
    if !call.has("inplace") || name == "-" {
        output::print(&formatted);
    } else if formatted != text {
        migrate::replace(Path::new(name), &formatted).map_err(at_fault)?;
    }
    Ok(true)
}
