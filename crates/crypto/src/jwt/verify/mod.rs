//! Reading a token back: everything is checked, and nothing is believed before the signature, or because this very
//! token is remembered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::Timestamp;
use doorward_domain::port::TokenError;
use doorward_domain::token::{Claims, TokenKind};
use jwt_simple::JWTError;
use jwt_simple::prelude::{UnixTimeStamp, VerificationOptions};

use super::claims::{Payload, check_times};
use super::header::{Header, media_type};
use super::memo::Memo;
use super::ring::KeyRing;
use super::signer::{JwtSigner, MAX_TOKEN};

#[cfg(test)]
mod algorithm_tests;
#[cfg(test)]
mod tests;

/// jwt-simple counts in 32 bits of seconds and adds the leeway to them; 2100-01-01 is far enough from the end.
const LAST_ARTIFICIAL_SECOND: i64 = 4_102_444_800;

impl JwtSigner {
    /// Verifies, or finds that this very token was verified before or signed here; its times are checked in any case.
    pub(super) fn verify_remembering(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Invalid);
        }
        let key = Memo::key(token);
        // What these keys remember goes with them: a token of a key that is gone is not found again.
        let keys = self.keys();
        if let Some(claims) = keys.memo.find(&key) {
            let outcome = check_times(&claims, now, self.settings.leeway);
            if outcome == Err(TokenError::Expired) {
                keys.memo.forget(&key);
            }
            self.checks.by_memo.increment(1);
            return outcome.map(|()| claims);
        }
        if let Some(claims) = keys.unspent.take(&key) {
            self.checks.by_memo.increment(1);
            return check_times(&claims, now, self.settings.leeway).map(|()| claims);
        }
        match self.verify_anew(&keys.ring, token, now) {
            Ok(claims) => {
                self.checks.by_signature.increment(1);
                // A refresh token that was used once is not expected again.
                if claims.kind == TokenKind::Access {
                    keys.memo.insert(key, claims);
                }
                Ok(claims)
            }
            Err(error) => {
                self.checks.refused.increment(1);
                Err(error)
            }
        }
    }

    fn verify_anew(&self, ring: &KeyRing, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let parts = Parts::read(token).ok_or(TokenError::Invalid)?;
        let header = Header::read(&parts.header).ok_or(TokenError::Invalid)?;
        let key = ring.find(&header.kid).ok_or(TokenError::Invalid)?;
        // jwt-simple looks at this as well, by the type of the key.
        if header.algorithm != key.algorithm() {
            return Err(TokenError::Invalid);
        }
        let expired = match key.verify(token, self.options_for(&header, now)) {
            Ok(_) => false,
            Err(error) => match error.downcast_ref() {
                // The signature is good. Whether the token is one of ours is still to be seen.
                Some(JWTError::TokenHasExpired) => true,
                _ => return Err(TokenError::Invalid),
            },
        };
        let claims = self.claims(&parts.payload, header.kind).ok_or(TokenError::Invalid)?;
        check_times(&claims, now, self.settings.leeway)?;
        if expired { Err(TokenError::Expired) } else { Ok(claims) }
    }

    /// jwt-simple's own defaults accept a token for 15 minutes after its end, of any issuer, for anybody.
    fn options_for(&self, header: &Header, now: Timestamp) -> VerificationOptions {
        let seconds = u64::try_from(now.seconds().clamp(0, LAST_ARTIFICIAL_SECOND)).unwrap_or_default();
        VerificationOptions {
            required_key_id: Some(header.kid.clone()),
            required_signature_type: Some(media_type(header.kind).to_owned()),
            artificial_time: Some(UnixTimeStamp::from_secs(seconds)),
            ..self.options.clone()
        }
    }

    fn claims(&self, payload: &[u8], kind: TokenKind) -> Option<Claims> {
        Payload::read(payload)?.claims(kind, &self.settings.issuer, &self.settings.audience)
    }
}

/// What the first two parts of a token say.
struct Parts {
    header: Vec<u8>,
    payload: Vec<u8>,
}

impl Parts {
    /// Takes a token apart: three parts in base64url without padding, each in the one spelling it has (RFC 4648 §3.5).
    fn read(token: &str) -> Option<Self> {
        let mut parts =
            token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok().filter(|bytes| !bytes.is_empty()));
        let (header, payload, _signature) = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self { header, payload })
    }
}
