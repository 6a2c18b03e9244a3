//! Callers who leave before they are answered.

use std::pin::pin;

use doorward_domain::port::SessionRepository;
use doorward_testkit::fault_proxy::{Action, Moment};
use doorward_testkit::sample;
use tokio::select;

use crate::scene::Scene;
use crate::writes::{Case, Write};

/// The caller is gone as soon as the moment has come: its connection closes, a request is cancelled.
async fn leave(scene: &Scene, case: &Case, moment: Moment, action: Action) {
    let reached = scene.proxy.on(moment, action);
    {
        let mut write = pin!(case.carry_out(&scene.store));
        select! {
            biased;
            answer = &mut write => panic!("{case:?} was answered: {answer:?}"),
            () = reached.until_followed(1) => {}
        }
    }
    assert_eq!(scene.proxy.log().rollbacks(), 0, "there is nobody to say it");
}

#[tokio::test]
async fn f25_whoever_leaves_before_commit_leaves_nothing() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        let places = scene.statements_of(write).await;
        let statements = (1..=places).map(|place| Moment::statement().nth(place));
        for moment in statements.chain([Moment::begin(), Moment::commit()]) {
            let case = scene.prepared(write).await;
            leave(&scene, &case, moment, Action::hang()).await;
            assert!(!scene.is_done(&case).await);
            scene.acknowledged(&case).await;
        }
        for place in 1..=places {
            let case = scene.prepared(write).await;
            leave(&scene, &case, Moment::statement().nth(place), Action::hang().carried_out()).await;
            assert!(!scene.is_done(&case).await);
            scene.acknowledged(&case).await;
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn f25_whoever_leaves_during_commit_finds_all_of_it() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        let case = scene.prepared(write).await;
        leave(&scene, &case, Moment::commit(), Action::hang().carried_out()).await;
        assert!(scene.is_done(&case).await);
        if !matches!(case.write, Write::Update | Write::Delete | Write::End) {
            scene.acknowledged(&case).await;
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn f25_whoever_leaves_during_a_query_is_missed_by_nobody() {
    let Some(scene) = Scene::open().await else { return };
    let case = scene.prepared(Write::Rotate).await;
    let [first, ..] = case.sessions();
    for action in [Action::hang(), Action::hang().carried_out()] {
        let reached = scene.proxy.on(Moment::statement(), action);
        select! {
            biased;
            _ = scene.store.find_live(first.id, sample::NOW) => panic!("it was answered"),
            () = reached.until_followed(1) => {}
        }
        assert!(scene.store.find_live(first.id, sample::NOW).await.unwrap().is_some());
    }
    scene.finish().await;
}
