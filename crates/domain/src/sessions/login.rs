//! Logging in.

use tracing::{Instrument as _, info_span};

use super::{Login, Sessions};
use crate::Origin;
use crate::audit::Action;
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
        async move {
            // Neither a throttle nor the store is asked for somebody who is refused all the same.
            self.passwords.require_room(origin.device.address)?;
            let attempt = self.guard.login(username, origin.device.address).await?;
            let (user, verdict) = match self.compare(username, password, &origin).await {
                Ok(compared) => compared,
                Err(error) => {
                    attempt.did_not_happen().await;
                    return Err(error);
                }
            };
            let user = match user {
                Some(user) if verdict != Verdict::Wrong => user,
                user => {
                    attempt.was_wrong();
                    self.refused(user.as_ref(), &origin, "invalid_credentials").await?;
                    return Err(LoginError::InvalidCredentials);
                }
            };
            let login = self.open_session(user, password, verdict, origin).await;
            match &login {
                Ok(login) => attempt.succeeded(&login.user).await,
                Err(LoginError::InvalidCredentials) => attempt.was_wrong(),
                Err(_) => attempt.did_not_happen().await,
            }
            login
        }
        .instrument(info_span!("sessions.login"))
        .await
    }

    /// Who is meant, and whether it is their password. There is as much to do where nobody is.
    async fn compare(
        &self,
        username: &str,
        password: &Password,
        origin: &Origin,
    ) -> Result<(Option<User>, Verdict), LoginError> {
        let user = match Email::parse(username) {
            Ok(address) => self.store.find_by_address(&address).await?,
            Err(_) => None,
        };
        let verdict = self.passwords.verify(password, user.as_ref(), origin.device.address).await?;
        Ok((user, verdict))
    }

    async fn open_session(
        &self,
        user: User,
        password: &Password,
        verdict: Verdict,
        origin: Origin,
    ) -> Result<Login, LoginError> {
        if !user.active {
            self.refused(Some(&user), &origin, "account_disabled").await?;
            return Err(LoginError::AccountDisabled);
        }
        let rehashed = self.rehash_if_outdated(password, verdict, &origin).await?;
        let now = self.clock.now();
        let entry = self.audit.entry(now, Action::Login, &origin).by(&user).about(&user);
        let session = Session::open(
            self.ids.session(),
            user.id,
            self.successor(),
            now,
            self.rules.refresh_lifetime,
            origin.device.clone(),
        );
        let entries = vec![entry.in_session(session.id)];
        let seen = user.password.clone();
        let new = NewSession { session, seen, rehashed, max_live: self.rules.max_live, entries };
        match self.store.open(&new).await? {
            Opened::Done(user) => Ok(Login { tokens: self.sign_pair(&new.session, &user)?, user: *user }),
            Opened::CredentialChanged => {
                self.refused(Some(&user), &origin, "credential_changed").await?;
                Err(LoginError::InvalidCredentials)
            }
        }
    }

    /// Writes a refusal down. It is as much work for an account as for none, and what was tried as a username is not
    /// written: it may be a password.
    async fn refused(&self, user: Option<&User>, origin: &Origin, why: &str) -> Result<(), StoreError> {
        let entry = self.audit.entry(self.clock.now(), Action::Login, origin);
        let entry = match user {
            Some(user) => entry.about(user),
            None => entry,
        };
        self.audit.refused(entry, why).await
    }

    /// A newer hash for an outdated one, which nobody asked for. Without room to make it, the login goes on; the next one
    /// tries again.
    async fn rehash_if_outdated(
        &self,
        password: &Password,
        verdict: Verdict,
        origin: &Origin,
    ) -> Result<Option<PasswordHash>, LoginError> {
        if verdict != Verdict::RightButOutdated {
            return Ok(None);
        }
        match self.passwords.hash(password, origin.device.address).await {
            Ok(hash) => Ok(Some(hash)),
            Err(HasherError::Overloaded) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
