//! Small answers: nothing, what was deleted, how a login or the service stands.

use doorward_domain::sessions::Caller;
use doorward_domain::user::User;
use paperclip::actix::Apiv2Schema;
use serde::Serialize;

use super::View;

/// Nothing to say.
#[derive(Serialize, Apiv2Schema)]
pub(crate) struct Nothing {}

impl View for Nothing {
    fn example() -> Self {
        Self {}
    }
}

/// Who was deleted.
#[derive(Serialize, Apiv2Schema)]
pub(crate) struct Deleted {
    deleted_username: String,
}

impl View for Deleted {
    fn example() -> Self {
        Self { deleted_username: "ada@example.com".into() }
    }
}

/// Whom a token belongs to, and until when.
#[derive(Serialize, Apiv2Schema)]
pub(crate) struct LoginStatus {
    id: String,
    username: String,
    /// user or admin, as it is now.
    role: String,
    /// The session's identifier, the claim `sid`.
    session: String,
    /// When the access token was made, in Unix seconds.
    access_token_issued: i64,
    /// When the access token ends, in Unix seconds.
    access_token_expired: i64,
    /// When the session ends, in Unix seconds.
    refresh_token_expired: i64,
}

impl From<&Caller> for LoginStatus {
    fn from(caller: &Caller) -> Self {
        Self {
            id: caller.user.id.to_string(),
            username: caller.user.username.as_str().to_owned(),
            role: caller.user.role.to_string(),
            session: caller.session.id.to_string(),
            access_token_issued: caller.claims.issued_at.seconds(),
            access_token_expired: caller.claims.expires_at.seconds(),
            refresh_token_expired: caller.session.expires_at.seconds(),
        }
    }
}

impl View for LoginStatus {
    fn example() -> Self {
        Self {
            id: "0b9f6f5e-5f0c-4a53-9d8e-3f1d2f4c7a10".into(),
            username: "ada@example.com".into(),
            role: "user".into(),
            session: "d1b9c1f2-63a5-4d0b-8a4e-6a3f0f8b7c21".into(),
            access_token_issued: 1_767_268_800,
            access_token_expired: 1_767_269_700,
            refresh_token_expired: 1_769_860_800,
        }
    }
}

/// Whether the service can do its work.
#[derive(Serialize, Apiv2Schema)]
pub(crate) struct Readiness {
    /// Everything it depends on.
    pub(crate) stores: Vec<StoreState>,
}

pub(crate) const READY: &str = "ready";
pub(crate) const DEGRADED: &str = "degraded";
pub(crate) const UNAVAILABLE: &str = "unavailable";

/// Every state that a dependency may be in.
pub(crate) const STORE_STATES: [&str; 3] = [READY, DEGRADED, UNAVAILABLE];

/// One dependency.
#[derive(Serialize, Apiv2Schema)]
pub(crate) struct StoreState {
    pub(crate) name: String,
    /// ready, degraded (the service does without it) or unavailable.
    pub(crate) state: String,
}

impl View for Readiness {
    fn example() -> Self {
        Self { stores: vec![StoreState { name: "database".into(), state: "ready".into() }] }
    }
}

impl From<&User> for Deleted {
    fn from(user: &User) -> Self {
        Self { deleted_username: user.username.as_str().to_owned() }
    }
}
