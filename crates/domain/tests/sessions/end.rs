//! Ending sessions that are not the one that asks, and listing them.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::port::{EndSessionsError, MockSessionRepository, SessionRepository};
use doorward_domain::sessions::{Caller, EndError, Login, SessionPorts};
use doorward_domain::token::{Device, End, EndReason, SessionId};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{ADA, assert_over, out_of_reach, sessions_with, with_ada};

const BEA: &str = "bea@example.com";
const ROOT: &str = "root@example.com";

/// Ada is logged in three times, each time a second later, and Bea once.
async fn everybody() -> (Service, [Login; 3], Login) {
    let service = with_ada().await;
    service.member(BEA).await;
    let mut adas = Vec::new();
    for _ in 0..3 {
        service.clock.advance(Duration::from_secs(1));
        adas.push(service.login(ADA).await);
    }
    let bea = service.login(BEA).await;
    (service, adas.try_into().unwrap(), bea)
}

async fn root(service: &Service) -> Caller {
    service.signed_in(&service.admin(ROOT).await).await
}

async fn ids(service: &Service, logins: &[&Login]) -> Vec<SessionId> {
    let mut ids = Vec::new();
    for login in logins {
        ids.push(service.caller(login).await.session.id);
    }
    ids
}

async fn listed(service: &Service, caller: &Caller) -> Vec<SessionId> {
    service.sessions.list(caller).await.unwrap().iter().map(|session| session.id).collect()
}

#[tokio::test]
async fn the_own_live_sessions_are_listed_newest_first() {
    let (service, [one, two, three], _) = everybody().await;
    let expected = ids(&service, &[&three, &two, &one]).await;
    assert_eq!(listed(&service, &service.caller(&one).await).await, expected);
    service.sessions.logout(&service.caller(&two).await).await.unwrap();
    assert_eq!(listed(&service, &service.caller(&one).await).await, [expected[0], expected[2]]);
    let caller = service.caller(&one).await;
    service.clock.set(one.tokens.refresh_expires_at);
    assert_eq!(listed(&service, &caller).await, [expected[0]]);
}

#[tokio::test]
async fn a_listed_session_says_what_logged_in_and_when_it_was_seen() {
    let service = with_ada().await;
    let device =
        Device { user_agent: Some("Mozilla/5.0".to_owned()), address: Some("192.0.2.7".parse().unwrap()) };
    let origin = Origin { device: device.clone(), request_id: None };
    let password = sample::password(sample::PASSWORD);
    let login = service.sessions.login(ADA, &password, origin).await.unwrap();
    service.clock.set(sample::seconds_later(60));
    service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    let listed = service.sessions.list(&service.caller(&login).await).await.unwrap();
    let [session] = &listed[..] else { unreachable!("{listed:?}") };
    assert_eq!(
        (&session.device, session.created_at, session.last_seen_at),
        (&device, sample::NOW, sample::seconds_later(60))
    );
}

#[tokio::test]
async fn ses_03_one_session_is_ended_and_the_others_go_on() {
    let (service, [one, two, three], bea) = everybody().await;
    let caller = service.caller(&one).await;
    let target = service.caller(&two).await.session.id;
    service.sessions.end_own(&caller, target).await.unwrap();
    assert_over(&service, &two.tokens).await;
    ids(&service, &[&one, &three, &bea]).await;
}

#[tokio::test]
async fn the_session_that_asks_may_be_the_one_that_ends() {
    let (service, [one, two, _], _) = everybody().await;
    let caller = service.caller(&one).await;
    service.sessions.end_own(&caller, caller.session.id).await.unwrap();
    assert_over(&service, &one.tokens).await;
    service.caller(&two).await;
}

#[tokio::test]
async fn a_session_of_somebody_else_is_not_found_and_goes_on() {
    let (service, [one, ..], bea) = everybody().await;
    let (caller, foreign) = (service.caller(&one).await, service.caller(&bea).await.session.id);
    // Nor by an admin: they have another way, which says whose.
    for caller in [caller, root(&service).await] {
        let refused = service.sessions.end_own(&caller, foreign).await;
        assert!(matches!(refused, Err(EndError::SessionNotFound)), "{refused:?}");
    }
    service.caller(&bea).await;
}

#[tokio::test]
async fn a_session_that_has_ended_or_never_was_is_not_found() {
    let (service, [one, two, three], _) = everybody().await;
    let caller = service.caller(&one).await;
    let [ended, expired] = [&two, &three];
    let (ended, expired) = (service.caller(ended).await, service.caller(expired).await.session.id);
    service.sessions.logout(&ended).await.unwrap();
    service.clock.advance(Duration::from_millis(1));
    for gone in [ended.session.id, sample::session_id(1)] {
        let refused = service.sessions.end_own(&caller, gone).await;
        assert!(matches!(refused, Err(EndError::SessionNotFound)), "{refused:?}");
    }
    service.clock.set(two.tokens.refresh_expires_at);
    let fresh = service.caller(&service.login(ADA).await).await;
    service.clock.set(three.tokens.refresh_expires_at);
    let refused = service.sessions.end_own(&fresh, expired).await;
    assert!(matches!(refused, Err(EndError::SessionNotFound)), "{refused:?}");
}

#[tokio::test]
async fn every_other_session_is_ended_and_this_one_goes_on() {
    let (service, [one, two, three], bea) = everybody().await;
    let caller = service.caller(&two).await;
    assert_eq!(service.sessions.end_others(&caller).await.unwrap(), 2);
    for login in [&one, &three] {
        assert_over(&service, &login.tokens).await;
    }
    ids(&service, &[&two, &bea]).await;
    service.clock.advance(Duration::from_millis(1));
    assert_eq!(service.sessions.end_others(&caller).await.unwrap(), 0);
}

#[tokio::test]
async fn ses_03_every_session_is_ended_this_one_too() {
    let (service, logins, bea) = everybody().await;
    assert_eq!(service.sessions.end_all(&service.caller(&logins[1]).await).await.unwrap(), 3);
    for login in &logins {
        assert_over(&service, &login.tokens).await;
    }
    service.caller(&bea).await;
    let again = service.login(ADA).await;
    service.caller(&again).await;
}

#[tokio::test]
async fn ses_14_an_admin_ends_every_session_of_somebody() {
    let (service, logins, bea) = everybody().await;
    let root = root(&service).await;
    assert_eq!(service.sessions.end_all_of(&root, &sample::email("ADA@example.com")).await.unwrap(), 3);
    for login in &logins {
        assert_over(&service, &login.tokens).await;
    }
    service.caller(&bea).await;
    assert_eq!(listed(&service, &root).await, [root.session.id]);
}

#[tokio::test]
async fn an_admin_ends_their_own_sessions_in_the_same_way() {
    let service = with_ada().await;
    let root = root(&service).await;
    assert_eq!(service.sessions.end_all_of(&root, &root.user.username).await.unwrap(), 1);
    assert_eq!(listed(&service, &root).await, []);
}

#[tokio::test]
async fn a_member_ends_nobodys_sessions_by_name_not_even_their_own() {
    let (service, [one, ..], bea) = everybody().await;
    let caller = service.caller(&one).await;
    for address in [ADA, BEA, "nobody@example.com"] {
        let refused = service.sessions.end_all_of(&caller, &sample::email(address)).await;
        assert!(matches!(refused, Err(EndError::Forbidden)), "{refused:?}");
    }
    service.caller(&bea).await;
}

#[tokio::test]
async fn nobodys_sessions_are_ended_where_nobody_is() {
    let service = with_ada().await;
    let refused = service.sessions.end_all_of(&root(&service).await, &sample::email(BEA)).await;
    assert!(matches!(refused, Err(EndError::UserNotFound)), "{refused:?}");
}

#[tokio::test]
async fn an_end_is_kept_with_its_time_and_reason() {
    let (service, [one, two, _], _) = everybody().await;
    let (caller, target) = (service.caller(&one).await, service.caller(&two).await.session);
    service.clock.set(sample::seconds_later(60));
    service.sessions.end_own(&caller, target.id).await.unwrap();
    let (shown, next) = (target.refresh_id, sample::successor(1));
    let later = sample::seconds_later(61);
    let kept = service.store.rotate(target.id, shown, next, later, sample::LIMITS, &sample::reuse()).await;
    let end = End { at: sample::seconds_later(60), reason: EndReason::Logout };
    assert_eq!(kept.unwrap().unwrap().session.ended, Some(end));
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let service = with_ada().await;
    let caller = service.caller(&service.login(ADA).await).await;
    let root = root(&service).await;
    let mut store = MockSessionRepository::new();
    store.expect_end().returning(|_| Err(EndSessionsError::Store(out_of_reach())));
    store.expect_list_live().returning(|_, _| Err(out_of_reach()));
    let sessions = sessions_with(&service, |ports| SessionPorts { sessions: Arc::new(store), ..ports });
    for refused in [
        sessions.end_own(&caller, caller.session.id).await.map(|()| 1),
        sessions.end_others(&caller).await,
        sessions.end_all(&caller).await,
        sessions.end_all_of(&root, &caller.user.username).await,
    ] {
        assert!(matches!(refused, Err(EndError::Store(_))), "{refused:?}");
    }
    sessions.list(&caller).await.unwrap_err();
}
