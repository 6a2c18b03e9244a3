//! Which sessions open anything.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::Deed;
use doorward_domain::token::EndReason;

use crate::contract::Store;
use crate::contract::store::changed;
use crate::sample;

/// Up to its last millisecond, and not in the one after.
pub async fn a_session_lives_until_it_expires(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let found = async |now| store.find_live(session.id, now).await.unwrap();
    let last = session.expires_at.minus(Duration::from_millis(1));
    assert_eq!(found(last).await.map(|live| live.session), Some(session.clone()));
    assert_eq!(found(session.expires_at).await, None);
    assert_eq!(found(session.expires_at.plus(sample::LIFETIME)).await, None);
}

/// Not for a moment, also not by a clock that is behind.
pub async fn an_ended_session_is_not_live(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    store.end(&sample::ending(&session, EndReason::Logout, sample::seconds_later(60))).await.unwrap();
    for second in [0, 59, 60, 61] {
        let live = store.find_live(session.id, sample::seconds_later(second)).await.unwrap();
        assert_eq!(live, None, "second {second}");
    }
}

/// However many look it up all the while.
pub async fn a_session_that_has_ended_is_not_live_for_whoever_asks_then(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let mut ending = store.add_and_log_in(&user, 1).await;
    for number in 2..30 {
        let next = sample::login(&user, number, sample::NOW);
        store.log_in(&next).await;
        let others: Vec<_> = (0..8)
            .map(|_| {
                let (store, id) = (store.clone(), ending.id);
                // Until it has ended.
                tokio::spawn(async move {
                    while store.find_live(id, sample::NOW).await.unwrap().is_some() {
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        store.end(&sample::ending(&ending, EndReason::Logout, sample::NOW)).await.unwrap();
        assert_eq!(store.find_live(ending.id, sample::NOW).await.unwrap(), None);
        for other in others {
            other.await.unwrap();
        }
        ending = next.session;
    }
}

/// What is not in the store is not valid.
pub async fn a_session_that_was_never_opened_is_not_live(store: Arc<dyn Store>) {
    store.add_and_log_in(&sample::user(1), 1).await;
    assert_eq!(store.find_live(sample::session_id(2), sample::NOW).await.unwrap(), None);
}

/// A role that was taken away is gone with the next request.
pub async fn a_live_session_comes_with_the_account_as_it_is_now(store: Arc<dyn Store>) {
    let user = sample::kucing_cakep();
    let session = store.add_and_log_in(&user, 1).await;
    let change = changed(&store.stored(user.id).await, |user| user.email = sample::email("new@example.com"));
    store.update(&change, &Deed::default()).await.unwrap();
    let live = store.find_live(session.id, sample::NOW).await.unwrap().unwrap();
    assert_eq!((live.session, live.user), (session, change));
}

/// Looking is not using.
pub async fn looking_at_a_session_changes_nothing(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let first = store.find_live(session.id, sample::NOW).await.unwrap();
    assert_eq!(store.find_live(session.id, sample::seconds_later(60)).await.unwrap(), first);
}
