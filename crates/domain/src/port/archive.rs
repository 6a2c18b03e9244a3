//! Everything that a store has, for taking it to another one.

use async_trait::async_trait;

use super::StoreError;
use crate::audit::{AuditEntry, AuditId};
use crate::token::{Session, SessionId};
use crate::user::{User, UserId};

/// Hands everything out in pieces, and takes it in.
///
/// What takes in or removes MUST fail where no transfer has begun, and look in the same step: whoever was held up while
/// another one finished must not touch a store that serves by now.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Archive: Send + Sync {
    /// At most `limit` accounts behind `after`, ordered by identifier.
    async fn users_after(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>, StoreError>;
    /// At most `limit` sessions behind `after`, ended ones included, ordered by identifier.
    async fn sessions_after(
        &self,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError>;
    /// At most `limit` entries of the audit log behind `after`, ordered by identifier.
    async fn audit_after(&self, after: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>, StoreError>;
    /// Adds accounts with everything they have, all of them or none. One that is there already stays as it is.
    async fn add_users(&self, users: &[User]) -> Result<(), StoreError>;
    /// Adds sessions of accounts that are there, all of them or none. One that is there already stays as it is.
    async fn add_sessions(&self, sessions: &[Session]) -> Result<(), StoreError>;
    /// Adds entries of the audit log, all of them or none. One that is there already stays as it is.
    async fn add_audit(&self, entries: &[AuditEntry]) -> Result<(), StoreError>;
    /// Removes accounts and their sessions. There may be no admin left.
    async fn remove_users(&self, users: &[UserId]) -> Result<(), StoreError>;
    /// Removes sessions.
    async fn remove_sessions(&self, sessions: &[SessionId]) -> Result<(), StoreError>;
    /// Removes entries of the audit log.
    async fn remove_audit(&self, entries: &[AuditId]) -> Result<(), StoreError>;
    /// Where accounts are being taken in from, while not all of them are there. Nobody may serve from such a store.
    async fn unfinished_transfer(&self) -> Result<Option<String>, StoreError>;
    /// Notes that taking in begins. Where it has begun from elsewhere that stays noted; of two that begin at once one
    /// MUST find the other's source noted afterwards.
    async fn begin_transfer(&self, source: &str) -> Result<(), StoreError>;
    /// Notes that everything is there.
    async fn finish_transfer(&self) -> Result<(), StoreError>;
}
