//! Copies that are made while others write, and what is done to one before it is served.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use doorward_domain::Origin;
use doorward_domain::audit::{Action, AuditEntry};
use doorward_domain::port::{
    Archive, Epoch, EpochRegistry, KeyFingerprint, KeyRegistry, SessionRepository, UserRepository,
};
use doorward_sqlite::{OpenError, Revival, SqliteSettings, SqliteStore};
use doorward_testkit::sample;
use tempfile::TempDir;
use uuid::Uuid;

const SETTINGS: fn() -> SqliteSettings = SqliteSettings::default;

fn place() -> (TempDir, PathBuf, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let [path, copy] = ["doorward.db", "copy.db"].map(|name| directory.path().join(name));
    (directory, path, copy)
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SETTINGS()).unwrap()
}

fn entry(sessions: usize) -> AuditEntry {
    let id = sample::entry(1).id;
    let entry = AuditEntry::new(id, sample::NOW, Action::EndSessions, &Origin::default());
    entry.noting("count", sessions.to_string())
}

#[tokio::test]
async fn a_copy_has_what_was_committed_and_nothing_of_what_was_not() {
    let (_directory, path, copy) = place();
    let store = open(&path);
    store.insert(&sample::user(1), &[]).await.unwrap();
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE; DELETE FROM users").unwrap();
    SqliteStore::snapshot(&path, SETTINGS(), &copy).unwrap();
    other.batch_execute("ROLLBACK").unwrap();
    store.insert(&sample::user(2), &[]).await.unwrap();
    store.close();

    let found = SqliteStore::examine_copy(&copy).unwrap();
    // An account without an admin is what these tests make.
    assert!(
        found.findings.iter().all(|finding| finding.to_string().contains("no active admin")),
        "{found:?}"
    );
    assert_eq!(found.journal, "delete");
    let mode = fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let copied = open(&copy);
    assert_eq!(copied.users_after(None, 9).await.unwrap(), [sample::user(1)]);
}

#[test]
fn a_copy_takes_nobodys_place_and_nothing_foreign_is_copied() {
    let (_directory, path, copy) = place();
    assert!(matches!(SqliteStore::snapshot(&path, SETTINGS(), &copy), Err(OpenError::Absent)));
    open(&path).close();
    fs::write(&copy, "something").unwrap();
    assert!(SqliteStore::snapshot(&path, SETTINGS(), &copy).is_err());
    assert_eq!(fs::read(&copy).unwrap(), b"something");
    let refused = SqliteStore::snapshot(&copy, SETTINGS(), &path.with_extension("other"));
    assert!(matches!(refused, Err(OpenError::NotADatabase)), "{refused:?}");
}

#[tokio::test]
async fn what_is_revived_has_no_live_session_and_trusts_no_redis() {
    let (_directory, path, _) = place();
    let store = open(&path);
    let user = sample::kucing_cakep();
    let new = sample::login(&user, 1, sample::NOW);
    store.insert(&user, &[]).await.unwrap();
    store.open(&new).await.unwrap();
    let epoch = Epoch { id: Uuid::from_u128(1), witness: Some("a server".to_owned()) };
    EpochRegistry::begin(&store, None, &epoch).await.unwrap();
    store.close();

    let registered = vec![KeyFingerprint { name: "pepper".to_owned(), fingerprint: "p".to_owned() }];
    let revival = Revival { end_sessions_at: Some(sample::NOW), registered: Some(registered.clone()) };
    assert_eq!(SqliteStore::revive(&path, SETTINGS(), &revival, entry).unwrap(), 1);
    let names: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["doorward.db"]);

    let store = open(&path);
    assert!(store.find_live(new.session.id, sample::NOW).await.unwrap().is_none());
    assert_eq!(store.present().await.unwrap(), None);
    assert_eq!(store.registered().await.unwrap(), registered);
    let entries = store.audit_after(None, 9).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.details["count"].as_str()).collect::<Vec<_>>(), ["1"]);
}

#[tokio::test]
async fn sessions_live_on_where_that_is_asked_for_and_redis_is_not_trusted_either_way() {
    let (_directory, path, _) = place();
    let store = open(&path);
    let user = sample::kucing_cakep();
    let new = sample::login(&user, 1, sample::NOW);
    store.insert(&user, &[]).await.unwrap();
    store.open(&new).await.unwrap();
    EpochRegistry::begin(&store, None, &Epoch { id: Uuid::from_u128(1), witness: None }).await.unwrap();
    store.close();
    assert_eq!(SqliteStore::revive(&path, SETTINGS(), &Revival::default(), entry).unwrap(), 0);
    let store = open(&path);
    assert!(store.find_live(new.session.id, sample::NOW).await.unwrap().is_some());
    assert_eq!(store.present().await.unwrap(), None);
}

#[test]
fn a_file_is_settled_only_while_nobody_else_has_it_open() {
    let (_directory, path, _) = place();
    let store = open(&path);
    assert!(!SqliteStore::settle(&path, SETTINGS()).unwrap());
    store.close();
    assert!(SqliteStore::settle(&path, SETTINGS()).unwrap());
}

#[test]
fn a_copy_is_examined_wherever_it_is_and_whatever_it_is_called() {
    let (directory, path, _) = place();
    open(&path).close();
    let odd = directory.path().join("100% of #1?immutable=0.db");
    SqliteStore::snapshot(&path, SETTINGS(), &odd).unwrap();
    fs::hard_link(&odd, directory.path().join("by rsync.db")).unwrap();
    let before = fs::read_dir(&directory).unwrap().count();
    assert_eq!(SqliteStore::examine_copy(&odd).unwrap().findings, []);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), before, "something was made beside it");
}

#[test]
fn a_file_with_a_second_name_is_not_opened_by_either() {
    let (directory, path, _) = place();
    open(&path).close();
    let other = directory.path().join("other.db");
    fs::hard_link(&path, &other).unwrap();
    for name in [&path, &other] {
        let refused = SqliteStore::open(name, SETTINGS());
        assert!(matches!(refused, Err(OpenError::SeveralNames)), "{refused:?}");
    }
    fs::remove_file(&path).unwrap();
    open(&other).close();
}
