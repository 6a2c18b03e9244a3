//! Tokens whose claims can be read with the naked eye.

use doorward_domain::Timestamp;
use doorward_domain::port::{SignError, TokenError, TokenSigner};
use doorward_domain::token::{Claims, SessionId, TokenId, TokenKind};
use doorward_domain::user::{User, UserId};
use uuid::Uuid;

/// "Signs" by writing the claims down; the characters are those that a bearer token may have (RFC 6750 §2.1).
/// Anything else is refused, but nothing stops a test from forging one. There is no leeway.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadableTokens;

impl TokenSigner for ReadableTokens {
    fn sign(&self, claims: &Claims, user: &User) -> Result<String, SignError> {
        let kind = match claims.kind {
            TokenKind::Access => "access",
            TokenKind::Refresh => "refresh",
        };
        let (issued_at, expires_at) = (claims.issued_at.seconds(), claims.expires_at.seconds());
        let (subject, session, id) = (claims.subject, claims.session, claims.id);
        let (role, username) = (user.role, bearer_text(user.username.normal()));
        Ok(format!("{kind}.{subject}.{session}.{id}.{issued_at}.{expires_at}.{role}.{username}"))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let claims = read(token).ok_or(TokenError::Invalid)?;
        if now < claims.issued_at {
            Err(TokenError::Invalid)
        } else if now >= claims.expires_at {
            Err(TokenError::Expired)
        } else {
            Ok(claims)
        }
    }
}

fn read(token: &str) -> Option<Claims> {
    let parts: Vec<&str> = token.splitn(8, '.').collect();
    let [kind, subject, session, id, issued_at, expires_at, _role, _username] = parts[..] else {
        return None;
    };
    let kind = match kind {
        "access" => TokenKind::Access,
        "refresh" => TokenKind::Refresh,
        _ => return None,
    };
    let uuid = |text: &str| Uuid::parse_str(text).ok();
    let time = |text: &str| text.parse().ok().map(Timestamp::from_seconds);
    Some(Claims {
        kind,
        subject: UserId::new(uuid(subject)?),
        session: SessionId::new(uuid(session)?),
        id: TokenId::new(uuid(id)?),
        issued_at: time(issued_at)?,
        expires_at: time(expires_at)?,
    })
}

/// An address with every character that a bearer token cannot hold written as `~` and its hexadecimal code.
fn bearer_text(address: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'+' => char::from(byte).to_string(),
        other => format!("~{other:02x}"),
    };
    address.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sample;

    #[test]
    fn a_token_is_read_back_until_its_time_has_passed() {
        let user = sample::user(1);
        let session = sample::session(&user, 1, sample::NOW);
        let claims = session.access_claims(Duration::from_secs(60));
        let token = ReadableTokens.sign(&claims, &user).unwrap();
        assert_eq!(ReadableTokens.sign(&claims, &user).unwrap(), token);
        let verify = |seconds| ReadableTokens.verify(&token, sample::NOW.plus(Duration::from_secs(seconds)));
        assert_eq!(verify(59), Ok(claims));
        assert_eq!(verify(60), Err(TokenError::Expired));
        let early = sample::NOW.minus(Duration::from_secs(1));
        assert_eq!(ReadableTokens.verify(&token, early), Err(TokenError::Invalid));
    }

    #[test]
    fn a_token_says_whose_it_is_in_characters_that_a_header_holds() {
        let user = sample::user(1);
        let claims = sample::session(&user, 1, sample::NOW).refresh_claims();
        let token = ReadableTokens.sign(&claims, &user).unwrap();
        assert!(token.starts_with("refresh.") && token.ends_with(".user.person1~40example.com"), "{token}");
    }

    #[test]
    fn other_text_is_no_token() {
        for text in ["", "access", "a.b.c", "access.1.2.3.4.5.user.person", "eyJhbGciOiJub25lIn0.e30."] {
            assert_eq!(ReadableTokens.verify(text, sample::NOW), Err(TokenError::Invalid), "{text:?}");
        }
    }
}
