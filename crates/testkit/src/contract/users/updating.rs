//! Changing accounts: on the version that was seen, and never more than was asked.

use std::sync::Arc;

use doorward_domain::audit::Deed;
use doorward_domain::port::{Opened, UpdateUserError};
use doorward_domain::token::{End, EndReason};
use doorward_domain::user::{Email, User};

use crate::contract::store::{changed, spelled};
use crate::contract::{Store, at_once};
use crate::fake::PlainPasswords;
use crate::sample;

/// All fields at once, from nothing set to everything set and back.
pub async fn an_update_replaces_the_document(store: Arc<dyn Store>) {
    let bare = sample::user(9_001);
    store.add(&bare).await;
    let own = |user: &mut User| {
        user.last_login = None;
        user.username = bare.username.clone();
        user.created_at = bare.created_at;
    };
    let full = changed(&User { version: bare.version, ..sample::kucing_cakep() }, own);
    store.update(&full, &Deed::default()).await.unwrap();
    assert_eq!(spelled(&store.stored(bare.id).await), spelled(&full));
    let bare_again = User { version: full.version + 1, updated_at: sample::seconds_later(5), ..bare.clone() };
    store.update(&bare_again, &Deed::default()).await.unwrap();
    assert_eq!(spelled(&store.stored(bare.id).await), spelled(&bare_again));
}

/// They have steps of their own; an update that saw old ones must not bring them back.
pub async fn an_update_touches_neither_password_nor_last_login(store: Arc<dyn Store>) {
    let user = User { last_login: Some(sample::NOW), ..sample::user(1) };
    store.add(&user).await;
    let change = changed(&user, |user| {
        user.password = PlainPasswords::imported("something else");
        user.last_login = None;
        user.profile = sample::kucing_cakep().profile;
    });
    store.update(&change, &Deed::default()).await.unwrap();
    let stored = store.stored(user.id).await;
    assert_eq!((&stored.password, stored.last_login), (&user.password, user.last_login));
    assert_eq!(stored.profile, change.profile);
}

/// Only the version just before the new one is the right one to replace.
pub async fn an_update_of_another_version_is_stale(store: Arc<dyn Store>) {
    let user = User { version: 5, ..sample::user(1) };
    store.add(&user).await;
    for version in [4, 5, 7] {
        let change = User { version, profile: sample::kucing_cakep().profile, ..user.clone() };
        let refused = store.update(&change, &Deed::default()).await;
        assert!(matches!(refused, Err(UpdateUserError::Stale)), "version {version}: {refused:?}");
    }
    assert_eq!(store.stored(user.id).await, user);
}

/// Sixteen that saw the same version: one is written whole, the others are told.
pub async fn of_many_updates_at_once_one_is_written(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let updates: Vec<User> = (0..16)
        .map(|number| changed(&user, |user| user.email = sample::email(&format!("new{number}@example.com"))))
        .collect();
    let answers = at_once::all(&store, updates.clone(), |store, update| async move {
        store.update(&update, &Deed::default()).await
    })
    .await;
    let written: Vec<_> = updates.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).collect();
    let stale = answers.iter().filter(|answer| matches!(answer, Err(UpdateUserError::Stale))).count();
    assert_eq!((written.len(), stale), (1, 15), "{answers:?}");
    assert_eq!(&store.stored(user.id).await, written[0].0);
}

/// An update adds nobody.
pub async fn an_update_of_nobody_finds_nobody(store: Arc<dyn Store>) {
    let refused = store.update(&changed(&sample::user(1), |_| {}), &Deed::default()).await;
    assert!(matches!(refused, Err(UpdateUserError::NotFound)), "{refused:?}");
    assert_eq!(store.find(sample::user_id(1)).await.unwrap(), None);
}

/// Neither another's username nor another's email, whatever the spelling; and then nothing else changes either.
pub async fn an_update_cannot_take_anothers_address(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let other = User { email: sample::email("reached@bücher.example"), ..sample::user(2) };
    store.add_all([&user, &other]).await;
    for taken in ["Person2@example.com", "reached@xn--bcher-kva.example"] {
        let change = changed(&user, |user| {
            user.email = sample::email(taken);
            user.profile = sample::kucing_cakep().profile;
        });
        let refused = store.update(&change, &Deed::default()).await;
        assert!(matches!(refused, Err(UpdateUserError::AddressTaken)), "{taken}: {refused:?}");
    }
    assert_eq!(store.stored(user.id).await, user);
}

/// An account is not in its own way: it may respell its address and go back to its username.
pub async fn an_account_may_take_its_own_addresses(store: Arc<dyn Store>) {
    let mut user = User { email: sample::email("ada@example.com"), ..sample::user(1) };
    store.add(&user).await;
    for own in ["Ada@Example.com", "person1@example.com", "PERSON1@example.com"] {
        user = changed(&user, |user| user.email = sample::email(own));
        store.update(&user, &Deed::default()).await.unwrap();
        assert_eq!(spelled(&store.stored(user.id).await), spelled(&user));
    }
}

/// The address that is no longer used is free; the new one finds the account.
pub async fn a_change_of_address_frees_the_old_one(store: Arc<dyn Store>) {
    let user = User { email: sample::email("old@example.com"), ..sample::user(1) };
    store.add(&user).await;
    store
        .update(&changed(&user, |user| user.email = sample::email("new@example.com")), &Deed::default())
        .await
        .unwrap();
    let found = |address: Email| {
        let store = store.clone();
        async move { store.find_by_address(&address).await.unwrap().map(|user| user.id) }
    };
    assert_eq!(found(sample::email("new@example.com")).await, Some(user.id));
    assert_eq!(found(sample::email("old@example.com")).await, None);
    let successor = User { username: sample::email("old@example.com"), ..sample::user(2) };
    store.add(&successor).await;
    assert_eq!(found(sample::email("old@example.com")).await, Some(successor.id));
}

/// A username is for ever: whatever the email becomes, nobody else gets it.
pub async fn a_change_of_address_never_frees_the_username(store: Arc<dyn Store>) {
    let (user, other) = (sample::user(1), sample::user(2));
    store.add_all([&user, &other]).await;
    store
        .update(&changed(&user, |user| user.email = sample::email("new@example.com")), &Deed::default())
        .await
        .unwrap();
    let found = store.find_by_address(&user.username).await.unwrap();
    assert_eq!(found.map(|user| user.id), Some(user.id));
    let refused =
        store.update(&changed(&other, |other| other.email = user.username.clone()), &Deed::default()).await;
    assert!(matches!(refused, Err(UpdateUserError::AddressTaken)), "{refused:?}");
}

/// Sixteen accounts want one address at once: one gets it.
pub async fn of_many_updates_to_one_address_at_once_one_gets_it(store: Arc<dyn Store>) {
    let users: Vec<User> = (1..=16).map(sample::user).collect();
    store.add_all(&users).await;
    let answers = at_once::all(&store, users, |store, user| async move {
        store
            .update(
                &changed(&user, |user| user.email = sample::email("wanted@example.com")),
                &Deed::default(),
            )
            .await
    })
    .await;
    let taken = answers.iter().filter(|answer| matches!(answer, Err(UpdateUserError::AddressTaken))).count();
    assert_eq!((answers.iter().filter(|answer| answer.is_ok()).count(), taken), (1, 15), "{answers:?}");
}

/// Every session of the account, and no other, with the time and the reason.
pub async fn closing_an_account_ends_its_sessions(store: Arc<dyn Store>) {
    let (user, other) = (sample::user(1), sample::user(2));
    let first = store.add_and_log_in(&user, 1).await;
    let second = sample::login(&user, 2, sample::NOW);
    store.log_in(&second).await;
    let others = store.add_and_log_in(&other, 3).await;
    let closed = changed(&store.stored(user.id).await, |user| user.active = false);
    store.update(&closed, &Deed::default()).await.unwrap();
    let end = End { at: closed.updated_at, reason: EndReason::Disabled };
    assert_eq!(store.end_of(&first).await, Some(end));
    assert_eq!(store.end_of(&second.session).await, Some(end));
    assert!(store.is_live(&others).await);
}

/// An update that leaves the account open leaves its sessions alone.
pub async fn an_update_of_an_open_account_ends_no_session(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    store.update(&changed(&store.stored(user.id).await, |_| {}), &Deed::default()).await.unwrap();
    assert!(store.is_live(&session).await);
}

/// What ended when the account was closed stays ended.
pub async fn opening_an_account_again_revives_no_session(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let closed = changed(&store.stored(user.id).await, |user| user.active = false);
    store.update(&closed, &Deed::default()).await.unwrap();
    store.update(&changed(&closed, |user| user.active = true), &Deed::default()).await.unwrap();
    assert!(!store.is_live(&session).await);
}

/// Whichever comes first, no session is left to come alive when the account is opened again.
pub async fn a_login_and_a_closing_at_once_leave_no_session(store: Arc<dyn Store>) {
    for number in 1..=16 {
        let user = sample::user(number);
        store.add(&user).await;
        let new = sample::login(&user, number, sample::NOW);
        let opening = new.clone();
        let (opened, closed) = at_once::both(
            &store,
            |store| async move { store.open(&opening).await.unwrap() },
            |store| async move { close(&*store, &user).await },
        )
        .await;
        assert!(matches!(opened, Opened::Done(_) | Opened::CredentialChanged));
        store.update(&changed(&closed, |user| user.active = true), &Deed::default()).await.unwrap();
        assert!(!store.is_live(&new.session).await, "round {number}");
    }
}

/// Closes the account, once more if a login came in between.
async fn close(store: &dyn Store, user: &User) -> User {
    let closed = changed(user, |user| user.active = false);
    match store.update(&closed, &Deed::default()).await {
        Err(UpdateUserError::Stale) => {
            let closed = changed(&store.stored(user.id).await, |user| user.active = false);
            store.update(&closed, &Deed::default()).await.unwrap();
            closed
        }
        answer => {
            answer.unwrap();
            closed
        }
    }
}
