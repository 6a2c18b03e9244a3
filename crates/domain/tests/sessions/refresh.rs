//! Spending a refresh token for the next pair.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::audit::Deed;
use doorward_domain::port::{MockSessionRepository, Rotated, TokenSigner, UserRepository};
use doorward_domain::sessions::{RefreshError, SessionPorts, SessionRules};
use doorward_domain::token::{Claims, Rotation, RotationLimits, TokenKind};
use doorward_domain::user::User;
use doorward_testkit::fake::ReadableTokens;
use doorward_testkit::sample;

use crate::{
    ADA, assert_over, out_of_reach, sessions_with, set_active, with_ada, with_ada_and, without_a_key,
};

const WINDOW: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(1);

fn limits(limits: RotationLimits) -> SessionRules {
    SessionRules { rotation: limits, ..SessionRules::default() }
}

#[tokio::test]
async fn a_refresh_token_is_spent_for_a_new_pair() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    service.clock.advance(Duration::from_secs(60));
    let next = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    assert_ne!(next.tokens.access, login.tokens.access);
    assert_ne!(next.tokens.refresh, login.tokens.refresh);
    let (issued_at, rules) = (sample::seconds_later(60), SessionRules::default());
    assert_eq!(next.tokens.issued_at, issued_at);
    assert_eq!(next.tokens.access_expires_at, issued_at.plus(rules.access_lifetime));
    assert_eq!(next.user, login.user);
    service.caller(&next).await;
}

#[tokio::test]
async fn no_number_of_refreshes_moves_the_end_of_the_session() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let mut tokens = login.tokens.clone();
    for _ in 0..29 {
        service.clock.advance(Duration::from_secs(24 * 60 * 60));
        tokens = service.sessions.refresh(&tokens.refresh, &Origin::default()).await.unwrap().tokens;
        assert_eq!(tokens.refresh_expires_at, login.tokens.refresh_expires_at);
        assert!(tokens.access_expires_at <= tokens.refresh_expires_at);
    }
    service.clock.advance(Duration::from_secs(24 * 60 * 60));
    let refused = service.sessions.refresh(&tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Expired)), "{refused:?}");
}

#[tokio::test]
async fn a_token_shown_again_within_the_window_gets_the_same_pair_byte_for_byte() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let next = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    for now in [sample::NOW, sample::seconds_later(5), sample::NOW.plus(WINDOW).minus(MOMENT)] {
        service.clock.set(now);
        let replayed = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
        assert_eq!(replayed.tokens, next.tokens);
    }
    service.sessions.refresh(&next.tokens.refresh, &Origin::default()).await.unwrap();
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_session_after_the_window() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let next = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    service.clock.advance(WINDOW);
    let refused = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Reused)), "{refused:?}");
    assert_over(&service, &next.tokens).await;
    assert_over(&service, &login.tokens).await;
}

#[tokio::test]
async fn a_token_older_than_the_last_ends_its_session_at_once() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let second = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    let third = service.sessions.refresh(&second.tokens.refresh, &Origin::default()).await.unwrap();
    let refused = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Reused)), "{refused:?}");
    for tokens in [&login.tokens, &second.tokens, &third.tokens] {
        assert_over(&service, tokens).await;
    }
}

#[tokio::test]
async fn a_reused_token_ends_no_other_session() {
    let service = with_ada().await;
    let (one, other) = (service.login(ADA).await, service.login(ADA).await);
    service.sessions.refresh(&one.tokens.refresh, &Origin::default()).await.unwrap();
    service.clock.advance(WINDOW);
    assert!(service.sessions.refresh(&one.tokens.refresh, &Origin::default()).await.is_err());
    service.caller(&other).await;
    service.sessions.refresh(&other.tokens.refresh, &Origin::default()).await.unwrap();
}

#[tokio::test]
async fn with_a_window_of_nothing_every_second_use_ends_the_session() {
    let rules = limits(RotationLimits { replay_window: Duration::ZERO, idle: None });
    let service = with_ada_and(rules).await;
    let login = service.login(ADA).await;
    let next = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    let refused = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Reused)), "{refused:?}");
    assert_over(&service, &next.tokens).await;
}

#[tokio::test]
async fn a_session_that_is_not_refreshed_for_long_expires_where_that_is_set() {
    let hour = Duration::from_secs(3_600);
    let service = with_ada_and(limits(RotationLimits { replay_window: WINDOW, idle: Some(hour) })).await;
    let login = service.login(ADA).await;
    service.clock.set(sample::NOW.plus(hour).minus(MOMENT));
    let next = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    service.clock.advance(hour);
    let refused = service.sessions.refresh(&next.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Expired)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_refreshes_of_one_token_at_once_get_one_pair() {
    let service = Arc::new(with_ada().await);
    let login = service.login(ADA).await;
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (service, token) = (service.clone(), login.tokens.refresh.clone());
            tokio::spawn(
                async move { service.sessions.refresh(&token, &Origin::default()).await.unwrap().tokens },
            )
        })
        .collect();
    let mut pairs = Vec::new();
    for task in tasks {
        pairs.push(task.await.unwrap());
    }
    assert!(pairs.iter().all(|pair| *pair == pairs[0]));
    service.sessions.refresh(&pairs[0].refresh, &Origin::default()).await.unwrap();
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_invalid() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    for token in ["", "nonsense", &login.tokens.refresh[1..]] {
        let refused = service.sessions.refresh(token, &Origin::default()).await;
        assert!(matches!(refused, Err(RefreshError::Invalid)), "{refused:?}");
    }
}

#[tokio::test]
async fn an_access_token_is_spent_for_nothing() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let refused = service.sessions.refresh(&login.tokens.access, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::WrongType)), "{refused:?}");
    service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
}

#[tokio::test]
async fn a_token_of_a_session_that_ended_is_revoked() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    service.sessions.logout(&service.caller(&login).await).await.unwrap();
    assert_over(&service, &login.tokens).await;
}

#[tokio::test]
async fn a_token_of_an_account_that_is_gone_or_closed_is_revoked() {
    let service = with_ada().await;
    service.member("bea@example.com").await;
    let (closed, removed) = (service.login(ADA).await, service.login("bea@example.com").await);
    set_active(&service, &closed.user, false).await;
    service.store.delete_with_sessions(removed.user.id, &Deed::default()).await.unwrap();
    for login in [closed, removed] {
        assert_over(&service, &login.tokens).await;
    }
}

#[tokio::test]
async fn an_account_found_closed_gets_no_pair_whatever_the_store_rotated() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let session = service.caller(&login).await.session;
    for rotation in [Rotation::Rotated, Rotation::Replayed] {
        let user = User { active: false, ..login.user.clone() };
        let rotated = Rotated { rotation, session: session.clone(), user };
        let mut store = MockSessionRepository::new();
        store.expect_rotate().return_once(move |_, _, _, _, _, _| Ok(Some(rotated)));
        let sessions = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
        let refused = sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
        assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_token_that_names_somebody_elses_session_is_revoked() {
    let service = with_ada().await;
    let bea = service.member("bea@example.com").await;
    let login = service.login(ADA).await;
    let session = service.caller(&login).await.session;
    let claims = Claims { subject: bea.id, ..session.refresh_claims() };
    assert_eq!(claims.kind, TokenKind::Refresh);
    let token = ReadableTokens.sign(&claims, &bea).unwrap();
    let refused = service.sessions.refresh(&token, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
}

#[tokio::test]
async fn a_key_that_cannot_sign_is_told_and_the_pair_is_there_to_be_asked_for_again() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let sessions = sessions_with(&service, |ports| SessionPorts { tokens: without_a_key(), ..ports });
    let refused = sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Sign(_))), "{refused:?}");
    service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let mut store = MockSessionRepository::new();
    store.expect_rotate().returning(|_, _, _, _, _, _| Err(out_of_reach()));
    let sessions = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
    let refused = sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Store(_))), "{refused:?}");
}
