//! Lists of accounts in memory.

use std::cmp::Ordering;
use std::sync::Arc;

use doorward_domain::port::{Direction, Position, SortValue, UserFilter, UserQuery};
use doorward_domain::user::{KeptDocument, User, UserTypeName};

use super::Tables;

pub(super) fn page(tables: &Tables, query: &UserQuery) -> Vec<Arc<KeptDocument>> {
    let place = |user: &User| Position::after(&user.clone().into(), query.sort);
    let mut users: Vec<&User> =
        tables.users.values().filter(|user| passes(tables, user, &query.filter)).collect();
    users.sort_by(|one, other| order(&place(one), &place(other), query.direction));
    users
        .into_iter()
        .filter(|user| {
            query
                .after
                .as_ref()
                .is_none_or(|after| order(&place(user), after, query.direction) == Ordering::Greater)
        })
        .take(query.limit)
        .map(|user| Arc::new(user.clone().into()))
        .collect()
}

pub(super) fn count(tables: &Tables, filter: &UserFilter) -> u64 {
    let passing = tables.users.values().filter(|user| passes(tables, user, filter)).count();
    u64::try_from(passing).unwrap()
}

fn order(one: &Position, other: &Position, direction: Direction) -> Ordering {
    let by_value = match (&one.value, &other.value) {
        (SortValue::CreatedAt(one), SortValue::CreatedAt(other)) => one.cmp(other),
        (SortValue::Username(one), SortValue::Username(other)) => one.cmp(other),
        (SortValue::LastLogin(one), SortValue::LastLogin(other)) => one.cmp(other),
        (one, other) => panic!("{one:?} and {other:?} are values of different sort keys"),
    };
    let ascending = by_value.then_with(|| one.id.cmp(&other.id));
    match direction {
        Direction::Ascending => ascending,
        Direction::Descending => ascending.reverse(),
    }
}

fn passes(tables: &Tables, user: &User, filter: &UserFilter) -> bool {
    let UserFilter {
        name_prefix,
        prefix_of_address,
        role,
        active,
        user_type,
        created_after,
        created_before,
        logged_in,
    } = filter;
    name_prefix.as_deref().is_none_or(|prefix| is_named(user, prefix, *prefix_of_address))
        && role.is_none_or(|role| user.role == role)
        && active.is_none_or(|active| user.active == active)
        && user_type.is_none_or(|name| has_type(user, name))
        && created_after.is_none_or(|after| user.created_at >= after)
        && created_before.is_none_or(|before| user.created_at < before)
        && logged_in.is_none_or(|logged_in| {
            user.last_login.is_some_and(|last| last >= logged_in.since)
                && tables.has_live_session(user.id, logged_in.now)
        })
}

fn is_named(user: &User, prefix: &str, also_by_address: bool) -> bool {
    let fullname = user.profile.as_ref().and_then(|profile| profile.fullname.as_ref());
    let addresses = [user.username.normal(), user.email.normal()];
    fullname.is_some_and(|name| begins_with(name.as_str(), prefix))
        || (also_by_address && addresses.iter().any(|address| begins_with(address, prefix)))
}

fn begins_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn has_type(user: &User, name: UserTypeName) -> bool {
    match name {
        UserTypeName::Streamer => user.user_types.streamer.is_some(),
        UserTypeName::Seller => user.user_types.seller.is_some(),
    }
}
