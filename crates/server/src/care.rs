//! What a running service does from time to time, whether or not anybody asks for anything.

use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::RandomIds;
use doorward_domain::audit::AuditTrail;
use doorward_domain::port::Ids as _;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often old entries of the audit log are looked for, on average. Several nodes may do it at once: an entry is
/// forgotten once. But they would do the same work and wait for one another.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// By when they are looked for after a start.
const FIRST: Duration = Duration::from_secs(3);

/// How long the database is left to others between some entries and the next: 100 entries each are 1 000 a second, far
/// more than logins make.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks after what grows old, until it is dropped.
pub(crate) struct Care(JoinHandle<()>);

impl Care {
    /// Begins at once, but for a delay that differs from node to node.
    pub(crate) fn begin(trail: Arc<AuditTrail>) -> Self {
        Self(tokio::spawn(async move {
            sleep(some_of(FIRST)).await;
            loop {
                match trail.forget_old(|| sleep(PAUSE)).await {
                    Ok(0) => {}
                    Ok(count) => tracing::info!(count, "old entries of the audit log were forgotten"),
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(error, "old entries of the audit log were not forgotten");
                    }
                }
                sleep(EVERY / 2 + some_of(EVERY)).await;
            }
        }))
    }
}

/// A part of it, by chance.
fn some_of(time: Duration) -> Duration {
    let (chance, _) = RandomIds.audit().uuid().as_u64_pair();
    // What stands first in an identifier is all random.
    time.mul_f64(f64::from(u32::try_from(chance >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX))
}

impl Drop for Care {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_wait_for_different_parts_of_the_same_time() {
        let mut parts: Vec<Duration> = (0..200).map(|_| some_of(EVERY)).collect();
        parts.sort_unstable();
        parts.dedup();
        assert!(parts.len() > 190, "{parts:?}");
        assert!(parts[0] < EVERY / 4 && parts[parts.len() - 1] > EVERY / 4 * 3, "{parts:?}");
        assert!(parts[parts.len() - 1] <= EVERY, "{parts:?}");
    }
}
