//! Rows that this service never wrote, and rows it no longer needs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a surprise fails the test that met it")]

mod support;

use std::error::Error;
use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore};
use doorward_domain::port::{NewSession, SessionRepository, StoreError, UserRepository};
use doorward_domain::token::EndReason;
use doorward_domain::user::User;
use doorward_testkit::fault_proxy::FaultProxy;
use doorward_testkit::postgres::Isolation;
use doorward_testkit::sample;
use tokio::time::sleep;
use tokio_postgres::Client;

use support::Database;

const DAY: i64 = 24 * 60 * 60;

/// The identifiers of all that are remembered, oldest first.
async fn sessions(client: &Client) -> Vec<String> {
    let rows = client.query("SELECT id::TEXT FROM sessions ORDER BY created_at", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn log_in(store: &CockroachStore, user: &User, number: u32, seconds: i64) {
    let new = sample::login(user, number, sample::seconds_later(seconds));
    store.open(&NewSession { max_live: 1_000, ..new }).await.unwrap();
}

/// Nobody waits for what is cleared out, but a test: until it was looked for so many times, and to the end.
async fn until_looked_for(proxy: &FaultProxy, times: usize) {
    until(async || {
        let log = proxy.log();
        log.containing("\"expires_at\" < $1") == times && log.begins() == log.commits() + log.rollbacks()
    })
    .await;
}

async fn until(condition: impl AsyncFn() -> bool) {
    for _ in 0..2_000 {
        if condition().await {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("it does not come to that");
}

#[tokio::test]
async fn a_login_has_some_of_what_expired_long_ago_cleared_out() {
    let Some(database) = Database::fresh(Isolation::Serializable).await else { return };
    let client = database.inner().client().await;
    let proxy = FaultProxy::before(database.inner().server().address()).await;
    let url = database.inner().url_through(proxy.address());
    let store = support::open(&url, CockroachSettings::default()).await;
    let user = sample::user(1);
    store.insert(&user, &[]).await.unwrap();
    log_in(&store, &user, 0, 0).await;
    until_looked_for(&proxy, 1).await;
    for number in 1..150 {
        log_in(&store, &user, number, 0).await;
    }
    store
        .end(&sample::ending(&sample::session(&user, 7, sample::NOW), EndReason::Logout, sample::NOW))
        .await
        .unwrap();
    log_in(&store, &user, 150, 4).await;
    until_looked_for(&proxy, 1).await;
    log_in(&store, &user, 151, 20).await;
    until_looked_for(&proxy, 2).await;

    // A session lives for 30 days and is remembered for 30 more, ended or not.
    log_in(&store, &user, 152, 60 * DAY).await;
    until_looked_for(&proxy, 3).await;
    assert_eq!(proxy.log().containing("DELETE FROM \"sessions\""), 0, "none is old enough");

    log_in(&store, &user, 153, 60 * DAY + 5).await;
    until_looked_for(&proxy, 4).await;
    until(async || sessions(&client).await.len() < 154).await;
    assert_eq!(sessions(&client).await.len(), 54, "no more than 100 at a time");

    log_in(&store, &user, 154, 60 * DAY + 10).await;
    until_looked_for(&proxy, 5).await;
    until(async || sessions(&client).await.len() < 55).await;
    let kept = [151, 152, 153, 154].map(|number| sample::session_id(number).to_string());
    assert_eq!(sessions(&client).await, kept, "what is not old enough stays");
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_named_by_its_column() {
    let Some(database) = Database::fresh(Isolation::Serializable).await else { return };
    let (store, client) = (database.store().await, database.inner().client().await);
    let user = sample::kucing_cakep();
    store.insert(&user, &[]).await.unwrap();
    for (column, value) in [
        ("username", "'nobody'"),
        ("email", "'a@b@c'"),
        ("password_scheme", "'rot13'"),
        ("role", "'root'"),
        ("default_user_type", "'banker'"),
        ("fullname", "''"),
        ("gender", "repeat('x', 100000)"),
        ("city", "chr(7)"),
        ("accounts", "'[1]'"),
        ("user_types", "'{\"streamer\": {\"streamer_id\": \"\", \"history\": []}}'"),
        ("played_games", "'[1]'"),
        ("favorites", "replace(favorites::TEXT, 'https:', 'javascript:')::JSONB"),
    ] {
        spoil(&client, "users", column, value).await;
        let error = store.find(user.id).await.unwrap_err();
        assert_named(&error, &format!("users.{column}"));
        mend(&client, "users", column).await;
        assert_eq!(store.find(user.id).await.unwrap().as_ref(), Some(&user));
    }
}

#[tokio::test]
async fn a_session_that_ended_for_no_known_reason_is_named_by_its_column() {
    let Some(database) = Database::fresh(Isolation::Serializable).await else { return };
    let (store, client) = (database.store().await, database.inner().client().await);
    let user = sample::user(1);
    store.insert(&user, &[]).await.unwrap();
    let new = sample::login(&user, 1, sample::NOW);
    let (id, presented) = (new.session.id, new.session.refresh_id);
    store.open(&new).await.unwrap();
    store.end(&sample::ending(&new.session, EndReason::Logout, sample::NOW)).await.unwrap();
    for (column, value) in [("end_reason", "'boredom'"), ("end_reason", "NULL"), ("ended_at", "NULL")] {
        spoil(&client, "sessions", column, value).await;
        let successor = sample::successor(1);
        let rotated =
            store.rotate(id, presented, successor, sample::NOW, sample::LIMITS, &sample::reuse()).await;
        assert_named(&rotated.unwrap_err(), "sessions.end_reason");
        mend(&client, "sessions", column).await;
    }
    assert_eq!(store.find_live(id, sample::NOW).await.unwrap(), None);
}

fn assert_named(error: &StoreError, column: &str) {
    assert!(matches!(error, StoreError::Broken(_)), "{column}: {error:?}");
    assert_eq!(error.source().unwrap().to_string(), format!("column {column} cannot be read"));
}

/// Changes a value to what the table itself would refuse.
async fn spoil(client: &Client, table: &str, column: &str, value: &str) {
    let checks =
        "SELECT conname::TEXT FROM pg_constraint WHERE contype = 'c' AND conrelid = $1::TEXT::REGCLASS";
    for check in client.query(checks, &[&table]).await.unwrap() {
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {}", check.get::<_, &str>(0));
        client.batch_execute(&drop).await.unwrap();
    }
    for statement in [
        format!("CREATE TABLE kept AS SELECT {column} AS value FROM {table}"),
        format!("UPDATE {table} SET {column} = {value}"),
    ] {
        client.batch_execute(&statement).await.unwrap();
    }
}

async fn mend(client: &Client, table: &str, column: &str) {
    for statement in
        [format!("UPDATE {table} SET {column} = (SELECT value FROM kept)"), "DROP TABLE kept".to_owned()]
    {
        client.batch_execute(&statement).await.unwrap();
    }
}
