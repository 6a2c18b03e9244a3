//! Pages of accounts, and how many there are.

mod filter;
mod order;
mod rare;

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod rare_tests;

use std::sync::Arc;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::port::{UserFilter, UserQuery};
use doorward_domain::user::KeptDocument;
use doorward_sql::columns::Id;
use doorward_sql::rows::UserRow;
use doorward_sql::schema::users;
use doorward_sql::{Failure, KeptDocuments, Listed, UserHead};

/// A statement about accounts that conditions are added to.
type Statement<'a> = users::BoxedQuery<'a, Pg>;

/// A page, in order.
pub(super) async fn page(
    connection: &mut AsyncPgConnection,
    query: &UserQuery,
    kept: &KeptDocuments,
) -> Result<Vec<Arc<KeptDocument>>, Failure> {
    let few = rare::those_with(connection, query).await?;
    let statement = || page_statement(query, few.clone());
    let heads: Vec<UserHead> = statement().select(UserHead::as_select()).load(connection).await?;
    let page = match kept.page(&heads) {
        Listed::Whole(page) => return Ok(page),
        Listed::Partly(page) => page,
    };
    let missing = users::table.filter(users::id.eq_any(page.missing()));
    if let Some(page) = kept.complete(page, missing.select(UserRow::as_select()).load(connection).await?)? {
        return Ok(page);
    }
    // Somebody was removed or changed between the two.
    Ok(kept.keep(statement().select(UserRow::as_select()).load(connection).await?)?)
}

/// How many pass.
pub(super) async fn count(connection: &mut AsyncPgConnection, filter: &UserFilter) -> Result<u64, Failure> {
    let passing: i64 = count_statement(filter).count().get_result(connection).await?;
    Ok(u64::try_from(passing).unwrap_or_default())
}

/// Among a few accounts, if only these can pass: they are found by their identifiers and sorted. Otherwise the order
/// leads: the page is a range of its index, read until it is full, and whoever does not pass is skipped.
fn page_statement(query: &UserQuery, few: Option<Vec<Id>>) -> Statement<'_> {
    let UserQuery { filter, sort, direction, after, limit } = query;
    let mut statement = filter::narrow(users::table.into_boxed(), filter);
    if let Some(position) = after {
        statement = order::begin_after(statement, position, *direction);
    }
    statement = match few {
        Some(ids) => order::sort_few(statement.filter(users::id.eq_any(ids)), *sort, *direction),
        None => order::sort(filter::narrow_by_name(statement, filter), *sort, *direction),
    };
    statement.limit(i64::try_from(*limit).unwrap_or(i64::MAX))
}

fn count_statement(filter: &UserFilter) -> Statement<'_> {
    filter::narrow_by_name_indexes(filter::narrow(users::table.into_boxed(), filter), filter)
}
