//! The settings of a connection, each read back: `SQLite` ignores what it does not know or cannot do.

use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryResult, SqliteConnection};

use super::OpenError;
use crate::error::message;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only reading: `SQLite` refuses anything else.
    Read,
    /// The one that writes.
    Write,
}

/// Each with the number that it reads back as.
const SETTINGS: [(&str, &str, i64); 7] = [
    // A commit is on disk before it is answered, also when the power fails.
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("temp_store", "MEMORY", 2),
    // KiB; there are a handful of connections, and the system caches the file as well.
    ("cache_size", "-1024", -1024),
    // The log shrinks to this after a burst.
    ("journal_size_limit", "4194304", 4_194_304),
    // A damaged page is noticed when it is read, and nothing that stands in the file is run as a program.
    ("cell_size_check", "ON", 1),
    ("trusted_schema", "OFF", 0),
];

/// Has every statement wait so long for another process.
pub(super) fn wait_when_busy(connection: &mut SqliteConnection, patience: Duration) -> QueryResult<()> {
    connection.batch_execute(&format!("PRAGMA busy_timeout = {}", millis(patience)))
}

/// Applies every setting but the patience, and reads all of them back.
pub(super) fn configure(
    connection: &mut SqliteConnection,
    access: Access,
    patience: Duration,
) -> Result<(), OpenError> {
    keep_a_log(connection, patience)?;
    for (setting, value, wanted) in SETTINGS {
        connection.batch_execute(&format!("PRAGMA {setting} = {value}"))?;
        expect(connection, setting, wanted)?;
    }
    expect(connection, "busy_timeout", millis(patience))?;
    let only_reads = i64::from(access == Access::Read);
    connection.batch_execute(&format!("PRAGMA query_only = {only_reads}"))?;
    expect(connection, "query_only", only_reads)
}

/// Lets a connection keep so many KiB of the file in memory.
pub(super) fn keep_in_memory(connection: &mut SqliteConnection, kib: u32) -> Result<(), OpenError> {
    let wanted = -i64::from(kib);
    connection.batch_execute(&format!("PRAGMA cache_size = {wanted}"))?;
    expect(connection, "cache_size", wanted)
}

fn expect(connection: &mut SqliteConnection, setting: &'static str, wanted: i64) -> Result<(), OpenError> {
    let found: i64 = sql::<BigInt>(&format!("PRAGMA {setting}")).get_result(connection)?;
    if found == wanted {
        Ok(())
    } else {
        Err(OpenError::Setting { setting, wanted: wanted.to_string(), found: found.to_string() })
    }
}

/// Switches the file to a write-ahead log, in which reading and writing go on beside each other.
///
/// The switch needs the file for itself for a moment, and when two processes attempt it at once `SQLite` refuses one
/// of them without waiting: so the waiting is done here.
fn keep_a_log(connection: &mut SqliteConnection, patience: Duration) -> Result<(), OpenError> {
    const STEP: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    let found: String = loop {
        match sql::<Text>("PRAGMA journal_mode = WAL").get_result(connection) {
            Err(error) if is_locked(&error) && waited < patience => {
                thread::sleep(STEP);
                waited = waited.saturating_add(STEP);
            }
            answer => break answer?,
        }
    };
    if found == "wal" {
        Ok(())
    } else {
        Err(OpenError::Setting { setting: "journal_mode", wanted: "wal".to_owned(), found })
    }
}

fn is_locked(error: &Error) -> bool {
    message(error).is_some_and(|message| message.starts_with("database is locked"))
}

/// `SQLite` counts the time to wait in an `int`.
fn millis(patience: Duration) -> i64 {
    i32::try_from(patience.as_millis()).unwrap_or(i32::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::DatabaseFile;

    fn setting(connection: &mut SqliteConnection, name: &str) -> i64 {
        sql::<BigInt>(&format!("PRAGMA {name}")).get_result(connection).unwrap()
    }

    #[test]
    fn every_connection_has_its_settings() {
        let directory = tempfile::tempdir().unwrap();
        let patience = Duration::from_millis(1_234);
        let (file, writer) = DatabaseFile::open(&directory.path().join("doorward.db"), patience).unwrap();
        for (mut connection, only_reads) in
            [(writer, 0), (file.connect(Access::Write).unwrap(), 0), (file.connect(Access::Read).unwrap(), 1)]
        {
            let journal: String = sql::<Text>("PRAGMA journal_mode").get_result(&mut connection).unwrap();
            assert_eq!(journal, "wal");
            for (name, expected) in [
                ("synchronous", 2),
                ("foreign_keys", 1),
                ("busy_timeout", 1_234),
                ("temp_store", 2),
                ("query_only", only_reads),
            ] {
                assert_eq!(setting(&mut connection, name), expected, "{name}");
            }
        }
    }

    #[test]
    fn a_setting_that_does_not_take_is_an_error() {
        let mut memory = SqliteConnection::establish(":memory:").unwrap();
        let error = configure(&mut memory, Access::Write, Duration::ZERO).unwrap_err();
        assert_eq!(error.to_string(), "SQLite has journal_mode = memory where wal is needed");
    }

    #[test]
    fn a_connection_that_reads_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("doorward.db");
        let (file, _writer) = DatabaseFile::open(&path, Duration::ZERO).unwrap();
        let mut reader = file.connect(Access::Read).unwrap();
        let error = reader.batch_execute("DELETE FROM users").unwrap_err();
        assert_eq!(error.to_string(), "attempt to write a readonly database");
    }
}
