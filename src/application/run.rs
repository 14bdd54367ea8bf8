//! `exabgp run`: one command, or a batch of them, sent to the running daemon.

use std::process::ExitCode;

use super::client::{self, Wordless};
use super::{Call, Subcommand, missing};

pub(super) static RUN: Subcommand = Subcommand {
    name: "run",
    arguments: "COMMAND...|-",
    summary: "send one command, or a batch, to the running daemon",
    options: client::options,
    run,
};

fn run(call: &Call) -> ExitCode {
    client::run(call, Wordless::Refuse).unwrap_or_else(|| missing(&RUN, "no command was given", 1))
}
