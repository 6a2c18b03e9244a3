//! The migrations inside the binary.

use diesel::SqliteConnection;
use diesel::migration::MigrationSource;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::OpenError;
use super::inspect::Schema;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Runs what is missing, all of it or nothing.
///
/// Another process may be at the same; the one that comes second finds nothing left to do. A file that is up to date
/// is not written to, so that opening it never waits for somebody who writes.
pub(super) fn migrate(connection: &mut SqliteConnection, schema: &Schema) -> Result<(), OpenError> {
    if known()?.iter().all(|version| schema.applied.contains(version)) {
        return Ok(());
    }
    connection
        .immediate_transaction(|connection| connection.run_pending_migrations(MIGRATIONS).map(drop))
        .map_err(OpenError::Migration)
}

/// Refuses a file that has migrations unknown to this version: its tables may mean something else by now.
pub(super) fn refuse_newer(applied: &[String]) -> Result<(), OpenError> {
    let known = known()?;
    match applied.iter().find(|version| !known.contains(version)) {
        None => Ok(()),
        Some(found) => {
            Err(OpenError::Newer { found: found.clone(), known: known.last().cloned().unwrap_or_default() })
        }
    }
}

fn known() -> Result<Vec<String>, OpenError> {
    let migrations = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).map_err(OpenError::Migration)?;
    let mut versions: Vec<String> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort_unstable();
    Ok(versions)
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
