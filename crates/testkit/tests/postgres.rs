//! Databases for tests: fresh, separate, copied from a template that is complete, and gone afterwards.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use doorward_testkit::postgres::{DatabaseOptions, Isolation, PostgresServer, TestDatabase, Vendor};
use tokio_postgres::NoTls;

/// A schema of this test alone: templates outlive the process that makes them.
fn schema(test: &str) -> DatabaseOptions {
    DatabaseOptions::of_schema(format!("{test}_{}", std::process::id()))
}

/// Gives a database two tables, one after the other, so that somebody could see it in between.
async fn two_tables(url: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driven = tokio::spawn(connection);
    client.batch_execute("CREATE TABLE first (number INT4)").await.unwrap();
    client.batch_execute("CREATE TABLE second (number INT4)").await.unwrap();
    drop(client);
    driven.await.unwrap().unwrap();
}

async fn exists(server: &PostgresServer, name: &str) -> bool {
    let other = server.database(DatabaseOptions::of_schema("empty"), async |_| {}).await;
    let found =
        other.client().await.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await;
    found.unwrap().is_some()
}

async fn setting(database: &TestDatabase, name: &str) -> String {
    database.client().await.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0)
}

async fn rows(database: &TestDatabase) -> i64 {
    database.client().await.query_one("SELECT count(*) FROM first, second", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn two_databases_have_the_schema_and_nothing_else_in_common() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let one = server.database(schema("separate"), two_tables).await;
    let other = server.database(schema("separate"), two_tables).await;
    let insert = "INSERT INTO first VALUES (1); INSERT INTO second VALUES (1)";
    one.client().await.batch_execute(insert).await.unwrap();
    assert_eq!((rows(&one).await, rows(&other).await), (1, 0));
}

#[test]
fn of_many_that_want_one_schema_at_once_one_fills_it_and_all_have_it() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let filled = AtomicUsize::new(0);
    // Each with a runtime of its own, as test processes have.
    let vendors: Vec<Vendor> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(async {
                        let fill = async |url: &str| {
                            filled.fetch_add(1, Relaxed);
                            two_tables(url).await;
                        };
                        let database = server.database(schema("at_once"), fill).await;
                        assert_eq!(rows(&database).await, 0);
                        database.vendor()
                    })
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let expected = if vendors[0] == Vendor::Cockroach { 8 } else { 1 };
    assert_eq!(filled.into_inner(), expected);
}

#[tokio::test]
async fn a_schema_that_could_not_be_filled_is_filled_by_the_next() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let failing = server.clone();
    let failed = tokio::spawn(async move {
        let fill = async |_: &str| panic!("the migration is wrong");
        failing.database(schema("failing"), fill).await
    });
    assert!(failed.await.unwrap_err().is_panic());
    let database = server.database(schema("failing"), two_tables).await;
    assert_eq!(rows(&database).await, 0);
}

#[tokio::test]
async fn a_connection_that_stays_open_after_filling_is_in_nobodys_way() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let mut left_open = None;
    let fill = async |url: &str| {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute("CREATE TABLE first (number INT4); CREATE TABLE second (number INT4)")
            .await
            .unwrap();
        left_open = Some(client);
    };
    let database = server.database(schema("left_open"), fill).await;
    assert_eq!(rows(&database).await, 0);
}

#[tokio::test]
async fn transactions_are_serializable_unless_something_else_is_asked_for() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let name = "default_transaction_isolation";
    let usual = server.database(schema("isolation"), two_tables).await;
    assert_eq!(setting(&usual, name).await.to_lowercase(), "serializable");
    if usual.vendor() == Vendor::Postgres {
        let options = schema("isolation").isolation(Isolation::ReadCommitted);
        let weaker = server.database(options, two_tables).await;
        assert_eq!(setting(&weaker, name).await, "read committed");
    }
}

#[tokio::test]
async fn text_is_ordered_by_its_bytes() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let database = server.database(schema("order"), two_tables).await;
    let ordered = database.client().await.query_one("SELECT 'Z' < 'a' AND 'z' < 'ä'", &[]).await.unwrap();
    assert!(ordered.get::<_, bool>(0));
}

#[tokio::test]
async fn a_database_is_gone_after_its_test_whoever_is_connected() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let database = server.database(schema("gone"), two_tables).await;
    let name = database.name().to_owned();
    let connected = database.client().await;
    assert!(exists(&server, &name).await);
    drop(database);
    assert!(!exists(&server, &name).await);
    drop(connected);
}

#[test]
fn a_database_is_gone_after_a_test_that_panics_and_without_a_runtime() {
    let Some(server) = PostgresServer::from_environment() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = runtime.block_on(server.database(schema("panic"), two_tables));
    let name = database.name().to_owned();
    let panicked = std::panic::catch_unwind(AssertUnwindSafe(move || {
        let _database = database;
        panic!("the test failed");
    }));
    assert!(panicked.is_err());
    assert!(!runtime.block_on(exists(&server, &name)));
}

#[test]
fn a_url_can_lead_through_a_proxy() {
    let server = PostgresServer::at("postgresql://root@localhost:26257/defaultdb?sslmode=disable");
    assert_eq!(server.address(), "localhost:26257");
    assert_eq!(PostgresServer::at("postgresql://root@[::1]/defaultdb").address(), "[::1]:5432");
}
