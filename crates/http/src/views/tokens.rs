//! Tokens just given out, under the seed's names first.

use doorward_domain::sessions::Login;
use paperclip::actix::Apiv2Schema;
use serde::Serialize;

use super::View;

/// An access token and its refresh token.
#[derive(Serialize, Apiv2Schema)]
pub(crate) struct Tokens {
    /// For `Authorization: Bearer …` on every route but refresh.
    access_token: String,
    /// For `Authorization: Bearer …` on refresh; good for one use.
    refresh_token: String,
    /// When the access token ends, in Unix seconds.
    access_token_expired: i64,
    /// When the session ends, in Unix seconds.
    refresh_token_expired: i64,
    /// Whose tokens they are.
    username: String,
    /// Always Bearer.
    token_type: String,
    /// The lifetime of the access token in seconds, counted from when it was made.
    expires_in: i64,
}

impl From<Login> for Tokens {
    fn from(login: Login) -> Self {
        let Login { tokens, user } = login;
        Self {
            access_token_expired: tokens.access_expires_at.seconds(),
            refresh_token_expired: tokens.refresh_expires_at.seconds(),
            expires_in: tokens.access_expires_at.seconds() - tokens.issued_at.seconds(),
            access_token: tokens.access,
            refresh_token: tokens.refresh,
            username: user.username.as_str().to_owned(),
            token_type: "Bearer".to_owned(),
        }
    }
}

impl View for Tokens {
    fn example() -> Self {
        Self {
            access_token: "eyJhbGciOiJFZERTQSIs….….…".into(),
            refresh_token: "eyJhbGciOiJFZERTQSIs….….…".into(),
            access_token_expired: 1_767_269_700,
            refresh_token_expired: 1_769_860_800,
            username: "ada@example.com".into(),
            token_type: "Bearer".into(),
            expires_in: 900,
        }
    }
}
