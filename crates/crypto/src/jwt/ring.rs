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
    signing_kid: String,
    /// What checks the signatures of the key that signs comes first. Where it is not here, nothing is signed.
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
        Self { signing, signing_kid: first.kid.clone(), verifying: [vec![first], others].concat() }
    }

    /// The same without those of these keys that are at an end. If it is the one that signs, nothing is signed.
    pub fn without(&self, is_over: impl Fn(&str) -> bool) -> Self {
        let verifying = self.verifying.iter().filter(|key| !is_over(&key.kid)).cloned().collect();
        Self { signing: self.signing.clone(), signing_kid: self.signing_kid.clone(), verifying }
    }

    /// The same with others that verify.
    pub(super) fn with(&self, others: impl IntoIterator<Item = VerifyingKey>) -> Self {
        let others = others.into_iter().filter(|key| self.find(&key.kid).is_none());
        let verifying = self.verifying.iter().cloned().chain(others).collect();
        Self { signing: self.signing.clone(), signing_kid: self.signing_kid.clone(), verifying }
    }

    /// Whether it signs: nobody would accept what a key has signed that is at an end.
    pub fn signs(&self) -> bool {
        self.find(&self.signing_kid).is_some()
    }

    /// The name of the key that signs, or did until it came to its end.
    pub fn signing_kid(&self) -> &str {
        &self.signing_kid
    }

    /// The names of all keys that verify: first the one that signs.
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
