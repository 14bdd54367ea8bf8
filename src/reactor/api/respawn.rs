//! How often a helper that ends is started again.
//!
//! Five times within 64 seconds, by the monotonic clock; the first start does not count. Over
//! the limit the helper stays down until a reload or a restart asks for it.

use std::time::Instant;

use crate::reactor::limits::{RESPAWN_MAX, RESPAWN_WINDOW};

/// The respawns of one helper.
#[derive(Clone, Debug, Default)]
pub(super) struct Respawn {
    /// The start of the window and the respawns in it.
    window: Option<(Instant, u32)>,
}

impl Respawn {
    /// Counts a respawn at `now`; false when the limit is reached and it must not be made.
    pub(super) fn allow(&mut self, now: Instant) -> bool {
        let (start, count) = match self.window {
            Some((start, count)) if now.saturating_duration_since(start) < RESPAWN_WINDOW => {
                (start, count)
            }
            _ => (now, 0),
        };
        let allowed = count < RESPAWN_MAX;
        self.window = Some((start, count + u32::from(allowed)));
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::reactor::clock::Clock;

    #[test]
    fn five_respawns_fit_in_a_window() {
        let start = Clock::new().now();
        let mut respawn = Respawn::default();
        for second in 0..5 {
            assert!(respawn.allow(start + Duration::from_secs(second)), "{second}");
        }
        assert!(!respawn.allow(start + Duration::from_secs(5)));
        assert!(!respawn.allow(start + Duration::from_secs(63)));
        assert!(respawn.allow(start + Duration::from_secs(64)));
    }

    #[test]
    fn a_slow_death_is_always_followed_by_a_start() {
        let start = Clock::new().now();
        let mut respawn = Respawn::default();
        for round in 0..100 {
            assert!(respawn.allow(start + Duration::from_secs(13) * round));
        }
    }
}
