//! What is written down of sessions that end.

use doorward_domain::audit::{Action, AuditEntry};
use doorward_domain::sessions::{Caller, EndError};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{BEA, assert_written, by, calling, root_and_ada};

/// What is expected of somebody who ends sessions of their own.
fn ended(caller: &Caller, action: Action, sessions: &str) -> AuditEntry {
    by(caller, action).about(&caller.user).noting("sessions", sessions)
}

#[tokio::test]
async fn log_03_a_logout_is_written_down_once() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    service.sessions.logout(&ada).await.unwrap();
    service.clock.set(sample::seconds_later(61));
    service.sessions.logout(&ada).await.unwrap();
    let own = ada.session.id.to_string();
    assert_written(&service, &[ended(&ada, Action::Logout, &own)]).await;
}

#[tokio::test]
async fn ending_own_sessions_is_written_down_with_which() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    let other = calling(&service, &ada.user).await.session.id;
    service.sessions.end_own(&ada, other).await.unwrap();
    service.clock.set(sample::seconds_later(61));
    calling(&service, &ada.user).await;
    assert_eq!(service.sessions.end_others(&ada).await.unwrap(), 1);
    service.clock.set(sample::seconds_later(62));
    calling(&service, &ada.user).await;
    assert_eq!(service.sessions.end_all(&ada).await.unwrap(), 2);
    let named = [(60, &*other.to_string(), None), (61, "others", Some("1")), (62, "all", Some("2"))];
    let expected = named.map(|(seconds, which, count)| {
        let entry = ended(&ada, Action::EndSessions, which);
        let entry = AuditEntry { at: sample::seconds_later(seconds), ..entry };
        count.into_iter().fold(entry, |entry, count| entry.noting("count", count))
    });
    assert_written(&service, &expected).await;
}

#[tokio::test]
async fn ending_somebody_elses_sessions_is_written_down_as_about_them() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    service.sessions.end_all_of(&root, &ada.user.username).await.unwrap();
    let expected = by(&root, Action::EndSessions).about(&ada.user);
    let expected = expected.noting("sessions", "all").noting("count", "1");
    assert_written(&service, &[expected]).await;
}

#[tokio::test]
async fn where_no_session_ends_nothing_is_written_down() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let bea = service.member(BEA).await;
    assert_eq!(service.sessions.end_others(&ada).await.unwrap(), 0);
    assert_eq!(service.sessions.end_all_of(&root, &bea.username).await.unwrap(), 0);
    for session in [root.session.id, sample::session_id(1)] {
        let refused = service.sessions.end_own(&ada, session).await;
        assert!(matches!(refused, Err(EndError::SessionNotFound)), "{refused:?}");
    }
    let refused = service.sessions.end_all_of(&ada, &root.user.username).await;
    assert!(matches!(refused, Err(EndError::Forbidden)), "{refused:?}");
    let refused = service.sessions.end_all_of(&root, &sample::email("nobody@example.com")).await;
    assert!(matches!(refused, Err(EndError::UserNotFound)), "{refused:?}");
    assert_written(&service, &[]).await;
}
