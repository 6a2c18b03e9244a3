//! In whose name something is done.

use super::AuditEntry;
use crate::Timestamp;
use crate::token::{Session, SessionId};
use crate::user::{Role, User};

/// In whose name something is done, and what is written down of it: both in the same step as the thing itself, so that
/// nobody does what they may no longer do, and nothing is done that is not told of.
///
/// The default is nobody's, and nothing is written down: for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deed {
    /// What is needed for it. `None` where it is nobody's to forbid: a logout, and what an operator does.
    pub authority: Option<Authority>,
    /// What is written down if it is done.
    pub entries: Vec<AuditEntry>,
}

/// A right that somebody had when they were looked up, and must still have when it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Their session must live, and its account be active.
    pub session: SessionId,
    /// The account must be an admin's.
    pub as_admin: bool,
    /// The time at which the session must live.
    pub at: Timestamp,
}

/// Somebody has lost the right meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The session has ended, or its account is gone or closed.
    #[error("the session has ended")]
    SessionEnded,
    /// The account is not an admin's any more.
    #[error("only admins may do this")]
    NotAdmin,
}

impl Authority {
    /// Whether it still holds, by the session and its account as the store has them.
    pub fn check(&self, found: Option<&(Session, User)>) -> Result<(), Denied> {
        let Some((session, user)) = found else { return Err(Denied::SessionEnded) };
        if !(session.is_live(self.at) && user.active) {
            return Err(Denied::SessionEnded);
        }
        if self.as_admin && user.role != Role::Admin { Err(Denied::NotAdmin) } else { Ok(()) }
    }
}
