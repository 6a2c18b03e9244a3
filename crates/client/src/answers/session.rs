//! Where somebody is logged in.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One login on one device. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    /// The claim `sid` of its tokens.
    pub id: Uuid,
    /// Whether it is the one that asks.
    pub current: bool,
    /// What logged in, as it named itself.
    pub device: Option<String>,
    /// The network address it logged in from.
    pub address: Option<String>,
    /// When somebody logged in.
    pub created_at: String,
    /// When it was last used to log in or refresh.
    pub last_seen_at: String,
    /// When it ends by itself.
    pub expires_at: String,
}
