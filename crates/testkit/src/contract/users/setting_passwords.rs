//! Setting a password without the one before: one step that leaves nobody logged in.

use std::sync::Arc;

use doorward_domain::port::{NewPassword, Opened, PasswordChange, PasswordChanged};
use doorward_domain::token::{End, EndReason, SessionId};
use doorward_domain::user::{PasswordHash, User};

use crate::contract::{Store, at_once};
use crate::fake::PlainPasswords;
use crate::sample;

/// A password for `user`, a second after everything else began.
fn password(user: &User, number: u32) -> NewPassword {
    NewPassword {
        user_id: user.id,
        hash: hash(number),
        at: sample::seconds_later(1),
        entry: sample::entry(number),
    }
}

fn hash(number: u32) -> PasswordHash {
    PlainPasswords::hash_of(&format!("a password that was set {number}"))
}

/// Which sessions ended, by number.
async fn set(store: &Arc<dyn Store>, new: &NewPassword) -> Option<Vec<SessionId>> {
    store.set_password(new).await.unwrap().map(sorted)
}

fn sorted(mut ids: Vec<SessionId>) -> Vec<SessionId> {
    ids.sort_unstable();
    ids
}

fn ids<const N: usize>(numbers: [u32; N]) -> Vec<SessionId> {
    numbers.map(sample::session_id).to_vec()
}

/// Nothing else of the document changes, and the version counts it.
pub async fn a_password_that_is_set_replaces_the_one_before(store: Arc<dyn Store>) {
    let user = sample::kucing_cakep();
    store.add(&user).await;
    assert_eq!(set(&store, &password(&user, 1)).await, Some(ids([])));
    let expected = User { password: hash(1), version: user.version + 1, ..user };
    assert_eq!(store.stored(expected.id).await, expected);
}

/// Those of nobody else; how an earlier one ended is not rewritten, and one that was over is not told.
pub async fn a_password_that_is_set_ends_every_session_of_the_account(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let first = store.add_and_log_in(&user, 1).await;
    let others = store.add_and_log_in(&sample::user(2), 4).await;
    let [second, left] = [2, 3].map(|number| sample::login(&user, number, sample::NOW));
    store.log_in(&second).await;
    store.log_in(&left).await;
    store.log_in(&sample::login(&user, 5, sample::NOW.minus(sample::LIFETIME))).await;
    store.end(&sample::ending(&left.session, EndReason::Logout, sample::NOW)).await.unwrap();
    let new = password(&user, 1);
    // The second time it answers the same.
    for _ in 0..2 {
        assert_eq!(set(&store, &new).await, Some(ids([1, 2])));
    }
    for session in [&first, &second.session] {
        assert_eq!(store.end_of(session).await, Some(End { at: new.at, reason: EndReason::PasswordChange }));
    }
    let end = End { at: sample::NOW, reason: EndReason::Logout };
    assert_eq!(store.end_of(&left.session).await, Some(end));
    assert!(store.is_live(&others).await);
}

/// And somebody else's stays as it is.
pub async fn a_password_of_nobody_is_not_set(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let before = store.stored(user.id).await;
    assert_eq!(set(&store, &password(&sample::user(2), 1)).await, None);
    assert_eq!(store.stored(user.id).await, before);
    assert!(store.is_live(&session).await);
}

/// Whoever opens it again finds the new password.
pub async fn a_password_of_a_closed_account_is_set_and_the_account_stays_closed(store: Arc<dyn Store>) {
    let user = User { active: false, ..sample::user(1) };
    store.add(&user).await;
    assert_eq!(set(&store, &password(&user, 1)).await, Some(ids([])));
    let expected = User { password: hash(1), version: user.version + 1, ..user };
    assert_eq!(store.stored(expected.id).await, expected);
}

/// An adapter may try again without knowing whether its first try was written, and others do not wait meanwhile.
pub async fn a_password_that_is_set_again_undoes_nothing_that_came_after(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add_and_log_in(&user, 1).await;
    let new = password(&user, 1);
    assert_eq!(set(&store, &new).await, Some(ids([1])));
    let after = store.stored(user.id).await;
    let login = sample::login(&after, 2, sample::seconds_later(2));
    store.log_in(&login).await;
    let change = PasswordChange {
        user_id: user.id,
        seen: after.password,
        new: hash(2),
        session_id: login.session.id,
        successor: sample::successor(1),
        at: sample::seconds_later(3),
        entries: Vec::new(),
    };
    let changed = store.change_password(&change).await.unwrap();
    assert!(matches!(changed, PasswordChanged::Done { .. }), "{changed:?}");
    let changed = store.stored(user.id).await;
    assert_eq!(set(&store, &new).await, Some(ids([1])));
    assert_eq!(store.stored(user.id).await, changed);
    assert!(store.is_live(&login.session).await);
}

/// Whichever comes first, nobody is left logged in by the old password.
pub async fn a_login_and_a_password_that_is_set_at_once_leave_no_session_of_the_old_one(
    store: Arc<dyn Store>,
) {
    for round in 1..=16 {
        let user = sample::user(round);
        store.add(&user).await;
        let with_the_old = sample::login(&user, round, sample::NOW);
        let (login, new) = (with_the_old.clone(), password(&user, round));
        let (opened, ended) = at_once::both(
            &store,
            |store| async move { store.open(&login).await.unwrap() },
            |store| async move { store.set_password(&new).await.unwrap().unwrap() },
        )
        .await;
        assert!(!store.is_live(&with_the_old.session).await, "round {round}: {opened:?}");
        let expected = match opened {
            Opened::Done(_) => vec![with_the_old.session.id],
            Opened::CredentialChanged => Vec::new(),
        };
        assert_eq!((ended, store.stored(user.id).await.password), (expected, hash(round)));
    }
}

/// Whoever has the old password cannot keep the account by changing it just then.
pub async fn a_change_and_a_password_that_is_set_at_once_leave_the_one_that_was_set(store: Arc<dyn Store>) {
    for round in 1..=16 {
        let user = sample::user(round);
        let session = store.add_and_log_in(&user, round).await;
        let change = PasswordChange {
            user_id: user.id,
            seen: user.password.clone(),
            new: hash(1_000),
            session_id: session.id,
            successor: sample::successor(round),
            at: sample::seconds_later(1),
            entries: Vec::new(),
        };
        let new = password(&user, round);
        let (changed, ended) = at_once::both(
            &store,
            |store| async move { store.change_password(&change).await.unwrap() },
            |store| async move { store.set_password(&new).await.unwrap() },
        )
        .await;
        assert_eq!(ended, Some(ids([round])), "round {round}: {changed:?}");
        assert_eq!(store.stored(user.id).await.password, hash(round), "{changed:?}");
        assert!(!store.is_live(&session).await, "{changed:?}");
    }
}

/// The last of them counts, and no session ends twice.
pub async fn of_many_passwords_that_are_set_at_once_each_session_is_answered_to_one(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for number in 1..=4 {
        store.log_in(&sample::login(&user, number, sample::NOW)).await;
    }
    let before = store.stored(user.id).await;
    let ended = at_once::all(&store, 1..=8, |store, number| {
        // Each at a moment of its own, as the clocks of operators have it.
        let new =
            NewPassword { at: sample::seconds_later(number.into()), ..password(&sample::user(1), number) };
        async move { store.set_password(&new).await.unwrap().unwrap() }
    })
    .await;
    assert_eq!(sorted(ended.concat()), ids([1, 2, 3, 4]));
    let after = store.stored(user.id).await;
    assert!((1..=8).any(|number| after.password == hash(number)), "{after:?}");
    assert_eq!(after.version, before.version + 8);
}
