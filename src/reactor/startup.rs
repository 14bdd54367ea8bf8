//! From settings and a configuration to a running loop, in the order in which it is visible.
//!
//! Listen, read the configuration, listen for its neighbors, start the helpers (before or after
//! the privileges are dropped), reopen the log, write the pid file, connect.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use mio::{Events, Poll};

use super::api::{self, Api, Restart};
use super::clock::Clock;
use super::daemon::{self, PidFile};
use super::event_loop::Due;
use super::network::{self, Defensive, Shared};
use super::peer::Peers;
use super::signal::Signals;
use super::source::{Source, Sources};
use super::wheel::Wheel;
use super::{Reactor, event_loop, privileges};
use crate::bgp::fsm::Policy;
use crate::configuration::{self, Configuration, RouteParser};
use crate::environment::Settings;
use crate::environment::control::Meeting;
use crate::logger;

/// What to serve.
#[derive(Debug, Default)]
pub struct Plan {
    /// The configurations; a reload moves on to the next one when there are several.
    pub files: Vec<PathBuf>,
    /// Which of them is in force.
    pub current: usize,
    /// A configuration that was read from standard input, and so is never read again.
    pub text: Option<String>,
    /// What the language must know of the world.
    pub options: configuration::Options,
    /// When to read the configuration again by itself: a test aid.
    pub reload_after: Option<Duration>,
    /// Where clients are served, if they are.
    pub clients: Option<Meeting>,
    /// The file that names this process, while it exists.
    pub pid_file: Option<PidFile>,
}

/// Why the program does not start.
#[derive(Debug)]
pub enum Refused {
    /// The system refused something that the loop cannot do without.
    System { what: &'static str, error: io::Error },
    /// A socket cannot be listened on.
    Network(network::Error),
    /// The configuration has errors; they were told.
    Configuration,
    /// Privileges cannot be dropped.
    Privileges(privileges::Error),
    /// The pid file cannot be written.
    Pid(daemon::Error),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System { what, error } => write!(f, "{what}: {error}"),
            Self::Network(error) => error.fmt(f),
            Self::Configuration => f.write_str("the configuration has errors"),
            Self::Privileges(error) => error.fmt(f),
            Self::Pid(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

fn system(what: &'static str) -> impl FnOnce(io::Error) -> Refused {
    move |error| Refused::System { what, error }
}

impl Reactor {
    /// Everything up to the first iteration.
    ///
    /// # Errors
    /// The first step that failed.
    pub fn start_up(settings: Settings, plan: Plan) -> Result<Self, Refused> {
        let mut reactor = Self::new(settings, plan)?;
        reactor.listen().map_err(Refused::Network)?;
        let configuration = reactor.read_configuration().map_err(|()| Refused::Configuration)?;
        reactor.populate(&configuration);
        reactor.listen_for_neighbors().map_err(Refused::Network)?;
        reactor.meet_clients();
        if reactor.settings.daemon.drop {
            reactor.drop_privileges()?;
            reactor.start_helpers(&configuration, Restart::Changed);
        } else {
            reactor.start_helpers(&configuration, Restart::Changed);
            reactor.drop_privileges()?;
        }
        logger::reopen();
        let pid = reactor.settings.daemon.pid.clone();
        if !pid.is_empty() {
            let file = PidFile::create(Path::new(&pid)).map_err(Refused::Pid)?;
            reactor.plan.pid_file = Some(file);
        }
        if let Some(after) = reactor.plan.reload_after {
            reactor.wheel.arm(reactor.clock.now() + after, Due::Reload);
        }
        reactor.start();
        Ok(reactor)
    }

    fn new(settings: Settings, plan: Plan) -> Result<Self, Refused> {
        let poll = Poll::new().map_err(system("cannot make a poll"))?;
        let clock = Clock::new();
        let mut signals = Signals::install().map_err(system("cannot catch signals"))?;
        let mut sources = Sources::default();
        let token = sources.next_token();
        signals.register(poll.registry(), token).map_err(system("cannot watch signals"))?;
        sources.insert(Source::Signals);
        let entropy = entropy(&clock);
        let defensive =
            if settings.debug.defensive { Defensive::seeded(entropy) } else { Defensive::off() };
        let shared = Shared { defensive, ..Shared::default() };
        Ok(Self {
            events: Events::with_capacity(event_loop::EVENTS),
            wheel: Wheel::new(clock.now()),
            due: Vec::new(),
            peers: Peers::default(),
            api: Api::new(api::Options::from(&settings), &clock),
            api_timer: None,
            parser: RouteParser::new(),
            busy: false,
            asks: Vec::new(),
            lingering: Vec::new(),
            finishing: 0,
            stopping: false,
            was_peopled: false,
            exit: ExitCode::SUCCESS,
            poll,
            clock,
            signals,
            sources,
            shared,
            settings,
            plan,
            entropy,
        })
    }

    /// Reads the configuration in force; its errors are told, all of them.
    pub(super) fn read_configuration(&mut self) -> Result<Configuration, ()> {
        let read = match (&self.plan.text, self.plan.files.get(self.plan.current)) {
            (Some(text), _) => {
                configuration::parse("-", text.as_bytes(), &self.plan.options, &mut self.parser)
            }
            (None, Some(file)) => configuration::load(file, &self.plan.options, &mut self.parser),
            (None, None) => return Err(()),
        };
        match read {
            Ok(configuration) => {
                for warning in &configuration.warnings {
                    log::warn!(target: "configuration", "{warning}");
                }
                Ok(configuration)
            }
            Err(errors) => {
                for error in errors {
                    log::error!(target: "configuration", "{error}");
                }
                Err(())
            }
        }
    }

    /// Where several configurations are served in turn, moves on to the next.
    pub(super) fn next_file(&mut self) {
        if self.settings.debug.rotate && !self.plan.files.is_empty() {
            self.plan.current = (self.plan.current + 1) % self.plan.files.len();
        }
    }

    /// Opens the pipes and the socket of the clients, while there are privileges to do so; again
    /// after a reload, as the operator may have made others.
    pub(super) fn meet_clients(&mut self) {
        let Some(meeting) = &self.plan.clients else { return };
        if self.api.meet(meeting, &mut self.shared) {
            let token = self.sources.next_token();
            match self.api.register_door(self.poll.registry(), token) {
                Ok(()) => {
                    self.sources.insert(Source::Door);
                }
                Err(error) => log::error!(target: "processes", "cannot watch the socket: {error}"),
            }
        }
        self.watch_pipes();
    }

    /// Starts the helpers of a configuration, and those again that `restart` names.
    pub(super) fn start_helpers(&mut self, configuration: &Configuration, restart: Restart) {
        let now = self.clock.now();
        self.api.configure(&configuration.processes, restart, &mut self.shared, now);
        self.watch_pipes();
        self.after_change();
    }

    fn drop_privileges(&mut self) -> Result<(), Refused> {
        let user = &self.settings.daemon.user;
        match privileges::drop_to(user).map_err(Refused::Privileges)? {
            privileges::Outcome::Dropped { .. } => {
                log::info!(target: "daemon", "running as {user}");
            }
            privileges::Outcome::Kept => {}
        }
        Ok(())
    }

    /// How long to wait until the minute is one that `exabgp.tcp.delay` divides.
    pub(super) fn start_delay(&self) -> Option<Duration> {
        let minutes = u64::from(self.settings.tcp.delay);
        let since = self.clock.wall().duration_since(UNIX_EPOCH).ok()?;
        let period = minutes.checked_mul(60).filter(|period| *period > 0)?;
        let into = since.as_secs() % period;
        (into > 0).then(|| Duration::from_secs(period - into))
    }

    /// What the settings decide about a session.
    pub(super) fn policy(&self, ephemeral: bool) -> Policy {
        Policy {
            passive: self.settings.bgp.passive,
            open_wait: Duration::from_secs(self.settings.bgp.openwait.into()),
            attempts: self.settings.tcp.attempts,
            ephemeral,
            version: self.settings.version(),
        }
    }

    /// Another seed for each hash table.
    pub(super) fn seed(&mut self) -> u64 {
        self.entropy = self.entropy.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ 0x5bd1;
        self.entropy
    }
}

/// A number that a peer cannot guess: the standard library's own hash seed, and the time.
fn entropy(clock: &Clock) -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(clock.wall())
}
