//! `exabgp cli`: with words one command, without a conversation.
//!
//! The program is also installed as `exabgpcli` and `exabgp-cli`, which are this.

use std::process::ExitCode;

use super::client::{self, Wordless};
use super::{Call, Subcommand, missing};

pub(super) static CLI: Subcommand = Subcommand {
    name: "cli",
    arguments: "[COMMAND...|-]",
    summary: "send commands to the running daemon; a conversation without any",
    options: client::options,
    run,
};

fn run(call: &Call) -> ExitCode {
    client::run(call, Wordless::Converse)
        .unwrap_or_else(|| missing(&CLI, "no command was given", 1))
}
