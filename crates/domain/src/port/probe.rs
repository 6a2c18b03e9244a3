//! Whether a dependency answers.

use async_trait::async_trait;

use super::StoreError;

/// Something that readiness depends on.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Probe: Send + Sync {
    /// A short, stable name of what it is for, such as `database`: the same whichever adapter answers.
    fn name(&self) -> &'static str;
    /// Whether nothing works without it. The service is ready without what is not needed, and says that it misses it.
    fn is_needed(&self) -> bool {
        true
    }
    /// Asks for the least that shows it works. MUST answer within seconds.
    async fn probe(&self) -> Result<(), StoreError>;
}
