//! Password hashing without the waiting, and without the safety.

use async_trait::async_trait;
use doorward_domain::port::{HasherError, PasswordHasher, Verdict};
use doorward_domain::throttle::Network;
use doorward_domain::user::{HashScheme, Password, PasswordHash};

/// Marks the password as hashed and leaves it readable.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainPasswords;

const MARK: &str = "plain:";

impl PlainPasswords {
    /// A hash of the scheme in force.
    pub fn hash_of(password: &str) -> PasswordHash {
        PasswordHash::new(HashScheme::Peppered, format!("{MARK}{password}"))
    }

    /// A hash brought along from another system: right, but outdated.
    pub fn imported(password: &str) -> PasswordHash {
        PasswordHash::new(HashScheme::Imported, format!("{MARK}{password}"))
    }
}

#[async_trait]
impl PasswordHasher for PlainPasswords {
    fn has_room(&self, _: Option<Network>) -> bool {
        true
    }

    fn can_read(&self, hash: &PasswordHash) -> bool {
        hash.reveal().starts_with(MARK)
    }

    async fn hash(&self, password: &Password, _: Option<Network>) -> Result<PasswordHash, HasherError> {
        Ok(Self::hash_of(password.reveal()))
    }

    async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
        _: Option<Network>,
    ) -> Result<Verdict, HasherError> {
        Ok(match (hash.reveal().strip_prefix(MARK), hash.scheme()) {
            (Some(right), HashScheme::Peppered) if right == password.reveal() => Verdict::Right,
            (Some(right), HashScheme::Imported) if right == password.reveal() => Verdict::RightButOutdated,
            _ => Verdict::Wrong,
        })
    }

    async fn verify_nobody(&self, _: &Password, _: Option<Network>) -> Result<(), HasherError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_right_outdated_or_wrong() {
        let password = Password::parse("correct horse batt").unwrap();
        let made = PlainPasswords.hash(&password, None).await.unwrap();
        let unreadable = PasswordHash::new(HashScheme::Peppered, "correct horse batt");
        for (hash, verdict) in [
            (made, Verdict::Right),
            (PlainPasswords::imported("correct horse batt"), Verdict::RightButOutdated),
            (PlainPasswords::hash_of("another"), Verdict::Wrong),
            (unreadable, Verdict::Wrong),
        ] {
            assert_eq!(PlainPasswords.verify(&password, &hash, None).await.unwrap(), verdict);
        }
    }
}
