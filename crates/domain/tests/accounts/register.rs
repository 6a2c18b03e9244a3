//! Opening accounts.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts, NewAccount, RegisterError};
use doorward_domain::port::{
    HasherError, InsertUserError, MockPasswordHasher, MockUserRepository, UserFilter, UserRepository,
};
use doorward_domain::sessions::SessionRules;
use doorward_domain::throttle::Network;
use doorward_domain::user::{
    Change, FavoritesChange, PasswordRules, PasswordWeakness, PlayedGames, ProfileChange, Role, User,
    UserChanges,
};
use doorward_domain::{Passwords, Timestamp};
use doorward_testkit::fake::{FewCommonPasswords, PlainPasswords, Service};
use doorward_testkit::sample;

use crate::{accounts_on, out_of_reach};

fn new_account(address: &str, password: &str) -> NewAccount {
    NewAccount::new(sample::email(address), sample::password(password))
}

fn ada() -> NewAccount {
    new_account("Ada@example.com", sample::PASSWORD)
}

fn closed() -> AccountRules {
    AccountRules { registration_open: false, ..AccountRules::default() }
}

#[tokio::test]
async fn whoever_registers_becomes_an_active_member() {
    let service = Service::default();
    let user = service.accounts.register(ada()).await.unwrap();
    let address = sample::email("Ada@example.com");
    let expected = User::open(user.id, address, PlainPasswords::hash_of(sample::PASSWORD), sample::NOW);
    assert_eq!(user, expected);
    assert_eq!((user.role, user.active, user.last_login), (Role::User, true, None));
    assert_eq!(user.username.as_str(), "Ada@example.com");
    service.login("ada@EXAMPLE.com").await;
}

#[tokio::test]
async fn an_account_begins_with_the_fields_given() {
    let service = Service::default();
    let kucing = sample::kucing_cakep();
    let fields = UserChanges {
        profile: Change::Set(ProfileChange {
            city: Change::Set(sample::text("Sidoarjo")),
            ..ProfileChange::default()
        }),
        played_games: Some(PlayedGames::parse(["mobile legends"]).unwrap()),
        favorites: FavoritesChange { youtube: Some(kucing.favorites.youtube.clone()), facebook: None },
        ..UserChanges::default()
    };
    let user = service.accounts.register(NewAccount { fields, ..ada() }).await.unwrap();
    assert_eq!(user.profile.unwrap().city, Some(sample::text("Sidoarjo")));
    assert_eq!(user.played_games.titles(), [sample::text("MOBILE LEGENDS")]);
    assert_eq!(user.favorites.youtube, kucing.favorites.youtube);
    assert_eq!(user.version, 1);
}

#[tokio::test]
async fn nobody_registers_as_admin_or_as_inactive() {
    let service = Service::default();
    let fields = UserChanges { role: Some(Role::Admin), active: Some(false), ..UserChanges::default() };
    let user = service.accounts.register(NewAccount { fields, ..ada() }).await.unwrap();
    assert_eq!((user.role, user.active), (Role::User, true));
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused_in_any_spelling() {
    let service = Service::default();
    service.member("ada@bücher.example").await;
    for address in ["ada@bücher.example", "ADA@xn--bcher-kva.example"] {
        let refused = service.accounts.register(new_account(address, sample::PASSWORD)).await;
        assert!(matches!(refused, Err(RegisterError::AddressTaken)), "{refused:?}");
    }
}

#[tokio::test]
async fn of_many_who_want_one_address_at_once_one_gets_it() {
    let service = Arc::new(Service::default());
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move { service.accounts.register(ada()).await })
        })
        .collect();
    let mut opened = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => opened += 1,
            Err(refused) => assert!(matches!(refused, RegisterError::AddressTaken), "{refused:?}"),
        }
    }
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_weak_password_is_refused_with_the_reason() {
    let service = Service::default();
    for (password, weakness) in [
        ("short", PasswordWeakness::TooShort(8)),
        (&*"long".repeat(65), PasswordWeakness::TooLong(256)),
        ("PASSWORD1", PasswordWeakness::Common),
        ("ada.lovelace@EXAMPLE.com", PasswordWeakness::IsTheAddress),
        ("ada.lovelace", PasswordWeakness::IsTheAddress),
    ] {
        let refused = service.accounts.register(new_account("Ada.Lovelace@example.com", password)).await;
        assert!(matches!(refused, Err(RegisterError::Password(reason)) if reason == weakness), "{refused:?}");
    }
    assert_eq!(service.store.count(&UserFilter::default()).await.unwrap(), 0);
}

#[tokio::test]
async fn an_email_given_beside_the_username_is_no_password_either() {
    let service = Service::default();
    let fields = UserChanges { email: Some(sample::email("lovelace@example.com")), ..UserChanges::default() };
    let new = new_account("ada@example.com", "Lovelace@example.com");
    let refused = service.accounts.register(NewAccount { fields, ..new }).await;
    assert!(matches!(refused, Err(RegisterError::Password(PasswordWeakness::IsTheAddress))), "{refused:?}");
}

#[tokio::test]
async fn where_registration_is_closed_nobody_registers_and_nothing_is_hashed() {
    // A mock that expects nothing fails the test when it is called.
    let hasher = Arc::new(MockPasswordHasher::new());
    let passwords = Passwords::new(hasher, Arc::new(FewCommonPasswords), PasswordRules::default());
    let ports = AccountPorts { passwords, ..Service::default().account_ports() };
    let refused = Accounts::new(ports, closed()).register(ada()).await;
    assert!(matches!(refused, Err(RegisterError::Closed)), "{refused:?}");
}

#[tokio::test]
async fn the_operator_opens_an_admins_account_where_registration_is_closed() {
    let service = Service::new(closed(), SessionRules::default());
    service.store.insert(&sample::user(99), &[]).await.unwrap();
    assert!(!service.accounts.has_admin().await.unwrap());
    let admin = service.accounts.open_admin(ada()).await.unwrap();
    assert_eq!((admin.role, admin.active), (Role::Admin, true));
    assert!(service.accounts.has_admin().await.unwrap());
}

#[tokio::test]
async fn an_admins_password_follows_the_rules_too() {
    let refused = Service::default().accounts.open_admin(new_account("ada@example.com", "password")).await;
    assert!(matches!(refused, Err(RegisterError::Password(PasswordWeakness::Common))), "{refused:?}");
}

#[tokio::test]
async fn accounts_are_told_apart_by_identifiers_and_times_from_the_ports() {
    let service = Service::default();
    let ada = service.member("ada@example.com").await;
    service.clock.advance(Duration::from_secs(1));
    let bea = service.member("bea@example.com").await;
    assert_ne!(ada.id, bea.id);
    let later: Timestamp = sample::seconds_later(1);
    assert_eq!((bea.created_at, bea.updated_at), (later, later));
}

fn hashed_by(hasher: MockPasswordHasher) -> Accounts {
    let passwords = Passwords::new(Arc::new(hasher), Arc::new(FewCommonPasswords), PasswordRules::default());
    let ports = AccountPorts { passwords, ..Service::default().account_ports() };
    Accounts::new(ports, AccountRules::default())
}

#[tokio::test]
async fn dos_02_a_password_is_hashed_for_the_network_that_it_comes_from() {
    for from in [None, Some(IpAddr::from([192, 0, 2, 1]))] {
        let mut hasher = MockPasswordHasher::new();
        let of_network = move |network: &Option<Network>| *network == from.map(Network::from);
        hasher
            .expect_hash()
            .withf(move |_, network| of_network(network))
            .times(1)
            .returning(|_, _| Ok(PlainPasswords::hash_of(sample::PASSWORD)));
        hashed_by(hasher).register(NewAccount { origin: sample::origin(from), ..ada() }).await.unwrap();
    }
}

#[tokio::test]
async fn a_full_hashing_queue_is_told() {
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_hash().times(1).returning(|_, _| Err(HasherError::Overloaded));
    let refused = hashed_by(hasher).register(ada()).await;
    assert!(matches!(refused, Err(RegisterError::Hasher(HasherError::Overloaded))), "{refused:?}");
}

#[tokio::test]
async fn a_store_out_of_reach_is_told() {
    let mut users = MockUserRepository::new();
    users.expect_insert().returning(|_, _| Err(InsertUserError::Store(out_of_reach())));
    users.expect_count().returning(|_| Err(out_of_reach()));
    let accounts = accounts_on(users);
    let refused = accounts.register(ada()).await;
    assert!(matches!(refused, Err(RegisterError::Store(_))), "{refused:?}");
    assert!(accounts.has_admin().await.is_err());
}

#[tokio::test]
async fn nobody_registers_while_registration_is_held_but_an_admin_can_be_made() {
    let service = Service::default();
    let new = || NewAccount::new(sample::email("ada@example.com"), sample::password(sample::PASSWORD));
    let hold = service.accounts.hold_registration();
    let refused = service.accounts.register(new()).await;
    assert!(matches!(refused, Err(RegisterError::Held)), "{refused:?}");
    service.admin("root@example.com").await;
    drop(hold);
    service.accounts.register(new()).await.unwrap();
}
