//! For how long what this process remembers is believed, while others may change the store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long it is believed after somebody has begun to look whether others have changed anything. Whoever changes the
/// store from another process waits for longer than this before they say that it is done.
pub const LEASE: Duration = Duration::from_secs(1);

/// What is remembered counts while this holds. It is renewed by whoever looks after changes that others make; where
/// nobody can look, nothing is believed.
#[derive(Debug)]
pub struct Lease {
    begin: Instant,
    /// Microseconds after the beginning.
    until: AtomicU64,
}

impl Default for Lease {
    /// It does not hold yet.
    fn default() -> Self {
        Self { begin: Instant::now(), until: AtomicU64::new(0) }
    }
}

impl Lease {
    /// Nobody had changed anything when somebody looked, who began to look at this time.
    pub fn renew(&self, looked: Instant) {
        self.until.fetch_max(self.after_begin(looked + LEASE), Ordering::Release);
    }

    /// Whether it holds now.
    pub fn holds(&self) -> bool {
        self.after_begin(Instant::now()) < self.until.load(Ordering::Acquire)
    }

    fn after_begin(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.begin).as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_for_its_time_from_when_somebody_began_to_look() {
        let lease = Lease::default();
        assert!(!lease.holds());
        lease.renew(Instant::now().checked_sub(LEASE).unwrap());
        assert!(!lease.holds(), "who looked for so long has seen what was");
        lease.renew(Instant::now() + 60 * LEASE);
        assert!(lease.holds());
        lease.renew(Instant::now());
        assert!(lease.holds(), "an older look takes nothing away");
    }
}
