//! Finding out who a request comes from.

use tracing::{Instrument as _, info_span};

use super::Sessions;
use crate::audit::Authority;
use crate::port::{LiveSession, StoreError, TokenError};
use crate::token::{Claims, Session, TokenKind};
use crate::user::User;
use crate::{Origin, Timestamp};

/// Somebody who showed a good access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account, as it is now.
    pub user: User,
    /// The session.
    pub session: Session,
    /// What the token says.
    pub claims: Claims,
    /// Where the request comes from.
    pub origin: Origin,
}

impl Caller {
    /// What the caller may do at this time, if the store finds that it still holds.
    pub(crate) fn authority(&self, at: Timestamp, as_admin: bool) -> Authority {
        Authority { session: self.session.id, as_admin, at }
    }
}

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// It is not a good token of this service.
    #[error("the token is invalid")]
    Invalid,
    /// Its time has passed.
    #[error("the token has expired")]
    Expired,
    /// It is a refresh token.
    #[error("the token is not an access token")]
    WrongType,
    /// Its session has ended, or its account is gone or closed.
    #[error("the token has been revoked")]
    Revoked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Who shows this access token. The session and the account are looked up every time.
    pub async fn authenticate(&self, token: &str, origin: Origin) -> Result<Caller, AuthenticateError> {
        async move {
            let now = self.clock.now();
            let claims = self.access_claims(token, now)?;
            match self.store.find_live(&claims, now).await? {
                Some(LiveSession { session, user }) => Ok(Caller { user, session, claims, origin }),
                None => Err(AuthenticateError::Revoked),
            }
        }
        .instrument(info_span!("sessions.authenticate"))
        .await
    }

    /// What a good access token says.
    pub(super) fn access_claims(&self, token: &str, now: Timestamp) -> Result<Claims, AuthenticateError> {
        let claims = self.tokens.verify(token, now)?;
        if claims.kind == TokenKind::Access { Ok(claims) } else { Err(AuthenticateError::WrongType) }
    }
}

impl From<TokenError> for AuthenticateError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::Invalid,
            TokenError::Expired => Self::Expired,
        }
    }
}
