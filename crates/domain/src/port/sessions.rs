//! Where sessions are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::Timestamp;
use crate::audit::{AuditEntry, Deed, Denied};
use crate::token::{EndReason, Rotation, RotationLimits, Session, SessionId, Successor, TokenId};
use crate::user::{PasswordHash, User, UserId};

/// Keeps sessions: what is not here, or has ended here, is not valid.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Adds the session of a login that has just been proved, notes the login on the account, replaces the hash if a
    /// new one is given, and ends the oldest live sessions beyond `max_live`, in one step.
    /// MUST answer [`Opened::CredentialChanged`], and write nothing, when the account is gone or inactive or its hash
    /// is no longer the one the password was checked against.
    async fn open(&self, new: &NewSession) -> Result<Opened, StoreError>;
    /// The session and its account, if the session is live now and the account active.
    async fn find_live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError>;
    /// Carries out [`Session::rotate`] and keeps what it changed, in one step: of two that show the same token at
    /// once, one rotates and the other replays. `None` when there is no such session.
    /// Where it ends because its token was used again, `reuse` MUST be in the audit log in the same step, as an entry
    /// about the session and its account.
    async fn rotate(
        &self,
        id: SessionId,
        presented: TokenId,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
        reuse: &AuditEntry,
    ) -> Result<Option<Rotated>, StoreError>;
    /// Ends sessions of one account; answers which. One that has ended stays as it is, and one of somebody else is not
    /// touched. Where there is none to end nothing is written down.
    async fn end(&self, ending: &Ending) -> Result<Vec<SessionId>, EndSessionsError>;
    /// The live sessions of an account, the newest first.
    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;
    /// At most `limit` sessions that ended at `since` or later, by when they ended and then by identifier, and of these
    /// only what comes after `after`. Those that are no longer remembered are left out.
    async fn list_ended(
        &self,
        since: Timestamp,
        after: Option<EndedSession>,
        limit: usize,
    ) -> Result<Vec<EndedSession>, StoreError>;
}

/// A session to add.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session.
    pub session: Session,
    /// The hash that the password was checked against.
    pub seen: PasswordHash,
    /// A hash of the same password by a newer scheme or cost.
    pub rehashed: Option<PasswordHash>,
    /// Most live sessions of the account, this one included.
    pub max_live: usize,
    /// What is written down if it is added.
    pub entries: Vec<AuditEntry>,
}

impl NewSession {
    /// What is written down, once it is known which sessions had to make room.
    pub fn entries_with(&self, ended: &[SessionId]) -> Vec<AuditEntry> {
        let ended: Vec<String> = ended.iter().map(ToString::to_string).collect();
        let noted = |entry: &AuditEntry| match ended.as_slice() {
            [] => entry.clone(),
            ended => entry.clone().noting("ended", ended.join(" ")),
        };
        self.entries.iter().map(noted).collect()
    }
}

/// Sessions to end.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Whose.
    pub user: UserId,
    /// Which of them.
    pub which: Which,
    /// Why.
    pub reason: EndReason,
    /// Now.
    pub at: Timestamp,
    /// In whose name, and what is written down of it.
    pub deed: Deed,
}

impl Ending {
    /// What is written down, once it is known how many ended.
    pub fn entries_with(&self, count: usize) -> Vec<AuditEntry> {
        let noted = |entry: &AuditEntry| match self.which {
            Which::One(_) => entry.clone(),
            Which::Others(_) | Which::All => entry.clone().noting("count", count.to_string()),
        };
        self.deed.entries.iter().map(noted).collect()
    }
}

/// Which sessions of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(SessionId),
    /// Every one but this.
    Others(SessionId),
    /// Every one.
    All,
}

impl Which {
    /// Whether a session is one of them.
    pub fn includes(self, id: SessionId) -> bool {
        match self {
            Self::One(one) => one == id,
            Self::Others(spared) => spared != id,
            Self::All => true,
        }
    }
}

/// Why no session was ended.
#[derive(Debug, thiserror::Error)]
pub enum EndSessionsError {
    /// Whoever asks has lost the right meanwhile.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What adding a session led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Opened {
    /// It was added; this is the account afterwards.
    Done(Box<User>),
    /// The account is not what it was when the password was checked.
    CredentialChanged,
}

/// A live session and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// The account, as it is now.
    pub user: User,
}

/// A session that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndedSession {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub id: SessionId,
}

/// What showing a refresh token led to, and how things stand afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotated {
    /// What happened.
    pub rotation: Rotation,
    /// The session afterwards.
    pub session: Session,
    /// The account, as it is now.
    pub user: User,
}
