//! The live sessions of an account.

use std::sync::Arc;

use doorward_domain::token::{EndReason, Session};

use crate::contract::Store;
use crate::sample;

/// Of one moment, the one with the higher name is first.
pub async fn live_sessions_are_listed_newest_first(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let mut sessions = Vec::new();
    for (number, seconds) in [(5, 1), (1, 2), (4, 0), (2, 1), (3, 1)] {
        let new = sample::login(&user, number, sample::seconds_later(seconds));
        store.log_in(&new).await;
        sessions.push(new.session);
    }
    sessions.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
    assert_eq!(store.list_live(user.id, sample::seconds_later(60)).await.unwrap(), sessions);
}

/// None that has ended, and in its last moment one that expires is still there.
pub async fn sessions_that_are_over_are_not_listed_as_live(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let ended = store.add_and_log_in(&user, 1).await;
    let [early, late] =
        [(2, 0), (3, 1)].map(|(number, second)| sample::login(&user, number, sample::seconds_later(second)));
    store.log_in(&early).await;
    store.log_in(&late).await;
    store.end(&sample::ending(&ended, EndReason::Logout, sample::NOW)).await.unwrap();
    let last = early.session.expires_at.minus(std::time::Duration::from_millis(1));
    for (now, expected) in [
        (sample::NOW, vec![late.session.clone(), early.session.clone()]),
        (last, vec![late.session.clone(), early.session.clone()]),
        (early.session.expires_at, vec![late.session.clone()]),
        (late.session.expires_at, Vec::new()),
    ] {
        assert_eq!(store.list_live(user.id, now).await.unwrap(), expected, "{now:?}");
    }
}

/// Nor are there any where there is no account.
pub async fn sessions_of_others_are_not_listed_as_ones_own(store: Arc<dyn Store>) {
    let own = store.add_and_log_in(&sample::user(1), 1).await;
    store.add_and_log_in(&sample::user(2), 2).await;
    store.add(&sample::user(3)).await;
    assert_eq!(store.list_live(sample::user_id(1), sample::NOW).await.unwrap(), [own]);
    for nobody in [3, 4].map(sample::user_id) {
        assert_eq!(store.list_live(nobody, sample::NOW).await.unwrap(), Vec::<Session>::new());
    }
}

/// With its device, and when it was seen last.
pub async fn a_live_session_is_listed_as_it_is_now(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let mut new = sample::login(&user, 1, sample::NOW);
    new.session.device.user_agent = Some("Mozilla/5.0".to_owned());
    new.session.device.address = Some("2001:db8::1".parse().unwrap());
    store.log_in(&new).await;
    let rotated = store.refresh(&new.session, 1, 60).await.session;
    assert_eq!(rotated.last_seen_at, sample::seconds_later(60));
    assert_eq!(store.list_live(user.id, sample::seconds_later(61)).await.unwrap(), [rotated]);
}

/// As many as there are.
pub async fn every_live_session_is_listed(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for number in 1..=32 {
        store.log_in(&sample::login(&user, number, sample::NOW)).await;
    }
    assert_eq!(store.list_live(user.id, sample::NOW).await.unwrap().len(), 32);
}
