//! Which copy of what is known about tokens all nodes trust.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;

/// A time during which all nodes trust one keeper of [`Revocations`](super::Revocations), or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Unlike that of any other.
    pub id: Uuid,
    /// Which server it is, and which of its lives; `None` where nobody is trusted.
    pub witness: Option<String>,
}

/// Keeps the present epoch where every node can read it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EpochRegistry: Send + Sync {
    /// The present one; `None` where there never was one.
    async fn present(&self) -> Result<Option<Epoch>, StoreError>;
    /// Begins the epoch `next`, if the present one is still `seen` or there is none. Answers the present one afterwards:
    /// of many that begin one at once, all are told the same. It is no error to begin the very same one twice.
    async fn begin(&self, seen: Option<Uuid>, next: &Epoch) -> Result<Epoch, StoreError>;
}
