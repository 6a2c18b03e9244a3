//! How often somebody may try.
//!
//! The periods are so long that nothing comes back while a test runs, whoever's clock it is.

#![expect(missing_docs, reason = "the name of a promise says it")]

use std::sync::Arc;
use std::time::Duration;

pub use doorward_domain::port::LoginThrottle;
use doorward_domain::throttle::{Pseudonym, Rate, Scope, ThrottleKey};

use super::at_once;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const GUESS: ThrottleKey = key(Scope::LoginGuess, 1);

const fn key(scope: Scope, subject: u8) -> ThrottleKey {
    ThrottleKey { scope, subject: Pseudonym::new([subject; 16]) }
}

fn rate(burst: u32, period: Duration) -> Rate {
    Rate::new(burst, period).unwrap()
}

/// How many of so many tries pass.
async fn passed(port: &Arc<dyn LoginThrottle>, key: &ThrottleKey, rates: &[Rate], tries: usize) -> usize {
    let mut passed = 0;
    for _ in 0..tries {
        passed += usize::from(port.take(key, rates).await.is_ok());
    }
    passed
}

pub async fn a_burst_passes_and_then_nothing_until_the_wait_is_over(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(5, DAY)];
    assert_eq!(passed(&port, &GUESS, &rates, 5).await, 5);
    for _ in 0..3 {
        let wait = port.take(&GUESS, &rates).await.unwrap_err();
        assert!(wait > Duration::ZERO && wait <= DAY / 5, "{wait:?}");
    }
}

pub async fn other_keys_are_not_affected(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(3, DAY)];
    for subject in 1..4 {
        assert_eq!(passed(&port, &key(Scope::LoginGuess, subject), &rates, 9).await, 3);
    }
}

pub async fn other_scopes_are_not_affected(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(3, DAY)];
    for scope in [
        Scope::LoginNetwork,
        Scope::LoginGuess,
        Scope::LoginKnown,
        Scope::LoginAccount,
        Scope::Proof,
        Scope::Registration,
        Scope::Refresh,
        Scope::Change,
    ] {
        assert_eq!(passed(&port, &key(scope, 1), &rates, 9).await, 3, "{scope:?}");
    }
}

pub async fn what_is_forgotten_was_never_taken(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(3, DAY), rate(5, DAY)];
    let other = ThrottleKey { scope: Scope::LoginAccount, ..GUESS };
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 3);
    assert_eq!(passed(&port, &other, &rates, 9).await, 3);
    port.forget(&GUESS, &rates).await;
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 3);
    assert_eq!(passed(&port, &other, &rates, 9).await, 0);
    port.forget(&GUESS, &[]).await;
}

pub async fn without_a_rate_everything_passes(port: Arc<dyn LoginThrottle>) {
    assert_eq!(passed(&port, &GUESS, &[], 50).await, 50);
    port.give_back(&GUESS, &[]).await;
    assert_eq!(passed(&port, &GUESS, &[rate(3, DAY)], 9).await, 3);
}

/// Whichever of them it is.
pub async fn the_strictest_rate_refuses_and_takes_nothing_from_the_others(port: Arc<dyn LoginThrottle>) {
    let (lenient, strict) = (rate(10, DAY), rate(3, DAY));
    assert_eq!(passed(&port, &GUESS, &[lenient, strict], 50).await, 3);
    assert_eq!(passed(&port, &GUESS, &[lenient], 50).await, 7);
    let other = key(Scope::LoginGuess, 2);
    for expected in [3, 3, 3, 1, 0] {
        assert_eq!(passed(&port, &other, &[strict, lenient], 50).await, expected);
        for _ in 0..expected {
            port.give_back(&other, &[strict]).await;
        }
    }
}

/// Whoever waits as told is not refused again.
pub async fn of_several_waits_the_longest_is_told(port: Arc<dyn LoginThrottle>) {
    for (subject, rates) in [(1, [rate(1, HOUR), rate(1, DAY)]), (2, [rate(1, DAY), rate(1, HOUR)])] {
        let key = key(Scope::LoginGuess, subject);
        port.take(&key, &rates).await.unwrap();
        let wait = port.take(&key, &rates).await.unwrap_err();
        assert!(wait > HOUR && wait <= DAY, "{wait:?}");
    }
}

pub async fn being_refused_costs_nothing(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(2, DAY)];
    assert_eq!(passed(&port, &GUESS, &rates, 50).await, 2);
    port.give_back(&GUESS, &rates).await;
    assert_eq!(passed(&port, &GUESS, &rates, 50).await, 1);
}

pub async fn what_is_given_back_can_be_taken_again(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(3, DAY)];
    for _ in 0..20 {
        port.take(&GUESS, &rates).await.unwrap();
        port.give_back(&GUESS, &rates).await;
    }
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 3);
    port.give_back(&GUESS, &rates).await;
    port.give_back(&GUESS, &rates).await;
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 2);
}

pub async fn no_more_is_given_back_than_was_taken(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(3, DAY)];
    port.take(&GUESS, &rates).await.unwrap();
    for _ in 0..9 {
        port.give_back(&GUESS, &rates).await;
    }
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 3);
    let unknown = key(Scope::LoginGuess, 2);
    port.give_back(&unknown, &rates).await;
    assert_eq!(passed(&port, &unknown, &rates, 9).await, 3);
}

pub async fn what_is_given_back_is_given_back_under_every_rate(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(3, HOUR), rate(3, DAY)];
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 3);
    port.give_back(&GUESS, &rates).await;
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 1);
}

pub async fn of_many_at_once_no_more_than_the_burst_pass(port: Arc<dyn LoginThrottle>) {
    let answers = at_once::all(&port, 0..64, |port, _| async move {
        port.take(&GUESS, &[rate(20, DAY), rate(10, DAY)]).await
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
}

pub async fn nobody_is_vouched_for_at_first(port: Arc<dyn LoginThrottle>) {
    assert!(!port.is_vouched(&GUESS).await);
}

pub async fn whoever_is_vouched_for_is_so_with_this_key_only(port: Arc<dyn LoginThrottle>) {
    port.vouch(&GUESS, HOUR).await;
    assert!(port.is_vouched(&GUESS).await);
    for other in [key(Scope::LoginGuess, 2), key(Scope::LoginAccount, 1)] {
        assert!(!port.is_vouched(&other).await);
    }
}

pub async fn vouching_for_no_time_is_not_vouching(port: Arc<dyn LoginThrottle>) {
    port.vouch(&GUESS, Duration::ZERO).await;
    assert!(!port.is_vouched(&GUESS).await);
}

pub async fn vouching_again_is_vouching(port: Arc<dyn LoginThrottle>) {
    for lifetime in [HOUR, DAY, HOUR] {
        port.vouch(&GUESS, lifetime).await;
        assert!(port.is_vouched(&GUESS).await);
    }
}

pub async fn vouching_and_counting_are_apart(port: Arc<dyn LoginThrottle>) {
    let rates = [rate(3, DAY)];
    assert_eq!(passed(&port, &GUESS, &rates, 9).await, 3);
    assert!(!port.is_vouched(&GUESS).await);
    port.vouch(&GUESS, HOUR).await;
    assert!(port.take(&GUESS, &rates).await.is_err());
    port.give_back(&GUESS, &rates).await;
    assert!(port.is_vouched(&GUESS).await);
}
