//! Connections that are lost while nobody has them.

use std::collections::HashSet;
use std::time::Duration;

use diesel_async::RunQueryDsl;
use doorward_cockroach::{Pool, PoolSettings, PooledConnection};
use futures_util::future::join_all;

use crate::database::{PATIENT, database, database_of_postgres, number, pool, url};
use crate::network::{Lost, Network};

/// Every connection is asked before it is given out.
const ASKING: PoolSettings = PoolSettings { fresh: Duration::ZERO, ..PATIENT };

/// So many connections of a pool, all at once.
async fn several(pool: &Pool, count: usize) -> Vec<PooledConnection> {
    join_all((0..count).map(|_| async { pool.get().await.unwrap() })).await
}

#[tokio::test]
async fn connections_that_the_database_ended_are_replaced_without_an_error() {
    let Some(database) = database_of_postgres().await else { return };
    let (pool, admin) = (pool(&database, ASKING), pool(&database, ASKING));
    let mut before = HashSet::new();
    for mut connection in several(&pool, 4).await {
        before.insert(number(&mut connection).await);
    }
    assert_eq!((before.len(), pool.status().available), (4, 4));
    for pid in &before {
        let end = format!("SELECT pg_terminate_backend({pid}, 60000)");
        diesel::sql_query(end).execute(&mut admin.get().await.unwrap()).await.unwrap();
    }
    for mut connection in several(&pool, 4).await {
        assert!(!before.contains(&number(&mut connection).await));
    }
}

#[tokio::test]
async fn one_connection_that_does_not_answer_speaks_for_those_that_rest() {
    let Some(database) = database().await else { return };
    let mut network = Network::to(&database.server().address()).await;
    let settings = PoolSettings { recycle: Duration::from_millis(20), ..ASKING };
    let pool = Pool::new(url(&database.url_through(network.address())), settings).unwrap();
    drop(several(&pool, 4).await);
    assert_eq!(pool.status().available, 4);

    network.fall_silent();
    number(&mut pool.get().await.unwrap()).await;
    let lost = network.lost(4).await;
    let questions = lost.iter().filter(|lost| **lost == Lost::Question).count();
    assert!(questions <= 1, "{questions} were waited for, one after the other");
    assert_eq!(pool.status().size, 1);
}
