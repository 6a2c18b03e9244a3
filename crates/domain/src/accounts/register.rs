//! Opening an account.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing::{Instrument as _, info_span};

use super::Accounts;
use crate::Origin;
use crate::audit::Action;
use crate::port::{HasherError, InsertUserError, StoreError, UserFilter};
use crate::user::{Email, Password, PasswordWeakness, Role, User, UserChanges};

/// What somebody opens an account with.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Becomes username and address.
    pub address: Email,
    /// The password.
    pub password: Password,
    /// Own fields to begin with. Neither role nor state is taken from here.
    pub fields: UserChanges,
    /// Where it is opened from.
    pub origin: Origin,
}

impl NewAccount {
    /// An account with nothing but an address and a password.
    pub fn new(address: Email, password: Password) -> Self {
        Self { address, password, fields: UserChanges::default(), origin: Origin::default() }
    }
}

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Only admins' command line opens accounts here.
    #[error("registration is closed")]
    Closed,
    /// Registration has not begun yet.
    #[error("registration has not begun yet")]
    Held,
    /// The password is refused.
    #[error(transparent)]
    Password(#[from] PasswordWeakness),
    /// The address belongs to an account already.
    #[error("the address is taken")]
    AddressTaken,
    /// Hashing failed or has no room.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registration waits as long as this lives.
pub struct RegistrationHold<'a>(&'a AtomicBool);

impl Drop for RegistrationHold<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Accounts {
    /// Lets nobody register until the answer is dropped: nobody else may have the first admin's address.
    pub fn hold_registration(&self) -> RegistrationHold<'_> {
        self.registration_held.store(true, Ordering::Release);
        RegistrationHold(&self.registration_held)
    }

    /// Opens a member's account, if anyone may.
    pub async fn register(&self, new: NewAccount) -> Result<User, RegisterError> {
        async move {
            if !self.rules.registration_open {
                return Err(RegisterError::Closed);
            }
            if self.registration_held.load(Ordering::Acquire) {
                return Err(RegisterError::Held);
            }
            self.open(new, Role::User).await
        }
        .instrument(info_span!("accounts.register"))
        .await
    }

    /// Opens an admin's account, whether or not anyone may register: for the operator's command line.
    pub async fn open_admin(&self, new: NewAccount) -> Result<User, RegisterError> {
        self.open(new, Role::Admin).await
    }

    /// Whether there is an admin who may log in.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        let admins = UserFilter { role: Some(Role::Admin), active: Some(true), ..UserFilter::default() };
        Ok(self.store.count(&admins).await? > 0)
    }

    async fn open(&self, new: NewAccount, role: Role) -> Result<User, RegisterError> {
        let NewAccount { address, password, fields, origin } = new;
        let email = fields.email.as_ref().unwrap_or(&address);
        self.passwords.check(&password, &[&address, email])?;
        let hash = self.passwords.hash(&password, origin.device.address).await?;
        let now = self.clock.now();
        let mut user = User::open(self.ids.user(), address, hash, now);
        UserChanges { role: Some(role), active: None, ..fields }.apply(&mut user);
        let entry =
            self.audit.entry(now, Action::Register, &origin).about(&user).noting("role", role.as_str());
        self.store.insert(&user, &[entry]).await?;
        Ok(user)
    }
}

impl From<InsertUserError> for RegisterError {
    fn from(error: InsertUserError) -> Self {
        match error {
            InsertUserError::AddressTaken => Self::AddressTaken,
            InsertUserError::Store(error) => Self::Store(error),
        }
    }
}
