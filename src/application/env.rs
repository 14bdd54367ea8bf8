//! `exabgp env`: the settings, as an INI file or as variables.

use std::process::ExitCode;

use super::{Call, Subcommand, output};
use crate::environment::Form;

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
    let form = if call.has("env") { Form::Variables } else { Form::Ini };
    output::print(&call.environment.render(form, call.has("diff")));
    ExitCode::SUCCESS
}
