//! `AuditLog` on `CockroachDB` and `PostgreSQL`.

#[cfg(test)]
mod plan_tests;

use std::slice;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use doorward_domain::Timestamp;
use doorward_domain::audit::AuditEntry;
use doorward_domain::port::{AuditFilter, AuditLog, AuditPosition, AuditQuery, StoreError};
use doorward_sql::columns::{Id, IdColumn, Time, TimeColumn};
use doorward_sql::rows::{self, AuditRow};
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
            async move { Ok(rows::audit_entries(page(query).load(connection).await?)?) }.boxed()
        })
        .await
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.write(Operation::ForgetAudit, Id::NIL, &(before, limit), |transaction, (before, limit), _| {
            async move {
                let connection = transaction.connection();
                let old: Vec<Id> = audit_log::table
                    .filter(audit_log::at.lt(Time::from(*before)))
                    .order((audit_log::at, audit_log::id))
                    .select(audit_log::id)
                    .limit(i64::try_from(*limit).unwrap_or(i64::MAX))
                    .load(connection)
                    .await?;
                let them = audit_log::table.filter(audit_log::id.eq_any(&old));
                diesel::delete(them).execute(connection).await?;
                Ok(old.len())
            }
            .boxed()
        })
        .await
    }
}

type Page<'a> = diesel::helper_types::IntoBoxed<
    'a,
    diesel::helper_types::Select<audit_log::table, diesel::helper_types::AsSelect<AuditRow, Pg>>,
    Pg,
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
