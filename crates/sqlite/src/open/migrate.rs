//! The migrations inside the binary.

use std::time::Duration;

use diesel::migration::{Migration, MigrationConnection as _, Result as MigrationResult};
use diesel::result::Error;
use diesel::sqlite::Sqlite;
use diesel::{Connection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use doorward_sql::{Extent, SchemaStatus, in_order};

use super::{OpenError, connect, inspect};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// What a database has, beside what this version knows.
pub(super) fn compare(carried_out: &[String]) -> Result<SchemaStatus, OpenError> {
    Ok(SchemaStatus::compare(&known().map_err(OpenError::Migration)?, carried_out))
}

/// Refuses a file that has migrations unknown to this version, unless they only add: its tables may mean something
/// else by now.
pub(super) fn refuse_newer(status: &SchemaStatus) -> Result<(), OpenError> {
    refuse(status.refused())
}

fn refuse(found: Option<&str>) -> Result<(), OpenError> {
    let Some(found) = found else { return Ok(()) };
    let known = known().map_err(OpenError::Migration)?;
    let last = known.last().map(|migration| migration.name().version().to_string());
    Err(OpenError::Newer { found: found.to_owned(), known: last.unwrap_or_default() })
}

/// Refuses a file that lacks a migration.
pub(super) fn refuse_older(status: &SchemaStatus) -> Result<(), OpenError> {
    match status.missing() {
        None => Ok(()),
        Some(missing) => Err(OpenError::Older { missing: missing.to_owned() }),
    }
}

/// As far as opening brings a file: what takes away from older versions waits for somebody who says so, since an older
/// version could not go back to the file. A new file is no older version's.
pub(super) fn usual_extent(status: &SchemaStatus) -> Extent {
    if status.applied.is_empty() { Extent::Everything } else { Extent::WithoutContract }
}

/// Runs what is missing, all of it or nothing, and answers the names.
///
/// Another process may be at the same; the one that comes second finds nothing left to do. A file that is up to date
/// is not written to, so that opening it never waits for somebody who writes.
pub(super) fn migrate(
    connection: &mut SqliteConnection,
    status: &SchemaStatus,
    extent: Extent,
) -> Result<Vec<String>, OpenError> {
    if status.to_do(extent).next().is_none() {
        return Ok(Vec::new());
    }
    let done = connection.immediate_transaction(|connection| -> Result<_, Failed> {
        // Somebody else, perhaps a newer version, may have been here since the file was looked at.
        let status = inspect::status(connection)?;
        refuse(status.obstacle(extent))?;
        let mut done = Vec::new();
        connection.setup().map_err(OpenError::from)?;
        for migration in known().map_err(OpenError::Migration)? {
            let name = migration.name().to_string();
            if status.to_do(extent).any(|to_do| to_do == name) {
                connection.run_migration(&migration).map_err(OpenError::Migration)?;
                done.push(name);
            }
        }
        Ok(done)
    });
    Ok(done?)
}

/// The same for somebody who has time: `tell` hears of it when another process keeps the file to itself, which is then
/// waited for as long as `patience`.
pub(super) fn migrate_patiently(
    connection: &mut SqliteConnection,
    status: &SchemaStatus,
    extent: Extent,
    patience: Duration,
    tell: impl FnOnce(),
) -> Result<Vec<String>, OpenError> {
    match migrate(connection, status, extent) {
        Err(error) if error.is_busy() => {
            tell();
            connect::wait_when_busy(connection, patience)?;
            migrate(connection, status, extent)
        }
        outcome => outcome,
    }
}

/// Everything that the tables consist of once all migrations were carried out.
pub(crate) fn complete_schema() -> Result<Vec<String>, OpenError> {
    let mut connection = SqliteConnection::establish(":memory:")?;
    connection.run_pending_migrations(MIGRATIONS).map_err(OpenError::Migration)?;
    inspect::schema(&mut connection)
}

fn known() -> MigrationResult<Vec<Box<dyn Migration<Sqlite>>>> {
    in_order(&MIGRATIONS)
}

/// Why a transaction was rolled back.
pub(crate) struct Failed(OpenError);

impl From<OpenError> for Failed {
    fn from(error: OpenError) -> Self {
        Self(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error.into())
    }
}

impl From<Failed> for OpenError {
    fn from(Failed(error): Failed) -> Self {
        error
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use diesel::dsl::sql;
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    use super::*;
    use crate::open::DatabaseFile;

    /// Everything that the schema consists of.
    fn schema(connection: &mut SqliteConnection) -> Vec<String> {
        let written = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql";
        sql::<Text>(written).load(connection).unwrap()
    }

    #[test]
    fn every_migration_can_be_taken_back_and_run_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("doorward.db");
        let (_, mut connection) = DatabaseFile::open(&path, Duration::ZERO).unwrap();
        let complete = schema(&mut connection);
        connection.revert_all_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut connection).len(), 1, "only diesel's own table is left");
        connection.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut connection), complete);
    }

    #[test]
    fn opening_a_file_that_is_up_to_date_does_not_wait_for_who_writes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("doorward.db");
        let (_, mut connection) = DatabaseFile::open(&path, Duration::ZERO).unwrap();
        let opened: Result<_, diesel::result::Error> =
            connection.immediate_transaction(|_| Ok(DatabaseFile::open(&path, Duration::ZERO)));
        opened.unwrap().unwrap();
    }
}
