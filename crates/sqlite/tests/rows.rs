//! Rows that this service never wrote, and rows it no longer needs.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::error::Error;
use std::path::{Path, PathBuf};

use diesel::connection::{Connection, SimpleConnection};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use doorward_domain::port::{NewSession, SessionRepository, StoreError, UserRepository};
use doorward_sqlite::{SqliteSettings, SqliteStore};
use doorward_testkit::sample;
use tempfile::TempDir;

const DAY: i64 = 24 * 60 * 60;

fn store() -> (TempDir, PathBuf, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let store = SqliteStore::open(&path, SqliteSettings::default()).unwrap();
    (directory, path, store)
}

fn raw(path: &Path) -> SqliteConnection {
    SqliteConnection::establish(path.to_str().unwrap()).unwrap()
}

fn sessions(path: &Path) -> i64 {
    sql::<BigInt>("SELECT count(*) FROM sessions").get_result(&mut raw(path)).unwrap()
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_named_by_its_column() {
    let (_directory, path, store) = store();
    let user = sample::kucing_cakep();
    store.insert(&user, &[]).await.unwrap();
    for (column, value) in [
        ("username", "'nobody'"),
        ("email", "'a@b@c'"),
        ("password_scheme", "'rot13'"),
        ("role", "'root'"),
        ("default_user_type", "'banker'"),
        ("fullname", "''"),
        ("city", "char(7)"),
        ("accounts", "'{}x'"),
        ("user_types", "'{\"streamer\":{\"streamer_id\":\"\",\"history\":[]}}'"),
        ("played_games", "'[1]'"),
        ("favorites", "replace(favorites, 'https:', 'javascript:')"),
    ] {
        let kept = format!("CREATE TABLE kept AS SELECT {column} AS value FROM users");
        let spoil = format!("PRAGMA ignore_check_constraints = ON; UPDATE users SET {column} = {value}");
        let mend = format!("UPDATE users SET {column} = (SELECT value FROM kept); DROP TABLE kept");
        raw(&path).batch_execute(&format!("{kept}; {spoil}")).unwrap();
        let error = store.find(user.id).await.unwrap_err();
        assert!(matches!(error, StoreError::Broken(_)), "{column}: {error:?}");
        assert_eq!(error.source().unwrap().to_string(), format!("column users.{column} cannot be read"));
        raw(&path).batch_execute(&mend).unwrap();
        assert_eq!(store.find(user.id).await.unwrap().as_ref(), Some(&user));
    }
}

#[tokio::test]
async fn a_session_from_no_network_address_is_read_without_one() {
    let (_directory, path, store) = store();
    let user = sample::user(1);
    store.insert(&user, &[]).await.unwrap();
    let new = sample::login(&user, 1, sample::NOW);
    store.open(&new).await.unwrap();
    let address = async || {
        let live = store.find_live(new.session.id, sample::NOW).await.unwrap();
        live.unwrap().session.device.address
    };
    for nowhere in ["''", "'somewhere'", "'192.0.2.1:8080'"] {
        raw(&path).batch_execute(&format!("UPDATE sessions SET address = {nowhere}")).unwrap();
        assert_eq!(address().await, None, "{nowhere}");
    }
    raw(&path).batch_execute("UPDATE sessions SET address = '2001:db8::1'").unwrap();
    assert_eq!(address().await, Some("2001:db8::1".parse().unwrap()));
}

#[tokio::test]
async fn a_login_clears_out_some_of_what_expired_long_ago() {
    let (_directory, path, store) = store();
    let user = sample::user(1);
    store.insert(&user, &[]).await.unwrap();
    let log_in = async |number: u32, day: i64| {
        let new = sample::login(&user, number, sample::seconds_later(day * DAY));
        store.open(&NewSession { max_live: 100, ..new }).await.unwrap();
    };
    for number in 0..70 {
        log_in(number, 0).await;
    }
    // A session lives for 30 days and is remembered for 30 more.
    log_in(70, 59).await;
    assert_eq!(sessions(&path), 71);
    log_in(71, 61).await;
    assert_eq!(sessions(&path), 71 - 64 + 1, "no login clears out more than 64");
    log_in(72, 61).await;
    assert_eq!(sessions(&path), 3, "what is not old enough stays");
}
