//! Taking everything out of one store and into another.

#![expect(missing_docs, reason = "the name of a promise says it")]

use std::sync::Arc;

use doorward_domain::audit::AuditEntry;
use doorward_domain::port::StoreError;
use doorward_domain::token::{EndReason, Session, SessionId};
use doorward_domain::user::{User, UserId};

use super::store::spelled;
use super::{Store, at_once};
use crate::sample;

/// People whose identifiers are in no order, one of them with everything an account can have.
fn people() -> Vec<User> {
    let mut everything = sample::kucing_cakep();
    everything.email = sample::email("Elsewhere@example.com");
    everything.last_login = Some(sample::seconds_later(5));
    vec![sample::user(3), sample::admin(1), everything, sample::user(2)]
}

/// Every account, `limit` at a time.
async fn all_users(store: &Arc<dyn Store>, limit: usize) -> Vec<User> {
    let mut met: Vec<User> = Vec::new();
    loop {
        let some = store.users_after(met.last().map(|user| user.id), limit).await.unwrap();
        if some.is_empty() {
            return met;
        }
        assert!(some.len() <= limit);
        met.extend(some);
    }
}

/// Every session, `limit` at a time.
async fn all_sessions(store: &Arc<dyn Store>, limit: usize) -> Vec<Session> {
    let mut met: Vec<Session> = Vec::new();
    loop {
        let some = store.sessions_after(met.last().map(|session| session.id), limit).await.unwrap();
        if some.is_empty() {
            return met;
        }
        assert!(some.len() <= limit);
        met.extend(some);
    }
}

/// Every entry of the audit log, `limit` at a time.
async fn all_entries(store: &Arc<dyn Store>, limit: usize) -> Vec<AuditEntry> {
    let mut met: Vec<AuditEntry> = Vec::new();
    loop {
        let some = store.audit_after(met.last().map(|entry| entry.id), limit).await.unwrap();
        if some.is_empty() {
            return met;
        }
        assert!(some.len() <= limit);
        met.extend(some);
    }
}

fn by_id(mut users: Vec<User>) -> Vec<User> {
    users.sort_by_key(|user| user.id);
    users
}

pub async fn accounts_are_taken_in_with_everything_they_have(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    store.add_users(&people()).await.unwrap();
    for user in people() {
        assert_eq!(spelled(&store.stored(user.id).await), spelled(&user));
        for address in [&user.username, &user.email] {
            assert_eq!(store.find_by_address(address).await.unwrap().as_ref(), Some(&user));
        }
    }
}

pub async fn accounts_are_handed_out_by_identifier_each_once(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    store.add_users(&people()).await.unwrap();
    for limit in [1, 2, 100] {
        assert_eq!(all_users(&store, limit).await, by_id(people()), "{limit} at a time");
    }
}

pub async fn an_account_that_is_there_stays_as_it_is(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let user = sample::user(1);
    store.add(&user).await;
    let changed = User { version: 9, ..user.clone() };
    store.add_users(&[changed, sample::user(2)]).await.unwrap();
    assert_eq!(all_users(&store, 10).await, by_id(vec![user, sample::user(2)]));
}

pub async fn accounts_are_taken_in_all_or_none(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let there = sample::user(1);
    store.add(&there).await;
    let clashing = User { email: there.username.clone(), ..sample::user(3) };
    let refused = store.add_users(&[sample::user(2), clashing]).await;
    assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    assert_eq!(all_users(&store, 10).await, [there]);
}

pub async fn nothing_is_taken_in_and_nothing_handed_out_where_there_is_nothing(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    store.add_users(&[]).await.unwrap();
    store.add_sessions(&[]).await.unwrap();
    store.remove_users(&[]).await.unwrap();
    store.remove_sessions(&[]).await.unwrap();
    store.add_audit(&[]).await.unwrap();
    store.remove_audit(&[]).await.unwrap();
    assert_eq!(store.users_after(None, 10).await.unwrap(), []);
    assert_eq!(store.sessions_after(None, 10).await.unwrap(), []);
    assert_eq!(store.audit_after(None, 10).await.unwrap(), []);
}

pub async fn sessions_are_taken_in_live_or_ended(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let user = sample::user(1);
    store.add(&user).await;
    let mut sessions: Vec<Session> =
        (0..5).map(|number| sample::session(&user, number, sample::NOW)).collect();
    sessions[1].end(sample::seconds_later(1), EndReason::Logout);
    let spent = sessions[2].refresh_id;
    sessions[2].rotate(spent, sample::successor(7), sample::seconds_later(2), sample::LIMITS);
    for _ in 0..2 {
        store.add_sessions(&sessions).await.unwrap();
    }
    sessions.sort_by_key(|session| session.id);
    for limit in [1, 2, 100] {
        assert_eq!(all_sessions(&store, limit).await, sessions, "{limit} at a time");
    }
    for session in &sessions {
        assert_eq!(store.is_live(session).await, session.ended.is_none());
    }
}

pub async fn sessions_of_nobody_are_not_taken_in(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let (there, nobody) = (sample::user(1), sample::user(2));
    store.add(&there).await;
    let sessions = [sample::session(&there, 1, sample::NOW), sample::session(&nobody, 2, sample::NOW)];
    let refused = store.add_sessions(&sessions).await;
    assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    assert_eq!(all_sessions(&store, 10).await, []);
}

pub async fn accounts_are_removed_with_their_sessions_admins_too(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let (admin, other) = (sample::admin(1), sample::user(2));
    let gone = store.add_and_log_in(&admin, 1).await;
    let kept = store.add_and_log_in(&other, 2).await;
    for _ in 0..2 {
        store.remove_users(&[admin.id, UserId::new(uuid::Uuid::nil())]).await.unwrap();
    }
    assert!(!store.is_live(&gone).await && store.is_live(&kept).await);
    // Its address is free again.
    store.add(&User { id: sample::user_id(9), ..admin }).await;
}

pub async fn sessions_are_removed_alone(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let user = sample::user(1);
    let gone = store.add_and_log_in(&user, 1).await;
    let kept = store.log_in(&sample::login(&user, 2, sample::NOW)).await;
    for _ in 0..2 {
        store.remove_sessions(&[gone.id, SessionId::new(uuid::Uuid::nil())]).await.unwrap();
    }
    let left: Vec<_> = all_sessions(&store, 10).await.iter().map(|session| session.id).collect();
    assert_eq!(left, [sample::session_id(2)]);
    assert_eq!(store.stored(user.id).await, kept);
}

pub async fn the_audit_log_is_taken_in_and_handed_out_by_identifier_each_once(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let there = sample::entry(3);
    store.record(&there).await.unwrap();
    // One that is there stays as it is; that nobody of them has an account does not matter.
    let entries = [5, 1, 3, 4, 2].map(sample::full_entry);
    for _ in 0..2 {
        store.add_audit(&entries).await.unwrap();
    }
    let mut expected = [1, 2, 3, 4, 5].map(sample::full_entry);
    expected[2] = there;
    for limit in [1, 2, 100] {
        assert_eq!(all_entries(&store, limit).await, expected, "{limit} at a time");
    }
}

pub async fn entries_of_the_audit_log_are_removed_alone(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    store.add_audit(&[1, 2, 3].map(sample::full_entry)).await.unwrap();
    for _ in 0..2 {
        store.remove_audit(&[sample::audit_id(2), sample::audit_id(9)]).await.unwrap();
    }
    assert_eq!(all_entries(&store, 10).await, [1, 3].map(sample::full_entry));
    assert!(store.is_live(&session).await);
    store.remove_users(&[session.user_id]).await.unwrap();
    assert_eq!(all_entries(&store, 10).await.len(), 2);
}

pub async fn a_transfer_is_unfinished_until_it_is_finished(store: Arc<dyn Store>) {
    assert_eq!(store.unfinished_transfer().await.unwrap(), None);
    for _ in 0..2 {
        store.begin_transfer("somewhere").await.unwrap();
        assert_eq!(store.unfinished_transfer().await.unwrap().as_deref(), Some("somewhere"));
    }
    for _ in 0..2 {
        store.finish_transfer().await.unwrap();
        assert_eq!(store.unfinished_transfer().await.unwrap(), None);
    }
}

pub async fn a_transfer_that_has_begun_from_elsewhere_goes_on(store: Arc<dyn Store>) {
    store.begin_transfer("somewhere").await.unwrap();
    store.begin_transfer("elsewhere").await.unwrap();
    assert_eq!(store.unfinished_transfer().await.unwrap().as_deref(), Some("somewhere"));
    store.finish_transfer().await.unwrap();
    assert_eq!(store.unfinished_transfer().await.unwrap(), None);
}

pub async fn of_many_transfers_that_begin_at_once_one_has_begun(store: Arc<dyn Store>) {
    let found = at_once::all(&store, 0..8, |store, number| async move {
        store.begin_transfer(&format!("source {number}")).await.unwrap();
        store.unfinished_transfer().await.unwrap()
    })
    .await;
    let begun = store.unfinished_transfer().await.unwrap();
    assert!(begun.is_some() && found.iter().all(|found| *found == begun), "{found:?}");
}

pub async fn nothing_is_touched_where_no_transfer_has_begun(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    store.record(&sample::entry(1)).await.unwrap();
    for refused in [
        store.add_users(&[sample::user(2)]).await,
        store.add_sessions(&[sample::session(&user, 2, sample::NOW)]).await,
        store.remove_users(&[user.id]).await,
        store.remove_sessions(&[session.id]).await,
        store.add_audit(&[sample::entry(2)]).await,
        store.remove_audit(&[sample::audit_id(1)]).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    }
    let (users, sessions) = (all_users(&store, 10).await, all_sessions(&store, 10).await);
    assert_eq!((users.len(), sessions.len()), (1, 1));
    assert_eq!(all_entries(&store, 10).await, [sample::entry(1)]);
}
