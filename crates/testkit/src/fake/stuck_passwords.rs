//! A hasher that everybody waits for.

use std::future;

use async_trait::async_trait;
use doorward_domain::port::{HasherError, PasswordHasher, Verdict};
use doorward_domain::throttle::Network;
use doorward_domain::user::{Password, PasswordHash};

/// Has room for everybody, and is never done.
#[derive(Clone, Copy, Debug, Default)]
pub struct StuckPasswords;

#[async_trait]
impl PasswordHasher for StuckPasswords {
    fn has_room(&self, _: Option<Network>) -> bool {
        true
    }

    fn can_read(&self, _: &PasswordHash) -> bool {
        true
    }

    async fn hash(&self, _: &Password, _: Option<Network>) -> Result<PasswordHash, HasherError> {
        future::pending().await
    }

    async fn verify(
        &self,
        _: &Password,
        _: &PasswordHash,
        _: Option<Network>,
    ) -> Result<Verdict, HasherError> {
        future::pending().await
    }

    async fn verify_nobody(&self, _: &Password, _: Option<Network>) -> Result<(), HasherError> {
        future::pending().await
    }
}
