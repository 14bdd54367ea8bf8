//! The `exabgp` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    exabgp::application::main()
}
