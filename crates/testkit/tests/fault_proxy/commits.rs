//! Faults at COMMIT: applied or not, known or not.

use doorward_testkit::fault_proxy::{Action, Moment, Rule, fault};

use crate::scene::{Scene, add_in_transaction, code};

#[tokio::test]
async fn a_commit_that_fails_is_not_applied_and_the_connection_goes_on() {
    let Some(scene) = Scene::open().await else { return };
    let retry = Action::fail(fault::retry_serializable_at_commit());
    let retried = scene.proxy.add(Rule::new(Moment::commit(), retry).times(2));
    for _ in 0..2 {
        let error = add_in_transaction(&scene.client, "a").await.unwrap_err();
        let error = error.as_db_error().unwrap();
        assert_eq!(error.code().code(), "40001");
        assert!(error.message().starts_with("restart transaction"));
        assert!(error.hint().unwrap().ends_with("#retry_serializable"));
        assert!(scene.things().await.is_empty());
    }
    add_in_transaction(&scene.client, "a").await.unwrap();
    assert_eq!(scene.things().await, ["a"]);
    let log = scene.proxy.log();
    assert_eq!((log.begins(), log.commits(), log.rollbacks()), (3, 3, 0));
    assert_eq!(retried.followed(), 2);
}

#[tokio::test]
async fn a_commit_that_fails_may_be_applied_and_the_connection_goes_on() {
    let Some(scene) = Scene::open().await else { return };
    scene.proxy.on(Moment::commit(), Action::fail(fault::ambiguous()).carried_out());
    assert_eq!(code(add_in_transaction(&scene.client, "a").await), "40003");
    assert_eq!(scene.things().await, ["a"]);
    add_in_transaction(&scene.client, "b").await.unwrap();
    assert_eq!(scene.things().await, ["a", "b"]);
}

#[tokio::test]
async fn a_commit_that_the_server_refuses_is_not_called_applied() {
    let Some(scene) = Scene::open().await else { return };
    let deferred = "CREATE TABLE pairs (n INT4 UNIQUE DEFERRABLE INITIALLY DEFERRED)";
    if scene.behind.batch_execute(deferred).await.is_err() {
        return; // CockroachDB defers nothing.
    }
    let lost = scene.proxy.on(Moment::commit(), Action::cut().carried_out());
    scene.client.batch_execute("BEGIN").await.unwrap();
    scene.client.batch_execute("INSERT INTO pairs VALUES (1), (1)").await.unwrap();
    assert_eq!(code(scene.client.batch_execute("COMMIT").await), "23505");
    assert_eq!(lost.followed(), 0);
    assert_eq!(code(add_in_transaction(&scene.client, "a").await), "closed");
    assert_eq!((lost.followed(), scene.things().await), (1, vec!["a".to_owned()]));
}

#[tokio::test]
async fn a_connection_cut_before_the_commit_loses_it() {
    for cut in [Action::cut(), Action::close()] {
        let Some(scene) = Scene::open().await else { return };
        scene.proxy.on(Moment::commit(), cut);
        assert_eq!(code(add_in_transaction(&scene.client, "a").await), "closed");
        scene.proxy.until_open(0).await;
        let again = scene.another_client().await.unwrap();
        add_in_transaction(&again, "b").await.unwrap();
        assert_eq!(scene.things().await, ["b"]);
    }
}

#[tokio::test]
async fn a_connection_cut_after_the_commit_loses_its_answer_only() {
    for cut in [Action::cut(), Action::close()] {
        let Some(scene) = Scene::open().await else { return };
        scene.proxy.on(Moment::commit(), cut.carried_out());
        assert_eq!(code(add_in_transaction(&scene.client, "a").await), "closed");
        assert_eq!(scene.things().await, ["a"]);
    }
}

#[tokio::test]
async fn a_failed_transaction_is_not_committed_and_so_no_rule_applies() {
    let Some(scene) = Scene::open().await else { return };
    let commit = scene.proxy.on(Moment::commit(), Action::cut());
    scene.client.batch_execute("BEGIN").await.unwrap();
    assert_eq!(code(scene.client.batch_execute("SELECT 1/0").await), "22012");
    scene.client.batch_execute("COMMIT").await.unwrap();
    scene.client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(commit.followed(), 0);
}

#[tokio::test]
async fn an_end_of_nothing_is_a_warning_or_an_error() {
    let Some(scene) = Scene::open().await else { return };
    scene.client.batch_execute("ROLLBACK").await.unwrap();
    scene.proxy.like_cockroach_before_25_1();
    for end in ["ROLLBACK", "COMMIT"] {
        let error = scene.client.batch_execute(end).await.unwrap_err();
        let error = error.as_db_error().unwrap();
        assert_eq!((error.code().code(), error.message()), ("25P01", "there is no transaction in progress"));
    }
    add_in_transaction(&scene.client, "a").await.unwrap();
    assert_eq!(scene.things().await, ["a"]);
}
