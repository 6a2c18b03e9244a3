//! The order of a list, and where a page of it begins.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use doorward_domain::port::{Direction, Position, SortKey, SortValue};
use doorward_sql::columns::{Id, IdColumn, Time, TimeColumn};
use doorward_sql::rows::last_login_at;

use super::Statement;
use super::driver::Driver;

/// Sorts, with ties broken by `id`.
pub(super) fn sort(
    users: Statement<'_>,
    sort: SortKey,
    direction: Direction,
    driver: Driver,
) -> Statement<'_> {
    let (column, mark) = (column(sort), driver.mark_order());
    let direction = match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    users.order(sql::<Text>(&format!("{mark}{column} {direction}, {mark}users.id {direction}")))
}

/// Leaves out everybody up to the position. The comparison of both columns at once (a row value) is what lets the
/// index be entered just there.
pub(super) fn begin_after<'a>(
    users: Statement<'a>,
    position: &'a Position,
    direction: Direction,
    driver: Driver,
) -> Statement<'a> {
    let mark = driver.mark_order();
    let after = match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    };
    let begin = |key| sql::<Bool>(&format!("({mark}{}, {mark}users.id) {after} (", column(key)));
    let id = Id::from(position.id);
    match &position.value {
        SortValue::CreatedAt(at) => {
            let begin = begin(SortKey::CreatedAt).bind::<TimeColumn, _>(Time::from(*at));
            users.filter(begin.sql(", ").bind::<IdColumn, _>(id).sql(")"))
        }
        SortValue::Username(normal) => {
            let begin = begin(SortKey::Username).bind::<Text, _>(normal.as_str());
            users.filter(begin.sql(", ").bind::<IdColumn, _>(id).sql(")"))
        }
        SortValue::LastLogin(at) => {
            let begin = begin(SortKey::LastLogin).bind::<TimeColumn, _>(last_login_at(*at));
            users.filter(begin.sql(", ").bind::<IdColumn, _>(id).sql(")"))
        }
    }
}

fn column(sort: SortKey) -> &'static str {
    match sort {
        SortKey::CreatedAt => "users.created_at",
        SortKey::Username => "users.username_norm",
        SortKey::LastLogin => "users.last_login_at",
    }
}
