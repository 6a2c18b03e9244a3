//! Files that something is wrong with.

use std::path::PathBuf;

use doorward_domain::port::{SessionRepository as _, UserRepository as _};
use doorward_testkit::sample;
use tempfile::TempDir;

use super::*;

/// A file with some accounts, an admin and a session among them, and nobody who has it open.
async fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let store = SqliteStore::open(&path, SqliteSettings::default()).unwrap();
    let user = sample::kucing_cakep();
    store.insert(&user, &[]).await.unwrap();
    store.insert(&sample::admin(2), &[]).await.unwrap();
    store.open(&sample::login(&user, 1, sample::NOW)).await.unwrap();
    store.close();
    (directory, path)
}

fn alter(path: &Path, statements: &str) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(statements).unwrap();
}

fn examined(path: &Path) -> Examination {
    SqliteStore::examine(path, SqliteSettings::default()).unwrap()
}

/// What is said after this was done to the file.
async fn findings_after(statements: &str) -> Vec<String> {
    let (_directory, path) = file().await;
    alter(&path, statements);
    examined(&path).findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_file_that_is_well_has_no_findings_while_somebody_writes() {
    let (_directory, path) = file().await;
    let store = SqliteStore::open(&path, SqliteSettings::default()).unwrap();
    let mut writer = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    writer.batch_execute("BEGIN IMMEDIATE; DELETE FROM users").unwrap();
    let found = examined(&path);
    assert_eq!(found.findings, []);
    assert_eq!(found.rows, [("users", 2), ("sessions", 1), ("audit_log", 0)]);
    assert_eq!(found.journal, "wal");
    assert!(found.schema.is_current() && found.bytes > 0 && found.unused < found.bytes);
    writer.batch_execute("ROLLBACK").unwrap();
    store.close();
}

#[tokio::test]
async fn rows_that_this_service_would_not_write_are_told_by_their_identifiers() {
    for (statements, expected) in [
        ("UPDATE users SET favorites = '{\"x\": 1}' WHERE role = 'user'", "users.favorites cannot be read"),
        ("UPDATE users SET username_norm = 'b@b.example' WHERE role = 'user'", "its normal form"),
        ("UPDATE users SET email = 'nobody' WHERE role = 'user'", "users.email cannot be read"),
        ("UPDATE users SET user_types = '[]' WHERE role = 'user'", "users.user_types cannot be read"),
    ] {
        let told = findings_after(statements).await;
        assert!(told.iter().any(|line| line.starts_with("the row ") && line.contains(expected)), "{told:?}");
        let address = sample::kucing_cakep().username;
        assert!(told.iter().all(|line| !line.contains(address.as_str())), "an address is told: {told:?}");
    }
}

#[tokio::test]
async fn addresses_and_accounts_belong_together() {
    let told = findings_after("DELETE FROM user_addresses").await;
    assert_eq!(told, ["2 accounts are not found by an address that they have"]);
    let told = findings_after(
        "INSERT INTO user_addresses SELECT 'stray@b.example', id FROM users WHERE role = 'user'",
    )
    .await;
    assert_eq!(told, ["1 addresses are kept for accounts that have others"]);
}

#[tokio::test]
async fn references_to_nothing_are_counted() {
    let told = findings_after("PRAGMA foreign_keys = OFF; DELETE FROM users WHERE role = 'user'").await;
    assert!(
        told.iter().any(|line| line == "1 rows of sessions refer to rows of users that are not there"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_service_without_an_active_admin_is_told_and_an_empty_one_is_not() {
    let told = findings_after("UPDATE users SET active = 0 WHERE role = 'admin'").await;
    assert!(told[0].contains("no active admin"), "{told:?}");
    assert_eq!(findings_after("DELETE FROM users").await, [""; 0]);
}

#[tokio::test]
async fn tables_that_no_migration_has_made_and_those_that_are_gone_are_told() {
    let told = findings_after("DROP INDEX users_by_username; CREATE TABLE notes (text)").await;
    assert_eq!(
        told,
        [
            "not there, or not as it was made: CREATE INDEX users_by_username ON users (username_norm, id)",
            "made by nobody known: CREATE TABLE notes (text)",
        ]
    );
}

#[tokio::test]
async fn older_and_newer_tables_are_told_by_name() {
    let told =
        findings_after("DROP TABLE audit_log; DELETE FROM __diesel_schema_migrations WHERE version = '0005'")
            .await;
    assert!(told.len() == 1 && told[0].contains("0005_audit_log is missing"), "{told:?}");
    let told = findings_after("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')").await;
    assert!(told.len() == 1 && told[0].contains("9999: use that version"), "{told:?}");
}

#[tokio::test]
async fn a_damaged_page_is_a_finding_and_a_foreign_file_a_refusal() {
    let (_directory, path) = file().await;
    let mut bytes = std::fs::read(&path).unwrap();
    for page in bytes.chunks_mut(4_096).skip(3) {
        page[..64].fill(0xa5);
    }
    std::fs::write(&path, bytes).unwrap();
    let found = examined(&path);
    assert!(found.findings.iter().any(|finding| matches!(finding, Finding::Damaged(_))), "{found:?}");
    std::fs::write(&path, "something else").unwrap();
    let refused = SqliteStore::examine(&path, SqliteSettings::default());
    assert!(matches!(refused, Err(OpenError::NotADatabase)), "{refused:?}");
}
