//! Which secrets every node of a service shares, known by their fingerprints.

use async_trait::async_trait;

use super::StoreError;

/// A secret, named and recognised without being known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyFingerprint {
    /// What it is, unlike any other.
    pub name: String,
    /// Tells it from every other one, and gives nothing of it away.
    pub fingerprint: String,
}

/// Remembers the secrets that a service was set up with, so that a node with other ones is noticed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait KeyRegistry: Send + Sync {
    /// What is registered, by name; nothing in a store that is new.
    async fn registered(&self) -> Result<Vec<KeyFingerprint>, StoreError>;
    /// Registers these if nothing is registered yet, and answers what is registered afterwards. Of two that come at
    /// once one MUST find everything of the other.
    async fn register_first(&self, own: &[KeyFingerprint]) -> Result<Vec<KeyFingerprint>, StoreError>;
    /// Registers these instead of whatever was registered.
    async fn register(&self, own: &[KeyFingerprint]) -> Result<(), StoreError>;
}
