//! Logging in.

use super::{Login, Sessions};
use crate::Origin;
use crate::audit::{Action, Deed};
use crate::port::{HasherError, NewSession, Opened, SignError, StoreError, Verdict};
use crate::throttle::TooMany;
use crate::token::Session;
use crate::user::{Email, Password, PasswordHash, User};

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no such account, or the password is wrong: the caller is not told which.
    #[error("the username or the password is wrong")]
    InvalidCredentials,
    /// Too many tries came before.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The password is right, and the account is closed.
    #[error("the account is disabled")]
    AccountDisabled,
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
    /// Opens a session for whoever knows the password. A username that is unknown, or is no address at all, costs
    /// the same time as a known one.
    pub async fn login(
        &self,
        username: &str,
        password: &Password,
        origin: Origin,
    ) -> Result<Login, LoginError> {
        // Neither a throttle nor the store is asked for somebody who is refused all the same.
        self.passwords.require_room(origin.device.address)?;
        let attempt = self.guard.login(username, origin.device.address).await?;
        let login = self.open_session(username, password, origin).await;
        match &login {
            Ok(login) => attempt.succeeded(&login.user).await,
            Err(LoginError::InvalidCredentials) => {}
            Err(_) => attempt.did_not_happen().await,
        }
        login
    }

    async fn open_session(
        &self,
        username: &str,
        password: &Password,
        origin: Origin,
    ) -> Result<Login, LoginError> {
        let user = match Email::parse(username) {
            Ok(address) => self.store.find_by_address(&address).await?,
            Err(_) => None,
        };
        let verdict = self.passwords.verify(password, user.as_ref(), origin.device.address).await?;
        if verdict == Verdict::Wrong {
            return Err(self.refused(user.as_ref(), &origin, LoginError::InvalidCredentials).await);
        }
        let Some(user) = user else { return Err(LoginError::InvalidCredentials) };
        if !user.active {
            return Err(self.refused(Some(&user), &origin, LoginError::AccountDisabled).await);
        }
        let rehashed = self.rehash_if_outdated(password, verdict).await?;
        let now = self.clock.now();
        let entry = self.audit.entry(now, Action::Login, &origin).by(&user).about(&user);
        let session = Session::open(
            self.ids.session(),
            user.id,
            self.successor(),
            now,
            self.rules.refresh_lifetime,
            origin.device,
        );
        let deed = Deed { authority: None, entries: vec![entry.in_session(session.id)] };
        let new = NewSession { session, seen: user.password, rehashed, max_live: self.rules.max_live, deed };
        match self.store.open(&new).await? {
            Opened::Done(user) => Ok(Login { tokens: self.sign_pair(&new.session, &user)?, user: *user }),
            Opened::CredentialChanged => Err(LoginError::InvalidCredentials),
        }
    }

    /// Writes a refusal down. It is as much work for an account as for none, and what was tried as a username is not
    /// written: it may be a password.
    async fn refused(&self, user: Option<&User>, origin: &Origin, refusal: LoginError) -> LoginError {
        let entry = self.audit.entry(self.clock.now(), Action::Login, origin);
        let entry = match user {
            Some(user) => entry.about(user),
            None => entry,
        };
        let why = match refusal {
            LoginError::AccountDisabled => "account_disabled",
            _ => "invalid_credentials",
        };
        match self.audit.refused(entry, why).await {
            Ok(()) => refusal,
            Err(error) => error.into(),
        }
    }

    /// A newer hash for an outdated one, which nobody asked for. Without room to make it, the login goes on; the next one
    /// tries again.
    async fn rehash_if_outdated(
        &self,
        password: &Password,
        verdict: Verdict,
    ) -> Result<Option<PasswordHash>, LoginError> {
        if verdict != Verdict::RightButOutdated {
            return Ok(None);
        }
        match self.passwords.hash(password, None).await {
            Ok(hash) => Ok(Some(hash)),
            Err(HasherError::Overloaded) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
