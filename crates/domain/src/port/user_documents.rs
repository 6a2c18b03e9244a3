//! Copies of accounts' documents, nearer than the store of accounts.

use std::sync::Arc;

use async_trait::async_trait;

use super::Stamp;
use crate::user::{KeptDocument, UserId};

/// Keeps copies of documents, and may lose any of them at any moment. A copy counts only as long as its stamp is the
/// account's present one, so that it need not be taken back everywhere.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserDocuments: Send + Sync {
    /// The copy of this account's document that was kept under this very stamp. Out of reach is `None`, and soon.
    async fn find(&self, id: UserId, stamp: Stamp) -> Option<Arc<KeptDocument>>;
    /// Keeps a copy instead of the one that was kept of the account before. The caller MUST have read it after it knew
    /// the stamp. MUST NOT replace a copy of a higher version.
    async fn keep(&self, document: &Arc<KeptDocument>, stamp: Stamp);
    /// Removes what is kept of an account.
    async fn delete(&self, id: UserId);
}
