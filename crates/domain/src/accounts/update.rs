//! Changing an account's fields.

use super::{Accounts, may_have, may_touch};
use crate::port::{HasherError, StoreError, UpdateUserError, Verdict};
use crate::throttle::TooMany;
use crate::user::{Email, Password, Role, User, UserChanges};

/// How often a change is tried again on what somebody else made of the account meanwhile. Enough for an admin to get
/// through while the owner changes the account as fast as a connection carries it.
const ATTEMPTS: usize = 256;

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It is somebody else's, or nobody's, or the change is for admins.
    #[error("only the owner and admins may do this")]
    Forbidden,
    /// There is no such account.
    #[error("no such account")]
    NotFound,
    /// Changing the own address needs the current password.
    #[error("changing the address needs the current password")]
    PasswordRequired,
    /// The current password given is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Too many wrong ones came before.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The new address belongs to another account.
    #[error("the address is taken")]
    AddressTaken,
    /// No active admin would remain.
    #[error("the last admin must remain")]
    LastAdmin,
    /// Others kept changing the account.
    #[error("the account keeps being changed by others")]
    Busy,
    /// Hashing failed or has no room.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Changes the account that `address` names, for its owner or an admin. Role and state are for admins; the own
    /// address changes only with the current password. Two changes at once both count.
    pub async fn update(
        &self,
        caller: &User,
        address: &Email,
        changes: UserChanges,
        current_password: Option<&Password>,
    ) -> Result<User, UpdateError> {
        let for_admins = changes.role.is_some() || changes.active.is_some();
        if !may_touch(caller, address) || (for_admins && caller.role != Role::Admin) {
            return Err(UpdateError::Forbidden);
        }
        let user = self.store.find_by_address(address).await?.ok_or(UpdateError::NotFound)?;
        if !may_have(caller, &user) {
            return Err(UpdateError::Forbidden);
        }
        let needs_proof =
            user.id == caller.id && changes.email.as_ref().is_some_and(|email| *email != user.email);
        if needs_proof {
            self.prove(&user, current_password).await?;
        }
        self.write(user, changes, needs_proof).await
    }

    async fn prove(&self, user: &User, password: Option<&Password>) -> Result<(), UpdateError> {
        let password = password.ok_or(UpdateError::PasswordRequired)?;
        let attempt = self.guard.proof(user.id).await?;
        let verdict = self.passwords.verify(password, Some(user), None).await;
        attempt.ended(&verdict).await;
        match verdict? {
            Verdict::Right | Verdict::RightButOutdated => Ok(()),
            Verdict::Wrong => Err(UpdateError::WrongPassword),
        }
    }

    async fn write(
        &self,
        mut user: User,
        changes: UserChanges,
        is_proved: bool,
    ) -> Result<User, UpdateError> {
        let proved = user.password.clone();
        for _ in 0..ATTEMPTS {
            // Whoever proved a password that has been replaced meanwhile has proved nothing.
            if is_proved && user.password != proved {
                return Err(UpdateError::WrongPassword);
            }
            changes.clone().apply(&mut user);
            user.version = user.version.saturating_add(1);
            user.updated_at = self.clock.now().max(user.updated_at);
            match self.store.update(&user).await {
                Ok(()) => return Ok(user),
                Err(UpdateUserError::Stale) => {
                    user = self.store.find(user.id).await?.ok_or(UpdateError::NotFound)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(UpdateError::Busy)
    }
}

impl From<UpdateUserError> for UpdateError {
    fn from(error: UpdateUserError) -> Self {
        match error {
            UpdateUserError::NotFound => Self::NotFound,
            UpdateUserError::Stale => Self::Busy,
            UpdateUserError::AddressTaken => Self::AddressTaken,
            UpdateUserError::LastAdmin => Self::LastAdmin,
            UpdateUserError::Store(error) => Self::Store(error),
        }
    }
}
