//! Replacing an account's fields.

use diesel::SqliteConnection;
use diesel::prelude::*;
use doorward_domain::port::UpdateUserError;
use doorward_domain::token::EndReason;
use doorward_domain::user::User;

use super::{addresses, find};
use crate::error::Abort;
use crate::rows::{Id, UserFields};
use crate::schema::users;
use crate::sessions;

pub(super) fn update(connection: &mut SqliteConnection, user: &User) -> Result<(), Abort<UpdateUserError>> {
    let stored: Option<i64> =
        users::table.find(Id::from(user.id)).select(users::version).get_result(connection).optional()?;
    let Some(version) = stored else {
        return Err(Abort::Refused(UpdateUserError::NotFound));
    };
    if version.checked_add(1) != Some(user.version) {
        return Err(Abort::Refused(UpdateUserError::Stale));
    }
    let had_admin = find::has_active_admin(connection)?;
    addresses::release(connection, user.id)?;
    addresses::claim(connection, user, UpdateUserError::AddressTaken)?;
    diesel::update(users::table.find(Id::from(user.id)))
        .set(UserFields::try_from(user)?)
        .execute(connection)?;
    if had_admin && !find::has_active_admin(connection)? {
        return Err(Abort::Refused(UpdateUserError::LastAdmin));
    }
    if !user.active {
        sessions::end::end_all(connection, user.id, user.updated_at, EndReason::Disabled)?;
    }
    Ok(())
}
