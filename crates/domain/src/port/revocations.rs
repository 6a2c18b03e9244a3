//! What is known about tokens without asking the store of sessions.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::Timestamp;
use crate::token::Claims;
use crate::user::UserId;

/// Answers quickly whether a token still opens anything, beside the store of sessions, which is the truth.
///
/// What is known of an account is known under a [`Stamp`]; a change gives the account another one, and with it all
/// that was known before is forgotten at once, on every node. So an adapter may lose what it knows at any moment, a
/// part of it or everything: then it knows less, and is not wrong.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Revocations: Send + Sync {
    /// What is known of a token. MUST answer [`Standing::Live`] only where the session was confirmed under the stamp
    /// that the account has now, and soon: out of reach is [`Standing::Unknown`] without a stamp.
    async fn find(&self, token: &Claims) -> Standing;
    /// Notes that the store of sessions has the token's session live. The caller MUST have asked the store after
    /// [`find`](Self::find) had answered this stamp.
    async fn confirm(&self, token: &Claims, stamp: Stamp);
    /// Says that an account or its sessions have changed, or may have, and what was revoked by it. When this has
    /// answered, nothing that was known before is [`Standing::Live`] on any node; where that cannot be made certain,
    /// it is an error. The answer is the account's new stamp, where there is one.
    async fn changed(&self, user: UserId, revoked: &[Revoked]) -> Result<Option<Stamp>, StoreError>;
}

/// What is known of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was revoked, or its session was.
    Revoked,
    /// Its session is live, and copies of the account's document that bear this stamp are current.
    Live(Stamp),
    /// The store of sessions must be asked; what it answers may be noted under the stamp, where there is one.
    Unknown(Option<Stamp>),
}

/// Names a state of an account and its sessions. After a change it never comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp(Uuid);

impl Stamp {
    /// Takes a UUID, which MUST never have named another state.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// Something that was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The `jti` of a token, or the `sid` of a session and all its tokens.
    pub id: Uuid,
    /// When the last token that it stands for expires by itself.
    pub until: Timestamp,
}
