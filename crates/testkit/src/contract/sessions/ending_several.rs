//! Ending one session of an account, all but one, or all, and being told which.

use std::sync::Arc;

use doorward_domain::Timestamp;
use doorward_domain::port::{Ending, Which};
use doorward_domain::token::{End, EndReason, Session, SessionId};

use crate::contract::{Store, at_once};
use crate::sample;

/// Person 1 has sessions 1 to 3, person 2 has session 4.
async fn people(store: &Arc<dyn Store>) -> [Session; 4] {
    let user = sample::user(1);
    let first = store.add_and_log_in(&user, 1).await;
    let [second, third] = [2, 3].map(|number| sample::login(&user, number, sample::NOW));
    store.log_in(&second).await;
    store.log_in(&third).await;
    let others = store.add_and_log_in(&sample::user(2), 4).await;
    [first, second.session, third.session, others]
}

fn of_person_1(which: Which, at: Timestamp) -> Ending {
    Ending {
        which,
        ..sample::ending(&sample::session(&sample::user(1), 1, sample::NOW), EndReason::Logout, at)
    }
}

/// Which sessions ended, by number.
async fn end(store: &Arc<dyn Store>, which: Which, seconds: i64) -> Vec<SessionId> {
    sorted(store.end(&of_person_1(which, sample::seconds_later(seconds))).await.unwrap())
}

fn sorted(mut ids: Vec<SessionId>) -> Vec<SessionId> {
    ids.sort_unstable();
    ids
}

fn ids<const N: usize>(numbers: [u32; N]) -> Vec<SessionId> {
    numbers.map(sample::session_id).to_vec()
}

async fn living(store: &Arc<dyn Store>, sessions: &[Session]) -> Vec<SessionId> {
    let mut living = Vec::new();
    for session in sessions {
        if store.is_live(session).await {
            living.push(session.id);
        }
    }
    living
}

/// And answered.
pub async fn one_session_of_several_ends(store: Arc<dyn Store>) {
    let sessions = people(&store).await;
    assert_eq!(end(&store, Which::One(sample::session_id(2)), 1).await, ids([2]));
    assert_eq!(living(&store, &sessions).await, ids([1, 3, 4]));
}

/// Those of others neither.
pub async fn every_session_but_one_ends(store: Arc<dyn Store>) {
    let sessions = people(&store).await;
    assert_eq!(end(&store, Which::Others(sample::session_id(2)), 1).await, ids([1, 3]));
    assert_eq!(living(&store, &sessions).await, ids([2, 4]));
}

/// Each with the time and the reason.
pub async fn every_session_of_an_account_ends(store: Arc<dyn Store>) {
    let sessions = people(&store).await;
    assert_eq!(end(&store, Which::All, 1).await, ids([1, 2, 3]));
    assert_eq!(living(&store, &sessions).await, ids([4]));
    for session in &sessions[..3] {
        let end = End { at: sample::seconds_later(1), reason: EndReason::Logout };
        assert_eq!(store.end_of(session).await, Some(end));
    }
}

/// Nor does it tell whether there is such a session.
pub async fn a_session_of_another_account_is_not_ended_by_its_name(store: Arc<dyn Store>) {
    let sessions = people(&store).await;
    for foreign in [sample::session_id(4), sample::session_id(99)] {
        assert_eq!(end(&store, Which::One(foreign), 1).await, []);
    }
    assert_eq!(living(&store, &sessions).await, ids([1, 2, 3, 4]));
}

/// To spare one that is nobody's, or somebody else's, is to spare none.
pub async fn sparing_a_session_of_another_account_spares_none(store: Arc<dyn Store>) {
    let sessions = people(&store).await;
    assert_eq!(end(&store, Which::Others(sample::session_id(4)), 1).await, ids([1, 2, 3]));
    assert_eq!(living(&store, &sessions).await, ids([4]));
}

/// They have ended already, and how is not rewritten.
pub async fn sessions_that_are_over_do_not_end_again(store: Arc<dyn Store>) {
    let [first, second, ..] = people(&store).await;
    let long_ago = sample::NOW.minus(sample::LIFETIME);
    store.log_in(&sample::login(&sample::user(1), 5, long_ago)).await;
    assert_eq!(end(&store, Which::One(first.id), 1).await, ids([1]));
    assert_eq!(end(&store, Which::All, 2).await, ids([2, 3]));
    assert_eq!(end(&store, Which::All, 3).await, []);
    assert_eq!(end(&store, Which::One(sample::session_id(5)), 3).await, []);
    for (session, seconds) in [(first, 1), (second, 2)] {
        let end = End { at: sample::seconds_later(seconds), reason: EndReason::Logout };
        assert_eq!(store.end_of(&session).await, Some(end));
    }
}

/// Also where the account is not there at all.
pub async fn where_there_is_no_session_none_ends(store: Arc<dyn Store>) {
    assert_eq!(end(&store, Which::All, 1).await, []);
    store.add(&sample::user(1)).await;
    assert_eq!(end(&store, Which::All, 1).await, []);
}

/// Whoever comes second, be it in the same millisecond, has ended nothing.
pub async fn what_has_ended_does_not_end_again(store: Arc<dyn Store>) {
    let sessions = people(&store).await;
    assert_eq!(end(&store, Which::Others(sessions[0].id), 1).await, ids([2, 3]));
    for seconds in [1, 2] {
        assert_eq!(end(&store, Which::Others(sessions[0].id), seconds).await, []);
        assert_eq!(end(&store, Which::One(sessions[1].id), seconds).await, []);
    }
    assert_eq!(living(&store, &sessions).await, ids([1, 4]));
}

/// Of several who end them at different times, one ended each.
pub async fn of_many_ends_at_once_each_session_is_answered_to_one(store: Arc<dyn Store>) {
    people(&store).await;
    let steps =
        [Which::All, Which::One(sample::session_id(1)), Which::Others(sample::session_id(1)), Which::All];
    let answers = at_once::all(&store, (1..).zip(steps), |store, (seconds, which)| async move {
        store.end(&of_person_1(which, sample::seconds_later(seconds))).await.unwrap()
    })
    .await;
    assert_eq!(sorted(answers.concat()), ids([1, 2, 3]), "{answers:?}");
}
