//! A node that was given no Redis, beside nodes that may have one.

use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::port::{EpochRegistry, Ids, Revocations, Revoked, Stamp, Standing, StoreError};
use doorward_domain::token::Claims;
use doorward_domain::user::UserId;

use crate::trust::Trust;

/// Knows nothing, so that the database answers everything. What changes here is told to nobody: so nobody must believe
/// a Redis, and an epoch in which somebody does is ended before a change is acknowledged.
///
/// That costs a question to the database for each change, and keeps all promises while Redis is brought in, node by
/// node.
pub struct WithoutRedis(Trust);

impl WithoutRedis {
    /// For a database that other nodes may use as well.
    pub fn new(epochs: Arc<dyn EpochRegistry>, ids: Arc<dyn Ids>) -> Self {
        Self(Trust::new(epochs, ids))
    }
}

#[async_trait]
impl Revocations for WithoutRedis {
    async fn find(&self, _: &Claims) -> Standing {
        Standing::Unknown(None)
    }

    async fn confirm(&self, _: &Claims, _: Stamp) {}

    async fn changed(&self, _: UserId, _: &[Revoked]) -> Result<Option<Stamp>, StoreError> {
        if self.0.end_present().await? {
            tracing::warn!("other nodes use Redis, and this one does not: set redis_url here as well");
        }
        Ok(None)
    }
}
