//! What is taken along, one way for accounts, sessions and the audit log.

use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::port::{Archive, StoreError};
use doorward_domain::token::{Session, SessionId};
use doorward_domain::user::{User, UserId};

use super::encoding::Encoding;

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An account.
    Account,
    /// A session, which may have ended.
    Session,
    /// An entry of the audit log.
    AuditEntry,
}

/// A row of an archive, which hands rows out in the order of their identifiers.
pub(super) trait Row: Sized {
    type Id: Copy + Ord;
    const KIND: Kind;

    fn id(&self) -> Self::Id;
    /// The identifier as a number that is ordered like it.
    fn number(id: Self::Id) -> u128;
    /// Every field.
    fn encode(&self, encoding: &mut Encoding);

    async fn after(
        archive: &dyn Archive,
        after: Option<Self::Id>,
        limit: usize,
    ) -> Result<Vec<Self>, StoreError>;
    async fn add(archive: &dyn Archive, rows: &[Self]) -> Result<(), StoreError>;
    async fn remove(archive: &dyn Archive, ids: &[Self::Id]) -> Result<(), StoreError>;
}

impl Row for User {
    type Id = UserId;
    const KIND: Kind = Kind::Account;

    fn id(&self) -> UserId {
        self.id
    }

    fn number(id: UserId) -> u128 {
        id.uuid().as_u128()
    }

    fn encode(&self, encoding: &mut Encoding) {
        encoding.user(self);
    }

    async fn after(
        archive: &dyn Archive,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Self>, StoreError> {
        archive.users_after(after, limit).await
    }

    async fn add(archive: &dyn Archive, rows: &[Self]) -> Result<(), StoreError> {
        archive.add_users(rows).await
    }

    async fn remove(archive: &dyn Archive, ids: &[UserId]) -> Result<(), StoreError> {
        archive.remove_users(ids).await
    }
}

impl Row for Session {
    type Id = SessionId;
    const KIND: Kind = Kind::Session;

    fn id(&self) -> SessionId {
        self.id
    }

    fn number(id: SessionId) -> u128 {
        id.uuid().as_u128()
    }

    fn encode(&self, encoding: &mut Encoding) {
        encoding.session(self);
    }

    async fn after(
        archive: &dyn Archive,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Self>, StoreError> {
        archive.sessions_after(after, limit).await
    }

    async fn add(archive: &dyn Archive, rows: &[Self]) -> Result<(), StoreError> {
        archive.add_sessions(rows).await
    }

    async fn remove(archive: &dyn Archive, ids: &[SessionId]) -> Result<(), StoreError> {
        archive.remove_sessions(ids).await
    }
}

impl Row for AuditEntry {
    type Id = AuditId;
    const KIND: Kind = Kind::AuditEntry;

    fn id(&self) -> AuditId {
        self.id
    }

    fn number(id: AuditId) -> u128 {
        id.uuid().as_u128()
    }

    fn encode(&self, encoding: &mut Encoding) {
        encoding.entry(self);
    }

    async fn after(
        archive: &dyn Archive,
        after: Option<AuditId>,
        limit: usize,
    ) -> Result<Vec<Self>, StoreError> {
        archive.audit_after(after, limit).await
    }

    async fn add(archive: &dyn Archive, rows: &[Self]) -> Result<(), StoreError> {
        archive.add_audit(rows).await
    }

    async fn remove(archive: &dyn Archive, ids: &[AuditId]) -> Result<(), StoreError> {
        archive.remove_audit(ids).await
    }
}

/// Which part of all identifiers lies before this one.
#[expect(clippy::cast_precision_loss, reason = "it is shown in per cent")]
pub(super) fn part_behind(number: u128) -> f64 {
    number as f64 / u128::MAX as f64
}
