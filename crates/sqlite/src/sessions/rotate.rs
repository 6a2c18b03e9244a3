//! Spending a refresh token.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::port::Rotated;
use doorward_domain::token::{Rotation, Session, SessionId};

use super::find;
use crate::error::Failure;
use crate::rows::{Id, SessionRow};
use crate::schema::sessions;
use crate::users;

/// Carries the domain's rule out. The writer does one step at a time, so that nobody else reads what is read here
/// before it is kept; the end of a reused session is an answer, not an error, and stays.
pub(super) fn rotate(
    connection: &mut SqliteConnection,
    id: SessionId,
    rule: impl FnOnce(&mut Session) -> Rotation,
) -> Result<Option<Rotated>, Failure> {
    let Some(before) = find(connection, id)? else {
        return Ok(None);
    };
    let Some(user) = users::find(connection, before.user_id)? else {
        return Ok(None);
    };
    let mut session = before.clone();
    let rotation = rule(&mut session);
    if session != before {
        keep(connection, &session)?;
    }
    Ok(Some(Rotated { rotation, session, user }))
}

/// Stores a session that is there already as it is now.
pub(crate) fn keep(connection: &mut SqliteConnection, session: &Session) -> QueryResult<()> {
    diesel::update(sessions::table.find(Id::from(session.id)))
        .set(SessionRow::from(session))
        .execute(connection)
        .map(drop)
}
