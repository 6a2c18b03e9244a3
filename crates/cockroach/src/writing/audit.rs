//! Statements about the audit log.

use diesel::prelude::*;
use diesel::{QueryResult, dsl, select};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_sql::Failure;
use doorward_sql::columns::Id;
use doorward_sql::rows::AuditRow;
use doorward_sql::schema::audit_log;

use super::only;

/// One that is there already stays as it is. Nothing is said where there is nothing to add.
pub(super) async fn add(connection: &mut AsyncPgConnection, entries: &[AuditEntry]) -> Result<(), Failure> {
    for row in AuditRow::all_of(entries)? {
        let add = diesel::insert_into(audit_log::table).values(row);
        add.on_conflict(audit_log::id).do_nothing().execute(connection).await?;
    }
    Ok(())
}

pub(super) async fn is_there(connection: &mut AsyncPgConnection, id: AuditId) -> QueryResult<bool> {
    let is_there = select(dsl::exists(audit_log::table.find(Id::from(id))));
    Ok(only(is_there.load(connection).await?) == Some(true))
}
