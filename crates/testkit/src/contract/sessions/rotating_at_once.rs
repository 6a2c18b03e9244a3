//! Refresh tokens shown by several clients in one moment: there is one line of tokens, or none.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::token::{EndReason, Rotation, RotationLimits, Session};

use crate::contract::{Store, at_once};
use crate::sample;

/// Shows the session's token thirty-two times at once, each time for another successor.
async fn shown_by_many(
    store: &Arc<dyn Store>,
    session: &Session,
    limits: RotationLimits,
) -> Vec<(Rotation, Session)> {
    let (id, presented) = (session.id, session.refresh_id);
    at_once::all(store, 1..=32, |store, number| async move {
        let successor = sample::successor(number);
        let rotated = store
            .rotate(id, presented, successor, sample::NOW, limits, &sample::reuse())
            .await
            .unwrap()
            .unwrap();
        (rotated.rotation, rotated.session)
    })
    .await
}

fn how_many(answers: &[(Rotation, Session)], wanted: Rotation) -> usize {
    answers.iter().filter(|(rotation, _)| *rotation == wanted).count()
}

/// One rotates, the others replay its successor, and that one goes on afterwards.
pub async fn of_many_that_show_one_token_at_once_all_get_one_successor(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let answers = shown_by_many(&store, &session, sample::LIMITS).await;
    assert_eq!((how_many(&answers, Rotation::Rotated), how_many(&answers, Rotation::Replayed)), (1, 31));
    let next = &answers[0].1;
    assert_eq!(next.generation, 1);
    assert!(answers.iter().all(|(_, session)| session == next), "{answers:?}");
    let rotated = store.refresh(next, 100, 60).await;
    assert_eq!((rotated.rotation, rotated.session.generation), (Rotation::Rotated, 2));
}

/// One rotates, one is taken for a thief, and the session has ended for all.
pub async fn without_a_window_many_that_show_one_token_at_once_end_the_session(store: Arc<dyn Store>) {
    let session = store.add_and_log_in(&sample::user(1), 1).await;
    let limits = RotationLimits { replay_window: Duration::ZERO, idle: None };
    let answers = shown_by_many(&store, &session, limits).await;
    let [rotated, reused, ended] =
        [Rotation::Rotated, Rotation::Reused, Rotation::Ended].map(|wanted| how_many(&answers, wanted));
    assert_eq!((rotated, reused, ended), (1, 1, 30));
    assert_eq!(store.end_of(&session).await.map(|end| end.reason), Some(EndReason::Reuse));
}

/// Whichever comes first, the session has ended afterwards and its new tokens with it.
pub async fn a_rotation_and_an_end_at_once_leave_the_session_ended(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    for number in 1..=24 {
        let new = sample::login(&user, number, sample::NOW);
        store.log_in(&new).await;
        let ending = sample::ending(&new.session, EndReason::Logout, sample::seconds_later(1));
        let session = new.session.clone();
        let (rotated, ended) = at_once::both(
            &store,
            |store| async move { store.refresh(&session, number, 1).await },
            |store| async move { store.end(&ending).await },
        )
        .await;
        ended.unwrap();
        assert!(matches!(rotated.rotation, Rotation::Rotated | Rotation::Ended), "round {number}");
        let end = store.end_of(&new.session).await.map(|end| end.reason);
        assert_eq!(end, Some(EndReason::Logout), "round {number}");
        let again = store.refresh(&rotated.session, 100 + number, 2).await;
        assert_eq!(again.rotation, Rotation::Ended, "round {number}");
    }
}

/// Sessions of one account do not get in each other's way.
pub async fn different_sessions_rotate_at_once(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add(&user).await;
    let logins: Vec<_> = (1..=16).map(|number| sample::login(&user, number, sample::NOW)).collect();
    for new in &logins {
        store.log_in(new).await;
    }
    let answers = at_once::all(&store, (1..).zip(logins), |store, (number, new)| async move {
        store.refresh(&new.session, number, 1).await.rotation
    })
    .await;
    assert!(answers.iter().all(|rotation| *rotation == Rotation::Rotated), "{answers:?}");
}
