//! `exabgp migrate`: configurations, and the traffic of helpers, of former releases made today's.
//!
//! `migrate conf` rewrites a file; `migrate api` rewrites lines, or stands between the daemon and
//! a helper of that time and rewrites both directions.

mod api;
mod bridge;
mod json;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use getopts::Options;

use super::{Call, Subcommand, USAGE, missing, output};
use crate::configuration::{self, Migrated, Release};
use crate::reactor::clock;

pub(super) use api::API;

pub(super) static CONF: Subcommand = Subcommand {
    name: "migrate conf",
    arguments: "CONFIGURATION",
    summary: "make a configuration of a former release today's",
    options: |options| {
        releases(options, "3.4, 4 or 5");
        options.optopt("o", "output", "write there, and not to standard output", "FILE");
        options.optflag("i", "inplace", "rewrite the file, and keep a copy beside it");
        options.optflag("n", "dry-run", "list what would change");
        options.optflag("v", "verbose", "list what changed, on standard error");
        options.optflag("w", "wrap-api", "start the helpers through exabgp migrate api");
    },
    run,
};

fn releases(options: &mut Options, known: &str) {
    options.optopt("f", "from", &format!("the release it is of: {known}"), "RELEASE");
    options.optopt("t", "to", "the release it shall be of (main)", "RELEASE");
}

/// The releases that the options name, the first one before the second.
fn asked(call: &Call) -> Result<(Release, Release), String> {
    let named = |option: &str| {
        let name = call.matches.opt_str(option).unwrap_or_else(|| "main".to_owned());
        let known = Release::ALL.map(Release::name).join(", ");
        Release::from_name(&name).ok_or_else(|| format!("unknown release {name}: one of {known}"))
    };
    if !call.has("from") {
        return Err("the release that it is of is missing: see -f".to_owned());
    }
    let (from, to) = (named("from")?, named("to")?);
    if from < to {
        return Ok((from, to));
    }
    Err(format!("cannot migrate from {} to {}: that is no later release", from.name(), to.name()))
}

fn run(call: &Call) -> ExitCode {
    let [name] = &call.matches.free[..] else {
        return missing(&CONF, "one configuration is needed", USAGE);
    };
    match convert(call, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            output::error(&what);
            ExitCode::FAILURE
        }
    }
}

fn convert(call: &Call, name: &str) -> Result<(), String> {
    let (from, to) = asked(call)?;
    let at_fault = |error: std::io::Error| format!("{name}: {error}");
    let text = if name == "-" {
        super::server::standard_input()?
    } else {
        fs::read_to_string(name).map_err(at_fault)?
    };
    let migrated = configuration::migrate(name, &text, (from, to), call.has("wrap-api"))?;
    let Migrated { text: new, changes } = &migrated;
    if call.has("dry-run") {
        output::print(&format!("Migration: {} -> {}\n", from.name(), to.name()));
        output::print(&list(changes, "Changes", "No changes needed.\n"));
        return Ok(());
    }
    if call.has("verbose") {
        output::note(list(changes, "Applied changes", "No changes needed.\n").trim_end());
    }
    if call.has("inplace") && name != "-" {
        let copy = PathBuf::from(format!("{name}.{}.bak", clock::stamp()));
        fs::copy(name, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
        replace(Path::new(name), new).map_err(at_fault)?;
        output::note(&format!("{name} is migrated, {} is what it was", copy.display()));
    } else if let Some(file) = call.matches.opt_str("output") {
        fs::write(&file, new).map_err(|error| format!("{file}: {error}"))?;
    } else {
        output::print(new);
    }
    Ok(())
}

fn list(changes: &[String], title: &str, none: &str) -> String {
    if changes.is_empty() {
        return none.to_owned();
    }
    let mut text = format!("{title} ({}):\n", changes.len());
    for change in changes {
        text += &format!("  - {change}\n");
    }
    text
}

/// Puts a text in the place of that of a file, whole or not at all; the mode stays.
pub(super) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    // The file itself where the name is a link.
    let path = fs::canonicalize(path)?;
    let mut temporary = path.clone().into_os_string();
    temporary.push(format!(".{}", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = fs::write(&temporary, text)
        .and_then(|()| fs::set_permissions(&temporary, fs::metadata(&path)?.permissions()))
        .and_then(|()| fs::rename(&temporary, &path));
    if written.is_err() {
        drop(fs::remove_file(&temporary));
    }
    written
}
