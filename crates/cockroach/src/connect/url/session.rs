//! What every session of the database is set to.

use std::time::Duration;

/// How long the database lets things take before it ends them itself. Both PostgreSQL and CockroachDB count in
/// milliseconds, and nothing shorter than one is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A statement.
    pub statement: Duration,
    /// A statement that waits for a row which somebody else is changing.
    pub lock: Duration,
    /// A transaction in which nothing happens.
    pub idle_in_transaction: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            statement: Duration::from_secs(5),
            lock: Duration::from_secs(2),
            idle_in_transaction: Duration::from_secs(10),
        }
    }
}

impl Timeouts {
    /// The options of a session. The last word on a setting counts, so these stand behind those of the URL.
    pub(super) fn after(self, options: &str) -> String {
        let [statement, lock, idle] = [self.statement, self.lock, self.idle_in_transaction].map(millis);
        let ours = format!(
            "-c statement_timeout={statement} -c lock_timeout={lock} \
             -c idle_in_transaction_session_timeout={idle} -c default_transaction_isolation=serializable"
        );
        if options.is_empty() { ours } else { format!("{options} {ours}") }
    }
}

/// Not 0, which would be no limit, and not more than the servers' settings hold.
fn millis(limit: Duration) -> i32 {
    i32::try_from(limit.as_millis()).unwrap_or(i32::MAX).max(1)
}
