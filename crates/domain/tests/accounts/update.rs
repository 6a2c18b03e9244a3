//! Changing accounts.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Origin;
use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, UpdateError};
use doorward_domain::port::{
    HasherError, MockPasswordHasher, MockUserRepository, UpdateUserError, UserRepository,
};
use doorward_domain::sessions::{AuthenticateError, Caller};
use doorward_domain::user::{Change, PasswordRules, PlayedGames, ProfileChange, Role, User, UserChanges};
use doorward_domain::{Passwords, Timestamp};
use doorward_testkit::fake::{FewCommonPasswords, PlainPasswords, Service};
use doorward_testkit::sample;

use crate::{accounts_on, out_of_reach};

fn nothing() -> UserChanges {
    UserChanges::default()
}

fn email(address: &str) -> UserChanges {
    UserChanges { email: Some(sample::email(address)), ..nothing() }
}

fn role(role: Role) -> UserChanges {
    UserChanges { role: Some(role), ..nothing() }
}

fn active(active: bool) -> UserChanges {
    UserChanges { active: Some(active), ..nothing() }
}

fn profile(change: ProfileChange) -> UserChanges {
    UserChanges { profile: Change::Set(change), ..nothing() }
}

fn city(name: &str) -> UserChanges {
    profile(ProfileChange { city: Change::Set(sample::text(name)), ..ProfileChange::default() })
}

/// Members change themselves, without a password.
async fn change_own(service: &Service, caller: &Caller, changes: UserChanges) -> Result<User, UpdateError> {
    service.accounts.update(caller, &caller.user.username, changes, None).await
}

/// Ada has an account and is logged in.
async fn ada(service: &Service) -> Caller {
    service.signed_in(&service.member("ada@example.com").await).await
}

/// An admin is logged in.
async fn root(service: &Service) -> Caller {
    service.signed_in(&service.admin("root@example.com").await).await
}

#[tokio::test]
async fn members_change_their_own_fields_and_nothing_else_changes() {
    let service = Service::default();
    let ada = ada(&service).await;
    service.clock.advance(Duration::from_secs(60));
    let changed = change_own(&service, &ada, city("Sidoarjo")).await.unwrap();
    assert_eq!(changed.profile.as_ref().unwrap().city, Some(sample::text("Sidoarjo")));
    let next = ada.user.version + 1;
    assert_eq!((changed.version, changed.updated_at), (next, sample::seconds_later(60)));
    let expected = User {
        profile: changed.profile.clone(),
        version: changed.version,
        updated_at: changed.updated_at,
        ..ada.user.clone()
    };
    assert_eq!(changed, expected);
    assert_eq!(service.store.find(ada.user.id).await.unwrap(), Some(changed));
}

#[tokio::test]
async fn an_account_answers_to_its_email_too() {
    let service = Service::default();
    let user = User { email: sample::email("reached@example.com"), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    let caller = service.signed_in(&user).await;
    service.accounts.update(&caller, &user.email, city("Malang"), None).await.unwrap();
}

#[tokio::test]
async fn a_member_is_refused_somebody_elses_account_without_a_look_whether_it_exists() {
    // A mock that expects nothing fails the test when it is called.
    let accounts = accounts_on(MockUserRepository::new());
    let other = sample::email("person2@example.com");
    let refused = accounts.update(&sample::caller(&sample::user(1)), &other, nothing(), None).await;
    assert!(matches!(refused, Err(UpdateError::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn a_member_may_not_name_role_or_state_whatever_the_value() {
    let accounts = accounts_on(MockUserRepository::new());
    let member = sample::caller(&sample::user(1));
    for changes in [role(Role::Admin), role(Role::User), active(true), active(false)] {
        let refused = accounts.update(&member, &member.user.username, changes, None).await;
        assert!(matches!(refused, Err(UpdateError::Forbidden)), "{refused:?}");
    }
}

#[tokio::test]
async fn an_address_that_has_gone_to_somebody_else_does_not_change_their_account() {
    let service = Service::default();
    let caller = User { email: sample::email("shared@example.com"), ..sample::user(1) };
    let new_owner = User { email: sample::email("shared@example.com"), ..sample::user(2) };
    service.store.insert(&new_owner, &[]).await.unwrap();
    let refused =
        service.accounts.update(&sample::caller(&caller), &caller.email, city("Malang"), None).await;
    assert!(matches!(refused, Err(UpdateError::Forbidden)), "{refused:?}");
    assert_eq!(service.store.find(new_owner.id).await.unwrap(), Some(new_owner));
}

#[tokio::test]
async fn an_admin_changes_everything_about_everybody() {
    let service = Service::default();
    let (root, user) = (root(&service).await, service.member("ada@example.com").await);
    let changes = UserChanges { role: Some(Role::Admin), active: Some(true), ..email("new@example.com") };
    let after = service.accounts.update(&root, &user.username, changes, None).await.unwrap();
    assert_eq!((after.role, after.email.as_str()), (Role::Admin, "new@example.com"));
    assert_eq!(after.username, user.username);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found_by_those_who_may_look() {
    let service = Service::default();
    let root = root(&service).await;
    let refused = service.accounts.update(&root, &sample::user(1).username, nothing(), None).await;
    assert!(matches!(refused, Err(UpdateError::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn changing_the_own_address_needs_the_current_password() {
    let service = Service::default();
    let ada = ada(&service).await;
    let update = async |password: Option<&str>| {
        let password = password.map(sample::password);
        let changes = email("new@example.com");
        service.accounts.update(&ada, &ada.user.username, changes, password.as_ref()).await
    };
    let refused = update(None).await;
    assert!(matches!(refused, Err(UpdateError::PasswordRequired)), "{refused:?}");
    let refused = update(Some("not the password")).await;
    assert!(matches!(refused, Err(UpdateError::WrongPassword)), "{refused:?}");
    assert_eq!(service.store.find(ada.user.id).await.unwrap().unwrap().email, ada.user.email);
    let changed = update(Some(sample::PASSWORD)).await.unwrap();
    assert_eq!(changed.email, sample::email("new@example.com"));
    service.login("new@example.com").await;
    service.login("ada@example.com").await;
}

#[tokio::test]
async fn a_password_with_an_outdated_hash_proves_as_much() {
    let service = Service::default();
    let user = User { password: PlainPasswords::imported(sample::PASSWORD), ..sample::user(1) };
    service.store.insert(&user, &[]).await.unwrap();
    let password = sample::password(sample::PASSWORD);
    let changes = email("new@example.com");
    let caller = service.signed_in(&user).await;
    service.accounts.update(&caller, &user.username, changes, Some(&password)).await.unwrap();
}

#[tokio::test]
async fn an_admins_own_address_needs_the_password_too() {
    let service = Service::default();
    let refused = change_own(&service, &root(&service).await, email("new@example.com")).await;
    assert!(matches!(refused, Err(UpdateError::PasswordRequired)), "{refused:?}");
}

#[tokio::test]
async fn another_spelling_of_the_own_address_needs_no_password() {
    let service = Service::default();
    let changed = change_own(&service, &ada(&service).await, email("Ada@Example.COM")).await.unwrap();
    assert_eq!(changed.email.as_str(), "Ada@Example.COM");
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused() {
    let service = Service::default();
    let (root, user) = (root(&service).await, service.member("ada@example.com").await);
    for taken in ["Root@example.com", "ROOT@EXAMPLE.COM"] {
        let refused = service.accounts.update(&root, &user.username, email(taken), None).await;
        assert!(matches!(refused, Err(UpdateError::AddressTaken)), "{refused:?}");
    }
}

#[tokio::test]
async fn the_last_admin_can_be_neither_demoted_nor_closed() {
    let service = Service::default();
    let root = root(&service).await;
    for changes in [role(Role::User), active(false)] {
        let refused = change_own(&service, &root, changes).await;
        assert!(matches!(refused, Err(UpdateError::LastAdmin)), "{refused:?}");
    }
    change_own(&service, &root, role(Role::Admin)).await.unwrap();
}

#[tokio::test]
async fn closing_an_account_ends_its_sessions_and_opening_it_revives_none() {
    let service = Service::default();
    let (root, user) = (root(&service).await, service.member("ada@example.com").await);
    let login = service.login("ada@example.com").await;
    for changes in [active(false), active(true)] {
        service.accounts.update(&root, &user.username, changes, None).await.unwrap();
        let refused = service.sessions.authenticate(&login.tokens.access, Origin::default()).await;
        assert!(matches!(refused, Err(AuthenticateError::Revoked)), "{refused:?}");
    }
    service.login("ada@example.com").await;
}

#[tokio::test]
async fn a_change_of_role_counts_from_the_next_request_on() {
    let service = Service::default();
    let (root, user) = (root(&service).await, service.member("ada@example.com").await);
    let login = service.login("ada@example.com").await;
    service.accounts.update(&root, &user.username, role(Role::Admin), None).await.unwrap();
    assert_eq!(service.caller(&login).await.user.role, Role::Admin);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_made_at_once_are_all_kept() {
    let service = Arc::new(Service::default());
    let ada = ada(&service).await;
    let part = |change| profile(change);
    // Each can lose to each of the others once, which is fewer times than a change is tried.
    let changes = [
        part(ProfileChange { fullname: Change::Set(sample::text("Ada")), ..ProfileChange::default() }),
        part(ProfileChange { gender: Change::Set(sample::text("Female")), ..ProfileChange::default() }),
        part(ProfileChange { city: Change::Set(sample::text("London")), ..ProfileChange::default() }),
        UserChanges { played_games: Some(PlayedGames::parse(["chess"]).unwrap()), ..nothing() },
    ];
    let tasks = changes.map(|changes| {
        let (service, ada) = (service.clone(), ada.clone());
        tokio::spawn(async move { change_own(&service, &ada, changes).await })
    });
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let stored = service.store.find(ada.user.id).await.unwrap().unwrap();
    let profile = stored.profile.unwrap();
    assert!(profile.fullname.is_some() && profile.gender.is_some() && profile.city.is_some());
    assert_eq!((stored.played_games.titles().len(), stored.version), (1, ada.user.version + 4));
}

#[tokio::test]
async fn a_change_is_made_on_what_somebody_else_made_of_the_account_meanwhile() {
    let mut users = MockUserRepository::new();
    let mut sequence = vec![Ok(()), Err(UpdateUserError::Stale)];
    let meanwhile = User { version: 7, profile: sample::kucing_cakep().profile, ..sample::user(1) };
    users.expect_find_by_address().return_once(|_| Ok(Some(sample::user(1))));
    users.expect_find().times(1).return_once(|_| Ok(Some(meanwhile)));
    users.expect_update().times(2).returning(move |_, _| sequence.pop().unwrap());
    let caller = sample::caller(&sample::user(1));
    let address = &caller.user.username;
    let changed = accounts_on(users).update(&caller, address, city("Malang"), None).await.unwrap();
    let profile = changed.profile.unwrap();
    assert_eq!(
        (profile.fullname, profile.city),
        (Some(sample::text("Kucing Cakep")), Some(sample::text("Malang")))
    );
    assert_eq!(changed.version, 8);
}

#[tokio::test]
async fn a_proof_by_a_password_that_is_replaced_meanwhile_is_none() {
    let user = User { password: PlainPasswords::imported(sample::PASSWORD), ..sample::user(1) };
    let (before, after) = (user.clone(), User { version: 7, ..sample::user(1) });
    assert_ne!(before.password, after.password);
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().return_once(|_| Ok(Some(before)));
    users.expect_update().times(1).return_once(|_, _| Err(UpdateUserError::Stale));
    users.expect_find().return_once(|_| Ok(Some(after)));
    let password = sample::password(sample::PASSWORD);
    let changes = email("thief@example.com");
    let refused =
        accounts_on(users).update(&sample::caller(&user), &user.username, changes, Some(&password)).await;
    assert!(matches!(refused, Err(UpdateError::WrongPassword)), "{refused:?}");
}

#[tokio::test]
async fn an_account_that_keeps_being_changed_by_others_is_given_up_on() {
    let mut users = MockUserRepository::new();
    users.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    users.expect_find().returning(|_| Ok(Some(sample::user(1))));
    users.expect_update().times(2..).returning(|_, _| Err(UpdateUserError::Stale));
    let user = sample::user(1);
    let refused = accounts_on(users).update(&sample::caller(&user), &user.username, nothing(), None).await;
    assert!(matches!(refused, Err(UpdateError::Busy)), "{refused:?}");
}

#[tokio::test]
async fn an_account_that_is_removed_meanwhile_is_not_found() {
    let user = sample::user(1);
    let mut between_tries = MockUserRepository::new();
    between_tries.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    between_tries.expect_update().returning(|_, _| Err(UpdateUserError::Stale));
    between_tries.expect_find().returning(|_| Ok(None));
    let mut before_the_first = MockUserRepository::new();
    before_the_first.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    before_the_first.expect_update().returning(|_, _| Err(UpdateUserError::NotFound));
    for users in [between_tries, before_the_first] {
        let accounts = accounts_on(users);
        let own = accounts.update(&sample::caller(&user), &user.username, nothing(), None).await;
        assert!(matches!(own, Err(UpdateError::SessionEnded)), "{own:?}");
        let other =
            accounts.update(&sample::caller(&sample::admin(2)), &user.username, nothing(), None).await;
        assert!(matches!(other, Err(UpdateError::NotFound)), "{other:?}");
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_does_not_make_a_change_older_than_the_one_before() {
    let service = Service::default();
    let ada = ada(&service).await;
    service.clock.set(Timestamp::default());
    let changed = change_own(&service, &ada, city("Malang")).await.unwrap();
    assert_eq!(changed.updated_at, ada.user.updated_at);
}

/// Their token is one of nobody.
#[tokio::test]
async fn tok_12_whoever_is_gone_has_no_session_and_others_are_not_found() {
    let service = Service::default();
    let (ada, root) =
        (ada(&service).await, service.signed_in(&service.admin("root@example.com").await).await);
    service.accounts.delete(&root, &ada.user.username).await.unwrap();
    let own = service.accounts.update(&ada, &ada.user.username, UserChanges::default(), None).await;
    assert!(matches!(own, Err(UpdateError::SessionEnded)), "{own:?}");
    let other = service.accounts.update(&root, &ada.user.username, UserChanges::default(), None).await;
    assert!(matches!(other, Err(UpdateError::NotFound)), "{other:?}");
}

#[tokio::test]
async fn a_full_hashing_queue_is_told() {
    let service = Service::default();
    let ada = ada(&service).await;
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_has_room().return_const(true);
    hasher.expect_verify().times(1).returning(|_, _, _| Err(HasherError::Overloaded));
    let passwords = Passwords::new(Arc::new(hasher), Arc::new(FewCommonPasswords), PasswordRules::default());
    let ports = AccountPorts { passwords, ..service.account_ports() };
    let accounts = Accounts::new(ports, AccountRules::default());
    let password = sample::password(sample::PASSWORD);
    let refused = accounts.update(&ada, &ada.user.username, email("new@example.com"), Some(&password)).await;
    assert!(matches!(refused, Err(UpdateError::Hasher(HasherError::Overloaded))), "{refused:?}");
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let user = sample::user(1);
    let mut blind = MockUserRepository::new();
    blind.expect_find_by_address().returning(|_| Err(out_of_reach()));
    let mut read_only = MockUserRepository::new();
    read_only.expect_find_by_address().returning(|_| Ok(Some(sample::user(1))));
    read_only.expect_update().returning(|_, _| Err(UpdateUserError::Store(out_of_reach())));
    for users in [blind, read_only] {
        let refused =
            accounts_on(users).update(&sample::caller(&user), &user.username, nothing(), None).await;
        assert!(matches!(refused, Err(UpdateError::Store(_))), "{refused:?}");
    }
}
