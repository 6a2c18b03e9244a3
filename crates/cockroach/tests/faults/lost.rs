//! Connections are lost: while they are used, while they rest, when they are opened, and all at once.

use std::sync::Arc;
use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore, PoolSettings};
use doorward_domain::port::{
    EpochRegistry, Probe, SessionRepository, StoreError, UserFilter, UserRepository,
};
use doorward_testkit::fault_proxy::{Action, FaultProxy, Moment, Rule, fault};
use doorward_testkit::sample;
use futures_util::future::join_all;
use tokio::sync::watch;

use crate::lists::everybody;
use crate::scene::{PATIENT, Scene};
use crate::support;
use crate::writes::{Case, Write};

#[tokio::test]
async fn f08_a_connection_that_goes_at_any_statement_is_replaced_and_the_write_made_once() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        let places = scene.statements_of(write).await;
        let case = scene.prepared(write).await;
        let faults: Vec<_> = (1..=places)
            .map(|place| scene.proxy.on(Moment::statement().nth(place), Action::cut()))
            .chain([scene.proxy.on(Moment::begin(), Action::cut())])
            .collect();
        scene.acknowledged(&case).await;
        assert!(faults.iter().all(|fault| fault.followed() == 1), "{write:?}");
        let log = scene.proxy.log();
        assert_eq!((log.rollbacks(), log.commits()), (0, 1), "{write:?}");
    }
    scene.finish().await;
}

/// Everything that is read, each time with the same answer.
async fn read_everything(store: &CockroachStore, case: &Case) {
    let [first, ..] = case.sessions();
    let user = store.find(first.user_id).await.unwrap().unwrap();
    assert_eq!(store.find_by_address(&user.email).await.unwrap().unwrap(), user);
    assert_eq!(store.find_live(first.id, sample::NOW).await.unwrap().unwrap().user, user);
    assert!(store.list(&everybody()).await.unwrap().contains(&Arc::new(user.into())));
    assert_eq!(store.count(&UserFilter::default()).await.unwrap(), 2);
    assert_eq!(store.list_ended(sample::NOW, None, 10).await.unwrap(), []);
    assert_eq!(store.present().await.unwrap(), None);
    store.probe().await.unwrap();
}

#[tokio::test]
async fn f08_a_connection_that_goes_during_a_query_is_replaced_and_the_query_asked_again() {
    let Some(scene) = Scene::open().await else { return };
    let case = scene.prepared(Write::Rotate).await;
    // The first time sessions begin, and documents are read that are known afterwards.
    read_everything(&scene.store, &case).await;
    let begun = scene.proxy.log().statements().len();
    read_everything(&scene.store, &case).await;
    let queries = scene.proxy.log().statements().len() - begun;
    for skip in 0..queries {
        let met = [Action::cut(), Action::close().carried_out()]
            .map(|action| scene.proxy.add(Rule::new(Moment::statement(), action).skip(skip)));
        read_everything(&scene.store, &case).await;
        assert_eq!(met.map(|met| met.followed()), [1, 1]);
        scene.proxy.clear_rules();
    }
    scene.finish().await;
}

#[tokio::test]
async fn f09_connections_that_are_ended_while_they_rest_are_missed_by_nobody() {
    let Some(scene) = Scene::open().await else { return };
    for round in 0..3 {
        let cases = scene.one_of_each().await;
        join_all(cases.iter().map(|case| scene.acknowledged(case))).await;
        let cases = scene.one_of_each().await;
        if round == 0 {
            scene.proxy.cut_all().await;
        } else {
            scene.proxy.drain(fault::shutting_down());
            scene.proxy.until_open(0).await;
        }
        join_all(cases.iter().map(|case| scene.acknowledged(case))).await;
    }
    scene.finish().await;
}

#[tokio::test]
async fn f10_a_node_that_takes_no_new_connections_leaves_the_work_to_the_others() {
    let Some(scene) = Scene::open().await else { return };
    let leaving = FaultProxy::before(scene.database().server().address()).await;
    let refused = leaving.refuse_new(fault::not_accepting_clients());
    let (here, there) = (scene.proxy.address().to_string(), leaving.address().to_string());
    let both = scene.url().replace(&here, &format!("{there},{here}"));
    // Every operation opens a connection.
    let pool = PoolSettings { max_lifetime: Duration::ZERO, ..PATIENT.pool };
    let store = scene.another_store_at(&both, CockroachSettings { pool, ..PATIENT }).await;
    for _ in 0..5 {
        for case in scene.one_of_each().await {
            scene.acknowledged_by(&store, &case).await;
        }
    }
    assert!(refused.followed() > 0, "nobody went there");
    assert!(store.counts().iter().all(|count| count.retries + count.give_ups == 0));
    scene.finish().await;
}

#[tokio::test]
async fn f10_where_every_node_refuses_that_is_said_and_passes() {
    let Some(scene) = Scene::open().await else { return };
    let cases = scene.one_of_each().await;
    let refusing = scene.proxy.refuse_new(fault::not_accepting_clients());
    let settings = CockroachSettings { tries_of_lost: 3, ..PATIENT };
    let store = CockroachStore::new(support::parsed(&scene.url()), settings).unwrap();
    for case in &cases {
        scene.unavailable_by(&store, case).await;
    }
    let error = store.probe().await.unwrap_err();
    scene.said.add(&error);
    assert!(matches!(error, StoreError::Unavailable(_)));
    assert_eq!(refusing.followed(), 3 * (cases.len() + 1), "it may pass any moment");
    assert!(scene.said.text().contains("server is not accepting clients"));
    refusing.remove();
    for case in &cases {
        scene.acknowledged_by(&store, case).await;
    }
    store.close();
    scene.finish().await;
}

#[tokio::test]
async fn f11_a_node_that_leaves_in_the_middle_of_a_transaction_is_left() {
    let Some(scene) = Scene::open().await else { return };
    for leaving in [fault::shutting_down_in_transaction(), fault::shutting_down()] {
        for write in Write::ALL {
            let places = scene.statements_of(write).await;
            let case = scene.prepared(write).await;
            for place in 1..=places {
                scene.proxy.on(Moment::statement().nth(place), Action::fail(leaving.clone()));
            }
            scene.acknowledged(&case).await;
            let log = scene.proxy.log();
            assert_eq!((log.begins(), log.rollbacks(), log.commits()), (places + 1, 0, 1), "{write:?}");
        }
    }
    scene.finish().await;
}

/// So many write at the same time,
const TASKS: usize = 8;
/// each of them so many times one write of every kind,
const ROUNDS: usize = 2;
/// and after so many acknowledged writes the nodes are restarted once more.
const BETWEEN_RESTARTS: usize = 8;

/// Whoever writes beside so many others meets some of them as well as the restarts.
const RESTLESS: CockroachSettings = CockroachSettings { tries: 30, tries_of_lost: 30, ..PATIENT };

#[tokio::test]
async fn f12_restarts_under_load_lose_nothing_that_was_acknowledged() {
    let Some(scene) = Scene::with(RESTLESS).await else { return };
    let acknowledged = Arc::new(watch::Sender::new(0));
    let mut tasks = Vec::new();
    for _ in 0..TASKS {
        let mut cases = Vec::new();
        for _ in 0..ROUNDS {
            cases.extend(scene.one_of_each().await);
        }
        let (store, acknowledged) = (scene.store.clone(), acknowledged.clone());
        tasks.push(async move {
            let mut answers = Vec::new();
            for case in cases {
                let answer = case.carry_out(&store).await;
                acknowledged.send_modify(|count| *count += usize::from(answer.is_ok()));
                answers.push((case, answer));
            }
            answers
        });
    }
    let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut progress = acknowledged.subscribe();
    for restart in 1..TASKS * ROUNDS * Write::ALL.len() / BETWEEN_RESTARTS {
        progress.wait_for(|count| *count >= restart * BETWEEN_RESTARTS).await.unwrap();
        if restart % 2 == 0 {
            scene.proxy.cut_all().await;
        } else {
            scene.proxy.drain(fault::shutting_down());
        }
    }
    let mut unheard = 0;
    for task in running {
        for (case, answer) in task.await.unwrap() {
            match answer {
                Ok(()) => scene.was_acknowledged(&case).await,
                Err(error) => {
                    scene.said.add(&error);
                    assert!(matches!(error, StoreError::Unavailable(_)), "{case:?}: {error:?}");
                    // Made or not, but not in part.
                    scene.is_done(&case).await;
                    unheard += 1;
                }
            }
        }
    }
    assert_eq!(unheard, 0, "one restart is survived by whoever tries again");
    scene.finish().await;
}
