//! Whoever leaves in the middle leaves nothing behind for the next one.

#![expect(
    clippy::disallowed_methods,
    reason = "this is about transactions that are not opened by the adapter"
)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use diesel::sql_types::{BigInt, Integer};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use doorward_cockroach::{Pool, PoolSettings, Timeouts};
use tokio::runtime::Builder;

use crate::database::{PATIENT, database, database_of_postgres, number, pool, url};

const ONE: PoolSettings = PoolSettings { size: 1, ..PATIENT };

/// Waits until a connection with this number is doing something, or until there is none.
async fn until(pool: &Pool, pid: i32, expected: i64) {
    let mut observer = pool.get().await.unwrap();
    let query = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND state = 'active'");
    loop {
        let seen = diesel::dsl::sql::<BigInt>(&query).get_result::<i64>(&mut observer).await.unwrap();
        if seen == expected {
            return;
        }
    }
}

/// Begins it, and drops it once the database is at it.
async fn abandon(work: impl Future<Output = ()>, observer: &Pool, pid: i32) {
    tokio::select! {
        () = work => panic!("it came to an end"),
        () = until(observer, pid, 1) => {}
    }
}

#[tokio::test]
async fn a_statement_that_nobody_waits_for_keeps_its_connection_from_the_next_one() {
    let Some(database) = database_of_postgres().await else { return };
    let (pool, observer) = (pool(&database, ONE), pool(&database, ONE));
    let mut connection = pool.get().await.unwrap();
    let first = number(&mut connection).await;
    let sleep = diesel::sql_query("SELECT pg_sleep(3600)");
    abandon(async { drop(sleep.execute(&mut connection).await) }, &observer, first).await;
    drop(connection);
    assert_ne!(number(&mut pool.get().await.unwrap()).await, first);
    assert_eq!(pool.status().size, 1);
}

#[tokio::test]
async fn a_statement_whose_connection_is_thrown_away_ends_in_the_database_too() {
    let Some(database) = database_of_postgres().await else { return };
    let observer = pool(&database, ONE);
    // The server itself would let it go on: it looks for who is there only when it has something to say.
    let unlimited = Timeouts { statement: Duration::from_secs(3_600), ..Timeouts::default() };
    let pool = Pool::new(url(&database.url()).with_timeouts(unlimited), ONE).unwrap();
    let mut connection = pool.get().await.unwrap();
    let first = number(&mut connection).await;
    let sleep = diesel::sql_query("SELECT pg_sleep(3600)");
    abandon(async { drop(sleep.execute(&mut connection).await) }, &observer, first).await;
    connection.discard();
    until(&observer, first, 0).await;
}

#[tokio::test]
async fn a_transaction_that_nobody_ends_is_undone() {
    let Some(database) = database_of_postgres().await else { return };
    let (pool, observer) = (pool(&database, ONE), pool(&database, ONE));
    let mut connection = pool.get().await.unwrap();
    let first = number(&mut connection).await;
    diesel::sql_query("CREATE TABLE leftovers (a INT4)").execute(&mut connection).await.unwrap();
    let work = async |connection: &mut AsyncPgConnection| {
        diesel::sql_query("INSERT INTO leftovers VALUES (1)").execute(connection).await?;
        diesel::sql_query("SELECT pg_sleep(3600)").execute(connection).await
    };
    abandon(async { drop(connection.build_transaction().run(work).await) }, &observer, first).await;
    drop(connection);

    let mut next = pool.get().await.unwrap();
    assert_ne!(number(&mut next).await, first);
    let left = diesel::dsl::sql::<BigInt>("SELECT count(*) FROM leftovers");
    assert_eq!(left.get_result::<i64>(&mut next).await.unwrap(), 0);
}

#[tokio::test]
async fn a_transaction_left_between_two_statements_is_undone() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let mut connection = pool.get().await.unwrap();
    let first = number(&mut connection).await;
    let (begun, mut has_begun) = tokio::sync::oneshot::channel();
    {
        let mut transaction = connection.build_transaction();
        let work = transaction.run(async move |_: &mut AsyncPgConnection| {
            begun.send(()).ok();
            std::future::pending::<diesel::QueryResult<()>>().await
        });
        tokio::select! {
            biased;
            _ = work => panic!("it came to an end"),
            begun = &mut has_begun => begun.unwrap(),
        }
    }
    drop(connection);
    assert_ne!(number(&mut pool.get().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_statement_that_fails_leaves_a_good_connection() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let mut connection = pool.get().await.unwrap();
    let first = number(&mut connection).await;
    diesel::sql_query("SELECT 1 / 0").execute(&mut connection).await.unwrap_err();
    drop(connection);
    assert_eq!(number(&mut pool.get().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_statement_that_was_never_sent_does_no_harm() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let mut connection = pool.get().await.unwrap();
    {
        let query = diesel::select(diesel::dsl::sql::<Integer>("1"));
        let mut unsent = pin!(query.get_result::<i32>(&mut connection));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(unsent.as_mut().poll(&mut context), Poll::Pending));
    }
    drop(connection);
    number(&mut pool.get().await.unwrap()).await;
}

#[tokio::test]
async fn a_connection_ends_with_the_runtime_that_opened_it() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let elsewhere = pool.clone();
    let opened = thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { number(&mut elsewhere.get().await.unwrap()).await })
    });
    let first = opened.join().unwrap();
    assert_eq!(pool.status().available, 1, "it is in the pool");
    assert_ne!(number(&mut pool.get().await.unwrap()).await, first);
    assert_eq!(pool.status().size, 1);
}

#[tokio::test]
async fn a_connection_is_used_by_another_runtime_while_its_own_goes_on() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let first = number(&mut pool.get().await.unwrap()).await;
    let elsewhere = pool.clone();
    let second = tokio::task::spawn_blocking(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { number(&mut elsewhere.get().await.unwrap()).await })
    });
    assert_eq!(second.await.unwrap(), first);
}
