//! Logging in.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::port::{
    HasherError, MockPasswordHasher, MockSessionRepository, MockUserRepository, Opened, UserRepository,
    Verdict,
};
use doorward_domain::sessions::{LoginError, SessionPorts, SessionRules};
use doorward_domain::throttle::Network;
use doorward_domain::token::Device;
use doorward_domain::user::{HashScheme, User};
use doorward_testkit::fake::{PlainPasswords, Service};
use doorward_testkit::sample;

use crate::{
    ADA, assert_over, hashed_by, out_of_reach, sessions_with, set_active, with_ada, with_ada_and,
    without_a_key,
};

async fn try_login(service: &Service, username: &str, password: &str) -> Result<(), LoginError> {
    let password = sample::password(password);
    service.sessions.login(username, &password, Origin::default()).await.map(|_| ())
}

#[tokio::test]
async fn whoever_knows_the_password_gets_a_pair_that_lasts_as_the_rules_say() {
    let service = with_ada().await;
    service.clock.advance(Duration::from_millis(1_700));
    let login = service.login(ADA).await;
    let (issued_at, rules) = (sample::seconds_later(1), SessionRules::default());
    assert_eq!(login.tokens.issued_at, issued_at);
    assert_eq!(login.tokens.access_expires_at, issued_at.plus(rules.access_lifetime));
    assert_eq!(login.tokens.refresh_expires_at, issued_at.plus(rules.refresh_lifetime));
    assert_eq!(login.user.last_login, Some(sample::NOW.plus(Duration::from_millis(1_700))));
    assert_eq!(service.caller(&login).await.user, login.user);
    service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
}

#[tokio::test]
async fn username_and_email_both_log_in_in_any_spelling() {
    let service = Service::default();
    let user = User { email: sample::email("reached@bücher.example"), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    for username in ["person1@example.com", "PERSON1@example.com", "Reached@XN--BCHER-KVA.example"] {
        assert_eq!(service.login(username).await.user.id, user.id);
    }
}

#[tokio::test]
async fn a_wrong_password_an_unknown_user_and_no_address_are_refused_alike() {
    let service = with_ada().await;
    for (username, password) in [
        (ADA, "not the password"),
        ("bea@example.com", sample::PASSWORD),
        ("ada", sample::PASSWORD),
        ("", ""),
    ] {
        let refused = try_login(&service, username, password).await.unwrap_err();
        assert!(matches!(refused, LoginError::InvalidCredentials), "{refused:?}");
        assert_eq!(refused.to_string(), LoginError::InvalidCredentials.to_string());
    }
}

#[tokio::test]
async fn an_unknown_user_costs_the_work_of_one_password() {
    for username in ["nobody@example.com", "no address at all", ""] {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify_nobody().times(1).returning(|_, _| Ok(()));
        hasher.expect_verify().never();
        hasher.expect_hash().never();
        let service = with_ada().await;
        let sessions =
            sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
        let refused = sessions.login(username, &sample::password("anything"), Origin::default()).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_known_user_costs_the_work_of_one_password_whether_open_or_closed() {
    let service = with_ada().await;
    let closed = User { active: false, ..sample::user(1) };
    service.store.insert(&closed, &[]).await.unwrap();
    for username in [ADA, "person1@example.com"] {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().times(1).returning(|_, _, _| Ok(Verdict::Wrong));
        hasher.expect_verify_nobody().never();
        hasher.expect_hash().never();
        let sessions =
            sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
        let refused = sessions.login(username, &sample::password("anything"), Origin::default()).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
    }
}

#[tokio::test]
async fn that_an_account_is_disabled_is_told_to_the_right_password_only() {
    let service = with_ada().await;
    let user = service.login(ADA).await.user;
    set_active(&service, &user, false).await;
    let refused = try_login(&service, ADA, "not the password").await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
    let refused = try_login(&service, ADA, sample::PASSWORD).await;
    assert!(matches!(refused, Err(LoginError::AccountDisabled)), "{refused:?}");
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_the_next_login() {
    let service = Service::default();
    let user = User { password: PlainPasswords::imported(sample::PASSWORD), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    service.login("person1@example.com").await;
    let stored = service.store.find(user.id).await.unwrap().unwrap();
    assert_eq!(stored.password.scheme(), HashScheme::Peppered);
    service.login("person1@example.com").await;
    let refused = try_login(&service, "person1@example.com", "not the password").await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
}

#[tokio::test]
async fn an_outdated_hash_that_there_is_no_room_to_replace_logs_in_all_the_same() {
    let service = with_ada().await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().returning(|_, _, _| Ok(Verdict::RightButOutdated));
    hasher.expect_hash().times(1).returning(|_, _| Err(HasherError::Overloaded));
    let sessions = sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
    sessions.login(ADA, &sample::password("anything"), Origin::default()).await.unwrap();
}

#[tokio::test]
async fn a_hash_in_force_is_not_made_anew() {
    let service = with_ada().await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().times(1).returning(|_, _, _| Ok(Verdict::Right));
    hasher.expect_hash().never();
    let sessions = sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
    sessions.login(ADA, &sample::password("anything"), Origin::default()).await.unwrap();
}

#[tokio::test]
async fn the_rules_for_new_passwords_do_not_lock_out_an_old_one() {
    let service = Service::default();
    let user = User { password: PlainPasswords::hash_of("1234"), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    try_login(&service, "person1@example.com", "1234").await.unwrap();
}

#[tokio::test]
async fn a_session_remembers_what_logged_in() {
    let service = with_ada().await;
    let device =
        Device { user_agent: Some("Mozilla/5.0".to_owned()), address: Some("2001:db8::1".parse().unwrap()) };
    let password = sample::password(sample::PASSWORD);
    let login = service
        .sessions
        .login(ADA, &password, Origin { device: device.clone(), request_id: None })
        .await
        .unwrap();
    assert_eq!(service.caller(&login).await.session.device, device);
}

#[tokio::test]
async fn every_login_is_a_session_of_its_own() {
    let service = with_ada().await;
    let (one, other) = (service.login(ADA).await, service.login(ADA).await);
    assert_ne!(one.tokens, other.tokens);
    assert_ne!(service.caller(&one).await.session.id, service.caller(&other).await.session.id);
}

#[tokio::test]
async fn the_thirty_third_session_ends_the_oldest() {
    let service = with_ada().await;
    let mut logins = Vec::new();
    for _ in 0..33 {
        service.clock.advance(Duration::from_secs(1));
        logins.push(service.login(ADA).await);
    }
    assert_over(&service, &logins[0].tokens).await;
    for login in &logins[1..] {
        service.caller(login).await;
    }
}

#[tokio::test]
async fn how_many_sessions_an_account_may_have_is_a_setting() {
    let service = with_ada_and(SessionRules { max_live: 1, ..SessionRules::default() }).await;
    let (one, other) = (service.login(ADA).await, service.login(ADA).await);
    assert_over(&service, &one.tokens).await;
    service.caller(&other).await;
}

#[tokio::test]
async fn a_password_that_changes_during_the_login_opens_nothing() {
    let service = with_ada().await;
    let mut store = MockSessionRepository::new();
    store.expect_open().times(1).returning(|_| Ok(Opened::CredentialChanged));
    let sessions = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
    let password = sample::password(sample::PASSWORD);
    let refused = sessions.login(ADA, &password, Origin::default()).await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
}

#[tokio::test]
async fn a_full_hashing_queue_is_told_to_known_and_unknown_users() {
    let service = with_ada().await;
    for username in [ADA, "nobody@example.com"] {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().returning(|_, _, _| Err(HasherError::Overloaded));
        hasher.expect_verify_nobody().returning(|_, _| Err(HasherError::Overloaded));
        let sessions =
            sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
        let refused = sessions.login(username, &sample::password("anything"), Origin::default()).await;
        assert!(matches!(refused, Err(LoginError::Hasher(HasherError::Overloaded))), "{refused:?}");
    }
}

#[tokio::test]
async fn dos_02_where_there_is_no_room_for_a_network_the_store_is_not_asked() {
    let service = with_ada().await;
    let (full, free) = ("192.0.2.1".parse::<IpAddr>().unwrap(), "192.0.2.2".parse::<IpAddr>().unwrap());
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_has_room().returning(move |from| from != Some(Network::from(full)));
    hasher.expect_verify_nobody().times(1).returning(|_, _| Ok(()));
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().times(1).returning(|_| Ok(None));
    let sessions = sessions_with(&service, |ports| SessionPorts {
        passwords: hashed_by(hasher),
        users: Arc::new(users),
        ..ports
    });
    let refused = sessions.login(ADA, &sample::password("anything"), sample::origin(Some(full))).await;
    assert!(matches!(refused, Err(LoginError::Hasher(HasherError::Overloaded))), "{refused:?}");
    let refused = sessions.login(ADA, &sample::password("anything"), sample::origin(Some(free))).await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
}

#[tokio::test]
async fn dos_02_a_password_is_compared_for_the_network_that_it_comes_from() {
    for (username, address) in [(ADA, "2001:db8:1:2::3"), ("nobody@example.com", "192.0.2.1")] {
        let address: IpAddr = address.parse().unwrap();
        let network = Some(Network::from(address));
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_verify()
            .withf(move |_, _, from| *from == network)
            .returning(|_, _, _| Ok(Verdict::Wrong));
        hasher.expect_verify_nobody().withf(move |_, from| *from == network).returning(|_, _| Ok(()));
        let service = with_ada().await;
        let sessions =
            sessions_with(&service, |ports| SessionPorts { passwords: hashed_by(hasher), ..ports });
        let origin = sample::origin(Some(address));
        sessions.login(username, &sample::password("anything"), origin).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_told() {
    let service = with_ada().await;
    let sessions = sessions_with(&service, |ports| SessionPorts { tokens: without_a_key(), ..ports });
    let password = sample::password(sample::PASSWORD);
    let refused = sessions.login(ADA, &password, Origin::default()).await;
    assert!(matches!(refused, Err(LoginError::Sign(_))), "{refused:?}");
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let service = with_ada().await;
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Err(out_of_reach()));
    let mut store = MockSessionRepository::new();
    store.expect_open().returning(|_| Err(out_of_reach()));
    let blind = sessions_with(&service, |ports| SessionPorts { users: Arc::new(users), ..ports });
    let read_only = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
    for sessions in [blind, read_only] {
        let password = sample::password(sample::PASSWORD);
        let refused = sessions.login(ADA, &password, Origin::default()).await;
        assert!(matches!(refused, Err(LoginError::Store(_))), "{refused:?}");
    }
}
