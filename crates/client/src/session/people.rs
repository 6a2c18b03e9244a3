//! Other people, and what was done to them. A username is the name or the e-mail address, in any letter case.

use super::Session;
use crate::answers::{AuditEntry, Deleted, Ended, Page, User, UserEntry};
use crate::error::Error;
use crate::requests::{AuditFilter, UserFilter, UserUpdate};
use crate::routes;
use crate::walk::Walk;
use crate::wire::Ask;

impl Session {
    /// A page of all users.
    pub async fn users(&self, filter: &UserFilter) -> Result<Page<UserEntry>, Error> {
        self.page(Ask::new(routes::USERS).query(filter.query())).await
    }

    /// All users, one after another.
    pub fn walk_users(&self, filter: &UserFilter) -> Walk<UserEntry> {
        Walk::new(self.clone(), routes::USERS, filter.query())
    }

    /// A page of the users who logged in lately and are still logged in.
    pub async fn active_users(&self, filter: &UserFilter) -> Result<Page<UserEntry>, Error> {
        self.page(Ask::new(routes::ACTIVE_USERS).query(filter.query())).await
    }

    /// The users who logged in lately and are still logged in, one after another.
    pub fn walk_active_users(&self, filter: &UserFilter) -> Walk<UserEntry> {
        Walk::new(self.clone(), routes::ACTIVE_USERS, filter.query())
    }

    /// A user, for the user and for admins.
    pub async fn user(&self, username: &str) -> Result<User, Error> {
        self.results(Ask::new(routes::USER).named(username)).await
    }

    /// Changes a user, for the user and for admins.
    pub async fn update_user(&self, username: &str, update: impl Into<UserUpdate>) -> Result<User, Error> {
        self.results(Ask::new(routes::UPDATE_USER).named(username).body(update.into().body())).await
    }

    /// Deletes a user, for admins; the name that is free again.
    pub async fn delete_user(&self, username: &str) -> Result<String, Error> {
        let deleted: Deleted = self.results(Ask::new(routes::DELETE_USER).named(username)).await?;
        Ok(deleted.deleted_username)
    }

    /// Logs somebody out everywhere, for admins; how many sessions ended.
    pub async fn end_sessions_of(&self, username: &str) -> Result<u64, Error> {
        let ask = Ask::new(routes::END_SESSIONS_OF).named(username);
        self.results(ask).await.map(|Ended { ended }| ended)
    }

    /// A page of the audit log, the newest entry first; for admins.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Page<AuditEntry>, Error> {
        self.page(Ask::new(routes::AUDIT).query(filter.query())).await
    }

    /// The audit log, one entry after another; for admins.
    pub fn walk_audit(&self, filter: &AuditFilter) -> Walk<AuditEntry> {
        Walk::new(self.clone(), routes::AUDIT, filter.query())
    }
}
