//! Pages of accounts, and how many there are.

mod driver;
mod filter;
mod order;
mod prefix;

#[cfg(test)]
mod plan_tests;

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use doorward_domain::port::{UserFilter, UserQuery};
use doorward_domain::user::User;

use crate::error::{BadColumn, Failure};
use crate::rows::UserRow;
use crate::schema::users;
use driver::Driver;

/// A statement about accounts that conditions are added to.
type Statement<'a> = users::BoxedQuery<'a, Sqlite>;

/// A page, in order.
pub(super) fn page(connection: &mut SqliteConnection, query: &UserQuery) -> Result<Vec<User>, Failure> {
    let rows: Vec<UserRow> = page_statement(query).select(UserRow::as_select()).load(connection)?;
    let users: Result<Vec<User>, BadColumn> = rows.into_iter().map(User::try_from).collect();
    Ok(users?)
}

/// How many pass.
pub(super) fn count(connection: &mut SqliteConnection, filter: &UserFilter) -> Result<u64, Failure> {
    let passing: i64 = count_statement(filter).count().get_result(connection)?;
    Ok(u64::try_from(passing).unwrap_or_default())
}

fn page_statement(query: &UserQuery) -> Statement<'_> {
    let driver = Driver::of(query);
    let mut statement = filter::narrow(users::table.into_boxed(), &query.filter, driver);
    if let Some(position) = &query.after {
        statement = order::begin_after(statement, position, query.direction, driver);
    }
    order::sort(statement, query.sort, query.direction, driver)
        .limit(i64::try_from(query.limit).unwrap_or(i64::MAX))
}

fn count_statement(filter: &UserFilter) -> Statement<'_> {
    filter::narrow(users::table.into_boxed(), filter, Driver::Planner)
}
