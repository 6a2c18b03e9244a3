//! The statements that a step consists of, as they are said to `CockroachDB` and `PostgreSQL`.

mod account;
mod audit;
mod session;

use diesel_async::AsyncPgConnection;
use doorward_domain::Timestamp;
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::token::{EndReason, Session, SessionId};
use doorward_domain::user::{User, UserId};
use doorward_sql::Failure;
use doorward_sql::steps::{Account, Transaction};

use crate::sessions;

/// The one row of an answer that was read to its end.
///
/// `get_result` of diesel-async leaves off after the first row, and hears nothing of an error behind it: that the
/// transaction collided with another one, say. No statement of a transaction may be asked that way.
pub(crate) fn only<T>(rows: Vec<T>) -> Option<T> {
    rows.into_iter().next()
}

/// An open transaction.
pub(crate) struct Writing<'a>(&'a mut AsyncPgConnection);

impl<'a> Writing<'a> {
    pub(crate) fn new(connection: &'a mut AsyncPgConnection) -> Self {
        Self(connection)
    }

    /// For what is no step of an account or session.
    pub(crate) fn connection(&mut self) -> &mut AsyncPgConnection {
        self.0
    }
}

impl Transaction for Writing<'_> {
    async fn user(&mut self, id: UserId) -> Result<Option<User>, Failure> {
        account::find(self.0, id).await
    }

    async fn account(
        &mut self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Account>, Failure> {
        account::find_for_login(self.0, user, session, now).await
    }

    async fn session(&mut self, id: SessionId) -> Result<Option<(Session, User)>, Failure> {
        sessions::find_with_user(self.0, id).await
    }

    async fn has_other_admin(&mut self, than: UserId) -> Result<bool, Failure> {
        Ok(account::has_other_admin(self.0, than).await?)
    }

    async fn add_user(&mut self, user: &User) -> Result<bool, Failure> {
        account::add(self.0, user).await
    }

    async fn claim_addresses(&mut self, user: &User) -> Result<bool, Failure> {
        Ok(account::claim_addresses(self.0, user).await?)
    }

    async fn release_addresses(&mut self, user: UserId) -> Result<(), Failure> {
        Ok(account::release_addresses(self.0, user).await?)
    }

    async fn keep_fields(&mut self, user: &User) -> Result<(), Failure> {
        account::keep_fields(self.0, user).await
    }

    async fn keep_credentials(&mut self, user: &User) -> Result<(), Failure> {
        Ok(account::keep_credentials(self.0, user).await?)
    }

    async fn delete_user(&mut self, id: UserId) -> Result<(), Failure> {
        Ok(account::delete(self.0, id).await?)
    }

    async fn add_session(&mut self, session: &Session) -> Result<(), Failure> {
        Ok(session::add(self.0, session).await?)
    }

    async fn keep_session(&mut self, session: &Session) -> Result<(), Failure> {
        Ok(session::keep(self.0, session).await?)
    }

    async fn live_sessions(&mut self, user: UserId, at: Timestamp) -> Result<Vec<SessionId>, Failure> {
        Ok(session::live(self.0, user, at).await?)
    }

    async fn sessions_ended_at(&mut self, user: UserId, at: Timestamp) -> Result<Vec<SessionId>, Failure> {
        Ok(session::ended_at(self.0, user, at).await?)
    }

    async fn is_recorded(&mut self, id: AuditId) -> Result<bool, Failure> {
        Ok(audit::is_there(self.0, id).await?)
    }

    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), Failure> {
        audit::add(self.0, entries).await
    }

    async fn end_sessions(
        &mut self,
        ids: &[SessionId],
        at: Timestamp,
        reason: EndReason,
    ) -> Result<(), Failure> {
        Ok(session::end(self.0, ids, at, reason).await?)
    }

    async fn end_all(
        &mut self,
        user: UserId,
        spared: Option<SessionId>,
        at: Timestamp,
        reason: EndReason,
    ) -> Result<(), Failure> {
        Ok(session::end_all(self.0, user, spared, at, reason).await?)
    }
}
