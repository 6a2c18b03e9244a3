//! A row of `sessions`.

use std::net::IpAddr;

use diesel::prelude::*;
use doorward_domain::Timestamp;
use doorward_domain::port::EndedSession;
use doorward_domain::token::{Device, End, EndReason, Session};

use crate::columns::{Id, Time};
use crate::error::BadColumn;
use crate::schema::sessions;

/// A session as it stands in its table.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_null = true, treat_none_as_default_value = false, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct SessionRow {
    id: Id,
    user_id: Id,
    generation: i64,
    refresh_id: Id,
    previous_refresh_id: Option<Id>,
    access_id: Id,
    rotated_at: Time,
    created_at: Time,
    last_seen_at: Time,
    expires_at: Time,
    ended_at: Option<Time>,
    end_reason: Option<String>,
    user_agent: Option<String>,
    address: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.into(),
            user_id: session.user_id.into(),
            generation: session.generation,
            refresh_id: session.refresh_id.into(),
            previous_refresh_id: session.previous_refresh_id.map(Id::from),
            access_id: session.access_id.into(),
            rotated_at: session.rotated_at.into(),
            created_at: session.created_at.into(),
            last_seen_at: session.last_seen_at.into(),
            expires_at: session.expires_at.into(),
            ended_at: session.ended.map(|end| end.at.into()),
            end_reason: session.ended.map(|end| end.reason.as_str().to_owned()),
            user_agent: session.device.user_agent.clone(),
            address: session.device.address.map(|address| address.to_string()),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = BadColumn;

    fn try_from(row: SessionRow) -> Result<Self, BadColumn> {
        Ok(Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            generation: row.generation,
            refresh_id: row.refresh_id.into(),
            previous_refresh_id: row.previous_refresh_id.map(Into::into),
            access_id: row.access_id.into(),
            rotated_at: row.rotated_at.into(),
            created_at: row.created_at.into(),
            last_seen_at: row.last_seen_at.into(),
            expires_at: row.expires_at.into(),
            ended: BadColumn::name("sessions.end_reason", end(row.ended_at, row.end_reason.as_deref()))?,
            device: Device { user_agent: row.user_agent, address: row.address.as_deref().and_then(address) },
        })
    }
}

/// The sessions of rows, in their order.
pub fn sessions(rows: Vec<SessionRow>) -> Result<Vec<Session>, BadColumn> {
    rows.into_iter().map(Session::try_from).collect()
}

/// The place in the order of [`EndedSession`] behind which a walk goes on, or begins. No session has the identifier that
/// stands for nothing.
pub fn before_ended(since: Timestamp, after: Option<EndedSession>) -> (Time, Id) {
    let start = EndedSession { at: since, id: Id::NIL.into() };
    let EndedSession { at, id } = after.map_or(start, |after| after.max(start));
    (at.into(), id.into())
}

/// What `ended_at` and `id` of sessions are, in their order.
pub fn ended_sessions(rows: Vec<(Time, Id)>) -> Vec<EndedSession> {
    rows.into_iter().map(|(at, id)| EndedSession { at: at.into(), id: id.into() }).collect()
}

/// What is no network address is none: it only tells where somebody was, and does not stand between them and their
/// session.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

fn end(at: Option<Time>, reason: Option<&str>) -> Result<Option<End>, &'static str> {
    match (at.map(Timestamp::from), reason) {
        (None, None) => Ok(None),
        (Some(at), Some(name)) => {
            let reason = EndReason::ALL.into_iter().find(|reason| reason.as_str() == name);
            Ok(Some(End { at, reason: reason.ok_or("an unknown reason")? }))
        }
        _ => Err("a time without a reason, or a reason without a time"),
    }
}
