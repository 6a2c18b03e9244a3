//! Why accounts are not taken in any further.

use std::io;

use doorward_domain::accounts::ImportError;
use doorward_domain::port::StoreError;

use super::rows::RowsError;

/// Why accounts are not taken in any further. What has a result is in the store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The file is not what it should be.
    #[error("the file cannot be read any further")]
    Rows(#[from] RowsError),
    /// The results are those of another file.
    #[error("the results are those of another file: it has other rows where they end")]
    OtherFile,
    /// The store or the hasher failed.
    #[error("the accounts cannot be written")]
    Import(#[from] ImportError),
    /// Results cannot be written.
    #[error("the results cannot be written")]
    Results(#[source] io::Error),
    /// A task ended without an answer.
    #[error("a batch was not seen through")]
    Lost,
}

impl IntakeError {
    /// Whether the same command goes on with the rest: nothing is wrong with the files that are read.
    pub(crate) fn can_be_gone_on_from(&self) -> bool {
        matches!(self, Self::Import(_) | Self::Results(_) | Self::Lost)
    }

    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Import(ImportError::Store(StoreError::Unavailable(_))))
    }
}
