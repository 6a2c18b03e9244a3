//! The statements that a step consists of, as `SQLite` carries them out: at once, on the writer's thread.

mod account;
mod audit;
mod expired;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use audit::add as record;

use diesel::SqliteConnection;
use doorward_domain::Timestamp;
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::token::{EndReason, Session, SessionId};
use doorward_domain::user::{User, UserId};
use doorward_sql::Failure;
use doorward_sql::steps::{Account, Transaction};

use crate::{sessions, users};

/// The transaction of the batch that a step is in.
pub(crate) struct Writing<'a>(&'a mut SqliteConnection);

/// Carries a step out. Nothing in it ever waits, so it is done when it is first asked.
pub(crate) fn carry_out<T>(connection: &mut SqliteConnection, step: impl AsyncFnOnce(Writing<'_>) -> T) -> T {
    futures_executor::block_on(step(Writing(connection)))
}

impl Transaction for Writing<'_> {
    async fn user(&mut self, id: UserId) -> Result<Option<User>, Failure> {
        users::find(self.0, id)
    }

    async fn account(
        &mut self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Account>, Failure> {
        account::find(self.0, user, session, now)
    }

    async fn session(&mut self, id: SessionId) -> Result<Option<(Session, User)>, Failure> {
        sessions::find_with_user(self.0, id)
    }

    async fn has_other_admin(&mut self, than: UserId) -> Result<bool, Failure> {
        Ok(account::has_other_admin(self.0, than)?)
    }

    async fn add_user(&mut self, user: &User) -> Result<bool, Failure> {
        account::add(self.0, user)
    }

    async fn claim_addresses(&mut self, user: &User) -> Result<bool, Failure> {
        Ok(account::claim_addresses(self.0, user)?)
    }

    async fn release_addresses(&mut self, user: UserId) -> Result<(), Failure> {
        Ok(account::release_addresses(self.0, user)?)
    }

    async fn keep_fields(&mut self, user: &User) -> Result<(), Failure> {
        account::keep_fields(self.0, user)
    }

    async fn keep_credentials(&mut self, user: &User) -> Result<(), Failure> {
        Ok(account::keep_credentials(self.0, user)?)
    }

    async fn delete_user(&mut self, id: UserId) -> Result<(), Failure> {
        Ok(account::delete(self.0, id)?)
    }

    async fn add_session(&mut self, session: &Session) -> Result<(), Failure> {
        session::add(self.0, session)?;
        Ok(expired::clear_out(self.0, session.created_at)?)
    }

    async fn keep_session(&mut self, session: &Session) -> Result<(), Failure> {
        Ok(session::keep(self.0, session)?)
    }

    async fn live_sessions(&mut self, user: UserId, at: Timestamp) -> Result<Vec<SessionId>, Failure> {
        Ok(session::live(self.0, user, at)?)
    }

    async fn sessions_ended_at(&mut self, user: UserId, at: Timestamp) -> Result<Vec<SessionId>, Failure> {
        Ok(session::ended_at(self.0, user, at)?)
    }

    async fn is_recorded(&mut self, id: AuditId) -> Result<bool, Failure> {
        Ok(audit::is_there(self.0, id)?)
    }

    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), Failure> {
        audit::add(self.0, entries)
    }

    async fn end_sessions(
        &mut self,
        ids: &[SessionId],
        at: Timestamp,
        reason: EndReason,
    ) -> Result<(), Failure> {
        Ok(ids.iter().try_for_each(|id| session::end(self.0, *id, at, reason))?)
    }

    async fn end_all(
        &mut self,
        user: UserId,
        spared: Option<SessionId>,
        at: Timestamp,
        reason: EndReason,
    ) -> Result<(), Failure> {
        Ok(session::end_all(self.0, user, spared, at, reason)?)
    }
}
