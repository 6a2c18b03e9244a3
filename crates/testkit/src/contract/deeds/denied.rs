//! Whoever has lost the right changes nothing, and nothing is told of it.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::audit::{Authority, Deed, Denied};
use doorward_domain::port::{DeleteUserError, EndSessionsError, Ending, UpdateUserError, Which};
use doorward_domain::token::{EndReason, Session};
use doorward_domain::user::{Role, User};

use super::{numbers, written};
use crate::contract::Store;
use crate::contract::store::changed;
use crate::sample;

/// What session 1 does at a time, as an admin, told with entry 1.
fn at(seconds: i64) -> Deed {
    let at = sample::seconds_later(seconds);
    let authority = Authority { session: sample::session_id(1), as_admin: true, at };
    Deed { authority: Some(authority), ..sample::deed(1) }
}

/// Person 1 is an admin and has session 1. Person 2 is a member and has session 2. Person 3 is another admin.
async fn people(store: &Arc<dyn Store>) -> [Session; 2] {
    store.add(&sample::admin(3)).await;
    [store.add_and_log_in(&sample::admin(1), 1).await, store.add_and_log_in(&sample::user(2), 2).await]
}

async fn make(store: &Arc<dyn Store>, id: u32, change: impl FnOnce(&mut User)) {
    let user = changed(&store.stored(sample::user_id(id)).await, change);
    store.update(&user, &Deed::default()).await.unwrap();
}

fn ending(session: &Session, deed: Deed) -> Ending {
    let at = deed.authority.map_or(sample::NOW, |authority| authority.at);
    Ending { which: Which::All, deed, ..sample::ending(session, EndReason::Logout, at) }
}

/// Person 2 is neither changed nor removed, session 2 does not end, and nothing is told.
async fn assert_denied(store: &Arc<dyn Store>, session: &Session, deed: &Deed, expected: Denied) {
    let (user, told) = (store.stored(session.user_id).await, written(store).await);
    let change = changed(&user, |user| user.active = false);
    let refused = store.update(&change, deed).await;
    assert!(matches!(refused, Err(UpdateUserError::Denied(denied)) if denied == expected), "{refused:?}");
    let refused = store.delete_with_sessions(user.id, deed).await;
    assert!(matches!(refused, Err(DeleteUserError::Denied(denied)) if denied == expected), "{refused:?}");
    let refused = store.end(&ending(session, deed.clone())).await;
    assert!(matches!(refused, Err(EndSessionsError::Denied(denied)) if denied == expected), "{refused:?}");
    assert_eq!((store.stored(user.id).await, written(store).await), (user, told));
    assert!(store.is_live(session).await);
}

/// Nothing stands against it.
pub async fn whoever_has_the_right_changes_ends_and_removes(store: Arc<dyn Store>) {
    let [own, session] = people(&store).await;
    let deed = |number| sample::deed_of(&own, true, number);
    let change = changed(&store.stored(session.user_id).await, |user| user.role = Role::Admin);
    store.update(&change, &deed(1)).await.unwrap();
    assert_eq!(store.end(&ending(&session, deed(2))).await.unwrap(), [session.id]);
    store.delete_with_sessions(session.user_id, &deed(3)).await.unwrap();
    assert_eq!(written(&store).await, numbers([1, 2, 3]));
    assert_eq!(store.find(session.user_id).await.unwrap(), None);
}

/// The account is a member's, and always was.
pub async fn a_member_does_nothing_that_needs_an_admin(store: Arc<dyn Store>) {
    let [_, session] = people(&store).await;
    assert_denied(&store, &session, &sample::deed_of(&session, true, 1), Denied::NotAdmin).await;
}

/// What is their own.
pub async fn a_member_does_what_needs_no_admin(store: Arc<dyn Store>) {
    let [_, session] = people(&store).await;
    let deed = |number| sample::deed_of(&session, false, number);
    let change = changed(&store.stored(session.user_id).await, |user| {
        user.profile = sample::kucing_cakep().profile;
    });
    store.update(&change, &deed(1)).await.unwrap();
    assert_eq!(store.end(&ending(&session, deed(2))).await.unwrap(), [session.id]);
    assert_eq!(written(&store).await, numbers([1, 2]));
}

/// From the moment they are told of it.
pub async fn whoever_is_no_admin_any_more_is_denied(store: Arc<dyn Store>) {
    let [_, session] = people(&store).await;
    make(&store, 1, |admin| admin.role = Role::User).await;
    assert_denied(&store, &session, &at(0), Denied::NotAdmin).await;
}

/// However it ended.
pub async fn whose_session_has_ended_is_denied(store: Arc<dyn Store>) {
    let [own, session] = people(&store).await;
    store.end(&sample::ending(&own, EndReason::Logout, sample::seconds_later(1))).await.unwrap();
    for seconds in [0, 2] {
        assert_denied(&store, &session, &at(seconds), Denied::SessionEnded).await;
    }
}

/// In its last millisecond it still may.
pub async fn whose_session_has_expired_is_denied(store: Arc<dyn Store>) {
    let [own, session] = people(&store).await;
    let of = |at: Timestamp| {
        let authority = Authority { session: own.id, as_admin: true, at };
        Deed { authority: Some(authority), ..sample::deed(1) }
    };
    assert_denied(&store, &session, &of(own.expires_at), Denied::SessionEnded).await;
    let last = of(own.expires_at.minus(Duration::from_millis(1)));
    store.delete_with_sessions(session.user_id, &last).await.unwrap();
}

/// Closing ends its sessions; and no session of a closed account is one, should there be any.
pub async fn whose_account_is_closed_is_denied(store: Arc<dyn Store>) {
    let [_, session] = people(&store).await;
    make(&store, 1, |admin| admin.active = false).await;
    assert_denied(&store, &session, &at(60), Denied::SessionEnded).await;
    store.begin_transfer("elsewhere").await.unwrap();
    let revived = sample::session(&sample::admin(1), 9, sample::NOW);
    store.add_sessions(std::slice::from_ref(&revived)).await.unwrap();
    let deed = sample::deed_of(&revived, true, 1);
    assert_denied(&store, &session, &deed, Denied::SessionEnded).await;
}

/// With their sessions.
pub async fn whose_account_is_gone_is_denied(store: Arc<dyn Store>) {
    let [_, session] = people(&store).await;
    store.delete_with_sessions(sample::user_id(1), &Deed::default()).await.unwrap();
    assert_denied(&store, &session, &at(60), Denied::SessionEnded).await;
}

/// A session that nobody ever opened.
pub async fn whoever_has_no_session_is_denied(store: Arc<dyn Store>) {
    let [_, session] = people(&store).await;
    let nowhere = sample::session(&sample::admin(1), 99, sample::NOW);
    assert_denied(&store, &session, &sample::deed_of(&nowhere, true, 1), Denied::SessionEnded).await;
}

/// The right is looked at before it is taken away.
pub async fn whoever_gives_up_the_right_by_it_has_it_still(store: Arc<dyn Store>) {
    let [own, _] = people(&store).await;
    let before = store.stored(own.user_id).await;
    let change = changed(&before, |admin| admin.role = Role::User);
    store.update(&change, &sample::deed_of(&own, true, 1)).await.unwrap();
    assert_eq!(store.stored(own.user_id).await.role, Role::User);
    let other = store.log_in(&sample::login(&sample::admin(3), 3, sample::NOW)).await;
    store.add(&sample::admin(4)).await;
    let session = sample::session(&other, 3, sample::NOW);
    store.delete_with_sessions(other.id, &sample::deed_of(&session, true, 2)).await.unwrap();
    assert_eq!(written(&store).await, numbers([1, 2]));
}

/// Not even in the millisecond in which it ended.
pub async fn a_session_that_has_ended_ends_nothing_more(store: Arc<dyn Store>) {
    let [own, _] = people(&store).await;
    let ending = ending(&own, at(1));
    assert_eq!(store.end(&ending).await.unwrap(), [own.id]);
    for number in [1, 2] {
        let refused = store.end(&Ending { deed: at(number), ..ending.clone() }).await;
        assert!(matches!(refused, Err(EndSessionsError::Denied(Denied::SessionEnded))), "{refused:?}");
    }
    assert_eq!(written(&store).await, numbers([1]));
}
