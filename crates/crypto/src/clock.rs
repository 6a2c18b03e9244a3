//! The system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use doorward_domain::Timestamp;
use doorward_domain::port::Clock;

/// Tells the time of the machine. It may jump when somebody sets it; nothing here assumes that it does not.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let epoch = Timestamp::from_millis(0);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => epoch.plus(since),
            Err(before) => epoch.minus(before.duration()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_runs_forward_in_this_century() {
        let first = SystemClock.now();
        assert!(SystemClock.now() >= first);
        assert!((1_700_000_000..4_102_444_800).contains(&first.seconds()));
    }
}
