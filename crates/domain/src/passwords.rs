//! The one place where a password is accepted, hashed and compared.

use std::sync::Arc;

use crate::port::{CommonPasswords, HasherError, PasswordHasher, Verdict};
use crate::user::{Email, Password, PasswordHash, PasswordRules, PasswordWeakness, User};

/// The rules for new passwords together with the ports that carry them out.
#[derive(Clone)]
pub struct Passwords {
    hasher: Arc<dyn PasswordHasher>,
    common: Arc<dyn CommonPasswords>,
    rules: PasswordRules,
}

/// Why a new password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum NewPasswordError {
    /// The rules refuse it.
    #[error(transparent)]
    Weak(#[from] PasswordWeakness),
    /// It could not be hashed.
    #[error(transparent)]
    Hasher(#[from] HasherError),
}

impl Passwords {
    /// Joins rules and ports.
    pub fn new(
        hasher: Arc<dyn PasswordHasher>,
        common: Arc<dyn CommonPasswords>,
        rules: PasswordRules,
    ) -> Self {
        Self { hasher, common, rules }
    }

    /// Hashes a new password for somebody with these addresses, if the rules accept it.
    pub(crate) async fn accept(
        &self,
        password: &Password,
        addresses: &[&Email],
    ) -> Result<PasswordHash, NewPasswordError> {
        self.rules.check(password, addresses)?;
        if self.common.contains(password) {
            return Err(PasswordWeakness::Common.into());
        }
        Ok(self.hasher.hash(password).await?)
    }

    /// Compares with the password of `user`; the same work is done where there is nobody.
    pub(crate) async fn verify(
        &self,
        password: &Password,
        user: Option<&User>,
    ) -> Result<Verdict, HasherError> {
        match user {
            Some(user) => self.hasher.verify(password, &user.password).await,
            None => self.hasher.verify_nobody(password).await.map(|()| Verdict::Wrong),
        }
    }

    /// Hashes a password that is in use already with the scheme and cost in force.
    pub(crate) async fn rehash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        self.hasher.hash(password).await
    }
}
