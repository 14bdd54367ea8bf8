//! `exabgp version`: four lines, of which scripts read the first.

use std::process::ExitCode;

use super::{Call, Subcommand, output};

pub(super) static VERSION: Subcommand = Subcommand {
    name: "version",
    arguments: "",
    summary: "report the version of the program",
    options: |_| {},
    run,
};

fn run(call: &Call) -> ExitCode {
    let version = call.environment.settings.version();
    let system = nix::sys::utsname::uname().map_or_else(
        |_| "unknown".to_owned(),
        |uname| {
            let parts = [
                uname.sysname(),
                uname.nodename(),
                uname.release(),
                uname.version(),
                uname.machine(),
            ];
            parts.map(|part| part.to_string_lossy().into_owned()).join(" ")
        },
    );
    let from = std::env::current_exe().ok().and_then(|path| path.parent().map(ToOwned::to_owned));
    let from = from.map_or_else(|| "unknown".to_owned(), |path| path.display().to_string());
    output::print(&format!(
        "ExaBGP : {version}\nRust   : {}\nUname  : {system}\nFrom   : {from}\n",
        env!("CARGO_PKG_RUST_VERSION"),
    ));
    ExitCode::SUCCESS
}
