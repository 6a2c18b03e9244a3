//! Sessions against a service that misbehaves: what is shown to it, how often, and what the caller is told.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod stub;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorward_client::{Client, Error, ErrorCode};
use stub::{Answer, Asked, Stub, done, refused, tokens};

/// A service that takes the second access token and not the first, and refreshes as it is told.
fn expired(refresh: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Stub {
    Stub::start(move |asked, before| match (asked.route.as_str(), asked.token.as_str()) {
        ("POST /api/auth/refresh", _) => refresh(asked, before),
        (_, "access-1") => refused(401, "token_expired"),
        (_, "access-2") => done(),
        _ => refused(401, "token_invalid"),
    })
}

#[tokio::test]
async fn an_expired_access_token_is_refreshed_once_for_all_clones() {
    let service = expired(|_, _| tokens(2));
    let session = service.client().resume("access-1", "refresh-1");
    let clones: Vec<_> = (0..8).map(|_| session.clone()).collect();
    let tasks: Vec<_> =
        clones.into_iter().map(|session| tokio::spawn(async move { session.logout().await })).collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(service.refreshed_with(), ["refresh-1"]);
    assert_eq!(session.refresh_token().await.unwrap().expose(), "refresh-2");
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_tried_again_with_the_same_token() {
    for lost in [None, refused(503, "unavailable"), Some((502, "a proxy".into()))] {
        let first = AtomicBool::new(true);
        let service =
            expired(move |_, _| if first.swap(false, Ordering::Relaxed) { lost.clone() } else { tokens(2) });
        let session = service.client().resume("access-1", "refresh-1");
        session.logout().await.unwrap();
        assert_eq!(service.refreshed_with(), ["refresh-1", "refresh-1"]);
    }
}

#[tokio::test]
async fn a_token_that_may_have_been_spent_is_not_shown_after_the_window() {
    let service = expired(|_, _| None);
    let session =
        service.client().with_replay_window(Duration::from_millis(1)).resume("access-1", "refresh-1");
    for _ in 0..3 {
        assert!(matches!(session.logout().await, Err(Error::InDoubt)));
    }
    assert_eq!(service.refreshed_with(), ["refresh-1"]);
    assert!(session.refresh_token().await.is_none());
}

#[tokio::test]
async fn a_caller_who_does_not_wait_leaves_no_token_that_looks_unspent() {
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let service = expired(move |_, _| {
        arrived.send(()).unwrap();
        // No answer, as long as the test runs.
        std::thread::park();
        None
    });
    let session = service.client().with_replay_window(Duration::ZERO).resume("access-1", "refresh-1");
    let refreshing = tokio::spawn({
        let session = session.clone();
        async move { session.refresh().await }
    });
    arrivals.recv().await.unwrap();
    refreshing.abort();
    assert!(refreshing.await.unwrap_err().is_cancelled());
    assert!(matches!(session.refresh().await, Err(Error::InDoubt)));
    assert_eq!(service.refreshed_with(), ["refresh-1"]);
}

#[tokio::test]
async fn a_refusal_that_did_not_look_at_the_token_leaves_it_for_later() {
    let first = AtomicBool::new(true);
    let service =
        expired(
            move |_, _| {
                if first.swap(false, Ordering::Relaxed) { refused(429, "rate_limited") } else { tokens(2) }
            },
        );
    let session = service.client().resume("access-1", "refresh-1");
    let error = session.logout().await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::RateLimited));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.request_id(), Some("request-1"));
    session.logout().await.unwrap();
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_shown_again() {
    let service = expired(|_, _| refused(401, "token_revoked"));
    let session = service.client().resume("access-1", "refresh-1");
    assert_eq!(session.logout().await.unwrap_err().code(), Some(&ErrorCode::TokenRevoked));
    assert_eq!(session.logout().await.unwrap_err().code(), Some(&ErrorCode::TokenExpired));
    assert_eq!(service.refreshed_with(), ["refresh-1"]);
}

#[tokio::test]
async fn whoever_cannot_refresh_is_told_that_the_token_expired() {
    let service = expired(|_, _| tokens(2));
    let session = service.client().on_behalf("access-1");
    assert_eq!(session.logout().await.unwrap_err().code(), Some(&ErrorCode::TokenExpired));
    assert!(service.refreshed_with().is_empty());
}

#[tokio::test]
async fn a_service_out_of_reach_costs_no_session() {
    // Port 1 of this machine: nobody listens there.
    let session = Client::new("http://127.0.0.1:1").unwrap().resume("access-1", "refresh-1");
    assert!(matches!(session.refresh().await, Err(Error::Transport(_))));
    assert!(session.refresh_token().await.is_some());
}

#[tokio::test]
async fn a_new_password_brings_the_next_pair() {
    let service = Stub::start(|asked, _| match asked.token.as_str() {
        "access-1" => tokens(2),
        _ => done(),
    });
    let session = service.client().resume("access-1", "refresh-1");
    session.change_password("old", "new").await.unwrap();
    session.logout().await.unwrap();
    assert_eq!(service.asked().last().unwrap().token, "access-2");
}

#[tokio::test]
async fn what_is_not_an_answer_of_the_service_is_told_with_its_status() {
    let service = Stub::start(|_, _| Some((200, "<html>".into())));
    let error = service.client().health().await.unwrap_err();
    assert!(matches!(error, Error::Foreign { status: 200, .. }), "{error:?}");
    assert!(matches!(Client::new("127.0.0.1:8080"), Err(Error::Address(_))));
}

#[tokio::test]
async fn a_code_that_is_new_is_kept_as_it_was_written() {
    let service = Stub::start(|_, _| refused(418, "teapot"));
    let error = service.client().health().await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::Other("teapot".to_owned())));
    assert_eq!(error.to_string(), "418 teapot: No.");
}

#[test]
fn nothing_prints_a_token() {
    let session = Client::new("http://127.0.0.1:1").unwrap().resume("access-1", "refresh-1");
    let printed = format!("{session:?}");
    assert!(!printed.contains("access-1") && !printed.contains("refresh-1"), "{printed}");
}
