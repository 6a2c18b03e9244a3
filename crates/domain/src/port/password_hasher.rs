//! Slow hashes of passwords.

use std::error::Error;

use async_trait::async_trait;

use crate::user::{Password, PasswordHash};

/// Hashes passwords and checks them. Every method costs the same whatever the answer.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes with the scheme and cost in force.
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError>;
    /// Compares. A hash that cannot be read MUST be [`Verdict::Wrong`], and cost as much.
    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HasherError>;
    /// Does the work of [`verify`](Self::verify) for an account that does not exist.
    async fn verify_nobody(&self, password: &Password) -> Result<(), HasherError>;
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
    /// The queue is full; nothing was queued.
    #[error("the password hashing queue is full")]
    Overloaded,
    /// The hasher itself failed.
    #[error("the password hasher failed")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}
