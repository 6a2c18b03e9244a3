//! What is known about tokens beside the store of sessions.
//!
//! Promises that need time to pass are not here, because a server keeps its own: an adapter tests them for itself.

#![expect(missing_docs, reason = "the name of a promise says it")]

use std::collections::HashSet;
use std::sync::Arc;

use doorward_domain::Timestamp;
pub use doorward_domain::port::Revocations;
use doorward_domain::port::{Revoked, Stamp, Standing};
use doorward_domain::token::{Claims, TokenKind};

use super::at_once;
use crate::sample;

/// No clock of a test or a server has come so far.
const FAR_AHEAD: Timestamp = sample::seconds_later(50 * 365 * 24 * 60 * 60);

/// Every clock has passed this.
const LONG_AGO: Timestamp = Timestamp::from_seconds(1_000_000_000);

/// An access token of the person's session; both are known by their numbers, as is the token.
fn token(person: u32, session: u32, number: u32) -> Claims {
    Claims {
        kind: TokenKind::Access,
        subject: sample::user_id(person),
        session: sample::session_id(session),
        id: sample::successor(number).access_id,
        issued_at: sample::NOW,
        expires_at: FAR_AHEAD,
    }
}

/// The stamp of the token's account.
async fn stamp(port: &Arc<dyn Revocations>, token: &Claims) -> Stamp {
    match port.find(token).await {
        Standing::Live(stamp) | Standing::Unknown(Some(stamp)) => stamp,
        other => panic!("there is no stamp: {other:?}"),
    }
}

/// Confirms the token's session as the store's answer to the first question would.
async fn confirm(port: &Arc<dyn Revocations>, token: &Claims) -> Stamp {
    let stamp = stamp(port, token).await;
    port.confirm(token, stamp).await;
    stamp
}

/// Says that the token's account has changed, and nothing was revoked.
async fn change(port: &Arc<dyn Revocations>, token: &Claims) -> Stamp {
    port.changed(token.subject, &[]).await.unwrap().unwrap()
}

async fn revoke(port: &Arc<dyn Revocations>, owner: &Claims, revoked: &[Revoked]) {
    port.changed(owner.subject, revoked).await.unwrap();
}

fn this_token(token: &Claims, until: Timestamp) -> Revoked {
    Revoked { id: token.id.uuid(), until }
}

fn its_session(token: &Claims, until: Timestamp) -> Revoked {
    Revoked { id: token.session.uuid(), until }
}

pub async fn a_token_that_nobody_knows_is_unknown_and_its_account_has_a_stamp(port: Arc<dyn Revocations>) {
    let found = port.find(&token(1, 1, 1)).await;
    assert!(matches!(found, Standing::Unknown(Some(_))), "{found:?}");
}

pub async fn a_stamp_stays_until_a_change(port: Arc<dyn Revocations>) {
    let first = stamp(&port, &token(1, 1, 1)).await;
    for other in [token(1, 1, 1), token(1, 1, 2), token(1, 2, 3)] {
        assert_eq!(stamp(&port, &other).await, first);
    }
    change(&port, &token(1, 1, 1)).await;
    assert_ne!(stamp(&port, &token(1, 1, 1)).await, first);
}

pub async fn accounts_have_stamps_of_their_own(port: Arc<dyn Revocations>) {
    assert_ne!(stamp(&port, &token(1, 1, 1)).await, stamp(&port, &token(2, 2, 2)).await);
}

/// Else what one of them confirms would be worth nothing to the others.
pub async fn of_many_that_ask_for_an_account_at_once_all_are_told_one_stamp(port: Arc<dyn Revocations>) {
    let stamps =
        at_once::all(
            &port,
            0..16,
            |port, session| async move { stamp(&port, &token(1, session, session)).await },
        )
        .await;
    let present = stamp(&port, &token(1, 1, 1)).await;
    assert!(stamps.iter().all(|stamp| *stamp == present), "{stamps:?}");
}

pub async fn a_confirmed_session_is_live_under_its_stamp(port: Arc<dyn Revocations>) {
    let stamp = confirm(&port, &token(1, 1, 1)).await;
    for _ in 0..2 {
        assert_eq!(port.find(&token(1, 1, 1)).await, Standing::Live(stamp));
    }
}

/// A refresh makes another access token, not another session.
pub async fn a_session_is_confirmed_for_all_its_tokens(port: Arc<dyn Revocations>) {
    let stamp = confirm(&port, &token(1, 1, 1)).await;
    assert_eq!(port.find(&token(1, 1, 2)).await, Standing::Live(stamp));
}

pub async fn a_session_is_not_confirmed_by_another_one(port: Arc<dyn Revocations>) {
    let stamp = confirm(&port, &token(1, 1, 1)).await;
    assert_eq!(port.find(&token(1, 2, 2)).await, Standing::Unknown(Some(stamp)));
}

pub async fn confirming_again_changes_nothing(port: Arc<dyn Revocations>) {
    let stamp = confirm(&port, &token(1, 1, 1)).await;
    assert_eq!(confirm(&port, &token(1, 1, 1)).await, stamp);
    assert_eq!(port.find(&token(1, 1, 1)).await, Standing::Live(stamp));
}

/// The store was asked before the change, and may have answered what was so before it.
pub async fn confirming_under_an_old_stamp_is_worth_nothing(port: Arc<dyn Revocations>) {
    let old = stamp(&port, &token(1, 1, 1)).await;
    let new = change(&port, &token(1, 1, 1)).await;
    port.confirm(&token(1, 1, 1), old).await;
    assert_eq!(port.find(&token(1, 1, 1)).await, Standing::Unknown(Some(new)));
}

pub async fn confirming_under_another_accounts_stamp_is_worth_nothing(port: Arc<dyn Revocations>) {
    let (own, other) = (stamp(&port, &token(1, 1, 1)).await, stamp(&port, &token(2, 2, 2)).await);
    port.confirm(&token(1, 1, 1), other).await;
    assert_eq!(port.find(&token(1, 1, 1)).await, Standing::Unknown(Some(own)));
}

pub async fn a_change_makes_every_session_of_the_account_unknown(port: Arc<dyn Revocations>) {
    for session in 1..4 {
        confirm(&port, &token(1, session, session)).await;
    }
    let new = change(&port, &token(1, 1, 1)).await;
    for session in 1..4 {
        assert_eq!(port.find(&token(1, session, session)).await, Standing::Unknown(Some(new)));
    }
}

pub async fn a_change_is_nobody_elses(port: Arc<dyn Revocations>) {
    let other = confirm(&port, &token(2, 2, 2)).await;
    confirm(&port, &token(1, 1, 1)).await;
    change(&port, &token(1, 1, 1)).await;
    assert_eq!(port.find(&token(2, 2, 2)).await, Standing::Live(other));
}

pub async fn a_change_answers_the_stamp_that_is_found_afterwards(port: Arc<dyn Revocations>) {
    for person in [1, 1, 2] {
        let answered = change(&port, &token(person, person, person)).await;
        assert_eq!(stamp(&port, &token(person, person, person)).await, answered);
    }
}

pub async fn no_two_changes_give_the_same_stamp(port: Arc<dyn Revocations>) {
    let mut seen = HashSet::from([stamp(&port, &token(1, 1, 1)).await]);
    for person in (1..3).cycle().take(20) {
        assert!(seen.insert(change(&port, &token(person, person, person)).await));
    }
}

pub async fn a_session_is_confirmed_again_after_a_change(port: Arc<dyn Revocations>) {
    confirm(&port, &token(1, 1, 1)).await;
    let new = change(&port, &token(1, 1, 1)).await;
    port.confirm(&token(1, 1, 1), new).await;
    assert_eq!(port.find(&token(1, 1, 1)).await, Standing::Live(new));
}

pub async fn of_many_changes_at_once_each_has_a_stamp_and_one_of_them_stays(port: Arc<dyn Revocations>) {
    let stamps =
        at_once::all(&port, 0..16, |port, _| async move { change(&port, &token(1, 1, 1)).await }).await;
    assert_eq!(stamps.iter().collect::<HashSet<_>>().len(), 16);
    assert!(stamps.contains(&stamp(&port, &token(1, 1, 1)).await));
}

/// However the two fall together: who asked the store before the change may have had the answer of before it.
pub async fn what_is_confirmed_while_the_account_changes_is_not_live_afterwards(port: Arc<dyn Revocations>) {
    const CHANGES: u32 = 0;
    for _ in 0..20 {
        let old = stamp(&port, &token(1, 1, 1)).await;
        at_once::all(&port, 0..8, |port, session| async move {
            if session == CHANGES {
                change(&port, &token(1, 1, 1)).await;
            } else {
                port.confirm(&token(1, session, session), old).await;
            }
        })
        .await;
        for session in 1..8 {
            let found = port.find(&token(1, session, session)).await;
            assert!(matches!(found, Standing::Unknown(Some(new)) if new != old), "{found:?}");
        }
    }
}

pub async fn a_revoked_token_is_revoked_and_no_other(port: Arc<dyn Revocations>) {
    let revoked = token(1, 1, 1);
    revoke(&port, &revoked, &[this_token(&revoked, FAR_AHEAD)]).await;
    assert_eq!(port.find(&revoked).await, Standing::Revoked);
    for other in [token(1, 1, 2), token(1, 2, 3), token(2, 3, 4)] {
        let found = port.find(&other).await;
        assert!(matches!(found, Standing::Unknown(Some(_))), "{found:?}");
    }
}

pub async fn a_revoked_session_is_revoked_with_all_its_tokens_and_no_other(port: Arc<dyn Revocations>) {
    let revoked = token(1, 1, 1);
    revoke(&port, &revoked, &[its_session(&revoked, FAR_AHEAD)]).await;
    for of_the_session in [revoked, token(1, 1, 2)] {
        assert_eq!(port.find(&of_the_session).await, Standing::Revoked);
    }
    for other in [token(1, 2, 3), token(2, 3, 4)] {
        let found = port.find(&other).await;
        assert!(matches!(found, Standing::Unknown(Some(_))), "{found:?}");
    }
}

/// Also not by somebody who knows the present stamp: the store may be behind for a moment.
pub async fn what_is_revoked_cannot_be_confirmed(port: Arc<dyn Revocations>) {
    let (revoked, other) = (token(1, 1, 1), token(1, 2, 2));
    confirm(&port, &revoked).await;
    revoke(&port, &revoked, &[its_session(&revoked, FAR_AHEAD)]).await;
    let new = confirm(&port, &other).await;
    port.confirm(&revoked, new).await;
    assert_eq!(port.find(&revoked).await, Standing::Revoked);
    assert_eq!(port.find(&other).await, Standing::Live(new));
}

/// What a logout revokes: the token that was shown, and the session.
pub async fn many_things_are_revoked_at_once(port: Arc<dyn Revocations>) {
    let tokens = [token(1, 1, 1), token(1, 2, 2), token(1, 3, 3)];
    let revoked: Vec<Revoked> = tokens
        .iter()
        .flat_map(|token| [this_token(token, FAR_AHEAD), its_session(token, FAR_AHEAD)])
        .collect();
    revoke(&port, &tokens[0], &revoked).await;
    for token in tokens {
        assert_eq!(port.find(&token).await, Standing::Revoked);
    }
}

/// It opens nothing any more; there is nothing to remember.
pub async fn what_has_expired_already_is_revoked_without_effect(port: Arc<dyn Revocations>) {
    let expired = token(1, 1, 1);
    confirm(&port, &expired).await;
    revoke(&port, &expired, &[this_token(&expired, LONG_AGO), its_session(&expired, LONG_AGO)]).await;
    let found = port.find(&expired).await;
    assert!(matches!(found, Standing::Unknown(Some(_))), "{found:?}");
}

pub async fn a_revocation_is_never_shortened(port: Arc<dyn Revocations>) {
    let revoked = token(1, 1, 1);
    for until in [FAR_AHEAD, LONG_AGO, sample::NOW] {
        revoke(&port, &revoked, &[this_token(&revoked, until), its_session(&revoked, until)]).await;
        assert_eq!(port.find(&revoked).await, Standing::Revoked, "{until:?}");
    }
}

pub async fn revoking_again_changes_nothing(port: Arc<dyn Revocations>) {
    let revoked = token(1, 1, 1);
    for _ in 0..2 {
        revoke(&port, &revoked, &[this_token(&revoked, FAR_AHEAD)]).await;
        assert_eq!(port.find(&revoked).await, Standing::Revoked);
    }
}
