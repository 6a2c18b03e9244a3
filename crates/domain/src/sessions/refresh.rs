//! Spending a refresh token for the next pair.

use tracing::{Instrument as _, info_span};

use super::{Login, Sessions};
use crate::Origin;
use crate::audit::Action;
use crate::port::{Rotated, SignError, StoreError, TokenError};
use crate::token::{Rotation, TokenKind};

/// Why there is no next pair.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It is not a good token of this service.
    #[error("the token is invalid")]
    Invalid,
    /// Its time has passed.
    #[error("the token has expired")]
    Expired,
    /// It is an access token.
    #[error("the token is not a refresh token")]
    WrongType,
    /// Its session has ended, or its account is gone or closed.
    #[error("the token has been revoked")]
    Revoked,
    /// It was spent before; the session has ended.
    #[error("the token was used before")]
    Reused,
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// The pair that follows this refresh token. The token spent last is answered with the same pair once more for a
    /// few seconds; an older one ends the session (RFC 9700 §4.14.2).
    pub async fn refresh(&self, token: &str, origin: &Origin) -> Result<Login, RefreshError> {
        async move {
            let now = self.clock.now();
            let claims = self.tokens.verify(token, now)?;
            if claims.kind != TokenKind::Refresh {
                return Err(RefreshError::WrongType);
            }
            let reuse = self.audit.entry(now, Action::ReuseToken, origin);
            let rotated =
                self.store.rotate(&claims, self.successor(), now, self.rules.rotation, &reuse).await?;
            let Some(Rotated { rotation, session, user }) = rotated else {
                return Err(RefreshError::Revoked);
            };
            match rotation {
                Rotation::Rotated | Rotation::Replayed if user.active && user.id == claims.subject => {
                    Ok(Login { tokens: self.sign_pair(&session, &user)?, user })
                }
                Rotation::Rotated | Rotation::Replayed | Rotation::Ended => Err(RefreshError::Revoked),
                Rotation::Reused => Err(RefreshError::Reused),
                Rotation::Expired => Err(RefreshError::Expired),
            }
        }
        .instrument(info_span!("sessions.refresh"))
        .await
    }
}

impl From<TokenError> for RefreshError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::Invalid,
            TokenError::Expired => Self::Expired,
        }
    }
}
