//! `Archive` in memory.

use std::ops::Bound;

use async_trait::async_trait;
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::port::{Archive, StoreError};
use doorward_domain::token::{Session, SessionId};
use doorward_domain::user::{User, UserId};
use parking_lot::MutexGuard;

use super::{MemoryStore, Tables};

#[async_trait]
impl Archive for MemoryStore {
    async fn users_after(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>, StoreError> {
        let tables = self.0.lock();
        Ok(tables.users.range(behind(after)).take(limit).map(|(_, user)| user.clone()).collect())
    }

    async fn sessions_after(
        &self,
        after: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        let tables = self.0.lock();
        Ok(tables.sessions.range(behind(after)).take(limit).map(|(_, session)| session.clone()).collect())
    }

    async fn audit_after(&self, after: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let tables = self.0.lock();
        Ok(tables.audit.range(behind(after)).take(limit).map(|(_, entry)| entry.clone()).collect())
    }

    async fn add_users(&self, users: &[User]) -> Result<(), StoreError> {
        let mut tables = self.taking_in()?;
        let before = tables.users.clone();
        for user in users {
            if tables.users.contains_key(&user.id) {
                continue;
            }
            if tables.is_taken(&user.username, user.id) || tables.is_taken(&user.email, user.id) {
                tables.users = before;
                return Err(StoreError::Broken("the address is taken".into()));
            }
            tables.users.insert(user.id, user.clone());
        }
        Ok(())
    }

    async fn add_sessions(&self, sessions: &[Session]) -> Result<(), StoreError> {
        let mut tables = self.taking_in()?;
        if sessions.iter().any(|session| !tables.users.contains_key(&session.user_id)) {
            return Err(StoreError::Broken("there is no such account".into()));
        }
        for session in sessions {
            tables.sessions.entry(session.id).or_insert_with(|| session.clone());
        }
        Ok(())
    }

    async fn add_audit(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.taking_in()?.record(entries);
        Ok(())
    }

    async fn remove_users(&self, users: &[UserId]) -> Result<(), StoreError> {
        let mut tables = self.taking_in()?;
        tables.users.retain(|id, _| !users.contains(id));
        tables.sessions.retain(|_, session| !users.contains(&session.user_id));
        Ok(())
    }

    async fn remove_sessions(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        self.taking_in()?.sessions.retain(|id, _| !sessions.contains(id));
        Ok(())
    }

    async fn remove_audit(&self, entries: &[AuditId]) -> Result<(), StoreError> {
        self.taking_in()?.audit.retain(|id, _| !entries.contains(id));
        Ok(())
    }

    async fn unfinished_transfer(&self) -> Result<Option<String>, StoreError> {
        Ok(self.0.lock().transfer.clone())
    }

    async fn begin_transfer(&self, source: &str) -> Result<(), StoreError> {
        let mut tables = self.0.lock();
        tables.transfer.get_or_insert_with(|| source.to_owned());
        Ok(())
    }

    async fn finish_transfer(&self) -> Result<(), StoreError> {
        self.0.lock().transfer = None;
        Ok(())
    }
}

impl MemoryStore {
    fn taking_in(&self) -> Result<MutexGuard<'_, Tables>, StoreError> {
        let tables = self.0.lock();
        if tables.transfer.is_none() {
            return Err(StoreError::Broken("no transfer has begun".into()));
        }
        Ok(tables)
    }
}

fn behind<T>(after: Option<T>) -> (Bound<T>, Bound<T>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}
