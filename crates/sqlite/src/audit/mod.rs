//! `AuditLog` on `SQLite`.

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod row_tests;

use std::slice;

use async_trait::async_trait;
use diesel::prelude::*;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{AuditLog, AuditPosition, AuditQuery, OldEntries, StoreError};
use doorward_sql::audit::{
    positions,
    sqlite::{oldest, page},
};
use doorward_sql::columns::{Id, Time};
use doorward_sql::rows;
use doorward_sql::schema::audit_log;
use doorward_sql::steps::Transaction as _;

use crate::store::SqliteStore;

#[async_trait]
impl AuditLog for SqliteStore {
    async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.step(async move |mut transaction| Ok(transaction.record(slice::from_ref(&entry)).await?)).await
    }

    async fn list_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let query = query.clone();
        self.walk(move |connection| Ok(rows::audit_entries(page(&query).load(connection)?))).await
    }

    async fn forget(&self, old: &OldEntries) -> Result<Vec<AuditPosition>, StoreError> {
        let old = *old;
        self.write(move |connection| {
            let oldest: Vec<(Time, Id)> = oldest(&old).load(connection)?;
            for (_, id) in &oldest {
                diesel::delete(audit_log::table.find(*id)).execute(connection)?;
            }
            Ok(positions(oldest))
        })
        .await
    }
}
