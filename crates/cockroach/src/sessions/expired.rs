//! Forgetting what is long over. It stands beside the logins, never inside one: two that delete the same rows would
//! only make one another start again.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::Timestamp;
use doorward_domain::port::StoreError;
use doorward_sql::columns::{Id, Time};
use doorward_sql::schema::sessions;
use doorward_sql::{Abort, SESSIONS_KEPT};
use futures_util::FutureExt;

use crate::operation::Operation;
use crate::store::CockroachStore;
use crate::writing::Writing;

/// How often a node looks, and how many sessions it clears out then: 1 200 logins a minute keep the table bounded.
const EVERY: Duration = Duration::from_secs(5);
const CLEARED_AT_ONCE: i64 = 100;

impl CockroachStore {
    /// Has some of the sessions forgotten whose time was over long before `now`, ended or not, if it is time for that.
    /// Nobody waits for it.
    pub(super) fn sweep(&self, now: Timestamp) {
        if self.sweeping().is_due(now, EVERY) {
            let store = self.clone();
            tokio::spawn(async move {
                if let Err(error) = store.clear_out(now).await {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "old sessions were not cleared out"
                    );
                }
            });
        }
    }

    async fn clear_out(&self, now: Timestamp) -> Result<usize, StoreError> {
        let limit = Time::from(now.minus(SESSIONS_KEPT));
        self.write(Operation::ClearSessions, Id::NIL, &limit, |transaction, limit, _| {
            forget(transaction, *limit).boxed()
        })
        .await
    }
}

async fn forget(transaction: &mut Writing<'_>, limit: Time) -> Result<usize, Abort<StoreError>> {
    let old: Vec<Id> = sessions::table
        .filter(sessions::expires_at.lt(limit))
        .order(sessions::expires_at)
        .select(sessions::id)
        .limit(CLEARED_AT_ONCE)
        .load(transaction.connection())
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let them = sessions::table.filter(sessions::id.eq_any(old));
    Ok(diesel::delete(them).execute(transaction.connection()).await?)
}
