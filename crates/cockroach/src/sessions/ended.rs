//! Pages of ended sessions.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::Timestamp;
use doorward_domain::port::EndedSession;
use doorward_sql::Failure;
use doorward_sql::columns::{IdColumn, TimeColumn};
use doorward_sql::rows;
use doorward_sql::schema::sessions;

/// A page, in order.
pub(super) async fn list(
    connection: &mut AsyncPgConnection,
    since: Timestamp,
    after: Option<EndedSession>,
    limit: usize,
) -> Result<Vec<EndedSession>, Failure> {
    Ok(rows::ended_sessions(statement(since, after, limit).load(connection).await?))
}

/// A range of the index that has those alone that ended: it is not used unless that is said. The comparison of both
/// columns at once (a row value) is what lets it be entered just there.
pub(super) fn statement(
    since: Timestamp,
    after: Option<EndedSession>,
    limit: usize,
) -> sessions::BoxedQuery<'static, Pg, (TimeColumn, IdColumn)> {
    let (at, id) = rows::before_ended(since, after);
    let begin = sql::<Bool>("(sessions.ended_at, sessions.id) > (").bind::<TimeColumn, _>(at);
    sessions::table
        .filter(sessions::ended_at.is_not_null())
        .filter(begin.sql(", ").bind::<IdColumn, _>(id).sql(")"))
        .order((sessions::ended_at, sessions::id))
        .select((sessions::ended_at.assume_not_null(), sessions::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .into_boxed()
}
