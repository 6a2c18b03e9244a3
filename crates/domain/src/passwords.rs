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

impl Passwords {
    /// Joins rules and ports.
    pub fn new(
        hasher: Arc<dyn PasswordHasher>,
        common: Arc<dyn CommonPasswords>,
        rules: PasswordRules,
    ) -> Self {
        Self { hasher, common, rules }
    }

    /// Whether the rules accept a new password for somebody with these addresses. Costs nothing worth a queue.
    pub(crate) fn check(&self, password: &Password, addresses: &[&Email]) -> Result<(), PasswordWeakness> {
        self.rules.check(password, addresses)?;
        if self.common.contains(password) { Err(PasswordWeakness::Common) } else { Ok(()) }
    }

    /// Hashes with the scheme and cost in force.
    pub(crate) async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        self.hasher.hash(password).await
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
}
