//! Looking accounts up.

use diesel::SqliteConnection;
use diesel::prelude::*;
use doorward_domain::user::{Email, User, UserId};
use doorward_sql::Failure;
use doorward_sql::columns::Id;
use doorward_sql::rows::UserRow;
use doorward_sql::schema::{user_addresses, users};

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
