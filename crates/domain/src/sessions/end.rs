//! Ending sessions: the own one, others of one's own, and those of somebody else.

use tracing::{Instrument as _, info_span};

use super::{Caller, Sessions};
use crate::Timestamp;
use crate::audit::{Action, Deed, Denied};
use crate::port::{EndSessionsError, Ending, StoreError, Which};
use crate::token::{Claims, EndReason, SessionId};
use crate::user::{Email, Role, User};

/// Why no session was ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// Only admins end sessions of others.
    #[error("only admins may do this")]
    Forbidden,
    /// The session that asks ended meanwhile.
    #[error("the session has ended")]
    SessionEnded,
    /// There is no such account.
    #[error("no such account")]
    UserNotFound,
    /// The account has no such live session.
    #[error("no such session")]
    SessionNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Ends the caller's session: its access and refresh tokens stop working at once. One that has ended meanwhile is
    /// no error: it has ended.
    pub async fn logout(&self, caller: &Caller) -> Result<(), StoreError> {
        async move {
            let own = Which::One(caller.session.id);
            match self.end(caller, &caller.user, own, Action::Logout, false).await {
                Ok(_) | Err(EndSessionsError::Denied(_)) => Ok(()),
                Err(EndSessionsError::Store(error)) => Err(error),
            }
        }
        .instrument(info_span!("sessions.logout"))
        .await
    }

    /// Ends one session of the caller's, this one or another.
    pub async fn end_own(&self, caller: &Caller, session: SessionId) -> Result<(), EndError> {
        async move {
            let which = Which::One(session);
            let ended = self.end(caller, &caller.user, which, Action::EndSessions, true).await?;
            if ended.is_empty() { Err(EndError::SessionNotFound) } else { Ok(()) }
        }
        .instrument(info_span!("sessions.end_own"))
        .await
    }

    /// Ends every session of the caller's but this one; answers how many.
    pub async fn end_others(&self, caller: &Caller) -> Result<usize, EndError> {
        async move {
            let which = Which::Others(caller.session.id);
            Ok(self.end(caller, &caller.user, which, Action::EndSessions, true).await?.len())
        }
        .instrument(info_span!("sessions.end_others"))
        .await
    }

    /// Ends every session of the caller's; answers how many.
    pub async fn end_all(&self, caller: &Caller) -> Result<usize, EndError> {
        async move { Ok(self.end(caller, &caller.user, Which::All, Action::EndSessions, true).await?.len()) }
            .instrument(info_span!("sessions.end_all"))
            .await
    }

    /// Ends every session of the account that `address` names, for admins; answers how many.
    pub async fn end_all_of(&self, caller: &Caller, address: &Email) -> Result<usize, EndError> {
        async move {
            if caller.user.role != Role::Admin {
                return Err(EndError::Forbidden);
            }
            let user = self.store.find_by_address(address).await?.ok_or(EndError::UserNotFound)?;
            Ok(self.end(caller, &user, Which::All, Action::EndSessions, true).await?.len())
        }
        .instrument(info_span!("sessions.end_all_of"))
        .await
    }

    /// Ends every session of the account that `address` names, for an operator at the command line; answers how many.
    pub async fn end_all_as_operator(&self, address: &Email) -> Result<usize, EndError> {
        let user = self.store.find_by_address(address).await?.ok_or(EndError::UserNotFound)?;
        let now = self.clock.now();
        let entry = self.audit.by_operator(now, Action::EndSessions).about(&user);
        let entry = entry.noting("sessions", named(Which::All));
        let deed = Deed { authority: None, entries: vec![entry] };
        Ok(self.carry_out(&user, Which::All, now, deed, None).await?.len())
    }

    async fn end(
        &self,
        caller: &Caller,
        user: &User,
        which: Which,
        action: Action,
        needs_session: bool,
    ) -> Result<Vec<SessionId>, EndSessionsError> {
        let now = self.clock.now();
        let entry = self.audit.by(caller, now, action).about(user).noting("sessions", named(which));
        let authority = needs_session.then(|| caller.authority(now, user.id != caller.user.id));
        let deed = Deed { authority, entries: vec![entry] };
        self.carry_out(user, which, now, deed, Some(&caller.claims)).await
    }

    async fn carry_out(
        &self,
        user: &User,
        which: Which,
        at: Timestamp,
        deed: Deed,
        token: Option<&Claims>,
    ) -> Result<Vec<SessionId>, EndSessionsError> {
        let ending = Ending { user: user.id, which, reason: EndReason::Logout, at, deed };
        // No access token of a session lives longer than one that is made now.
        let until = at.plus(self.rules.access_lifetime);
        self.store.end(ending, token, until).await
    }
}

fn named(which: Which) -> String {
    match which {
        Which::One(session) => session.to_string(),
        Which::Others(_) => "others".to_owned(),
        Which::All => "all".to_owned(),
    }
}

impl From<EndSessionsError> for EndError {
    fn from(error: EndSessionsError) -> Self {
        match error {
            EndSessionsError::Denied(Denied::SessionEnded) => Self::SessionEnded,
            EndSessionsError::Denied(Denied::NotAdmin) => Self::Forbidden,
            EndSessionsError::Store(error) => Self::Store(error),
        }
    }
}
