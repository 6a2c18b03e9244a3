//! The one error for what no use case expects of a store.

use std::error::Error;

/// A store failed. Whether a write was carried out is unknown.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is out of reach, full, or too slow; trying later may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// It answered with something that should not be.
    #[error("the store failed")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}
