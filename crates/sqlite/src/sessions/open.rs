//! Adding the session of a login.

use std::time::Duration;

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::Timestamp;
use doorward_domain::port::{NewSession, Opened, StoreError};
use doorward_domain::token::{EndReason, Session};
use doorward_domain::user::User;

use super::end;
use crate::error::Abort;
use crate::rows::{Id, SessionRow};
use crate::schema::sessions;
use crate::users;

/// How long a session that is over is remembered.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Most old sessions cleared out by one login. As each login adds one, any number above one keeps the table bounded.
const CLEARED_AT_ONCE: usize = 64;

pub(super) fn open(connection: &mut SqliteConnection, new: &NewSession) -> Result<Opened, Abort<StoreError>> {
    let NewSession { session, seen, rehashed, max_live } = new;
    let Some(mut user) = users::find(connection, session.user_id)? else {
        return Ok(Opened::CredentialChanged);
    };
    if exists(connection, session)? {
        // The second time round there is nothing left to do.
        return Ok(Opened::Done(Box::new(user)));
    }
    if !user.active || user.password != *seen {
        return Ok(Opened::CredentialChanged);
    }
    if let Some(rehashed) = rehashed {
        user.password = rehashed.clone();
    }
    user.last_login = Some(session.created_at);
    user.version = user.version.saturating_add(1);
    users::keep_credentials(connection, &user)?;
    end_oldest(connection, &user, session.created_at, *max_live)?;
    diesel::insert_into(sessions::table).values(SessionRow::from(session)).execute(connection)?;
    clear_out(connection, session.created_at.minus(KEPT))?;
    Ok(Opened::Done(Box::new(user)))
}

fn exists(connection: &mut SqliteConnection, session: &Session) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(sessions::table.find(Id::from(session.id)))).get_result(connection)
}

/// Makes room for one more session, which itself never ends.
fn end_oldest(
    connection: &mut SqliteConnection,
    user: &User,
    now: Timestamp,
    max_live: usize,
) -> QueryResult<()> {
    let live: Vec<Id> = sessions::table
        .filter(sessions::user_id.eq(Id::from(user.id)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.millis()))
        .order((sessions::created_at, sessions::id))
        .select(sessions::id)
        .load(connection)?;
    let surplus = live.len().saturating_add(1).saturating_sub(max_live.max(1));
    live.into_iter().take(surplus).try_for_each(|id| end::end(connection, id.into(), now, EndReason::TooMany))
}

/// Forgets some of the sessions whose time was over before `limit`, ended or not.
fn clear_out(connection: &mut SqliteConnection, limit: Timestamp) -> QueryResult<()> {
    let old = sessions::table
        .filter(sessions::expires_at.lt(limit.millis()))
        .order(sessions::expires_at)
        .select(sessions::id);
    let old: Vec<Id> = old.load_iter(connection)?.take(CLEARED_AT_ONCE).collect::<QueryResult<_>>()?;
    old.into_iter().try_for_each(|id| diesel::delete(sessions::table.find(id)).execute(connection).map(drop))
}
