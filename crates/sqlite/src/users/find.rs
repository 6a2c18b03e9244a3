//! Looking accounts up.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::user::{Email, Role, User, UserId};

use crate::error::Failure;
use crate::rows::{Id, UserRow};
use crate::schema::{user_addresses, users};

/// By identifier.
pub(crate) fn find(connection: &mut SqliteConnection, id: UserId) -> Result<Option<User>, Failure> {
    let row =
        users::table.find(Id::from(id)).select(UserRow::as_select()).get_result(connection).optional()?;
    Ok(row.map(User::try_from).transpose()?)
}

/// By either address.
pub(super) fn find_by_address(
    connection: &mut SqliteConnection,
    address: &Email,
) -> Result<Option<User>, Failure> {
    let row = user_addresses::table
        .inner_join(users::table)
        .filter(user_addresses::address_norm.eq(address.normal()))
        .select(UserRow::as_select())
        .get_result(connection)
        .optional()?;
    Ok(row.map(User::try_from).transpose()?)
}

/// Whether anybody is left who can look after the others.
pub(super) fn has_active_admin(connection: &mut SqliteConnection) -> QueryResult<bool> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str())).filter(users::active);
    diesel::select(diesel::dsl::exists(admins)).get_result(connection)
}
