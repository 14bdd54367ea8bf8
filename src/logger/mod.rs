//! Where log lines go.
//!
//! The macros of `log` are used everywhere, with the source of a line as its target; `simplelog`
//! combines the loggers, and what is behind it here chooses the lines, forms them as ExaBGP does
//! (`format.rs`) and hands them to a destination that never blocks (`target.rs`). A destination
//! that takes no more loses lines; how many, it says as soon as it takes lines again.
//!
//! The program has one thread, and so has the log: the open destination belongs to the thread that
//! started it. Lines of other threads, which only the tests have, go nowhere.

use std::cell::Cell;
use std::fmt;

use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};
use simplelog::{CombinedLogger, Config, SharedLogger};

mod channel;
mod format;
mod target;

pub use target::{Destination, Warning};

use channel::Channel;
use format::source_of;

/// What is logged, how and where.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// The least severe lines; `Off` for none.
    pub level: LevelFilter,
    /// Sources that can be turned off, and whether they are on. Others are.
    pub sources: &'a [(&'static str, bool)],
    /// Whether lines on standard error go without time and process number.
    pub short: bool,
    /// `stdout`, `stderr`, `syslog`, `host:ADDRESS`, `file:PATH`, `/PATH` or `~/PATH`.
    pub destination: &'a str,
    /// The folder that `~` stands for.
    pub home: Option<&'a str>,
    /// Hour, minute and second of now.
    pub time_of_day: fn() -> [u8; 3],
}

/// Starts the log, once in the life of the program.
///
/// A destination that cannot be opened, or is none, is replaced by standard error; the answer then
/// says why.
///
/// # Errors
/// When a log was started before.
pub fn start(options: &Options<'_>) -> Result<Option<Warning>, AlreadyStarted> {
    let (destination, unknown) = match Destination::parse(options.destination, options.home) {
        Ok(destination) => (destination, None),
        Err(warning) => (Destination::Stdout, Some(warning)),
    };
    let (channel, unopened) = Channel::open(destination, options.short, options.time_of_day);
    let lines = Lines { level: options.level, sources: options.sources.to_vec() };
    CombinedLogger::init(vec![Box::new(lines)])?;
    CHANNEL.set(Some(Box::new(channel)));
    Ok(unknown.or(unopened))
}

/// Opens the destination again: after rights were dropped, or after a file was moved away.
///
/// What cannot be opened again stays open; the answer then says why it could not.
pub fn reopen() -> Option<Warning> {
    with_channel(Channel::reopen).flatten()
}

/// Lines that were lost and not yet reported, since the destination took no more.
pub fn lost() -> u64 {
    with_channel(|channel| channel.lost()).unwrap_or(0)
}

/// The log was started before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyStarted;

impl fmt::Display for AlreadyStarted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the log was started before")
    }
}

impl std::error::Error for AlreadyStarted {}

impl From<SetLoggerError> for AlreadyStarted {
    fn from(_: SetLoggerError) -> Self {
        Self
    }
}

thread_local! {
    /// The open destination. It is taken out while it is used, so a line that is logged by the
    /// forming of another line is dropped rather than mixed with it.
    static CHANNEL: Cell<Option<Box<Channel>>> = const { Cell::new(None) };
}

fn with_channel<T>(work: impl FnOnce(&mut Channel) -> T) -> Option<T> {
    let done = CHANNEL.try_with(|cell| {
        let mut channel = cell.take()?;
        let result = work(&mut channel);
        cell.set(Some(channel));
        Some(result)
    });
    done.ok().flatten()
}

/// The logger that `simplelog` combines: it chooses the lines.
#[derive(Debug)]
struct Lines {
    level: LevelFilter,
    sources: Vec<(&'static str, bool)>,
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let source = source_of(metadata.target());
        metadata.level() <= self.level
            && self.sources.iter().find(|(name, _)| *name == source).is_none_or(|(_, on)| *on)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            with_channel(|channel| channel.log(record));
        }
    }

    fn flush(&self) {
        with_channel(Channel::flush);
    }
}

impl SharedLogger for Lines {
    fn level(&self) -> LevelFilter {
        self.level
    }

    fn config(&self) -> Option<&Config> {
        None
    }

    fn as_log(self: Box<Self>) -> Box<dyn Log> {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use log::Level;

    use super::*;

    #[test]
    fn lines_are_chosen_by_level_and_source() {
        let lines = Lines {
            level: LevelFilter::Info,
            sources: vec![("network", true), ("wire", false), ("rib", false)],
        };
        let check = |level, target, expected| {
            let metadata = Metadata::builder().level(level).target(target).build();
            assert_eq!(lines.enabled(&metadata), expected, "{level} {target}");
        };
        check(Level::Info, "network", true);
        check(Level::Debug, "network", false);
        check(Level::Error, "wire", false);
        check(Level::Error, "welcome", true);
        check(Level::Error, "exabgp::rib::outgoing", false);
        check(Level::Error, "exabgp::api", true);
    }

    #[test]
    fn the_log_is_started_once_and_written_through_the_macros() {
        let path = std::env::temp_dir().join(format!("exabgp-log-{}", std::process::id()));
        let destination = format!("file:{}", path.display());
        let options = Options {
            level: LevelFilter::Info,
            sources: &[("wire", false)],
            short: true,
            destination: &destination,
            home: None,
            time_of_day: || [1, 2, 3],
        };
        assert!(start(&options).unwrap().is_none());
        assert_eq!(start(&options).unwrap_err(), AlreadyStarted);
        log::info!(target: "network", "peer={} state={}", "127.0.0.1", "up");
        log::debug!(target: "network", "below the level");
        log::info!(target: "wire", "turned off");
        let moved = path.with_extension("1");
        fs::rename(&path, &moved).unwrap();
        assert!(reopen().is_none());
        log::warn!(target: "reactor", "after");
        assert_eq!(lost(), 0);
        let pid = std::process::id();
        let line = |source, text| format!("01:02:03 {pid:<6} {source:<15} {text}\n");
        let read = |path| fs::read_to_string(path).unwrap();
        assert_eq!(read(&moved), line("network", "peer=127.0.0.1 state=up"));
        assert_eq!(read(&path), line("reactor", "after"));
        fs::remove_file(path).unwrap();
        fs::remove_file(moved).unwrap();
    }
}
