//! Looking sessions up.

use diesel::SqliteConnection;
use diesel::prelude::*;
use doorward_domain::Timestamp;
use doorward_domain::port::LiveSession;
use doorward_domain::token::{Session, SessionId};

use crate::error::Failure;
use crate::rows::{Id, SessionRow, UserRow};
use crate::schema::{sessions, users};

/// The session, live or not.
pub(crate) fn find(connection: &mut SqliteConnection, id: SessionId) -> Result<Option<Session>, Failure> {
    let row = sessions::table
        .find(Id::from(id))
        .select(SessionRow::as_select())
        .get_result(connection)
        .optional()?;
    Ok(row.map(Session::try_from).transpose()?)
}

/// The session and its account, if both are good now. Every request with a token asks this: it is one statement,
/// prepared once a connection, without the `LIMIT ?` of diesel's `first`, for which `SQLite` would plan it anew.
pub(super) fn find_live(
    connection: &mut SqliteConnection,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<LiveSession>, Failure> {
    let rows: Option<(SessionRow, UserRow)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(Id::from(id)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.millis()))
        .filter(users::active)
        .select((SessionRow::as_select(), UserRow::as_select()))
        .get_result(connection)
        .optional()?;
    let Some((session, user)) = rows else {
        return Ok(None);
    };
    Ok(Some(LiveSession { session: session.try_into()?, user: user.try_into()? }))
}
