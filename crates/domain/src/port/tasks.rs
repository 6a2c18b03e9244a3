//! Work that is seen through.

use std::pin::Pin;

use async_trait::async_trait;

/// Something to be done.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Sees work through to its end.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Tasks: Send + Sync {
    /// Answers when the work is done. MUST go on with it also when nobody waits for the answer any more: a client that
    /// hangs up drops whatever was done for it.
    async fn see_through(&self, work: Work);
}
