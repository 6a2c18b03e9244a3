//! What an account must be to be in a list.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use doorward_domain::Timestamp;
use doorward_domain::port::UserFilter;
use doorward_domain::user::UserTypeName;
use doorward_sql::Prefix;
use doorward_sql::columns::Time;
use doorward_sql::schema::{sessions, users};

use super::Statement;

/// Adds every condition of the filter but the one on names and addresses.
pub(super) fn narrow<'a>(mut users: Statement<'a>, filter: &'a UserFilter) -> Statement<'a> {
    if let Some(role) = filter.role {
        users = users.filter(users::role.eq(role.as_str()));
    }
    if let Some(active) = filter.active {
        users = users.filter(users::active.eq(active));
    }
    match filter.user_type {
        None => {}
        Some(UserTypeName::Streamer) => users = users.filter(users::is_streamer),
        Some(UserTypeName::Seller) => users = users.filter(users::is_seller),
    }
    if let Some(after) = filter.created_after {
        users = users.filter(users::created_at.ge(Time::from(after)));
    }
    if let Some(before) = filter.created_before {
        users = users.filter(users::created_at.lt(Time::from(before)));
    }
    if let Some(logged_in) = filter.logged_in {
        let live = sessions::table
            .filter(sessions::user_id.eq(users::id))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(Time::from(logged_in.now)));
        // Never is the beginning of 1970, and is no login however long ago somebody asks for.
        users = users
            .filter(users::last_login_at.ge(Time::from(logged_in.since)))
            .filter(users::last_login_at.ne(Time::from(Timestamp::default())))
            .filter(exists(live));
    }
    users
}

/// Adds the condition on names and addresses, by what stands in the row itself: for a list that the order leads.
pub(super) fn narrow_by_name<'a>(users: Statement<'a>, filter: &'a UserFilter) -> Statement<'a> {
    let Some(Prefix { from, to }) = filter.name_prefix.as_deref().map(Prefix::new) else {
        return users;
    };
    let named = users::fullname_search.ge(from.clone()).and(users::fullname_search.lt(to.clone()));
    if !filter.prefix_of_address {
        return users.filter(named);
    }
    users.filter(
        named
            .or(users::username_norm.ge(from.clone()).and(users::username_norm.lt(to.clone())))
            .or(users::email_norm.ge(from).and(users::email_norm.lt(to))),
    )
}

/// The same by the indexes of names and addresses: for a count, which has no order.
pub(super) fn narrow_by_name_indexes<'a>(users: Statement<'a>, filter: &'a UserFilter) -> Statement<'a> {
    let Some(Prefix { from, to }) = filter.name_prefix.as_deref().map(Prefix::new) else {
        return users;
    };
    if !filter.prefix_of_address {
        return users.filter(users::fullname_search.ge(from)).filter(users::fullname_search.lt(to));
    }
    users.filter(
        sql::<Bool>("users.id IN (SELECT named.id FROM users AS named WHERE named.fullname_search >= ")
            .bind::<Text, _>(from.clone())
            .sql(" AND named.fullname_search < ")
            .bind::<Text, _>(to.clone())
            .sql(
                " UNION SELECT reached.user_id FROM user_addresses AS reached WHERE reached.address_norm >= ",
            )
            .bind::<Text, _>(from)
            .sql(" AND reached.address_norm < ")
            .bind::<Text, _>(to)
            .sql(")"),
    )
}
