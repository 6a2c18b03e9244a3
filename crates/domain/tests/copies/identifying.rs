//! Showing somebody their own account, from a copy where that is certain.

use std::sync::Arc;

use doorward_domain::Copies;
use doorward_domain::audit::Deed;
use doorward_domain::port::{
    LiveSession, MockRevocations, MockSessionRepository, MockUserDocuments, Revocations, Standing,
    TokenSigner, UserDocuments, UserRepository,
};
use doorward_domain::sessions::{AuthenticateError, SessionPorts, SessionRules, Sessions};
use doorward_domain::token::Claims;
use doorward_domain::user::{KeptDocument, Role, User, UserDocument};
use doorward_testkit::fake::{ReadableTokens, SpawnedTasks};
use doorward_testkit::sample;
use mockall::{Sequence, predicate::eq};

use crate::{ADA, Node, out_of_reach};

#[tokio::test]
async fn whoever_is_known_is_shown_without_asking_the_store() {
    let (node, login, _) = Node::with_ada_known().await;
    let sessions = node.without_a_store();
    for _ in 0..3 {
        let shown = sessions.identify(&login.tokens.access).await.unwrap();
        assert_eq!(**shown, UserDocument::from(login.user.clone()));
    }
}

#[tokio::test]
async fn what_is_shown_is_what_the_store_has_with_copies_and_without() {
    let (node, login) = Node::with_ada().await;
    let plain = node.service.with_copies(Copies::none());
    for service in [&node.service, &node.service, &plain, &plain] {
        let shown = service.sessions.identify(&login.tokens.access).await.unwrap();
        assert_eq!(**shown, UserDocument::from(login.user.clone()));
    }
}

#[tokio::test]
async fn the_store_is_asked_once_for_many_looks() {
    let (node, login) = Node::with_ada().await;
    let caller = node.service.caller(&login).await;
    let live = LiveSession { session: caller.session, user: caller.user };
    let mut store = MockSessionRepository::new();
    store.expect_find_live().times(1).returning(move |_, _| Ok(Some(live.clone())));
    let sessions = node.on(store);
    for _ in 0..5 {
        sessions.identify(&login.tokens.access).await.unwrap();
    }
}

#[tokio::test]
async fn a_session_is_not_known_by_another_one() {
    let (node, _, _) = Node::with_ada_known().await;
    let there = node.service.login(ADA).await;
    assert!(!node.knows(&there).await);
    node.service.sessions.identify(&there.tokens.access).await.unwrap();
    assert!(node.knows(&there).await);
}

#[tokio::test]
async fn where_the_document_is_lost_the_store_is_asked_and_it_is_kept_again() {
    let (node, login, claims) = Node::with_ada_known().await;
    node.documents.delete(claims.subject).await;
    assert!(!node.knows(&login).await);
    node.service.sessions.identify(&login.tokens.access).await.unwrap();
    assert!(node.knows(&login).await);
}

#[tokio::test]
async fn where_what_is_known_of_tokens_is_lost_the_store_is_asked_and_it_is_kept_again() {
    let (node, login, _) = Node::with_ada_known().await;
    node.revocations.forget_everything();
    assert!(!node.knows(&login).await);
    node.service.sessions.identify(&login.tokens.access).await.unwrap();
    assert!(node.knows(&login).await);
}

/// The sessions of `node` with these copies instead.
fn sessions_with(node: &Node, revocations: MockRevocations, documents: MockUserDocuments) -> Sessions {
    let copies = Copies {
        revocations: Arc::new(revocations),
        documents: Arc::new(documents),
        tasks: Arc::new(SpawnedTasks),
    };
    Sessions::new(SessionPorts { copies, ..node.service.session_ports() }, SessionRules::default())
}

#[tokio::test]
async fn where_the_copies_are_out_of_reach_the_store_answers_and_nothing_is_kept() {
    let (node, login) = Node::with_ada().await;
    let mut revocations = MockRevocations::new();
    revocations.expect_find().times(1).returning(|_| Standing::Unknown(None));
    let sessions = sessions_with(&node, revocations, MockUserDocuments::new());
    let shown = sessions.identify(&login.tokens.access).await.unwrap();
    assert_eq!(**shown, UserDocument::from(login.user));
}

#[tokio::test]
async fn a_copy_is_kept_under_the_stamp_that_was_known_before_the_store_was_asked() {
    let (node, login) = Node::with_ada().await;
    let caller = node.service.caller(&login).await;
    let (known, document) = (sample::stamp(1), Arc::new(KeptDocument::from(caller.user.clone())));
    let live = LiveSession { session: caller.session, user: caller.user };
    let (mut revocations, mut documents) = (MockRevocations::new(), MockUserDocuments::new());
    let (mut store, mut order) = (MockSessionRepository::new(), Sequence::new());
    revocations
        .expect_find()
        .times(1)
        .in_sequence(&mut order)
        .return_once(move |_| Standing::Unknown(Some(known)));
    store.expect_find_live().times(1).in_sequence(&mut order).return_once(move |_, _| Ok(Some(live)));
    documents.expect_keep().with(eq(document), eq(known)).times(1).in_sequence(&mut order).return_const(());
    revocations
        .expect_confirm()
        .with(eq(caller.claims), eq(known))
        .times(1)
        .in_sequence(&mut order)
        .return_const(());
    let copies = Copies {
        revocations: Arc::new(revocations),
        documents: Arc::new(documents),
        tasks: Arc::new(SpawnedTasks),
    };
    let ports = SessionPorts { copies, sessions: Arc::new(store), ..node.service.session_ports() };
    let sessions = Sessions::new(ports, SessionRules::default());
    sessions.identify(&login.tokens.access).await.unwrap();
}

#[tokio::test]
async fn a_change_while_the_store_answers_leaves_nothing_that_is_believed() {
    let (node, login) = Node::with_ada().await;
    let caller = node.service.caller(&login).await;
    let before = LiveSession { session: caller.session, user: caller.user.clone() };
    let mut slow = MockSessionRepository::new();
    let (revocations, id) = (node.revocations.clone(), caller.user.id);
    slow.expect_find_live().times(1).return_once(move |_, _| {
        revocations.change(id);
        Ok(Some(before))
    });
    node.on(slow).identify(&login.tokens.access).await.unwrap();
    assert!(!node.knows(&login).await);
    let after = User { role: Role::Admin, version: caller.user.version + 1, ..caller.user };
    node.service.store.update(&after, &Deed::default()).await.unwrap();
    let shown = node.service.sessions.identify(&login.tokens.access).await.unwrap();
    assert_eq!(shown.role, Role::Admin);
}

#[tokio::test]
async fn nothing_is_kept_of_a_session_that_the_store_does_not_have() {
    let (node, login) = Node::with_ada().await;
    let caller = node.service.caller(&login).await;
    let bea = node.service.member("bea@example.com").await;
    let somebody_elses = Claims { subject: bea.id, ..caller.claims };
    let forged = ReadableTokens.sign(&somebody_elses, &bea).unwrap();
    let lost = Claims { session: sample::session_id(1), ..caller.claims };
    let lost = ReadableTokens.sign(&lost, &caller.user).unwrap();
    for token in [forged, lost] {
        let mut revocations = MockRevocations::new();
        revocations.expect_find().returning(|_| Standing::Unknown(Some(sample::stamp(1))));
        let sessions = sessions_with(&node, revocations, MockUserDocuments::new());
        let refused = sessions.identify(&token).await;
        assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_store_out_of_reach_shows_those_who_are_known_and_nobody_else() {
    let (node, known, _) = Node::with_ada_known().await;
    node.service.member("bea@example.com").await;
    let unknown = node.service.login("bea@example.com").await;
    let mut store = MockSessionRepository::new();
    store.expect_find_live().times(1).returning(|_, _| Err(out_of_reach()));
    let sessions = node.on(store);
    sessions.identify(&known.tokens.access).await.unwrap();
    let refused = sessions.identify(&unknown.tokens.access).await;
    assert!(matches!(refused, Err(AuthenticateError::Store(_))), "{refused:?}");
}

#[tokio::test]
async fn a_bad_token_is_refused_before_any_copy_is_asked() {
    let (node, login) = Node::with_ada().await;
    // Mocks that expect nothing fail the test when they are called.
    let sessions = sessions_with(&node, MockRevocations::new(), MockUserDocuments::new());
    let refused = sessions.identify("nonsense").await;
    assert!(matches!(refused, Err(AuthenticateError::Invalid)), "{refused:?}");
    let refused = sessions.identify(&login.tokens.refresh).await;
    assert!(matches!(refused, Err(AuthenticateError::WrongType)), "{refused:?}");
    node.service.clock.set(login.tokens.access_expires_at);
    let refused = sessions.identify(&login.tokens.access).await;
    assert!(matches!(refused, Err(AuthenticateError::Expired)), "{refused:?}");
}

#[tokio::test]
async fn rights_never_come_from_a_copy() {
    let (node, login, claims) = Node::with_ada_known().await;
    let stored = node.service.store.find(claims.subject).await.unwrap().unwrap();
    // Behind the back of every node: the copies are not told.
    let promoted = User { role: Role::Admin, version: stored.version + 1, ..stored };
    node.service.store.update(&promoted, &Deed::default()).await.unwrap();
    assert!(matches!(node.revocations.find(&claims).await, Standing::Live(_)));
    assert_eq!(node.service.caller(&login).await.user.role, Role::Admin);
}
