//! What only few accounts have is found by its own index; nobody walks through a million to show twenty.
//!
//! The order in which they are found does not matter, but it is that of the index: without one `PostgreSQL` expects to
//! find enough of them anywhere in the table, and where they are few it reads all of it.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::port::{SortKey, UserFilter, UserQuery};
use doorward_sql::columns::{Id, Time};
use doorward_sql::schema::{user_addresses, users};
use doorward_sql::{Failure, Prefix};
use tokio::try_join;

/// As many accounts are sorted in the time that it takes to skip to a page among a million.
pub(super) const FEW: i64 = 4_000;

/// The accounts with the name or the late login that is asked for, if they are few; `None` where they are many, or
/// neither is asked for. A list in the order of logins needs no help to find the late ones.
pub(super) async fn those_with(
    connection: &mut AsyncPgConnection,
    query: &UserQuery,
) -> Result<Option<Vec<Id>>, Failure> {
    let UserFilter { name_prefix, prefix_of_address, logged_in, .. } = &query.filter;
    match (name_prefix, logged_in) {
        (Some(prefix), _) => named(connection, &Prefix::new(prefix), *prefix_of_address).await,
        (None, Some(logged_in)) if query.sort != SortKey::LastLogin => {
            let late = users::table
                .filter(users::last_login_at.ge(Time::from(logged_in.since)))
                .order(users::last_login_at.desc())
                .select(users::id)
                .limit(FEW);
            Ok(if_few(late.load(connection).await?))
        }
        _ => Ok(None),
    }
}

async fn named(
    connection: &AsyncPgConnection,
    Prefix { from, to }: &Prefix,
    or_reached: bool,
) -> Result<Option<Vec<Id>>, Failure> {
    let named = users::table
        .filter(users::fullname_search.ge(from))
        .filter(users::fullname_search.lt(to))
        .order(users::fullname_search)
        .select(users::id)
        .limit(FEW);
    if !or_reached {
        return Ok(if_few(named.load(&mut &*connection).await?));
    }
    let reached = user_addresses::table
        .filter(user_addresses::address_norm.ge(from))
        .filter(user_addresses::address_norm.lt(to))
        .order(user_addresses::address_norm)
        .select(user_addresses::user_id)
        .limit(FEW);
    let (mut one, mut two) = (connection, connection);
    let (found, reached): (Vec<Id>, Vec<Id>) = try_join!(named.load(&mut one), reached.load(&mut two))?;
    Ok(if_few(found).zip(if_few(reached)).map(|(found, reached)| [found, reached].concat()))
}

fn if_few(found: Vec<Id>) -> Option<Vec<Id>> {
    i64::try_from(found.len()).is_ok_and(|found| found < FEW).then_some(found)
}
