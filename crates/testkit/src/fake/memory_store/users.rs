//! Accounts in memory.

use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::audit::{AuditEntry, Deed};
use doorward_domain::port::{
    DeleteUserError, InsertUserError, NewPassword, PasswordChange, PasswordChanged, StoreError,
    UpdateUserError, UserFilter, UserQuery, UserRepository,
};
use doorward_domain::token::{EndReason, SessionId};
use doorward_domain::user::{Email, KeptDocument, User, UserId};

use super::{MemoryStore, Tables, listing};

#[async_trait]
impl UserRepository for MemoryStore {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.0.lock().users.get(&id).cloned())
    }

    async fn find_by_address(&self, address: &Email) -> Result<Option<User>, StoreError> {
        Ok(self.0.lock().users.values().find(|user| user.answers_to(address)).cloned())
    }

    async fn insert(&self, user: &User, entries: &[AuditEntry]) -> Result<(), InsertUserError> {
        let mut tables = self.0.lock();
        if tables.users.contains_key(&user.id) {
            return Ok(());
        }
        if [&user.username, &user.email].into_iter().any(|address| tables.is_taken(address, user.id)) {
            return Err(InsertUserError::AddressTaken);
        }
        tables.users.insert(user.id, user.clone());
        tables.record(entries);
        Ok(())
    }

    async fn update(&self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
        self.0.lock().update(user, deed)
    }

    async fn change_password(&self, change: &PasswordChange) -> Result<PasswordChanged, StoreError> {
        Ok(self.0.lock().change_password(change))
    }

    async fn set_password(&self, new: &NewPassword) -> Result<Option<Vec<SessionId>>, StoreError> {
        Ok(self.0.lock().set_password(new))
    }

    async fn delete_with_sessions(&self, id: UserId, deed: &Deed) -> Result<(), DeleteUserError> {
        let mut tables = self.0.lock();
        if !tables.users.contains_key(&id) {
            return Err(DeleteUserError::NotFound);
        }
        tables.authorize(deed)?;
        if tables.is_last_admin(id) {
            return Err(DeleteUserError::LastAdmin);
        }
        tables.users.remove(&id);
        tables.record(&deed.entries);
        tables.sessions.retain(|_, session| session.user_id != id);
        Ok(())
    }

    async fn list(&self, query: &UserQuery) -> Result<Vec<Arc<KeptDocument>>, StoreError> {
        Ok(listing::page(&self.0.lock(), query))
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, StoreError> {
        Ok(listing::count(&self.0.lock(), filter))
    }
}

impl Tables {
    fn update(&mut self, user: &User, deed: &Deed) -> Result<(), UpdateUserError> {
        let Some(stored) = self.users.get(&user.id) else {
            return Err(UpdateUserError::NotFound);
        };
        self.authorize(deed)?;
        if stored.version.checked_add(1) != Some(user.version) {
            return Err(UpdateUserError::Stale);
        }
        if [&user.username, &user.email].into_iter().any(|address| self.is_taken(address, user.id)) {
            return Err(UpdateUserError::AddressTaken);
        }
        if !user.is_active_admin() && self.is_last_admin(user.id) {
            return Err(UpdateUserError::LastAdmin);
        }
        let kept = User { password: stored.password.clone(), last_login: stored.last_login, ..user.clone() };
        self.users.insert(user.id, kept);
        self.record(&deed.entries);
        if !user.active {
            self.end_sessions_of(user.id, None, user.updated_at, EndReason::Disabled);
        }
        Ok(())
    }

    fn change_password(&mut self, change: &PasswordChange) -> PasswordChanged {
        let PasswordChange { user_id, seen, new, session_id, successor, at, entries } = change;
        let (Some(user), Some(session)) = (self.users.get_mut(user_id), self.sessions.get_mut(session_id))
        else {
            return PasswordChanged::SessionEnded;
        };
        if session.user_id != *user_id || !session.is_live(*at) {
            return PasswordChanged::SessionEnded;
        }
        // The step may be carried out twice: the second time there is nothing left to do.
        let done = session.refresh_id == successor.refresh_id;
        if !done {
            if user.password != *seen {
                return PasswordChanged::Stale;
            }
            user.password = new.clone();
            user.version += 1;
            session.renew(*successor, *at);
        }
        let (user, session) = (Box::new(user.clone()), Box::new(session.clone()));
        if !done {
            self.end_sessions_of(*user_id, Some(*session_id), *at, EndReason::PasswordChange);
            self.record(entries);
        }
        PasswordChanged::Done { user, session }
    }

    fn set_password(&mut self, new: &NewPassword) -> Option<Vec<SessionId>> {
        let NewPassword { user_id, hash, at, entry } = new;
        let user = self.users.get_mut(user_id)?;
        let sessions = self.sessions.values().filter(|session| session.user_id == *user_id);
        // The step may be carried out twice: the second time there is nothing left to do.
        if self.audit.contains_key(&entry.id) {
            let ended = sessions
                .filter(|session| session.ended.is_some_and(|end| end.at == *at) && *at < session.expires_at);
            return Some(ended.map(|session| session.id).collect());
        }
        let live: Vec<SessionId> =
            sessions.filter(|session| session.is_live(*at)).map(|session| session.id).collect();
        user.password = hash.clone();
        user.version += 1;
        self.end_sessions_of(*user_id, None, *at, EndReason::PasswordChange);
        self.record(&[new.entry_with(live.len())]);
        Some(live)
    }
}
