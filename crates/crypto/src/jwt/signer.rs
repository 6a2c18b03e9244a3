//! The adapter of both token ports, and what it is made of.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::Timestamp;
use doorward_domain::port::{PublishedKeys, SignError, TokenError, TokenSigner};
use doorward_domain::token::Claims;
use doorward_domain::user::User;
use jwt_simple::prelude::VerificationOptions;

use super::claims::Payload;
use super::header::Header;
use super::memo::Memo;
use super::ring::KeyRing;

/// Longer texts are no tokens of ours, whose parts have bounds of their own.
pub(super) const MAX_TOKEN: usize = 4_096;

/// The most that clocks may differ; more would be a longer life for every token.
const MAX_LEEWAY: Duration = Duration::from_secs(60);

/// What an operator decides about tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtSettings {
    /// `iss`: who signs. Every node must say the same.
    pub issuer: String,
    /// `aud`: whom the tokens are for.
    pub audience: String,
    /// How far the clocks of two nodes may be apart; beyond a minute it counts as a minute.
    pub leeway: Duration,
    /// How many verified tokens are remembered, so that their signature is not checked on every request. Each takes
    /// up to 300 bytes once it is used; 0 remembers none.
    pub memo_capacity: usize,
}

impl Default for JwtSettings {
    fn default() -> Self {
        Self {
            issuer: "doorward".to_owned(),
            audience: "doorward".to_owned(),
            leeway: Duration::from_secs(5),
            memo_capacity: 16_384,
        }
    }
}

/// Signs and verifies tokens with the keys of a ring.
pub struct JwtSigner {
    pub(super) ring: KeyRing,
    pub(super) settings: JwtSettings,
    pub(super) options: VerificationOptions,
    pub(super) memo: Memo,
    jwks: String,
}

impl JwtSigner {
    /// Joins keys and settings.
    pub fn new(ring: KeyRing, settings: JwtSettings) -> Self {
        let settings = JwtSettings { leeway: settings.leeway.min(MAX_LEEWAY), ..settings };
        let options = VerificationOptions {
            allowed_issuers: Some(HashSet::from([settings.issuer.clone()])),
            allowed_audiences: Some(HashSet::from([settings.audience.clone()])),
            time_tolerance: Some(settings.leeway.into()),
            max_token_length: Some(MAX_TOKEN),
            max_header_length: Some(MAX_TOKEN),
            ..VerificationOptions::default()
        };
        Self { jwks: ring.jwks(), memo: Memo::new(settings.memo_capacity), ring, settings, options }
    }

    fn write(&self, claims: &Claims, user: &User) -> serde_json::Result<String> {
        let header = Header { kid: self.ring.signing_kid().to_owned(), kind: claims.kind }.write()?;
        let payload = Payload::new(claims, user, &self.settings.issuer, &self.settings.audience).write()?;
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.ring.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

impl TokenSigner for JwtSigner {
    fn sign(&self, claims: &Claims, user: &User) -> Result<String, SignError> {
        self.write(claims, user).map_err(|error| SignError(error.into()))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        self.verify_remembering(token, now)
    }
}

impl PublishedKeys for JwtSigner {
    fn jwks(&self) -> String {
        self.jwks.clone()
    }
}

#[cfg(test)]
mod tests {
    use doorward_domain::token::TokenKind;
    use doorward_testkit::sample;
    use serde_json::{Value, json};

    use super::super::forged::{claims, part, signer};
    use super::*;

    #[test]
    fn what_was_signed_is_read_back() {
        for kind in [TokenKind::Access, TokenKind::Refresh] {
            let signer = signer();
            let token = signer.sign(&claims(kind), &sample::user(1)).unwrap();
            assert_eq!(signer.verify(&token, sample::NOW), Ok(claims(kind)));
        }
    }

    #[test]
    fn a_token_has_the_members_of_the_contract_in_their_order_and_no_other() {
        let signer = signer();
        let (claims, admin) = (claims(TokenKind::Access), sample::admin(1));
        let token = signer.sign(&claims, &admin).unwrap();
        let kid = signer.ring.signing_kid();
        assert_eq!(part(&token, 0), format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"at+jwt"}}"#));
        let Claims { subject, id, session, .. } = claims;
        let (issued, expires) = (claims.issued_at.seconds(), claims.expires_at.seconds());
        let expected = format!(
            r#"{{"iss":"doorward","aud":"doorward","sub":"{subject}","jti":"{id}","sid":"{session}","iat":{issued},"nbf":{issued},"exp":{expires},"role":"admin","username":"person1@example.com"}}"#
        );
        assert_eq!(part(&token, 1), expected);
        let token = signer.sign(&Claims { kind: TokenKind::Refresh, ..claims }, &admin).unwrap();
        assert!(part(&token, 0).contains(r#""typ":"rt+jwt""#));
    }

    #[test]
    fn the_same_claims_give_the_same_token_bit_for_bit() {
        let (signer, claims) = (signer(), claims(TokenKind::Refresh));
        let first = signer.sign(&claims, &sample::user(1)).unwrap();
        for _ in 0..10 {
            assert_eq!(signer.sign(&claims, &sample::user(1)).unwrap(), first);
        }
    }

    #[test]
    fn the_longest_claims_still_fit() {
        let signer = signer();
        let longest =
            format!("{}@{}.{}.{}.com", "l".repeat(64), "d".repeat(63), "d".repeat(63), "d".repeat(57));
        let user = User { username: sample::email(&longest), ..sample::user(1) };
        let token = signer.sign(&claims(TokenKind::Refresh), &user).unwrap();
        assert!(token.len() < MAX_TOKEN / 2);
        assert!(signer.verify(&token, sample::NOW).is_ok());
    }

    #[test]
    fn a_leeway_beyond_a_minute_counts_as_a_minute() {
        let settings = JwtSettings { leeway: Duration::MAX, ..JwtSettings::default() };
        let signer = JwtSigner::new(KeyRing::ephemeral(), settings);
        let claims = claims(TokenKind::Access);
        let token = signer.sign(&claims, &sample::user(1)).unwrap();
        let end = claims.expires_at.plus(MAX_LEEWAY);
        assert!(signer.verify(&token, end.minus(Duration::from_millis(1))).is_ok());
        assert_eq!(signer.verify(&token, end), Err(TokenError::Expired));
    }

    #[test]
    fn tok_20_published_keys_are_public_only() {
        let signer = signer();
        let jwks: Value = serde_json::from_str(&signer.jwks()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(signer.ring.find(signer.ring.signing_kid()).unwrap().key.to_bytes());
        let kid = signer.ring.signing_kid();
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"});
        assert_eq!(jwks, json!({ "keys": [key] }));
    }
}
