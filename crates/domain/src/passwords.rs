//! The one place where a password is accepted, hashed and compared.

use std::net::IpAddr;
use std::sync::Arc;

use tracing::{Instrument as _, info_span};

use crate::port::{CommonPasswords, HasherError, PasswordHasher, Verdict};
use crate::throttle::Network;
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

    /// Whether a hash from elsewhere could be compared with.
    pub(crate) fn can_read(&self, hash: &PasswordHash) -> bool {
        self.hasher.can_read(hash)
    }

    /// Fails where there is no room to compare a password for somebody at this address.
    pub(crate) fn require_room(&self, from: Option<IpAddr>) -> Result<(), HasherError> {
        if self.hasher.has_room(from.map(Network::from)) { Ok(()) } else { Err(HasherError::Overloaded) }
    }

    /// Hashes with the scheme and cost in force, for somebody at this address.
    pub(crate) async fn hash(
        &self,
        password: &Password,
        from: Option<IpAddr>,
    ) -> Result<PasswordHash, HasherError> {
        async move { self.hasher.hash(password, from.map(Network::from)).await }
            .instrument(info_span!("passwords.hash"))
            .await
    }

    /// Compares with the password of `user`; the same work is done where there is nobody.
    pub(crate) async fn verify(
        &self,
        password: &Password,
        user: Option<&User>,
        from: Option<IpAddr>,
    ) -> Result<Verdict, HasherError> {
        async move {
            let from = from.map(Network::from);
            match user {
                Some(user) => self.hasher.verify(password, &user.password, from).await,
                None => self.hasher.verify_nobody(password, from).await.map(|()| Verdict::Wrong),
            }
        }
        .instrument(info_span!("passwords.verify"))
        .await
    }
}
