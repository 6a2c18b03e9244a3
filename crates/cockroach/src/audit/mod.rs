//! `AuditLog` on `CockroachDB` and `PostgreSQL`.

#[cfg(test)]
mod plan_tests;

use std::slice;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{AuditLog, AuditPosition, AuditQuery, OldEntries, StoreError};
use doorward_sql::audit::{
    positions,
    postgres::{oldest, page},
};
use doorward_sql::columns::{Id, Time, TimeColumn};
use doorward_sql::rows;
use doorward_sql::schema::audit_log;
use doorward_sql::steps::Transaction as _;
use futures_util::FutureExt;

use crate::operation::Operation;
use crate::store::CockroachStore;

#[async_trait]
impl AuditLog for CockroachStore {
    async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.write(Operation::RecordAudit, entry.id, entry, |transaction, entry, _| {
            async move { Ok(transaction.record(slice::from_ref(entry)).await?) }.boxed()
        })
        .await
    }

    async fn list_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let _place = self.list_place().await?;
        self.read(Operation::ListAudit, query, |connection, query| {
            async move { Ok(rows::audit_entries(page(query).load(connection).await?)) }.boxed()
        })
        .await
    }

    /// A node whose clock is far ahead does not erase what the others wrote.
    async fn forget(&self, old: &OldEntries) -> Result<Vec<AuditPosition>, StoreError> {
        self.write(Operation::ForgetAudit, Id::NIL, old, |transaction, old, _| {
            async move {
                let connection = transaction.connection();
                let now = old.now.min(database_time(connection).await?);
                let oldest: Vec<(Time, Id)> = oldest(&OldEntries { now, ..*old }).load(connection).await?;
                if !oldest.is_empty() {
                    let them = audit_log::id.eq_any(oldest.iter().map(|(_, id)| *id));
                    diesel::delete(audit_log::table.filter(them)).execute(connection).await?;
                }
                Ok(positions(oldest))
            }
            .boxed()
        })
        .await
    }
}

/// The time by the database's clock, on which all nodes agree.
async fn database_time(connection: &mut AsyncPgConnection) -> QueryResult<Timestamp> {
    let now: Time = diesel::select(sql::<TimeColumn>("now()::TIMESTAMPTZ")).get_result(connection).await?;
    Ok(now.into())
}
