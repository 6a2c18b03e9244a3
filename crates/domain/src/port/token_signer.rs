//! Signed tokens.

use std::error::Error;

use crate::Timestamp;
use crate::token::Claims;
use crate::user::User;

/// Signs tokens and reads them back.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait TokenSigner: Send + Sync {
    /// Signs `claims`, with the role and username of `user` beside them. The same input MUST give the same text.
    fn sign(&self, claims: &Claims, user: &User) -> Result<String, SignError>;
    /// The claims of a token that this service signed and whose time has come and not passed, give or take the
    /// leeway. MUST check the signature before it believes anything.
    fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError>;
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not one of ours, or says something we never say.
    #[error("the token is invalid")]
    Invalid,
    /// It was one of ours, and its time has passed.
    #[error("the token has expired")]
    Expired,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("signing a token failed")]
pub struct SignError(#[source] pub Box<dyn Error + Send + Sync>);

/// The keys that somebody else needs to check our tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait PublishedKeys: Send + Sync {
    /// A JSON Web Key Set (RFC 7517 §5) of every key that verifies, public parts only.
    fn jwks(&self) -> String;
}
