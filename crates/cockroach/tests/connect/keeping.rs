//! What is kept, for how long, and for how many.

use std::time::Duration;

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use doorward_cockroach::{GetError, Pool, PoolSettings, PoolStatus, Timeouts};

use crate::database::{PATIENT, database, database_of_postgres, number, pool, url, url_with};

/// For one connection, and for callers who do not wait.
const ONE: PoolSettings = PoolSettings { size: 1, wait: Duration::from_millis(10), ..PATIENT };

#[tokio::test]
async fn a_connection_is_used_again() {
    let Some(database) = database().await else { return };
    for fresh in [Duration::from_secs(60), Duration::ZERO] {
        let pool = pool(&database, PoolSettings { fresh, ..PATIENT });
        assert_eq!(pool.status(), PoolStatus { max_size: 4, size: 0, available: 0, waiting: 0 });
        let first = number(&mut pool.get().await.unwrap()).await;
        assert_eq!(number(&mut pool.get().await.unwrap()).await, first);
        assert_eq!(pool.status(), PoolStatus { max_size: 4, size: 1, available: 1, waiting: 0 });
    }
}

#[tokio::test]
async fn one_that_is_old_or_was_not_used_for_long_is_replaced() {
    let Some(database) = database().await else { return };
    for settings in
        [PoolSettings { max_lifetime: Duration::ZERO, ..ONE }, PoolSettings { idle: Duration::ZERO, ..ONE }]
    {
        let pool = pool(&database, settings);
        let first = number(&mut pool.get().await.unwrap()).await;
        assert_ne!(number(&mut pool.get().await.unwrap()).await, first, "{settings:?}");
        assert_eq!(pool.status().size, 1);
    }
}

#[tokio::test]
async fn who_comes_when_all_are_in_use_is_told_so() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let held = pool.get().await.unwrap();
    let error = pool.get().await.unwrap_err();
    assert!(matches!(error, GetError::Exhausted), "{error:?}");
    assert_eq!(error.reason(), "every connection to the database is in use");
    drop(held);
    pool.get().await.unwrap();
}

#[tokio::test]
async fn a_discarded_connection_makes_room() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let mut connection = pool.get().await.unwrap();
    let first = number(&mut connection).await;
    connection.discard();
    assert_eq!(pool.status().size, 0);
    assert_ne!(number(&mut pool.get().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_closed_pool_gives_nothing_out() {
    let Some(database) = database().await else { return };
    let pool = pool(&database, ONE);
    let held = pool.get().await.unwrap();
    pool.close();
    assert!(matches!(pool.clone().get().await, Err(GetError::Closed)));
    drop(held);
    assert_eq!(pool.status().size, 0);
}

#[tokio::test]
async fn every_session_has_its_limits() {
    let Some(database) = database_of_postgres().await else { return };
    let timeouts = Timeouts { lock: Duration::from_millis(1_234), ..Timeouts::default() };
    let parameters = "options=-c%20lock_timeout%3D7%20-c%20DateStyle%3DISO,%5C%20DMY";
    let pool = Pool::new(url_with(&database, parameters).with_timeouts(timeouts), ONE).unwrap();
    let mut connection = pool.get().await.unwrap();
    for (name, expected) in [
        ("application_name", "doorward"),
        ("default_transaction_isolation", "serializable"),
        ("enable_seqscan", "off"),
        ("jit", "off"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("lock_timeout", "1234ms"),
        ("DateStyle", "ISO, DMY"),
        ("statement_timeout", "5s"),
        ("timezone", "UTC"),
    ] {
        let setting = diesel::dsl::sql::<Text>(&format!("SHOW {name}"));
        assert_eq!(setting.get_result::<String>(&mut connection).await.unwrap(), expected, "{name}");
    }
}

#[tokio::test]
async fn the_next_host_is_tried_when_one_is_gone() {
    let Some(database) = database().await else { return };
    let address = database.server().address();
    let (host, _) = address.rsplit_once(':').unwrap();
    let text = database.url().replace(&address, &format!("{host}:1,{address}"));
    let joint = if text.contains('?') { '&' } else { '?' };
    let url = url(&format!("{text}{joint}load_balance_hosts=disable"));
    Pool::new(url, ONE).unwrap().get().await.unwrap();
}
