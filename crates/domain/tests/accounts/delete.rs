//! Removing accounts.

use doorward_domain::Origin;
use doorward_domain::accounts::DeleteError;
use doorward_domain::port::{DeleteUserError, MockUserRepository};
use doorward_domain::sessions::{AuthenticateError, RefreshError};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{accounts_on, out_of_reach};

#[tokio::test]
async fn an_admin_removes_an_account_and_its_sessions_end_at_once() {
    let service = Service::default();
    let (admin, user) = (service.admin("root@example.com").await, service.member("ada@example.com").await);
    let login = service.login("ada@example.com").await;
    let admin = service.signed_in(&admin).await;
    let removed = service.accounts.delete(&admin, &sample::email("ADA@example.com")).await.unwrap();
    assert_eq!(removed.id, user.id);
    let refused = service.sessions.authenticate(&login.tokens.access, Origin::default()).await;
    assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
    let refused = service.sessions.refresh(&login.tokens.refresh, &Origin::default()).await;
    assert!(matches!(refused, Err(RefreshError::Revoked)), "{refused:?}");
}

#[tokio::test]
async fn a_removed_address_can_register_again_as_somebody_new() {
    let service = Service::default();
    let (admin, user) = (service.admin("root@example.com").await, service.member("ada@example.com").await);
    service.accounts.delete(&service.signed_in(&admin).await, &user.username).await.unwrap();
    assert_ne!(service.member("ada@example.com").await.id, user.id);
}

#[tokio::test]
async fn a_member_removes_nobody_not_even_themselves() {
    // A mock that expects nothing fails the test when it is called.
    let accounts = accounts_on(MockUserRepository::new());
    let member = sample::caller(&sample::user(1));
    for address in ["person1@example.com", "person2@example.com"] {
        let refused = accounts.delete(&member, &sample::email(address)).await;
        assert!(matches!(refused, Err(DeleteError::Forbidden)), "{refused:?}");
    }
}

#[tokio::test]
async fn nobody_is_removed_where_nobody_is() {
    let service = Service::default();
    let admin = service.signed_in(&service.admin("root@example.com").await).await;
    let refused = service.accounts.delete(&admin, &sample::email("ada@example.com")).await;
    assert!(matches!(refused, Err(DeleteError::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn the_last_admin_cannot_go() {
    let service = Service::default();
    let admin = service.admin("root@example.com").await;
    service.member("ada@example.com").await;
    let refused = service.accounts.delete(&service.signed_in(&admin).await, &admin.username).await;
    assert!(matches!(refused, Err(DeleteError::LastAdmin)), "{refused:?}");
    service.login("root@example.com").await;
}

#[tokio::test]
async fn one_of_two_admins_can_go() {
    let service = Service::default();
    let (one, other) = (service.admin("one@example.com").await, service.admin("two@example.com").await);
    service.accounts.delete(&service.signed_in(&one).await, &one.username).await.unwrap();
    let refused = service.accounts.delete(&service.signed_in(&other).await, &other.username).await;
    assert!(matches!(refused, Err(DeleteError::LastAdmin)), "{refused:?}");
}

#[tokio::test]
async fn an_account_that_another_admin_removed_meanwhile_is_not_found() {
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_delete_with_sessions().returning(|_, _| Err(DeleteUserError::NotFound));
    let refused =
        accounts_on(users).delete(&sample::caller(&sample::admin(2)), &sample::user(1).username).await;
    assert!(matches!(refused, Err(DeleteError::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let mut blind = MockUserRepository::new();
    blind.expect_find_by_address().returning(|_| Err(out_of_reach()));
    let mut read_only = MockUserRepository::new();
    read_only.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    read_only.expect_delete_with_sessions().returning(|_, _| Err(DeleteUserError::Store(out_of_reach())));
    for users in [blind, read_only] {
        let refused =
            accounts_on(users).delete(&sample::caller(&sample::admin(2)), &sample::user(1).username).await;
        assert!(matches!(refused, Err(DeleteError::Store(_))), "{refused:?}");
    }
}
