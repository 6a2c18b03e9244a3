//! What can be said inside of a transaction: a statement a method, or a few that go together.

use doorward_domain::Timestamp;
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_domain::token::{EndReason, Session, SessionId};
use doorward_domain::user::{User, UserId};

use crate::error::Failure;

/// An account as a login finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The account.
    pub user: User,
    /// Whether the session of this login is there already.
    pub has_session: bool,
    /// The other sessions that are live, oldest first.
    pub live: Vec<SessionId>,
}

/// An open transaction. Nobody else sees what is written before it is whole, and nothing that was read has changed by
/// then: both databases run it `SERIALIZABLE`.
pub trait Transaction: Send {
    /// An account that is about to be changed.
    fn user(&mut self, id: UserId) -> impl Future<Output = Result<Option<User>, Failure>> + Send;

    /// An account, whether it has the session, and which other ones are live at `now`.
    fn account(
        &mut self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Account>, Failure>> + Send;

    /// A session, live or not, and its account.
    fn session(
        &mut self,
        id: SessionId,
    ) -> impl Future<Output = Result<Option<(Session, User)>, Failure>> + Send;

    /// Whether there is an active admin beside this account.
    fn has_other_admin(&mut self, than: UserId) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Adds an account without its addresses; `false` where one with this identifier is there.
    fn add_user(&mut self, user: &User) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Takes the account's addresses; `false` where one of them is somebody else's. Then the transaction MUST be
    /// rolled back.
    fn claim_addresses(&mut self, user: &User) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Gives the account's addresses back.
    fn release_addresses(&mut self, user: UserId) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Stores what an update may change.
    fn keep_fields(&mut self, user: &User) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Stores what an update does not: the password and the last login, and that there was a change.
    fn keep_credentials(&mut self, user: &User) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Removes an account, its addresses and its sessions.
    fn delete_user(&mut self, id: UserId) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Adds a session.
    fn add_session(&mut self, session: &Session) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Stores a session that is there already as it is now.
    fn keep_session(&mut self, session: &Session) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The sessions of an account that are live at `at`, oldest first.
    fn live_sessions(
        &mut self,
        user: UserId,
        at: Timestamp,
    ) -> impl Future<Output = Result<Vec<SessionId>, Failure>> + Send;

    /// The sessions of an account that ended at just that moment and would be live then, oldest first.
    fn sessions_ended_at(
        &mut self,
        user: UserId,
        at: Timestamp,
    ) -> impl Future<Output = Result<Vec<SessionId>, Failure>> + Send;

    /// Whether the audit log has this entry.
    fn is_recorded(&mut self, id: AuditId) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Adds entries to the audit log; one that is there already stays as it is.
    fn record(&mut self, entries: &[AuditEntry]) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Ends these sessions. The first end counts, here and below: one that has ended is not touched.
    fn end_sessions(
        &mut self,
        ids: &[SessionId],
        at: Timestamp,
        reason: EndReason,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Ends every session of an account but the one that is spared.
    fn end_all(
        &mut self,
        user: UserId,
        spared: Option<SessionId>,
        at: Timestamp,
        reason: EndReason,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}
