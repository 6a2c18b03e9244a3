//! Nobody answers.

use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore, PoolSettings};
use doorward_domain::port::SessionRepository as _;
use doorward_testkit::fault_proxy::{Action, Moment, Rule, RuleHandle};
use doorward_testkit::sample;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tokio::{join, select, time};

use crate::scene::{PATIENT, Scene};
use crate::support;
use crate::writes::{Case, Write};

/// A quarter of the connections is left to look-ups, and here all seven writes meet silence at the same time.
const ROOM_FOR_ALL: CockroachSettings =
    CockroachSettings { pool: PoolSettings { size: 12, ..PATIENT.pool }, ..PATIENT };

/// Lets time pass as soon as everybody waits for something that does not come. The clock is the test's own from then
/// on: a deadline is there at once, and on a slow machine not sooner than what it is for.
async fn let_time_pass(silence: &RuleHandle, times: usize) {
    silence.until_followed(times).await;
    time::pause();
}

/// All kinds of writes meet silence at once, each when this moment comes. All are answered.
async fn meet_silence(scene: &Scene, store: &CockroachStore, moment: Moment, action: Action) -> Vec<Case> {
    let cases = scene.one_of_each().await;
    let silence = scene.proxy.add(Rule::new(moment, action).times(cases.len()));
    let writes = join_all(cases.iter().map(|case| scene.unavailable_by(store, case)));
    join!(writes, let_time_pass(&silence, cases.len()));
    time::resume();
    assert_eq!(store.pool_status().size, 0, "nobody gets a connection that fell silent");
    scene.proxy.clear_rules();
    // What is half open is there until somebody ends it.
    scene.proxy.cut_all().await;
    cases
}

#[tokio::test]
async fn f24_silence_in_a_transaction_lasts_no_longer_than_the_deadline() {
    let Some(scene) = Scene::with(ROOM_FOR_ALL).await else { return };
    for moment in [Moment::begin(), Moment::statement().nth(1), Moment::commit()] {
        for action in [Action::hang(), Action::half_open()] {
            for case in meet_silence(&scene, &scene.store, moment.clone(), action).await {
                assert!(!scene.is_done(&case).await);
                scene.acknowledged(&case).await;
            }
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn f24_silence_after_commit_leaves_what_was_committed() {
    let Some(scene) = Scene::with(ROOM_FOR_ALL).await else { return };
    for case in meet_silence(&scene, &scene.store, Moment::commit(), Action::hang().carried_out()).await {
        assert!(scene.is_done(&case).await);
        if !matches!(case.write, Write::Update | Write::Delete | Write::End) {
            scene.acknowledged(&case).await;
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn f24_whoever_accepts_and_never_answers_is_given_up() {
    let Some(scene) = Scene::with(ROOM_FOR_ALL).await else { return };
    let pool = PoolSettings { create: Duration::from_secs(5), ..ROOM_FOR_ALL.pool };
    let settings = CockroachSettings { pool, ..PATIENT };
    let store = CockroachStore::new(support::parsed(&scene.url()), settings).unwrap();
    for case in meet_silence(&scene, &store, Moment::connection(), Action::hang()).await {
        assert!(!scene.is_done(&case).await);
        scene.acknowledged_by(&store, &case).await;
    }
    assert!(scene.said.text().contains("opening a connection to the database takes too long"));
    store.close();
    scene.finish().await;
}

#[tokio::test]
async fn f24_silence_for_one_who_asks_is_none_for_others_who_ask_the_same() {
    let Some(scene) = Scene::with(PATIENT).await else { return };
    let known = scene.prepared(Write::Rotate).await;
    let [session, ..] = known.sessions();
    let statement = Moment::statement().containing("sessions");
    let silence = scene.proxy.add(Rule::new(statement, Action::hang()).times(1));
    let look_up = || scene.store.find_live(session.id, sample::NOW);
    let mut first = look_up();
    select! {
        answered = &mut first => unreachable!("it hangs: {answered:?}"),
        () = silence.until_followed(1) => {}
    }
    for answer in join_all((0..4).map(|_| look_up())).await {
        assert!(answer.unwrap().is_some());
    }
    assert!(first.as_mut().now_or_never().is_none());
    scene.proxy.clear_rules();
    scene.proxy.cut_all().await;
    assert!(first.await.unwrap().is_some(), "it is asked again on another connection");
    scene.finish().await;
}
