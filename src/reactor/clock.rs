//! The only reader of time.
//!
//! The loop refreshes the clock once, after it has waited, and hands the instant around: all that
//! happens in one iteration happens at one moment. Timers use the monotonic instant, so a step of
//! the wall clock never ends a session; the wall clock only dates messages and log lines.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use time::{OffsetDateTime, UtcOffset};

/// The moment of the current iteration, on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    now: Instant,
    wall: SystemTime,
}

impl Clock {
    /// A clock that shows the present.
    pub fn new() -> Self {
        Self { now: monotonic(), wall: wall() }
    }

    /// A clock that shows what it is told, for simulations; `refresh` brings it to the present.
    pub const fn at(now: Instant, wall: SystemTime) -> Self {
        Self { now, wall }
    }

    /// Reads both clocks and returns the new instant.
    pub fn refresh(&mut self) -> Instant {
        *self = Self::new();
        self.now
    }

    /// Moves both clocks forward by `step`, without reading them.
    pub fn advance(&mut self, step: Duration) -> Instant {
        self.now += step;
        self.wall += step;
        self.now
    }

    /// The instant of the last refresh.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// The wall clock at the last refresh.
    pub const fn wall(&self) -> SystemTime {
        self.wall
    }

    /// The wall clock at the last refresh, in seconds since 1970, as the `time` field of messages
    /// has it. A clock before 1970 reads zero.
    pub fn wall_seconds(&self) -> f64 {
        since_epoch(self.wall).as_secs_f64()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Hour, minute and second of the local day, read now, as a log line shows them.
///
/// The offset from universal time is looked up once a quarter of an hour, the finest step at which
/// an offset changes anywhere; where it cannot be told (several threads), the time is universal.
pub fn time_of_day() -> [u8; 3] {
    let unix_secs = i64::try_from(since_epoch(wall()).as_secs()).unwrap_or(i64::MAX);
    of_day(unix_secs.saturating_add(i64::from(local_offset_secs(unix_secs))))
}

/// The local date and time, read now, as the name of a copy holds it: `20260801-093000`.
pub fn stamp() -> String {
    let unix_secs = i64::try_from(since_epoch(wall()).as_secs()).unwrap_or(i64::MAX);
    let local = unix_secs.saturating_add(i64::from(local_offset_secs(unix_secs)));
    let day = OffsetDateTime::from_unix_timestamp(local).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, date) = (day.year(), u8::from(day.month()), day.day());
    let [hour, minute, second] = of_day(local);
    format!("{year:04}{month:02}{date:02}-{hour:02}{minute:02}{second:02}")
}

/// Splits seconds since the start of some day into hour, minute and second of their day.
fn of_day(seconds: i64) -> [u8; 3] {
    let second_of_day = seconds.rem_euclid(86_400);
    [second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60]
        .map(|part| u8::try_from(part).unwrap_or(0))
}

const QUARTER_SECS: i64 = 900;

/// Seconds east of Greenwich at `unix_secs`, remembered for the quarter of an hour it is asked in.
fn local_offset_secs(unix_secs: i64) -> i32 {
    // Quarter and offset share one word, so that a reader never sees one without the other. An
    // offset is less than a day: 86,400 values on each side of zero, 18 bits.
    static REMEMBERED: AtomicI64 = AtomicI64::new(-1);
    const SPAN: i64 = 1 << 18;

    let quarter = unix_secs.div_euclid(QUARTER_SECS);
    let remembered = REMEMBERED.load(Ordering::Relaxed);
    if remembered >= 0 && remembered / SPAN == quarter {
        return i32::try_from(remembered % SPAN - SPAN / 2).unwrap_or(0);
    }
    let offset = OffsetDateTime::from_unix_timestamp(unix_secs)
        .ok()
        .and_then(|moment| UtcOffset::local_offset_at(moment).ok())
        .map_or(0, UtcOffset::whole_seconds);
    REMEMBERED.store(quarter * SPAN + i64::from(offset) + SPAN / 2, Ordering::Relaxed);
    offset
}

fn since_epoch(wall: SystemTime) -> Duration {
    wall.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "this is the file that reads the time")]
fn monotonic() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the file that reads the time")]
fn wall() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_between_refreshes() {
        let mut clock = Clock::new();
        let (now, wall) = (clock.now(), clock.wall());
        assert_eq!((clock.now(), clock.wall()), (now, wall));
        assert!(clock.refresh() >= now);
    }

    #[test]
    fn advance_moves_both_clocks_alike() {
        let mut clock = Clock::at(monotonic(), UNIX_EPOCH + Duration::from_millis(1500));
        let before = clock.now();
        assert_eq!(clock.wall_seconds(), 1.5);
        assert_eq!(clock.advance(Duration::from_secs(2)), before + Duration::from_secs(2));
        assert_eq!(clock.wall_seconds(), 3.5);
    }

    #[test]
    fn a_wall_clock_before_the_epoch_reads_zero() {
        let clock = Clock::at(monotonic(), UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(clock.wall_seconds(), 0.0);
    }

    #[test]
    fn the_time_of_day_is_split_from_seconds() {
        assert_eq!(of_day(0), [0, 0, 0]);
        assert_eq!(of_day(86_399), [23, 59, 59]);
        assert_eq!(of_day(86_400 + 3_661), [1, 1, 1]);
        assert_eq!(of_day(-1), [23, 59, 59]);
    }

    #[test]
    fn the_offset_is_remembered_for_its_quarter() {
        let first = local_offset_secs(1_700_000_000);
        assert_eq!(local_offset_secs(1_700_000_001), first);
        assert!(first.abs() < 86_400);
    }
}
