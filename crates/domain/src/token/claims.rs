//! What a token says.

use std::fmt;

use uuid::Uuid;

use crate::Timestamp;
use crate::user::UserId;

/// A session's identifier, the claim `sid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(Uuid);

/// A token's identifier, the claim `jti` (RFC 7519 §4.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(Uuid);

macro_rules! uuid_newtype {
    ($name:ident) => {
        impl $name {
            /// Takes a UUID as the identifier.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

uuid_newtype!(SessionId);
uuid_newtype!(TokenId);

/// What a token is for. One kind is never accepted as the other (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Opens the API for a short time.
    Access,
    /// Is spent for the next pair.
    Refresh,
}

/// The claims that the service itself relies on. Role and username are in the token for its reader; here they are
/// always looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `typ` of the header.
    pub kind: TokenKind,
    /// `sub`.
    pub subject: UserId,
    /// `sid`.
    pub session: SessionId,
    /// `jti`.
    pub id: TokenId,
    /// `iat` and `nbf`, whole seconds.
    pub issued_at: Timestamp,
    /// `exp`, whole seconds.
    pub expires_at: Timestamp,
}
