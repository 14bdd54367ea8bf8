//! `exabgp server`, and `exabgp CONFIGURATION…`: runs the daemon.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use super::{Call, Subcommand, USAGE, missing, output};
use crate::configuration;
use crate::environment::Environment;
use crate::environment::control::Meeting;
use crate::logger;
use crate::reactor::daemon::{self, Background};
use crate::reactor::{Plan, Reactor, clock};

pub(super) static SERVER: Subcommand = Subcommand {
    name: "server",
    arguments: "CONFIGURATION...",
    summary: "run the daemon (the word may be left out)",
    options: |options| {
        options.optflag("v", "verbose", "log everything, in long lines");
        options.optflag("d", "debug", "as -v, with traces on faults");
        options.optopt("s", "signal", "reload after so many seconds, as SIGUSR1 would", "SECONDS");
        options.optflag("1", "once", "try each neighbor once, then end");
        options.optflag("p", "pdb", "accepted for compatibility, without effect");
        options.optflag("P", "passive", "wait for the neighbors to connect");
        options.optflag("m", "memory", "report the memory used at the end");
        options.optopt("", "profile", "write statistics of the run", "FILE");
    },
    run,
};

fn run(call: &Call) -> ExitCode {
    if call.matches.free.is_empty() {
        return missing(&SERVER, "no configuration was given", USAGE);
    }
    let mut environment = call.environment.clone();
    adjust(call, &mut environment);
    let plan = match plan(call, &environment) {
        Ok(plan) => plan,
        Err(why) => {
            output::error(&why);
            return ExitCode::FAILURE;
        }
    };
    if plan.files.len() > 1 && !environment.settings.debug.rotate {
        return one_each(call, &plan.files);
    }
    let code = serve(environment, plan);
    if call.has("memory") {
        report_memory();
    }
    code
}

/// Options of the command line win over settings.
fn adjust(call: &Call, environment: &mut Environment) {
    let settings = &mut environment.settings;
    if call.has("verbose") || call.has("debug") {
        settings.log.make_verbose();
    }
    if call.has("once") {
        settings.tcp.attempts = 1;
    }
    settings.bgp.passive |= call.has("passive");
}

/// What to serve: files that exist, by absolute path, or the text on standard input.
fn plan(call: &Call, environment: &Environment) -> Result<Plan, String> {
    let clients = environment
        .settings
        .api
        .cli
        .then(|| Meeting::of(environment, nix::unistd::getuid().as_raw(), None, None));
    let mut plan = Plan { options: options(environment, false), clients, ..Plan::default() };
    if let Some(text) = call.matches.opt_str("signal") {
        let seconds = text.parse().map_err(|_| format!("--signal {text}: not a number of seconds"));
        plan.reload_after = Some(Duration::from_secs(seconds?));
    }
    if call.matches.free.iter().any(|name| name == "-") {
        if call.matches.free.len() > 1 {
            return Err("- must be the only configuration".to_owned());
        }
        plan.text = Some(standard_input()?);
        return Ok(plan);
    }
    for name in &call.matches.free {
        plan.files.push(locate(name, environment)?);
    }
    Ok(plan)
}

/// What the language must know of the world around it.
pub(super) fn options(environment: &Environment, strict: bool) -> configuration::Options {
    let variables = &environment.variables;
    let paths = variables.path.as_deref().unwrap_or_default();
    configuration::Options {
        strict,
        passive: environment.settings.bgp.passive,
        lookup: configuration::Lookup {
            etc: variables.etc.as_ref().map(PathBuf::from),
            directory: std::env::current_dir().unwrap_or_default(),
            path: std::env::split_paths(paths).collect(),
            user: nix::unistd::geteuid().as_raw(),
            groups: groups(),
        },
    }
}

fn groups() -> Vec<u32> {
    let mut groups = vec![nix::unistd::getegid().as_raw()];
    let more = nix::unistd::getgroups().unwrap_or_default();
    groups.extend(more.into_iter().map(nix::unistd::Gid::as_raw));
    groups
}

/// The file that a word of the command line names.
pub(super) fn locate(name: &str, environment: &Environment) -> Result<PathBuf, String> {
    let path = if name.starts_with("etc/exabgp") && !Path::new(name).exists() {
        environment.root.join(name)
    } else {
        PathBuf::from(name)
    };
    let absolute = std::path::absolute(&path).map_err(|error| format!("{name}: {error}"))?;
    if absolute.is_file() {
        Ok(absolute)
    } else {
        Err(format!("{name} is not an exabgp config file (file not found)"))
    }
}

/// A configuration given on standard input.
pub(super) fn standard_input() -> Result<String, String> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        return Err("-: standard input is a terminal".to_owned());
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| format!("-: {error}"))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| format!("-: not UTF-8 at byte {}", error.utf8_error().valid_up_to()))?;
    if text.trim().is_empty() {
        return Err("-: no configuration on standard input".to_owned());
    }
    Ok(text)
}

/// Runs the daemon until it ends.
fn serve(environment: Environment, plan: Plan) -> ExitCode {
    if let Err(why) = prepare(&environment) {
        output::error(&why);
        return ExitCode::FAILURE;
    }
    let to_terminal = logs_to_terminal(&environment.settings.log.destination);
    let started = Reactor::start_up(environment.settings, plan);
    let ended = started.map_err(|refused| refused.to_string()).and_then(|mut reactor| {
        reactor.run().map_err(|error| format!("the event loop cannot go on: {error}"))
    });
    ended.unwrap_or_else(|why| {
        // The one reason why the program ends: to people, and to a log that they do not see.
        if !to_terminal {
            log::error!(target: "reactor", "{why}");
        }
        output::error(&why);
        ExitCode::FAILURE
    })
}

/// What comes before the loop exists: folder, umask, background, log.
fn prepare(environment: &Environment) -> Result<(), String> {
    let settings = &environment.settings;
    daemon::settle(settings.daemon.umask).map_err(|errno| format!("cannot enter /: {errno}"))?;
    let background = if settings.daemon.daemonize {
        daemon::detach(settings.log.enable && logs_to_terminal(&settings.log.destination))
            .map_err(|errno| format!("cannot go to the background: {errno}"))?
    } else {
        Background::Supervised
    };
    start_log(environment)?;
    if background == Background::LogsToTerminal {
        log::error!(
            target: "daemon",
            "not going to the background: the log goes to standard output or error"
        );
    }
    for warning in &environment.warnings {
        log::warn!(target: "configuration", "{warning}");
    }
    let version = environment.settings.version();
    log::info!(target: "reactor", "exabgp {version} is starting, pid {}", std::process::id());
    Ok(())
}

/// Starts the log where the settings say.
pub(super) fn start_log(environment: &Environment) -> Result<(), String> {
    let log = &environment.settings.log;
    let options = logger::Options {
        level: log.filter(),
        sources: &log.sources(),
        short: log.short,
        destination: &log.destination,
        home: environment.variables.home.as_deref(),
        time_of_day: clock::time_of_day,
    };
    match logger::start(&options) {
        Ok(None) => Ok(()),
        Ok(Some(warning)) if is_file(&log.destination) => Err(warning.to_string()),
        Ok(Some(warning)) => {
            output::note(&warning.to_string());
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

fn logs_to_terminal(destination: &str) -> bool {
    matches!(destination, "stdout" | "stderr")
}

fn is_file(destination: &str) -> bool {
    ["file:", "/", "~/"].iter().any(|start| destination.starts_with(start))
}

/// Runs a process of its own for each configuration, and waits for them.
fn one_each(call: &Call, files: &[PathBuf]) -> ExitCode {
    let settings = &call.environment.settings;
    if settings.log.enable && is_file(&settings.log.destination) {
        output::error("several configurations cannot share a log file");
        return ExitCode::FAILURE;
    }
    let Ok(program) = std::env::current_exe() else {
        output::error("cannot find the program that runs");
        return ExitCode::FAILURE;
    };
    let flags = ["verbose", "debug", "once", "passive", "memory"];
    let flags = flags.iter().filter(|flag| call.has(flag)).map(|flag| format!("--{flag}"));
    let flags: Vec<String> = flags.collect();
    let mut children = Vec::new();
    for file in files {
        match Command::new(&program).arg("server").args(&flags).arg(file).spawn() {
            Ok(child) => children.push(child),
            Err(error) => output::error(&format!("{}: {error}", file.display())),
        }
    }
    let mut good = children.len() == files.len();
    for mut child in children {
        good &= child.wait().is_ok_and(|status| status.success());
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report_memory() {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF);
    if let Ok(usage) = usage {
        output::note(&format!("memory used at most: {} KiB", usage.max_rss()));
    }
}
