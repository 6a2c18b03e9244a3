//! Looking accounts up.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::user::{Email, User, UserId};
use doorward_sql::Failure;
use doorward_sql::columns::Id;
use doorward_sql::rows::UserRow;
use doorward_sql::schema::{user_addresses, users};

/// By identifier.
pub(super) async fn find(connection: &mut AsyncPgConnection, id: UserId) -> Result<Option<User>, Failure> {
    let row: Option<UserRow> = users::table
        .find(Id::from(id))
        .select(UserRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.map(User::try_from).transpose()?)
}

/// By either address.
pub(super) async fn find_by_address(
    connection: &mut AsyncPgConnection,
    address: &Email,
) -> Result<Option<User>, Failure> {
    let row: Option<UserRow> = user_addresses::table
        .inner_join(users::table)
        .filter(user_addresses::address_norm.eq(address.normal()))
        .select(UserRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.map(User::try_from).transpose()?)
}
