//! What is written down of logins, and of refresh tokens.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::audit::{Action, AuditEntry};
use doorward_domain::port::{MockAuditLog, MockSessionRepository, Opened, UserRepository};
use doorward_domain::sessions::{LoginError, RefreshError, SessionPorts, SessionRules, Sessions};
use doorward_domain::throttle::{Guard, Limits};
use doorward_domain::token::SessionId;
use doorward_domain::user::User;
use doorward_testkit::fake::{MapThrottle, PlainPseudonyms, Service};
use doorward_testkit::sample;

use crate::{ADA, WRONG, assert_written, entry, later, origin, out_of_reach, written};

async fn try_login(service: &Service, username: &str, password: &str) -> LoginError {
    service.sessions.login(username, &sample::password(password), origin()).await.unwrap_err()
}

async fn with_ada() -> (Service, User) {
    let service = Service::default();
    let ada = service.member(ADA).await;
    service.clock.set(later());
    (service, ada)
}

fn refused() -> AuditEntry {
    entry(Action::Login).refused("invalid_credentials")
}

#[tokio::test]
async fn log_03_a_login_is_written_down_with_its_session() {
    let (service, ada) = with_ada().await;
    let password = sample::password(sample::PASSWORD);
    let login = service.sessions.login("ADA@example.com", &password, origin()).await.unwrap();
    let session = service.caller(&login).await.session.id;
    assert_written(&service, &[entry(Action::Login).by(&ada).about(&ada).in_session(session)]).await;
}

#[tokio::test]
async fn log_03_a_wrong_password_is_written_down_as_a_refusal_by_nobody_known() {
    let (service, ada) = with_ada().await;
    for _ in 0..2 {
        try_login(&service, ADA, WRONG).await;
    }
    assert_written(&service, &[refused().about(&ada), refused().about(&ada)]).await;
}

/// It may be a password that somebody typed into the wrong field.
#[tokio::test]
async fn log_03_an_unknown_username_is_written_down_without_what_was_typed() {
    let (service, _) = with_ada().await;
    for username in ["nobody@example.com", "hunter2 hunter2", ""] {
        try_login(&service, username, sample::PASSWORD).await;
    }
    assert_written(&service, &[refused(), refused(), refused()]).await;
    let told = format!("{:?}", written(&service).await);
    assert!(!told.contains("nobody@") && !told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn log_03_a_login_to_a_closed_account_is_written_down_with_what_was_wrong() {
    let service = Service::default();
    let closed = User { active: false, ..sample::user(1) };
    service.store.insert(&closed, &[]).await.unwrap();
    service.clock.set(later());
    for password in [WRONG, sample::PASSWORD] {
        try_login(&service, closed.username.as_str(), password).await;
    }
    let disabled = entry(Action::Login).about(&closed).refused("account_disabled");
    assert_written(&service, &[refused().about(&closed), disabled]).await;
}

/// Else a guesser whose tries cannot be written down would guess on, unnoticed.
#[tokio::test]
async fn a_refusal_that_cannot_be_written_down_is_not_told() {
    let (service, _) = with_ada().await;
    for username in [ADA, "nobody@example.com", "no address"] {
        let mut audit = MockAuditLog::new();
        audit.expect_record().times(1).returning(|_| Err(out_of_reach()));
        let ports = SessionPorts { audit: Arc::new(audit), ..service.session_ports() };
        let sessions = Sessions::new(ports, SessionRules::default());
        let refused = sessions.login(username, &sample::password(WRONG), origin()).await;
        assert!(matches!(refused, Err(LoginError::Store(_))), "{refused:?}");
    }
}

/// What was compared was wrong, whether or not it could be written down.
#[tokio::test]
async fn aut_13_a_wrong_password_counts_although_it_cannot_be_written_down() {
    let (service, _) = with_ada().await;
    let throttle = Arc::new(MapThrottle::new(service.clock.clone()));
    let service = service.with_guard(Guard::new(throttle, Arc::new(PlainPseudonyms), Limits::default()));
    let mut audit = MockAuditLog::new();
    audit.expect_record().times(10).returning(|_| Err(out_of_reach()));
    let ports = SessionPorts { audit: Arc::new(audit), ..service.session_ports() };
    let sessions = Sessions::new(ports, SessionRules::default());
    for _ in 0..10 {
        let refused = sessions.login(ADA, &sample::password(WRONG), origin()).await;
        assert!(matches!(refused, Err(LoginError::Store(_))), "{refused:?}");
    }
    let refused = sessions.login(ADA, &sample::password(WRONG), origin()).await;
    assert!(matches!(refused, Err(LoginError::TooMany(_))), "{refused:?}");
}

#[tokio::test]
async fn a_password_that_was_replaced_while_it_was_compared_is_written_down() {
    let (service, ada) = with_ada().await;
    let mut store = MockSessionRepository::new();
    store.expect_open().times(1).returning(|_| Ok(Opened::CredentialChanged));
    let ports = SessionPorts { sessions: Arc::new(store), ..service.session_ports() };
    let sessions = Sessions::new(ports, SessionRules::default());
    let refused = sessions.login(ADA, &sample::password(sample::PASSWORD), origin()).await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
    let changed = entry(Action::Login).about(&ada).refused("credential_changed");
    assert_written(&service, &[changed]).await;
}

#[tokio::test]
async fn a_login_tells_which_session_had_to_make_room_for_it() {
    let (service, ada) = with_ada().await;
    let rules = SessionRules { max_live: 1, ..SessionRules::default() };
    let sessions = Sessions::new(service.session_ports(), rules);
    let password = sample::password(sample::PASSWORD);
    let mut expected = Vec::new();
    let mut before: Option<SessionId> = None;
    for _ in 0..2 {
        let login = sessions.login(ADA, &password, origin()).await.unwrap();
        let session = service.caller(&login).await.session.id;
        let entry = entry(Action::Login).by(&ada).about(&ada).in_session(session);
        expected.push(before.iter().fold(entry, |entry, ended| entry.noting("ended", ended.to_string())));
        before = Some(session);
    }
    assert_written(&service, &expected).await;
}

/// Whoever may not even try costs nothing, no line in the log either.
#[tokio::test]
async fn somebody_who_tries_too_often_does_not_fill_the_log() {
    let (service, ada) = with_ada().await;
    let throttle = Arc::new(MapThrottle::new(service.clock.clone()));
    let guard = Guard::new(throttle, Arc::new(PlainPseudonyms), Limits::default());
    let service = service.with_guard(guard);
    for _ in 0..30 {
        try_login(&service, ADA, WRONG).await;
    }
    assert_written(&service, &vec![refused().about(&ada); 10]).await;
}

#[tokio::test]
async fn ses_09_a_refresh_token_that_is_used_again_is_written_down_once_and_by_nobody_known() {
    let (service, ada) = with_ada().await;
    let login = service.login(ADA).await;
    let session = service.caller(&login).await.session.id;
    let next = service.sessions.refresh(&login.tokens.refresh, &origin()).await.unwrap();
    service.sessions.refresh(&login.tokens.refresh, &origin()).await.unwrap();
    service.sessions.refresh(&next.tokens.refresh, &origin()).await.unwrap();
    assert_written(&service, &[]).await;
    let refused = service.sessions.refresh(&login.tokens.refresh, &origin()).await;
    assert!(matches!(refused, Err(RefreshError::Reused)), "{refused:?}");
    service.clock.advance(Duration::from_secs(1));
    for token in [&login.tokens.refresh, &next.tokens.refresh] {
        service.sessions.refresh(token, &origin()).await.unwrap_err();
    }
    assert_written(&service, &[entry(Action::ReuseToken).about(&ada).in_session(session)]).await;
}

#[tokio::test]
async fn a_refresh_token_that_opens_nothing_is_not_written_down() {
    let (service, _) = with_ada().await;
    let login = service.login(ADA).await;
    service.sessions.logout(&service.caller(&login).await).await.unwrap();
    for token in ["nonsense", &login.tokens.access, &login.tokens.refresh] {
        service.sessions.refresh(token, &origin()).await.unwrap_err();
    }
    service.clock.set(login.tokens.refresh_expires_at);
    service.sessions.refresh(&login.tokens.refresh, &origin()).await.unwrap_err();
    assert_written(&service, &[]).await;
}
