//! A key that verifies, with its name and its one algorithm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::Error;
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike as _, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike as _, HS256Key,
    JWTClaims, MACLike as _, NoCustomClaims, VerificationOptions,
};
use zeroize::Zeroizing;

use super::algorithm::TokenAlgorithm;

/// What is signed with an HS256 key to have a name for it. There is no `.` in it, so it is no part of any token.
const HS256_NAME: &[u8] = b"doorward token key v1";

/// Half of the order of P-256, rounded down (FIPS 186-5, SEC 2).
const P256_HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde,
    0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// The public half of a key, or a secret.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    /// Its `kid`, made from the key: its thumbprint (RFC 7638), or for a secret, whose thumbprint would tell something
    /// of it (§7 there), an HMAC under it.
    pub(super) kid: String,
    key: Key,
}

#[derive(Clone)]
enum Key {
    EdDsa(Ed25519PublicKey),
    Es256(ES256PublicKey),
    Hs256(HS256Key),
}

impl VerifyingKey {
    /// The one algorithm that it is for (RFC 8725 §3.1).
    pub(super) fn algorithm(&self) -> TokenAlgorithm {
        match self.key {
            Key::EdDsa(_) => TokenAlgorithm::EdDsa,
            Key::Es256(_) => TokenAlgorithm::Es256,
            Key::Hs256(_) => TokenAlgorithm::Hs256,
        }
    }

    /// Checks a token, its signature before anything else that it says.
    ///
    /// An ECDSA signature with the higher `s` is refused: it is good as well, but ours never have it.
    pub(super) fn verify(
        &self,
        token: &str,
        options: VerificationOptions,
    ) -> Result<JWTClaims<NoCustomClaims>, Error> {
        match &self.key {
            Key::EdDsa(key) => key.verify_token(token, Some(options)),
            Key::Es256(key) => {
                let claims = key.verify_token(token, Some(options));
                if has_high_s(token) { Err(jwt_simple::JWTError::InvalidSignature.into()) } else { claims }
            }
            Key::Hs256(key) => key.verify_token(token, Some(options)),
        }
    }

    /// The public key as a JWK (RFC 7517 §4); none of a secret.
    pub(super) fn to_jwk(&self) -> Option<String> {
        match &self.key {
            Key::EdDsa(key) => Some(key.to_jwk()),
            Key::Es256(key) => Some(key.to_jwk()),
            Key::Hs256(_) => None,
        }
    }

    /// The public key as the text of a file; none of a secret.
    pub(super) fn to_pem(&self) -> Option<String> {
        match &self.key {
            Key::EdDsa(key) => Some(key.to_pem()),
            Key::Es256(key) => key.to_pem().ok(),
            Key::Hs256(_) => None,
        }
    }

    /// The bytes that tell whether somebody made the key up or found it in a book: the x coordinate (or the point that
    /// an Ed25519 key is), or the secret.
    pub(super) fn telling_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match &self.key {
            Key::EdDsa(key) => key.to_bytes(),
            // After the sign of y.
            Key::Es256(key) => key.to_bytes().split_off(1),
            Key::Hs256(key) => key.to_bytes(),
        })
    }
}

impl From<Ed25519PublicKey> for VerifyingKey {
    fn from(key: Ed25519PublicKey) -> Self {
        let kid = key.jwk_thumbprint();
        Self { key: Key::EdDsa(key.with_key_id(&kid)), kid }
    }
}

impl From<ES256PublicKey> for VerifyingKey {
    fn from(key: ES256PublicKey) -> Self {
        let kid = key.jwk_thumbprint();
        Self { key: Key::Es256(key.with_key_id(&kid)), kid }
    }
}

impl From<HS256Key> for VerifyingKey {
    fn from(key: HS256Key) -> Self {
        let kid = URL_SAFE_NO_PAD.encode(key.authentication_tag(HS256_NAME));
        Self { key: Key::Hs256(key.with_key_id(&kid)), kid }
    }
}

/// Whether the second half of the signature is above half of the order, which the other of the two is not.
fn has_high_s(token: &str) -> bool {
    let signature = token.rsplit('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    signature.is_none_or(|bytes| bytes.last_chunk::<32>().is_none_or(|s| *s > P256_HALF_ORDER))
}
