//! The order of a list, and where a page of it begins.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Untyped};
use doorward_domain::port::{Direction, Position, SortKey, SortValue};
use doorward_sql::columns::{Id, IdColumn, Time, TimeColumn};
use doorward_sql::rows::last_login_at;
use doorward_sql::schema::users;

use super::Statement;

/// Sorts, with ties broken by `id`.
pub(super) fn sort(users: Statement<'_>, sort: SortKey, direction: Direction) -> Statement<'_> {
    macro_rules! by {
        ($column:expr) => {
            match direction {
                Direction::Ascending => users.order(($column.asc(), users::id.asc())),
                Direction::Descending => users.order(($column.desc(), users::id.desc())),
            }
        };
    }
    match sort {
        SortKey::CreatedAt => by!(users::created_at),
        SortKey::Username => by!(users::username_norm),
        SortKey::LastLogin => by!(users::last_login_at),
    }
}

/// Sorts a few in the same order. It is written as one row value, which `PostgreSQL` finds in no index: it would rather
/// walk through everybody in the order of an index, hoping to meet the few on its way. To `CockroachDB` it is the same.
pub(super) fn sort_few(users: Statement<'_>, sort: SortKey, direction: Direction) -> Statement<'_> {
    let column = match sort {
        SortKey::CreatedAt => "created_at",
        SortKey::Username => "username_norm",
        SortKey::LastLogin => "last_login_at",
    };
    let direction = match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    users.order(sql::<Untyped>(&format!("(users.{column}, users.id) {direction}")))
}

/// Leaves out everybody up to the position. The comparison of both columns at once (a row value) is what lets the
/// index be entered just there.
pub(super) fn begin_after<'a>(
    users: Statement<'a>,
    position: &'a Position,
    direction: Direction,
) -> Statement<'a> {
    let after = match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    };
    let begin = |column| sql::<Bool>(&format!("(users.{column}, users.id) {after} ("));
    let id = Id::from(position.id);
    match &position.value {
        SortValue::CreatedAt(at) => {
            let begin = begin("created_at").bind::<TimeColumn, _>(Time::from(*at));
            users.filter(begin.sql(", ").bind::<IdColumn, _>(id).sql(")"))
        }
        SortValue::Username(normal) => {
            let begin = begin("username_norm").bind::<Text, _>(normal.as_str());
            users.filter(begin.sql(", ").bind::<IdColumn, _>(id).sql(")"))
        }
        SortValue::LastLogin(at) => {
            let begin = begin("last_login_at").bind::<TimeColumn, _>(last_login_at(*at));
            users.filter(begin.sql(", ").bind::<IdColumn, _>(id).sql(")"))
        }
    }
}
