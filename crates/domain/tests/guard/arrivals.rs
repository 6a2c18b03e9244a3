//! Registrations and refreshes, of which there may be only so many from one network.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::throttle::{Guard, Limits};
use doorward_testkit::fake::{ManualClock, MapThrottle, PlainPseudonyms};
use doorward_testkit::sample;

use crate::{ELSEWHERE, HOME, strange};

fn guard() -> (Guard, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let throttle = Arc::new(MapThrottle::new(clock.clone()));
    (Guard::new(throttle, Arc::new(PlainPseudonyms), Limits::default()), clock)
}

#[tokio::test]
async fn dos_07_registrations_from_one_network_are_stopped_at_three_hundred() {
    let (guard, clock) = guard();
    let mut passed = 0;
    for _ in 0..1_000 {
        passed += usize::from(guard.registration(Some(HOME)).await.is_ok());
    }
    assert_eq!(passed, 300);
    let wait = guard.registration(Some(HOME)).await.unwrap_err().retry_after;
    assert_eq!(wait, Duration::from_secs(12));
    guard.registration(Some(ELSEWHERE)).await.unwrap();
    clock.advance(wait);
    guard.registration(Some(HOME)).await.unwrap();
}

#[tokio::test]
async fn dos_07_refreshes_from_one_network_are_stopped_at_six_thousand() {
    let (guard, clock) = guard();
    let mut passed = 0;
    for _ in 0..7_000 {
        passed += usize::from(guard.refresh(Some(HOME)).await.is_ok());
    }
    assert_eq!(passed, 6_000);
    guard.refresh(Some(ELSEWHERE)).await.unwrap();
    clock.advance(Duration::from_millis(10));
    guard.refresh(Some(HOME)).await.unwrap();
}

#[tokio::test]
async fn registrations_and_refreshes_are_counted_apart() {
    let (guard, _) = guard();
    for _ in 0..400 {
        let _ = guard.registration(Some(HOME)).await;
    }
    assert!(guard.registration(Some(HOME)).await.is_err());
    guard.refresh(Some(HOME)).await.unwrap();
}

#[tokio::test]
async fn a_clone_counts_together_with_the_original() {
    let (guard, _) = guard();
    let guards = [guard.clone(), guard];
    let mut passed = 0;
    for guard in guards.iter().cycle().take(1_000) {
        passed += usize::from(guard.registration(Some(HOME)).await.is_ok());
    }
    assert_eq!(passed, 300);
}

#[tokio::test]
async fn whoever_comes_without_an_address_is_not_counted() {
    let (guard, _) = guard();
    for _ in 0..1_000 {
        guard.registration(None).await.unwrap();
    }
}

#[tokio::test]
async fn without_limits_or_without_a_guard_nobody_is_stopped() {
    let throttle = Arc::new(MapThrottle::default());
    let lenient = Guard::new(throttle, Arc::new(PlainPseudonyms), Limits::none());
    for guard in [lenient, Guard::off()] {
        for number in 0..7_000 {
            guard.registration(Some(strange(number % 2))).await.unwrap();
            guard.refresh(Some(HOME)).await.unwrap();
            guard.change(sample::user(1).id).await.unwrap();
        }
    }
}
