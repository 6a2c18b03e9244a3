//! Pages of accounts, and how many there are.

mod driver;
mod filter;
mod order;

#[cfg(test)]
mod driver_tests;
#[cfg(test)]
mod plan_tests;

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::port::{UserFilter, UserQuery};
use doorward_domain::user::KeptDocument;
use doorward_sql::columns::{Id, IdColumn};
use doorward_sql::rows::UserRow;
use doorward_sql::schema::users;
use doorward_sql::{Failure, KeptDocuments, Listed, UserHead};

use driver::Driver;

/// A statement about accounts that conditions are added to.
type Statement<'a, T = users::SqlType> = users::BoxedQuery<'a, Sqlite, T>;

/// As many accounts are sorted in the time that it takes to skip to a page among a million.
const FEW: usize = 4_000;

/// A page, in order.
pub(super) fn page(
    connection: &mut SqliteConnection,
    query: &UserQuery,
    kept: &KeptDocuments,
) -> Result<Vec<Arc<KeptDocument>>, Failure> {
    let driver = match Driver::if_few(query) {
        Some(driver) if are_few(connection, &query.filter, driver)? => driver,
        _ => Driver::order(query),
    };
    page_led_by(connection, query, driver, kept)
}

fn are_few(connection: &mut SqliteConnection, filter: &UserFilter, driver: Driver) -> QueryResult<bool> {
    let found: Vec<Id> = few_statement(filter, driver).load(connection)?;
    Ok(found.len() < FEW)
}

fn page_led_by(
    connection: &mut SqliteConnection,
    query: &UserQuery,
    driver: Driver,
    kept: &KeptDocuments,
) -> Result<Vec<Arc<KeptDocument>>, Failure> {
    let heads: Vec<UserHead> =
        page_statement(query, driver).select(UserHead::as_select()).load(connection)?;
    let page = match kept.page(&heads) {
        Listed::Whole(page) => return Ok(page),
        Listed::Partly(page) => page,
    };
    let missing = users::table.into_boxed().filter(users::id.eq_any(page.missing()));
    if let Some(page) = kept.complete(page, rows_of(missing, connection)?)? {
        return Ok(page);
    }
    // Somebody was removed or changed between the two.
    Ok(kept.keep(rows_of(page_statement(query, driver), connection)?)?)
}

/// Whole rows.
fn rows_of(statement: Statement<'_>, connection: &mut SqliteConnection) -> QueryResult<Vec<UserRow>> {
    statement.select(UserRow::as_select()).load(connection)
}

/// How many pass.
pub(super) fn count(connection: &mut SqliteConnection, filter: &UserFilter) -> Result<u64, Failure> {
    let passing: i64 = count_statement(filter).count().get_result(connection)?;
    Ok(u64::try_from(passing).unwrap_or_default())
}

/// The accounts that `driver` would lead to, no more than are few.
fn few_statement(filter: &UserFilter, driver: Driver) -> Statement<'_, IdColumn> {
    filter::lead(users::table.into_boxed(), filter, driver)
        .select(users::id)
        .limit(i64::try_from(FEW).unwrap_or(i64::MAX))
}

fn page_statement(query: &UserQuery, driver: Driver) -> Statement<'_> {
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
