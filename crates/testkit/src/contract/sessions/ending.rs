//! Ending sessions: once, for good.

use std::sync::Arc;

use doorward_domain::port::{LoggedInSince, UserFilter};
use doorward_domain::token::{End, EndReason};

use crate::contract::{Store, at_once};
use crate::sample;

/// Each reason is kept as itself, with its time.
pub async fn an_end_is_kept_with_its_time_and_reason(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for (number, reason) in (1..).zip(EndReason::ALL) {
        let new = sample::login(&user, number, sample::NOW);
        store.log_in(&new).await;
        let at = sample::seconds_later(number.into());
        store.end(&sample::ending(&new.session, reason, at)).await.unwrap();
        assert_eq!(store.end_of(&new.session).await, Some(End { at, reason }));
    }
}

/// A second end changes nothing, whatever its reason and time.
pub async fn the_first_end_counts(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let first = End { at: sample::seconds_later(2), reason: EndReason::Logout };
    store.end(&sample::ending(&session, first.reason, first.at)).await.unwrap();
    for (second, reason) in [(2, EndReason::Logout), (1, EndReason::Reuse), (3, EndReason::Disabled)] {
        store.end(&sample::ending(&session, reason, sample::seconds_later(second))).await.unwrap();
        assert_eq!(store.end_of(&session).await, Some(first));
    }
}

/// There is nothing to end and nothing to complain about.
pub async fn ending_a_session_that_is_not_there_is_no_error(store: Arc<dyn Store>) {
    let nowhere = sample::session(&sample::user(1), 1, sample::NOW);
    let ended = store.end(&sample::ending(&nowhere, EndReason::Logout, sample::NOW)).await.unwrap();
    assert_eq!(ended, []);
    assert_eq!(store.find_live(nowhere.id, sample::NOW).await.unwrap(), None);
}

/// Neither of the same account nor of another.
pub async fn an_end_leaves_other_sessions_alone(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let second = sample::login(&user, 2, sample::NOW);
    store.log_in(&second).await;
    let others = store.add_and_log_in(&sample::user(2), 3).await;
    store.end(&sample::ending(&session, EndReason::Logout, sample::NOW)).await.unwrap();
    assert!(store.is_live(&second.session).await && store.is_live(&others).await);
}

/// The account's version counts its own changes; a session is not one of them.
pub async fn an_end_does_not_touch_the_account(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let before = store.stored(user.id).await;
    store.end(&sample::ending(&session, EndReason::Logout, sample::seconds_later(1))).await.unwrap();
    assert_eq!(store.stored(user.id).await, before);
    let logged_in = Some(LoggedInSince { since: sample::NOW, now: sample::NOW });
    assert_eq!(store.count(&UserFilter { logged_in, ..UserFilter::default() }).await.unwrap(), 0);
}

/// Of many at once one is kept whole: never the time of one with the reason of another.
pub async fn of_many_ends_at_once_one_is_kept_whole(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let ends: Vec<End> = (1..)
        .zip(EndReason::ALL.into_iter().cycle().take(15))
        .map(|(second, reason)| End { at: sample::seconds_later(second), reason })
        .collect();
    let endings: Vec<_> = ends.iter().map(|end| sample::ending(&session, end.reason, end.at)).collect();
    at_once::all(&store, endings, |store, ending| async move {
        store.end(&ending).await.unwrap();
    })
    .await;
    let kept = store.end_of(&session).await.unwrap();
    assert!(ends.contains(&kept), "{kept:?}");
}
