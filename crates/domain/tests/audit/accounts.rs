//! What is written down of accounts: what became of them, and never what is none of the log's business.

use std::sync::Arc;

use doorward_domain::accounts::{
    AccountPorts, AccountRules, Accounts, DeleteError, NewAccount, RegisterError, UpdateError,
};
use doorward_domain::audit::Action;
use doorward_domain::port::{MockUserRepository, UpdateUserError};
use doorward_domain::sessions::SessionRules;
use doorward_domain::user::{
    Change, ChannelChange, FavoritesChange, LinkedAccount, PlayedGames, ProfileChange, Role, User,
    UserChanges, UserTypeName,
};
use doorward_testkit::fake::Service;
use doorward_testkit::sample;

use crate::{ADA, BEA, NEW, REQUEST, assert_written, by, entry, later, origin, root_and_ada, written};

fn new_account(address: &str, password: &str) -> NewAccount {
    NewAccount { origin: origin(), ..NewAccount::new(sample::email(address), sample::password(password)) }
}

fn nothing() -> UserChanges {
    UserChanges::default()
}

fn city(name: &str) -> UserChanges {
    let city = Change::Set(sample::text(name));
    UserChanges { profile: Change::Set(ProfileChange { city, ..ProfileChange::default() }), ..nothing() }
}

fn role(role: Role) -> UserChanges {
    UserChanges { role: Some(role), ..nothing() }
}

fn active(active: bool) -> UserChanges {
    UserChanges { active: Some(active), ..nothing() }
}

#[tokio::test]
async fn a_registration_is_written_down_with_its_role_and_nobody_as_its_actor() {
    let service = Service::default();
    service.clock.set(later());
    let ada = service.accounts.register(new_account(ADA, sample::PASSWORD)).await.unwrap();
    let bea = service.accounts.open_admin(new_account(BEA, sample::PASSWORD)).await.unwrap();
    let opened = |user: &User, role| entry(Action::Register).about(user).noting("role", role);
    assert_written(&service, &[opened(&ada, "user"), opened(&bea, "admin")]).await;
}

#[tokio::test]
async fn a_registration_that_is_refused_is_not_written_down() {
    let service = Service::default();
    service.member(ADA).await;
    for (address, password) in [(ADA, sample::PASSWORD), (BEA, "short")] {
        service.accounts.register(new_account(address, password)).await.unwrap_err();
    }
    let rules = AccountRules { registration_open: false, ..AccountRules::default() };
    let closed = Service::new(rules, SessionRules::default());
    let refused = closed.accounts.register(new_account(BEA, sample::PASSWORD)).await;
    assert!(matches!(refused, Err(RegisterError::Closed)), "{refused:?}");
    for service in [&service, &closed] {
        assert_written(service, &[]).await;
    }
}

#[tokio::test]
async fn a_change_is_written_down_with_the_names_of_its_fields() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    let kucing = sample::kucing_cakep();
    let mut with_accounts = nothing();
    with_accounts.accounts.gmail = Change::Set(LinkedAccount { is_login: true });
    let mut with_types = nothing();
    with_types.user_types.seller =
        Change::Set(ChannelChange { streamer_id: sample::text("shop"), history: None });
    let favorites = FavoritesChange { youtube: Some(kucing.favorites.youtube), facebook: None };
    let games = Some(PlayedGames::parse(["CHESS"]).unwrap());
    let mut expected = Vec::new();
    for (changes, name) in [
        (
            UserChanges { default_user_type: Change::Set(UserTypeName::Seller), ..nothing() },
            "default_user_type",
        ),
        (city("Malang"), "profile"),
        (with_accounts, "accounts"),
        (with_types, "user_type"),
        (UserChanges { played_games: games, ..nothing() }, "played_games"),
        (UserChanges { favorites, ..nothing() }, "favorites"),
    ] {
        service.accounts.update(&ada, &ada.user.username, changes, None).await.unwrap();
        expected.push(by(&ada, Action::Update).about(&ada.user).noting("fields", name));
        assert_written(&service, &expected).await;
    }
}

#[tokio::test]
async fn several_fields_are_one_entry_and_what_they_say_is_in_none() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let games = Some(PlayedGames::parse(["CHESS"]).unwrap());
    let changes = UserChanges { played_games: games, ..city("Malang") };
    service.accounts.update(&root, &ada.user.username, changes, None).await.unwrap();
    let expected = by(&root, Action::Update).about(&ada.user).noting("fields", "profile played_games");
    assert_written(&service, &[expected]).await;
    let told = format!("{:?}", written(&service).await);
    assert!(!told.contains("Malang") && !told.contains("CHESS"), "{told}");
}

#[tokio::test]
async fn log_03_role_state_and_address_are_written_down_each_for_itself() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let address = Some(sample::email("Countess@example.com"));
    let together =
        UserChanges { role: Some(Role::Admin), active: Some(false), email: address, ..city("London") };
    for changes in [together, active(true)] {
        service.accounts.update(&root, &ada.user.username, changes, None).await.unwrap();
    }
    let about = |action| by(&root, action).about(&ada.user);
    let expected = [
        about(Action::ChangeRole).noting("from", "user").noting("to", "admin"),
        about(Action::Disable),
        about(Action::ChangeEmail).noting("from", ADA).noting("to", "Countess@example.com"),
        about(Action::Update).noting("fields", "profile"),
        about(Action::Enable),
    ];
    assert_written(&service, &expected).await;
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_not_written_down() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let same = UserChanges { email: Some(ada.user.email.clone()), ..role(Role::User) };
    for changes in [nothing(), same, active(true)] {
        service.accounts.update(&root, &ada.user.username, changes, None).await.unwrap();
    }
    assert_written(&service, &[]).await;
}

#[tokio::test]
async fn a_change_that_is_refused_is_not_written_down() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let taken = UserChanges { email: Some(root.user.email.clone()), ..nothing() };
    let unproved = UserChanges { email: Some(sample::email("new@example.com")), ..nothing() };
    let nobody = sample::email("nobody@example.com");
    for (caller, address, changes) in [
        (&ada, &ada.user.username, role(Role::Admin)),
        (&ada, &root.user.username, city("Malang")),
        (&ada, &ada.user.username, unproved),
        (&root, &nobody, city("Malang")),
        (&root, &ada.user.username, taken),
        (&root, &root.user.username, role(Role::User)),
        (&root, &root.user.username, active(false)),
    ] {
        service.accounts.update(caller, address, changes, None).await.unwrap_err();
    }
    assert_written(&service, &[]).await;
}

/// Of two admins who do the same, one has done it.
#[tokio::test]
async fn what_somebody_else_did_meanwhile_is_not_written_down_once_more() {
    let (root, before) = (sample::caller(&sample::admin(2)), sample::user(1));
    let meanwhile = User { version: 2, role: Role::Admin, ..before.clone() };
    let mut users = MockUserRepository::new();
    let mut deeds = mockall::Sequence::new();
    users.expect_find_by_address().return_once(|_| Ok(Some(before)));
    users
        .expect_update()
        .withf(|_, deed| deed.entries.len() == 1 && deed.entries[0].action == Action::ChangeRole)
        .times(1)
        .in_sequence(&mut deeds)
        .returning(|_, _| Err(UpdateUserError::Stale));
    users.expect_find().times(1).return_once(|_| Ok(Some(meanwhile)));
    users
        .expect_update()
        .withf(|_, deed| deed.entries.is_empty() && deed.authority.is_some())
        .times(1)
        .in_sequence(&mut deeds)
        .returning(|_, _| Ok(()));
    let ports = AccountPorts { users: Arc::new(users), ..Service::default().account_ports() };
    let accounts = Accounts::new(ports, AccountRules::default());
    accounts.update(&root, &sample::user(1).username, role(Role::Admin), None).await.unwrap();
}

#[tokio::test]
async fn log_03_a_removal_is_written_down_and_outlives_the_account() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    service.accounts.delete(&root, &ada.user.username).await.unwrap();
    assert_written(&service, &[by(&root, Action::Delete).about(&ada.user)]).await;
}

#[tokio::test]
async fn a_removal_that_is_refused_is_not_written_down() {
    let service = Service::default();
    let (root, ada) = root_and_ada(&service).await;
    let refused = service.accounts.delete(&ada, &root.user.username).await;
    assert!(matches!(refused, Err(DeleteError::Forbidden)), "{refused:?}");
    let refused = service.accounts.delete(&root, &sample::email(BEA)).await;
    assert!(matches!(refused, Err(DeleteError::NotFound)), "{refused:?}");
    let refused = service.accounts.delete(&root, &root.user.username).await;
    assert!(matches!(refused, Err(DeleteError::LastAdmin)), "{refused:?}");
    assert_written(&service, &[]).await;
}

/// A whole life in the log, with everything that is nobody's business typed in somewhere.
#[tokio::test]
async fn log_01_no_password_and_no_token_is_ever_written_down() {
    let service = Service::default();
    service.accounts.register(new_account(ADA, sample::PASSWORD)).await.unwrap();
    let password = sample::password(sample::PASSWORD);
    service.sessions.login(sample::PASSWORD, &password, origin()).await.unwrap_err();
    service.sessions.login(ADA, &sample::password(NEW), origin()).await.unwrap_err();
    let login = service.sessions.login(ADA, &password, origin()).await.unwrap();
    let ada = service.sessions.authenticate(&login.tokens.access, origin()).await.unwrap();
    let changes = UserChanges { email: Some(sample::email("new@example.com")), ..nothing() };
    let address = &ada.user.username;
    service.accounts.update(&ada, address, changes, Some(&password)).await.unwrap();
    service.sessions.change_password(&ada, &sample::password(NEW), &password).await.unwrap_err();
    let renewed = service.sessions.change_password(&ada, &password, &sample::password(NEW)).await.unwrap();
    service.sessions.refresh(&login.tokens.refresh, &origin()).await.unwrap_err();
    let entries = written(&service).await;
    assert_eq!(entries.len(), 8, "{entries:#?}");
    assert!(entries.iter().all(|entry| entry.request_id.as_deref() == Some(REQUEST)));
    let told = format!("{entries:?}");
    for secret in [
        sample::PASSWORD,
        NEW,
        &login.tokens.access,
        &login.tokens.refresh,
        &renewed.tokens.access,
        &renewed.tokens.refresh,
    ] {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
}

#[tokio::test]
async fn a_change_of_the_own_address_is_written_down_when_it_is_proved() {
    let service = Service::default();
    let (_, ada) = root_and_ada(&service).await;
    let changes = UserChanges { email: Some(sample::email("new@example.com")), ..nothing() };
    let password = sample::password(sample::PASSWORD);
    let refused = service.accounts.update(&ada, &ada.user.username, changes.clone(), None).await;
    assert!(matches!(refused, Err(UpdateError::PasswordRequired)), "{refused:?}");
    service.accounts.update(&ada, &ada.user.username, changes, Some(&password)).await.unwrap();
    let moved = by(&ada, Action::ChangeEmail).about(&ada.user);
    assert_written(&service, &[moved.noting("from", ADA).noting("to", "new@example.com")]).await;
}
