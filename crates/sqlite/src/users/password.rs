//! Changing a password.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::port::{PasswordChange, PasswordChanged, StoreError};
use doorward_domain::token::EndReason;
use doorward_domain::user::User;

use super::find;
use crate::error::Abort;
use crate::rows::{Id, last_login_at, scheme_name};
use crate::schema::users;
use crate::sessions;

pub(super) fn change(
    connection: &mut SqliteConnection,
    change: &PasswordChange,
) -> Result<PasswordChanged, Abort<StoreError>> {
    let PasswordChange { user_id, seen, new, session_id, successor, at } = change;
    let user = find(connection, *user_id)?;
    let session = sessions::find(connection, *session_id)?
        .filter(|session| session.user_id == *user_id && session.is_live(*at));
    let (Some(mut user), Some(mut session)) = (user, session) else {
        return Ok(PasswordChanged::SessionEnded);
    };
    // The second time round there is nothing left to do.
    if session.refresh_id != successor.refresh_id {
        if user.password != *seen {
            return Ok(PasswordChanged::Stale);
        }
        user.password = new.clone();
        user.version = user.version.saturating_add(1);
        session.renew(*successor, *at);
        keep_credentials(connection, &user)?;
        sessions::keep(connection, &session)?;
        sessions::end::end_others(connection, *user_id, *session_id, *at, EndReason::PasswordChange)?;
    }
    Ok(PasswordChanged::Done { user: Box::new(user), session: Box::new(session) })
}

/// Stores what an update does not: the password and the last login, and that there was a change.
pub(crate) fn keep_credentials(connection: &mut SqliteConnection, user: &User) -> QueryResult<()> {
    diesel::update(users::table.find(Id::from(user.id)))
        .set((
            users::password_hash.eq(user.password.reveal()),
            users::password_scheme.eq(scheme_name(user.password.scheme())),
            users::last_login_at.eq(last_login_at(user.last_login)),
            users::version.eq(user.version),
        ))
        .execute(connection)
        .map(drop)
}
