//! Load for the benchmarks: fast peers and helpers that count.
//!
//! `load sink` takes routes, `load source` gives them, `load say` and `load hear` are helper
//! processes. Each prints one JSON object a line for every stage that it reaches; `qa/bench/run`
//! starts them beside the program, reads those lines, and reads the program's costs from `/proc`.

mod helper;
mod sink;
mod source;
mod wire;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use getopts::{Matches, Options};

/// What went wrong, for the person at the terminal.
pub type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "usage: load sink|source|say|hear [options]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let outcome =
        options().parse(arguments).map_err(Failure::from).and_then(|matches| {
            match command.as_str() {
                "sink" => sink::run(&matches),
                "source" => source::run(&matches),
                "say" => helper::say(&matches),
                "hear" => helper::hear(&matches),
                _ => Err(options().usage(USAGE).into()),
            }
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("load: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Options {
    let mut options = Options::new();
    options.optopt("", "base", "first address to listen on (127.0.0.1)", "IP");
    options.optopt("", "port", "port to listen on (0: any, printed)", "PORT");
    options.optopt("", "peers", "sink: sessions, each at the next address (1)", "N");
    options.optopt("", "then", "sink: prefixes expected after the End-of-RIB", "N");
    options.optflag("", "latency", "sink: MED is the microsecond in which it was said");
    options.optopt("", "count", "prefixes, or commands (1000000)", "N");
    options.optopt("", "sets", "source: different attribute sets (1)", "N");
    options.optopt("", "each", "source: prefixes a message (as many as fit)", "N");
    options.optflag("", "hold", "sink: KEEPALIVE, source: routes wait for a line of input");
    options.optflag("", "refresh", "source: ask for a refresh at the end, and wait for it");
    options.optopt("", "pause", "say: milliseconds between commands (0)", "MS");
    options.optflag("", "silent", "say: without acknowledgements");
    options.optopt("", "report", "say, hear: file for the JSON lines", "FILE");
    options
}

/// A numeric option, or its default.
pub fn number(matches: &Matches, name: &str, default: usize) -> Result<usize, Failure> {
    Ok(matches.opt_get_default(name, default)?)
}

/// Waits for a line of input where `--hold` asks for it.
pub fn hold(matches: &Matches) -> Result<(), Failure> {
    if matches.opt_present("hold") {
        std::io::stdin().read_line(&mut String::new())?;
    }
    Ok(())
}

/// Microseconds of the wall clock, low 32 bits: what a MED can carry.
pub fn microseconds() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(now.as_micros() & u128::from(u32::MAX)).unwrap_or_default()
}
