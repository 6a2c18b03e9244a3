//! Ports that do nothing, so that what a test sees is Redis.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use doorward_domain::port::{LoginThrottle, Stamp, UserDocuments};
use doorward_domain::throttle::{Rate, ThrottleKey};
use doorward_domain::user::{KeptDocument, UserId};

/// Keeps nothing, and is not there to count.
pub(crate) struct Nothing;

#[async_trait]
impl UserDocuments for Nothing {
    async fn find(&self, _: UserId, _: Stamp) -> Option<Arc<KeptDocument>> {
        None
    }

    async fn keep(&self, _: &Arc<KeptDocument>, _: Stamp) {}

    async fn delete(&self, _: UserId) {}
}

#[async_trait]
impl LoginThrottle for Nothing {
    async fn take(&self, _: &ThrottleKey, _: &[Rate]) -> Result<(), Duration> {
        panic!("Redis is there, and counts")
    }

    async fn give_back(&self, _: &ThrottleKey, _: &[Rate]) {
        panic!("Redis is there, and counts")
    }

    async fn forget(&self, _: &ThrottleKey, _: &[Rate]) {}

    async fn vouch(&self, _: &ThrottleKey, _: Duration) {}

    async fn is_vouched(&self, _: &ThrottleKey) -> bool {
        false
    }
}
