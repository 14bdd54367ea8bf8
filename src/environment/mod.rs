//! Settings of the program: variables, a file, defaults; read once, at the start.
//!
//! The configuration says what is told to whom; the environment says how the program runs. For each
//! setting the first of these wins: the variable with dots, the variable with underscores, the file,
//! the default. This is the only layer that reads variables; the others are given `Settings` and
//! `Variables`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub mod control;
pub mod file;
pub mod render;
mod retired;
pub mod settings;
pub mod value;

pub use settings::Settings;
pub use value::{ApiVersion, Encoder, Level, RoutesFormat};

use settings::{SETTINGS, find};
use value::Remark;

/// Everything that surrounds the program.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    pub settings: Settings,
    pub variables: Variables,
    /// The folder above `etc`, `bin` and `sbin`.
    pub root: PathBuf,
    /// The settings file, whether or not it exists.
    pub file: PathBuf,
    /// Whether it does.
    pub file_exists: bool,
    /// What the operator should know.
    pub warnings: Vec<Warning>,
}

/// Variables that are no settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// `EXABGP_ETC`: where the `etc/exabgp/…` of helpers is.
    pub etc: Option<String>,
    /// `exabgp_cli_pipe`: folder of the named pipes.
    pub cli_pipe: Option<String>,
    /// `exabgp_cli_socket`: folder of the socket; empty for no socket.
    pub cli_socket: Option<String>,
    /// `exabgp_cli_transport`: `pipe` or `socket`.
    pub cli_transport: Option<String>,
    /// `exabgp_api_cli_mode`: `pipe` or `socket`.
    pub api_cli_mode: Option<String>,
    /// `exabgp_api_socketpath`: the socket itself.
    pub api_socketpath: Option<String>,
    /// `exabgp_api_multi_client`: whether the socket serves several clients at once.
    pub api_multi_client: Option<String>,
    /// `exabgp_api_max_clients`: how many.
    pub api_max_clients: Option<String>,
    /// `NO_COLOR`: no colours, when it is set to anything.
    pub no_color: Option<String>,
    /// `exabgp_version`: the version to report.
    pub version: Option<String>,
    pub home: Option<String>,
    pub path: Option<String>,
    pub pwd: Option<String>,
    pub shell: Option<String>,
}

/// What the settings are read from; a test makes its own.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The variables of the process.
    pub variables: Vec<(String, String)>,
    /// The root folder.
    pub root: PathBuf,
    /// The settings file.
    pub file: PathBuf,
    /// What is in it; `None` when it does not exist.
    pub file_text: Option<String>,
}

impl Sources {
    /// These variables, and no file.
    pub fn of_variables(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { variables: variables.iter().map(owned).collect(), ..Self::default() }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A line of the settings file, counted from 1.
    File { path: PathBuf, line: usize },
    /// The variable of this name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(out, "{}:{line}", path.display()),
            Self::Variable(name) => write!(out, "environment variable {name}"),
        }
    }
}

/// Why the program cannot run with these settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A line of the file cannot be understood.
    Syntax { path: PathBuf, fault: file::Fault },
    /// A value is none of its type.
    Value { setting: String, value: String, expected: &'static str, origin: Origin },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { path, fault } => {
                write!(out, "{}:{}: {}", path.display(), fault.line, fault.reason)
            }
            Self::Value { setting, value, expected, origin } => {
                let value = value.escape_debug();
                write!(out, "{origin}: {setting} cannot be '{value}', it takes {expected}")
            }
        }
    }
}

impl std::error::Error for Error {}

/// What is odd about the settings, and did not stop the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A value was taken for another.
    Remark { setting: String, value: String, remark: Remark, origin: Origin },
    /// A setting of former releases, and what to do today.
    Retired { name: String, today: &'static str, origin: Origin },
    /// No setting has this name.
    Unknown { name: String, origin: Origin },
    /// The file exists and cannot be read.
    Unreadable { path: PathBuf, error: String },
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remark { setting, value, remark, origin } => {
                let value = value.escape_debug();
                let taken = match remark {
                    Remark::NeitherYesNorNo => "is neither yes nor no, and taken for no",
                    Remark::OutOfRange => "is out of range, and the nearest value is used",
                };
                write!(out, "{origin}: {setting}: '{value}' {taken}")
            }
            Self::Retired { name, today, origin } => {
                write!(out, "{origin}: {} is retired: {today}", name.escape_debug())
            }
            Self::Unknown { name, origin: Origin::Variable(_) } => {
                write!(out, "environment variable {} is unknown", name.escape_debug())
            }
            Self::Unknown { name, origin } => {
                write!(out, "{origin}: {} is unknown", name.escape_debug())
            }
            Self::Unreadable { path, error } => write!(out, "{}: {error}", path.display()),
        }
    }
}

/// Reads the environment of this process; `env_file` is the file named on the command line.
///
/// # Errors
/// The first value, or line of the file, that makes no sense.
pub fn read(env_file: Option<&Path>) -> Result<Environment, Error> {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    let mut sources = Sources {
        variables: std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect(),
        ..Sources::default()
    };
    sources.root = root(sources.variable("EXABGP_ROOT"), &program());
    let named = env_file.or_else(|| sources.variable("EXABGP_ENVFILE").map(Path::new));
    sources.file = named.map_or_else(|| usual_file(&sources.root), Path::to_path_buf);
    let mut unreadable = None;
    match std::fs::read(&sources.file) {
        Ok(bytes) => sources.file_text = Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            let path = sources.file.clone();
            unreadable = Some(Warning::Unreadable { path, error: error.to_string() });
        }
    }
    let mut environment = load(&sources)?;
    environment.warnings.extend(unreadable);
    Ok(environment)
}

/// Makes settings of what `sources` hold; touches nothing else.
///
/// # Errors
/// The first value, or line of the file, that makes no sense.
pub fn load(sources: &Sources) -> Result<Environment, Error> {
    let mut given = Given::default();
    given.take_variables(&sources.variables);
    if let Some(text) = &sources.file_text {
        let path = &sources.file;
        let entries =
            file::parse(text).map_err(|fault| Error::Syntax { path: path.clone(), fault })?;
        given.take_file(path, entries);
    }
    let mut environment = Environment {
        settings: Settings::defaults(),
        variables: Variables::of(sources),
        root: sources.root.clone(),
        file: sources.file.clone(),
        file_exists: sources.file_text.is_some(),
        warnings: given.warnings,
    };
    let reported = environment.variables.version.as_ref();
    environment.settings.version = reported.map(|version| &*version.clone().leak());
    for (setting, value) in SETTINGS.iter().zip(given.values) {
        let Some(Value { text, origin, .. }) = value else { continue };
        let name = format!("exabgp.{}.{}", setting.section, setting.name);
        // A file that says everything says this too.
        if let Some(today) = retired::idle(setting.section, setting.name)
            && text != setting.default
        {
            let (name, origin) = (name.clone(), origin.clone());
            environment.warnings.push(Warning::Retired { name, today, origin });
        }
        match (setting.field)(&mut environment.settings).set(&text) {
            Ok(None) => {}
            Ok(Some(remark)) => {
                let warning = Warning::Remark { setting: name, value: text, remark, origin };
                environment.warnings.push(warning);
            }
            Err(value::Expected(expected)) => {
                return Err(Error::Value { setting: name, value: text, expected, origin });
            }
        }
    }
    apply_aliases(sources, &mut environment.settings)?;
    Ok(environment)
}

/// Takes `--env-file PATH` or `--env-file=PATH` out of the arguments: its first occurrence.
///
/// # Errors
/// When the option is there without a path.
pub fn take_env_file(arguments: &mut Vec<OsString>) -> Result<Option<PathBuf>, MissingPath> {
    const OPTION: &str = "--env-file";
    let path_after = |argument: &OsString| {
        let text = argument.to_str()?.strip_prefix(OPTION)?;
        text.strip_prefix('=').map(PathBuf::from)
    };
    let found =
        arguments.iter().position(|argument| argument == OPTION || path_after(argument).is_some());
    let Some(at) = found else { return Ok(None) };
    let path = match path_after(&arguments.remove(at)) {
        Some(path) => path,
        None if at < arguments.len() => arguments.remove(at).into(),
        None => return Err(MissingPath),
    };
    if path.as_os_str().is_empty() { Err(MissingPath) } else { Ok(Some(path)) }
}

/// The option `--env-file` names no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingPath;

impl fmt::Display for MissingPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("--env-file needs the path of a file")
    }
}

impl std::error::Error for MissingPath {}

/// What was given for each setting, in the order of the table.
#[derive(Debug)]
struct Given {
    values: Vec<Option<Value>>,
    warnings: Vec<Warning>,
}

#[derive(Debug, Clone)]
struct Value {
    text: String,
    origin: Origin,
    rank: Rank,
}

/// The stronger source is the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Dots,
    Underscores,
    File,
}

impl Default for Given {
    fn default() -> Self {
        Self { values: vec![None; SETTINGS.len()], warnings: Vec::new() }
    }
}

impl Given {
    fn take_variables(&mut self, variables: &[(String, String)]) {
        for (name, value) in variables {
            let parts = if let Some(rest) = name.strip_prefix("exabgp.") {
                rest.split_once('.').map(|parts| (parts, Rank::Dots))
            } else if let Some(rest) = name.strip_prefix("exabgp_") {
                rest.split_once('_').map(|parts| (parts, Rank::Underscores))
            } else {
                continue;
            };
            let found =
                parts.and_then(|((section, last), rank)| Some((find(section, last)?.0, rank)));
            let origin = Origin::Variable(name.clone());
            match found {
                Some((index, rank)) => {
                    self.take(index, Value { text: value.clone(), origin, rank });
                }
                None if is_known(name) => {}
                None => self.warnings.push(unknown(name, origin)),
            }
        }
    }

    fn take_file(&mut self, path: &Path, entries: Vec<file::Entry>) {
        let mut unknown_sections = BTreeSet::new();
        for entry in entries {
            let file::Entry { section, key, value, line } = entry;
            let origin = Origin::File { path: path.to_owned(), line };
            let known = section.strip_prefix("exabgp.").and_then(|section| find(section, &key));
            if let Some((index, _)) = known {
                self.take(index, Value { text: value, origin, rank: Rank::File });
            } else if let Some(section) = section.strip_prefix("exabgp.")
                && let Some(today) = retired::gone(section, &key)
            {
                let name = format!("exabgp.{section}.{key}");
                self.warnings.push(Warning::Retired { name, today, origin });
            } else if is_section(&section) {
                let name = format!("{key} in section [{section}]");
                self.warnings.push(Warning::Unknown { name, origin });
            } else if unknown_sections.insert(section.clone()) {
                let name = format!("section [{section}]");
                self.warnings.push(Warning::Unknown { name, origin });
            }
        }
    }

    fn take(&mut self, index: usize, value: Value) {
        if let Some(slot) = self.values.get_mut(index)
            && slot.as_ref().is_none_or(|present| value.rank < present.rank)
        {
            *slot = Some(value);
        }
    }
}

fn is_section(name: &str) -> bool {
    let section = name.strip_prefix("exabgp.");
    SETTINGS.iter().any(|setting| Some(setting.section) == section)
}

/// Variables that start like settings and are none.
fn is_known(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        "exabgp.tcp.connections",
        "exabgp_tcp_connections",
        "exabgp_cli_pipe",
        "exabgp_cli_socket",
        "exabgp_cli_transport",
        "exabgp_api_cli_mode",
        "exabgp_api_socketpath",
        "exabgp_api_multi_client",
        "exabgp_api_max_clients",
        "exabgp_version",
    ];
    NAMES.contains(&name)
}

impl Variables {
    fn of(sources: &Sources) -> Self {
        let variable = |name| sources.variable(name).map(str::to_owned);
        Self {
            etc: variable("EXABGP_ETC"),
            cli_pipe: variable("exabgp_cli_pipe"),
            cli_socket: variable("exabgp_cli_socket"),
            cli_transport: variable("exabgp_cli_transport"),
            api_cli_mode: variable("exabgp_api_cli_mode"),
            api_socketpath: variable("exabgp_api_socketpath"),
            api_multi_client: variable("exabgp_api_multi_client"),
            api_max_clients: variable("exabgp_api_max_clients"),
            no_color: variable("NO_COLOR"),
            version: variable("exabgp_version"),
            home: variable("HOME"),
            path: variable("PATH"),
            pwd: variable("PWD"),
            shell: variable("SHELL"),
        }
    }
}

/// Old names, and variables that say more than their setting.
fn apply_aliases(sources: &Sources, settings: &mut Settings) -> Result<(), Error> {
    let given = |section: &str, name: &str| {
        let names = [format!("exabgp.{section}.{name}"), format!("exabgp_{section}_{name}")];
        let found = names.map(|name| sources.variable(&name).map(|value| (name, value.to_owned())));
        found.into_iter().flatten().find(|(_, value)| !value.is_empty())
    };
    if given("tcp", "port").is_some() {
        settings.tcp.connect_port = Some(settings.tcp.port);
    }
    if let Some((name, value)) = given("tcp", "connections") {
        let set = value::Field::Count(&mut settings.tcp.attempts).set(&value);
        return set.map(|_| ()).map_err(|value::Expected(expected)| Error::Value {
            setting: "exabgp.tcp.connections".to_owned(),
            value,
            expected,
            origin: Origin::Variable(name),
        });
    }
    if given("tcp", "once").is_some() && given("tcp", "attempts").is_none() {
        settings.tcp.attempts = u32::from(settings.tcp.once);
    }
    Ok(())
}

/// The folder above `etc`, `bin` and `sbin`.
fn root(named: Option<&str>, program: &Path) -> PathBuf {
    let folder = match named.filter(|name| !name.is_empty()) {
        Some(name) => std::path::absolute(name).unwrap_or_else(|_| name.into()),
        None => program.parent().map(Path::to_path_buf).unwrap_or_default(),
    };
    match folder.file_name().and_then(|name| name.to_str()) {
        Some("bin" | "sbin") => folder.parent().map(Path::to_path_buf).unwrap_or_default(),
        _ => folder,
    }
}

/// The path that the program was called by, else the one that the system knows.
fn program() -> PathBuf {
    let called = std::env::args_os().next().map(PathBuf::from);
    let called = called.filter(|path| path.components().count() > 1);
    let absolute = called.and_then(|path| std::path::absolute(path).ok());
    absolute.or_else(|| std::env::current_exe().ok()).unwrap_or_default()
}

fn usual_file(root: &Path) -> PathBuf {
    let ours = root.join("etc/exabgp/exabgp.env");
    let system = Path::new("/etc/exabgp/exabgp.env");
    if !ours.exists() && system.exists() { system.to_owned() } else { ours }
}

/// What is told of a variable that is no setting.
fn unknown(name: &str, origin: Origin) -> Warning {
    let parts: Vec<&str> = name.splitn(3, ['.', '_']).collect();
    let today = match &parts[..] {
        ["exabgp", section, last] => retired::gone(section, last),
        _ => None,
    };
    match today {
        Some(today) => Warning::Retired { name: name.to_owned(), today, origin },
        None => Warning::Unknown { name: name.to_owned(), origin },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)], file: &str) -> Environment {
        let mut sources = Sources::of_variables(variables);
        sources.file = "/e/exabgp.env".into();
        sources.file_text = Some(file.to_owned());
        load(&sources).unwrap()
    }

    fn refuse(variables: &[(&str, &str)], file: &str, message: &str) {
        let mut sources = Sources::of_variables(variables);
        sources.file = "/e/exabgp.env".into();
        sources.file_text = Some(file.to_owned());
        assert_eq!(load(&sources).unwrap_err().to_string(), message);
    }

    fn warned(environment: &Environment) -> Vec<String> {
        environment.warnings.iter().map(Warning::to_string).collect()
    }

    #[test]
    fn dots_win_over_underscores_over_the_file_over_the_default() {
        let file = "[exabgp.tcp]\nport = 4\n";
        let dots = ("exabgp.tcp.port", "1");
        let underscores = ("exabgp_tcp_port", "2");
        assert_eq!(with(&[underscores, dots], file).settings.tcp.port, 1);
        assert_eq!(with(&[dots, underscores], file).settings.tcp.port, 1);
        assert_eq!(with(&[underscores], file).settings.tcp.port, 2);
        assert_eq!(with(&[], file).settings.tcp.port, 4);
        assert_eq!(with(&[], "").settings.tcp.port, 179);
    }

    #[test]
    fn an_empty_variable_counts() {
        let environment = with(&[("exabgp.daemon.pid", "")], "[exabgp.daemon]\npid = /run/x\n");
        assert_eq!(environment.settings.daemon.pid, "");
        refuse(
            &[("exabgp_tcp_port", "")],
            "",
            "environment variable exabgp_tcp_port: exabgp.tcp.port cannot be '', \
             it takes a port, 0 to 65535",
        );
    }

    #[test]
    fn names_in_variables_are_exact_and_keys_in_the_file_are_not() {
        let environment = with(&[("exabgp.tcp.PORT", "1")], "[exabgp.tcp]\nPort = 4\n");
        assert_eq!(environment.settings.tcp.port, 4);
        assert_eq!(warned(&environment), ["environment variable exabgp.tcp.PORT is unknown"]);
    }

    #[test]
    fn hyphens_and_underscores_are_equal_in_the_last_part() {
        for name in [
            "exabgp.api.show-routes-format",
            "exabgp.api.show_routes_format",
            "exabgp_api_show-routes-format",
            "exabgp_api_show_routes_format",
        ] {
            let environment = with(&[(name, "v2")], "");
            assert_eq!(environment.settings.api.show_routes_format, RoutesFormat::V2, "{name}");
            assert_eq!(environment.warnings, []);
        }
        let environment = with(&[], "[exabgp.bgp]\npaths-limit-audit = no\n");
        assert!(!environment.settings.bgp.paths_limit_audit);
    }

    #[test]
    fn what_is_unknown_is_warned_about_once() {
        let file = "[exabgp.tcp]\nsize = 1\n[other]\na = 1\nb = 2\n";
        let environment = with(&[("exabgp_log_colour", "1"), ("OTHER", "1")], file);
        assert_eq!(
            warned(&environment),
            [
                "environment variable exabgp_log_colour is unknown",
                "/e/exabgp.env:2: size in section [exabgp.tcp] is unknown",
                "/e/exabgp.env:4: section [other] is unknown",
            ]
        );
    }

    #[test]
    fn what_is_retired_is_told_with_what_to_do_today() {
        let file = "[exabgp.tcp]\nonce = true\nacl = false\n[exabgp.api]\nsocket = x\n";
        assert_eq!(
            warned(&with(&[("exabgp_api_file", "x")], file)),
            [
                "environment variable exabgp_api_file: exabgp_api_file is retired: a helper is a \
                 process section of the configuration",
                "/e/exabgp.env:5: exabgp.api.socket is retired: set api.socketname",
                "/e/exabgp.env:2: exabgp.tcp.once is retired: set tcp.attempts to 1",
            ]
        );
    }

    #[test]
    fn variables_that_are_no_settings_are_no_surprise() {
        let environment = with(
            &[("exabgp_cli_pipe", "/run"), ("exabgp_cli_socket", ""), ("exabgp_version", "6")],
            "",
        );
        assert_eq!(environment.warnings, []);
        assert_eq!(environment.variables.cli_pipe.as_deref(), Some("/run"));
        assert_eq!(environment.variables.cli_socket.as_deref(), Some(""));
        assert_eq!(environment.variables.cli_transport, None);
    }

    #[test]
    fn a_bad_value_names_setting_value_and_place() {
        refuse(
            &[("exabgp.log.level", "LO\nUD")],
            "",
            "environment variable exabgp.log.level: exabgp.log.level cannot be 'LO\\nUD', \
             it takes FATAL, CRITICAL, ERROR, WARNING, INFO, DEBUG or NOTSET",
        );
        refuse(
            &[],
            "[exabgp.daemon]\n\nuser = no-such-user\n",
            "/e/exabgp.env:3: exabgp.daemon.user cannot be 'no-such-user', \
             it takes a user of this system",
        );
        refuse(&[], "[s]\nx\n", "/e/exabgp.env:2: neither a [section] nor key = value");
    }

    #[test]
    fn odd_values_are_remarked_upon() {
        let variables = [("exabgp.api.ack", "banana"), ("exabgp.tcp.attempts", "-1")];
        assert_eq!(
            warned(&with(&variables, "")),
            [
                "environment variable exabgp.tcp.attempts: exabgp.tcp.attempts: '-1' is out of \
                 range, and the nearest value is used",
                "environment variable exabgp.api.ack: exabgp.api.ack: 'banana' is neither yes \
                 nor no, and taken for no",
            ]
        );
    }

    #[test]
    fn a_port_in_a_variable_is_also_where_to_connect_to() {
        assert_eq!(with(&[("exabgp.tcp.port", "1179")], "").settings.tcp.connect_port, Some(1179));
        assert_eq!(with(&[("exabgp_tcp_port", "1179")], "").settings.tcp.connect_port, Some(1179));
        let environment = with(&[], "[exabgp.tcp]\nport = 1179\n");
        assert_eq!(environment.settings.tcp.port, 1179);
        assert_eq!(environment.settings.tcp.connect_port, None);
    }

    #[test]
    fn connections_are_attempts() {
        let attempts = |variables, file| with(variables, file).settings.tcp.attempts;
        assert_eq!(attempts(&[("exabgp_tcp_connections", "3")], ""), 3);
        let both = [("exabgp_tcp_connections", "3"), ("exabgp.tcp.connections", "4")];
        assert_eq!(attempts(&both, ""), 4);
        let over = [("exabgp_tcp_connections", "3"), ("exabgp.tcp.attempts", "5")];
        assert_eq!(attempts(&over, ""), 3);
        // In the file the name is unknown.
        assert_eq!(attempts(&[], "[exabgp.tcp]\nconnections = 3\n"), 0);
        refuse(
            &[("exabgp_tcp_connections", "many")],
            "",
            "environment variable exabgp_tcp_connections: exabgp.tcp.connections cannot be \
             'many', it takes a whole number",
        );
    }

    #[test]
    fn once_is_one_attempt_when_a_variable_says_so() {
        let attempts = |variables, file| with(variables, file).settings.tcp.attempts;
        assert_eq!(attempts(&[("exabgp.tcp.once", "true")], ""), 1);
        assert_eq!(attempts(&[("exabgp_tcp_once", "false")], "[exabgp.tcp]\nattempts = 5\n"), 0);
        let both = [("exabgp.tcp.once", "true"), ("exabgp.tcp.attempts", "5")];
        assert_eq!(attempts(&both, ""), 5);
        assert_eq!(attempts(&[], "[exabgp.tcp]\nonce = true\n"), 0);
    }

    #[test]
    fn the_root_is_above_the_folder_of_programs() {
        let check = |named, program: &str, expected: &str| {
            assert_eq!(root(named, Path::new(program)), Path::new(expected));
        };
        check(None, "/usr/sbin/exabgp", "/usr");
        check(None, "/usr/bin/exabgp", "/usr");
        check(None, "/opt/exabgp/exabgp", "/opt/exabgp");
        check(Some("/srv/bgp"), "/usr/sbin/exabgp", "/srv/bgp");
        check(Some("/srv/bgp/sbin"), "/usr/sbin/exabgp", "/srv/bgp");
        check(Some(""), "/usr/sbin/exabgp", "/usr");
    }

    #[test]
    fn the_file_option_is_taken_wherever_it_is() {
        let check = |given: &[&str], path: Option<&str>, left: &[&str]| {
            let mut arguments: Vec<OsString> = given.iter().map(OsString::from).collect();
            assert_eq!(take_env_file(&mut arguments), Ok(path.map(PathBuf::from)));
            assert_eq!(arguments, left);
        };
        check(&["server", "x.conf"], None, &["server", "x.conf"]);
        check(&["--env-file", "a", "x.conf"], Some("a"), &["x.conf"]);
        check(&["x.conf", "--env-file=a"], Some("a"), &["x.conf"]);
        check(&["--env-file=a", "--env-file=b"], Some("a"), &["--env-file=b"]);
        check(&["--env-files"], None, &["--env-files"]);
        for bad in [&["--env-file"][..], &["--env-file="]] {
            let mut arguments: Vec<OsString> = bad.iter().map(OsString::from).collect();
            assert_eq!(take_env_file(&mut arguments), Err(MissingPath));
        }
    }

    #[test]
    fn this_process_has_an_environment() {
        let missing = std::env::temp_dir().join("no-such-folder/exabgp.env");
        let environment = read(Some(&missing)).unwrap();
        assert_eq!(environment.file, missing);
        assert!(!environment.file_exists);
        assert!(environment.variables.path.is_some());
        // A file that cannot be read as one is not silently passed over.
        let environment = read(Some(&std::env::temp_dir())).unwrap();
        assert!(matches!(environment.warnings[..], [.., Warning::Unreadable { .. }]));
    }
}
