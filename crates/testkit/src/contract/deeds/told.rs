//! A change and what is written down of it: both or neither, and once, however often it is carried out.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::{Action, AuditEntry, Deed};
use doorward_domain::port::{
    AuditQuery, DeleteUserError, Ending, InsertUserError, NewPassword, NewSession, Opened, PasswordChange,
    PasswordChanged, UpdateUserError, Which,
};
use doorward_domain::token::{EndReason, Rotation, RotationLimits, Session};
use doorward_domain::user::{Role, User};

use super::{numbers, written};
use crate::contract::Store;
use crate::contract::store::changed;
use crate::fake::PlainPasswords;
use crate::sample;

fn renamed(user: &User) -> User {
    changed(user, |user| user.profile = sample::kucing_cakep().profile)
}

/// Every entry of it, with everything it says.
pub async fn a_change_is_told_of_with_all_its_entries(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let entries = vec![sample::entry(1), sample::full_entry(2), sample::entry(3)];
    let deed = Deed { authority: None, entries: entries.clone() };
    store.update(&renamed(&user), &deed).await.unwrap();
    let query = AuditQuery { limit: 10, ..AuditQuery::default() };
    let mut found = store.list_entries(&query).await.unwrap();
    found.reverse();
    assert_eq!(found, entries);
}

/// The second time round nothing is added, and nothing told.
pub async fn an_account_that_is_added_is_told_of_once(store: Arc<dyn Store>) {
    for number in [1, 1, 2] {
        store.insert(&sample::user(1), &[sample::entry(number)]).await.unwrap();
        assert_eq!(written(&store).await, numbers([1]));
    }
}

/// Somebody has the address.
pub async fn an_account_that_is_not_added_is_not_told_of(store: Arc<dyn Store>) {
    store.add(&sample::user(1)).await;
    let twin = User { id: sample::user_id(2), ..sample::user(1) };
    let refused = store.insert(&twin, &[sample::entry(1)]).await;
    assert!(matches!(refused, Err(InsertUserError::AddressTaken)), "{refused:?}");
    assert_eq!(written(&store).await, []);
}

/// Whatever stands against it.
pub async fn a_change_that_is_not_made_is_not_told_of(store: Arc<dyn Store>) {
    let (admin, user) = (sample::admin(1), sample::user(2));
    store.add_all([&admin, &user]).await;
    let stale = User { version: 7, ..user.clone() };
    let taken = changed(&user, |user| user.email = sample::email("person1@example.com"));
    let last = changed(&admin, |admin| admin.role = Role::User);
    for change in [&sample::user(3), &stale, &taken, &last] {
        store.update(change, &sample::deed(1)).await.unwrap_err();
    }
    assert_eq!(written(&store).await, []);
    let refused = store.update(&last, &sample::deed(1)).await;
    assert!(matches!(refused, Err(UpdateUserError::LastAdmin)), "{refused:?}");
}

/// What is told of an account is still told when it is gone.
pub async fn a_removal_is_told_of_and_removes_no_entry(store: Arc<dyn Store>) {
    let user = sample::user(2);
    let about = [sample::full_entry(1)];
    store.insert(&user, &about).await.unwrap();
    store.delete_with_sessions(user.id, &sample::deed(2)).await.unwrap();
    assert_eq!(written(&store).await, numbers([1, 2]));
}

/// Nobody is there, or they must remain.
pub async fn a_removal_that_is_not_made_is_not_told_of(store: Arc<dyn Store>) {
    let admin = sample::admin(1);
    store.add(&admin).await;
    let refused = store.delete_with_sessions(sample::user_id(2), &sample::deed(1)).await;
    assert!(matches!(refused, Err(DeleteUserError::NotFound)), "{refused:?}");
    let refused = store.delete_with_sessions(admin.id, &sample::deed(1)).await;
    assert!(matches!(refused, Err(DeleteUserError::LastAdmin)), "{refused:?}");
    assert_eq!(written(&store).await, []);
}

/// The second time round the session is there.
pub async fn a_login_is_told_of_once(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for number in [1, 1, 2] {
        let new = NewSession { entries: vec![sample::entry(number)], ..sample::login(&user, 1, sample::NOW) };
        store.log_in(&new).await;
        assert_eq!(written(&store).await, numbers([1]));
    }
}

/// The password is another one by now, or the account is closed, or gone.
pub async fn a_login_that_opens_nothing_is_not_told_of(store: Arc<dyn Store>) {
    let (user, closed) = (sample::user(1), User { active: false, ..sample::user(2) });
    store.add_all([&user, &closed]).await;
    let seen = PlainPasswords::hash_of("another password");
    let outdated = NewSession { seen, ..sample::login(&user, 1, sample::NOW) };
    let closed = sample::login(&closed, 2, sample::NOW);
    let nobodys = sample::login(&sample::user(3), 3, sample::NOW);
    for new in [outdated, closed, nobodys] {
        let opened = store.open(&NewSession { entries: vec![sample::entry(1)], ..new }).await.unwrap();
        assert_eq!(opened, Opened::CredentialChanged);
    }
    assert_eq!(written(&store).await, []);
}

fn change(user: &User, session: &Session, number: u32) -> PasswordChange {
    PasswordChange {
        user_id: user.id,
        seen: user.password.clone(),
        new: PlainPasswords::hash_of("another password"),
        session_id: session.id,
        successor: sample::successor(number),
        at: sample::seconds_later(1),
        entries: vec![sample::entry(number)],
    }
}

/// The second time round the session has the pair.
pub async fn a_change_of_password_is_told_of_once(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    for number in [1, 2] {
        let change = PasswordChange { entries: vec![sample::entry(number)], ..change(&user, &session, 1) };
        let answer = store.change_password(&change).await.unwrap();
        assert!(matches!(answer, PasswordChanged::Done { .. }), "{answer:?}");
        assert_eq!(written(&store).await, numbers([1]));
    }
}

/// Somebody was quicker, or the session is over.
pub async fn a_change_of_password_that_is_not_made_is_not_told_of(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let seen = PlainPasswords::hash_of("an older password");
    let stale = PasswordChange { seen, ..change(&user, &session, 1) };
    assert_eq!(store.change_password(&stale).await.unwrap(), PasswordChanged::Stale);
    let late = PasswordChange { at: session.expires_at, ..change(&user, &session, 2) };
    assert_eq!(store.change_password(&late).await.unwrap(), PasswordChanged::SessionEnded);
    store.end(&sample::ending(&session, EndReason::Logout, sample::NOW)).await.unwrap();
    let ended = change(&user, &session, 3);
    assert_eq!(store.change_password(&ended).await.unwrap(), PasswordChanged::SessionEnded);
    assert_eq!(written(&store).await, []);
    assert_eq!(store.stored(user.id).await.password, user.password);
}

fn password(user: &User, number: u32) -> NewPassword {
    let hash = PlainPasswords::hash_of("a password that was set");
    NewPassword { user_id: user.id, hash, at: sample::seconds_later(1), entry: sample::full_entry(number) }
}

/// The second time round it is there.
pub async fn a_password_that_is_set_is_told_of_once_with_how_many_sessions_ended(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add_and_log_in(&user, 1).await;
    store.log_in(&sample::login(&user, 2, sample::NOW)).await;
    let expected = [sample::full_entry(1).noting("count", "2")];
    for _ in 0..2 {
        store.set_password(&password(&user, 1)).await.unwrap();
        let query = AuditQuery { limit: 10, ..AuditQuery::default() };
        assert_eq!(store.list_entries(&query).await.unwrap(), expected);
    }
    store.set_password(&password(&user, 2)).await.unwrap();
    assert_eq!(written(&store).await, numbers([1, 2]), "also where no session ends");
}

/// There is nobody to tell of.
pub async fn a_password_that_is_set_for_nobody_is_not_told_of(store: Arc<dyn Store>) {
    assert_eq!(store.set_password(&password(&sample::user(1), 1)).await.unwrap(), None);
    assert_eq!(written(&store).await, []);
}

/// About the session and its account, whatever the entry that is handed in says of them.
pub async fn a_token_that_is_used_again_is_told_of_with_whose_it_was(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let stolen = sample::successor(9).refresh_id;
    let reuse = AuditEntry { action: Action::ReuseToken.into(), ..sample::entry(1) };
    for (entry, expected) in [(&reuse, Rotation::Reused), (&sample::entry(2), Rotation::Ended)] {
        let shown =
            store.rotate(session.id, stolen, sample::successor(1), sample::NOW, sample::LIMITS, entry).await;
        assert_eq!(shown.unwrap().unwrap().rotation, expected);
        let query = AuditQuery { limit: 10, ..AuditQuery::default() };
        let expected = reuse.clone().about(&user).in_session(session.id);
        assert_eq!(store.list_entries(&query).await.unwrap(), [expected]);
    }
}

/// Spent, replayed, too late, or of no session at all.
pub async fn a_token_that_is_not_used_again_is_not_told_of(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let first = session.refresh_id;
    let show = async |token, number, now, limits: RotationLimits| {
        let next = sample::successor(number);
        let rotated = store.rotate(session.id, token, next, now, limits, &sample::entry(number)).await;
        rotated.unwrap().unwrap().rotation
    };
    let idle = RotationLimits { idle: Some(Duration::from_secs(60)), ..sample::LIMITS };
    let second = sample::successor(1).refresh_id;
    assert_eq!(show(first, 1, sample::NOW, sample::LIMITS).await, Rotation::Rotated);
    assert_eq!(show(first, 2, sample::seconds_later(1), sample::LIMITS).await, Rotation::Replayed);
    assert_eq!(show(second, 3, sample::seconds_later(61), idle).await, Rotation::Expired);
    assert_eq!(show(second, 4, session.expires_at, sample::LIMITS).await, Rotation::Expired);
    let (nowhere, limits) = (sample::session_id(9), sample::LIMITS);
    let rotated =
        store.rotate(nowhere, first, sample::successor(5), sample::NOW, limits, &sample::entry(5)).await;
    assert_eq!(rotated.unwrap(), None);
    assert_eq!(written(&store).await, []);
}

/// Nothing is told where nothing ended, and of several how many did.
pub async fn an_end_is_told_of_once_and_only_where_a_session_ends(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let end = async |session: &Session, number, seconds| {
        let ending = sample::ending(session, EndReason::Logout, sample::seconds_later(seconds));
        store.end(&Ending { deed: sample::deed(number), ..ending }).await.unwrap().len()
    };
    let foreign = Session { user_id: sample::user_id(2), ..session.clone() };
    assert_eq!(end(&foreign, 1, 1).await, 0);
    assert_eq!((end(&session, 2, 1).await, end(&session, 3, 1).await), (1, 0));
    assert_eq!(end(&session, 4, 2).await, 0);
    assert_eq!(written(&store).await, numbers([2]));
    let (user, later) = (store.stored(session.user_id).await, sample::seconds_later(60));
    for number in [2, 3] {
        store.open(&sample::login(&user, number, sample::NOW)).await.unwrap();
    }
    let all = Ending { which: Which::All, ..sample::ending(&session, EndReason::Logout, later) };
    store.end(&Ending { deed: sample::deed(5), ..all }).await.unwrap();
    let entries = store.list_entries(&AuditQuery { limit: 10, ..AuditQuery::default() }).await.unwrap();
    let counts: Vec<_> = entries.iter().map(|entry| entry.details.get("count").map(String::as_str)).collect();
    assert_eq!(counts, [Some("2"), None]);
}
