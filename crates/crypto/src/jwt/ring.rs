//! The keys in use: one signs, all of them verify, and their names are made from them.

use std::fmt;
use std::sync::Arc;

use super::algorithm::TokenAlgorithm;
use super::signing_key::SigningKey;
use super::verifying_key::VerifyingKey;

/// The keys that a signer works with.
///
/// A key's `kid` is made from it, so it is the same on every node and cannot be given away twice.
pub struct KeyRing {
    signing: Arc<SigningKey>,
    /// What checks the signatures of the key that signs comes first.
    verifying: Vec<VerifyingKey>,
}

impl KeyRing {
    /// A ring of one new Ed25519 key that is in no file and is gone with the process. Meant for tests.
    pub fn ephemeral() -> Self {
        Self::ephemeral_of(TokenAlgorithm::default())
    }

    /// The same with a key of this algorithm.
    pub fn ephemeral_of(algorithm: TokenAlgorithm) -> Self {
        Self::new(Arc::new(SigningKey::generate(algorithm)), [])
    }

    /// One key signs; it and others verify.
    pub(super) fn new(signing: Arc<SigningKey>, others: impl IntoIterator<Item = VerifyingKey>) -> Self {
        let first = signing.verifying();
        let others: Vec<_> = others.into_iter().filter(|key| key.kid != first.kid).collect();
        Self { signing, verifying: [vec![first], others].concat() }
    }

    /// The name of the key that signs.
    pub fn signing_kid(&self) -> &str {
        self.kids().next().unwrap_or_default()
    }

    /// The names of all keys: first the one that signs.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.verifying.iter().map(|key| key.kid.as_str())
    }

    /// What signs.
    pub(super) fn signing(&self) -> &Arc<SigningKey> {
        &self.signing
    }

    /// The key of that name: one of a fixed set, whatever a token says.
    pub(super) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.verifying.iter().find(|key| key.kid == kid)
    }

    /// A JWK set of the public keys. Secrets are not in it: whoever knows one can sign.
    pub(super) fn jwks(&self) -> String {
        let keys: Vec<String> = self.verifying.iter().filter_map(VerifyingKey::to_jwk).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<&str> = self.kids().collect();
        formatter.debug_struct("KeyRing").field("kids", &kids).finish_non_exhaustive()
    }
}
