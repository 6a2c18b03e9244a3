//! When it is time for what happens only once in a while.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use doorward_domain::Timestamp;

/// When to look again.
#[derive(Debug, Default)]
pub(crate) struct Sweep(AtomicI64);

impl Sweep {
    /// Whether so much time has passed since it last was, and then for this caller alone.
    pub(super) fn is_due(&self, now: Timestamp, every: Duration) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let due = now.minus(every).millis() >= last || now.millis() < last;
        due && self.0.compare_exchange(last, now.millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(5);

    #[test]
    fn a_sweep_is_due_once_in_a_while_and_for_one() {
        let sweep = Sweep::default();
        let at = |seconds: i64| Timestamp::from_seconds(1_000 + seconds);
        assert!(sweep.is_due(at(0), EVERY));
        assert!(!sweep.is_due(at(0), EVERY) && !sweep.is_due(at(4), EVERY));
        assert!(sweep.is_due(at(5), EVERY) && !sweep.is_due(at(6), EVERY));
        // The clock was put back.
        assert!(sweep.is_due(at(-900), EVERY));
    }
}
