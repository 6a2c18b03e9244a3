//! Logging out.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::port::{EndSessionsError, MockSessionRepository, SessionRepository, StoreError};
use doorward_domain::sessions::SessionPorts;
use doorward_domain::token::{End, EndReason};
use doorward_testkit::sample;

use crate::{ADA, assert_over, out_of_reach, sessions_with, with_ada};

#[tokio::test]
async fn logging_out_ends_access_and_refresh_tokens_at_once() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let next = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    service.sessions.logout(&service.caller(&login).await).await.unwrap();
    assert_over(&service, &login.tokens).await;
    assert_over(&service, &next.tokens).await;
}

#[tokio::test]
async fn a_logout_is_kept_as_one_with_its_time() {
    let service = with_ada().await;
    let caller = service.caller(&service.login(ADA).await).await;
    service.clock.advance(Duration::from_secs(60));
    service.sessions.logout(&caller).await.unwrap();
    let (id, shown, now) = (caller.session.id, caller.session.refresh_id, sample::seconds_later(61));
    let answer =
        service.store.rotate(id, shown, sample::successor(1), now, sample::LIMITS, &sample::reuse()).await;
    let end = End { at: sample::seconds_later(60), reason: EndReason::Logout };
    assert_eq!(answer.unwrap().unwrap().session.ended, Some(end));
}

#[tokio::test]
async fn logging_out_here_leaves_other_sessions_alone() {
    let service = with_ada().await;
    service.member("bea@example.com").await;
    let (here, there) = (service.login(ADA).await, service.login(ADA).await);
    let bea = service.login("bea@example.com").await;
    service.sessions.logout(&service.caller(&here).await).await.unwrap();
    service.caller(&there).await;
    service.caller(&bea).await;
}

#[tokio::test]
async fn logging_out_twice_is_logging_out() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    let caller = service.caller(&login).await;
    service.sessions.logout(&caller).await.unwrap();
    service.sessions.logout(&caller).await.unwrap();
    assert_over(&service, &login.tokens).await;
}

#[tokio::test]
async fn whoever_logged_out_can_log_in_again() {
    let service = with_ada().await;
    let login = service.login(ADA).await;
    service.sessions.logout(&service.caller(&login).await).await.unwrap();
    let again = service.login(ADA).await;
    service.caller(&again).await;
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let service = with_ada().await;
    let caller = service.caller(&service.login(ADA).await).await;
    let mut store = MockSessionRepository::new();
    store.expect_end().returning(|_| Err(EndSessionsError::Store(out_of_reach())));
    let sessions = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
    let refused = sessions.logout(&caller).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}
