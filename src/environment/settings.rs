//! Every setting, once: its name, its default, what it is for, and the field that holds it.
//!
//! The table is in the order in which settings are shown as variables. A setting's type is the
//! type of its field (`value.rs`), so table and structure cannot disagree.

use std::net::IpAddr;

use log::LevelFilter;

use super::value::{ApiVersion, Encoder, Field, Level, RoutesFormat};

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its section, without `exabgp.`.
    pub section: &'static str,
    /// Its name in the section, as it is shown.
    pub name: &'static str,
    /// Its value when nobody says otherwise, as it would be written.
    pub default: &'static str,
    /// What it is for: one line.
    pub help: &'static str,
    /// The field that holds it.
    pub(super) field: fn(&mut Settings) -> Field<'_>,
}

impl Setting {
    /// Whether it is for developers only, and shown nowhere.
    pub fn is_hidden(&self) -> bool {
        self.section == "debug"
    }
}

/// The value of every setting, in its own type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    pub profile: Profile,
    pub pdb: Pdb,
    pub daemon: Daemon,
    pub log: Log,
    pub tcp: Tcp,
    pub bgp: Bgp,
    pub cache: Cache,
    pub api: Api,
    pub reactor: Reactor,
    pub debug: Debug,
    /// The version that is reported where it is not ours: said once, kept to the end.
    pub version: Option<&'static str>,
}

impl Settings {
    /// The version that is reported.
    pub fn version(&self) -> &'static str {
        self.version.unwrap_or(crate::version::VERSION)
    }
}

/// Statistics of the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    pub enable: bool,
    pub file: String,
}

/// Kept for the files that name it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pdb {
    pub enable: bool,
}

/// The process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Daemon {
    /// Path of the pid file; empty for none.
    pub pid: String,
    pub user: String,
    pub daemonize: bool,
    /// Whether rights are dropped before helpers are started, or after.
    pub drop: bool,
    pub umask: u32,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    pub enable: bool,
    pub level: Level,
    pub destination: String,
    pub all: bool,
    pub configuration: bool,
    pub reactor: bool,
    pub daemon: bool,
    pub processes: bool,
    pub network: bool,
    pub statistics: bool,
    pub packets: bool,
    pub rib: bool,
    pub message: bool,
    pub timers: bool,
    pub routes: bool,
    pub parser: bool,
    pub short: bool,
}

impl Log {
    /// The least severe lines to log; none when logging is off.
    pub const fn filter(&self) -> LevelFilter {
        if self.enable { self.level.filter() } else { LevelFilter::Off }
    }

    /// The sources of log lines that can be turned off, by the names they have in lines, and
    /// whether they are on. Lines of other sources are always wanted.
    pub const fn sources(&self) -> [(&'static str, bool); 12] {
        [
            ("configuration", self.all || self.configuration),
            ("reactor", self.all || self.reactor),
            ("daemon", self.all || self.daemon),
            ("processes", self.all || self.processes),
            ("network", self.all || self.network),
            ("statistics", self.all || self.statistics),
            ("wire", self.all || self.packets),
            ("rib", self.all || self.rib),
            ("message", self.all || self.message),
            ("timer", self.all || self.timers),
            ("routes", self.all || self.routes),
            ("parser", self.all || self.parser),
        ]
    }

    /// Everything, at length: the option `-v`.
    pub fn make_verbose(&mut self) {
        self.all = true;
        self.level = Level::Debug;
        self.short = false;
    }
}

/// Connections.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tcp {
    pub once: bool,
    /// Connection attempts a peer; zero for no limit.
    pub attempts: u32,
    /// Start at a multiple of so many minutes; zero for at once.
    pub delay: u32,
    /// Addresses to listen on, on `port`.
    pub bind: Vec<IpAddr>,
    pub port: u16,
    /// `port` when a variable set it: it then also is where to connect to.
    pub connect_port: Option<u16>,
    pub acl: bool,
}

/// Sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bgp {
    pub passive: bool,
    /// Seconds to wait for an OPEN.
    pub openwait: u32,
    pub paths_limit_audit: bool,
}

/// Sharing of what was decoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cache {
    pub attributes: bool,
    pub nexthops: bool,
}

/// Helpers and clients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Api {
    pub version: ApiVersion,
    pub ack: bool,
    /// Lines of a long answer written in one step.
    pub chunk: u32,
    pub show_routes_format: RoutesFormat,
    pub encoder: Encoder,
    pub compact: bool,
    pub respawn: bool,
    pub terminate: bool,
    pub cli: bool,
    pub pipename: String,
    pub socketname: String,
}

/// The loop.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reactor {
    pub speed: f64,
}

/// For developers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Debug {
    pub pdb: bool,
    pub memory: bool,
    pub configuration: bool,
    pub selfcheck: bool,
    pub route: String,
    pub defensive: bool,
    pub rotate: bool,
    pub timing: bool,
}

impl Settings {
    /// Every setting at its default.
    pub fn defaults() -> Self {
        let mut settings = Self::default();
        for setting in SETTINGS {
            let set = (setting.field)(&mut settings).set_default(setting.default);
            debug_assert!(set.is_ok(), "{}.{}", setting.section, setting.name);
        }
        settings
    }
}

/// The setting of a name; `-` and `_` are one letter, as in the names of variables.
pub fn find(section: &str, name: &str) -> Option<(usize, &'static Setting)> {
    let same = |a: &str, b: &str| {
        let plain = |byte: u8| if byte == b'-' { b'_' } else { byte };
        a.bytes().map(plain).eq(b.bytes().map(plain))
    };
    let mut numbered = SETTINGS.iter().enumerate();
    numbered.find(|(_, setting)| setting.section == section && same(setting.name, name))
}

/// All settings.
#[rustfmt::skip]
pub static SETTINGS: &[Setting] = &[
    Setting {
        section: "profile", name: "enable", default: "false",
        help: "write statistics of the run at its end",
        field: |all| Field::Bool(&mut all.profile.enable),
    },
    Setting {
        section: "profile", name: "file", default: "",
        help: "file that the statistics go to; stdout or nothing for standard output",
        field: |all| Field::Text(&mut all.profile.file),
    },
    Setting {
        section: "pdb", name: "enable", default: "false",
        help: "accepted for old files, without effect",
        field: |all| Field::Bool(&mut all.pdb.enable),
    },
    Setting {
        section: "daemon", name: "pid", default: "",
        help: "file that names the running process; nothing for none",
        field: |all| Field::Text(&mut all.daemon.pid),
    },
    Setting {
        section: "daemon", name: "user", default: "nobody",
        help: "user to become when started as root",
        field: |all| Field::User(&mut all.daemon.user),
    },
    Setting {
        section: "daemon", name: "daemonize", default: "false",
        help: "run in the background",
        field: |all| Field::Bool(&mut all.daemon.daemonize),
    },
    Setting {
        section: "daemon", name: "drop", default: "true",
        help: "become that user before helper processes are started, rather than after",
        field: |all| Field::Bool(&mut all.daemon.drop),
    },
    Setting {
        section: "daemon", name: "umask", default: "0o137",
        help: "permissions that files made by us and by helpers never have",
        field: |all| Field::Octal(&mut all.daemon.umask),
    },
    Setting {
        section: "log", name: "enable", default: "true",
        help: "keep a log at all",
        field: |all| Field::Bool(&mut all.log.enable),
    },
    Setting {
        section: "log", name: "level", default: "INFO",
        help: "least severe lines to log: FATAL CRITICAL ERROR WARNING INFO DEBUG NOTSET",
        field: |all| Field::Level(&mut all.log.level),
    },
    Setting {
        section: "log", name: "destination", default: "stdout",
        help: "stdout, stderr, syslog, host:ADDRESS, file:PATH or an absolute path",
        field: |all| Field::Text(&mut all.log.destination),
    },
    Setting {
        section: "log", name: "all", default: "false",
        help: "log every category",
        field: |all| Field::Bool(&mut all.log.all),
    },
    Setting {
        section: "log", name: "configuration", default: "true",
        help: "log the reading of configurations",
        field: |all| Field::Bool(&mut all.log.configuration),
    },
    Setting {
        section: "log", name: "reactor", default: "true",
        help: "log signals and reloads",
        field: |all| Field::Bool(&mut all.log.reactor),
    },
    Setting {
        section: "log", name: "daemon", default: "true",
        help: "log the pid file, the background and the change of user",
        field: |all| Field::Bool(&mut all.log.daemon),
    },
    Setting {
        section: "log", name: "processes", default: "true",
        help: "log the life of helper processes",
        field: |all| Field::Bool(&mut all.log.processes),
    },
    Setting {
        section: "log", name: "network", default: "true",
        help: "log connections and the state of sessions",
        field: |all| Field::Bool(&mut all.log.network),
    },
    Setting {
        section: "log", name: "statistics", default: "true",
        help: "log counts of messages",
        field: |all| Field::Bool(&mut all.log.statistics),
    },
    Setting {
        section: "log", name: "packets", default: "false",
        help: "log messages as they are on the wire",
        field: |all| Field::Bool(&mut all.log.packets),
    },
    Setting {
        section: "log", name: "rib", default: "false",
        help: "log changes of the configured routes",
        field: |all| Field::Bool(&mut all.log.rib),
    },
    Setting {
        section: "log", name: "message", default: "false",
        help: "log route changes of a reload",
        field: |all| Field::Bool(&mut all.log.message),
    },
    Setting {
        section: "log", name: "timers", default: "false",
        help: "log keepalive timers",
        field: |all| Field::Bool(&mut all.log.timers),
    },
    Setting {
        section: "log", name: "routes", default: "false",
        help: "log received routes",
        field: |all| Field::Bool(&mut all.log.routes),
    },
    Setting {
        section: "log", name: "parser", default: "false",
        help: "log the decoding of messages",
        field: |all| Field::Bool(&mut all.log.parser),
    },
    Setting {
        section: "log", name: "short", default: "true",
        help: "leave time and process number out of lines on a terminal",
        field: |all| Field::Bool(&mut all.log.short),
    },
    Setting {
        section: "tcp", name: "once", default: "false",
        help: "one connection attempt per peer (deprecated: tcp.attempts = 1)",
        field: |all| Field::Bool(&mut all.tcp.once),
    },
    Setting {
        section: "tcp", name: "attempts", default: "0",
        help: "connection attempts per peer; 0 for no limit",
        field: |all| Field::Count(&mut all.tcp.attempts),
    },
    Setting {
        section: "tcp", name: "delay", default: "0",
        help: "start when the minute of the clock is a multiple of this; 0 for at once",
        field: |all| Field::Count(&mut all.tcp.delay),
    },
    Setting {
        section: "tcp", name: "bind", default: "",
        help: "addresses to listen on, separated by spaces",
        field: |all| Field::Addresses(&mut all.tcp.bind),
    },
    Setting {
        section: "tcp", name: "port", default: "179",
        help: "port to listen on",
        field: |all| Field::Port(&mut all.tcp.port),
    },
    Setting {
        section: "tcp", name: "acl", default: "false",
        help: "accepted for old files, without effect",
        field: |all| Field::Bool(&mut all.tcp.acl),
    },
    Setting {
        section: "bgp", name: "passive", default: "false",
        help: "wait for every peer to connect to us",
        field: |all| Field::Bool(&mut all.bgp.passive),
    },
    Setting {
        section: "bgp", name: "openwait", default: "60",
        help: "seconds to wait for the OPEN of a peer",
        field: |all| Field::Count(&mut all.bgp.openwait),
    },
    Setting {
        section: "bgp", name: "paths_limit_audit", default: "true",
        help: "warn when a peer sends more paths than we said we take",
        field: |all| Field::Bool(&mut all.bgp.paths_limit_audit),
    },
    Setting {
        section: "cache", name: "attributes", default: "true",
        help: "share attributes that were decoded before",
        field: |all| Field::Bool(&mut all.cache.attributes),
    },
    Setting {
        section: "cache", name: "nexthops", default: "true",
        help: "accepted for old files, without effect",
        field: |all| Field::Bool(&mut all.cache.nexthops),
    },
    Setting {
        section: "api", name: "version", default: "4",
        help: "dialect of what helpers are told: 4 (ExaBGP 4 and 5) or 6",
        field: |all| Field::Version(&mut all.api.version),
    },
    Setting {
        section: "api", name: "ack", default: "true",
        help: "answer every command",
        field: |all| Field::Bool(&mut all.api.ack),
    },
    Setting {
        section: "api", name: "chunk", default: "1",
        help: "lines of a long answer written before others have their turn",
        field: |all| Field::Count(&mut all.api.chunk),
    },
    Setting {
        section: "api", name: "show-routes-format", default: "v1",
        help: "form of the JSON of show adj-rib: v1 or v2",
        field: |all| Field::RoutesFormat(&mut all.api.show_routes_format),
    },
    Setting {
        section: "api", name: "encoder", default: "json",
        help: "what helpers are told when they do not say: text or json",
        field: |all| Field::Encoder(&mut all.api.encoder),
    },
    Setting {
        section: "api", name: "compact", default: "false",
        help: "shorter JSON for unicast prefixes",
        field: |all| Field::Bool(&mut all.api.compact),
    },
    Setting {
        section: "api", name: "respawn", default: "true",
        help: "start helpers again when they end",
        field: |all| Field::Bool(&mut all.api.respawn),
    },
    Setting {
        section: "api", name: "terminate", default: "false",
        help: "end the program when a helper ends",
        field: |all| Field::Bool(&mut all.api.terminate),
    },
    Setting {
        section: "api", name: "cli", default: "true",
        help: "serve the command-line client",
        field: |all| Field::Bool(&mut all.api.cli),
    },
    Setting {
        section: "api", name: "pipename", default: "exabgp",
        help: "name of the named pipes of that client, without .in and .out",
        field: |all| Field::Text(&mut all.api.pipename),
    },
    Setting {
        section: "api", name: "socketname", default: "exabgp",
        help: "name of the socket of that client, without .sock",
        field: |all| Field::Text(&mut all.api.socketname),
    },
    Setting {
        section: "reactor", name: "speed", default: "1.0",
        help: "accepted for old files; the loop wakes when there is work",
        field: |all| Field::Real(&mut all.reactor.speed),
    },
    Setting {
        section: "debug", name: "pdb", default: "false",
        help: "accepted for old files, without effect",
        field: |all| Field::Bool(&mut all.debug.pdb),
    },
    Setting {
        section: "debug", name: "memory", default: "false",
        help: "report the use of memory at the end",
        field: |all| Field::Bool(&mut all.debug.memory),
    },
    Setting {
        section: "debug", name: "configuration", default: "false",
        help: "trace the reading of the configuration",
        field: |all| Field::Bool(&mut all.debug.configuration),
    },
    Setting {
        section: "debug", name: "selfcheck", default: "false",
        help: "check the routes of the configuration at the start",
        field: |all| Field::Bool(&mut all.debug.selfcheck),
    },
    Setting {
        section: "debug", name: "route", default: "",
        help: "decode this message with the configuration",
        field: |all| Field::Text(&mut all.debug.route),
    },
    Setting {
        section: "debug", name: "defensive", default: "false",
        help: "let calls on sockets block at random",
        field: |all| Field::Bool(&mut all.debug.defensive),
    },
    Setting {
        section: "debug", name: "rotate", default: "false",
        help: "with several configurations, go to the next at each reload",
        field: |all| Field::Bool(&mut all.debug.rotate),
    },
    Setting {
        section: "debug", name: "timing", default: "false",
        help: "log how long turns take",
        field: |all| Field::Bool(&mut all.debug.timing),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_type() {
        let mut settings = Settings::default();
        for setting in SETTINGS {
            let set = (setting.field)(&mut settings).set_default(setting.default);
            assert_eq!(set, Ok(()), "{}.{}", setting.section, setting.name);
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_manual() {
        let settings = Settings::defaults();
        assert_eq!(settings.daemon.user, "nobody");
        assert!(settings.daemon.drop && !settings.daemon.daemonize);
        assert_eq!(settings.daemon.umask, 0o137);
        assert_eq!(settings.log.level, Level::Info);
        assert_eq!(settings.log.destination, "stdout");
        assert!(settings.log.network && !settings.log.packets && settings.log.short);
        assert_eq!((settings.tcp.port, settings.tcp.attempts), (179, 0));
        assert_eq!(settings.tcp.connect_port, None);
        assert_eq!(settings.bgp.openwait, 60);
        assert_eq!(settings.api.version, ApiVersion::Four);
        assert_eq!(settings.api.encoder, Encoder::Json);
        assert_eq!(settings.api.pipename, "exabgp");
        assert_eq!(settings.reactor.speed, 1.0);
    }

    #[test]
    fn the_settings_are_those_of_the_manual() {
        let hidden = SETTINGS.iter().filter(|setting| setting.is_hidden()).count();
        assert_eq!((SETTINGS.len() - hidden, hidden), (48, 8));
        let names: BTreeSet<_> = SETTINGS.iter().map(|each| (each.section, each.name)).collect();
        assert_eq!(names.len(), SETTINGS.len());
    }

    #[test]
    fn each_setting_has_a_field_of_its_own() {
        let mut seen = BTreeSet::new();
        let mut settings = Settings::defaults();
        for setting in SETTINGS {
            let address = match (setting.field)(&mut settings) {
                Field::Bool(value) => std::ptr::from_mut(value).addr(),
                Field::Count(value) | Field::Octal(value) => std::ptr::from_mut(value).addr(),
                Field::Port(value) => std::ptr::from_mut(value).addr(),
                Field::Real(value) => std::ptr::from_mut(value).addr(),
                Field::Text(value) | Field::User(value) => std::ptr::from_mut(value).addr(),
                Field::Level(value) => std::ptr::from_mut(value).addr(),
                Field::Encoder(value) => std::ptr::from_mut(value).addr(),
                Field::Version(value) => std::ptr::from_mut(value).addr(),
                Field::RoutesFormat(value) => std::ptr::from_mut(value).addr(),
                Field::Addresses(value) => std::ptr::from_mut(value).addr(),
            };
            assert!(seen.insert(address), "{}.{}", setting.section, setting.name);
        }
    }

    #[test]
    fn hyphen_and_underscore_are_one_letter() {
        let name = |section, name| find(section, name).map(|(_, setting)| setting.name);
        assert_eq!(name("api", "show-routes-format"), Some("show-routes-format"));
        assert_eq!(name("api", "show_routes_format"), Some("show-routes-format"));
        assert_eq!(name("bgp", "paths-limit-audit"), Some("paths_limit_audit"));
        assert_eq!(name("api", "Ack"), None);
        assert_eq!(name("nothing", "ack"), None);
    }

    #[test]
    fn verbose_is_everything_at_length() {
        let mut settings = Settings::defaults();
        settings.log.make_verbose();
        assert!(settings.log.all && !settings.log.short);
        assert_eq!(settings.log.filter(), LevelFilter::Debug);
        assert!(settings.log.sources().iter().all(|(_, on)| *on));
    }

    #[test]
    fn sources_are_turned_on_one_by_one() {
        let settings = Settings::defaults();
        let on = |name| settings.log.sources().contains(&(name, true));
        assert!(on("network") && on("configuration") && on("processes"));
        assert!(!on("wire") && !on("timer") && !on("routes"));
    }

    #[test]
    fn no_log_is_no_line() {
        let mut settings = Settings::defaults();
        assert_eq!(settings.log.filter(), LevelFilter::Info);
        settings.log.enable = false;
        assert_eq!(settings.log.filter(), LevelFilter::Off);
    }
}
