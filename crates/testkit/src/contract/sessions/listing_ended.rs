//! Listing the sessions that have ended.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::audit::Deed;
use doorward_domain::port::{EndedSession, NewSession, PasswordChange, PasswordChanged};
use doorward_domain::token::{EndReason, Rotation, Session, SessionId};
use doorward_domain::user::User;

use crate::contract::Store;
use crate::contract::store::changed;
use crate::fake::PlainPasswords;
use crate::sample;

/// Far more than any of these tests ends.
const ALL: usize = 1_000;

const MILLISECOND: Duration = Duration::from_millis(1);

fn ended(number: u32, at: Timestamp) -> EndedSession {
    EndedSession { at, id: sample::session_id(number) }
}

async fn identifiers(store: &Arc<dyn Store>) -> Vec<SessionId> {
    let listed = store.list_ended(Timestamp::default(), None, ALL).await.unwrap();
    listed.into_iter().map(|session| session.id).collect()
}

/// Opens a session of each number for one account, and ends it so many milliseconds later.
async fn end_all(store: &Arc<dyn Store>, sessions: impl IntoIterator<Item = (u32, u64)>) {
    let user = sample::user(1);
    store.add(&user).await;
    for (number, milliseconds) in sessions {
        let new = NewSession { max_live: ALL, ..sample::login(&user, number, sample::NOW) };
        store.log_in(&new).await;
        let at = sample::NOW.plus(Duration::from_millis(milliseconds));
        store.end(&sample::ending(&new.session, EndReason::Logout, at)).await.unwrap();
    }
}

/// And by their identifiers where they ended in the same millisecond; whoever opened them, and in whatever order.
pub async fn ended_sessions_are_listed_by_when_they_ended(store: Arc<dyn Store>) {
    end_all(&store, [(5, 1), (1, 2_000), (3, 1), (2, 60_000), (4, 0)]).await;
    let session = store.add_and_log_in(&sample::user(2), 6).await;
    store.end(&sample::ending(&session, EndReason::Reuse, sample::seconds_later(2))).await.unwrap();
    let after = |milliseconds| sample::NOW.plus(Duration::from_millis(milliseconds));
    let expected = [
        ended(4, after(0)),
        ended(3, after(1)),
        ended(5, after(1)),
        ended(1, after(2_000)),
        ended(6, after(2_000)),
        ended(2, after(60_000)),
    ];
    assert_eq!(store.list_ended(sample::NOW, None, ALL).await.unwrap(), expected);
    assert_eq!(store.list_ended(sample::NOW, None, 4).await.unwrap(), expected[..4]);
}

/// By a step of its own or by one about something else.
pub async fn however_a_session_ends_it_is_listed_as_ended(store: Arc<dyn Store>) {
    let users: Vec<User> = (1..=5).map(sample::user).collect();
    let mut sessions: Vec<Session> = Vec::new();
    for (number, user) in (1..).zip(&users) {
        sessions.push(store.add_and_log_in(user, number).await);
    }
    let at = sample::seconds_later(60);
    store.end(&sample::ending(&sessions[0], EndReason::Logout, at)).await.unwrap();
    let stolen = sample::successor(99).refresh_id;
    let shown = store
        .rotate(sessions[1].id, stolen, sample::successor(1), at, sample::LIMITS, &sample::reuse())
        .await;
    assert_eq!(shown.unwrap().unwrap().rotation, Rotation::Reused);
    let spared = sample::login(&users[2], 6, sample::NOW);
    store.log_in(&spared).await;
    let change = PasswordChange {
        user_id: users[2].id,
        seen: users[2].password.clone(),
        new: PlainPasswords::hash_of("another password"),
        session_id: spared.session.id,
        successor: sample::successor(2),
        at,
        entries: Vec::new(),
    };
    assert!(matches!(store.change_password(&change).await.unwrap(), PasswordChanged::Done { .. }));
    let closed = changed(&store.stored(users[3].id).await, |user| user.active = false);
    store.update(&User { updated_at: at, ..closed }, &Deed::default()).await.unwrap();
    store.log_in(&NewSession { max_live: 1, ..sample::login(&users[4], 7, at) }).await;
    let expected: Vec<EndedSession> = (1..=5).map(|number| ended(number, at)).collect();
    assert_eq!(store.list_ended(sample::NOW, None, ALL).await.unwrap(), expected);
}

/// Neither one that goes on nor one whose time is over.
pub async fn live_and_expired_sessions_are_not_listed_as_ended(store: Arc<dyn Store>) {
    let user = sample::user(1);
    store.add_and_log_in(&user, 1).await;
    let long_ago = sample::NOW.minus(sample::LIFETIME);
    store.log_in(&sample::login(&user, 2, long_ago)).await;
    assert_eq!(identifiers(&store).await, []);
}

/// Not only from the millisecond after it.
pub async fn ended_sessions_are_listed_from_the_very_time_that_is_asked_for(store: Arc<dyn Store>) {
    end_all(&store, [(1, 1), (2, 2), (3, 3)]).await;
    for (milliseconds, expected) in [(0, 3), (1, 3), (2, 2), (3, 1), (4, 0)] {
        let since = sample::NOW.plus(milliseconds * MILLISECOND);
        let listed = store.list_ended(since, None, ALL).await.unwrap();
        assert_eq!(listed.len(), expected, "{listed:?} ended {milliseconds} ms later or after that");
        assert!(listed.iter().all(|session| session.at >= since), "{listed:?}");
    }
}

/// In pages of whatever length, also where several ended in the same millisecond.
pub async fn a_walk_meets_every_ended_session_once(store: Arc<dyn Store>) {
    end_all(&store, (1..=20).map(|number| (number, u64::from(number * 7 % 4)))).await;
    let since = sample::NOW.plus(MILLISECOND);
    let everything = store.list_ended(since, None, ALL).await.unwrap();
    assert_eq!(everything.len(), 15);
    for limit in [1, 2, 3, 7, 15, 16] {
        let (mut met, mut after) = (Vec::new(), None);
        // A walk that does not get on meets somebody twice, and comes to an end.
        for _ in 0..=everything.len() {
            let page = store.list_ended(since, after, limit).await.unwrap();
            assert!(page.len() <= limit);
            after = page.last().copied().or(after);
            met.extend(page);
        }
        assert_eq!(met, everything, "in pages of {limit}");
    }
}

/// What ended too early is left out on every page.
pub async fn a_walk_that_goes_on_before_its_beginning_begins_there(store: Arc<dyn Store>) {
    end_all(&store, [(1, 1), (2, 2), (3, 3), (4, 4)]).await;
    let since = sample::NOW.plus(3 * MILLISECOND);
    let from_the_start = store.list_ended(since, None, ALL).await.unwrap();
    let early = Some(ended(1, sample::NOW.plus(MILLISECOND)));
    assert_eq!(store.list_ended(since, early, ALL).await.unwrap(), from_the_start);
    assert_eq!(from_the_start.len(), 2);
}

/// There is nothing left that they could open.
pub async fn the_sessions_of_a_removed_account_are_not_listed_as_ended(store: Arc<dyn Store>) {
    end_all(&store, [(1, 1), (2, 2)]).await;
    let session = store.add_and_log_in(&sample::user(2), 3).await;
    store.end(&sample::ending(&session, EndReason::Logout, sample::NOW)).await.unwrap();
    store.delete_with_sessions(sample::user_id(1), &Deed::default()).await.unwrap();
    assert_eq!(identifiers(&store).await, [session.id]);
}
