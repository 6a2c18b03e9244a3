//! Rows that somebody else holds, and connections that are all in use.

use std::time::Duration;

use doorward_cockroach::{CockroachSettings, PoolSettings};
use doorward_domain::port::{SessionRepository, StoreError, UserFilter, UserQuery, UserRepository};
use doorward_testkit::fault_proxy::{Action, Gate, Moment, Rule};
use doorward_testkit::sample;
use futures_util::future::join_all;
use tokio::{join, time};
use tokio_postgres::Client;

use crate::lists::everybody;
use crate::rows::Rows;
use crate::scene::{PATIENT, Scene};
use crate::writes::Write;

#[tokio::test]
async fn f27_a_reader_who_waits_for_a_writer_reads_what_was_written() {
    let Some(scene) = Scene::open().await else { return };
    let case = scene.prepared(Write::Rotate).await;
    let [first, ..] = case.sessions();
    let id = first.user_id.uuid().to_string();
    let write = "UPDATE users SET city = 'Malang', has_profile = true WHERE id = $1::TEXT::UUID";
    scene.client.batch_execute("BEGIN").await.unwrap();
    scene.client.execute(write, &[&id]).await.unwrap();
    // CockroachDB lets the reader wait by itself.
    let gate = Gate::new();
    scene.proxy.on(Moment::statement(), Action::hold(&gate));
    let writer = async {
        gate.until_reached().await;
        scene.client.batch_execute("COMMIT").await.unwrap();
        gate.open();
    };
    let (found, ()) = join!(scene.store.find(first.user_id), writer);
    assert!(found.unwrap().unwrap().profile.unwrap().city.is_some());
    scene.finish().await;
}

#[tokio::test]
async fn f27_nothing_needs_a_second_connection() {
    let pool = PoolSettings { size: 1, ..PATIENT.pool };
    let Some(scene) = Scene::with(CockroachSettings { pool, ..PATIENT }).await else { return };
    for _ in 0..3 {
        let cases = scene.one_of_each().await;
        let reads = join_all(cases.iter().map(async |case| {
            scene.store.find(case.user().id).await.unwrap();
            scene.store.count(&UserFilter::default()).await.unwrap();
        }));
        join!(join_all(cases.iter().map(|case| scene.acknowledged(case))), reads);
    }
    assert_eq!(scene.store.pool_status().size, 1);
    scene.finish().await;
}

#[tokio::test]
async fn f27_a_row_that_somebody_keeps_is_not_waited_for_for_ever() {
    let Some(scene) = Scene::on_postgres().await else { return };
    let (kept, other) = (scene.prepared(Write::Update).await, scene.prepared(Write::Update).await);
    let id = kept.user().id.uuid().to_string();
    scene.client.batch_execute("BEGIN").await.unwrap();
    let keep = "SELECT FROM users WHERE id = $1::TEXT::UUID FOR UPDATE";
    scene.client.query(keep, &[&id]).await.unwrap();
    let watching = scene.database().client().await;
    let (error, ()) = join!(scene.failed(&kept), async {
        // Meanwhile everybody else goes on.
        until_somebody_waits(&watching).await;
        other.carry_out(&scene.store).await.unwrap();
    });
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(scene.said.text().contains("canceling statement due to lock timeout"));
    scene.client.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(scene.count("update_user").retries, 0);
    assert_eq!(
        Rows::of(&scene.client, kept.user().id, sample::audit_id(0)).await.account.unwrap().version,
        3
    );
    scene.was_acknowledged(&other).await;
    scene.acknowledged(&kept).await;
    scene.finish().await;
}

/// Until a session of the service waits for a lock of somebody else.
pub(crate) async fn until_somebody_waits(client: &Client) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'doorward' AND wait_event_type = 'Lock'";
    while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {}
}

#[tokio::test]
async fn f29_where_every_connection_is_in_use_that_is_said_in_time_and_passes() {
    let pool = PoolSettings { size: 2, wait: Duration::from_secs(1), ..PATIENT.pool };
    let Some(scene) = Scene::with(CockroachSettings { pool, ..PATIENT }).await else { return };
    let cases = scene.one_of_each().await;
    let id = cases[1].user().id;
    let gate = Gate::new();
    scene.proxy.add(Rule::new(Moment::statement(), Action::hold(&gate)).times(2));
    let using = join_all([scene.store.find(id), scene.store.find(id)]);
    let asking = async {
        gate.until_reached_by(2).await;
        time::pause();
        let begin = time::Instant::now();
        let writes = join_all(cases.iter().map(|case| scene.unavailable(case)));
        let everybody = UserFilter::default();
        let (_, found, counted) = join!(writes, scene.store.find(id), scene.store.count(&everybody));
        time::resume();
        for error in [found.unwrap_err(), counted.unwrap_err()] {
            scene.said.add(&error);
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
        // By the test's own clock, which nothing real moves.
        assert!(begin.elapsed() < PATIENT.deadline / 2);
        gate.open();
    };
    let (found, ()) = join!(using, asking);
    assert!(found.into_iter().all(|found| found.unwrap().is_some()));
    assert!(scene.said.text().contains("every connection to the database is in use"));
    let retries: u64 = scene.store.counts().iter().map(|count| count.retries).sum();
    assert_eq!(retries, 0, "more who ask would only make it worse");
    for case in &cases {
        assert!(!scene.is_done(case).await);
        scene.acknowledged(case).await;
    }
    scene.finish().await;
}

/// Writes of every kind and lists are held up for as long as it takes; the look-up that every request begins with is not.
#[tokio::test]
async fn dos_09_look_ups_have_connections_that_neither_writes_nor_lists_can_take() {
    let pool = PoolSettings { size: 8, ..PATIENT.pool };
    let Some(scene) = Scene::with(CockroachSettings { pool, ..PATIENT }).await else { return };
    let (cases, known) = (scene.one_of_each().await, scene.prepared(Write::Rotate).await);
    let [session, ..] = known.sessions();
    let (writes, lists) = (Gate::new(), Gate::new());
    let held = scene.proxy.add(Rule::new(Moment::begin(), Action::hold(&writes)).always());
    let listed =
        scene.proxy.add(Rule::new(Moment::statement().containing("LIMIT"), Action::hold(&lists)).always());
    // Each is another list: the same one is read once for all who ask for it.
    let query = |limit| UserQuery { limit, ..everybody() };
    let store = &scene.store;
    let busy = async {
        join!(
            join_all(cases.iter().map(|case| scene.acknowledged(case))),
            join_all((2..10).map(|limit| async move { store.list(&query(limit)).await.unwrap() })),
        );
    };
    let look_ups = async {
        // As many as may be held: three quarters of the connections.
        while held.followed() + listed.followed() < 6 {
            tokio::task::yield_now().await;
        }
        for _ in 0..16 {
            assert!(scene.store.find_live(session.id, sample::NOW).await.unwrap().is_some());
        }
        assert_eq!(held.followed() + listed.followed(), 6);
        writes.open();
        lists.open();
    };
    join!(busy, look_ups);
    scene.finish().await;
}
