//! Statements about sessions.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::Timestamp;
use doorward_domain::token::{EndReason, Session, SessionId};
use doorward_domain::user::UserId;
use doorward_sql::columns::{Id, Time};
use doorward_sql::rows::SessionRow;
use doorward_sql::schema::sessions;

pub(super) fn add(connection: &mut SqliteConnection, session: &Session) -> QueryResult<()> {
    diesel::insert_into(sessions::table).values(SessionRow::from(session)).execute(connection).map(drop)
}

pub(super) fn keep(connection: &mut SqliteConnection, session: &Session) -> QueryResult<()> {
    diesel::update(sessions::table.find(Id::from(session.id)))
        .set(SessionRow::from(session))
        .execute(connection)
        .map(drop)
}

/// The first end counts: a session that has ended is not touched.
pub(super) fn end(
    connection: &mut SqliteConnection,
    id: SessionId,
    at: Timestamp,
    reason: EndReason,
) -> QueryResult<()> {
    diesel::update(sessions::table.find(Id::from(id)).filter(sessions::ended_at.is_null()))
        .set((sessions::ended_at.eq(Time::from(at)), sessions::end_reason.eq(reason.as_str())))
        .execute(connection)
        .map(drop)
}

pub(super) fn end_all(
    connection: &mut SqliteConnection,
    user: UserId,
    spared: Option<SessionId>,
    at: Timestamp,
    reason: EndReason,
) -> QueryResult<()> {
    let spared = spared.map_or(Id::NIL, Id::from);
    diesel::update(sessions::table.filter(sessions::user_id.eq(Id::from(user))))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(spared))
        .set((sessions::ended_at.eq(Time::from(at)), sessions::end_reason.eq(reason.as_str())))
        .execute(connection)
        .map(drop)
}

/// Oldest first.
pub(super) fn live(
    connection: &mut SqliteConnection,
    user: UserId,
    at: Timestamp,
) -> QueryResult<Vec<SessionId>> {
    let live: Vec<Id> = sessions::table
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Time::from(at)))
        .order((sessions::created_at, sessions::id))
        .select(sessions::id)
        .load(connection)?;
    Ok(live.into_iter().map(Into::into).collect())
}

/// Those that ended at just that moment and would be live then, oldest first.
pub(super) fn ended_at(
    connection: &mut SqliteConnection,
    user: UserId,
    at: Timestamp,
) -> QueryResult<Vec<SessionId>> {
    let ended: Vec<Id> = sessions::table
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::ended_at.eq(Time::from(at)))
        .filter(sessions::expires_at.gt(Time::from(at)))
        .order((sessions::created_at, sessions::id))
        .select(sessions::id)
        .load(connection)?;
    Ok(ended.into_iter().map(Into::into).collect())
}
