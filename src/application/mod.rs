//! Sub-commands: `argv`, help, exit codes, standard output.

use std::process::ExitCode;

pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
