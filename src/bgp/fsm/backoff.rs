//! The pause between attempts: nothing, one second, then a fifth more each time up to a minute.

use std::time::Duration;

/// The longest pause, in seconds.
const SECONDS_MAX: u64 = 60;

/// How long to pause before the next attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackOff {
    seconds: u64,
}

impl BackOff {
    /// The pause before the next attempt; the one after it is longer.
    pub fn take(&mut self) -> Duration {
        let seconds = self.seconds;
        // One second more than 1.2 times the last, in whole seconds.
        self.seconds = (1 + seconds + seconds / 5).min(SECONDS_MAX);
        Duration::from_secs(seconds)
    }

    /// The next attempt is immediate.
    pub fn reset(&mut self) {
        self.seconds = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaps_that_operators_know() {
        let mut pause = BackOff::default();
        let mut gaps: Vec<u64> = (0..25).map(|_| pause.take().as_secs()).collect();
        let steady = gaps.split_off(16);
        assert_eq!(gaps, [0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21, 26, 32, 39, 47]);
        assert_eq!(steady, [57, 60, 60, 60, 60, 60, 60, 60, 60]);
        pause.reset();
        assert_eq!(pause.take(), Duration::ZERO);
    }
}
