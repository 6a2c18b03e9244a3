//! A clock that moves when a test says so.

use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::port::Clock;
use parking_lot::Mutex;

use crate::sample;

/// Stands still at [`sample::NOW`] until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl Default for ManualClock {
    fn default() -> Self {
        Self(Mutex::new(sample::NOW))
    }
}

impl ManualClock {
    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock();
        *now = now.plus(duration);
    }

    /// Makes it this time, be it earlier or later.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock() = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_only_when_told() {
        let clock = ManualClock::default();
        assert_eq!(clock.now(), sample::NOW);
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now().millis() - sample::NOW.millis(), 1_500);
        clock.set(Timestamp::from_seconds(7));
        assert_eq!(clock.now(), Timestamp::from_seconds(7));
    }
}
