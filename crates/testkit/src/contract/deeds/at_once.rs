//! Deeds that meet: what is told is what was done, and a right that is taken away is gone for whoever comes second.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::{Authority, Deed, Denied};
use doorward_domain::port::{Ending, InsertUserError, UpdateUserError, Which};
use doorward_domain::token::{EndReason, Rotation, RotationLimits, Session};
use doorward_domain::user::{Role, User};

use super::{numbers, written};
use crate::contract::store::changed;
use crate::contract::{Store, at_once};
use crate::sample;

/// And of no other.
pub async fn of_many_who_want_one_address_at_once_the_one_who_gets_it_is_told_of(store: Arc<dyn Store>) {
    let answers = at_once::all(&store, 1..=12, |store, number| async move {
        let user = User { username: sample::email("wanted@example.com"), ..sample::user(number) };
        (number, store.insert(&user, &[sample::entry(number)]).await)
    })
    .await;
    let mut added = Vec::new();
    for (number, answer) in answers {
        match answer {
            Ok(()) => added.push(number),
            Err(refused) => assert!(matches!(refused, InsertUserError::AddressTaken), "{refused:?}"),
        }
    }
    let [number] = added[..] else { panic!("{added:?} have the address") };
    assert_eq!(written(&store).await, numbers([number]));
}

/// Each tells of its own, and only where it was made.
pub async fn of_many_changes_at_once_the_one_that_is_made_is_told_of(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let answers = at_once::all(&store, 1..=12, |store, number| {
        let change = changed(&user, |user| user.email = sample::email(&format!("new{number}@example.com")));
        async move { store.update(&change, &sample::deed(number)).await.map(|()| number) }
    })
    .await;
    let made: Vec<u32> = answers.into_iter().filter_map(Result::ok).collect();
    let [number] = made[..] else { panic!("{made:?} were made") };
    assert_eq!(written(&store).await, numbers([number]));
    assert_eq!(store.stored(user.id).await.email, sample::email(&format!("new{number}@example.com")));
}

/// The session ends once.
pub async fn of_many_that_show_a_spent_token_at_once_one_is_told_of(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let limits = RotationLimits { replay_window: Duration::ZERO, idle: None };
    let (id, presented) = (session.id, session.refresh_id);
    let answers = at_once::all(&store, 1..=16, |store, number| async move {
        let (next, entry) = (sample::successor(number), sample::entry(number));
        let rotated = store.rotate(id, presented, next, sample::NOW, limits, &entry).await;
        (number, rotated.unwrap().unwrap().rotation)
    })
    .await;
    let reused = answers.iter().filter(|(_, rotation)| *rotation == Rotation::Reused);
    let reused: Vec<u32> = reused.map(|(number, _)| *number).collect();
    let [number] = reused[..] else { panic!("{reused:?} were told of reuse") };
    assert_eq!(written(&store).await, numbers([number]));
}

/// At different times; whoever ended none tells of none.
pub async fn of_many_ends_at_once_those_that_ended_something_are_told_of(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let answers = at_once::all(&store, 1..=8, |store, number| {
        let ending = sample::ending(&session, EndReason::Logout, sample::seconds_later(number.into()));
        let ending = Ending { which: Which::All, deed: sample::deed(number), ..ending };
        async move { (number, store.end(&ending).await.unwrap().len()) }
    })
    .await;
    let ended: Vec<u32> = answers.iter().filter(|(_, count)| *count > 0).map(|(number, _)| *number).collect();
    let [number] = ended[..] else { panic!("{ended:?} ended the session") };
    assert_eq!(written(&store).await, numbers([number]));
}

/// Both are admins and a third one remains, so that nothing but the right stands against either.
pub async fn of_two_admins_who_demote_each_other_at_once_one_comes_too_late(store: Arc<dyn Store>) {
    store.add(&sample::admin(1_000)).await;
    for round in 0..12 {
        let admins = [2 * round + 1, 2 * round + 2].map(sample::admin);
        let mut sessions: Vec<Session> = Vec::new();
        for (number, admin) in (2 * round + 1..).zip(&admins) {
            sessions.push(store.add_and_log_in(admin, number).await);
        }
        let mut demote = Vec::new();
        for (target, by) in [(&admins[0], &sessions[1]), (&admins[1], &sessions[0])] {
            let demoted = changed(&store.stored(target.id).await, |admin| admin.role = Role::User);
            let at = sample::seconds_later(60);
            let authority = Some(Authority { session: by.id, as_admin: true, at });
            demote.push((demoted, Deed { authority, ..Deed::default() }));
        }
        let answers = at_once::all(&store, demote, |store, (demoted, deed)| async move {
            store.update(&demoted, &deed).await
        })
        .await;
        let denied = answers
            .iter()
            .filter(|answer| matches!(answer, Err(UpdateUserError::Denied(Denied::NotAdmin))))
            .count();
        let done = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!((done, denied), (1, 1), "round {round}: {answers:?}");
    }
}

/// Either it was made before, and told of, or neither.
pub async fn a_change_and_the_end_of_its_session_at_once_are_one_after_the_other(store: Arc<dyn Store>) {
    for number in 1..=16 {
        let session = store.add_and_log_in(&sample::user(number), number).await;
        let before = store.stored(session.user_id).await;
        let change = changed(&before, |user| user.profile = sample::kucing_cakep().profile);
        let at = sample::seconds_later(2);
        let authority = Some(Authority { session: session.id, as_admin: false, at });
        let deed = Deed { authority, ..sample::deed(number) };
        let ending = sample::ending(&session, EndReason::Logout, sample::seconds_later(1));
        let own = Authority { session: session.id, as_admin: false, at: ending.at };
        let ending = Ending { deed: Deed { authority: Some(own), ..sample::deed(1_000 + number) }, ..ending };
        let (updated, ended) = at_once::both(
            &store,
            |store| async move { store.update(&change, &deed).await },
            |store| async move { store.end(&ending).await },
        )
        .await;

        assert_eq!(ended.unwrap(), [session.id], "round {number}");
        let is_denied = matches!(updated, Err(UpdateUserError::Denied(Denied::SessionEnded)));
        assert!(updated.is_ok() || is_denied, "round {number}: {updated:?}");
        let is_told = written(&store).await.contains(&sample::audit_id(number));
        let is_changed = store.stored(session.user_id).await.version > before.version;
        assert_eq!((is_told, is_changed), (updated.is_ok(), updated.is_ok()), "round {number}");
    }
}
