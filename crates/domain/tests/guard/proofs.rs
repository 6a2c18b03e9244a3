//! Wrong current passwords of somebody who is logged in: a stolen token is not to be worth a guess at the password.

use std::sync::Arc;

use doorward_domain::Passwords;
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, UpdateError};
use doorward_domain::port::{HasherError, MockPasswordHasher, Verdict};
use doorward_domain::sessions::{Caller, ChangePasswordError, Sessions};
use doorward_domain::user::{PasswordRules, UserChanges};
use doorward_testkit::fake::{FewCommonPasswords, Service};
use doorward_testkit::sample;

use crate::{ADA, BEA, HOME, MINUTE, Outcome, WRONG, guesses, hashed_by, know, service};

const NEW: &str = "another horse batt";

/// Somebody with an account, logged in.
async fn caller(service: &Service, address: &str) -> Caller {
    service.caller(&service.login(address).await).await
}

/// The caller wants another password.
async fn change(sessions: &Sessions, caller: &Caller, current: &str) -> Result<(), ChangePasswordError> {
    let (current, new) = (sample::password(current), sample::password(NEW));
    sessions.change_password(caller, &current, &new).await.map(|_| ())
}

/// The caller wants another address.
async fn move_to(
    accounts: &Accounts,
    caller: &Caller,
    address: &str,
    current: &str,
) -> Result<(), UpdateError> {
    let changes = UserChanges { email: Some(sample::email(address)), ..UserChanges::default() };
    let current = sample::password(current);
    accounts.update(caller, &caller.user.username, changes, Some(&current)).await.map(|_| ())
}

#[tokio::test]
async fn aut_12_wrong_current_passwords_are_stopped_at_ten() {
    let service = service().await;
    let caller = caller(&service, ADA).await;
    for _ in 0..10 {
        let refused = change(&service.sessions, &caller, WRONG).await;
        assert!(matches!(refused, Err(ChangePasswordError::WrongPassword)), "{refused:?}");
    }
    for current in [WRONG, sample::PASSWORD] {
        let refused = change(&service.sessions, &caller, current).await;
        assert!(
            matches!(refused, Err(ChangePasswordError::TooMany(too_many)) if too_many.retry_after == MINUTE / 2),
            "{refused:?}"
        );
    }
    service.clock.advance(MINUTE / 2);
    change(&service.sessions, &caller, sample::PASSWORD).await.unwrap();
}

#[tokio::test]
async fn aut_12_passwords_for_a_new_address_are_counted_with_those_for_a_new_password() {
    let service = service().await;
    let caller = caller(&service, ADA).await;
    for _ in 0..5 {
        change(&service.sessions, &caller, WRONG).await.unwrap_err();
        let refused = move_to(&service.accounts, &caller, "new@example.com", WRONG).await;
        assert!(matches!(refused, Err(UpdateError::WrongPassword)), "{refused:?}");
    }
    let refused = move_to(&service.accounts, &caller, "new@example.com", sample::PASSWORD).await;
    assert!(matches!(refused, Err(UpdateError::TooMany(_))), "{refused:?}");
    let refused = change(&service.sessions, &caller, sample::PASSWORD).await;
    assert!(matches!(refused, Err(ChangePasswordError::TooMany(_))), "{refused:?}");
}

#[tokio::test]
async fn aut_12_every_session_of_an_account_is_counted_together() {
    let service = service().await;
    let (here, there) = (caller(&service, ADA).await, caller(&service, ADA).await);
    for _ in 0..5 {
        change(&service.sessions, &here, WRONG).await.unwrap_err();
        change(&service.sessions, &there, WRONG).await.unwrap_err();
    }
    let refused = change(&service.sessions, &there, WRONG).await;
    assert!(matches!(refused, Err(ChangePasswordError::TooMany(_))), "{refused:?}");
}

#[tokio::test]
async fn whoever_is_refused_costs_no_hashing() {
    let service = service().await;
    let caller = caller(&service, ADA).await;
    let hasher = |times| {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().times(times).returning(|_, _, _| Ok(Verdict::Wrong));
        hasher.expect_hash().never();
        hasher.expect_has_room().return_const(true);
        hasher
    };
    let sessions = hashed_by(&service, hasher(10));
    for _ in 0..30 {
        change(&sessions, &caller, "anything").await.unwrap_err();
    }
    let passwords =
        Passwords::new(Arc::new(hasher(0)), Arc::new(FewCommonPasswords), PasswordRules::default());
    let ports = AccountPorts { passwords, ..service.account_ports() };
    let accounts = Accounts::new(ports, AccountRules::default());
    let refused = move_to(&accounts, &caller, "new@example.com", "anything").await;
    assert!(matches!(refused, Err(UpdateError::TooMany(_))), "{refused:?}");
}

#[tokio::test]
async fn right_current_passwords_cost_nobody_anything() {
    let service = service().await;
    let caller = caller(&service, ADA).await;
    for number in 0..30 {
        let caller = Caller { user: service.login(ADA).await.user, ..caller.clone() };
        move_to(&service.accounts, &caller, &format!("ada{number}@example.com"), sample::PASSWORD)
            .await
            .unwrap();
    }
    for _ in 0..10 {
        let refused = change(&service.sessions, &caller, WRONG).await;
        assert!(matches!(refused, Err(ChangePasswordError::WrongPassword)), "{refused:?}");
    }
}

#[tokio::test]
async fn what_compares_no_password_does_not_count() {
    let service = service().await;
    let caller = caller(&service, ADA).await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().times(50).returning(|_, _, _| Err(HasherError::Overloaded));
    let overloaded = hashed_by(&service, hasher);
    for _ in 0..50 {
        let refused = change(&overloaded, &caller, "anything").await;
        assert!(matches!(refused, Err(ChangePasswordError::Hasher(HasherError::Overloaded))), "{refused:?}");
        let (wrong, weak) = (sample::password(WRONG), sample::password("short"));
        let refused = service.sessions.change_password(&caller, &wrong, &weak).await;
        assert!(matches!(refused, Err(ChangePasswordError::Weak(_))), "{refused:?}");
        let changes = UserChanges { email: Some(sample::email("new@example.com")), ..UserChanges::default() };
        let refused = service.accounts.update(&caller, &caller.user.username, changes, None).await;
        assert!(matches!(refused, Err(UpdateError::PasswordRequired)), "{refused:?}");
    }
    change(&service.sessions, &caller, sample::PASSWORD).await.unwrap();
}

#[tokio::test]
async fn what_needs_no_proof_is_not_stopped() {
    let service = service().await;
    let caller = caller(&service, ADA).await;
    for _ in 0..20 {
        change(&service.sessions, &caller, WRONG).await.unwrap_err();
    }
    let changes = UserChanges::default();
    service.accounts.update(&caller, &caller.user.username, changes, None).await.unwrap();
}

#[tokio::test]
async fn proofs_and_logins_and_other_people_are_counted_apart() {
    let service = service().await;
    let (ada, bea) = (caller(&service, ADA).await, caller(&service, BEA).await);
    for _ in 0..20 {
        change(&service.sessions, &ada, WRONG).await.unwrap_err();
    }
    assert_eq!(know(&service, HOME, ADA).await, Outcome::LoggedIn);
    assert_eq!(guesses(&service, HOME, ADA, 50).await, 40);
    assert_eq!(guesses(&service, HOME, BEA, 20).await, 10);
    change(&service.sessions, &bea, sample::PASSWORD).await.unwrap();
}
