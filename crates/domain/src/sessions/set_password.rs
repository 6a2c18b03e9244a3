//! The password of somebody who has forgotten it. Nobody can prove an address here, because there is no mail: it is set by
//! an operator, who has the database and knows who is asking.

use super::Sessions;
use crate::audit::Action;
use crate::port::{HasherError, NewPassword, StoreError};
use crate::user::{Email, Password, PasswordWeakness, User};

/// Why no password was set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// There is no such account.
    #[error("no such account")]
    UserNotFound,
    /// The password is refused.
    #[error(transparent)]
    Weak(#[from] PasswordWeakness),
    /// Hashing failed or has no room.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// The store failed: the password may be set.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A password that was set.
#[derive(Clone, Debug)]
pub struct PasswordSet {
    /// Whose: the account as it was before. One that was closed still is.
    pub user: User,
    /// How many sessions ended.
    pub ended: usize,
}

impl Sessions {
    /// Replaces the password of the account that `address` names, for an operator at the command line. Every session of
    /// the account ends: whoever had the password before may have been somebody else.
    pub async fn set_password_as_operator(
        &self,
        address: &Email,
        password: &Password,
    ) -> Result<PasswordSet, SetPasswordError> {
        let user = self.store.find_by_address(address).await?.ok_or(SetPasswordError::UserNotFound)?;
        self.passwords.check(password, &[&user.username, &user.email])?;
        let hash = self.passwords.hash(password, None).await?;
        let at = self.clock.now();
        let entry = self.audit.by_operator(at, Action::ChangePassword).about(&user).noting("sessions", "all");
        let new = NewPassword { user_id: user.id, hash, at, entry };
        // No access token of a session lives longer than one that is made now.
        let until = at.plus(self.rules.access_lifetime);
        let ended = self.store.set_password(new, until).await?.ok_or(SetPasswordError::UserNotFound)?;
        Ok(PasswordSet { user, ended: ended.len() })
    }
}
