//! What a running service does from time to time, whether or not anybody asks for anything.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::AuditTrail;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// How often old entries of the audit log are looked for. Several nodes may do it at once: an entry is forgotten once.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// Looks after what grows old, until it is dropped.
pub(crate) struct Care(JoinHandle<()>);

impl Care {
    /// Begins at once.
    pub(crate) fn begin(trail: Arc<AuditTrail>) -> Self {
        Self(tokio::spawn(async move {
            let mut ticks = interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                match trail.forget_old().await {
                    Ok(0) => {}
                    Ok(count) => tracing::info!(count, "old entries of the audit log were forgotten"),
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(error, "old entries of the audit log were not forgotten");
                    }
                }
            }
        }))
    }
}

impl Drop for Care {
    fn drop(&mut self) {
        self.0.abort();
    }
}
