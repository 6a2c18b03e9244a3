//! The database asks for a transaction once more (40001, 40P01).

use doorward_cockroach::{CockroachSettings, OperationCount};
use doorward_testkit::fault_proxy::{Action, Moment, Rule, fault};

use crate::scene::{PATIENT, Scene, connections};
use crate::writes::Write;

#[tokio::test]
async fn f01_whichever_statement_is_to_be_done_again_all_of_them_are() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        let places = scene.statements_of(write).await;
        let case = scene.prepared(write).await;
        let faults: Vec<_> = (1..=places)
            .map(|place| {
                let again = Action::fail(fault::retry_write_too_old());
                scene.proxy.on(Moment::statement().nth(place), again)
            })
            .collect();
        scene.acknowledged(&case).await;
        assert!(faults.iter().all(|fault| fault.followed() == 1), "{write:?}");
        let log = scene.proxy.log();
        assert_eq!((log.begins(), log.rollbacks(), log.commits()), (places + 1, places, 1), "{write:?}");
        assert_eq!(connections(&log), 1, "{write:?} needs no other connection");
    }
    assert!(scene.said.text().contains("tried again"));
    scene.finish().await;
}

/// Who reads one row and leaves off hears nothing of what comes behind it.
#[tokio::test]
async fn f01_a_collision_behind_the_rows_of_an_answer_is_heard() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        let places = scene.statements_of(write).await;
        for place in 1..=places {
            let case = scene.prepared(write).await;
            let behind = Action::fail_behind(fault::retry_read_write_dependencies());
            let met = scene.proxy.on(Moment::statement().nth(place), behind);
            scene.acknowledged(&case).await;
            assert_eq!(met.followed(), 1, "{write:?}");
            let log = scene.proxy.log();
            assert_eq!((log.begins(), log.rollbacks(), log.commits()), (2, 1, 1), "{write:?}, {place}");
            // The next statement would only be told of the consequence: none is made that does not travel with it.
            let sent = if matches!(write, Write::Open) { place.max(3) } else { place };
            assert_eq!(log.statements().len(), (sent + 2) + (places + 2), "{write:?}, {place}");
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn f01_every_wording_of_a_collision_is_understood() {
    let Some(scene) = Scene::open().await else { return };
    let wordings = [
        fault::retry_write_too_old(),
        fault::retry_read_write_dependencies(),
        fault::deadlock(),
        fault::aborted_before(),
    ];
    for again in wordings {
        for case in scene.one_of_each().await {
            let met = scene.proxy.on(Moment::statement().nth(1), Action::fail(again.clone()));
            scene.acknowledged(&case).await;
            assert_eq!(met.followed(), 1);
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn f02_a_transaction_refused_at_commit_is_done_again_and_never_rolled_back() {
    let Some(scene) = Scene::open().await else { return };
    // A ROLLBACK too many would be an error, which hides the first one.
    scene.proxy.like_cockroach_before_25_1();
    for write in Write::ALL {
        let case = scene.prepared(write).await;
        let again = Action::fail(fault::retry_serializable_at_commit());
        scene.proxy.add(Rule::new(Moment::commit(), again).times(3));
        scene.acknowledged(&case).await;
        let log = scene.proxy.log();
        assert_eq!((log.begins(), log.rollbacks(), log.commits()), (4, 0, 4), "{write:?}");
        assert_eq!(connections(&log), 1, "{write:?} needs no other connection");
    }
    scene.finish().await;
}

#[tokio::test]
async fn f03_what_never_gets_through_is_given_up_and_counted() {
    let Some(scene) = Scene::with(CockroachSettings { tries: 4, ..PATIENT }).await else { return };
    for case in scene.one_of_each().await {
        scene.proxy.clear_log();
        let again = Action::fail(fault::retry_serializable_at_commit());
        let never = scene.proxy.add(Rule::new(Moment::commit(), again).always());
        scene.unavailable(&case).await;
        never.remove();
        assert!(!scene.is_done(&case).await);
        assert_eq!(scene.proxy.log().begins(), 4);
        let operation = case.write.operation();
        assert_eq!(scene.count(operation), OperationCount { operation, retries: 3, give_ups: 1 });
        scene.acknowledged(&case).await;
    }
    assert!(scene.said.text().contains("given up"));
    scene.finish().await;
}
