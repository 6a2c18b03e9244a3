//! A look at the file before anything is written to it: what is not ours, damaged or too new stays as it is.

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use doorward_sql::SchemaStatus;

use super::{OpenError, migrate};

/// "Door" in ASCII, set by the first migration.
const APPLICATION_ID: i64 = 0x446f_6f72;

/// A file up to this size is read through; a larger one would take too long at every start.
const CHECKED_IN_FULL: i64 = 64 * 1024 * 1024;

/// Looks at the file, which may be empty. Another process may be filling it: all of this is one view of it.
pub(super) fn inspect(connection: &mut SqliteConnection) -> Result<SchemaStatus, OpenError> {
    connection.batch_execute("PRAGMA query_only = ON; BEGIN")?;
    let status = look(connection)?;
    connection.batch_execute("COMMIT; PRAGMA query_only = OFF")?;
    Ok(status)
}

fn look(connection: &mut SqliteConnection) -> Result<SchemaStatus, OpenError> {
    let status = look_at(connection)?;
    check(connection)?;
    Ok(status)
}

/// Whose tables there are, and of which version.
pub(crate) fn look_at(connection: &mut SqliteConnection) -> Result<SchemaStatus, OpenError> {
    let application = number(connection, "application_id")?;
    let tables: i64 = sql::<BigInt>("SELECT count(*) FROM sqlite_schema").get_result(connection)?;
    if tables != 0 && application != APPLICATION_ID {
        return Err(OpenError::Foreign);
    }
    status(connection)
}

/// What the file has, beside what this version knows.
pub(super) fn status(connection: &mut SqliteConnection) -> Result<SchemaStatus, OpenError> {
    migrate::compare(&carried_out(connection)?)
}

/// The versions of the migrations that were run.
fn carried_out(connection: &mut SqliteConnection) -> Result<Vec<String>, OpenError> {
    let kept: bool = sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '__diesel_schema_migrations')",
    )
    .get_result(connection)?;
    if !kept {
        return Ok(Vec::new());
    }
    Ok(sql::<Text>("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(connection)?)
}

/// Everything that the tables consist of, in the words of the migrations. What `SQLite` keeps for itself is left out.
pub(crate) fn schema(connection: &mut SqliteConnection) -> Result<Vec<String>, OpenError> {
    let written = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                   ORDER BY sql";
    Ok(sql::<Text>(written).load(connection)?)
}

/// `SQLite`'s own check of every page, row and index entry, as far as that is done in a moment.
fn check(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let size = number(connection, "page_count")?.saturating_mul(number(connection, "page_size")?);
    if size > CHECKED_IN_FULL {
        return Ok(());
    }
    let found: String = sql::<Text>("PRAGMA quick_check(1)").get_result(connection)?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Damaged(found)) }
}

pub(crate) fn number(connection: &mut SqliteConnection, pragma: &str) -> QueryResult<i64> {
    sql::<BigInt>(&format!("PRAGMA {pragma}")).get_result(connection)
}
