//! What the service answers.

mod audit;
mod list;
mod service;
mod session;
mod tokens;
mod user;

pub use audit::{AuditAction, AuditEntry, AuditOutcome, AuditParty};
pub use list::Page;
pub use service::{FieldFault, JsonWebKey, KeySet, Readiness, StoreStanding, StoreState};
pub use session::LiveSession;
pub use tokens::{LoginStatus, Tokens};
pub use user::{
    Channel, Favorite, Favorites, LinkedAccount, LinkedAccounts, Profile, PublicProfile, PublicUser, Role,
    User, UserEntry, UserTypeName, UserTypes,
};

use serde::Deserialize;

/// Nothing to say.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// How many sessions were ended.
#[derive(Deserialize)]
pub(crate) struct Ended {
    pub(crate) ended: u64,
}

/// Who was deleted.
#[derive(Deserialize)]
pub(crate) struct Deleted {
    pub(crate) deleted_username: String,
}
