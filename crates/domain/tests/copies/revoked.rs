//! What is known to be revoked opens nothing, whatever the store says.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Copies;
use doorward_domain::Origin;
use doorward_domain::port::{
    EndSessionsError, MockRevocations, MockSessionRepository, MockUserDocuments, Revocations, Revoked,
    SessionRepository,
};
use doorward_domain::sessions::{
    AuthenticateError, Caller, Login, RefreshError, SessionPorts, SessionRules, Sessions,
};
use doorward_domain::token::{Claims, Session, SessionId, TokenKind};
use doorward_testkit::fake::{Service, SpawnedTasks};
use doorward_testkit::sample;

use crate::scene::{caller, session};
use crate::{ADA, Node, out_of_reach};

/// Neither is asked of the store, whose mock would fail the test.
async fn assert_refused(sessions: &Sessions, login: &Login) {
    let refused = sessions.identify(&login.tokens.access).await;
    assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
    let refused = sessions.authenticate(&login.tokens.access, Origin::default()).await;
    assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
}

async fn revoke(node: &Node, claims: &Claims, id: uuid::Uuid) {
    let until = claims.expires_at;
    node.revocations.changed(claims.subject, &[Revoked { id, until }]).await.unwrap();
}

#[tokio::test]
async fn a_token_that_an_operator_revokes_is_refused_without_asking_the_store() {
    let (node, login, claims) = Node::with_ada_known().await;
    revoke(&node, &claims, claims.id.uuid()).await;
    assert_refused(&node.without_a_store(), &login).await;
    assert!(node.service.store.find_live(claims.session, sample::NOW).await.unwrap().is_some());
    let next = node.service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    node.service.caller(&next).await;
}

#[tokio::test]
async fn a_session_that_an_operator_revokes_is_refused_with_all_its_tokens() {
    let (node, login, claims) = Node::with_ada_known().await;
    let next = node.service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    revoke(&node, &claims, claims.session.uuid()).await;
    let sessions = node.without_a_store();
    for login in [&login, &next] {
        assert_refused(&sessions, login).await;
        let refused = sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
        assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_revoked_refresh_token_is_not_spent() {
    let (node, login) = Node::with_ada().await;
    let session = node.service.caller(&login).await.session;
    let claims = session.refresh_claims();
    assert_eq!(claims.kind, TokenKind::Refresh);
    revoke(&node, &claims, claims.id.uuid()).await;
    let refused = node.without_a_store().refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
    node.service.caller(&login).await;
}

#[tokio::test]
async fn what_a_logout_revokes_is_refused_without_asking_the_store() {
    let (node, login, _) = Node::with_ada_known().await;
    let there = node.service.login(ADA).await;
    node.service.sessions.logout(&node.service.caller(&login).await).await.unwrap();
    assert_refused(&node.without_a_store(), &login).await;
    node.service.caller(&there).await;
}

#[tokio::test]
async fn what_a_password_that_is_set_revokes_is_refused_without_asking_the_store() {
    let (node, here, _) = Node::with_ada_known().await;
    let there = node.service.login(ADA).await;
    let new = sample::password("another horse batt");
    node.service.sessions.set_password_as_operator(&sample::email(ADA), &new).await.unwrap();
    for login in [&here, &there] {
        assert_refused(&node.without_a_store(), login).await;
    }
}

#[tokio::test]
async fn ses_01_every_session_that_is_ended_is_refused_without_asking_the_store() {
    let (node, here, _) = Node::with_ada_known().await;
    let (there, elsewhere) = (node.service.login(ADA).await, node.service.login(ADA).await);
    node.service.sessions.end_others(&node.service.caller(&here).await).await.unwrap();
    for login in [&there, &elsewhere] {
        assert_refused(&node.without_a_store(), login).await;
    }
    let root = node.service.signed_in(&node.service.admin("root@example.com").await).await;
    let caller = node.service.caller(&here).await;
    node.service.sessions.end_all_of(&root, &caller.user.username).await.unwrap();
    assert_refused(&node.without_a_store(), &here).await;
    node.service.sessions.end_all(&root).await.unwrap();
    assert!(node.service.sessions.list(&root).await.unwrap().is_empty());
}

#[tokio::test]
async fn ses_15_whoever_logged_out_stays_so_when_the_copies_are_lost() {
    let (node, login, _) = Node::with_ada_known().await;
    node.service.sessions.logout(&node.service.caller(&login).await).await.unwrap();
    for _ in 0..2 {
        node.revocations.forget_everything();
        assert_refused(&node.service.sessions, &login).await;
        let refused = node.service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
        assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
    }
}

#[tokio::test]
async fn when_a_revocation_has_run_out_the_store_still_knows() {
    let (node, login, _) = Node::with_ada_known().await;
    node.service.sessions.logout(&node.service.caller(&login).await).await.unwrap();
    node.service.clock.advance(Duration::from_secs(24 * 60 * 60));
    let refused = node.service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
}

#[tokio::test]
async fn a_logout_revokes_the_token_shown_and_every_other_of_the_session() {
    let rules = SessionRules::default();
    let long = session();
    let ends_soon = Session { expires_at: sample::seconds_later(120), ..session() };
    // When the last token that could have been made of it is over: the store answers which sessions ended, not when
    // each of them would have.
    let session_until = sample::NOW.plus(rules.access_lifetime);
    for session in [long, ends_soon] {
        let claims = session.access_claims(Duration::from_secs(60));
        let caller = Caller { session, claims, ..caller() };
        let mut store = MockSessionRepository::new();
        store.expect_end().times(1).returning(move |_| Ok(vec![claims.session]));
        let mut revocations = MockRevocations::new();
        revocations
            .expect_changed()
            .withf(move |_, revoked| {
                *revoked
                    == [
                        Revoked { id: claims.id.uuid(), until: claims.expires_at },
                        Revoked { id: claims.session.uuid(), until: session_until },
                    ]
            })
            .times(1)
            .returning(|_, _| Ok(None));
        let documents = Arc::new(MockUserDocuments::new());
        let copies = Copies { revocations: Arc::new(revocations), documents, tasks: Arc::new(SpawnedTasks) };
        let ports = SessionPorts { sessions: Arc::new(store), copies, ..Service::default().session_ports() };
        Sessions::new(ports, rules).logout(&caller).await.unwrap();
    }
}

/// The token shown is revoked by itself where its session is among them: it may expire later than what is made now.
#[tokio::test]
async fn what_ends_is_revoked_one_by_one_and_the_token_shown_only_with_its_own_session() {
    let own = caller();
    let [second, third] = [sample::session_id(2), sample::session_id(3)];
    let until = sample::NOW.plus(SessionRules::default().access_lifetime);
    let whole = |id: SessionId| Revoked { id: id.uuid(), until };
    let shown = Revoked { id: own.claims.id.uuid(), until: own.claims.expires_at };
    for (ended, expected) in [
        (vec![second, third], vec![whole(second), whole(third)]),
        (vec![second, own.session.id], vec![shown, whole(second), whole(own.session.id)]),
        (Vec::new(), Vec::new()),
    ] {
        let mut store = MockSessionRepository::new();
        store.expect_end().times(1).return_once(move |_| Ok(ended));
        let mut revocations = MockRevocations::new();
        revocations
            .expect_changed()
            .withf(move |user, revoked| *user == sample::user_id(1) && *revoked == expected)
            .times(1)
            .returning(|_, _| Ok(None));
        let copies = Copies {
            revocations: Arc::new(revocations),
            documents: Arc::new(MockUserDocuments::new()),
            tasks: Arc::new(SpawnedTasks),
        };
        let ports = SessionPorts { sessions: Arc::new(store), copies, ..Service::default().session_ports() };
        Sessions::new(ports, SessionRules::default()).end_all(&own).await.unwrap();
    }
}

/// Else somebody whose logout failed would be told that they are logged out after all, on some of their requests.
#[tokio::test]
async fn a_logout_that_the_store_did_not_take_revokes_nothing() {
    let mut store = MockSessionRepository::new();
    store.expect_end().times(1).returning(|_| Err(EndSessionsError::Store(out_of_reach())));
    let mut revocations = MockRevocations::new();
    revocations.expect_changed().withf(|_, revoked| revoked.is_empty()).times(1).returning(|_, _| Ok(None));
    let copies = Copies {
        revocations: Arc::new(revocations),
        documents: Arc::new(MockUserDocuments::new()),
        tasks: Arc::new(SpawnedTasks),
    };
    let ports = SessionPorts { sessions: Arc::new(store), copies, ..Service::default().session_ports() };
    Sessions::new(ports, SessionRules::default()).logout(&caller()).await.unwrap_err();
}
