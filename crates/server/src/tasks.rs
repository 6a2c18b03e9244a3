//! Work that goes on when the client that asked for it has hung up.

use std::time::Duration;

use async_trait::async_trait;
use doorward_domain::port::{Tasks, Work};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// Runs work on a runtime that outlives those of the workers, whose last connection may be gone before the work is done.
#[derive(Clone)]
pub(crate) struct OwnTasks {
    runtime: Handle,
    tracker: TaskTracker,
}

impl OwnTasks {
    /// On the runtime that this is called on.
    pub(crate) fn here() -> Self {
        Self { runtime: Handle::current(), tracker: TaskTracker::new() }
    }

    /// Waits until everything is done that was begun, for so long at most.
    pub(crate) async fn finish(&self, patience: Duration) {
        self.tracker.close();
        if timeout(patience, self.tracker.wait()).await.is_err() {
            tracing::warn!(tasks = self.tracker.len(), "stopped before everything that was begun was done");
        }
    }
}

#[async_trait]
impl Tasks for OwnTasks {
    async fn see_through(&self, work: Work) {
        if let Err(error) = self.tracker.spawn_on(work, &self.runtime).await {
            tracing::error!(%error, "work was not seen through");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_is_done_before_the_end() {
        let tasks = OwnTasks::here();
        let (let_go, done) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let work: Work = {
            let (let_go, done) = (let_go.clone(), done.clone());
            Box::pin(async move {
                let_go.notified().await;
                done.store(true, Ordering::SeqCst);
            })
        };
        tokio::select! {
            biased;
            () = tasks.see_through(work) => unreachable!("it was not let go"),
            () = tokio::task::yield_now() => {}
        }
        assert!(!done.load(Ordering::SeqCst));
        let_go.notify_one();
        tasks.finish(Duration::from_secs(60)).await;
        assert!(done.load(Ordering::SeqCst));
    }
}
