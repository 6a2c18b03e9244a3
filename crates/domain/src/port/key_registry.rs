//! Which secrets every node of a service shares, known by their fingerprints, and what nodes tell each other of them.

use async_trait::async_trait;

use super::StoreError;

/// A secret, named and recognised without being known; or, under a name that belongs to one, what is to be known of it,
/// such as when it signed.
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
    /// Registers these, in the place of those with the same names, and forgets those with the names `gone`; all others
    /// stay as they are. MUST do all of it or nothing.
    async fn amend(&self, these: &[KeyFingerprint], gone: &[String]) -> Result<(), StoreError>;
}
