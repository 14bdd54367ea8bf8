//! Sub-commands: `argv`, help, exit codes, standard output.
//!
//! A sub-command is one entry of [`SUBCOMMANDS`]: help and dispatch follow from the table. What
//! is given before a known word is understood as a configuration to serve, as it always was.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use getopts::{Matches, Options};

use crate::environment::{self, Environment};

mod cli;
mod client;
mod configuration;
mod decode;
mod encode;
mod env;
mod migrate;
mod output;
pub mod reference;
mod run;
mod server;
mod shell;
mod single;
mod validate;
mod version;

/// A word of the command line, its options, and what it does.
pub struct Subcommand {
    /// The word.
    pub name: &'static str,
    /// What follows the options in the usage line.
    pub arguments: &'static str,
    /// One line for the list of sub-commands.
    pub summary: &'static str,
    /// Declares the options.
    pub options: fn(&mut Options),
    /// Does the work.
    pub run: fn(&Call) -> ExitCode,
}

impl std::fmt::Debug for Subcommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subcommand").field("name", &self.name).finish_non_exhaustive()
    }
}

/// One use of a sub-command.
#[derive(Debug)]
pub struct Call {
    /// The options and free words, parsed.
    pub matches: Matches,
    /// The settings of the program.
    pub environment: Environment,
}

impl Call {
    /// Whether a flag was given.
    pub fn has(&self, flag: &str) -> bool {
        self.matches.opt_present(flag)
    }
}

/// Every sub-command, in the order of the help.
pub static SUBCOMMANDS: &[&Subcommand] = &[
    &server::SERVER,
    &validate::VALIDATE,
    &cli::CLI,
    &run::RUN,
    &shell::SHELL,
    &decode::DECODE,
    &encode::ENCODE,
    &configuration::EXPORT,
    &configuration::EXAMPLE,
    &configuration::FMT,
    &configuration::DIFF,
    &configuration::SCHEMA,
    &env::ENV,
    &migrate::CONF,
    &migrate::API,
    &version::VERSION,
];

/// Exit code of a command line that cannot be understood.
const USAGE: u8 = 2;

/// Runs the program and answers with its exit code.
pub fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    old_env_file(&mut arguments);
    let file = match environment::take_env_file(&mut arguments) {
        Ok(file) => file,
        Err(error) => {
            output::error(&error.to_string());
            return ExitCode::from(USAGE);
        }
    };
    let mut words = Vec::with_capacity(arguments.len() + 1);
    words.extend(std::env::args_os().next().and_then(|program| implied(Path::new(&program))));
    for (position, word) in arguments.into_iter().enumerate() {
        match word.into_string() {
            Ok(word) => words.push(word),
            Err(word) => {
                let shown = word.to_string_lossy();
                output::error(&format!("argument {}: \"{shown}\" is not UTF-8", position + 1));
                return ExitCode::from(USAGE);
            }
        }
    }
    dispatch(file.as_deref(), modern(words))
}

/// Test benches name the file of settings as 4.x did, with `-e FILE` or `--env FILE`, where no
/// sub-command takes the option for itself.
fn old_env_file(arguments: &mut [OsString]) {
    let known = |word: &OsString| {
        let word = word.to_string_lossy();
        SUBCOMMANDS.iter().any(|subcommand| word == subcommand.name) || is_group(&word)
    };
    let named = |word: &OsString| word.to_string_lossy().starts_with("--env-file");
    if arguments.first().is_none_or(known) || arguments.iter().any(named) {
        return;
    }
    for argument in arguments {
        let text = argument.to_str().unwrap_or_default();
        if text == "-e" || text == "--env" {
            *argument = "--env-file".into();
            return;
        }
        if let Some(path) = text.strip_prefix("--env=") {
            *argument = format!("--env-file={path}").into();
            return;
        }
    }
}

/// The sub-command that the name of the program stands for.
fn implied(program: &Path) -> Option<String> {
    let name = program.file_name()?.to_str()?;
    matches!(name, "exabgpcli" | "exabgp-cli").then(|| "cli".to_owned())
}

/// Puts `server` before words that name no sub-command, and modern words for those of 4.x.
/// `configuration validate` is the long form of `validate`.
fn modern(mut words: Vec<String>) -> Vec<String> {
    let Some(first) = words.first().cloned() else { return words };
    if first == "schema" && words.get(1).is_none_or(|second| second != "export") {
        // The action may be left out.
        words.insert(1, "export".to_owned());
    }
    if first == "configuration" && words.get(1).is_some_and(|second| second == "validate") {
        words.remove(0);
        return words;
    }
    if let ["migrate", "api", ..] = words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // What follows --exec is the command line of another program.
        let exec = words.iter().position(|word| word == "-e" || word == "--exec");
        if let Some(at) = exec {
            words.insert(at + 1, "--".to_owned());
        }
    }
    let known = find(&words).is_some() || is_group(&first);
    let helps = words.iter().any(|word| word == "-h" || word == "--help");
    let replacement: &[&str] = match first.as_str() {
        "--version" => &["version"],
        // Nothing could be served: who asks this wants to know whom he has met.
        "-v" if words.len() == 1 => &["version"],
        "--fi" | "--full-ini" => &["env"],
        "--di" | "--diff-ini" => &["env", "-d"],
        "--fe" | "--full-env" => &["env", "-e"],
        "--de" | "--diff-env" => &["env", "-e", "-d"],
        "-t" | "--test" | "--validate" => &["validate"],
        "-x" | "--decode" => &["decode"],
        _ if known || helps => return words,
        _ => {
            words.insert(0, "server".to_owned());
            return words;
        }
    };
    if !matches!(first.as_str(), "--version" | "-v") {
        let now = replacement.join(" ");
        output::note(&format!("{first} is deprecated: use exabgp {now}"));
    }
    words.splice(..1, replacement.iter().map(|word| (*word).to_owned()));
    words
}

/// The sub-command that the first words name, one word or two, and how many those are.
fn find(words: &[String]) -> Option<(&'static Subcommand, usize)> {
    let named = |subcommand: &&'static Subcommand| {
        let names: Vec<&str> = subcommand.name.split(' ').collect();
        let same = words.len() >= names.len() && names.iter().zip(words).all(|(a, b)| a == b);
        same.then_some((*subcommand, names.len()))
    };
    SUBCOMMANDS.iter().find_map(named)
}

/// Whether a word is the first one of sub-commands that have two.
fn is_group(word: &str) -> bool {
    let first = |subcommand: &Subcommand| {
        subcommand.name.split_once(' ').is_some_and(|(first, _)| first == word)
    };
    SUBCOMMANDS.iter().any(|subcommand| first(subcommand))
}

fn dispatch(file: Option<&Path>, mut words: Vec<String>) -> ExitCode {
    if words.is_empty() {
        output::print(&help());
        output::print("\nEnvironment settings (exabgp env shows their values):\n\n");
        output::print(&environment::render::descriptions());
        return ExitCode::FAILURE;
    }
    let Some((subcommand, count)) = find(&words) else {
        let first = words.first().map_or("", String::as_str);
        let helps = words.iter().any(|word| word == "-h" || word == "--help");
        output::print(&if is_group(first) { group_help(first) } else { help() });
        return if helps { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    };
    words.drain(..count);
    let mut options = Options::new();
    options.optflag("h", "help", "show this help");
    (subcommand.options)(&mut options);
    let own = words.iter().take_while(|word| *word != "--");
    if own.into_iter().any(|word| word == "-h" || word == "--help") {
        output::print(&usage(subcommand, &options));
        return ExitCode::SUCCESS;
    }
    let matches = match options.parse(&words) {
        Ok(matches) => matches,
        Err(error) => return misused(subcommand, &options, &error.to_string()),
    };
    match environment::read(file) {
        Ok(environment) => (subcommand.run)(&Call { matches, environment }),
        Err(error) => {
            output::error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Tells what is wrong with the words of a sub-command.
fn misused(subcommand: &Subcommand, options: &Options, what: &str) -> ExitCode {
    output::error(&format!("{}: {what}\n\n{}", subcommand.name, usage(subcommand, options)));
    ExitCode::from(USAGE)
}

/// Refuses a call for want of a free argument.
fn missing(subcommand: &Subcommand, what: &str, code: u8) -> ExitCode {
    let mut options = Options::new();
    options.optflag("h", "help", "show this help");
    (subcommand.options)(&mut options);
    let told = misused(subcommand, &options, what);
    if code == USAGE { told } else { ExitCode::from(code) }
}

fn usage(subcommand: &Subcommand, options: &Options) -> String {
    let brief = format!(
        "Usage: exabgp {} [options] {}\n\n{}",
        subcommand.name, subcommand.arguments, subcommand.summary
    );
    options.usage(&brief)
}

fn help() -> String {
    let mut text = format!(
        "ExaBGP {}: BGP for programs\n\n\
         Usage: exabgp [--env-file FILE] COMMAND [options]\n       \
         exabgp [options] CONFIGURATION...\n\nCommands:\n",
        crate::version::VERSION
    );
    text += &list(SUBCOMMANDS.iter().copied());
    text += "\nexabgp COMMAND --help shows the options of a command.\n";
    text
}

/// Help for the sub-commands that begin with a word.
fn group_help(word: &str) -> String {
    let within = |subcommand: &&Subcommand| subcommand.name.split(' ').next() == Some(word);
    let commands = list(SUBCOMMANDS.iter().copied().filter(within));
    format!("Usage: exabgp {word} COMMAND [options]\n\nCommands:\n{commands}")
}

fn list(subcommands: impl Iterator<Item = &'static Subcommand>) -> String {
    let line =
        |subcommand: &Subcommand| format!("    {:22} {}\n", subcommand.name, subcommand.summary);
    subcommands.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moderns(words: &[&str]) -> Vec<String> {
        modern(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn a_configuration_alone_is_served() {
        assert_eq!(moderns(&["x.conf"]), ["server", "x.conf"]);
        assert_eq!(moderns(&["-v", "x.conf"]), ["server", "-v", "x.conf"]);
        assert_eq!(moderns(&["validate", "x.conf"]), ["validate", "x.conf"]);
        assert_eq!(moderns(&["--help"]), ["--help"]);
        assert_eq!(moderns(&["configuration", "validate", "x"]), ["validate", "x"]);
        assert_eq!(moderns(&["migrate"]), ["migrate"]);
        assert_eq!(
            moderns(&["migrate", "api", "-e", "x", "-h"]),
            ["migrate", "api", "-e", "--", "x", "-h"]
        );
    }

    #[test]
    fn words_of_former_releases_are_understood() {
        assert_eq!(moderns(&["--version"]), ["version"]);
        assert_eq!(moderns(&["-v"]), ["version"]);
        assert_eq!(moderns(&["-t", "x.conf"]), ["validate", "x.conf"]);
        assert_eq!(moderns(&["--de"]), ["env", "-e", "-d"]);
    }

    #[test]
    fn the_file_of_settings_has_old_names() {
        let olds = |words: &[&str]| {
            let mut words: Vec<OsString> = words.iter().map(OsString::from).collect();
            old_env_file(&mut words);
            words.into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(olds(&["-e", "x.env", "x.conf"]), ["--env-file", "x.env", "x.conf"]);
        assert_eq!(olds(&["x.conf", "--env=x.env"]), ["x.conf", "--env-file=x.env"]);
        assert_eq!(olds(&["env", "-e"]), ["env", "-e"]);
        assert_eq!(olds(&["migrate", "api", "-e"]), ["migrate", "api", "-e"]);
        assert_eq!(olds(&["--env-file", "x", "env", "-e"]), ["--env-file", "x", "env", "-e"]);
    }

    #[test]
    fn the_name_of_the_program_may_be_a_sub_command() {
        assert_eq!(implied(Path::new("/usr/sbin/exabgpcli")).as_deref(), Some("cli"));
        assert_eq!(implied(Path::new("exabgp-cli")).as_deref(), Some("cli"));
        assert_eq!(implied(Path::new("/usr/sbin/exabgp")), None);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = SUBCOMMANDS.iter().map(|subcommand| subcommand.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUBCOMMANDS.len());
    }
}
