//! New identifiers.

use uuid::Uuid;

use crate::audit::AuditId;
use crate::token::{SessionId, TokenId};
use crate::user::UserId;

/// Chooses identifiers. Each MUST come from at least 122 bits of cryptographic randomness (UUID version 4), but for those
/// of [`neighbours`](Self::neighbours).
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Ids: Send + Sync {
    /// For an account.
    fn user(&self) -> UserId;
    /// For as many accounts that are added together (at most 2²⁴): one after the other in an index, so that the pages it
    /// touches are few, and together at a place of it that nobody can tell (UUID version 8). Each MUST come from at
    /// least 50 bits of randomness of its own.
    fn neighbours(&self, count: usize) -> Vec<UserId>;
    /// For a session.
    fn session(&self) -> SessionId;
    /// For a token.
    fn token(&self) -> TokenId;
    /// For an entry of the audit log.
    fn audit(&self) -> AuditId;
    /// For a request, which is told by it in answers and the log and found by it nowhere: the one that may come from
    /// randomness that was drawn before.
    fn request(&self) -> Uuid;
}
