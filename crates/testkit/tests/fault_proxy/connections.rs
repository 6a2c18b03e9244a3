//! Faults of whole connections.

use doorward_testkit::fault_proxy::{Action, Moment, fault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::scene::{Scene, add, add_in_transaction, code};

#[tokio::test]
async fn new_connections_are_refused_until_they_are_not() {
    let Some(scene) = Scene::open().await else { return };
    let refused = scene.proxy.refuse_new(fault::not_accepting_clients());
    for times in 1..3 {
        let error = scene.another_client().await.err().unwrap();
        let error = error.as_db_error().unwrap();
        assert_eq!((error.severity(), error.code().code()), ("FATAL", "57P01"));
        assert_eq!(error.message(), "server is not accepting clients, try another node");
        assert_eq!(refused.followed(), times);
    }
    add(&scene.client, "a").await.unwrap();
    refused.remove();
    add(&scene.another_client().await.unwrap(), "b").await.unwrap();
}

#[tokio::test]
async fn a_new_connection_can_be_cut() {
    let Some(scene) = Scene::open().await else { return };
    scene.proxy.on(Moment::connection(), Action::cut());
    assert_eq!(code(scene.another_client().await), "closed");
    scene.another_client().await.unwrap();
}

#[tokio::test]
async fn a_drain_ends_connections_when_they_are_outside_a_transaction() {
    let Some(scene) = Scene::open().await else { return };
    let busy = scene.another_client().await.unwrap();
    busy.batch_execute("BEGIN").await.unwrap();
    scene.proxy.drain(fault::shutting_down());
    scene.proxy.until_open(1).await;
    assert_eq!(code(add(&scene.client, "a").await), "closed");
    add(&busy, "b").await.unwrap();
    busy.batch_execute("COMMIT").await.unwrap();
    scene.proxy.until_open(0).await;
    assert_eq!(scene.things().await, ["b"]);
    add(&scene.another_client().await.unwrap(), "c").await.unwrap();
}

#[tokio::test]
async fn all_connections_are_cut_at_once_and_new_ones_work() {
    let Some(scene) = Scene::open().await else { return };
    let other = scene.another_client().await.unwrap();
    other.batch_execute("BEGIN").await.unwrap();
    add(&other, "a").await.unwrap();
    assert_eq!(scene.proxy.open_connections(), 2);
    scene.proxy.cut_all().await;
    assert_eq!(scene.proxy.open_connections(), 0);
    for cut in [&scene.client, &other] {
        assert_eq!(code(add(cut, "b").await), "closed");
    }
    add_in_transaction(&scene.another_client().await.unwrap(), "c").await.unwrap();
    assert_eq!(scene.things().await, ["c"]);
}

#[tokio::test]
async fn a_client_that_leaves_is_gone_at_the_server_too() {
    let Some(scene) = Scene::open().await else { return };
    let other = scene.another_client().await.unwrap();
    scene.proxy.until_open(2).await;
    drop(other);
    scene.proxy.until_open(1).await;
}

#[tokio::test]
async fn the_log_tells_connections_apart() {
    let Some(scene) = Scene::open().await else { return };
    let other = scene.another_client().await.unwrap();
    scene.proxy.on(Moment::statement().containing("2"), Action::fail(fault::range_unavailable()));
    scene.client.batch_execute("SELECT 1").await.unwrap();
    other.batch_execute("SELECT 2").await.unwrap_err();
    scene.client.batch_execute("SELECT 3").await.unwrap();
    let log = scene.proxy.log();
    assert_eq!(log.of_connection(1).texts(), ["SELECT 1", "SELECT 3"]);
    assert_eq!(log.of_connection(2).texts(), ["SELECT 2"]);
    let met: Vec<bool> = log.statements().iter().map(|statement| statement.met_a_rule).collect();
    assert_eq!(met, [false, true, false]);
    assert_eq!((log.containing("SELECT"), log.containing("2")), (3, 1));
    scene.proxy.clear_log();
    assert!(scene.proxy.log().statements().is_empty());
}

#[tokio::test]
async fn tls_is_declined() {
    let Some(scene) = Scene::open().await else { return };
    let mut client = TcpStream::connect(scene.proxy.address()).await.unwrap();
    client.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'N');
}

#[tokio::test]
async fn a_client_that_copies_rows_is_told_that_it_cannot() {
    let Some(scene) = Scene::open().await else { return };
    assert_eq!(code(scene.client.batch_execute("COPY things FROM STDIN").await), "closed");
}
