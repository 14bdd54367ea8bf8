//! `exabgp env`: the settings, as an INI file or as variables.

use std::process::ExitCode;

use super::{Call, Subcommand, output};
use crate::environment::render::{self, Which};

pub(super) static ENV: Subcommand = Subcommand {
    name: "env",
    arguments: "",
    summary: "show the environment settings",
    options: |options| {
        options.optflag("d", "diff", "only those that differ from their default");
        options.optflag("e", "env", "as environment variables rather than as an INI file");
    },
    run,
};

fn run(call: &Call) -> ExitCode {
    let settings = &call.environment.settings;
    for warning in &call.environment.warnings {
        output::note(&format!("warning: {warning}"));
    }
    let which = if call.has("diff") { Which::Changed } else { Which::All };
    let text = if call.has("env") {
        render::variables(settings, which)
    } else {
        render::file(settings, which)
    };
    output::print(&text);
    ExitCode::SUCCESS
}
