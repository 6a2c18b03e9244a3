//! Slow hashes of passwords.

use std::error::Error;

use async_trait::async_trait;

use crate::throttle::Network;
use crate::user::{Password, PasswordHash};

/// Hashes passwords and checks them. Every method costs the same whatever the answer.
///
/// `from` is where the work comes from, `None` where it comes from nobody in particular. Work that has to wait MUST be
/// shared out fairly between networks: a flood from one of them must not keep the others from being served. What its
/// asker no longer waits for MUST NOT keep a place that another could have.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Whether work from there would be taken on now. This is asked before anything is done for a login, so that a
    /// refusal costs nothing; by the time the work comes, the answer may be another.
    fn has_room(&self, from: Option<Network>) -> bool;
    /// Whether a hash that comes from elsewhere could be compared with. MUST be cheap.
    fn can_read(&self, hash: &PasswordHash) -> bool;
    /// Hashes with the scheme and cost in force.
    async fn hash(&self, password: &Password, from: Option<Network>) -> Result<PasswordHash, HasherError>;
    /// Compares. A hash that cannot be read MUST be [`Verdict::Wrong`], and cost as much.
    async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
        from: Option<Network>,
    ) -> Result<Verdict, HasherError>;
    /// Does the work of [`verify`](Self::verify) for an account that does not exist.
    async fn verify_nobody(&self, password: &Password, from: Option<Network>) -> Result<(), HasherError>;
}

/// What comparing a password led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Right,
    /// It is the password, but its hash is of an older scheme or cost and should be made anew.
    RightButOutdated,
    /// It is not.
    Wrong,
}

/// Why nothing was hashed.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// There is no room for it, or room had to be made for somebody who asks less; nothing was hashed.
    #[error("the password hashing queue is full")]
    Overloaded,
    /// The hasher itself failed.
    #[error("the password hasher failed")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}
