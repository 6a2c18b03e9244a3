//! What time does to what this process knows about tokens.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_domain::port::{Revocations, Revoked, Stamp, Standing};
use doorward_domain::token::Claims;
use doorward_memory::{LEASE, Lease, MemoryRevocations, RevocationRoom};
use doorward_testkit::fake::{CountingIds, ManualClock};
use doorward_testkit::sample;

const LEEWAY: Duration = Duration::from_secs(60);
const MILLISECOND: Duration = Duration::from_millis(1);
const CONFIRMED_FOR: Duration = Duration::from_secs(5 * 60);

fn revocations() -> (MemoryRevocations, Arc<ManualClock>) {
    let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
    (MemoryRevocations::new(RevocationRoom::default(), LEEWAY, clock.clone(), ids), clock)
}

fn token() -> Claims {
    sample::session(&sample::user(1), 1, sample::NOW).access_claims(Duration::from_secs(900))
}

/// Confirms the token's session.
async fn confirm(revocations: &MemoryRevocations) -> Stamp {
    let Standing::Unknown(Some(stamp)) = revocations.find(&token()).await else {
        unreachable!("nobody has confirmed or revoked it")
    };
    revocations.confirm(&token(), stamp).await;
    stamp
}

async fn revoke(revocations: &MemoryRevocations, seconds: i64) {
    let until = sample::seconds_later(seconds);
    let revoked = [Revoked { id: token().id.uuid(), until }];
    revocations.changed(token().subject, &revoked).await.unwrap();
}

#[tokio::test]
async fn a_confirmation_counts_for_five_minutes_and_its_stamp_goes_on() {
    let (revocations, clock) = revocations();
    let stamp = confirm(&revocations).await;
    clock.set(sample::NOW.plus(CONFIRMED_FOR).minus(MILLISECOND));
    assert_eq!(revocations.find(&token()).await, Standing::Live(stamp));
    clock.advance(MILLISECOND);
    assert_eq!(confirm(&revocations).await, stamp);
    assert_eq!(revocations.find(&token()).await, Standing::Live(stamp));
}

#[tokio::test]
async fn being_asked_does_not_prolong_a_confirmation() {
    let (revocations, clock) = revocations();
    let stamp = confirm(&revocations).await;
    for _ in 0..5 {
        assert_eq!(revocations.find(&token()).await, Standing::Live(stamp));
        clock.advance(CONFIRMED_FOR / 5);
    }
    assert_eq!(revocations.find(&token()).await, Standing::Unknown(Some(stamp)));
}

#[tokio::test]
async fn a_clock_that_is_put_back_confirms_nothing() {
    let (revocations, clock) = revocations();
    let stamp = confirm(&revocations).await;
    clock.set(sample::seconds_later(-1));
    assert_eq!(revocations.find(&token()).await, Standing::Unknown(Some(stamp)));
}

#[tokio::test]
async fn f39_a_revocation_lasts_as_long_as_the_token_and_the_leeway() {
    let (revocations, clock) = revocations();
    revoke(&revocations, 900).await;
    clock.set(sample::seconds_later(900).plus(LEEWAY));
    assert_eq!(revocations.find(&token()).await, Standing::Revoked);
    clock.advance(MILLISECOND);
    for _ in 0..2 {
        assert!(matches!(revocations.find(&token()).await, Standing::Unknown(Some(_))));
    }
}

#[tokio::test]
async fn a_token_in_its_leeway_can_still_be_revoked() {
    let (revocations, clock) = revocations();
    clock.set(sample::seconds_later(930));
    revoke(&revocations, 900).await;
    assert_eq!(revocations.find(&token()).await, Standing::Revoked);
}

#[tokio::test]
async fn a_later_revocation_prolongs_and_never_shortens() {
    let (revocations, clock) = revocations();
    for seconds in [900, 1_800, 600] {
        revoke(&revocations, seconds).await;
    }
    clock.set(sample::seconds_later(1_800));
    assert_eq!(revocations.find(&token()).await, Standing::Revoked);
}

#[tokio::test]
async fn nothing_is_believed_while_nobody_can_say_what_others_have_changed() {
    let (revocations, _) = revocations();
    let lease = Arc::new(Lease::default());
    let revocations = revocations.leased(lease.clone());
    let stamp = confirm(&revocations).await;
    assert_eq!(revocations.find(&token()).await, Standing::Unknown(Some(stamp)));
    lease.renew(Instant::now() + 60 * LEASE);
    assert_eq!(revocations.find(&token()).await, Standing::Live(stamp));
}

#[tokio::test]
async fn what_was_confirmed_before_others_changed_something_counts_no_more() {
    let (revocations, _) = revocations();
    let before = confirm(&revocations).await;
    revocations.distrust();
    // Somebody had asked the store before, and hears of it only now.
    revocations.confirm(&token(), before).await;
    let Standing::Unknown(Some(after)) = revocations.find(&token()).await else { panic!("it is believed") };
    assert_ne!(before, after);
    revocations.confirm(&token(), after).await;
    assert_eq!(revocations.find(&token()).await, Standing::Live(after));
    revoke(&revocations, 900).await;
    revocations.distrust();
    assert_eq!(revocations.find(&token()).await, Standing::Revoked);
}
