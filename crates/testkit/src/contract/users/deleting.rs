//! Removing accounts, with everything that is theirs.

use std::sync::Arc;

use doorward_domain::audit::Deed;
use doorward_domain::port::{DeleteUserError, Opened, UserFilter};
use doorward_domain::user::User;

use crate::contract::{Store, at_once};
use crate::sample;

/// Nothing of the account is found afterwards, by any way of asking.
pub async fn a_removed_account_is_gone_with_its_sessions(store: Arc<dyn Store>) {
    let user = User { email: sample::email("other@example.com"), ..sample::user(1) };
    let session = store.add_and_log_in(&user, 1).await;
    store.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    assert_eq!(store.find(user.id).await.unwrap(), None);
    for address in [&user.username, &user.email] {
        assert_eq!(store.find_by_address(address).await.unwrap(), None);
    }
    assert!(!store.is_live(&session).await);
    let rotated = store
        .rotate(
            session.id,
            session.refresh_id,
            sample::successor(1),
            sample::NOW,
            sample::LIMITS,
            &sample::reuse(),
        )
        .await;
    assert_eq!(rotated.unwrap(), None);
    assert_eq!(store.count(&UserFilter::default()).await.unwrap(), 0);
}

/// Everybody else and their sessions stay.
pub async fn a_removal_leaves_everybody_else_alone(store: Arc<dyn Store>) {
    store.add_and_log_in(&sample::user(1), 1).await;
    let session = store.add_and_log_in(&sample::user(2), 2).await;
    store.delete_with_sessions(sample::user_id(1), &Deed::default()).await.unwrap();
    assert!(store.is_live(&session).await);
    assert_eq!(store.count(&UserFilter::default()).await.unwrap(), 1);
}

/// Also for somebody who has been removed.
pub async fn removing_nobody_finds_nobody(store: Arc<dyn Store>) {
    store.add(&sample::user(1)).await;
    store.delete_with_sessions(sample::user_id(1), &Deed::default()).await.unwrap();
    for id in [1, 2].map(sample::user_id) {
        let refused = store.delete_with_sessions(id, &Deed::default()).await;
        assert!(matches!(refused, Err(DeleteUserError::NotFound)), "{refused:?}");
    }
}

/// Username and email may belong to somebody else from then on.
pub async fn a_removal_frees_both_addresses(store: Arc<dyn Store>) {
    let user = User { email: sample::email("other@example.com"), ..sample::user(1) };
    store.add(&user).await;
    store.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    let one = User { username: user.email, ..sample::user(2) };
    let other = User { email: user.username, ..sample::user(3) };
    store.add_all([&one, &other]).await;
}

/// No session waits in the store for its account to come back.
pub async fn an_account_that_is_added_again_has_none_of_its_sessions(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    store.delete_with_sessions(user.id, &Deed::default()).await.unwrap();
    store.add(&user).await;
    assert!(!store.is_live(&session).await);
}

/// Whichever comes first, no session outlives its account.
pub async fn a_login_and_a_removal_at_once_leave_no_session(store: Arc<dyn Store>) {
    for number in 1..=16 {
        let user = sample::user(number);
        store.add(&user).await;
        let new = sample::login(&user, number, sample::NOW);
        let opening = new.clone();
        let (opened, removed) = at_once::both(
            &store,
            |store| async move { store.open(&opening).await.unwrap() },
            |store| async move { store.delete_with_sessions(user.id, &Deed::default()).await },
        )
        .await;
        assert!(matches!(opened, Opened::Done(_) | Opened::CredentialChanged));
        removed.unwrap();
        let session = &new.session;
        let successor = sample::successor(number);
        let rotated = store
            .rotate(session.id, session.refresh_id, successor, sample::NOW, sample::LIMITS, &sample::reuse())
            .await;
        assert_eq!(rotated.unwrap(), None, "round {number}");
    }
}
