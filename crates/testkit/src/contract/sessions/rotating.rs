//! Spending refresh tokens one after another: what is answered is what is kept.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::audit::Deed;
use doorward_domain::port::Rotated;
use doorward_domain::token::{End, EndReason, Rotation, RotationLimits, Session, Successor, TokenId};

use crate::contract::Store;
use crate::contract::store::changed;
use crate::sample;

const WINDOW: Duration = sample::LIMITS.replay_window;
const IDLE: Duration = Duration::from_secs(3_600);

/// Shows `presented` and checks that everything answered was kept: [`Session::rotate`] on `session` is the measure.
async fn shown(
    store: &dyn Store,
    session: &mut Session,
    presented: TokenId,
    successor: Successor,
    now: Timestamp,
    limits: RotationLimits,
) -> Rotation {
    let expected = session.rotate(presented, successor, now, limits);
    let answer =
        store.rotate(session.id, presented, successor, now, limits, &sample::reuse()).await.unwrap().unwrap();
    assert_eq!((answer.rotation, &answer.session), (expected, &*session));
    let live = store.find_live(session.id, session.created_at).await.unwrap();
    assert_eq!(live.map(|live| live.session).as_ref(), Some(&*session).filter(|kept| kept.ended.is_none()));
    answer.rotation
}

/// The successor is in its place, the token shown becomes the previous one, and the session says when.
pub async fn the_current_token_is_spent_for_its_successor(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let (first, now) = (session.refresh_id, sample::seconds_later(60));
    let rotation = shown(&*store, &mut session, first, sample::successor(1), now, sample::LIMITS).await;
    assert_eq!(rotation, Rotation::Rotated);
    assert_eq!((session.generation, session.previous_refresh_id), (1, Some(first)));
    assert_eq!(session.refresh_id, sample::successor(1).refresh_id);
}

/// Fifty in a row; the end of the session never moves.
pub async fn tokens_follow_one_another(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let expires_at = session.expires_at;
    for number in 1..=50 {
        let (current, now) = (session.refresh_id, sample::seconds_later(i64::from(number) * 60));
        let rotation =
            shown(&*store, &mut session, current, sample::successor(number), now, sample::LIMITS).await;
        assert_eq!((rotation, session.expires_at), (Rotation::Rotated, expires_at));
    }
    assert_eq!(session.generation, 50);
}

/// A refresh is no login: the account stays as it is, and comes along as it is now.
pub async fn a_rotation_does_not_touch_the_account(store: Arc<dyn Store>) {
    let user = sample::kucing_cakep();
    let session = store.add_and_log_in(&user, 1).await;
    let change = changed(&store.stored(user.id).await, |user| user.email = sample::email("new@example.com"));
    store.update(&change, &Deed::default()).await.unwrap();
    let rotated = store.refresh(&session, 1, 60).await;
    assert_eq!(rotated.user, change);
    assert_eq!(store.stored(user.id).await, change);
}

/// The current pair once more, and nothing changes, however often it is shown.
pub async fn the_token_spent_last_is_replayed_within_the_window(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let first = session.refresh_id;
    let rotated_at = sample::seconds_later(60);
    shown(&*store, &mut session, first, sample::successor(1), rotated_at, sample::LIMITS).await;
    let rotated = session.clone();
    let last = rotated_at.plus(WINDOW).minus(Duration::from_millis(1));
    for (number, now) in (2..).zip([rotated_at, sample::seconds_later(65), last]) {
        let rotation =
            shown(&*store, &mut session, first, sample::successor(number), now, sample::LIMITS).await;
        assert_eq!((rotation, &session), (Rotation::Replayed, &rotated));
    }
}

/// The window is measured from the rotation, and its end is outside.
pub async fn the_token_spent_last_ends_the_session_after_the_window(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let (first, rotated_at) = (session.refresh_id, sample::seconds_later(60));
    shown(&*store, &mut session, first, sample::successor(1), rotated_at, sample::LIMITS).await;
    let now = rotated_at.plus(WINDOW);
    let rotation = shown(&*store, &mut session, first, sample::successor(2), now, sample::LIMITS).await;
    assert_eq!(rotation, Rotation::Reused);
    assert_eq!(store.end_of(&session).await, Some(End { at: now, reason: EndReason::Reuse }));
}

/// Not even in the same millisecond.
pub async fn without_a_window_nothing_is_replayed(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let first = session.refresh_id;
    let limits = RotationLimits { replay_window: Duration::ZERO, idle: None };
    shown(&*store, &mut session, first, sample::successor(1), sample::NOW, limits).await;
    let rotation = shown(&*store, &mut session, first, sample::successor(2), sample::NOW, limits).await;
    assert_eq!(rotation, Rotation::Reused);
}

/// An older one, and one that never was: the end is kept although the answer is a refusal.
pub async fn any_other_token_ends_the_session(store: Arc<dyn Store>) {
    for (number, never_was) in [(1, false), (2, true)] {
        let mut session = store.add_and_log_in(&sample::user(number), number).await;
        let first = session.refresh_id;
        for step in [10, 20] {
            let current = session.refresh_id;
            shown(&*store, &mut session, current, sample::successor(step), sample::NOW, sample::LIMITS).await;
        }
        let presented = if never_was { sample::successor(77).refresh_id } else { first };
        let now = sample::seconds_later(1);
        let rotation =
            shown(&*store, &mut session, presented, sample::successor(30), now, sample::LIMITS).await;
        assert_eq!(rotation, Rotation::Reused);
        let current = session.refresh_id;
        let rotation =
            shown(&*store, &mut session, current, sample::successor(40), now, sample::LIMITS).await;
        assert_eq!(rotation, Rotation::Ended);
    }
}

/// Whichever token is shown, and whether or not its time would be over too.
pub async fn an_ended_session_rotates_no_more(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    store.end(&sample::ending(&session, EndReason::Logout, sample::NOW)).await.unwrap();
    session.end(sample::NOW, EndReason::Logout);
    let (current, other) = (session.refresh_id, sample::successor(9).refresh_id);
    for (presented, now) in [(current, sample::NOW), (other, sample::NOW), (current, session.expires_at)] {
        let rotation =
            shown(&*store, &mut session, presented, sample::successor(1), now, sample::LIMITS).await;
        assert_eq!(rotation, Rotation::Ended);
    }
}

/// In its last millisecond it still does, in the one after no more; a late token does not end it either.
pub async fn an_expired_session_rotates_no_more(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let (first, expires_at) = (session.refresh_id, session.expires_at);
    let last = expires_at.minus(Duration::from_millis(1));
    let rotation = shown(&*store, &mut session, first, sample::successor(1), last, sample::LIMITS).await;
    assert_eq!(rotation, Rotation::Rotated);
    for presented in [session.refresh_id, first] {
        let rotation =
            shown(&*store, &mut session, presented, sample::successor(2), expires_at, sample::LIMITS).await;
        assert_eq!((rotation, session.ended), (Rotation::Expired, None));
    }
}

/// Idleness is measured from the last refresh, and its end is outside.
pub async fn an_idle_session_rotates_no_more(store: Arc<dyn Store>) {
    let limits = RotationLimits { idle: Some(IDLE), ..sample::LIMITS };
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let last = session.last_seen_at.plus(IDLE).minus(Duration::from_millis(1));
    let current = session.refresh_id;
    let rotation = shown(&*store, &mut session, current, sample::successor(1), last, limits).await;
    assert_eq!(rotation, Rotation::Rotated);
    let (current, too_late) = (session.refresh_id, last.plus(IDLE));
    let rotation = shown(&*store, &mut session, current, sample::successor(2), too_late, limits).await;
    assert_eq!(rotation, Rotation::Expired);
    let rotation =
        shown(&*store, &mut session, current, sample::successor(3), too_late, sample::LIMITS).await;
    assert_eq!(rotation, Rotation::Rotated);
}

/// There is nothing to rotate.
pub async fn a_session_that_is_not_there_does_not_rotate(store: Arc<dyn Store>) {
    let (id, shown) = (sample::session_id(1), sample::successor(1).refresh_id);
    let rotated = store
        .rotate(id, shown, sample::successor(2), sample::NOW, sample::LIMITS, &sample::reuse())
        .await
        .unwrap();
    assert_eq!(rotated, None);
}

/// An adapter may try again without knowing whether its first try was written, later too.
pub async fn a_rotation_carried_out_twice_is_one_rotation(store: Arc<dyn Store>) {
    let mut session = store.add_and_log_in(&sample::user(1), 1).await;
    let first = session.refresh_id;
    for now in [0, 0, 60].map(sample::seconds_later) {
        let rotation = shown(&*store, &mut session, first, sample::successor(1), now, sample::LIMITS).await;
        assert_eq!((rotation, session.generation), (Rotation::Rotated, 1));
    }
    let current = session.refresh_id;
    let now = sample::seconds_later(60);
    let rotation = shown(&*store, &mut session, current, sample::successor(2), now, sample::LIMITS).await;
    assert_eq!(rotation, Rotation::Rotated);
}

/// Neither of the same account nor of another, also when one ends by reuse.
pub async fn a_rotation_leaves_other_sessions_alone(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let second = sample::login(&user, 2, sample::NOW);
    store.log_in(&second).await;
    let others = store.add_and_log_in(&sample::user(2), 3).await;
    store.refresh(&session, 1, 0).await;
    let Rotated { rotation, .. } = store.refresh(&session, 2, 60).await;
    assert_eq!(rotation, Rotation::Reused);
    for untouched in [second.session, others] {
        let live = store.find_live(untouched.id, sample::NOW).await.unwrap().unwrap();
        assert_eq!(live.session, untouched);
    }
}
