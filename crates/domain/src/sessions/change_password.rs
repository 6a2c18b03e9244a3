//! Changing the own password.

use tracing::{Instrument as _, info_span};

use super::{Caller, Login, Sessions};
use crate::audit::Action;
use crate::port::{HasherError, PasswordChange, PasswordChanged, SignError, StoreError, Verdict};
use crate::throttle::TooMany;
use crate::user::{Password, PasswordWeakness};

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password given is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Too many wrong ones came before.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The new password is refused.
    #[error(transparent)]
    Weak(#[from] PasswordWeakness),
    /// The password was changed by somebody else meanwhile.
    #[error("the password was changed meanwhile")]
    Stale,
    /// The session ended meanwhile.
    #[error("the session has ended")]
    SessionEnded,
    /// Hashing failed or has no room.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Replaces the caller's password. Every other session ends; the caller's own goes on with a new pair, and the
    /// refresh token it had is spent without a replay.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: &Password,
        new: &Password,
    ) -> Result<Login, ChangePasswordError> {
        async move {
            let user = &caller.user;
            let from = caller.origin.device.address;
            self.passwords.check(new, &[&user.username, &user.email])?;
            self.passwords.require_room(from)?;
            let attempt = self.guard.proof(user.id).await?;
            let verdict = self.passwords.verify(current, Some(user), from).await;
            attempt.ended(&verdict).await;
            if verdict? == Verdict::Wrong {
                self.change_refused(caller, "wrong_password").await?;
                return Err(ChangePasswordError::WrongPassword);
            }
            let hash = self.passwords.hash(new, from).await?;
            let now = self.clock.now();
            let entry = self.audit.by(caller, now, Action::ChangePassword).about(user);
            let change = PasswordChange {
                user_id: user.id,
                seen: user.password.clone(),
                new: hash,
                session_id: caller.session.id,
                successor: self.successor(),
                at: now,
                entries: vec![entry],
            };
            match self.store.change_password(&change).await? {
                PasswordChanged::Done { user, session } => {
                    Ok(Login { tokens: self.sign_pair(&session, &user)?, user: *user })
                }
                PasswordChanged::Stale => {
                    self.change_refused(caller, "credential_changed").await?;
                    Err(ChangePasswordError::Stale)
                }
                PasswordChanged::SessionEnded => {
                    self.change_refused(caller, "session_ended").await?;
                    Err(ChangePasswordError::SessionEnded)
                }
            }
        }
        .instrument(info_span!("sessions.change_password"))
        .await
    }

    async fn change_refused(&self, caller: &Caller, why: &str) -> Result<(), StoreError> {
        let entry = self.audit.by(caller, self.clock.now(), Action::ChangePassword).about(&caller.user);
        self.audit.refused(entry, why).await
    }
}
