//! The claims of a token, exactly as the contract names them.

use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::port::TokenError;
use doorward_domain::token::{Claims, SessionId, TokenId, TokenKind};
use doorward_domain::user::{User, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The last second of the year 9999: later dates are nobody's.
const LAST_SECOND: i64 = 253_402_300_799;

/// The payload of a token. Members are written in this order, and none may be missing, repeated or unknown.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payload {
    iss: String,
    aud: Audience,
    sub: String,
    jti: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    role: String,
    username: String,
}

/// One audience: as a string, which is how it is written, or as a list of one (RFC 7519 §4.1.3).
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List([String; 1]),
}

impl Payload {
    pub(super) fn new(claims: &Claims, user: &User, issuer: &str, audience: &str) -> Self {
        Self {
            iss: issuer.to_owned(),
            aud: Audience::One(audience.to_owned()),
            sub: claims.subject.to_string(),
            jti: claims.id.to_string(),
            sid: claims.session.to_string(),
            iat: claims.issued_at.seconds(),
            nbf: claims.issued_at.seconds(),
            exp: claims.expires_at.seconds(),
            role: user.role.to_string(),
            username: user.username.as_str().to_owned(),
        }
    }

    /// The payload in JSON.
    pub(super) fn write(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    /// Reads a payload. A number that is no whole number of seconds is none of ours.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        // serde takes an array for a struct as well.
        if !json.starts_with(b"{") {
            return None;
        }
        serde_json::from_slice(json).ok()
    }

    /// What the payload claims, if `issuer` can have said it to `audience`.
    pub(super) fn claims(&self, kind: TokenKind, issuer: &str, audience: &str) -> Option<Claims> {
        let (Audience::One(aud) | Audience::List([aud])) = &self.aud;
        let possible = self.iss == issuer
            && aud == audience
            && (0..self.exp).contains(&self.iat)
            && self.nbf == self.iat
            && self.exp <= LAST_SECOND;
        if !possible {
            return None;
        }
        Some(Claims {
            kind,
            subject: UserId::new(canonical_uuid(&self.sub)?),
            session: SessionId::new(canonical_uuid(&self.sid)?),
            id: TokenId::new(canonical_uuid(&self.jti)?),
            issued_at: Timestamp::from_seconds(self.iat),
            expires_at: Timestamp::from_seconds(self.exp),
        })
    }
}

/// A UUID in the one spelling that RFC 9562 §4 asks of writers.
fn canonical_uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|uuid| uuid.to_string() == text)
}

/// Whether the time of `claims` has come and not passed, give or take `leeway`. The last moment that is good is the
/// one before `exp` plus leeway (RFC 7519 §4.1.4).
pub(super) fn check_times(claims: &Claims, now: Timestamp, leeway: Duration) -> Result<(), TokenError> {
    if claims.issued_at > now.plus(leeway) {
        return Err(TokenError::Invalid);
    }
    if now >= claims.expires_at.plus(leeway) {
        return Err(TokenError::Expired);
    }
    Ok(())
}
