//! `AuditLog` on `SQLite`.

#[cfg(test)]
mod plan_tests;

use std::slice;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;
use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{AuditFilter, AuditLog, AuditPosition, AuditQuery, StoreError};
use doorward_sql::columns::{Id, IdColumn, Time, TimeColumn};
use doorward_sql::rows::{self, AuditRow};
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
        self.walk(move |connection| Ok(rows::audit_entries(page(&query).load(connection)?)?)).await
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.write(move |connection| {
            let old: Vec<Id> = oldest(before, limit).load(connection)?;
            for id in &old {
                diesel::delete(audit_log::table.find(*id)).execute(connection)?;
            }
            Ok(old.len())
        })
        .await
    }
}

/// Which entries from before this time are the oldest.
#[diesel::dsl::auto_type]
fn oldest(before: Timestamp, limit: usize) -> _ {
    let limit: i64 = i64::try_from(limit).unwrap_or(i64::MAX);
    let before: Time = Time::from(before);
    audit_log::table
        .filter(audit_log::at.lt(before))
        .order((audit_log::at, audit_log::id))
        .select(audit_log::id)
        .limit(limit)
}

type Page<'a> = diesel::helper_types::IntoBoxed<
    'a,
    diesel::helper_types::Select<audit_log::table, diesel::helper_types::AsSelect<AuditRow, Sqlite>>,
    Sqlite,
>;

/// One range of one index, from its end: the comparison of both columns at once (a row value) enters it just there.
pub(crate) fn page(query: &AuditQuery) -> Page<'_> {
    let AuditFilter { actor, target, action, outcome, request_id, since, until } = &query.filter;
    let mut page = audit_log::table
        .select(AuditRow::as_select())
        .order((audit_log::at.desc(), audit_log::id.desc()))
        .limit(i64::try_from(query.limit).unwrap_or(i64::MAX))
        .into_boxed();
    if let Some(AuditPosition { at, id }) = query.after {
        let before = sql::<Bool>("(audit_log.at, audit_log.id) < (").bind::<TimeColumn, _>(Time::from(at));
        page = page.filter(before.sql(", ").bind::<IdColumn, _>(Id::from(id)).sql(")"));
    }
    if let Some(actor) = actor {
        page = page.filter(audit_log::actor.eq(actor));
    }
    if let Some(target) = target {
        page = page.filter(audit_log::target.eq(target));
    }
    if let Some(action) = action {
        page = page.filter(audit_log::action.eq(action.as_str()));
    }
    if let Some(outcome) = outcome {
        page = page.filter(audit_log::outcome.eq(outcome.as_str()));
    }
    if let Some(request_id) = request_id {
        page = page.filter(audit_log::request_id.eq(request_id));
    }
    if let Some(since) = since {
        page = page.filter(audit_log::at.ge(Time::from(*since)));
    }
    if let Some(until) = until {
        page = page.filter(audit_log::at.lt(Time::from(*until)));
    }
    page
}
