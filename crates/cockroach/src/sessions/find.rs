//! Looking sessions up.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::Timestamp;
use doorward_domain::port::LiveSession;
use doorward_domain::token::{Session, SessionId};
use doorward_domain::user::{User, UserId};
use doorward_sql::Failure;
use doorward_sql::columns::{Id, Time};
use doorward_sql::rows::{self, SessionRow, UserRow};
use doorward_sql::schema::{sessions, users};

use crate::writing::only;

/// The session, live or not, and its account.
pub(crate) async fn find_with_user(
    connection: &mut AsyncPgConnection,
    id: SessionId,
) -> Result<Option<(Session, User)>, Failure> {
    let found: Vec<(SessionRow, UserRow)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(Id::from(id)))
        .select((SessionRow::as_select(), UserRow::as_select()))
        .load(connection)
        .await?;
    only(found).map(|(session, user)| Ok((session.try_into()?, user.try_into()?))).transpose()
}

/// The session and its account, if both are good now. Every request with a token asks this.
pub(super) async fn find_live(
    connection: &mut AsyncPgConnection,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<LiveSession>, Failure> {
    let found: Vec<(SessionRow, UserRow)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(Id::from(id)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Time::from(now)))
        .filter(users::active)
        .select((SessionRow::as_select(), UserRow::as_select()))
        .load(connection)
        .await?;
    only(found)
        .map(|(session, user)| Ok(LiveSession { session: session.try_into()?, user: user.try_into()? }))
        .transpose()
}

/// The live sessions of an account, the newest first.
pub(super) async fn list_live(
    connection: &mut AsyncPgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Failure> {
    let live = sessions::table
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Time::from(now)))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select());
    Ok(rows::sessions(live.load(connection).await?)?)
}
