//! What time does to tries, and a throttle so simple that it must be right, beside which the real one counts the same.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::port::LoginThrottle;
use doorward_domain::throttle::{Pseudonym, Rate, Scope, ThrottleKey};
use doorward_memory::{MemoryThrottle, ThrottleRoom};
use doorward_testkit::fake::ManualClock;
use doorward_testkit::sample;
use proptest::prelude::*;

const HOUR: Duration = Duration::from_secs(60 * 60);
const GUESS: ThrottleKey = key(0);

const fn key(subject: u8) -> ThrottleKey {
    ThrottleKey { scope: Scope::LoginGuess, subject: Pseudonym::new([subject; 16]) }
}

fn throttle() -> (MemoryThrottle, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (MemoryThrottle::new(ThrottleRoom::default(), clock.clone()), clock)
}

fn rate(burst: u32, period: Duration) -> Rate {
    Rate::new(burst, period).unwrap()
}

#[tokio::test]
async fn whoever_waits_as_told_passes_and_not_before() {
    let (throttle, clock) = throttle();
    let rates = [rate(6, HOUR), rate(3, HOUR * 2)];
    for _ in 0..3 {
        throttle.take(&GUESS, &rates).await.unwrap();
    }
    assert_eq!(throttle.take(&GUESS, &rates).await, Err(HOUR * 2 / 3));
    clock.set(sample::NOW.plus(HOUR * 2 / 3).minus(Duration::from_millis(1)));
    assert_eq!(throttle.take(&GUESS, &rates).await, Err(Duration::from_millis(1)));
    clock.advance(Duration::from_millis(1));
    assert_eq!(throttle.take(&GUESS, &rates).await, Ok(()));
    assert_eq!(throttle.take(&GUESS, &rates).await, Err(HOUR * 2 / 3));
}

#[tokio::test]
async fn after_the_period_all_tries_are_there_again() {
    let (throttle, clock) = throttle();
    for _ in 0..2 {
        for _ in 0..5 {
            throttle.take(&GUESS, &[rate(5, HOUR)]).await.unwrap();
        }
        assert!(throttle.take(&GUESS, &[rate(5, HOUR)]).await.is_err());
        clock.advance(HOUR);
    }
}

#[tokio::test]
async fn a_clock_that_is_put_back_locks_nobody_out_for_longer_than_the_period() {
    let (throttle, clock) = throttle();
    for _ in 0..2 {
        throttle.take(&GUESS, &[rate(2, HOUR)]).await.unwrap();
    }
    clock.set(sample::seconds_later(-1_000_000));
    assert_eq!(throttle.take(&GUESS, &[rate(2, HOUR)]).await, Err(HOUR / 2));
}

#[tokio::test]
async fn before_the_epoch_too_there_are_only_so_many_tries() {
    let (throttle, clock) = throttle();
    clock.set(Timestamp::from_seconds(-5));
    throttle.take(&GUESS, &[rate(1, HOUR)]).await.unwrap();
    assert_eq!(throttle.take(&GUESS, &[rate(1, HOUR)]).await, Err(HOUR));
}

#[tokio::test]
async fn whoever_is_vouched_for_is_so_until_the_lifetime_is_over() {
    let (throttle, clock) = throttle();
    throttle.vouch(&GUESS, HOUR).await;
    clock.set(sample::NOW.plus(HOUR).minus(Duration::from_millis(1)));
    assert!(throttle.is_vouched(&GUESS).await);
    clock.advance(Duration::from_millis(1));
    assert!(!throttle.is_vouched(&GUESS).await);
}

#[tokio::test]
async fn vouching_again_prolongs_and_never_shortens() {
    let (throttle, clock) = throttle();
    for lifetime in [HOUR, HOUR * 3, HOUR] {
        throttle.vouch(&GUESS, lifetime).await;
    }
    clock.advance(HOUR * 2);
    assert!(throttle.is_vouched(&GUESS).await);
}

/// Fills with tries and leaks all the time: a try passes where it does not overflow.
#[derive(Clone, Default)]
struct Bucket(u64);

#[derive(Clone, Copy, Debug)]
enum Step {
    Take(u8),
    GiveBack(u8),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..3_u8).prop_map(Step::Take),
        1 => (0..3_u8).prop_map(Step::GiveBack),
        2 => (0..60_000_u64).prop_map(Step::Wait),
    ]
}

fn some_rate() -> impl Strategy<Value = Rate> {
    (1..20_u32, 1..200_u64).prop_map(|(burst, seconds)| rate(burst, Duration::from_secs(seconds)))
}

/// The answer of buckets, one a rate: all take the try, or none does.
fn pour(buckets: &mut [Bucket], rates: &[Rate]) -> Result<(), Duration> {
    let overflow = |(bucket, rate): (&Bucket, &Rate)| {
        (bucket.0 + rate.interval()).saturating_sub(rate.interval() * u64::from(rate.burst()))
    };
    let most = buckets.iter().zip(rates).map(overflow).max().unwrap();
    if most > 0 {
        return Err(Duration::from_micros(most));
    }
    buckets.iter_mut().zip(rates).for_each(|(bucket, rate)| bucket.0 += rate.interval());
    Ok(())
}

proptest! {
    #[test]
    fn it_counts_as_leaking_buckets_do(
        rates in prop::collection::vec(some_rate(), 1..4),
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let (throttle, clock) = throttle();
        let mut buckets = vec![vec![Bucket::default(); rates.len()]; 3];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for step in steps {
            match step {
                Step::Take(subject) => {
                    let answer = runtime.block_on(throttle.take(&key(subject), &rates));
                    prop_assert_eq!(answer, pour(&mut buckets[usize::from(subject)], &rates));
                }
                Step::GiveBack(subject) => {
                    runtime.block_on(throttle.give_back(&key(subject), &rates));
                    for (bucket, rate) in buckets[usize::from(subject)].iter_mut().zip(&rates) {
                        bucket.0 = bucket.0.saturating_sub(rate.interval());
                    }
                }
                Step::Wait(milliseconds) => {
                    clock.advance(Duration::from_millis(milliseconds));
                    for bucket in buckets.iter_mut().flatten() {
                        bucket.0 = bucket.0.saturating_sub(milliseconds * 1_000);
                    }
                }
            }
        }
    }
}
