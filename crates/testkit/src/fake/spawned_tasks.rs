//! Tasks of the test's own runtime.

use async_trait::async_trait;
use doorward_domain::port::{Tasks, Work};

/// Sees work through as the runtime of the test lets it.
#[derive(Debug, Default)]
pub struct SpawnedTasks;

#[async_trait]
impl Tasks for SpawnedTasks {
    async fn see_through(&self, work: Work) {
        tokio::spawn(work).await.unwrap();
    }
}
