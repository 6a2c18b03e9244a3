//! A session, as its owner sees it.

use doorward_domain::token::Session;
use paperclip::actix::Apiv2Schema;
use serde::Serialize;

use super::View;
use crate::read::written_time;

/// One login on one device.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Session")]
pub(crate) struct SessionView {
    /// The claim `sid` of its tokens.
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// What logged in, as it named itself.
    device: Option<String>,
    /// The network address it logged in from.
    address: Option<String>,
    /// When somebody logged in.
    created_at: String,
    /// When it was last used to log in or refresh.
    last_seen_at: String,
    /// When it ends by itself.
    expires_at: String,
}

impl SessionView {
    pub(crate) fn new(session: &Session, current: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            current: session.id == current.id,
            device: session.device.user_agent.clone(),
            address: session.device.address.map(|address| address.to_string()),
            created_at: written_time(session.created_at),
            last_seen_at: written_time(session.last_seen_at),
            expires_at: written_time(session.expires_at),
        }
    }
}

impl View for SessionView {
    const LIST: &'static str = "Sessions.";

    fn example() -> Self {
        Self {
            id: "d1b9c1f2-63a5-4d0b-8a4e-6a3f0f8b7c21".into(),
            current: true,
            device: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into()),
            address: Some("192.0.2.17".into()),
            created_at: "2026-01-01T12:00:00.000Z".into(),
            last_seen_at: "2026-01-01T12:45:00.000Z".into(),
            expires_at: "2026-01-31T12:00:00.000Z".into(),
        }
    }
}

/// How many sessions were ended.
#[derive(Serialize, Apiv2Schema)]
pub(crate) struct Ended {
    ended: u64,
}

impl From<usize> for Ended {
    fn from(count: usize) -> Self {
        Self { ended: u64::try_from(count).unwrap_or(u64::MAX) }
    }
}

impl View for Ended {
    fn example() -> Self {
        Self { ended: 2 }
    }
}
