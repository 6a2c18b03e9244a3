//! Guessing passwords, and what stops it.

use std::future::ready;
use std::net::IpAddr;
use std::sync::Arc;

use doorward_domain::Passwords;
use doorward_domain::port::{HasherError, MockPasswordHasher, Verdict};
use doorward_domain::sessions::{LoginError, SessionPorts, SessionRules, Sessions};
use doorward_domain::throttle::Limits;
use doorward_domain::user::PasswordRules;
use doorward_testkit::fake::{FewCommonPasswords, Service, StuckPasswords};
use doorward_testkit::sample;

use crate::{
    ADA, BEA, DAY, ELSEWHERE, HOME, MINUTE, Outcome, attempt, guess, guesses, hashed_by, know, service,
    service_with, strange, strangers,
};

#[tokio::test]
async fn wrong_passwords_from_one_network_are_stopped_at_ten_and_go_on_one_in_half_a_minute() {
    let service = service().await;
    assert_eq!(guesses(&service, HOME, ADA, 50).await, 10);
    assert_eq!(guess(&service, HOME, ADA).await, Outcome::TooMany(MINUTE / 2));
    service.clock.advance(MINUTE / 2);
    assert_eq!(guesses(&service, HOME, ADA, 50).await, 1);
}

#[tokio::test]
async fn aut_13_wrong_passwords_from_many_networks_are_stopped_at_thirty() {
    let service = service().await;
    assert_eq!(strangers(&service, ADA, 150).await, 30);
    assert_eq!(guess(&service, ELSEWHERE, ADA).await, Outcome::TooMany(MINUTE / 2));
}

/// Strangers who come all day, each from a network of their own, each as soon as something may pass.
#[tokio::test]
async fn aut_13_at_most_a_hundred_wrong_passwords_are_compared_in_a_day() {
    let service = service().await;
    let mut compared = Vec::new();
    for day in 0..3 {
        let mut of_the_day = 0;
        for half_minute in 0..2_880 {
            service.clock.advance(MINUTE / 2);
            of_the_day += guesses(&service, strange(day * 2_880 + half_minute), ADA, 1).await;
        }
        compared.push(of_the_day);
    }
    // At first all that a day allows are there at once, and as many come back on that day.
    assert!(compared[0] <= 100, "{compared:?}");
    assert!(compared[1] <= 51 && compared[2] <= 51, "{compared:?}");
}

#[tokio::test]
async fn aut_13_while_an_account_waits_not_even_the_right_password_is_compared_from_a_strange_network() {
    let service = service().await;
    strangers(&service, ADA, 30).await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().never();
    hasher.expect_verify_nobody().never();
    let sessions = hashed_by(&service, hasher);
    for number in 100..110 {
        let outcome = attempt(&sessions, strange(number), ADA, sample::PASSWORD).await;
        assert!(outcome.is_too_many(), "{outcome:?}");
    }
}

#[tokio::test]
async fn aut_17_spraying_from_one_network_is_stopped_and_other_networks_are_not() {
    let service = service().await;
    let mut compared = 0;
    for number in 0..300 {
        let outcome = guess(&service, ELSEWHERE, &format!("person{number}@example.com")).await;
        compared += usize::from(outcome == Outcome::Wrong);
    }
    assert_eq!(compared, 120);
    assert!(know(&service, ELSEWHERE, ADA).await.is_too_many());
    assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
}

#[tokio::test]
async fn aut_01_known_and_unknown_accounts_are_stopped_at_the_same_count_and_told_to_wait_as_long() {
    let service = service().await;
    let usernames = [ADA, "nobody@example.com", "no address at all"];
    for _ in 0..40 {
        let mut outcomes = Vec::new();
        for username in usernames {
            outcomes.push(guess(&service, HOME, username).await);
        }
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    }
    for number in 0..40 {
        let mut outcomes = Vec::new();
        for username in usernames {
            outcomes.push(guess(&service, strange(number), username).await);
        }
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    }
    assert!(guess(&service, ELSEWHERE, ADA).await.is_too_many());
}

#[tokio::test]
async fn whoever_is_refused_costs_no_hashing() {
    let service = service().await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().times(10).returning(|_, _, _| Ok(Verdict::Wrong));
    hasher.expect_verify_nobody().times(10).returning(|_, _| Ok(()));
    let sessions = hashed_by(&service, hasher);
    for username in [ADA, "nobody@example.com"] {
        for _ in 0..30 {
            attempt(&sessions, HOME, username, "anything").await;
        }
    }
}

#[tokio::test]
async fn every_spelling_of_an_address_is_counted_together() {
    let service = service().await;
    let spellings = [ADA, "Ada@Example.COM", "ADA@example.com"];
    let mut compared = 0;
    for spelling in spellings.iter().cycle().take(30) {
        compared += guesses(&service, HOME, spelling, 1).await;
    }
    assert_eq!(compared, 10);
}

#[tokio::test]
async fn dos_06_the_addresses_of_one_ipv6_line_are_counted_together() {
    let service = service().await;
    let address = |line: u16, host: u16| -> IpAddr { [0x2001, 0xdb8, 0, line, 0, 0, 0, host].into() };
    let mut compared = 0;
    for host in 0..30 {
        compared += guesses(&service, address(1, host), ADA, 1).await;
    }
    assert_eq!(compared, 10);
    assert_eq!(guess(&service, address(2, 1), ADA).await, Outcome::Wrong);
}

#[tokio::test]
async fn one_account_is_not_stopped_by_what_was_tried_for_another() {
    let service = service().await;
    strangers(&service, ADA, 40).await;
    guesses(&service, HOME, ADA, 20).await;
    assert_eq!(guesses(&service, HOME, BEA, 20).await, 10);
    assert_eq!(know(&service, ELSEWHERE, BEA).await, Outcome::LoggedIn);
}

#[tokio::test]
async fn right_passwords_cost_nobody_anything() {
    let service = service().await;
    for _ in 0..100 {
        assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
    }
    service.clock.advance(MINUTE);
    for number in 0..100 {
        assert_eq!(know(&service, strange(number), BEA).await, Outcome::LoggedIn);
    }
    // The one as from a network that is known by now, the other as from a strange one.
    assert_eq!(guesses(&service, HOME, ADA, 50).await, 40);
    assert_eq!(guesses(&service, HOME, BEA, 20).await, 10);
}

/// They count as much as wrong ones for the network they come from: hashing them costs as much.
#[tokio::test]
async fn right_passwords_are_bounded_by_the_network_alone() {
    let service = service().await;
    let mut logged_in = 0;
    for _ in 0..150 {
        logged_in += usize::from(know(&service, HOME, ADA).await == Outcome::LoggedIn);
    }
    assert_eq!(logged_in, 120);
}

#[tokio::test]
async fn a_try_that_compared_nothing_does_not_count() {
    let service = service_with(Limits { login_network: Vec::new(), ..Limits::default() }).await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().times(200).returning(|_, _, _| Err(HasherError::Overloaded));
    let sessions = hashed_by(&service, hasher);
    for _ in 0..200 {
        let origin = sample::origin(Some(HOME));
        let refused = sessions.login(ADA, &sample::password("anything"), origin).await;
        assert!(matches!(refused, Err(LoginError::Hasher(HasherError::Overloaded))), "{refused:?}");
    }
    assert_eq!(guesses(&service, HOME, ADA, 20).await, 10);
}

/// Nobody learned anything, and somebody in a hurry is no guesser.
#[tokio::test]
async fn whoever_hangs_up_before_the_password_is_compared_has_not_guessed() {
    let service = service_with(Limits { login_network: Vec::new(), ..Limits::default() }).await;
    let passwords =
        Passwords::new(Arc::new(StuckPasswords), Arc::new(FewCommonPasswords), PasswordRules::default());
    let ports = SessionPorts { passwords, ..service.session_ports() };
    let sessions = Sessions::new(ports, SessionRules::default());
    for username in [ADA, "nobody@example.com"] {
        for _ in 0..200 {
            let password = sample::password("anything");
            let login = sessions.login(username, &password, sample::origin(Some(HOME)));
            tokio::select! {
                biased;
                login = login => unreachable!("it waits for its turn: {login:?}"),
                () = ready(()) => {}
            }
        }
        assert_eq!(guesses(&service, HOME, username, 20).await, 10);
    }
}

#[tokio::test]
async fn without_an_address_the_account_alone_is_counted() {
    let service = service().await;
    let mut compared = 0;
    for _ in 0..200 {
        compared += usize::from(guess(&service, None, ADA).await == Outcome::Wrong);
    }
    assert_eq!(compared, 30);
    assert!(know(&service, None, ADA).await.is_too_many());
    assert_eq!(know(&service, None, BEA).await, Outcome::LoggedIn);
}

#[tokio::test]
async fn without_limits_or_without_a_guard_nobody_is_stopped() {
    let unguarded = Service::default();
    unguarded.member(ADA).await;
    for service in [unguarded, service_with(Limits::none()).await] {
        assert_eq!(guesses(&service, HOME, ADA, 300).await, 300);
        assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
    }
}

#[tokio::test]
async fn after_a_day_or_two_nothing_is_held_against_anybody() {
    let service = service().await;
    guesses(&service, HOME, ADA, 200).await;
    strangers(&service, ADA, 200).await;
    service.clock.advance(DAY * 2);
    assert_eq!(guesses(&service, HOME, ADA, 20).await, 10);
    assert_eq!(strangers(&service, ADA, 200).await, 20);
}
