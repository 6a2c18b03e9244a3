//! Where accounts are kept.

use std::sync::Arc;

use async_trait::async_trait;

use super::{StoreError, UserFilter, UserQuery};
use crate::Timestamp;
use crate::audit::{AuditEntry, Deed, Denied};
use crate::token::{Session, SessionId, Successor};
use crate::user::{Email, KeptDocument, PasswordHash, User, UserId};

/// Keeps accounts. An address belongs to one account at most, whether it is there as `username` or as `email`.
///
/// Entries MUST be in the audit log exactly when the change is made, once. Where there is a [`Deed`], its authority MUST
/// hold in the same step, or nothing is changed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// By identifier.
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;
    /// By `username` or `email`, whatever the spelling.
    async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError>;
    /// Adds an account. MUST answer [`InsertUserError::AddressTaken`] for a taken address, also when two arrive at
    /// once; adding the very same `id` again is no error.
    async fn insert(&self, user: &User, entries: &[AuditEntry]) -> Result<(), InsertUserError>;
    /// Replaces every field but `password` and `last_login` of the account with `user.id`, if its version is the one
    /// just before `user.version`. Where the account becomes inactive, its sessions end in the same step.
    /// MUST keep one active admin, also when two updates arrive at once.
    async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError>;
    /// Replaces the password, renews the session that asked and ends every other one, in one step.
    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError>;
    /// Replaces the password whatever it was, and ends every session of the account, in one step; answers which of them
    /// lived. A closed account stays closed. `None` when there is no such account, and then nothing is written.
    /// Where its entry is in the audit log it was set before: that MUST change nothing and answer the same, also when the
    /// password was changed or somebody has logged in since.
    async fn set_password(&self, new: &NewPassword) -> Result<Option<Vec<SessionId>>, StoreError>;
    /// Removes the account and its sessions. MUST keep one active admin, also when two deletions arrive at once.
    async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError>;
    /// At most `query.limit` accounts that pass the filter and come after the position, in order.
    async fn list(&self, query: &UserQuery) -> Result<Vec<Arc<KeptDocument>>, StoreError>;
    /// How many accounts pass the filter.
    async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError>;
}

/// Why an account was not added.
#[derive(Debug, thiserror::Error)]
pub enum InsertUserError {
    /// The address belongs to an account already.
    #[error("the address is taken")]
    AddressTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserError {
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// Somebody else changed it meanwhile.
    #[error("the account was changed meanwhile")]
    Stale,
    /// The new address belongs to another account.
    #[error("the address is taken")]
    AddressTaken,
    /// No active admin would remain.
    #[error("the last admin must remain")]
    LastAdmin,
    /// Whoever asks has lost the right meanwhile.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not removed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteUserError {
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// No active admin would remain.
    #[error("the last admin must remain")]
    LastAdmin,
    /// Whoever asks has lost the right meanwhile.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change of password, asked for by one session.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// Whose password.
    pub user_id: UserId,
    /// The hash that the current password was checked against.
    pub seen: PasswordHash,
    /// The new hash.
    pub new: PasswordHash,
    /// The session that asks; it lives on.
    pub session_id: SessionId,
    /// Its next pair.
    pub successor: Successor,
    /// Now.
    pub at: Timestamp,
    /// What is written down if it is made.
    pub entries: Vec<AuditEntry>,
}

/// What a change of password led to.
#[derive(Clone, Debug, PartialEq)]
pub enum PasswordChanged {
    /// The password is the new one.
    Done {
        /// The account afterwards.
        user: Box<User>,
        /// The session that asked, afterwards.
        session: Box<Session>,
    },
    /// The hash was no longer the one seen: somebody changed the password meanwhile.
    Stale,
    /// The session that asked has ended, or the account is gone.
    SessionEnded,
}

/// A password to set, for somebody who is not asked for the one before.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// Whose.
    pub user_id: UserId,
    /// Its hash.
    pub hash: PasswordHash,
    /// Now.
    pub at: Timestamp,
    /// What is written down of it, of which there is no other of this name.
    pub entry: AuditEntry,
}

impl NewPassword {
    /// What is written down, once it is known how many sessions ended.
    pub fn entry_with(&self, ended: usize) -> AuditEntry {
        self.entry.clone().noting("count", ended.to_string())
    }
}
