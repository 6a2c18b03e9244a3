//! Adding an account.

use diesel::SqliteConnection;
use diesel::prelude::*;
use doorward_domain::port::InsertUserError;
use doorward_domain::user::User;

use super::addresses;
use crate::error::Abort;
use crate::rows::UserRow;
use crate::schema::users;

/// An account that is there already stays as it is.
pub(super) fn insert(connection: &mut SqliteConnection, user: &User) -> Result<(), Abort<InsertUserError>> {
    let added = diesel::insert_into(users::table)
        .values(UserRow::try_from(user)?)
        .on_conflict(users::id)
        .do_nothing()
        .execute(connection)?;
    if added == 0 {
        return Ok(());
    }
    addresses::claim(connection, user, InsertUserError::AddressTaken)
}
