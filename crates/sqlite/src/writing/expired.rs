//! Forgetting what is long over.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection};
use doorward_domain::Timestamp;
use doorward_sql::SESSIONS_KEPT;
use doorward_sql::columns::{Id, Time};
use doorward_sql::schema::sessions;

/// Most old sessions cleared out by one login. As each login adds one, any number above one keeps the table bounded.
const CLEARED_AT_ONCE: usize = 64;

/// Forgets some of the sessions whose time was over long before `now`, ended or not.
pub(super) fn clear_out(connection: &mut SqliteConnection, now: Timestamp) -> QueryResult<()> {
    let old = sessions::table
        .filter(sessions::expires_at.lt(Time::from(now.minus(SESSIONS_KEPT))))
        .order(sessions::expires_at)
        .select(sessions::id);
    let old: Vec<Id> = old.load_iter(connection)?.take(CLEARED_AT_ONCE).collect::<QueryResult<_>>()?;
    old.into_iter().try_for_each(|id| diesel::delete(sessions::table.find(id)).execute(connection).map(drop))
}
