//! COMMIT goes without an answer, or with one that says nothing: it was carried out, or not.

use doorward_domain::audit::Deed;
use doorward_domain::port::{
    AuditLog, AuditQuery, DeleteUserError, SessionRepository, UpdateUserError, UserRepository,
};
use doorward_domain::token::{EndReason, Rotation};
use doorward_testkit::fault_proxy::{Action, Moment, Rule, fault};
use doorward_testkit::sample;

use crate::scene::{NO_RETRIES, Scene, connections};
use crate::writes::Write;

fn ambiguous() -> Action {
    Action::fail(fault::ambiguous())
}

/// The first `times` transactions that are to be committed meet this; one more gets through. Whatever became of them,
/// there is one effect, and the answer of somebody who was heard the first time.
async fn is_made_once(scene: &Scene, action: Action, times: usize) {
    for write in Write::ALL {
        let case = scene.prepared(write).await;
        let unheard = scene.proxy.add(Rule::new(Moment::commit(), action.clone()).times(times));
        scene.acknowledged(&case).await;
        assert_eq!(unheard.followed(), times, "{write:?}");
        let log = scene.proxy.log();
        assert_eq!((log.begins(), log.rollbacks(), log.commits()), (times + 1, 0, times + 1), "{write:?}");
        assert_eq!(connections(&log), times + 1, "{write:?} goes on over another connection");
    }
}

#[tokio::test]
async fn f04_what_was_committed_and_called_ambiguous_is_made_once() {
    let Some(scene) = Scene::open().await else { return };
    is_made_once(&scene, ambiguous().carried_out(), 1).await;
    is_made_once(&scene, ambiguous().carried_out(), 3).await;
    scene.finish().await;
}

#[tokio::test]
async fn f05_what_was_not_committed_and_called_ambiguous_is_made_once() {
    let Some(scene) = Scene::open().await else { return };
    is_made_once(&scene, ambiguous(), 1).await;
    is_made_once(&scene, ambiguous(), 3).await;
    scene.finish().await;
}

#[tokio::test]
async fn f06_what_was_committed_before_the_connection_went_is_made_once() {
    let Some(scene) = Scene::open().await else { return };
    is_made_once(&scene, Action::cut().carried_out(), 2).await;
    is_made_once(&scene, Action::close().carried_out(), 1).await;
    is_made_once(&scene, Action::fail(fault::shutting_down()).carried_out(), 1).await;
    scene.finish().await;
}

#[tokio::test]
async fn f07_what_was_not_committed_when_the_connection_went_is_made_once() {
    let Some(scene) = Scene::open().await else { return };
    is_made_once(&scene, Action::cut(), 2).await;
    is_made_once(&scene, Action::close(), 1).await;
    is_made_once(&scene, Action::fail(fault::shutting_down()), 1).await;
    scene.finish().await;
}

/// That a write may have been made is remembered over whatever happens to the tries after it.
#[tokio::test]
async fn f04_to_f07_come_one_after_the_other_with_collisions_between_them() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        let case = scene.prepared(write).await;
        let again = Action::fail(fault::retry_serializable_at_commit());
        for action in
            [ambiguous(), ambiguous().carried_out(), Action::cut(), again, Action::cut().carried_out()]
        {
            scene.proxy.on(Moment::commit(), action);
        }
        scene.acknowledged(&case).await;
        assert_eq!(scene.proxy.log().commits(), 6, "{write:?}");
    }
    scene.finish().await;
}

#[tokio::test]
async fn f04_what_stays_unknown_is_unavailable_and_the_caller_may_ask_again() {
    let Some(scene) = Scene::with(NO_RETRIES).await else { return };
    for case in scene.one_of_each().await {
        scene.proxy.on(Moment::commit(), ambiguous().carried_out());
        scene.unavailable(&case).await;
        assert!(scene.is_done(&case).await);
        let [first, ..] = case.sessions();
        match case.write {
            // These two are told that somebody was quicker: it was they themselves.
            Write::Update => {
                let changed = scene.store.find(first.user_id).await.unwrap().unwrap();
                assert!(matches!(
                    scene.store.update(&changed, &Deed::default()).await,
                    Err(UpdateUserError::Stale)
                ));
            }
            Write::Delete => {
                let again = scene.store.delete_with_sessions(first.user_id, &Deed::default()).await;
                assert!(matches!(again, Err(DeleteUserError::NotFound)));
            }
            // What has ended does not end again.
            Write::End => {
                let again = sample::ending(&first, EndReason::Logout, sample::seconds_later(3));
                assert_eq!(scene.store.end(&again).await.unwrap(), []);
            }
            _ => scene.acknowledged(&case).await,
        }
    }
    assert!(scene.said.text().contains("whether a transaction was carried out is unknown"));
    scene.finish().await;
}

#[tokio::test]
async fn f05_what_was_not_committed_and_is_asked_for_again_is_made_once() {
    let Some(scene) = Scene::with(NO_RETRIES).await else { return };
    for case in scene.one_of_each().await {
        scene.proxy.on(Moment::commit(), ambiguous());
        scene.unavailable(&case).await;
        assert!(!scene.is_done(&case).await);
        scene.acknowledged(&case).await;
    }
    scene.finish().await;
}

/// Whoever looks after the service is to hear of it, not only that the session has ended.
#[tokio::test]
async fn f06_a_token_shown_twice_is_told_as_such_though_the_end_of_its_session_was_written_unheard() {
    let Some(scene) = Scene::open().await else { return };
    let mut entries = 0;
    for (action, now) in [(Action::cut().carried_out(), 100), (ambiguous().carried_out(), 101)] {
        let [first, second, _] = scene.prepared(Write::Rotate).await.sessions();
        let met = scene.proxy.on(Moment::commit(), action);
        let now = sample::seconds_later(now);
        // A token of another session was never this one's: it may be stolen.
        entries += 1;
        let reuse = sample::entry(1_000 + entries);
        let (shown, next) = (second.refresh_id, sample::successor(9));
        let rotated = scene.store.rotate(first.id, shown, next, now, sample::LIMITS, &reuse).await;
        let rotated = rotated.unwrap().unwrap();
        assert_eq!((rotated.rotation, met.followed()), (Rotation::Reused, 1));
        assert!(scene.store.find_live(first.id, first.created_at).await.unwrap().is_none());
        let later = sample::seconds_later(200);
        let unused = sample::entry(2_000);
        let rotated = scene.store.rotate(first.id, shown, next, later, sample::LIMITS, &unused).await;
        assert_eq!(rotated.unwrap().unwrap().rotation, Rotation::Ended);
        let written = scene.store.list_entries(&AuditQuery { limit: 10, ..AuditQuery::default() }).await;
        let mut written: Vec<_> = written.unwrap().iter().map(|entry| entry.id).collect();
        written.sort_unstable();
        assert_eq!(written, (1..=entries).map(|number| sample::audit_id(1_000 + number)).collect::<Vec<_>>());
    }
    scene.finish().await;
}
