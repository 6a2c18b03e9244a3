//! Tokens that nobody should accept, put together by hand because libraries refuse to make them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::token::{Claims, TokenKind};
use doorward_testkit::sample;
use serde_json::{Value, json};

use super::algorithm::TokenAlgorithm;
use super::header::media_type;
use super::ring::KeyRing;
use super::{JwtSettings, JwtSigner};

/// A signer with a key of its own, which remembers no token: each is verified.
pub(super) fn signer() -> JwtSigner {
    signer_of(TokenAlgorithm::EdDsa)
}

/// The same with a key of this algorithm.
pub(super) fn signer_of(algorithm: TokenAlgorithm) -> JwtSigner {
    JwtSigner::new(
        KeyRing::ephemeral_of(algorithm),
        JwtSettings { memo_capacity: 0, ..JwtSettings::default() },
    )
}

/// A signer that remembers tokens.
pub(super) fn remembering() -> JwtSigner {
    JwtSigner::new(KeyRing::ephemeral(), JwtSettings::default())
}

/// The name of the key that `signer` signs with.
pub(super) fn kid(signer: &JwtSigner) -> String {
    signer.keys().ring.signing_kid().to_owned()
}

/// Claims from [`sample::NOW`] on, for 15 minutes.
pub(super) fn claims(kind: TokenKind) -> Claims {
    let session = sample::session(&sample::user(1), 1, sample::NOW);
    Claims { kind, ..session.access_claims(Duration::from_secs(15 * 60)) }
}

/// The header that `signer` writes.
pub(super) fn header(signer: &JwtSigner, kind: TokenKind) -> Value {
    let ring = &signer.keys().ring;
    json!({"alg": ring.signing().algorithm().as_str(), "kid": ring.signing_kid(), "typ": media_type(kind)})
}

/// The payload that a signer writes for [`claims`].
pub(super) fn payload() -> Value {
    let claims = claims(TokenKind::Access);
    let (issued, expires) = (claims.issued_at.seconds(), claims.expires_at.seconds());
    json!({
        "iss": "doorward",
        "aud": "doorward",
        "sub": claims.subject.to_string(),
        "jti": claims.id.to_string(),
        "sid": claims.session.to_string(),
        "iat": issued,
        "nbf": issued,
        "exp": expires,
        "role": "user",
        "username": "person1@example.com",
    })
}

/// `value` with one member set; without it where `member` is null.
pub(super) fn with(mut value: Value, name: &str, member: Value) -> Value {
    let members = value.as_object_mut().unwrap();
    if member.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), member);
    }
    value
}

/// A token of any two texts, signed with the signer's own key.
pub(super) fn signed(signer: &JwtSigner, header: &str, payload: &str) -> String {
    let text = signing_input(header, payload);
    let signature = URL_SAFE_NO_PAD.encode(signer.keys().ring.signing().sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// The first two parts of a token.
pub(super) fn signing_input(header: &str, payload: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

/// The text of a token's part.
pub(super) fn part(token: &str, number: usize) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap()).unwrap()
}
