//! Work that goes on when the client that asked for it has hung up.

use async_trait::async_trait;
use doorward_domain::port::{Tasks, Work};

/// Runs on the thread that asks, as a task of its own.
pub(crate) struct OwnTasks;

#[async_trait]
impl Tasks for OwnTasks {
    async fn see_through(&self, work: Work) {
        if let Err(error) = tokio::spawn(work).await {
            tracing::error!(%error, "work was not seen through");
        }
    }
}
