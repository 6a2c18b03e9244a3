//! Answers that come late or never, and statements that wait for the test.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_testkit::fault_proxy::{Action, Gate, Moment, fault};
use doorward_testkit::postgres::Vendor;
use tokio_postgres::NoTls;

use crate::scene::{Scene, add, add_in_transaction, code};

#[tokio::test]
async fn a_delayed_answer_comes_late() {
    let Some(scene) = Scene::open().await else { return };
    let time = Duration::from_millis(30);
    scene.proxy.on(Moment::statement(), Action::delay(time));
    let began = Instant::now();
    add(&scene.client, "a").await.unwrap();
    assert!(began.elapsed() >= time);
}

#[tokio::test]
async fn a_statement_waits_before_the_gate_until_the_test_opens_it() {
    let Some(scene) = Scene::open().await else { return };
    let reader = scene.another_client().await.unwrap();
    let gate = Gate::new();
    scene.proxy.on(Moment::statement().containing("SELECT"), Action::hold(&gate));
    let read =
        tokio::spawn(
            async move { reader.query("SELECT name FROM things", &[]).await.map(|rows| rows.len()) },
        );
    gate.until_reached().await;
    add_in_transaction(&scene.client, "a").await.unwrap();
    assert!(!read.is_finished());
    gate.open();
    assert_eq!(read.await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn an_answer_waits_before_the_gate_and_its_statement_is_carried_out() {
    let Some(scene) = Scene::open().await else { return };
    let gate = Gate::new();
    scene.proxy.on(Moment::commit(), Action::hold(&gate).carried_out());
    let committed = add_in_transaction(&scene.client, "a");
    let looked = async {
        gate.until_reached().await;
        let things = scene.things().await;
        gate.open();
        things
    };
    let (committed, things) = tokio::join!(committed, looked);
    committed.unwrap();
    assert_eq!(things, ["a"]);
}

#[tokio::test]
async fn a_client_that_gives_up_while_it_is_held_is_gone_without_an_effect() {
    let Some(scene) = Scene::open().await else { return };
    let gate = Gate::new();
    scene.proxy.on(Moment::statement().containing("INSERT"), Action::hold(&gate));
    let url = scene.database.url_through(scene.proxy.address());
    let gone = tokio::spawn(async move {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        // The connection is driven by this task alone, and ends with it.
        let insert = client.batch_execute("INSERT INTO things VALUES ('a')");
        tokio::join!(insert, connection).0
    });
    gate.until_reached().await;
    gone.abort();
    scene.proxy.until_open(1).await;
    gate.open();
    assert!(scene.things().await.is_empty());
}

#[tokio::test]
async fn an_answer_that_never_comes_is_waited_for_until_the_connection_is_cut() {
    for (hang, things) in [(Action::hang(), 0), (Action::hang().carried_out(), 1)] {
        let Some(scene) = Scene::open().await else { return };
        let hanging = scene.proxy.on(Moment::commit(), hang);
        let client = Arc::new(scene.another_client().await.unwrap());
        let asked = client.clone();
        let waiting = tokio::spawn(async move { add_in_transaction(&asked, "a").await });
        hanging.until_followed(1).await;
        assert!(!waiting.is_finished());
        // Nobody else waits with it.
        scene.client.batch_execute("SELECT 1").await.unwrap();
        scene.proxy.cut_all().await;
        assert_eq!(code(waiting.await.unwrap()), "closed");
        assert_eq!(scene.things().await.len(), things);
    }
}

#[tokio::test]
async fn a_half_open_connection_is_there_until_the_proxy_cuts_it() {
    let Some(scene) = Scene::open().await else { return };
    let frozen = scene.proxy.on(Moment::statement(), Action::half_open());
    let other = scene.another_client().await.unwrap();
    let waiting = tokio::spawn(async move { add(&other, "a").await });
    frozen.until_followed(1).await;
    // With the future goes the client, which nobody hears of.
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    scene.client.batch_execute("SELECT 1").await.unwrap();
    assert_eq!(scene.proxy.open_connections(), 2);
    scene.proxy.cut_all().await;
    assert_eq!(scene.proxy.open_connections(), 0);
}

#[tokio::test]
async fn a_statement_can_be_cancelled_through_the_proxy() {
    let Some(scene) = Scene::open().await else { return };
    if scene.database.vendor() == Vendor::Cockroach {
        return; // It has no pg_stat_activity to see from when the statement runs.
    }
    let cancel = scene.client.cancel_token();
    let sleeping = scene.client.batch_execute("SELECT pg_sleep(1000)");
    let cancelling = async {
        let running = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
                       AND state = 'active' AND query = 'SELECT pg_sleep(1000)'";
        while scene.behind.query_opt(running, &[]).await.unwrap().is_none() {}
        cancel.cancel_query(NoTls).await.unwrap();
    };
    let (slept, ()) = tokio::join!(sleeping, cancelling);
    assert_eq!(code(slept), "57014");
    scene.client.batch_execute("SELECT 1").await.unwrap();
}

#[tokio::test]
async fn a_proxy_that_is_dropped_ends_its_connections() {
    let Some(scene) = Scene::open().await else { return };
    let Scene { proxy, client, .. } = &scene;
    proxy.on(Moment::statement(), Action::fail(fault::too_many_clients()));
    assert_eq!(code(add(client, "a").await), "53300");
    let Scene { proxy, database, .. } = scene;
    let (client, connection) =
        tokio_postgres::connect(&database.url_through(proxy.address()), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    drop(proxy);
    assert!(connection.await.is_ok());
    assert!(client.is_closed());
}
