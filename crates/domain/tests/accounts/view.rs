//! Looking at one account.

use doorward_domain::accounts::ViewError;
use doorward_domain::port::{MockUserRepository, UserRepository};
use doorward_domain::user::User;
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{accounts_on, out_of_reach};

#[tokio::test]
async fn everybody_sees_their_own_account_by_username_and_by_email() {
    let service = Service::default();
    let user = User { email: sample::email("reached@bücher.example"), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    for address in ["person1@example.com", "PERSON1@example.com", "Reached@xn--bcher-kva.example"] {
        assert_eq!(service.accounts.view(&user, &sample::email(address)).await.unwrap(), user);
    }
}

#[tokio::test]
async fn an_admin_sees_every_account() {
    let service = Service::default();
    let (admin, user) = (service.admin("root@example.com").await, service.member("ada@example.com").await);
    assert_eq!(service.accounts.view(&admin, &user.username).await.unwrap(), user);
}

#[tokio::test]
async fn a_member_is_refused_somebody_elses_account_without_a_look_whether_it_exists() {
    // A mock that expects nothing fails the test when it is called.
    let accounts = accounts_on(MockUserRepository::new());
    let refused = accounts.view(&sample::user(1), &sample::email("person2@example.com")).await;
    assert!(matches!(refused, Err(ViewError::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn an_address_that_has_gone_to_somebody_else_does_not_show_their_account() {
    let service = Service::default();
    let caller = User { email: sample::email("shared@example.com"), ..sample::user(1) };
    let new_owner = User { email: sample::email("shared@example.com"), ..sample::user(2) };
    service.store.insert(&new_owner, &[]).await.unwrap();
    let refused = service.accounts.view(&caller, &caller.email).await;
    assert!(matches!(refused, Err(ViewError::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found_by_those_who_may_look() {
    let service = Service::default();
    let admin = service.admin("root@example.com").await;
    let removed = sample::user(1);
    for caller in [&admin, &removed] {
        let refused = service.accounts.view(caller, &removed.username).await;
        assert!(matches!(refused, Err(ViewError::NotFound)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Err(out_of_reach()));
    let user = sample::user(1);
    let refused = accounts_on(users).view(&user, &user.username).await;
    assert!(matches!(refused, Err(ViewError::Store(_))), "{refused:?}");
}
