//! A password that an operator sets for somebody who has forgotten theirs.

use std::sync::Arc;

use doorward_domain::Origin;
use doorward_domain::port::{HasherError, MockPasswordHasher, MockUserRepository, UserRepository};
use doorward_domain::sessions::{LoginError, PasswordSet, SessionPorts, Sessions, SetPasswordError};
use doorward_domain::user::{PasswordWeakness, User};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{ADA, assert_over, hashed_by, out_of_reach, sessions_with, set_active, with_ada};

const NEW: &str = "another horse batt";

async fn set(sessions: &Sessions, address: &str, password: &str) -> Result<PasswordSet, SetPasswordError> {
    sessions.set_password_as_operator(&sample::email(address), &sample::password(password)).await
}

async fn login(service: &Service, password: &str) -> Result<(), LoginError> {
    service.sessions.login(ADA, &sample::password(password), Origin::default()).await.map(drop)
}

#[tokio::test]
async fn the_password_that_is_set_logs_in_and_the_old_one_no_more() {
    let service = with_ada().await;
    set(&service.sessions, "Ada@Example.com", NEW).await.unwrap();
    login(&service, NEW).await.unwrap();
    let refused = login(&service, sample::PASSWORD).await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
}

#[tokio::test]
async fn ses_04_a_password_that_is_set_ends_every_session_and_those_of_others_go_on() {
    let service = with_ada().await;
    service.member("bea@example.com").await;
    let logins = [service.login(ADA).await, service.login(ADA).await];
    let bea = service.login("bea@example.com").await;
    let set = set(&service.sessions, ADA, NEW).await.unwrap();
    assert_eq!((set.user.username, set.ended), (sample::email(ADA), 2));
    for login in &logins {
        assert_over(&service, &login.tokens).await;
    }
    service.caller(&bea).await;
}

/// Whoever knows it may be somebody else.
#[tokio::test]
async fn the_password_that_is_there_already_is_set_like_any_other() {
    let service = with_ada().await;
    let before = service.login(ADA).await;
    assert_eq!(set(&service.sessions, ADA, sample::PASSWORD).await.unwrap().ended, 1);
    assert_over(&service, &before.tokens).await;
    service.login(ADA).await;
}

#[tokio::test]
async fn a_weak_password_is_not_set_and_ends_nothing() {
    let service = Service::default();
    let user = User { email: sample::email("reached@example.com"), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    let login = service.login("person1@example.com").await;
    for (password, weakness) in [
        ("short", PasswordWeakness::TooShort(8)),
        ("Password1", PasswordWeakness::Common),
        ("person1@example.com", PasswordWeakness::IsTheAddress),
        ("REACHED@example.com", PasswordWeakness::IsTheAddress),
    ] {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().never();
        let sessions =
            sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
        let refused = set(&sessions, "person1@example.com", password).await;
        assert!(matches!(refused, Err(SetPasswordError::Weak(reason)) if reason == weakness), "{refused:?}");
    }
    service.caller(&login).await;
    service.login("person1@example.com").await;
}

#[tokio::test]
async fn nobody_has_no_password_to_set() {
    let service = with_ada().await;
    let refused = set(&service.sessions, "nobody@example.com", NEW).await;
    assert!(matches!(refused, Err(SetPasswordError::UserNotFound)), "{refused:?}");
}

#[tokio::test]
async fn an_account_that_is_removed_meanwhile_has_no_password_to_set() {
    let service = with_ada().await;
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_set_password().times(1).returning(|_| Ok(None));
    let sessions = sessions_with(&service, |ports| SessionPorts { users: Arc::new(users), ..ports });
    let refused = set(&sessions, ADA, NEW).await;
    assert!(matches!(refused, Err(SetPasswordError::UserNotFound)), "{refused:?}");
}

#[tokio::test]
async fn a_closed_account_gets_its_password_and_stays_closed() {
    let service = with_ada().await;
    let ada = service.login(ADA).await.user;
    set_active(&service, &ada, false).await;
    let set = set(&service.sessions, ADA, NEW).await.unwrap();
    assert_eq!((set.user.active, set.ended), (false, 0));
    let refused = login(&service, NEW).await;
    assert!(matches!(refused, Err(LoginError::AccountDisabled)), "{refused:?}");
}

#[tokio::test]
async fn a_password_that_cannot_be_hashed_is_not_set() {
    let service = with_ada().await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_hash().returning(|_, _| Err(HasherError::Overloaded));
    let sessions = sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
    let refused = set(&sessions, ADA, NEW).await;
    assert!(matches!(refused, Err(SetPasswordError::Hasher(HasherError::Overloaded))), "{refused:?}");
    login(&service, sample::PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_store_out_of_reach_is_told_to_the_operator() {
    let service = with_ada().await;
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_set_password().returning(|_| Err(out_of_reach()));
    let sessions = sessions_with(&service, |ports| SessionPorts { users: Arc::new(users), ..ports });
    let refused = set(&sessions, ADA, NEW).await;
    assert!(matches!(refused, Err(SetPasswordError::Store(_))), "{refused:?}");
}
