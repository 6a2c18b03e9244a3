//! Tokens, and whose they are.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Role;
use crate::secret::Secret;

/// An access token and its refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tokens {
    /// For everything but refreshing.
    pub access_token: Secret,
    /// For one refresh.
    pub refresh_token: Secret,
    /// When the access token ends, in Unix seconds.
    pub access_token_expired: i64,
    /// When the session ends, in Unix seconds.
    pub refresh_token_expired: i64,
    /// Whose tokens they are.
    pub username: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// The lifetime of the access token in seconds, counted from when it was made.
    pub expires_in: i64,
}

/// Whom a token belongs to, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginStatus {
    /// The account.
    pub id: Uuid,
    /// Its name.
    pub username: String,
    /// The role as it is now.
    pub role: Role,
    /// The session.
    pub session: Uuid,
    /// When the access token was made, in Unix seconds.
    pub access_token_issued: i64,
    /// When the access token ends, in Unix seconds.
    pub access_token_expired: i64,
    /// When the session ends, in Unix seconds.
    pub refresh_token_expired: i64,
}
