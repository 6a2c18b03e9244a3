//! What people do with sessions, on fakes: a file a use case.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod authenticate;
mod change_password;
mod end;
mod login;
mod logout;
mod refresh;
mod set_password;

use std::sync::Arc;

use doorward_domain::Origin;
use doorward_domain::Passwords;
use doorward_domain::accounts::AccountRules;
use doorward_domain::port::{MockPasswordHasher, MockTokenSigner, SignError, StoreError, TokenSigner};
use doorward_domain::sessions::{AuthenticateError, RefreshError, SessionPorts, SessionRules, Sessions};
use doorward_domain::token::TokenPair;
use doorward_domain::user::{PasswordRules, User, UserChanges};
use doorward_testkit::fake::{FewCommonPasswords, ReadableTokens, Service};

const ADA: &str = "ada@example.com";

/// Ada has an account here.
async fn with_ada() -> Service {
    with_ada_and(SessionRules::default()).await
}

async fn with_ada_and(rules: SessionRules) -> Service {
    let service = Service::new(AccountRules::default(), rules);
    service.member(ADA).await;
    service
}

/// The sessions of `service` with some of their ports replaced.
fn sessions_with(service: &Service, replace: impl FnOnce(SessionPorts) -> SessionPorts) -> Sessions {
    Sessions::new(replace(service.session_ports()), SessionRules::default())
}

/// Passwords with this hasher, which has room unless it has said otherwise.
fn hashed_by(mut hasher: MockPasswordHasher) -> Passwords {
    hasher.expect_has_room().return_const(true);
    Passwords::new(Arc::new(hasher), Arc::new(FewCommonPasswords), PasswordRules::default())
}

/// Reads tokens and signs none.
fn without_a_key() -> Arc<MockTokenSigner> {
    let mut tokens = MockTokenSigner::new();
    tokens.expect_verify().returning(|token, now| ReadableTokens.verify(token, now));
    tokens.expect_sign().returning(|_, _| Err(SignError("there is no key".into())));
    Arc::new(tokens)
}

fn out_of_reach() -> StoreError {
    StoreError::Unavailable("the network is down".into())
}

/// An admin closes or opens the account.
async fn set_active(service: &Service, user: &User, active: bool) {
    let admin = service.admin("root@example.com").await;
    let changes = UserChanges { active: Some(active), ..UserChanges::default() };
    let admin = service.signed_in(&admin).await;
    service.accounts.update(&admin, &user.username, changes, None).await.unwrap();
}

/// Neither token of the pair opens anything: its session is over.
async fn assert_over(service: &Service, tokens: &TokenPair) {
    let refused = service.sessions.authenticate(&tokens.access, Origin::default()).await;
    assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
    let refused = service.sessions.refresh(&tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
}
