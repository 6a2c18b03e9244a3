//! Where sessions are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::Timestamp;
use crate::token::{EndReason, Rotation, RotationLimits, Session, SessionId, Successor, TokenId};
use crate::user::{PasswordHash, User};

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
    async fn rotate(
        &self,
        id: SessionId,
        presented: TokenId,
        successor: Successor,
        now: Timestamp,
        limits: RotationLimits,
    ) -> Result<Option<Rotated>, StoreError>;
    /// Ends a session; a second end changes nothing.
    async fn end(&self, id: SessionId, reason: EndReason, now: Timestamp) -> Result<(), StoreError>;
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
