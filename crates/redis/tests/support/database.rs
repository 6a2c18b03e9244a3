//! The database of all nodes, as one of them sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use doorward_domain::Timestamp;
use doorward_domain::audit::{AuditEntry, Deed};
use doorward_domain::port::{
    DeleteUserError, EndSessionsError, EndedSession, Ending, Epoch, EpochRegistry, InsertUserError,
    LiveSession, NewPassword, NewSession, Opened, PasswordChange, PasswordChanged, Rotated,
    SessionRepository, StoreError, UpdateUserError, UserFilter, UserQuery, UserRepository,
};
use doorward_domain::token::{RotationLimits, Session, SessionId, Successor, TokenId};
use doorward_domain::user::{Email, KeptDocument, User, UserId};
use doorward_testkit::fake::MemoryStore;
use uuid::Uuid;

/// A way to a store in memory that counts how often a live session is asked for, and may be blocked, or for what is
/// written about accounts and sessions alone.
#[derive(Default)]
pub(crate) struct Database {
    store: Arc<MemoryStore>,
    asked: AtomicU64,
    is_away: AtomicBool,
    is_locked: AtomicBool,
}

impl Database {
    /// Another way to the same store.
    pub(crate) fn another_way(&self) -> Self {
        Self { store: self.store.clone(), ..Self::default() }
    }

    /// How often a live session was asked for.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// From now on nobody reaches it on this way, or everybody does.
    pub(crate) fn be_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    /// From now on nobody can change accounts and sessions on this way, or everybody can.
    pub(crate) fn be_locked(&self, is_locked: bool) {
        self.is_locked.store(is_locked, Ordering::SeqCst);
    }

    /// Reaches it to change something.
    fn unlock(&self) -> Result<&MemoryStore, StoreError> {
        if self.is_locked.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("somebody else has locked it".into()));
        }
        self.reach()
    }

    fn reach(&self) -> Result<&MemoryStore, StoreError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the database is away".into()));
        }
        Ok(&self.store)
    }
}

#[async_trait]
impl EpochRegistry for Database {
    async fn present(&self) -> Result<Option<Epoch>, StoreError> {
        self.reach()?.present().await
    }

    async fn begin(&self, seen: Option<Uuid>, next: &Epoch) -> Result<Epoch, StoreError> {
        self.reach()?.begin(seen, next).await
    }
}

#[async_trait]
impl SessionRepository for Database {
    async fn open(&self, new: &NewSession) -> Result<Opened, StoreError> {
        self.unlock()?.open(new).await
    }

    async fn find_live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.reach()?.find_live(id, now).await
    }

    async fn rotate(
        &self,
        id: SessionId,
        presented: TokenId,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
        reuse: &AuditEntry,
    ) -> Result<Option<Rotated>, StoreError> {
        self.unlock()?.rotate(id, presented, successor, now, limits, reuse).await
    }

    async fn end(&self, ending: &Ending) -> Result<Vec<SessionId>, EndSessionsError> {
        self.unlock()?.end(ending).await
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.reach()?.list_live(user, now).await
    }

    async fn list_ended(
        &self,
        since: Timestamp,
        after: Option<EndedSession>,
        limit: usize,
    ) -> Result<Vec<EndedSession>, StoreError> {
        self.reach()?.list_ended(since, after, limit).await
    }
}

#[async_trait]
impl UserRepository for Database {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.reach()?.find(id).await
    }

    async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError> {
        self.reach()?.find_by_address(address).await
    }

    async fn insert(&self, user: &User, entries: &[AuditEntry]) -> Result<(), InsertUserError> {
        self.unlock()?.insert(user, entries).await
    }

    async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
        self.unlock()?.update(user, deed).await
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
        self.unlock()?.change_password(change).await
    }

    async fn set_password(&self, new: &NewPassword) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.unlock()?.set_password(new).await
    }

    async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError> {
        self.unlock()?.delete_with_sessions(id, deed).await
    }

    async fn list(&self, query: &UserQuery) -> Result<Vec<Arc<KeptDocument>>, StoreError> {
        self.reach()?.list(query).await
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError> {
        self.reach()?.count(filter).await
    }
}
