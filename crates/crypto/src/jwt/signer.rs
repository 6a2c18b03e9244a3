//! The adapter of both token ports, and what it is made of.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::Timestamp;
use doorward_domain::port::{Probe, PublishedKeys, SignError, StoreError, TokenError, TokenSigner};
use doorward_domain::token::{Claims, TokenKind};
use doorward_domain::user::User;
use jwt_simple::prelude::VerificationOptions;
use metrics::{Counter, counter};
use parking_lot::RwLock;

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
    /// How many access tokens are remembered that were verified or signed here, so that their signature is not checked
    /// on every request; and a quarter as many refresh tokens that were signed here and have not come back. Each takes
    /// up to 300 bytes. Below 32 none is remembered, and below 128 no refresh token.
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

/// Signs and verifies tokens with the keys of a ring, which may be exchanged at any time.
pub struct JwtSigner {
    keys: RwLock<Arc<Keys>>,
    pub(super) settings: JwtSettings,
    pub(super) options: VerificationOptions,
    pub(super) checks: Checks,
}

/// How often a token was found in the memo, verified, or refused.
pub(super) struct Checks {
    pub(super) by_memo: Counter,
    pub(super) by_signature: Counter,
    pub(super) refused: Counter,
}

impl Checks {
    fn new() -> Self {
        let checks = |source: &'static str| counter!("doorward_token_checks_total", "source" => source);
        Self { by_memo: checks("cache"), by_signature: checks("signature"), refused: checks("refused") }
    }
}

/// The key that signed is retired, and there is no other.
#[derive(Debug, thiserror::Error)]
#[error("the key that signs is retired, and there is no other")]
struct NothingSigns;

/// A ring and what was made with it.
pub(super) struct Keys {
    pub(super) ring: Arc<KeyRing>,
    /// Access tokens that were verified or signed.
    pub(super) memo: Memo,
    /// Refresh tokens that were signed and have not come back; apart, since they would push the others out.
    pub(super) unspent: Memo,
    jwks: String,
}

/// One refresh token is remembered for so many access tokens.
const ACCESS_TO_REFRESH: usize = 4;

impl JwtSigner {
    /// Joins keys and settings.
    pub fn new(ring: impl Into<Arc<KeyRing>>, settings: JwtSettings) -> Self {
        let settings = JwtSettings { leeway: settings.leeway.min(MAX_LEEWAY), ..settings };
        let options = VerificationOptions {
            allowed_issuers: Some(HashSet::from([settings.issuer.clone()])),
            allowed_audiences: Some(HashSet::from([settings.audience.clone()])),
            time_tolerance: Some(settings.leeway.into()),
            max_token_length: Some(MAX_TOKEN),
            max_header_length: Some(MAX_TOKEN),
            ..VerificationOptions::default()
        };
        let keys = RwLock::new(Arc::new(Keys::new(ring.into(), &settings)));
        Self { keys, settings, options, checks: Checks::new() }
    }

    /// Signs and verifies with these keys from now on. Nothing is left of the other ones: what was signed or verified
    /// with them is verified again.
    pub fn use_ring(&self, ring: impl Into<Arc<KeyRing>>) {
        let keys = Arc::new(Keys::new(ring.into(), &self.settings));
        *self.keys.write() = keys;
    }

    /// The keys of this moment, for all of one step.
    pub(super) fn keys(&self) -> Arc<Keys> {
        self.keys.read().clone()
    }

    fn write(&self, keys: &Keys, claims: &Claims, user: &User) -> serde_json::Result<String> {
        let signing = keys.ring.signing();
        let header = Header {
            algorithm: signing.algorithm(),
            kid: keys.ring.signing_kid().to_owned(),
            kind: claims.kind,
        };
        let payload = Payload::new(claims, user, &self.settings.issuer, &self.settings.audience);
        let mut token = URL_SAFE_NO_PAD.encode(header.write()?);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload.write()?, &mut token);
        let signature = signing.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        // As they will be read, in whole seconds; what would not be believed is not remembered.
        if let Some(claims) = payload.claims(claims.kind, &self.settings.issuer, &self.settings.audience) {
            keys.remembering(claims.kind).insert(Memo::key(&token), claims);
        }
        Ok(token)
    }
}

impl Keys {
    fn new(ring: Arc<KeyRing>, settings: &JwtSettings) -> Self {
        let capacity = settings.memo_capacity;
        Self {
            jwks: ring.jwks(),
            memo: Memo::new(capacity),
            unspent: Memo::new(capacity / ACCESS_TO_REFRESH),
            ring,
        }
    }

    /// A key that signs may come to its end where there is no other yet: that passes as soon as one is brought.
    fn require_one_that_signs(&self) -> Result<(), StoreError> {
        if self.ring.signs() { Ok(()) } else { Err(StoreError::Unavailable(NothingSigns.into())) }
    }

    pub(super) fn remembering(&self, kind: TokenKind) -> &Memo {
        match kind {
            TokenKind::Access => &self.memo,
            TokenKind::Refresh => &self.unspent,
        }
    }
}

impl TokenSigner for JwtSigner {
    fn sign(&self, claims: &Claims, user: &User) -> Result<String, SignError> {
        // The keys that were asked sign: others may take their place at any time.
        let keys = self.keys();
        keys.require_one_that_signs().map_err(|error| SignError(error.into()))?;
        self.write(&keys, claims, user).map_err(|error| SignError(error.into()))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        self.verify_remembering(token, now)
    }
}

/// Readiness: a node that signs nothing is of no use to those who log in or refresh.
#[async_trait]
impl Probe for JwtSigner {
    fn name(&self) -> &'static str {
        "keys"
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.keys().require_one_that_signs()
    }
}

impl PublishedKeys for JwtSigner {
    fn jwks(&self) -> String {
        self.keys().jwks.clone()
    }
}

#[cfg(test)]
mod tests {
    use doorward_testkit::sample;
    use serde_json::{Value, json};

    use super::super::TokenAlgorithm;
    use super::super::forged::{claims, kid, part, remembering, signer, signer_of};
    use super::*;

    #[test]
    fn what_was_signed_is_read_back() {
        for kind in [TokenKind::Access, TokenKind::Refresh] {
            for algorithm in TokenAlgorithm::ALL {
                let signer = signer_of(algorithm);
                let token = signer.sign(&claims(kind), &sample::user(1)).unwrap();
                assert_eq!(signer.verify(&token, sample::NOW), Ok(claims(kind)));
            }
        }
    }

    #[test]
    fn a_token_has_the_members_of_the_contract_in_their_order_and_no_other() {
        let signer = signer();
        let (claims, admin) = (claims(TokenKind::Access), sample::admin(1));
        let token = signer.sign(&claims, &admin).unwrap();
        let kid = kid(&signer);
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
        for algorithm in TokenAlgorithm::ALL {
            let (signer, claims) = (signer_of(algorithm), claims(TokenKind::Refresh));
            let first = signer.sign(&claims, &sample::user(1)).unwrap();
            for _ in 0..10 {
                assert_eq!(signer.sign(&claims, &sample::user(1)).unwrap(), first);
            }
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

    #[tokio::test]
    async fn tok_16_a_key_that_is_at_an_end_signs_and_verifies_nothing_though_there_is_no_other() {
        for signer in [signer(), remembering()] {
            let sign = |kind| signer.sign(&claims(kind), &sample::user(1));
            let tokens = [TokenKind::Access, TokenKind::Refresh].map(|kind| sign(kind).unwrap());
            assert!(signer.probe().await.is_ok());
            let ring = signer.keys().ring.clone();
            signer.use_ring(ring.without(|kid| kid == ring.signing_kid()));
            for token in &tokens {
                assert_eq!(signer.verify(token, sample::NOW), Err(TokenError::Invalid));
            }
            assert_eq!(signer.jwks(), r#"{"keys":[]}"#);
            let SignError(cause) = sign(TokenKind::Access).unwrap_err();
            assert!(matches!(cause.downcast_ref(), Some(StoreError::Unavailable(_))), "{cause:?}");
            assert!(matches!(signer.probe().await, Err(StoreError::Unavailable(_))));

            signer.use_ring(ring.without(|_| false));
            for token in &tokens {
                assert!(signer.verify(token, sample::NOW).is_ok());
            }
            assert!(signer.probe().await.is_ok());
        }
    }

    #[test]
    fn tok_20_published_keys_are_public_only() {
        let signer = signer();
        let jwks: Value = serde_json::from_str(&signer.jwks()).unwrap();
        let kid = kid(&signer);
        let x = URL_SAFE_NO_PAD.encode(&*signer.keys().ring.find(&kid).unwrap().telling_bytes());
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"});
        assert_eq!(jwks, json!({ "keys": [key] }));

        let signer = signer_of(TokenAlgorithm::Es256);
        let jwks: Value = serde_json::from_str(&signer.jwks()).unwrap();
        let key = jwks["keys"][0].as_object().unwrap();
        assert_eq!(key.keys().collect::<Vec<_>>(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        let told = ["alg", "crv", "kid", "kty", "use"].map(|name| key[name].as_str().unwrap().to_owned());
        assert_eq!(told, ["ES256", "P-256", &super::super::forged::kid(&signer), "EC", "sig"]);
    }

    #[test]
    fn tok_20_a_secret_is_not_published() {
        assert_eq!(signer_of(TokenAlgorithm::Hs256).jwks(), r#"{"keys":[]}"#);
    }

    #[test]
    fn tok_16_keys_are_exchanged_while_tokens_are_signed_and_verified() {
        let [old, new] = [TokenAlgorithm::EdDsa, TokenAlgorithm::Es256].map(signer_of);
        let ring = |lead: &JwtSigner, other: &JwtSigner| {
            let (lead, other) = (lead.keys(), other.keys());
            KeyRing::new(lead.ring.signing().clone(), [other.ring.signing().verifying()])
        };
        let signer = JwtSigner::new(ring(&old, &new), JwtSettings::default());
        let sign = |signer: &JwtSigner| signer.sign(&claims(TokenKind::Access), &sample::user(1)).unwrap();
        let verify = |token: &str| signer.verify(token, sample::NOW).map(|_| ());
        let first = sign(&signer);
        assert!(first == sign(&old) && verify(&sign(&new)).is_ok());

        signer.use_ring(ring(&new, &old));
        assert_eq!(sign(&signer), sign(&new));
        assert_eq!(verify(&first), Ok(()));
        let published = |signer: &JwtSigner| signer.jwks().split(r#""kid":""#).count() - 1;
        assert!(published(&signer) == 2 && signer.jwks().find("ES256") < signer.jwks().find("EdDSA"));

        // One was verified a moment ago, the other was signed here and has not come back: that is forgotten with
        // their key.
        signer.use_ring(ring(&old, &new));
        assert_eq!(verify(&first), Ok(()));
        let unspent = signer.sign(&claims(TokenKind::Refresh), &sample::user(1)).unwrap();
        signer.use_ring(KeyRing::new(new.keys().ring.signing().clone(), []));
        for token in [first, unspent] {
            assert_eq!(verify(&token), Err(TokenError::Invalid));
        }
        assert_eq!((verify(&sign(&signer)), published(&signer)), (Ok(()), 1));
    }
}
