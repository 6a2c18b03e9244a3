//! Changing the own password.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::audit::Deed;
use doorward_domain::port::{
    HasherError, MockPasswordHasher, MockUserRepository, PasswordChanged, UserRepository, Verdict,
};
use doorward_domain::sessions::{
    Caller, ChangePasswordError, Login, LoginError, RefreshError, SessionPorts, Sessions,
};
use doorward_domain::user::{PasswordWeakness, User};
use doorward_testkit::fake::{PlainPasswords, Service};
use doorward_testkit::sample;

use crate::{ADA, assert_over, hashed_by, out_of_reach, sessions_with, with_ada, without_a_key};

const NEW: &str = "another horse batt";

async fn change(
    sessions: &Sessions,
    caller: &Caller,
    current: &str,
    new: &str,
) -> Result<Login, ChangePasswordError> {
    sessions.change_password(caller, &sample::password(current), &sample::password(new)).await
}

/// Ada, logged in.
async fn ada_calls() -> (Service, Login, Caller) {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let caller = service.caller(&login).await;
    (service, login, caller)
}

#[tokio::test]
async fn the_new_password_logs_in_and_the_old_one_no_more() {
    let (service, _, caller) = ada_calls().await;
    change(&service.sessions, &caller, sample::PASSWORD, NEW).await.unwrap();
    service.sessions.login(ADA, &sample::password(NEW), Origin::default()).await.unwrap();
    let refused = service.sessions.login(ADA, &sample::password(sample::PASSWORD), Origin::default()).await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
}

#[tokio::test]
async fn every_other_session_ends_and_those_of_others_go_on() {
    let (service, login, caller) = ada_calls().await;
    service.member("bea@example.com").await;
    let others = [service.login(ADA).await, service.login(ADA).await];
    let bea = service.login("bea@example.com").await;
    let changed = change(&service.sessions, &caller, sample::PASSWORD, NEW).await.unwrap();
    for other in &others {
        assert_over(&service, &other.tokens).await;
    }
    assert_eq!(service.caller(&changed).await.session.id, caller.session.id);
    service.caller(&login).await;
    service.caller(&bea).await;
}

#[tokio::test]
async fn the_session_that_asked_goes_on_with_a_new_pair_and_its_old_end() {
    let (service, login, caller) = ada_calls().await;
    service.clock.advance(Duration::from_secs(60));
    let changed = change(&service.sessions, &caller, sample::PASSWORD, NEW).await.unwrap();
    assert_ne!(changed.tokens, login.tokens);
    assert_eq!(changed.tokens.refresh_expires_at, login.tokens.refresh_expires_at);
    assert_eq!(changed.user.id, login.user.id);
    service.sessions.refresh(&changed.tokens.refresh, &Origin::default()).await.unwrap();
}

#[tokio::test]
async fn the_refresh_token_from_before_the_change_is_not_replayed() {
    let (service, login, caller) = ada_calls().await;
    let changed = change(&service.sessions, &caller, sample::PASSWORD, NEW).await.unwrap();
    let refused = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Reused)), "{refused:?}");
    assert_over(&service, &changed.tokens).await;
}

#[tokio::test]
async fn a_wrong_current_password_changes_nothing() {
    let (service, _, caller) = ada_calls().await;
    let other = service.login(ADA).await;
    let refused = change(&service.sessions, &caller, "not the password", NEW).await;
    assert!(matches!(refused, Err(ChangePasswordError::WrongPassword)), "{refused:?}");
    service.caller(&other).await;
    service.login(ADA).await;
}

#[tokio::test]
async fn a_weak_new_password_is_refused_with_the_reason() {
    let service = Service::default();
    let user = User { email: sample::email("reached@example.com"), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    let caller = service.caller(&service.login("person1@example.com").await).await;
    for (new, weakness) in [
        ("short", PasswordWeakness::TooShort(8)),
        (&*"long".repeat(65), PasswordWeakness::TooLong(256)),
        ("Password1", PasswordWeakness::Common),
        ("person1@example.com", PasswordWeakness::IsTheAddress),
        ("REACHED@example.com", PasswordWeakness::IsTheAddress),
    ] {
        let refused = change(&service.sessions, &caller, sample::PASSWORD, new).await;
        assert!(
            matches!(refused, Err(ChangePasswordError::Weak(reason)) if reason == weakness),
            "{refused:?}"
        );
    }
    service.login("person1@example.com").await;
}

#[tokio::test]
async fn an_outdated_hash_proves_the_current_password_too() {
    let service = Service::default();
    let user = User { password: PlainPasswords::imported(sample::PASSWORD), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    let session = sample::login(&user, 1, sample::NOW);
    doorward_domain::port::SessionRepository::open(&*service.store, &session).await.unwrap();
    change(&service.sessions, &sample::caller(&user), sample::PASSWORD, NEW).await.unwrap();
}

#[tokio::test]
async fn of_two_changes_at_once_the_second_is_stale() {
    let (service, _, caller) = ada_calls().await;
    change(&service.sessions, &caller, sample::PASSWORD, NEW).await.unwrap();
    // The caller still has the account as it was before the first change.
    let refused = change(&service.sessions, &caller, sample::PASSWORD, "a third horse batt").await;
    assert!(matches!(refused, Err(ChangePasswordError::Stale)), "{refused:?}");
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_changes_nothing() {
    let (service, _, caller) = ada_calls().await;
    service.sessions.logout(&caller).await.unwrap();
    let refused = change(&service.sessions, &caller, sample::PASSWORD, NEW).await;
    assert!(matches!(refused, Err(ChangePasswordError::SessionEnded)), "{refused:?}");
    service.login(ADA).await;
}

#[tokio::test]
async fn an_account_that_was_removed_meanwhile_has_no_password_to_change() {
    let (service, login, caller) = ada_calls().await;
    service.store.delete_with_sessions(login.user.id, &Deed::default()).await.unwrap();
    let refused = change(&service.sessions, &caller, sample::PASSWORD, NEW).await;
    assert!(matches!(refused, Err(ChangePasswordError::SessionEnded)), "{refused:?}");
}

#[tokio::test]
async fn a_full_hashing_queue_is_told_before_and_after_the_check() {
    let (service, _, caller) = ada_calls().await;
    let mut before = MockPasswordHasher::new();
    before.expect_verify().returning(|_, _, _| Err(HasherError::Overloaded));
    let mut after = MockPasswordHasher::new();
    after.expect_verify().returning(|_, _, _| Ok(Verdict::Right));
    after.expect_hash().returning(|_, _| Err(HasherError::Overloaded));
    for hasher in [before, after] {
        let sessions =
            sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
        let refused = change(&sessions, &caller, sample::PASSWORD, NEW).await;
        assert!(matches!(refused, Err(ChangePasswordError::Hasher(HasherError::Overloaded))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_told() {
    let (service, _, caller) = ada_calls().await;
    let sessions = sessions_with(&service, |ports| SessionPorts { tokens: without_a_key(), ..ports });
    let refused = change(&sessions, &caller, sample::PASSWORD, NEW).await;
    assert!(matches!(refused, Err(ChangePasswordError::Sign(_))), "{refused:?}");
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let (service, _, caller) = ada_calls().await;
    let mut users = MockUserRepository::new();
    users.expect_change_password().returning(|_| Err::<PasswordChanged, _>(out_of_reach()));
    let sessions = sessions_with(&service, |ports| SessionPorts { users: Arc::new(users), ..ports });
    let refused = change(&sessions, &caller, sample::PASSWORD, NEW).await;
    assert!(matches!(refused, Err(ChangePasswordError::Store(_))), "{refused:?}");
}

#[tokio::test]
async fn aut_07_a_new_password_that_the_rules_refuse_costs_no_hashing() {
    let (service, _, caller) = ada_calls().await;
    for new in ["short", "password", &"x".repeat(257)] {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().never();
        hasher.expect_hash().never();
        let sessions =
            sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
        let refused = change(&sessions, &caller, "anything", new).await;
        assert!(matches!(refused, Err(ChangePasswordError::Weak(_))), "{refused:?}");
    }
}
