//! What an account must be to be in a list.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use doorward_domain::port::{LoggedInSince, SortKey, UserFilter};
use doorward_domain::user::UserTypeName;
use doorward_sql::Prefix;
use doorward_sql::schema::{user_addresses, users};

use super::Statement;
use super::driver::{Driver, End};

/// Adds every condition of the filter.
pub(super) fn narrow<'a>(mut users: Statement<'a>, filter: &'a UserFilter, driver: Driver) -> Statement<'a> {
    if let Some(prefix) = &filter.name_prefix {
        users = named(users, &Prefix::new(prefix), filter.prefix_of_address, driver);
    }
    if let Some(role) = filter.role {
        let column = format!("{}users.role = ", driver.mark_equality());
        users = users.filter(sql::<Bool>(&column).bind::<Text, _>(role.as_str()));
    }
    if let Some(active) = filter.active {
        // Of two that could lead, the role is the one that is rare.
        let mark = if filter.role.is_some() { "+" } else { driver.mark_equality() };
        users = users.filter(sql::<Bool>(&format!("{mark}users.active = ")).bind::<Bool, _>(active));
    }
    match filter.user_type {
        None => {}
        Some(UserTypeName::Streamer) => users = users.filter(users::is_streamer),
        Some(UserTypeName::Seller) => users = users.filter(users::is_seller),
    }
    if let Some(after) = filter.created_after {
        let column = format!("{}users.created_at >= ", driver.mark_range(SortKey::CreatedAt, End::Lower));
        users = users.filter(sql::<Bool>(&column).bind::<BigInt, _>(after.millis()));
    }
    if let Some(before) = filter.created_before {
        let column = format!("{}users.created_at < ", driver.mark_range(SortKey::CreatedAt, End::Upper));
        users = users.filter(sql::<Bool>(&column).bind::<BigInt, _>(before.millis()));
    }
    if let Some(logged_in) = filter.logged_in {
        users = with_live_session(lately(users, logged_in, driver), logged_in);
    }
    users
}

/// Adds only the condition that leads, if it is one of the filter.
pub(super) fn lead<'a>(users: Statement<'a>, filter: &'a UserFilter, driver: Driver) -> Statement<'a> {
    match (driver, &filter.name_prefix, filter.logged_in) {
        (Driver::Prefix, Some(prefix), _) => {
            named(users, &Prefix::new(prefix), filter.prefix_of_address, driver)
        }
        (Driver::LastLogin, _, Some(logged_in)) => lately(users, logged_in, driver),
        _ => users,
    }
}

fn named<'a>(users: Statement<'a>, prefix: &Prefix, or_reached: bool, driver: Driver) -> Statement<'a> {
    let Prefix { from, to } = prefix;
    let named = users::fullname_search.ge(from.clone()).and(users::fullname_search.lt(to.clone()));
    match (driver.finds_prefix(), or_reached) {
        (true, false) => users.filter(named),
        (true, true) => {
            let reached = user_addresses::table
                .filter(user_addresses::address_norm.ge(from.clone()))
                .filter(user_addresses::address_norm.lt(to.clone()))
                .select(user_addresses::user_id.nullable());
            users.filter(named.or(users::id.nullable().eq_any(reached)))
        }
        (false, false) => users.filter(
            sql::<Bool>("(+users.fullname_search >= ")
                .bind::<Text, _>(from.clone())
                .sql(" AND +users.fullname_search < ")
                .bind::<Text, _>(to.clone())
                .sql(")"),
        ),
        // There is no index on `email_norm`, so that none of the others is used either.
        (false, true) => users.filter(
            named
                .or(users::username_norm.ge(from.clone()).and(users::username_norm.lt(to.clone())))
                .or(users::email_norm.ge(from.clone()).and(users::email_norm.lt(to.clone()))),
        ),
    }
}

/// Never is 0, and is no login however long ago somebody asks for.
fn lately(users: Statement<'_>, logged_in: LoggedInSince, driver: Driver) -> Statement<'_> {
    let mark = driver.mark_range(SortKey::LastLogin, End::Lower);
    let lately = format!("users.last_login_at <> 0 AND {mark}users.last_login_at >= ");
    users.filter(sql::<Bool>(&lately).bind::<BigInt, _>(logged_in.since.millis()))
}

fn with_live_session(users: Statement<'_>, logged_in: LoggedInSince) -> Statement<'_> {
    let live = "EXISTS (SELECT 1 FROM sessions \
                WHERE sessions.user_id = users.id AND sessions.ended_at IS NULL AND sessions.expires_at > ";
    users.filter(sql::<Bool>(live).bind::<BigInt, _>(logged_in.now.millis()).sql(")"))
}
