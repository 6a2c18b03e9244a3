//! After every kind of change, whoever was known is asked for anew, on every node that shares the copies.

use std::sync::Arc;

use doorward_domain::Copies;
use doorward_domain::Origin;
use doorward_domain::port::{Revocations, Standing, UserDocuments};
use doorward_domain::sessions::{AuthenticateError, Login, RefreshError};
use doorward_domain::user::{Change, KeptDocument, ProfileChange, Role, UserChanges};
use doorward_testkit::fake::{Service, SpawnedTasks};
use doorward_testkit::sample;

use crate::{ADA, Node};

/// Ada's document as another node shows it, which must not show it as it was.
async fn shown_elsewhere(node: &Node, login: &Login) -> Result<Arc<KeptDocument>, AuthenticateError> {
    assert!(!node.knows(login).await);
    let copies = Copies {
        revocations: node.revocations.clone(),
        documents: node.documents.clone(),
        tasks: Arc::new(SpawnedTasks),
    };
    node.service.with_copies(copies).sessions.identify(&login.tokens.access).await
}

async fn assert_refused(node: &Node, login: &Login) {
    let refused = shown_elsewhere(node, login).await;
    assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
}

/// An admin, who is there from the beginning and changes Ada's account.
async fn change(service: &Service, changes: UserChanges) {
    let root = service.signed_in(&service.admin("root@example.com").await).await;
    service.accounts.update(&root, &sample::email(ADA), changes, None).await.unwrap();
}

#[tokio::test]
async fn a_login_is_told_because_it_is_noted_on_the_account() {
    let (node, login, _) = Node::with_ada_known().await;
    node.service.clock.set(sample::seconds_later(60));
    node.service.login(ADA).await;
    let shown = shown_elsewhere(&node, &login).await.unwrap();
    assert_eq!(shown.last_login, Some(sample::seconds_later(60)));
}

#[tokio::test]
async fn a_login_beyond_the_limit_is_told_to_the_oldest_session() {
    let (node, oldest, _) = Node::with_ada_known().await;
    for second in 1..33 {
        node.service.clock.set(sample::seconds_later(second));
        node.service.login(ADA).await;
    }
    assert_refused(&node, &oldest).await;
}

#[tokio::test]
async fn a_rotation_changes_nothing_that_a_copy_knows() {
    let (node, login, _) = Node::with_ada_known().await;
    let next = node.service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    assert!(node.knows(&login).await && node.knows(&next).await);
}

#[tokio::test]
async fn a_refresh_token_that_is_used_again_is_told() {
    let (node, login, _) = Node::with_ada_known().await;
    let next = node.service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await.unwrap();
    node.service.sessions.refresh(&next.tokens.refresh, &Origin::default()).await.unwrap();
    let refused = node.service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Reused)), "{refused:?}");
    assert_refused(&node, &login).await;
}

#[tokio::test]
async fn a_logout_is_told_and_leaves_other_sessions_alone() {
    let (node, here, _) = Node::with_ada_known().await;
    let there = node.service.login(ADA).await;
    node.service.sessions.logout(&node.service.caller(&here).await).await.unwrap();
    assert_refused(&node, &here).await;
    shown_elsewhere(&node, &there).await.unwrap();
}

#[tokio::test]
async fn sessions_that_are_ended_from_another_one_are_told_and_that_one_goes_on() {
    let (node, here, _) = Node::with_ada_known().await;
    let there = node.service.login(ADA).await;
    let caller = node.service.caller(&there).await;
    let id = node.service.caller(&here).await.session.id;
    node.service.sessions.end_own(&caller, id).await.unwrap();
    assert_refused(&node, &here).await;
    let again = node.service.login(ADA).await;
    node.service.sessions.identify(&again.tokens.access).await.unwrap();
    assert!(node.knows(&again).await);
    node.service.sessions.end_others(&caller).await.unwrap();
    assert_refused(&node, &again).await;
    shown_elsewhere(&node, &there).await.unwrap();
}

#[tokio::test]
async fn sessions_that_an_admin_ends_are_told() {
    let (node, here, _) = Node::with_ada_known().await;
    let root = node.service.signed_in(&node.service.admin("root@example.com").await).await;
    node.service.sessions.end_all_of(&root, &sample::email(ADA)).await.unwrap();
    assert_refused(&node, &here).await;
}

#[tokio::test]
async fn a_change_of_the_profile_is_told() {
    let (node, login, _) = Node::with_ada_known().await;
    let city = Change::Set(sample::text("Malang"));
    let profile = Change::Set(ProfileChange { city, ..ProfileChange::default() });
    change(&node.service, UserChanges { profile, ..UserChanges::default() }).await;
    let shown = shown_elsewhere(&node, &login).await.unwrap();
    assert_eq!(shown.profile.as_ref().unwrap().city, Some(sample::text("Malang")));
}

#[tokio::test]
async fn ses_06_a_change_of_the_role_is_told() {
    let (node, login, _) = Node::with_ada_known().await;
    change(&node.service, UserChanges { role: Some(Role::Admin), ..UserChanges::default() }).await;
    assert_eq!(shown_elsewhere(&node, &login).await.unwrap().role, Role::Admin);
}

#[tokio::test]
async fn closing_an_account_is_told() {
    let (node, login, _) = Node::with_ada_known().await;
    change(&node.service, UserChanges { active: Some(false), ..UserChanges::default() }).await;
    assert_refused(&node, &login).await;
}

#[tokio::test]
async fn a_change_of_the_address_is_told() {
    let (node, login, _) = Node::with_ada_known().await;
    let email = Some(sample::email("new@example.com"));
    change(&node.service, UserChanges { email, ..UserChanges::default() }).await;
    assert_eq!(shown_elsewhere(&node, &login).await.unwrap().email, sample::email("new@example.com"));
}

#[tokio::test]
async fn a_change_of_the_password_is_told_to_every_session() {
    let (node, here, _) = Node::with_ada_known().await;
    let there = node.service.login(ADA).await;
    for login in [&here, &there] {
        node.service.sessions.identify(&login.tokens.access).await.unwrap();
    }
    let caller = node.service.caller(&here).await;
    let (current, new) = (sample::password(sample::PASSWORD), sample::password("another horse batt"));
    node.service.sessions.change_password(&caller, &current, &new).await.unwrap();
    assert_refused(&node, &there).await;
    shown_elsewhere(&node, &here).await.unwrap();
}

#[tokio::test]
async fn a_password_that_is_set_is_told_to_every_session() {
    let (node, here, _) = Node::with_ada_known().await;
    let there = node.service.login(ADA).await;
    for login in [&here, &there] {
        node.service.sessions.identify(&login.tokens.access).await.unwrap();
    }
    let new = sample::password("another horse batt");
    node.service.sessions.set_password_as_operator(&sample::email(ADA), &new).await.unwrap();
    for login in [&here, &there] {
        assert_refused(&node, login).await;
    }
}

#[tokio::test]
async fn a_removal_is_told_and_takes_the_copy_of_the_document_along() {
    let (node, login, claims) = Node::with_ada_known().await;
    let Standing::Live(stamp) = node.revocations.find(&claims).await else { unreachable!("Ada is known") };
    let root = node.service.signed_in(&node.service.admin("root@example.com").await).await;
    node.service.accounts.delete(&root, &sample::email(ADA)).await.unwrap();
    assert_refused(&node, &login).await;
    assert_eq!(node.documents.find(claims.subject, stamp).await, None);
}

#[tokio::test]
async fn a_change_is_nobody_elses() {
    let (node, _, _) = Node::with_ada_known().await;
    node.service.member("bea@example.com").await;
    let bea = node.service.login("bea@example.com").await;
    node.service.sessions.identify(&bea.tokens.access).await.unwrap();
    change(&node.service, UserChanges { role: Some(Role::Admin), ..UserChanges::default() }).await;
    assert!(node.knows(&bea).await);
}
