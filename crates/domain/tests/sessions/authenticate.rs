//! Finding out who a request comes from.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::audit::Deed;
use doorward_domain::port::{MockSessionRepository, TokenSigner, UserRepository};
use doorward_domain::sessions::{AuthenticateError, SessionPorts, SessionRules};
use doorward_domain::token::{Claims, TokenKind};
use doorward_domain::user::{Role, User};
use doorward_testkit::fake::ReadableTokens;
use doorward_testkit::sample;

use crate::{ADA, out_of_reach, sessions_with, set_active, with_ada, with_ada_and};

#[tokio::test]
async fn an_access_token_says_whose_and_which_session_it_is() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let caller = service.sessions.authenticate(&login.tokens.access, Origin::default()).await.unwrap();
    assert_eq!(caller.user, login.user);
    assert_eq!((caller.session.user_id, caller.claims.session), (login.user.id, caller.session.id));
    assert_eq!(caller.claims.kind, TokenKind::Access);
    assert_eq!(caller.claims.expires_at, login.tokens.access_expires_at);
}

#[tokio::test]
async fn the_account_is_the_one_of_now_and_not_of_the_login() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let version = login.user.version + 1;
    service
        .store
        .update(&User { role: Role::Admin, version, ..login.user.clone() }, &Deed::default())
        .await
        .unwrap();
    assert_eq!(service.caller(&login).await.user.role, Role::Admin);
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_invalid() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    for token in ["", "nonsense", &login.tokens.access[1..]] {
        let refused = service.sessions.authenticate(token, Origin::default()).await;
        assert!(matches!(refused, Err(AuthenticateError::Invalid)), "{refused:?}");
    }
}

#[tokio::test]
async fn an_access_token_expires() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    service.clock.set(login.tokens.access_expires_at.minus(Duration::from_millis(1)));
    service.caller(&login).await;
    service.clock.set(login.tokens.access_expires_at);
    let refused = service.sessions.authenticate(&login.tokens.access, Origin::default()).await;
    assert!(matches!(refused, Err(AuthenticateError::Expired)), "{refused:?}");
}

#[tokio::test]
async fn no_access_token_outlives_its_session() {
    let lifetime = Duration::from_secs(60);
    let service = with_ada_and(SessionRules { refresh_lifetime: lifetime, ..SessionRules::default() }).await;
    let login = service.login(ADA).await;
    assert_eq!(login.tokens.access_expires_at, login.tokens.refresh_expires_at);
}

#[tokio::test]
async fn a_refresh_token_opens_nothing_here() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let refused = service.sessions.authenticate(&login.tokens.refresh, Origin::default()).await;
    assert!(matches!(refused, Err(AuthenticateError::WrongType)), "{refused:?}");
}

#[tokio::test]
async fn the_session_is_looked_up_each_time_and_a_lost_one_is_revoked() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let mut store = MockSessionRepository::new();
    store.expect_find_live().times(2).returning(|_, _| Ok(None));
    let sessions = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
    for _ in 0..2 {
        let refused = sessions.authenticate(&login.tokens.access, Origin::default()).await;
        assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_token_of_an_account_that_is_gone_or_closed_is_revoked() {
    let service = with_ada().await;
    service.member("bea@example.com").await;
    let (closed, removed) = (service.login(ADA).await, service.login("bea@example.com").await);
    set_active(&service, &closed.user, false).await;
    service.store.delete_with_sessions(removed.user.id, &Deed::default()).await.unwrap();
    for login in [closed, removed] {
        let refused = service.sessions.authenticate(&login.tokens.access, Origin::default()).await;
        assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_token_that_names_somebody_elses_session_is_revoked() {
    let service = with_ada().await;
    let bea = service.member("bea@example.com").await;
    let login = service.login(ADA).await;
    let claims = Claims { subject: bea.id, ..service.caller(&login).await.claims };
    let token = ReadableTokens.sign(&claims, &bea).unwrap();
    let refused = service.sessions.authenticate(&token, Origin::default()).await;
    assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
}

#[tokio::test]
async fn an_access_token_goes_on_working_after_a_refresh() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    service.caller(&login).await;
}

#[tokio::test]
async fn a_store_out_of_reach_lets_nobody_in() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let mut store = MockSessionRepository::new();
    store.expect_find_live().returning(|_, _| Err(out_of_reach()));
    let sessions = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
    let refused = sessions.authenticate(&login.tokens.access, Origin::default()).await;
    assert!(matches!(refused, Err(AuthenticateError::Store(_))), "{refused:?}");
}

#[tokio::test]
async fn a_bad_token_is_refused_before_any_store_is_asked() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    // A mock that expects nothing fails the test when it is called.
    let store = Arc::new(MockSessionRepository::new());
    let sessions = sessions_with(&service, |ports| SessionPorts { sessions: store, ..ports });
    for token in ["nonsense", &login.tokens.refresh] {
        assert!(sessions.authenticate(token, Origin::default()).await.is_err());
    }
    service.clock.set(sample::NOW.plus(sample::LIFETIME));
    assert!(sessions.authenticate(&login.tokens.access, Origin::default()).await.is_err());
}
