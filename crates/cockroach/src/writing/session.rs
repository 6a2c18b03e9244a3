//! Statements about sessions.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::Timestamp;
use doorward_domain::token::{EndReason, Session, SessionId};
use doorward_domain::user::UserId;
use doorward_sql::columns::{Id, Time};
use doorward_sql::rows::SessionRow;
use doorward_sql::schema::sessions;

pub(super) async fn add(connection: &mut AsyncPgConnection, session: &Session) -> QueryResult<()> {
    let row = SessionRow::from(session);
    diesel::insert_into(sessions::table).values(row).execute(connection).await.map(drop)
}

pub(super) async fn keep(connection: &mut AsyncPgConnection, session: &Session) -> QueryResult<()> {
    diesel::update(sessions::table.find(Id::from(session.id)))
        .set(SessionRow::from(session))
        .execute(connection)
        .await
        .map(drop)
}

/// The first end counts: a session that has ended is not touched.
pub(super) async fn end(
    connection: &mut AsyncPgConnection,
    ids: &[SessionId],
    at: Timestamp,
    reason: EndReason,
) -> QueryResult<()> {
    let ids: Vec<Id> = ids.iter().copied().map(Id::from).collect();
    diesel::update(sessions::table.filter(sessions::id.eq_any(ids)))
        .filter(sessions::ended_at.is_null())
        .set((sessions::ended_at.eq(Time::from(at)), sessions::end_reason.eq(reason.as_str())))
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn end_all(
    connection: &mut AsyncPgConnection,
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
        .await
        .map(drop)
}

/// Oldest first.
pub(super) async fn live(
    connection: &mut AsyncPgConnection,
    user: UserId,
    at: Timestamp,
) -> QueryResult<Vec<SessionId>> {
    let live: Vec<Id> = sessions::table
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Time::from(at)))
        .order((sessions::created_at, sessions::id))
        .select(sessions::id)
        .load(connection)
        .await?;
    Ok(live.into_iter().map(Into::into).collect())
}

/// Those that ended at just that moment and would be live then, oldest first.
pub(super) async fn ended_at(
    connection: &mut AsyncPgConnection,
    user: UserId,
    at: Timestamp,
) -> QueryResult<Vec<SessionId>> {
    let ended: Vec<Id> = sessions::table
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::ended_at.eq(Time::from(at)))
        .filter(sessions::expires_at.gt(Time::from(at)))
        .order((sessions::created_at, sessions::id))
        .select(sessions::id)
        .load(connection)
        .await?;
    Ok(ended.into_iter().map(Into::into).collect())
}
