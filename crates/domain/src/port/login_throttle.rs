//! How often somebody may try.

use std::time::Duration;

use async_trait::async_trait;

use crate::throttle::{Rate, ThrottleKey};

/// Counts tries. It may forget what it has counted; it never refuses because it has forgotten, or is out of reach.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LoginThrottle: Send + Sync {
    /// Takes one place under every rate of the key, or under none: then it answers how long it is until there is one.
    /// Of many that come at once no more pass than a rate allows.
    async fn take(&self, key: &ThrottleKey, rates: &[Rate]) -> Result<(), Duration>;
    /// Gives back what [`take`](Self::take) took: the try does not count.
    async fn give_back(&self, key: &ThrottleKey, rates: &[Rate]);
    /// Forgets what was taken: the key has all its places again.
    async fn forget(&self, key: &ThrottleKey, rates: &[Rate]);
    /// Remembers for so long that somebody has proved who they are with this key.
    async fn vouch(&self, key: &ThrottleKey, lifetime: Duration);
    /// Whether somebody is vouched for.
    async fn is_vouched(&self, key: &ThrottleKey) -> bool;
}
