//! What is said when there is no connection to be had.

use std::time::Duration;

use doorward_cockroach::{GetError, Pool, PoolSettings};
use tokio::net::TcpListener;

use crate::database::{database, url, url_with};

#[tokio::test]
async fn a_port_where_nobody_listens_is_named_without_the_password() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = url(&format!("postgresql://me:hunter@127.0.0.1:{port}/doorward"));
    let pool = Pool::new(url, PoolSettings::default()).unwrap();
    let error = pool.get().await.unwrap_err();
    let reason = error.reason();
    let place = format!("postgresql://127.0.0.1:{port}/doorward cannot be reached");
    assert!(reason.contains(&place) && reason.contains("Connection refused"), "{reason}");
    assert!(!format!("{pool:?} {error:?} {reason}").contains("hunter"));
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named_by_the_server() {
    let Some(database) = database().await else { return };
    let url = url(&database.url().replace(database.name(), "nowhere"));
    let error = Pool::new(url, PoolSettings::default()).unwrap().get().await.unwrap_err();
    assert!(matches!(error, GetError::Connect(_)), "{error:?}");
    assert!(error.reason().contains("database \"nowhere\" does not exist"), "{}", error.reason());
}

#[tokio::test]
async fn a_setting_that_the_server_does_not_know_is_named() {
    let Some(database) = database().await else { return };
    let url = url_with(&database, "options=-c%20no_such_setting%3D1");
    let reason = Pool::new(url, PoolSettings::default()).unwrap().get().await.unwrap_err().reason();
    assert!(reason.contains("no_such_setting") && !reason.contains('\n'), "{reason}");
}

#[tokio::test]
async fn who_accepts_and_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url(&format!("postgresql://me@127.0.0.1:{}/doorward", listener.local_addr().unwrap().port()));
    let settings = PoolSettings { create: Duration::from_millis(20), ..PoolSettings::default() };
    let pool = Pool::new(url, settings).unwrap();
    let error = pool.get().await.unwrap_err();
    assert!(matches!(error, GetError::TooSlow), "{error:?}");
    assert_eq!(pool.status().size, 0, "the place is free again");
}
