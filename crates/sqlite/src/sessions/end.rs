//! Ending sessions. The first end counts: a session that has ended is not touched.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::Timestamp;
use doorward_domain::token::{EndReason, SessionId};
use doorward_domain::user::UserId;

use crate::rows::Id;
use crate::schema::sessions;

/// Ends one session.
pub(crate) fn end(
    connection: &mut SqliteConnection,
    id: SessionId,
    at: Timestamp,
    reason: EndReason,
) -> QueryResult<()> {
    diesel::update(sessions::table.find(Id::from(id)).filter(sessions::ended_at.is_null()))
        .set((sessions::ended_at.eq(at.millis()), sessions::end_reason.eq(reason.as_str())))
        .execute(connection)
        .map(drop)
}

/// Ends every session of an account.
pub(crate) fn end_all(
    connection: &mut SqliteConnection,
    user: UserId,
    at: Timestamp,
    reason: EndReason,
) -> QueryResult<()> {
    diesel::update(sessions::table.filter(sessions::user_id.eq(Id::from(user))))
        .filter(sessions::ended_at.is_null())
        .set((sessions::ended_at.eq(at.millis()), sessions::end_reason.eq(reason.as_str())))
        .execute(connection)
        .map(drop)
}

/// Ends every session of an account but one.
pub(crate) fn end_others(
    connection: &mut SqliteConnection,
    user: UserId,
    spared: SessionId,
    at: Timestamp,
    reason: EndReason,
) -> QueryResult<()> {
    diesel::update(sessions::table.filter(sessions::user_id.eq(Id::from(user))))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(Id::from(spared)))
        .set((sessions::ended_at.eq(at.millis()), sessions::end_reason.eq(reason.as_str())))
        .execute(connection)
        .map(drop)
}
