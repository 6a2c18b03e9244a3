//! Changing a password: one step that also decides which sessions live on.

use std::sync::Arc;

use doorward_domain::Timestamp;
use doorward_domain::port::{NewSession, Opened, PasswordChange, PasswordChanged};
use doorward_domain::token::{End, EndReason, Session};
use doorward_domain::user::{PasswordHash, User};

use crate::contract::{Store, at_once};
use crate::fake::PlainPasswords;
use crate::sample;

/// A change that `session` asks for, a second after it began.
fn change(user: &User, session: &Session, number: u32) -> PasswordChange {
    PasswordChange {
        user_id: user.id,
        seen: user.password.clone(),
        new: new_hash(number),
        session_id: session.id,
        successor: sample::successor(number),
        at: sample::seconds_later(1),
        entries: Vec::new(),
    }
}

fn new_hash(number: u32) -> PasswordHash {
    PlainPasswords::hash_of(&format!("a new password {number}"))
}

async fn done(store: &dyn Store, change: &PasswordChange) -> (User, Session) {
    match store.change_password(change).await.unwrap() {
        PasswordChanged::Done { user, session } => (*user, *session),
        other => panic!("nothing stands against the change: {other:?}"),
    }
}

/// The new hash is there, nothing else of the document changes, and the version counts the change.
pub async fn a_changed_password_is_stored(store: Arc<dyn Store>) {
    let user = sample::kucing_cakep();
    let session = store.add_and_log_in(&user, 1).await;
    let before = store.stored(user.id).await;
    let (after, _) = done(&*store, &change(&user, &session, 1)).await;
    assert_eq!(store.stored(user.id).await, after);
    assert_eq!(after, User { password: new_hash(1), version: before.version + 1, ..before });
}

/// It gets the new pair, and no earlier refresh token leads to it.
pub async fn the_session_that_asks_goes_on_with_a_new_pair(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let mut session = store.add_and_log_in(&user, 1).await;
    let change = change(&user, &session, 1);
    let (_, after) = done(&*store, &change).await;
    session.renew(change.successor, change.at);
    assert_eq!(after, session);
    assert_eq!(store.find_live(session.id, change.at).await.unwrap().unwrap().session, session);
}

/// Those of the account, and of nobody else; how an earlier one ended is not rewritten.
pub async fn every_other_session_of_the_account_ends(store: Arc<dyn Store>) {
    let (user, other) = (sample::user(1), sample::user(2));
    let asking = store.add_and_log_in(&user, 1).await;
    let others = store.add_and_log_in(&other, 2).await;
    let [open, left] = [3, 4].map(|number| sample::login(&user, number, sample::NOW));
    store.log_in(&open).await;
    store.log_in(&left).await;
    store.end(&sample::ending(&left.session, EndReason::Logout, sample::NOW)).await.unwrap();
    let change = change(&user, &asking, 1);
    done(&*store, &change).await;
    let end = |at: Timestamp, reason| Some(End { at, reason });
    assert_eq!(store.end_of(&open.session).await, end(change.at, EndReason::PasswordChange));
    assert_eq!(store.end_of(&left.session).await, end(sample::NOW, EndReason::Logout));
    assert!(store.is_live(&others).await);
}

/// Somebody changed it meanwhile: nothing is written.
pub async fn a_change_that_saw_another_password_is_stale(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let before = store.stored(user.id).await;
    for seen in [PlainPasswords::hash_of("another"), PlainPasswords::imported(sample::PASSWORD)] {
        let change = PasswordChange { seen, ..change(&user, &session, 1) };
        assert_eq!(store.change_password(&change).await.unwrap(), PasswordChanged::Stale);
    }
    assert_eq!(store.stored(user.id).await, before);
    assert_eq!(store.find_live(session.id, sample::NOW).await.unwrap().unwrap().session, session);
}

/// Ended, expired, never opened, somebody else's, or its account gone: nothing is written.
pub async fn a_session_that_is_not_live_changes_no_password(store: Arc<dyn Store>) {
    let (user, other) = (sample::user(1), sample::user(2));
    let live = store.add_and_log_in(&user, 1).await;
    let others = store.add_and_log_in(&other, 2).await;
    let ended = sample::login(&user, 3, sample::NOW);
    store.log_in(&ended).await;
    store.end(&sample::ending(&ended.session, EndReason::Logout, sample::NOW)).await.unwrap();
    let before = store.stored(user.id).await;
    let too_late = PasswordChange { at: live.expires_at, ..change(&user, &live, 1) };
    let never_opened = sample::session(&user, 4, sample::NOW);
    let by_nobody = PasswordChange { user_id: sample::user_id(3), ..change(&user, &live, 1) };
    for change in [
        change(&user, &ended.session, 1),
        too_late,
        change(&user, &never_opened, 1),
        change(&user, &others, 1),
        by_nobody,
    ] {
        assert_eq!(store.change_password(&change).await.unwrap(), PasswordChanged::SessionEnded);
    }
    assert_eq!(store.stored(user.id).await, before);
    assert!(store.is_live(&live).await && store.is_live(&others).await);
}

/// An adapter may try again without knowing whether its first try was written.
pub async fn a_change_of_password_carried_out_twice_is_one_change(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let change = change(&user, &session, 1);
    let first = done(&*store, &change).await;
    assert_eq!(done(&*store, &change).await, first);
    assert_eq!(store.stored(user.id).await, first.0);
}

async fn all_changes(
    store: &Arc<dyn Store>,
    changes: impl IntoIterator<Item = PasswordChange>,
) -> Vec<PasswordChanged> {
    at_once::all(store, changes, |store, change| async move { store.change_password(&change).await.unwrap() })
        .await
}

/// From sessions of their own: the winner's password counts, and the winner's session alone lives.
pub async fn of_many_changes_at_once_one_is_done(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let logins: Vec<NewSession> = (1..=8).map(|number| sample::login(&user, number, sample::NOW)).collect();
    for login in &logins {
        store.log_in(login).await;
    }
    let changes = (1..).zip(&logins).map(|(number, login)| change(&user, &login.session, number));
    let answers = all_changes(&store, changes).await;
    let done: Vec<_> =
        answers.iter().filter(|answer| matches!(answer, PasswordChanged::Done { .. })).collect();
    let [PasswordChanged::Done { user: after, session }] = done[..] else {
        panic!("exactly one is done: {answers:?}");
    };
    assert_eq!(store.stored(user.id).await, **after);
    for login in &logins {
        assert_eq!(store.is_live(&login.session).await, login.session.id == session.id);
    }
}

/// Two tabs of one session: the second finds the password changed.
pub async fn of_two_changes_by_one_session_at_once_one_is_stale(store: Arc<dyn Store>) {
    let user = sample::user(1);
    let session = store.add_and_log_in(&user, 1).await;
    let changes = [1, 2].map(|number| change(&user, &session, number));
    let answers = all_changes(&store, changes).await;
    assert!(
        matches!(
            answers[..],
            [PasswordChanged::Done { .. }, PasswordChanged::Stale]
                | [PasswordChanged::Stale, PasswordChanged::Done { .. }]
        ),
        "{answers:?}"
    );
}

/// Whichever comes first, nobody is left logged in by the old password.
pub async fn a_login_and_a_change_of_password_at_once_leave_no_session_of_the_old_one(store: Arc<dyn Store>) {
    for round in 1..=16 {
        let user = sample::user(round);
        let asking = store.add_and_log_in(&user, 2 * round).await;
        let with_the_old = sample::login(&user, 2 * round + 1, sample::NOW);
        let (new, change) = (with_the_old.clone(), change(&user, &asking, round));
        let (opened, changed) = at_once::both(
            &store,
            |store| async move { store.open(&new).await.unwrap() },
            |store| async move { store.change_password(&change).await.unwrap() },
        )
        .await;
        assert!(matches!(changed, PasswordChanged::Done { .. }), "{changed:?}");
        assert!(!store.is_live(&with_the_old.session).await, "round {round}: {opened:?}");
        if matches!(opened, Opened::Done(_)) {
            let end = store.end_of(&with_the_old.session).await.map(|end| end.reason);
            assert_eq!(end, Some(EndReason::PasswordChange));
        }
    }
}
