//! What happens to the file: made private, kept, and refused when it is not ours.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use doorward_domain::audit::Deed;
use doorward_domain::port::{DeleteUserError, Opened, Probe, SessionRepository, StoreError, UserRepository};
use doorward_sql::{Extent, SchemaStatus};
use doorward_sqlite::{OpenError, SqliteSettings, SqliteStore};
use doorward_testkit::{newer, sample};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    (directory, path)
}

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, SqliteSettings::default())
}

/// Has `SQLite` itself do something to the file.
fn alter(path: &Path, statements: &str) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(statements).unwrap();
}

/// Opening fails, and not a byte is different afterwards.
fn refused(path: &Path) -> OpenError {
    let before = fs::read(path).unwrap();
    let error = open(path).unwrap_err();
    assert!(fs::read(path).unwrap() == before, "the file was changed");
    error
}

#[tokio::test]
async fn everything_is_there_when_the_file_is_opened_again() {
    let (_directory, path) = place();
    let user = sample::kucing_cakep();
    let new = sample::login(&user, 1, sample::NOW);
    let store = open(&path).unwrap();
    store.insert(&user, &[]).await.unwrap();
    let Opened::Done(user) = store.open(&new).await.unwrap() else { panic!("nothing has changed") };
    store.close();

    let store = open(&path).unwrap();
    assert_eq!(store.find(user.id).await.unwrap().as_ref(), Some(&*user));
    let live = store.find_live(new.session.id, sample::NOW).await.unwrap().unwrap();
    assert_eq!((live.session, live.user), (new.session, *user));
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let (directory, path) = place();
    let store = open(&path).unwrap();
    store.insert(&sample::user(1), &[]).await.unwrap();
    store.close();
    let files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, [path], "the log was not brought home");
}

#[tokio::test]
async fn a_closed_store_is_unavailable_and_closes_again() {
    let (_directory, path) = place();
    let store = open(&path).unwrap();
    let clone = store.clone();
    store.close();
    assert!(matches!(clone.find(sample::user_id(1)).await, Err(StoreError::Unavailable(_))));
    let deleted = clone.delete_with_sessions(sample::user_id(1), &Deed::default()).await;
    assert!(matches!(deleted, Err(DeleteUserError::Store(StoreError::Unavailable(_)))), "{deleted:?}");
    assert!(matches!(clone.probe().await, Err(StoreError::Unavailable(_))));
    clone.close();
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_log_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let (directory, path) = place();
    let store = open(&path).unwrap();
    store.insert(&sample::user(1), &[]).await.unwrap();
    let mut modes: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), entry.metadata().unwrap().permissions().mode() & 0o777))
        .collect();
    modes.sort();
    let expected = ["doorward.db", "doorward.db-shm", "doorward.db-wal"].map(|name| (name.into(), 0o600));
    assert_eq!(modes, expected);
}

#[test]
fn a_file_of_a_newer_version_is_refused_by_name() {
    let (_directory, path) = place();
    open(&path).unwrap().close();
    alter(&path, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    let message = refused(&path).to_string();
    assert!(
        message.contains("newer version") && message.contains("9999") && message.contains("0005"),
        "{message}"
    );
}

#[test]
fn r31_a_file_that_a_newer_version_has_only_added_to_is_opened_and_one_that_it_took_from_is_not() {
    let (_directory, path) = place();
    open(&path).unwrap().close();
    alter(&path, &newer::additions());
    for migrate in [true, false] {
        let settings = SqliteSettings { migrate, ..SqliteSettings::default() };
        SqliteStore::open(&path, settings).unwrap().close();
    }
    assert_eq!(migrate(&path), Vec::<String>::new());
    alter(&path, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9006contract')");
    let message = refused(&path).to_string();
    assert!(message.contains("9006contract") && message.contains("restore a backup"), "{message}");
}

/// Opens without changing anything.
fn open_as_it_is(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, SqliteSettings { migrate: false, ..SqliteSettings::default() })
}

fn status(path: &Path) -> SchemaStatus {
    SqliteStore::schema_status(path, SqliteSettings::default()).unwrap()
}

fn migrate(path: &Path) -> Vec<String> {
    let mut waited = false;
    let done =
        SqliteStore::migrate(path, SqliteSettings::default(), Extent::Everything, Duration::ZERO, || {
            waited = true;
        });
    assert!(!waited, "nobody was in the way");
    done.unwrap()
}

/// As a version before the last migration left it.
fn make_older(path: &Path) {
    open(path).unwrap().close();
    alter(
        path,
        "DROP TABLE audit_log;
         DELETE FROM __diesel_schema_migrations WHERE version = '0005'",
    );
}

#[test]
fn a_file_that_is_not_there_lacks_every_migration_and_is_not_made() {
    let (directory, path) = place();
    for path in [path, directory.path().join("nowhere/doorward.db")] {
        let status = status(&path);
        assert!(status.applied.is_empty() && status.pending[0] == "0001_users", "{status:?}");
        let refused = open_as_it_is(&path).unwrap_err();
        assert!(matches!(refused, OpenError::Absent), "{refused:?}");
    }
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
}

#[test]
fn older_tables_are_refused_where_they_are_not_to_be_changed() {
    let (_directory, path) = place();
    make_older(&path);
    let before = fs::read(&path).unwrap();
    let refused = open_as_it_is(&path).unwrap_err().to_string();
    assert!(refused.contains("0005") && refused.contains("doorward migrate apply"), "{refused}");
    let status = status(&path);
    assert_eq!((status.applied.len(), status.pending.len(), status.unknown.len()), (4, 1, 0));
    assert!(fs::read(&path).unwrap() == before, "the file was changed");
}

#[test]
fn migrating_answers_what_it_did_and_the_second_time_nothing() {
    let (_directory, path) = place();
    assert_eq!(migrate(&path), status(&path).applied);
    assert!(status(&path).is_current());
    assert_eq!(migrate(&path), Vec::<String>::new());
    make_older(&path);
    assert_eq!(migrate(&path), ["0005_audit_log"]);
    open_as_it_is(&path).unwrap();
}

#[test]
fn a_newer_file_has_a_status_but_is_not_migrated() {
    let (_directory, path) = place();
    open(&path).unwrap().close();
    alter(&path, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    assert_eq!(status(&path).unknown, ["9999"]);
    let refused =
        SqliteStore::migrate(&path, SqliteSettings::default(), Extent::Everything, Duration::ZERO, || {});
    assert!(matches!(refused, Err(OpenError::Newer { .. })), "{refused:?}");
    assert!(matches!(open_as_it_is(&path), Err(OpenError::Newer { .. })));
}

#[test]
fn whoever_keeps_the_file_to_itself_is_waited_for_and_told_of() {
    let (_directory, path) = place();
    make_older(&path);
    let settings = SqliteSettings { busy_timeout: Duration::ZERO, ..SqliteSettings::default() };
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let refused = SqliteStore::migrate(&path, settings, Extent::Everything, Duration::ZERO, || {});
    assert!(refused.unwrap_err().is_busy());
    let done = SqliteStore::migrate(&path, settings, Extent::Everything, Duration::from_secs(60), || {
        other.batch_execute("COMMIT").unwrap();
    });
    assert_eq!(done.unwrap(), ["0005_audit_log"]);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    for content in ["short", &"something else entirely\n".repeat(1_000)] {
        let (directory, path) = place();
        fs::write(&path, content).unwrap();
        assert!(matches!(refused(&path), OpenError::NotADatabase));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "it left something beside the file");
    }
}

#[test]
fn a_database_of_another_application_is_refused() {
    let (_directory, path) = place();
    alter(&path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)");
    assert!(matches!(refused(&path), OpenError::Foreign));
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let (_directory, path) = place();
    let store = open(&path).unwrap();
    for number in 1..=50 {
        store.insert(&sample::user(number), &[]).await.unwrap();
    }
    store.close();
    let mut bytes = fs::read(&path).unwrap();
    // Past the first page, which says what the file is.
    for page in bytes.chunks_mut(4_096).skip(1) {
        page[..64].fill(0xa5);
    }
    fs::write(&path, bytes).unwrap();
    assert!(matches!(refused(&path), OpenError::Damaged(_)));
}

#[test]
fn a_file_that_is_empty_is_filled() {
    let (_directory, path) = place();
    fs::write(&path, "").unwrap();
    open(&path).unwrap();
}

#[test]
fn a_path_is_only_ever_a_path() {
    let (directory, _) = place();
    for name in [":memory:", "file:somewhere.db?mode=memory", "a?b#c%41.db"] {
        let path = directory.path().join(name);
        open(&path).unwrap().close();
        assert!(fs::metadata(&path).unwrap().len() > 0, "{name}");
    }
}

#[test]
fn a_place_that_is_not_there_is_an_error() {
    let (directory, _) = place();
    let error = open(&directory.path().join("nowhere/doorward.db")).unwrap_err();
    assert!(matches!(error, OpenError::File(_)));
}
