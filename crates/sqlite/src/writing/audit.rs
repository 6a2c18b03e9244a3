//! Statements about the audit log.

use diesel::prelude::*;
use diesel::{QueryResult, SqliteConnection, dsl, select};
use doorward_domain::audit::{AuditEntry, AuditId};
use doorward_sql::Failure;
use doorward_sql::columns::Id;
use doorward_sql::rows::AuditRow;
use doorward_sql::schema::audit_log;

/// One that is there already stays as it is.
pub(crate) fn add(connection: &mut SqliteConnection, entries: &[AuditEntry]) -> Result<(), Failure> {
    for row in AuditRow::all_of(entries)? {
        let add = diesel::insert_into(audit_log::table).values(row);
        add.on_conflict(audit_log::id).do_nothing().execute(connection)?;
    }
    Ok(())
}

pub(super) fn is_there(connection: &mut SqliteConnection, id: AuditId) -> QueryResult<bool> {
    select(dsl::exists(audit_log::table.find(Id::from(id)))).get_result(connection)
}
