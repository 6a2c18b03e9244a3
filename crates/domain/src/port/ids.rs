//! New identifiers.

use crate::audit::AuditId;
use crate::token::{SessionId, TokenId};
use crate::user::UserId;

/// Chooses identifiers. Each MUST come from at least 122 bits of cryptographic randomness (UUID version 4).
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Ids: Send + Sync {
    /// For an account.
    fn user(&self) -> UserId;
    /// For a session.
    fn session(&self) -> SessionId;
    /// For a token.
    fn token(&self) -> TokenId;
    /// For an entry of the audit log.
    fn audit(&self) -> AuditId;
}
