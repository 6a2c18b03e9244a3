//! Why not everything was taken along.

use doorward_domain::port::StoreError;

use super::Content;

/// Why a transfer is not finished.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    /// The source has only a part of something else.
    #[error("{source_name} is itself the target of a transfer that was not finished")]
    SourceUnfinished {
        /// The source.
        source_name: String,
    },
    /// The target has accounts, or an audit log, of its own.
    #[error(
        "{target} has accounts or an audit log already, and nothing is ever overwritten: name an empty database"
    )]
    TargetUsed {
        /// The target.
        target: String,
    },
    /// The target has a part of something else.
    #[error(
        "{target} has a part of what {from} has already: finish that transfer, or name an empty database"
    )]
    TargetUnfinished {
        /// The target.
        target: String,
        /// Where its part comes from.
        from: String,
    },
    /// The source failed.
    #[error("{source_name} cannot be read")]
    Source {
        /// The source.
        source_name: String,
        /// What happened.
        #[source]
        error: StoreError,
    },
    /// The target failed, or refuses what does not go together.
    #[error(
        "{target} does not take what was read; if somebody uses the source meanwhile, stop the service there, and run \
         this again"
    )]
    Target {
        /// The target.
        target: String,
        /// What happened.
        #[source]
        error: StoreError,
    },
    /// The two have not the same in the end.
    #[error(
        "the source was changed meanwhile, so the target does not have everything as it is now; stop every node of the \
         service, and run this again"
    )]
    Different {
        /// What the source has.
        source_content: Box<Content>,
        /// What the target has.
        target_content: Box<Content>,
    },
    /// Somebody asked to stop.
    #[error("stopped; running the same command again goes on")]
    Stopped,
}

impl TransferError {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Source { error: StoreError::Unavailable(_), .. }
                | Self::Target { error: StoreError::Unavailable(_), .. }
        )
    }
}
