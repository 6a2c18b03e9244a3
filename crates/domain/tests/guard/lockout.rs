//! What is meant against guessers is no weapon against the owner.

use doorward_domain::port::Clock;
use doorward_domain::throttle::Limits;
use doorward_domain::user::UserChanges;
use doorward_testkit::sample;

use crate::{
    ADA, BEA, DAY, ELSEWHERE, HOME, MINUTE, Outcome, guess, guesses, know, service, service_with, strange,
    strangers,
};

#[tokio::test]
async fn aut_14_wrong_passwords_from_one_network_do_not_lock_the_owner_out_elsewhere() {
    let service = service().await;
    let mut compared = 0;
    for _ in 0..60 {
        compared += guesses(&service, ELSEWHERE, ADA, 20).await;
        service.clock.advance(MINUTE / 60);
        assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
    }
    assert!(compared < 15, "{compared}");
}

/// Nobody has logged in from there before: only the account's own limit could be in the way.
#[tokio::test]
async fn aut_14_a_single_network_cannot_spend_what_an_account_allows() {
    let service = service().await;
    for _ in 0..2_880 {
        service.clock.advance(MINUTE / 2);
        guess(&service, ELSEWHERE, ADA).await;
    }
    assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
}

#[tokio::test]
async fn aut_14_a_network_that_somebody_has_logged_in_from_is_not_bound_by_the_accounts_limit() {
    let service = service().await;
    know(&service, HOME, ADA).await;
    for day in 0..7 {
        strangers(&service, ADA, 200).await;
        assert!(guess(&service, strange(1_000 + day), ADA).await.is_too_many());
        assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
        service.clock.advance(DAY);
    }
}

#[tokio::test]
async fn aut_14_from_a_strange_network_the_owner_waits_half_a_minute_once_the_strangers_are_gone() {
    let service = service().await;
    strangers(&service, ADA, 200).await;
    let Outcome::TooMany(wait) = know(&service, HOME, ADA).await else {
        unreachable!("strangers have spent what the account allows")
    };
    assert!(wait <= MINUTE / 2, "{wait:?}");
    service.clock.advance(wait);
    assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
}

/// Nothing was compared: neither the account's wait nor that of the owner's network grows by it.
#[tokio::test]
async fn aut_14_asking_too_early_makes_nobody_wait_longer() {
    let service = service().await;
    // All that a day allows, and what came back since: from now on it is a quarter of an hour to the next try.
    for number in 0..3_000 {
        service.clock.advance(MINUTE / 2);
        let outcome = guess(&service, strange(number), ADA).await;
        if number > 2_880 && outcome == Outcome::Wrong {
            break;
        }
    }
    let Outcome::TooMany(wait) = know(&service, HOME, ADA).await else {
        unreachable!("strangers have spent what the account allows")
    };
    let soon = service.clock.now().plus(wait);
    assert!(wait > MINUTE * 10, "{wait:?}");
    while service.clock.now() < soon.minus(MINUTE / 6) {
        assert!(know(&service, HOME, ADA).await.is_too_many());
        service.clock.advance(MINUTE / 6);
    }
    service.clock.set(soon);
    assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
}

#[tokio::test]
async fn guesses_from_the_owners_network_are_stopped_all_the_same() {
    let service = service().await;
    know(&service, HOME, ADA).await;
    assert_eq!(guesses(&service, HOME, ADA, 50).await, 40);
    assert!(know(&service, HOME, ADA).await.is_too_many());
    assert_eq!(know(&service, ELSEWHERE, ADA).await, Outcome::LoggedIn);
}

#[tokio::test]
async fn aut_15_whoever_gets_it_right_now_and_then_is_never_stopped() {
    let service = service().await;
    for _ in 0..10 {
        for _ in 0..4 {
            assert_eq!(guess(&service, HOME, ADA).await, Outcome::Wrong);
        }
        assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
    }
    assert_eq!(guesses(&service, HOME, ADA, 50).await, 40);
}

/// They are bound by the network's own count; the account's is for strangers.
#[tokio::test]
async fn guesses_from_the_owners_network_are_not_counted_against_the_account() {
    let limits = Limits { login_guess: Vec::new(), ..Limits::default() };
    let service = service_with(limits).await;
    know(&service, HOME, ADA).await;
    assert_eq!(guesses(&service, HOME, ADA, 100).await, 100);
    assert_eq!(know(&service, ELSEWHERE, ADA).await, Outcome::LoggedIn);
}

#[tokio::test]
async fn a_login_to_one_account_says_nothing_about_another() {
    let service = service().await;
    know(&service, HOME, BEA).await;
    strangers(&service, ADA, 30).await;
    assert!(know(&service, HOME, ADA).await.is_too_many());
}

#[tokio::test]
async fn a_network_is_known_for_thirty_days_after_the_last_login_from_it() {
    let service = service().await;
    for _ in 0..3 {
        know(&service, HOME, ADA).await;
        service.clock.advance(DAY * 29);
    }
    strangers(&service, ADA, 30).await;
    assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
    service.clock.advance(DAY * 31);
    strangers(&service, ADA, 30).await;
    assert!(know(&service, HOME, ADA).await.is_too_many());
}

#[tokio::test]
async fn a_wrong_password_makes_no_network_known() {
    let service = service().await;
    guess(&service, HOME, ADA).await;
    strangers(&service, ADA, 29).await;
    assert!(know(&service, HOME, ADA).await.is_too_many());
}

#[tokio::test]
async fn aut_14_a_network_is_known_under_every_name_of_the_account() {
    let service = service().await;
    // A device that does not say where it is.
    let caller = service.caller(&service.login(ADA).await).await;
    let changes = UserChanges { email: Some(sample::email("new@example.com")), ..UserChanges::default() };
    let password = sample::password(sample::PASSWORD);
    service.accounts.update(&caller, &caller.user.username, changes, Some(&password)).await.unwrap();
    know(&service, HOME, ADA).await;
    strangers(&service, "new@example.com", 200).await;
    assert_eq!(know(&service, HOME, "new@example.com").await, Outcome::LoggedIn);
    assert!(know(&service, ELSEWHERE, "new@example.com").await.is_too_many());
}
