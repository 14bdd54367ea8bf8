//! The program as a child process, and its short-lived commands.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User};

use super::place::Place;
use super::wait::{Deadline, PATIENCE, until, until_within};

/// The executable under test: `EXABGP_BINARY`, else the one that cargo built.
pub fn binary() -> PathBuf {
    std::env::var_os("EXABGP_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_exabgp")), PathBuf::from)
}

/// A command in an environment of its own: nothing of the tester's settings reaches the program.
pub fn command(place: &Place) -> Command {
    let user = User::from_uid(Uid::current()).expect("the user table").expect("our user");
    let mut command = Command::new(binary());
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("a path"))
        .env("HOME", place.path())
        .env("LANG", "C.UTF-8")
        .env("exabgp_daemon_user", user.name)
        .env("exabgp_daemon_umask", "0022")
        .env("exabgp_log_destination", "stderr")
        .env("exabgp_api_cli", "false")
        .current_dir(place.path());
    command
}

/// The running program.
pub struct Daemon {
    place: Place,
    child: Child,
    status: Option<ExitStatus>,
}

/// A program that is about to be started.
pub struct Starting {
    place: Place,
    command: Command,
}

impl Starting {
    /// A setting, `bgp.openwait` for `exabgp.bgp.openwait`.
    pub fn set(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.command.env(format!("exabgp_{}", name.replace('.', "_")), value.as_ref());
        self
    }

    /// A variable of the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// The private directory of the program to be.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Starts the program.
    pub fn start(mut self) -> Daemon {
        let log = File::create(self.place.join("log")).expect("a log file");
        let child = self
            .command
            .arg(self.place.join("exabgp.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log file again"))
            .stderr(log)
            .spawn()
            .expect("the program starts");
        Daemon { place: self.place, child, status: None }
    }
}

impl Daemon {
    /// Prepares the program with a configuration.
    pub fn with(configuration: &str) -> Starting {
        let place = Place::new();
        place.file("exabgp.conf", configuration);
        let command = command(&place);
        Starting { place, command }
    }

    /// Starts the program with a configuration.
    pub fn start(configuration: &str) -> Self {
        Self::with(configuration).start()
    }

    /// Its private directory.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Replaces the configuration file; the program hears of it with a signal or a command.
    pub fn reconfigure(&self, configuration: &str) {
        self.place.file("exabgp.conf", configuration);
    }

    /// Everything it logged, and its standard output.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.place.join("log")).expect("the log");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until the log holds a text.
    pub fn logged(&self, text: &str) {
        until(&format!("a log line with '{text}'"), || self.log().contains(text).then_some(()));
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("a process id"));
        kill(pid, signal).expect("a signal to the program");
    }

    /// Waits for its end.
    pub fn finish(&mut self) -> ExitStatus {
        let status = until("the program ends", || self.child.try_wait().expect("our child"));
        self.status = Some(status);
        status
    }

    /// Stops it with SIGTERM and answers its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.signal(Signal::SIGTERM);
        self.finish().code()
    }

    /// Fails when it has ended.
    pub fn lives(&mut self) {
        let status = self.child.try_wait().expect("our child");
        assert!(status.is_none(), "the program ended: {status:?}");
    }

    fn proc(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.pid().to_string()).join(name)
    }

    fn entries(&self, name: &str) -> usize {
        fs::read_dir(self.proc(name)).expect("an entry of /proc").count()
    }

    /// How many threads it has.
    pub fn threads(&self) -> usize {
        self.entries("task")
    }

    /// How many descriptors it has open.
    pub fn descriptors(&self) -> usize {
        self.entries("fd")
    }

    /// Clock ticks spent so far, user and system.
    pub fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(self.proc("stat")).expect("its stat");
        let (_, after) = stat.rsplit_once(')').expect("the end of its name");
        let fields: Vec<u64> = after
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse().expect("ticks"))
            .collect();
        fields.iter().sum()
    }

    /// The processes that it started and that still run.
    pub fn children(&self) -> Vec<u32> {
        let path = self.proc("task").join(self.pid().to_string()).join("children");
        let text = fs::read_to_string(path).expect("its children");
        text.split_whitespace().map(|pid| pid.parse().expect("a process id")).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.status.is_none() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
        if std::thread::panicking() {
            let path = self.place.join("exabgp.conf");
            println!("configuration:\n{}", fs::read_to_string(path).unwrap_or_default());
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            println!("the last lines of the log:");
            for line in lines.iter().rev().take(60).rev() {
                println!("  {line}");
            }
        }
    }
}

/// What a command that ended left behind.
#[derive(Debug)]
pub struct Finished {
    /// Exit code, `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a command of the program to its end.
pub fn run(arguments: &[&str]) -> Finished {
    let place = Place::new();
    let mut command = command(&place);
    command.args(arguments);
    finish(&place, command, b"")
}

/// Runs a prepared command to its end, with an input.
pub fn finish(place: &Place, mut command: Command, input: &[u8]) -> Finished {
    let (out, err) = (place.join("stdout"), place.join("stderr"));
    let mut child = command
        .stdin(File::open(place.file("stdin", input)).expect("the input"))
        .stdout(File::create(&out).expect("a file"))
        .stderr(File::create(&err).expect("a file"))
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let deadline = Deadline::after(PATIENCE);
    let status = until_within(PATIENCE * 2, "a command ends", || {
        if deadline.left().is_none() {
            drop(child.kill());
        }
        child.try_wait().expect("our child")
    });
    assert!(deadline.left().is_some(), "{command:?} did not end in {PATIENCE:?}");
    let text = |path| String::from_utf8_lossy(&fs::read(path).expect("output")).into_owned();
    Finished { code: status.code(), signal: status.signal(), out: text(out), err: text(err) }
}

/// One second, the unit of the protocol's timers.
pub const SECOND: Duration = Duration::from_secs(1);
